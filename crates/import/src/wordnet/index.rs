//! Reads `index.sense` and `index.noun`, `index.verb`, `index.adj`, `index.adv`: senses and entries.
//!
//! The index files repeat what the data files say, from the words' side. That makes them the best check
//! there is: every sense must be found from both sides, under the same number.

use std::collections::HashMap;
use std::ops::Range;

use super::data::{Data, NONE, Synset, index};
use super::fields::{Fields, shown};
use super::files::File;
use super::sense_key::SenseKey;
use super::tables::Tables;
use super::{Kind, Part};
use crate::problem::{Damage, Problems};

/// A word in one meaning.
#[derive(Debug)]
pub(crate) struct Sense<'a> {
    pub(crate) key: &'a str,
    pub(crate) synset: u32,
    /// The place of its word in the synset, from 0.
    pub(crate) word: u8,
    pub(crate) number: u32,
    pub(crate) tags: u32,
    line: u32,
    /// Whether an index file lists it too.
    listed: bool,
}

/// A lemma in one part of speech.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) part: Part,
    /// Lower case, words joined by `_`.
    pub(crate) lemma: &'a str,
    /// Its senses by number, in [`Index::senses_of_entries`].
    pub(crate) senses: Range<usize>,
    /// The length of its line, for progress.
    pub(crate) bytes: u32,
}

/// Everything the index files say.
#[derive(Debug, Default)]
pub(crate) struct Index<'a> {
    pub(crate) senses: Vec<Sense<'a>>,
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) senses_of_entries: Vec<u32>,
    pub(crate) by_key: HashMap<&'a str, u32>,
    pub(crate) by_lemma: HashMap<(Part, &'a str), u32>,
}

impl<'a> Index<'a> {
    /// Reads the sense index and ties every sense to its word.
    pub(crate) fn read_senses(
        &mut self,
        file: &'a File,
        data: &mut Data<'a>,
        tables: &Tables,
        problems: &mut Problems,
    ) {
        let similar = tables.relation("&");
        for (at, line) in file.text.lines().enumerate() {
            if let Err(damage) = self.sense(line, index(at + 1), data, similar) {
                problems.add(&file.path, at + 1, damage);
            }
        }
    }

    fn sense(&mut self, text: &'a str, line: u32, data: &mut Data<'a>, similar: Option<usize>) -> Result<(), Damage> {
        let mut fields = Fields::new(text);
        let text = fields.word("a sense key")?;
        let key = SenseKey::parse(text)?;
        let offset = fields.decimal(Some(8), "the byte position of a synset")?;
        let number = fields.decimal(None, "a sense number")?;
        let tags = fields.decimal(None, "a count of tags")?;
        fields.end()?;
        let part = key.kind.part();
        let wrong = |what: &str| {
            let message =
                format!("the key `{}` at {offset:08} of data.{} has another {what}", shown(text), part.file());
            Damage::new(message, format!("the {what} of that synset"))
        };
        let found = data.find(part, offset);
        let Some((found, synset)) = found.and_then(|at| Some((at, data.synsets.get(at)?))) else {
            let message = format!("no synset at {offset:08} of data.{}", part.file());
            return Err(Damage::new(message, "the byte position of a synset"));
        };
        if synset.kind != key.kind {
            return Err(wrong("type"));
        }
        if synset.lexfile != key.lexfile {
            return Err(wrong("lexicographer file"));
        }
        if head(data, synset, similar) != key.head.map(|(lemma, id)| (lemma.to_owned(), id)) {
            return Err(wrong("head"));
        }
        let words = synset.words.clone();
        let mut places = data.words_of(synset).iter();
        let place = places
            .position(|word| word.lex_id == key.lex_id && word.text.eq_ignore_ascii_case(key.lemma))
            .ok_or_else(|| wrong("word or lex id"))?;
        let this = index(self.senses.len());
        if self.by_key.insert(text, this).is_some() {
            return Err(Damage::new(format!("the key `{}` comes twice", shown(text)), "every key once"));
        }
        if let Some(word) = data.words.get_mut(words.start + place) {
            word.sense = this;
        }
        let word = u8::try_from(place).unwrap_or(u8::MAX);
        self.senses.push(Sense { key: text, synset: index(found), word, number, tags, line, listed: false });
        Ok(())
    }

    /// Gives the second writings of a lemma in one synset ("A", "a") the sense of the first, and finds words
    /// that have none.
    pub(crate) fn tie_writings(data: &mut Data<'a>, mut problem: impl FnMut(Part, usize, Damage)) {
        let mut found: Vec<(usize, u32)> = Vec::new();
        for synset in &data.synsets {
            let words = data.words_of(synset);
            for (place, word) in words.iter().enumerate().filter(|(_, word)| word.sense == NONE) {
                let twin = words.iter().find(|other| other.sense != NONE && other.text.eq_ignore_ascii_case(word.text));
                if let Some(twin) = twin {
                    found.push((synset.words.start + place, twin.sense));
                } else {
                    let message = format!("the word `{}` has no line in index.sense", shown(word.text));
                    problem(synset.part, synset.line as usize, Damage::new(message, "a sense for every word"));
                }
            }
        }
        for (place, sense) in found {
            if let Some(word) = data.words.get_mut(place) {
                word.sense = sense;
            }
        }
    }

    /// Reads one index file and checks it against senses and data.
    pub(crate) fn read_entries(
        &mut self,
        part: Part,
        file: &'a File,
        data: &Data<'a>,
        tables: &Tables,
        problems: &mut Problems,
    ) {
        let mut header = String::new();
        for (at, line) in file.text.lines().enumerate() {
            if line.starts_with("  ") {
                header.push_str(line.trim_end());
                header.push('\n');
                continue;
            }
            let before = self.senses_of_entries.len();
            if let Err(damage) = self.entry(part, line, data, tables) {
                problems.add(&file.path, at + 1, damage);
                self.senses_of_entries.truncate(before);
            }
        }
        if !data.headers.contains(&header) {
            let expected = "the same first lines as in the data files";
            problems.add(&file.path, 1, Damage::new("another licence or version than the data files", expected));
        }
    }

    fn entry(&mut self, part: Part, line: &'a str, data: &Data<'a>, tables: &Tables) -> Result<(), Damage> {
        let mut fields = Fields::new(line);
        let lemma = fields.word("a lemma")?;
        let letter = fields.word("a part of speech")?;
        if Part::of_letter(letter) != Some(part) {
            return Err(Damage::new(format!("part of speech `{}`", shown(letter)), part.letter()));
        }
        let count = fields.decimal(None, "the number of synsets")?;
        let mut symbols = 0;
        for _ in 0..fields.decimal(None, "the number of pointer symbols")? {
            let symbol = fields.word("a pointer symbol")?;
            symbols |= tables.index_bit(symbol).ok_or_else(|| {
                Damage::new(format!("`{}` is not a pointer symbol", shown(symbol)), "a symbol of wninput(5)")
            })?;
        }
        let again = fields.decimal(None, "the number of senses")?;
        if count != again || count == 0 {
            let message = format!("{count} synsets but {again} senses");
            return Err(Damage::new(message, "the same number twice, at least 1"));
        }
        let tagged = fields.decimal(None, "the number of tagged senses")?;
        let first = self.senses_of_entries.len();
        let (mut with_tags, mut with_symbols) = (0, 0);
        for number in 1..=count {
            let offset = fields.decimal(Some(8), "the byte position of a synset")?;
            let missing = || {
                let message = format!("no sense of `{}` at {offset:08} of data.{}", shown(lemma), part.file());
                Damage::new(message, "a synset with this word, and its line in index.sense")
            };
            let synset = data.find(part, offset).and_then(|at| data.synsets.get(at)).ok_or_else(missing)?;
            let words = data.words_of(synset);
            let same = |text: &str| text.eq_ignore_ascii_case(lemma);
            let this = words.iter().find(|word| same(word.text)).map_or(NONE, |word| word.sense);
            let sense = self.senses.get_mut(this as usize).ok_or_else(missing)?;
            if sense.number != number || sense.listed {
                let message = format!("`{}` is sense {number} here, {} in index.sense", shown(sense.key), sense.number);
                return Err(Damage::new(message, "the same number in both, and every sense once"));
            }
            sense.listed = true;
            with_tags += u32::from(sense.tags > 0);
            for pointer in data.pointers_of(synset) {
                let ours = usize::from(pointer.source)
                    .checked_sub(1)
                    .is_none_or(|place| words.get(place).is_some_and(|word| same(word.text)));
                if ours {
                    let relation = tables.relations.get(usize::from(pointer.relation));
                    with_symbols |= relation.map_or(0, |relation| relation.index_bit);
                }
            }
            self.senses_of_entries.push(this);
        }
        fields.end()?;
        if tagged != with_tags {
            let message = format!("{tagged} tagged senses here, {with_tags} in index.sense");
            return Err(Damage::new(message, "the same number in both"));
        }
        if symbols != with_symbols {
            let message = "other pointer symbols than the synsets of this lemma have";
            return Err(Damage::new(message, "the symbols of its pointers in the data file"));
        }
        let entry = index(self.entries.len());
        if self.by_lemma.insert((part, lemma), entry).is_some() {
            return Err(Damage::new(format!("`{}` comes twice", shown(lemma)), "every lemma once"));
        }
        let senses = first..self.senses_of_entries.len();
        self.entries.push(Entry { part, lemma, senses, bytes: index(line.len() + 1) });
        Ok(())
    }

    /// Every sense must belong to an entry.
    pub(crate) fn check_listed(&self, file: &File, problems: &mut Problems) {
        for sense in self.senses.iter().filter(|sense| !sense.listed) {
            let message = format!("`{}` is in no index file", shown(sense.key));
            problems.add(&file.path, sense.line as usize, Damage::new(message, "its lemma's line in the index file"));
        }
    }

    pub(crate) fn senses_of(&self, entry: &Entry<'_>) -> impl Iterator<Item = (u32, &Sense<'a>)> {
        let senses = self.senses_of_entries.get(entry.senses.clone()).unwrap_or_default();
        senses.iter().filter_map(|at| Some((*at, self.senses.get(*at as usize)?)))
    }
}

/// The head of a satellite as sense keys name it: first word of the synset that it is similar to.
fn head(data: &Data<'_>, synset: &Synset<'_>, similar: Option<usize>) -> Option<(String, u8)> {
    if synset.kind != Kind::Satellite {
        return None;
    }
    let mut pointers = data.pointers_of(synset).iter();
    let pointer = pointers.find(|pointer| Some(usize::from(pointer.relation)) == similar)?;
    let word = data.words_of(data.synsets.get(pointer.synset as usize)?).first()?;
    Some((word.text.to_ascii_lowercase(), word.lex_id))
}
