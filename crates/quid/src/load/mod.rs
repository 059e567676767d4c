//! Loads knowledge bases: what every kind shares, and the small ones the program brings along.
//!
//! Each kind only says how it is opened; [`run`] does the rest, so that progress, bad lines, resuming and the list
//! of sources are the same for all.

mod brain;
mod conceptnet;
mod prolog;
mod rdf;
mod room;
mod run;
mod tell;
mod wordnet;

use anyhow::{Result, anyhow};
use quid_core::Source;
use quid_core::oxrdf::Quad;
use quid_import::Problem;
use quid_search::LocalNames;
pub use quid_store::Dump;

pub use brain::brain;
pub use conceptnet::{conceptnet, conceptnet_sources, export_conceptnet};
pub use prolog::prolog;
pub use rdf::rdf;
pub use run::{LoadOptions, run};
pub use wordnet::wordnet;

use crate::complaint::hinted;
use crate::wiring::House;

/// The most problems of a broken source that are told.
const TOLD: usize = 20;

/// What makes a whole dump unusable, one problem a line.
#[must_use]
pub fn broken(problems: &[Problem]) -> anyhow::Error {
    broken_with(problems, "the dump cannot be read; nothing was loaded", "give another file, or mend this one")
}

/// As [`broken`], with what went wrong and what helps.
fn broken_with(problems: &[Problem], what: &str, hint: &str) -> anyhow::Error {
    let more = problems.len().saturating_sub(TOLD);
    let mut lines: Vec<String> = problems.iter().take(TOLD).map(ToString::to_string).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    anyhow!("{}", lines.join("\n")).context(hinted(what, hint))
}

/// A small source that is in memory already.
///
/// # Errors
/// When it cannot be stored or indexed.
pub fn few(house: &House, dump: &Dump<'_>, quads: Vec<Quad>) -> Result<()> {
    house.begin_text_load()?;
    house.index.drop_graph(&Source::Dump(dump.name.to_owned()).graph())?;
    let mut bulk = house.index.bulk()?;
    let mut names = LocalNames::default();
    for quad in &quads {
        names.note(quad);
        bulk.add(quad)?;
    }
    for name in names.take() {
        bulk.add(&name)?;
    }
    house.keeper.load(dump, &mut quads.into_iter())?;
    bulk.finish(0)?;
    house.end_text_load()
}
