//! `quid load wordnet`: the files of wndb(5).
//!
//! Everything is read and checked before the first quad is stored, so damage never costs an earlier load.

use std::path::Path;

use anyhow::Result;
use quid_core::oxrdf::Quad;
use quid_import::Problem;
use quid_import::source::{About, Dump, FileRead, Progress};
use quid_import::wordnet::{self, Files, Lexicon, Quads};

use super::{LoadOptions, broken_with, run};
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// Under which licence WordNet is given.
const LICENCE: &str = "WordNet 3.0 license, wnlicens(7)";

/// Loads WordNet 3.0.
///
/// # Errors
/// When the files are missing or damaged (each problem with file and line), or cannot be stored.
pub fn wordnet(house: &House, directory: Option<&Path>, output: &mut Output) -> Result<Outcome> {
    let directory = wordnet::find(directory).map_err(|problem| broken(&[problem]))?;
    let files = Files::open(&directory).map_err(|problems| broken(&problems))?;
    let lexicon = Lexicon::read(&files).map_err(|problems| broken(&problems))?;
    let dump = WordNet { quads: lexicon.quads(), directory: &directory, files: &files };
    run(house, Box::new(dump), &LoadOptions::default(), output)
}

/// What is wrong with the files, one problem a line.
fn broken(problems: &[Problem]) -> anyhow::Error {
    let hint =
        "apt install --reinstall wordnet-base wordnet-sense-index, or give another folder: quid load wordnet DIR";
    broken_with(problems, "WordNet cannot be read; nothing was loaded", hint)
}

/// WordNet as a dump.
struct WordNet<'a> {
    quads: Quads<'a>,
    directory: &'a Path,
    files: &'a Files,
}

impl Dump for WordNet<'_> {
    fn name(&self) -> String {
        wordnet::NAME.to_owned()
    }

    fn identity(&self) -> String {
        format!("{} {}", wordnet::NAME, self.directory.display())
    }

    fn about(&self, source: &str) -> About {
        About { name: source.to_owned(), title: wordnet::TITLE.to_owned(), licence: LICENCE.to_owned() }
    }

    fn next(&mut self) -> Option<Result<Quad, Problem>> {
        self.quads.next().map(Ok)
    }

    fn progress(&self) -> Progress {
        let so_far = self.quads.progress();
        Progress { done: so_far.done, total: so_far.total }
    }

    fn files(&self) -> Vec<FileRead> {
        self.files.read()
    }

    fn size_stored(&self) -> u64 {
        self.progress().total.saturating_mul(24)
    }

    fn summary(&self) -> Vec<(&'static str, u64)> {
        let summary = self.quads.summary();
        vec![
            ("synsets", summary.synsets as u64),
            ("senses", summary.senses as u64),
            ("entries", summary.entries as u64),
        ]
    }
}
