//! `quid load rdf`: RDF, OWL, SKOS and OBO files as one source.

use std::path::{Path, PathBuf};

use anyhow::Result;
use quid_import::rdf::{Rdf, Wishes};

use super::{LoadOptions, broken, run};
use crate::arguments::Named;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// Loads files as one source.
///
/// # Errors
/// When a file is missing or in no known serialisation, or it cannot be stored.
pub fn rdf(house: &House, files: &[PathBuf], base: String, named: Named, output: &mut Output) -> Result<Outcome> {
    let Named { name, title, licence, strict } = named;
    let name = name.unwrap_or_else(|| files.first().map(|file| name_of(file)).unwrap_or_default());
    let filters = format!("{title}\t{licence}\t{base}");
    // A file given twice says nothing twice.
    let mut once: Vec<PathBuf> = Vec::with_capacity(files.len());
    for file in files {
        if !once.contains(file) || file.as_os_str() == "-" {
            once.push(file.clone());
        }
    }
    let dump = Rdf::open(&once, Wishes { name, title, licence, base }).map_err(|problem| broken(&[problem]))?;
    run(house, Box::new(dump), &LoadOptions { strict, filters, ..LoadOptions::default() }, output)
}

/// A source's name from a file's: without its folder and its endings, in lower case.
pub(super) fn name_of(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    if stem.is_empty() || stem == "-" { "input".to_owned() } else { stem.to_owned() }
}
