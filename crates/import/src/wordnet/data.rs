//! Reads `data.noun`, `data.verb`, `data.adj` and `data.adv`: synsets with words, pointers, frames and glosses.
//!
//! A synset's name is the byte position of its line, so every line is checked against where it stands: one
//! byte lost anywhere shows in the first line after it.

use std::ops::Range;

use super::fields::{Fields, number, shown};
use super::files::File;
use super::tables::Tables;
use super::{Kind, Part};
use crate::problem::{Damage, Problems};

/// No sense: a word the sense index does not list.
pub(crate) const NONE: u32 = u32::MAX;

/// A synset; words, pointers and frames lie in [`Data`].
#[derive(Debug)]
pub(crate) struct Synset<'a> {
    pub(crate) part: Part,
    pub(crate) kind: Kind,
    pub(crate) lexfile: u8,
    pub(crate) offset: u32,
    pub(crate) line: u32,
    pub(crate) words: Range<usize>,
    pub(crate) pointers: Range<usize>,
    pub(crate) frames: Range<usize>,
    pub(crate) gloss: &'a str,
    /// The length of its line, for progress.
    pub(crate) bytes: u32,
}

/// A word in a synset.
#[derive(Debug)]
pub(crate) struct Word<'a> {
    /// As written, without an adjective's marker.
    pub(crate) text: &'a str,
    /// Where an adjective may stand: `a` before the noun, `p` predicate, `ip` right after the noun.
    pub(crate) position: Option<&'a str>,
    pub(crate) lex_id: u8,
    /// Its sense, filled in from the sense index.
    pub(crate) sense: u32,
}

/// A pointer from a synset, or from one of its words.
#[derive(Debug)]
pub(crate) struct Pointer {
    /// Row of the table of relations.
    pub(crate) relation: u8,
    pub(crate) part: Part,
    pub(crate) offset: u32,
    /// Word numbers from 1; both 0 for a pointer between synsets.
    pub(crate) source: u8,
    pub(crate) target: u8,
    /// Index of the synset it leads to, filled in when all are read.
    pub(crate) synset: u32,
}

/// A verb frame of a synset's word (0: of all its words).
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) number: u8,
    pub(crate) word: u8,
}

/// Everything the four data files say.
#[derive(Debug, Default)]
pub(crate) struct Data<'a> {
    /// Sorted by part and offset.
    pub(crate) synsets: Vec<Synset<'a>>,
    pub(crate) words: Vec<Word<'a>>,
    pub(crate) pointers: Vec<Pointer>,
    pub(crate) frames: Vec<Frame>,
    /// Where each part's synsets lie.
    parts: Vec<(Part, Range<usize>)>,
    /// The licence and version lines before the synsets, without repetition.
    pub(crate) headers: Vec<String>,
}

impl<'a> Data<'a> {
    /// Reads one data file.
    pub(crate) fn read(&mut self, part: Part, file: &'a File, tables: &Tables, problems: &mut Problems) {
        let first = self.synsets.len();
        let mut header = String::new();
        let mut offset = 0;
        for (at, line) in file.text.split_inclusive('\n').enumerate() {
            let here = offset;
            offset += line.len();
            let line = line.strip_suffix('\n').unwrap_or(line);
            if line.starts_with("  ") && self.synsets.len() == first {
                header.push_str(line.trim_end());
                header.push('\n');
                continue;
            }
            // What a damaged line left behind is cut off again, so that later ones keep their places.
            let before = (self.words.len(), self.pointers.len(), self.frames.len());
            if let Err(damage) = self.synset(part, line, here, at + 1, tables) {
                problems.add(&file.path, at + 1, damage);
                self.words.truncate(before.0);
                self.pointers.truncate(before.1);
                self.frames.truncate(before.2);
            }
        }
        if !header.contains("WordNet") {
            let damage = Damage::new(
                "the lines before the first synset do not name WordNet",
                "the licence and the version of a WordNet",
            );
            problems.add(&file.path, 1, damage);
        }
        if !self.headers.contains(&header) {
            self.headers.push(header);
        }
        if self.synsets.len() == first {
            problems.add(&file.path, 0, Damage::new("no synset in the file", "synsets"));
        }
        self.parts.push((part, first..self.synsets.len()));
    }

    fn synset(&mut self, part: Part, line: &'a str, here: usize, at: usize, tables: &Tables) -> Result<(), Damage> {
        let (fields, gloss) =
            line.split_once(" | ").ok_or_else(|| Damage::new("no gloss", "the fields, ` | ` and a gloss"))?;
        let mut fields = Fields::new(fields);
        let offset = fields.decimal(Some(8), "the byte position of the line")?;
        if offset as usize != here {
            let message = format!("the line says it stands at byte {offset:08} but stands at {here:08}");
            return Err(Damage::new(message, "every line at its byte position; bytes were lost or added before it"));
        }
        let lexfile = fields.decimal(Some(2), "the number of a lexicographer file")?;
        if lexfile as usize >= tables.lexnames.len() {
            let most = tables.lexnames.len().saturating_sub(1);
            return Err(Damage::new(format!("lexicographer file {lexfile:02}"), format!("00 to {most}")));
        }
        let letter = fields.word("the synset's type")?;
        let kind = Kind::of_letter(letter).filter(|kind| kind.part() == part).ok_or_else(|| {
            Damage::new(format!("`{}` is not a type of synset in this file", shown(letter)), part.letters())
        })?;
        let words = self.words.len();
        for _ in 0..fields.hex(2, "the number of words")? {
            let (text, position) = marker(part, fields.word("a word")?);
            let lex_id = small(fields.hex(1, "a lex id")?);
            self.words.push(Word { text, position, lex_id, sense: NONE });
        }
        let words = words..self.words.len();
        if words.is_empty() {
            return Err(Damage::new("a synset without words", "at least one word"));
        }
        let pointers = self.pointers.len();
        for _ in 0..fields.decimal(Some(3), "the number of pointers")? {
            let pointer = pointer(&mut fields, words.len(), tables)?;
            self.pointers.push(pointer);
        }
        let frames = self.frames.len();
        if part == Part::Verb {
            for _ in 0..fields.decimal(Some(2), "the number of verb frames")? {
                let plus = fields.word("a plus sign")?;
                let number = small(fields.decimal(Some(2), "the number of a verb frame")?);
                let word = small(fields.hex(2, "the number of a word")?);
                if plus != "+" || usize::from(word) > words.len() {
                    let message = format!("`{} {number:02} {word:02x}`", shown(plus));
                    return Err(Damage::new(message, "+, a frame number, the number of a word of the synset"));
                }
                self.frames.push(Frame { number, word });
            }
        }
        fields.end()?;
        self.synsets.push(Synset {
            part,
            kind,
            lexfile: small(lexfile),
            offset,
            line: u32::try_from(at).unwrap_or(u32::MAX),
            words,
            pointers: pointers..self.pointers.len(),
            frames: frames..self.frames.len(),
            gloss: gloss.trim_matches(' '),
            bytes: u32::try_from(line.len() + 1).unwrap_or(u32::MAX),
        });
        Ok(())
    }

    /// The synset at that byte of that part's file.
    pub(crate) fn find(&self, part: Part, offset: u32) -> Option<usize> {
        let (_, range) = self.parts.iter().find(|(of, _)| *of == part)?;
        let synsets = self.synsets.get(range.clone())?;
        let at = synsets.binary_search_by_key(&offset, |synset| synset.offset).ok()?;
        Some(range.start + at)
    }

    pub(crate) fn words_of(&self, synset: &Synset<'_>) -> &[Word<'a>] {
        self.words.get(synset.words.clone()).unwrap_or_default()
    }

    pub(crate) fn pointers_of(&self, synset: &Synset<'_>) -> &[Pointer] {
        self.pointers.get(synset.pointers.clone()).unwrap_or_default()
    }

    pub(crate) fn frames_of(&self, synset: &Synset<'_>) -> &[Frame] {
        self.frames.get(synset.frames.clone()).unwrap_or_default()
    }

    /// Finds what every pointer leads to, and that it leads back where it must.
    pub(crate) fn resolve(&mut self, tables: &Tables, mut problem: impl FnMut(Part, usize, Damage)) {
        let mut back: Vec<(u32, u8, u8, u8, u32)> = Vec::new();
        for at in 0..self.synsets.len() {
            let Some(synset) = self.synsets.get(at) else { continue };
            let (part, line) = (synset.part, synset.line as usize);
            for row in synset.pointers.clone() {
                let Some(pointer) = self.pointers.get(row) else { continue };
                let symbol =
                    tables.relations.get(usize::from(pointer.relation)).map_or("?", |relation| relation.symbol);
                let Some(found) = self.find(pointer.part, pointer.offset) else {
                    let message = format!("pointer {symbol} to {:08} of {}", pointer.offset, pointer.part.file());
                    problem(part, line, Damage::new(message, "the byte position of a synset"));
                    continue;
                };
                let words = self.synsets.get(found).map_or(0, |target| target.words.len());
                if usize::from(pointer.target) > words {
                    let message = format!("pointer {symbol} to word {} of {:08}", pointer.target, pointer.offset);
                    problem(part, line, Damage::new(message, format!("one of its {words} words")));
                    continue;
                }
                let (from, to) = (index(at), index(found));
                back.push((from, pointer.relation, pointer.source, pointer.target, to));
                if let Some(pointer) = self.pointers.get_mut(row) {
                    pointer.synset = to;
                }
            }
        }
        back.sort_unstable();
        for (from, relation, source, target, to) in &back {
            let relation = tables.relations.get(usize::from(*relation));
            let Some(inverse) = relation.and_then(|relation| relation.inverse) else { continue };
            if back.binary_search(&(*to, row(inverse), *target, *source, *from)).is_err() {
                let (Some(here), Some(there)) = (self.synsets.get(*from as usize), self.synsets.get(*to as usize))
                else {
                    continue;
                };
                let symbol = relation.map_or("?", |relation| relation.symbol);
                let message = format!("pointer {symbol} to {:08} of {}", there.offset, there.part.file());
                let expected = format!("a pointer there that leads back to {:08}", here.offset);
                problem(here.part, here.line as usize, Damage::new(message, expected));
            }
        }
    }
}

/// A word without its adjective marker, and the marker.
fn marker(part: Part, word: &str) -> (&str, Option<&str>) {
    if part == Part::Adjective {
        for marker in ["(a)", "(p)", "(ip)"] {
            if let Some(text) = word.strip_suffix(marker).filter(|text| !text.is_empty()) {
                return (text, Some(marker.trim_matches(['(', ')'])));
            }
        }
    }
    (word, None)
}

fn pointer(fields: &mut Fields<'_>, words: usize, tables: &Tables) -> Result<Pointer, Damage> {
    let symbol = fields.word("a pointer symbol")?;
    let relation = tables
        .relation(symbol)
        .ok_or_else(|| Damage::new(format!("`{}` is not a pointer symbol", shown(symbol)), "a symbol of wninput(5)"))?;
    let offset = fields.decimal(Some(8), "the byte position of a synset")?;
    let letter = fields.word("a part of speech")?;
    let part = Part::of_letter(letter)
        .ok_or_else(|| Damage::new(format!("`{}` is not a part of speech", shown(letter)), "n, v, a or r"))?;
    let ends = fields.word("the numbers of two words")?;
    let both = number(ends, 16, Some(4), "the numbers of two words")?;
    let (source, target) = (small(both >> 8), small(both & 0xff));
    if (source == 0) != (target == 0) || usize::from(source) > words {
        return Err(Damage::new(format!("pointer between the words {ends}"), "0000, or two numbers of words"));
    }
    Ok(Pointer { relation: row(relation), part, offset, source, target, synset: NONE })
}

/// A number already known to fit.
fn small(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

fn row(value: usize) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// A place in a table; files are bounded, so it fits.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
