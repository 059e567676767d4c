//! `quid load brain`: what another bot knows, attributed to whoever taught it.

use std::path::Path;

use anyhow::Result;
use quid_import::brain::BrainDump;

use super::rdf::name_of;
use super::{LoadOptions, broken, run};
use crate::arguments::Named;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// Loads a brain as a source of its own.
///
/// # Errors
/// When the file is no brain of a known kind, or it cannot be stored.
pub fn brain(house: &House, file: &Path, named: Named, output: &mut Output) -> Result<Outcome> {
    let Named { name, title, licence, strict } = named;
    let name = name.unwrap_or_else(|| name_of(file));
    let filters = format!("{title}\t{licence}");
    let dump = BrainDump::open(file, &name, &title, &licence).map_err(|problem| broken(&[problem]))?;
    run(house, Box::new(dump), &LoadOptions { strict, filters, ..LoadOptions::default() }, output)
}
