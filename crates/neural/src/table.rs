//! The static table: a vector for each word and word piece, summed to a vector of a text in microseconds.
//!
//! Made by `crates/neural/train/vectors.py`. A text's vector is the sum of its pieces' rows, which carry their
//! weights (Arora, Liang, Ma 2017), with length one. Words the table does not know are cut into the longest pieces
//! it does, as WordPiece cuts them (Schuster and Nakajima 2012). A second table, by `crates/neural/train/relations.py`,
//! knows whole words only, as names of what is asked for.

use std::borrow::Cow;
use std::sync::OnceLock;

use quid_core::Vectors;

use crate::Problem;

const MAGIC: &[u8; 4] = b"QVEC";
const VERSION: u32 = 1;
/// Bytes before the first row.
const HEAD: usize = 16;
/// More dimensions than any table has.
const WIDEST: usize = 4096;
/// The longest word that is cut into pieces, in bytes: longer ones are no words.
const LONGEST: usize = 64;

/// A table of vectors.
#[derive(Debug)]
pub struct StaticTable {
    words: Cow<'static, str>,
    /// Where each word ends.
    ends: Vec<u32>,
    bytes: Cow<'static, [u8]>,
    dimensions: usize,
}

impl StaticTable {
    /// A table from its two files: the words, one a line and sorted, and the rows in the same order.
    ///
    /// # Errors
    /// [`Problem::Unsupported`] when they are of another version, or do not belong together.
    pub fn read(words: impl Into<Cow<'static, str>>, bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, Problem> {
        let (words, bytes) = (words.into(), bytes.into());
        let foreign = |what: &str| Problem::Unsupported {
            what: format!("a table of vectors {what}"),
            hint: "make it with crates/neural/train/vectors.py of this version".to_owned(),
        };
        let number = |at: usize| -> Option<u32> { Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)) };
        let (Some(version), Some(rows), Some(dimensions)) = (number(4), number(8), number(12)) else {
            return Err(foreign("without a head"));
        };
        if !bytes.starts_with(MAGIC) || version != VERSION {
            return Err(foreign("of another version"));
        }
        let (rows, dimensions) = (rows as usize, dimensions as usize);
        let size = rows.checked_mul(dimensions + 4).and_then(|size| size.checked_add(HEAD));
        if dimensions == 0 || dimensions > WIDEST || size != Some(bytes.len()) {
            return Err(foreign("whose size is not what its head says"));
        }
        if u32::try_from(words.len()).is_err() {
            return Err(foreign("of more words than there are numbers"));
        }
        let ends: Vec<u32> = words.match_indices('\n').filter_map(|(at, _)| u32::try_from(at).ok()).collect();
        let table = Self { words, ends, bytes, dimensions };
        let sorted = (1..table.ends.len()).all(|row| table.word(row - 1) < table.word(row));
        if table.ends.len() != rows || !sorted {
            return Err(foreign("whose words are not in order, or not as many as its rows"));
        }
        Ok(table)
    }

    /// How many words it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn word(&self, row: usize) -> &str {
        let end = self.ends.get(row).map_or(0, |end| *end as usize);
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize + 1);
        self.words.get(start..end).unwrap_or_default()
    }

    fn find(&self, word: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.word(middle).cmp(word) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The rows of a word's pieces, the longest first match from the left.
    fn pieces(&self, word: &str, visit: &mut impl FnMut(usize)) {
        let mut start = 0;
        let mut piece = String::with_capacity(word.len() + 2);
        while start < word.len() {
            let found = (start + 1..=word.len()).rev().find_map(|end| {
                piece.clear();
                if start > 0 {
                    piece.push_str("##");
                }
                piece.push_str(word.get(start..end)?);
                Some((self.find(&piece)?, end))
            });
            let Some((row, end)) = found else {
                start += 1;
                continue;
            };
            visit(row);
            start = end;
        }
    }

    fn add(&self, row: usize, into: &mut [f32]) {
        let at = HEAD + row * (self.dimensions + 4);
        let Some((scale, values)) = self.bytes.get(at..at + 4 + self.dimensions).and_then(<[u8]>::split_first_chunk)
        else {
            return;
        };
        let scale = f32::from_le_bytes(*scale);
        for (sum, value) in into.iter_mut().zip(values) {
            *sum += scale * f32::from(value.cast_signed());
        }
    }

    /// The sum of the words' rows, with length one; `None` where none is a word of the table.
    #[must_use]
    pub fn of_words(&self, text: &str) -> Option<Vec<f32>> {
        let mut sum = vec![0.0_f32; self.dimensions];
        let mut known = false;
        for row in text.split_whitespace().filter_map(|word| self.find(&word.to_lowercase())) {
            self.add(row, &mut sum);
            known = true;
        }
        to_length_one(&mut sum);
        known.then_some(sum)
    }
}

impl Vectors for StaticTable {
    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let mut sum = vec![0.0_f32; self.dimensions];
        let lower = text.to_lowercase();
        let mut rest = lower.as_str();
        while let Some(start) = rest.find(|letter: char| letter.is_ascii_alphanumeric()) {
            rest = rest.get(start..).unwrap_or_default();
            // A digit is a word of its own.
            let digit = rest.starts_with(|letter: char| letter.is_ascii_digit());
            let length =
                if digit { 1 } else { rest.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(rest.len()) };
            let (word, after) = rest.split_at(length);
            if word.len() <= LONGEST {
                self.pieces(word, &mut |row| self.add(row, &mut sum));
            }
            rest = after;
        }
        to_length_one(&mut sum);
        sum
    }

    fn knows(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        let mut words = lower.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| word.len() > 1);
        words.any(|word| self.find(word).is_some())
    }

    fn relation(&self, name: &str) -> Option<Vec<f32>> {
        self.of_words(name)
    }
}

fn to_length_one(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for value in vector {
            *value /= length;
        }
    }
}

/// The program's own tables, which are in the binary and read when a vector is first asked for.
#[derive(Debug, Default)]
pub struct OwnVectors {
    texts: OnceLock<Option<StaticTable>>,
    relations: OnceLock<Option<StaticTable>>,
}

impl OwnVectors {
    fn table(&self) -> Option<&StaticTable> {
        let read = || {
            let words = include_str!("../../../data/vectors/static.txt");
            let rows: &'static [u8] = include_bytes!("../../../data/vectors/static.bin");
            StaticTable::read(words, rows).inspect_err(|problem| tracing::warn!("{problem}")).ok()
        };
        self.texts.get_or_init(read).as_ref()
    }

    fn relations(&self) -> Option<&StaticTable> {
        let read = || {
            let words = include_str!("../../../data/vectors/relations.txt");
            let rows: &'static [u8] = include_bytes!("../../../data/vectors/relations.bin");
            StaticTable::read(words, rows).inspect_err(|problem| tracing::warn!("{problem}")).ok()
        };
        self.relations.get_or_init(read).as_ref()
    }
}

impl Vectors for OwnVectors {
    fn version(&self) -> u64 {
        // Another training changes nearly every byte, so a few of them tell.
        let rows: &'static [u8] = include_bytes!("../../../data/vectors/static.bin");
        rows.iter()
            .step_by(4099)
            .fold(rows.len() as u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
    }

    fn dimensions(&self) -> usize {
        self.table().map_or(0, Vectors::dimensions)
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        self.table().map_or_else(Vec::new, |table| table.vector(text))
    }

    fn knows(&self, text: &str) -> bool {
        self.table().is_some_and(|table| table.knows(text))
    }

    fn relation(&self, name: &str) -> Option<Vec<f32>> {
        self.relations()?.of_words(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words with rows of two dimensions.
    fn table(rows: &[(&str, [i8; 2])]) -> Result<StaticTable, Problem> {
        let words: String = rows.iter().flat_map(|(word, _)| [word, "\n"]).collect();
        let mut bytes = MAGIC.to_vec();
        for number in [VERSION, u32::try_from(rows.len()).unwrap_or(0), 2] {
            bytes.extend(number.to_le_bytes());
        }
        for (_, row) in rows {
            bytes.extend(0.5_f32.to_le_bytes());
            bytes.extend(row.map(i8::cast_unsigned));
        }
        StaticTable::read(words, bytes)
    }

    #[test]
    fn a_text_is_the_sum_of_its_words_and_pieces() {
        let table = table(&[("##s", [0, 1]), ("1", [3, 3]), ("cat", [1, 0]), ("cats", [0, -1]), ("do", [-1, 0])])
            .expect("sound");
        let rows: [(&str, [f32; 2]); 8] = [
            ("cat", [1.0, 0.0]),
            ("Cat!", [1.0, 0.0]),
            ("cats", [0.0, -1.0]),
            ("dos", [-std::f32::consts::FRAC_1_SQRT_2, std::f32::consts::FRAC_1_SQRT_2]),
            ("cat do", [0.0, 0.0]),
            ("", [0.0, 0.0]),
            ("日本 ß", [0.0, 0.0]),
            ("11", [std::f32::consts::FRAC_1_SQRT_2; 2]),
        ];
        for (text, expected) in rows {
            let found = table.vector(text);
            assert!(found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-6), "{text}: {found:?}");
        }
    }

    #[test]
    fn what_is_made_of_pieces_alone_is_not_known() {
        let table = table(&[("##s", [0, 1]), ("cat", [1, 0]), ("s", [1, 1])]).expect("sound");
        for (text, expected) in
            [("cat", true), ("a Cat!", true), ("cats", false), ("ss", false), ("s", false), ("", false)]
        {
            assert_eq!(table.knows(text), expected, "{text}");
        }
    }

    #[test]
    fn words_of_relations_are_whole_words() {
        let table = table(&[("birth", [0, 1]), ("place", [1, 0])]).expect("sound");
        assert_eq!(table.of_words("Place"), Some(vec![1.0, 0.0]));
        assert_eq!(table.of_words("place of birth"), Some(vec![std::f32::consts::FRAC_1_SQRT_2; 2]));
        assert_eq!(table.of_words("places"), None);
    }

    #[test]
    fn what_is_asked_for_finds_the_relation_that_is_meant() {
        let own = OwnVectors::default();
        let relations =
            ["employer", "salary", "parent", "film", "award", "residence", "author", "language", "religion"];
        for (asked, meant) in [
            ("boss", "employer"),
            ("wage", "salary"),
            ("dad", "parent"),
            ("movie", "film"),
            ("prize", "award"),
            ("hometown", "residence"),
            ("wrote", "author"),
            ("speech", "language"),
            ("faith", "religion"),
        ] {
            let asked_for = own.relation(asked).expect(asked);
            let near = |name: &&str| -> f32 {
                own.relation(name).expect(name).iter().zip(&asked_for).map(|(one, other)| one * other).sum()
            };
            let found = relations.iter().max_by(|one, other| near(one).total_cmp(&near(other)));
            assert_eq!(found, Some(&meant), "{asked}");
        }
    }

    #[test]
    fn a_damaged_table_is_refused() {
        assert!(table(&[("b", [0, 0]), ("a", [0, 0])]).is_err(), "words out of order");
        assert!(table(&[]).is_ok_and(|table| table.is_empty() && table.vector("cat") == [0.0, 0.0]));
        let whole = (String::from("a\n"), [&MAGIC[..], &[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7]].concat());
        assert!(StaticTable::read(whole.0.clone(), whole.1.clone()).is_ok());
        for length in 0..whole.1.len() {
            assert!(StaticTable::read(whole.0.clone(), whole.1.get(..length).unwrap_or_default().to_vec()).is_err());
        }
        for at in 0..HEAD {
            let mut bytes = whole.1.clone();
            bytes[at] = 0xff;
            assert!(StaticTable::read(whole.0.clone(), bytes).is_err(), "byte {at}");
        }
        assert!(StaticTable::read("a\nb\n", whole.1).is_err(), "more words than rows");
    }
}
