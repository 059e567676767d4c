//! Texts as rows of small integers, and the texts whose rows lie nearest to a vector.
//!
//! The rows are columns of the text index itself, so that they are written, removed, undone, merged and built again
//! with the texts they stand for. What is committed is never changed, so each part of the index is read into memory
//! once, when somebody first asks; then the nearest are found by looking at all of them, which is exact.

#![allow(clippy::inline_always, reason = "what is not inlined knows nothing of vector units, and is ten times slower")]

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use pulp::{Arch, Simd, WithSimd};
use quid_core::ports::{Hit, Of};
use quid_core::text::LONGEST_LINE;
use quid_core::{Audience, Vectors};
use tantivy::columnar::Column;
use tantivy::index::SegmentId;
use tantivy::schema::Field;
use tantivy::{DocAddress, DocId, Searcher, SegmentReader, TantivyDocument};

use crate::document::{Entry, Identity};
use crate::names::Visible;
use crate::recall::{hit, may_see};
use crate::{Index, SearchError};

/// Numbers in a row; shorter vectors are filled with zeros, of longer ones the rest says nothing here.
pub(crate) const WIDTH: usize = 128;
/// Columns of eight numbers each.
pub(crate) const COLUMNS: usize = WIDTH / 8;
/// So many rows are kept of what is loaded: about 140 MB. Whatever is taught gets one always.
pub(crate) const MOST_ROWS: u64 = 1_000_000;
/// Rows looked at before the best of them are taken out.
const BLOCK: usize = 1024;
/// Texts found at most.
const MOST_FOUND: usize = 1_000;
/// Candidates beyond the limit, for those that have changed since the last commit.
const MARGIN: usize = 24;

/// A text's vector in whole numbers; its length says nothing.
pub(crate) type Row = [i8; WIDTH];

/// What is kept of a text's meaning.
#[derive(Clone, Debug)]
pub(crate) struct Meaning {
    pub row: Row,
    /// It is of a name, not of a text.
    pub of_name: bool,
}

impl Meaning {
    /// Of a document; `None` where no word of it is known, or its language is another.
    pub fn of(entry: &Entry, vectors: &dyn Vectors) -> Option<Self> {
        if !entry.english {
            return None;
        }
        let of_name = entry.name.is_some();
        let text = if entry.text.is_empty() { &entry.value } else { &entry.text };
        if of_name && text.split_whitespace().count() > LONGEST_NAME {
            return None;
        }
        // A name that nobody knows is cut into pieces that mean nothing; what is said of it does.
        let text = match entry.about.as_deref().filter(|about| !of_name && !vectors.knows(about)) {
            Some(about) => text.strip_prefix(about).unwrap_or(text),
            None => text,
        };
        let row = rounded(&vectors.vector(text))?;
        Some(Self { row, of_name })
    }

    /// As the numbers of the columns.
    pub fn columns(&self) -> impl Iterator<Item = u64> {
        self.row.as_chunks::<8>().0.iter().map(|eight| u64::from_le_bytes(eight.map(i8::cast_unsigned)))
    }
}

/// A name of more words is a sentence that somebody took for a name.
const LONGEST_NAME: usize = 8;

/// The largest becomes 127; `None` of zeros, and of what is no number.
fn rounded(vector: &[f32]) -> Option<Row> {
    let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let scale = 127.0 / largest;
    if !scale.is_normal() || vector.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut row = [0; WIDTH];
    for (whole, value) in row.iter_mut().zip(vector) {
        #[expect(clippy::cast_possible_truncation, reason = "it is in -127..=127")]
        let number = (value * scale).round() as i8;
        *whole = number;
    }
    Some(row)
}

fn length(row: &Row) -> f32 {
    let sum: i32 = row.iter().map(|value| i32::from(*value) * i32::from(*value)).sum();
    #[expect(clippy::cast_precision_loss, reason = "at most 128 * 127 * 127")]
    let sum = sum as f32;
    sum.sqrt()
}

/// The fields of the schema that hold rows.
#[derive(Clone)]
pub(crate) struct Columns {
    /// Eight numbers each.
    pub numbers: Vec<Field>,
    /// 1 for a name, 0 for a text.
    pub of_name: Field,
    /// What the fields are called.
    names: Vec<String>,
}

/// The name of the field that tells names from texts; made by another table of vectors, it is called otherwise.
pub(crate) fn flag_called(version: u64) -> String {
    format!("meaning_{version:x}")
}

/// The names of the fields of numbers.
pub(crate) fn numbers_called(version: u64) -> Vec<String> {
    (0..COLUMNS).map(|column| format!("meaning_{version:x}_{column}")).collect()
}

impl Columns {
    pub fn new(version: u64, of_name: Field, numbers: Vec<Field>) -> Self {
        let mut names = vec![flag_called(version)];
        names.extend(numbers_called(version));
        Self { numbers, of_name, names }
    }
}

/// The rows of one committed part of the index.
pub(crate) struct Rows {
    documents: Vec<DocId>,
    of_name: Vec<bool>,
    /// One by the length of each row.
    per_length: Vec<f32>,
    each: Vec<Row>,
}

/// The parts read so far; those that were merged away are forgotten.
#[derive(Default)]
pub(crate) struct Parts(Mutex<HashMap<SegmentId, Arc<Rows>>>);

impl Parts {
    fn of(&self, searcher: &Searcher, columns: &Columns) -> tantivy::Result<Vec<Arc<Rows>>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here: BTreeSet<SegmentId> = searcher.segment_readers().iter().map(SegmentReader::segment_id).collect();
        known.retain(|part, _| here.contains(part));
        searcher
            .segment_readers()
            .iter()
            .map(|segment| {
                if let Some(rows) = known.get(&segment.segment_id()) {
                    return Ok(rows.clone());
                }
                let rows = Arc::new(Rows::read(segment, columns)?);
                known.insert(segment.segment_id(), rows.clone());
                Ok(rows)
            })
            .collect()
    }
}

/// How many rows are committed.
pub(crate) fn count(searcher: &Searcher, columns: &Columns) -> tantivy::Result<u64> {
    let mut count = 0;
    for segment in searcher.segment_readers() {
        let flag = columns.names.first().map_or("", String::as_str);
        count += segment.fast_fields().column_opt::<u64>(flag)?.map_or(0, |flags| u64::from(flags.values.num_vals()));
    }
    Ok(count)
}

impl Rows {
    fn read(segment: &SegmentReader, columns: &Columns) -> tantivy::Result<Self> {
        let empty = Self { documents: Vec::new(), of_name: Vec::new(), per_length: Vec::new(), each: Vec::new() };
        let fast = segment.fast_fields();
        let mut found: Vec<Column<u64>> = Vec::with_capacity(COLUMNS + 1);
        for name in &columns.names {
            let Some(column) = fast.column_opt::<u64>(name)? else { return Ok(empty) };
            found.push(column);
        }
        let Some((flags, numbers)) = found.split_first() else { return Ok(empty) };
        let (documents, of_name): (Vec<DocId>, Vec<bool>) =
            (0..segment.max_doc()).filter_map(|document| Some((document, flags.first(document)? == 1))).unzip();
        // A document has all of the columns or none, so their values stand in one order.
        if numbers.iter().any(|column| column.values.num_vals() as usize != documents.len()) {
            return Ok(empty);
        }
        let mut rows = vec![[0; WIDTH]; documents.len()];
        let mut values = vec![0; documents.len()];
        for (place, column) in numbers.iter().enumerate() {
            column.values.get_range(0, &mut values);
            for (row, value) in rows.iter_mut().zip(&values) {
                if let Some(eight) = row.as_chunks_mut::<8>().0.get_mut(place) {
                    *eight = value.to_le_bytes().map(u8::cast_signed);
                }
            }
        }
        let per_length = rows.iter().map(|row| 1.0 / length(row).max(1.0)).collect();
        Ok(Self { documents, of_name, per_length, each: rows })
    }
}

/// The products of a row with many.
struct Products<'a> {
    row: &'a [i16; WIDTH],
    rows: &'a [Row],
    into: &'a mut [i32],
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (product, row) in self.into.iter_mut().zip(self.rows) {
            let mut sum = 0_i32;
            for (one, other) in self.row.iter().zip(row) {
                // At most 128 * 127 * 127: no sum is too large.
                sum = sum.wrapping_add(i32::from(*one) * i32::from(i16::from(*other)));
            }
            *product = sum;
        }
    }
}

/// The best so far, and how good one must be to come in.
struct Best {
    found: Vec<(f32, usize, DocId)>,
    most: usize,
    least: f32,
}

impl Best {
    fn take(&mut self, score: f32, part: usize, document: DocId) {
        self.found.push((score, part, document));
        if self.found.len() >= 2 * self.most {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let better = |one: &(f32, usize, DocId), other: &(f32, usize, DocId)| -> Ordering {
            other.0.total_cmp(&one.0).then_with(|| (one.1, one.2).cmp(&(other.1, other.2)))
        };
        self.found.sort_by(better);
        self.found.truncate(self.most);
        if self.found.len() == self.most {
            self.least = self.found.last().map_or(self.least, |(score, _, _)| *score);
        }
    }
}

impl Index {
    /// What is kept of a document's meaning, where there are vectors.
    pub(crate) fn meaning(&self, entry: &Entry) -> Option<Meaning> {
        Meaning::of(entry, self.vectors.as_deref()?)
    }

    /// See [`quid_core::Recall::nearest`].
    pub(crate) fn nearest_to(
        &self,
        vector: &[f32],
        of: Of,
        audience: &Audience,
        limit: usize,
    ) -> Result<Vec<Hit>, SearchError> {
        let limit = limit.min(MOST_FOUND);
        let (Some(asked), Some(columns)) = (rounded(vector), &self.fields.meaning) else { return Ok(Vec::new()) };
        if limit == 0 {
            return Ok(Vec::new());
        }
        let failed = || SearchError::failed("looking for texts near in meaning");
        let fresh = self.fresh();
        let searcher = self.searcher();
        let parts = self.parts.of(&searcher, columns).map_err(failed())?;
        let per_length = 1.0 / length(&asked).max(1.0);
        let wanted = |of_name: bool| match of {
            Of::Names => of_name,
            Of::Texts => !of_name,
            Of::All => true,
        };
        let row = asked.map(i16::from);
        let arch = Arch::new();
        let most = limit + MARGIN + fresh.len();
        let mut best = Best { found: Vec::new(), most, least: f32::NEG_INFINITY };
        let mut products = [0_i32; BLOCK];
        for (number, (part, segment)) in parts.iter().zip(searcher.segment_readers()).enumerate() {
            let visible = Visible::of(segment, audience).map_err(failed())?;
            for (block, rows) in part.each.chunks(BLOCK).enumerate() {
                arch.dispatch(Products { row: &row, rows, into: &mut products });
                let start = block * BLOCK;
                let beside = part.documents.iter().zip(&part.of_name).zip(&part.per_length).skip(start);
                for (product, ((document, of_name), length)) in products.iter().zip(beside).take(rows.len()) {
                    #[expect(clippy::cast_precision_loss, reason = "at most 128 * 127 * 127")]
                    let score = *product as f32 * length * per_length;
                    if score > best.least
                        && wanted(*of_name)
                        && !segment.is_deleted(*document)
                        && visible.shows(*document)
                    {
                        best.take(score, number, *document);
                    }
                }
            }
        }
        best.cut();
        let mut hits = Vec::new();
        let mut seen: BTreeSet<Identity> = BTreeSet::new();
        for (score, part, document) in best.found {
            let part = u32::try_from(part).unwrap_or(u32::MAX);
            let document: TantivyDocument = searcher.doc(DocAddress::new(part, document)).map_err(failed())?;
            let Some((identity, predicate, value)) = self.fields.stored(&document) else { continue };
            if fresh.overrides(&identity) || !may_see(&identity.graph, audience) || !seen.insert(identity.clone()) {
                continue;
            }
            hits.push(hit(&identity, &predicate, value, score));
        }
        for (entry, _) in fresh.added() {
            let Some(meaning) = entry.meaning.as_ref().filter(|meaning| wanted(meaning.of_name)) else { continue };
            if may_see(&entry.identity.graph, audience) {
                let mut product = [0];
                arch.dispatch(Products { row: &row, rows: &[meaning.row], into: &mut product });
                #[expect(clippy::cast_precision_loss, reason = "at most 128 * 127 * 127")]
                let score = product[0] as f32 * per_length / length(&meaning.row).max(1.0);
                hits.push(hit(&entry.identity, &entry.predicate, entry.value.clone(), score));
            }
        }
        hits.sort_by(|one, other| {
            let key = |hit: &Hit| (hit.subject.clone(), hit.text.clone(), hit.predicate.clone(), hit.graph.clone());
            other.score.total_cmp(&one.score).then_with(|| key(one).cmp(&key(other)))
        });
        hits.truncate(limit);
        Ok(hits)
    }

    /// The vector of a text, with length one; empty where there are no vectors, zeros where no word is known.
    pub(crate) fn vector_of(&self, text: &str) -> Vec<f32> {
        let most = crate::recall::start(text, LONGEST_LINE);
        let Some(vectors) = &self.vectors else { return Vec::new() };
        if vectors.knows(most) { vectors.vector(most) } else { vec![0.0; vectors.dimensions()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_become_whole_numbers() {
        for (vector, expected) in [
            (&[0.5, -1.0, 0.0][..], Some([64, -127, 0])),
            (&[0.0, 0.0], None),
            (&[], None),
            (&[f32::NAN, 1.0], None),
            (&[f32::INFINITY, 1.0], None),
            (&[1e-40], None),
        ] {
            let found = rounded(vector);
            assert_eq!(found.map(|row| [row[0], row[1], row[2]]), expected, "{vector:?}");
        }
    }

    #[test]
    fn columns_hold_a_row() {
        let mut row = [0; WIDTH];
        for (place, value) in row.iter_mut().enumerate() {
            *value = i8::try_from(place).unwrap_or(0) - 64;
        }
        let columns: Vec<u64> = Meaning { row, of_name: false }.columns().collect();
        assert_eq!(columns.len(), COLUMNS);
        let back: Vec<i8> = columns.iter().flat_map(|eight| eight.to_le_bytes().map(u8::cast_signed)).collect();
        assert_eq!(back, row);
    }

    #[test]
    fn products_are_exact_on_every_processor() {
        let row: Row = std::array::from_fn(|place| i8::try_from(place * 37 % 255).unwrap_or(-100));
        let others: Vec<Row> = (0..5).map(|turn| std::array::from_fn(|place| row[(place + turn) % WIDTH])).collect();
        let mut products = [0; 5];
        Arch::new().dispatch(Products { row: &row.map(i16::from), rows: &others, into: &mut products });
        for (product, other) in products.iter().zip(&others) {
            let expected: i32 = row.iter().zip(other).map(|(one, other)| i32::from(*one) * i32::from(*other)).sum();
            assert_eq!(*product, expected);
        }
    }

    #[test]
    fn the_best_are_kept_in_order() {
        let mut best = Best { found: Vec::new(), most: 2, least: f32::NEG_INFINITY };
        for (score, document) in [(0.1, 0), (0.9, 1), (0.5, 2), (0.9, 3), (0.2, 4)] {
            if score > best.least {
                best.take(score, 0, document);
            }
        }
        best.cut();
        assert_eq!(best.found.iter().map(|(_, _, document)| *document).collect::<Vec<_>>(), [1, 3]);
    }
}
