//! `quid load conceptnet` and `quid export conceptnet`: ConceptNet 5's assertions in, the same lines out.
//!
//! The export is of the store, not of a kept copy of the file: that they agree shows that nothing was lost.

use std::io::Write;

use anyhow::{Context as _, Result};
use quid_core::{Memory as _, Source};
use quid_import::conceptnet::export::Exporter;
use quid_import::conceptnet::{ConceptNet, Filter};

use super::{LoadOptions, broken, run};
use crate::arguments::LoadConceptNet;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// Loads a file of assertions.
///
/// # Errors
/// When it cannot be read at all, breaks a strict load, or cannot be stored.
pub fn conceptnet(house: &House, asked: &LoadConceptNet, output: &mut Output) -> Result<Outcome> {
    let filter = Filter {
        languages: asked.languages.clone(),
        least_weight: asked.min_weight,
        relations: asked.relations.clone(),
    };
    let options = LoadOptions {
        strict: asked.strict,
        resume: asked.resume,
        filters: filter.to_string(),
        mark_every: Some(asked.mark_every),
    };
    let dump = ConceptNet::open(&asked.path, &asked.name, filter).map_err(|problem| broken(&[problem]))?;
    run(house, Box::new(dump), &options, output)
}

/// The sources of a dump of this name that are ConceptNet's, if any are.
#[must_use]
pub fn conceptnet_sources(house: &House, name: &str) -> Vec<String> {
    let facts = house.keeper.facts(&House::console(&house.me));
    let mut sources = house.keeper.sources_of(name);
    sources.retain(|source| {
        let graph = Source::Dump(source.clone()).graph().into();
        facts.some(Some(&graph), Some(quid_core::vocabulary::DATASET), None, 1).is_ok_and(|found| !found.is_empty())
    });
    sources
}

/// Writes ConceptNet's lines; gives how many.
///
/// # Errors
/// When the store cannot be read or the lines cannot be written.
pub fn export_conceptnet(house: &House, sources: &[String], out: &mut dyn Write) -> Result<u64> {
    let facts = house.keeper.facts(&House::console(&house.me));
    let exporter = Exporter::new(facts.as_ref())?;
    let mut count = 0;
    for source in sources {
        let graph = Source::Dump(source.clone()).graph();
        let quads = house.keeper.stored(Some(&graph)).map(|quad| quad.map_err(anyhow::Error::from));
        let mut write = |line: &str| writeln!(out, "{line}").context("cannot write the lines");
        count += exporter.graph(&graph, quads, &mut write)?;
    }
    Ok(count)
}
