//! Reads what WordNet knows besides about verbs: `frames.vrb`, `sents.vrb` and `sentidx.vrb`.
//!
//! Frames are patterns ("Somebody ----s something") that hold for synsets; sentences are examples
//! ("They %s the car") that hold for single senses and have a place for the verb.

use std::collections::HashMap;

use super::data::Data;
use super::fields::{Fields, number, shown};
use super::files::File;
use super::index::Index;
use crate::problem::{Damage, Problems};

/// Frames, sentences, and which sense has which sentences.
#[derive(Debug, Default)]
pub(crate) struct Verbs<'a> {
    pub(crate) frames: Vec<(u32, &'a str)>,
    pub(crate) sentences: Vec<(u32, &'a str)>,
    /// Numbers of sentences by sense.
    pub(crate) of_senses: HashMap<u32, Vec<u32>>,
}

impl<'a> Verbs<'a> {
    pub(crate) fn read_frames(&mut self, file: &'a File, problems: &mut Problems) {
        self.frames = numbered(file, "the number of a verb frame", problems);
    }

    pub(crate) fn read_sentences(&mut self, file: &'a File, problems: &mut Problems) {
        self.sentences = numbered(file, "the number of a sentence", problems);
    }

    /// Reads which sense has which sentences; a sense may have none.
    pub(crate) fn read_index(&mut self, file: &'a File, index: &Index<'a>, problems: &mut Problems) {
        for (at, line) in file.text.lines().enumerate() {
            if let Err(damage) = self.index_line(line, index) {
                problems.add(&file.path, at + 1, damage);
            }
        }
    }

    fn index_line(&mut self, line: &str, index: &Index<'a>) -> Result<(), Damage> {
        let mut fields = Fields::new(line);
        let key = fields.word("a sense key")?;
        let sense = index
            .by_key
            .get(key)
            .ok_or_else(|| Damage::new(format!("no sense `{}`", shown(key)), "a key of index.sense"))?;
        for field in fields.rest().trim_matches(' ').split(',').filter(|field| !field.is_empty()) {
            let sentence = number(field, 10, None, "the number of a sentence")?;
            if self.sentence(sentence).is_none() {
                return Err(Damage::new(format!("no sentence {sentence}"), "a number of sents.vrb"));
            }
            let of_sense = self.of_senses.entry(*sense).or_default();
            if !of_sense.contains(&sentence) {
                of_sense.push(sentence);
            }
        }
        Ok(())
    }

    /// Every frame that a synset names must exist.
    pub(crate) fn check(&self, data: &Data<'a>, mut problem: impl FnMut(usize, Damage)) {
        for synset in &data.synsets {
            for frame in data.frames_of(synset) {
                if self.frame(u32::from(frame.number)).is_none() {
                    let message = format!("verb frame {:02}", frame.number);
                    problem(synset.line as usize, Damage::new(message, "a number of frames.vrb"));
                }
            }
        }
    }

    pub(crate) fn frame(&self, number: u32) -> Option<&'a str> {
        find(&self.frames, number)
    }

    pub(crate) fn sentence(&self, number: u32) -> Option<&'a str> {
        find(&self.sentences, number)
    }
}

fn find<'a>(rows: &[(u32, &'a str)], number: u32) -> Option<&'a str> {
    let at = rows.binary_search_by_key(&number, |(row, _)| *row).ok()?;
    rows.get(at).map(|(_, text)| *text)
}

/// Lines of a number and a text, sorted by number.
fn numbered<'a>(file: &'a File, what: &str, problems: &mut Problems) -> Vec<(u32, &'a str)> {
    let mut rows: Vec<(u32, &str)> = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let mut fields = Fields::new(line);
        match fields.decimal(None, what) {
            Ok(number) if !fields.rest().trim().is_empty() => rows.push((number, fields.rest().trim())),
            Ok(_) => problems.add(&file.path, at + 1, Damage::new("no text after the number", "a text")),
            Err(damage) => problems.add(&file.path, at + 1, damage),
        }
    }
    rows.sort_unstable();
    for pair in rows.windows(2) {
        if let [(one, _), (other, _)] = pair
            && one == other
        {
            problems.add(&file.path, 0, Damage::new(format!("number {one} comes twice"), "every number once"));
        }
    }
    rows
}
