//! `quid load wordnet`: the files of wndb(5), of any edition, and lexicons in WN-LMF.
//!
//! Everything is read and checked before the first quad is stored, so damage never costs an earlier load.

use std::path::Path;

use anyhow::Result;
use quid_core::oxrdf::Quad;
use quid_import::Problem;
use quid_import::lmf::Lmf;
use quid_import::source::{About, Dump, FileRead, Progress};
use quid_import::wordnet::{self, Edition, Files, Lexicon, Quads};

use super::{LoadOptions, broken_with, run};
use crate::arguments::Named;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// Under which licence WordNet is given.
const LICENCE: &str = "WordNet license, wnlicens(7)";

/// Loads a WordNet: a folder of WNDB files, whose first lines say which edition it is, or a file in WN-LMF.
///
/// # Errors
/// When the files are missing or damaged (each problem with file and line), or cannot be stored.
pub fn wordnet(house: &House, path: Option<&Path>, named: Named, output: &mut Output) -> Result<Outcome> {
    let Named { name, title, licence, strict } = named;
    let options = LoadOptions { strict, filters: format!("{title}\t{licence}"), ..LoadOptions::default() };
    if let Some(path) = path.filter(|path| !path.is_dir()) {
        let dump = Lmf::open(path, name.as_deref(), &title, &licence).map_err(|problem| super::broken(&[problem]))?;
        return run(house, Box::new(dump), &options, output);
    }
    let directory = wordnet::find(path).map_err(|problem| broken(&[problem]))?;
    let files = Files::open(&directory).map_err(|problems| broken(&problems))?;
    let lexicon = Lexicon::read(&files).map_err(|problems| broken(&problems))?;
    let mut edition = files.edition();
    if let Some(name) = name {
        edition = Edition::named(&name, if title.is_empty() { &name } else { &title });
    } else if !title.is_empty() {
        edition.title = title;
    }
    let licence = if licence.is_empty() { LICENCE.to_owned() } else { licence };
    let dump = WordNet { quads: lexicon.quads(), directory: &directory, files: &files, edition, licence };
    run(house, Box::new(dump), &options, output)
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
    edition: Edition,
    licence: String,
}

impl Dump for WordNet<'_> {
    fn name(&self) -> String {
        self.edition.name.clone()
    }

    fn identity(&self) -> String {
        format!("{} {}", self.edition.name, self.directory.display())
    }

    fn about(&self, source: &str) -> About {
        About { name: source.to_owned(), title: self.edition.title.clone(), licence: self.licence.clone() }
    }

    fn next(&mut self) -> Option<Result<Quad, Problem>> {
        self.quads.next().map(|quad| Ok(self.edition.own(quad)))
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
