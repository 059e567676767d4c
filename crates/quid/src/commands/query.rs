//! `quid query`: SPARQL over everything the owner may see, read-only and bounded.
//!
//! The rows go out as an aligned table for people and as one JSON object a row for programs.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use quid_core::{Memory as _, Regime};

use super::Open;
use crate::door;
use crate::lines;
use crate::outcome::Outcome;
use crate::table;
use crate::wiring::House;

/// Runs a query.
///
/// # Errors
/// When the query is refused, or cannot be read.
pub fn run(open: &mut Open, text: Option<&str>, file: Option<&Path>, limit: usize, regime: Regime) -> Result<Outcome> {
    let query = match (text, file) {
        (Some("-"), _) => read_input()?,
        (Some(text), _) => text.to_owned(),
        (None, Some(path)) => {
            fs::read_to_string(path).with_context(|| format!("cannot read the query {}", path.display()))?
        }
        (None, None) => anyhow::bail!("no query was given"),
    };
    let audience = House::console(door::owner().name());
    let table = open.house.keeper.sparql_by(regime, &query, &audience, limit, &open.stop.raised)?;
    if open.output.is_json() {
        for row in table::as_json(&table) {
            open.output.json_line(&row)?;
        }
    } else {
        open.output.line(&crate::output::without_controls(&table::as_text(&table)))?;
    }
    Ok(Outcome::found(table::found(&table)))
}

fn read_input() -> Result<String> {
    let mut query = String::new();
    let most = lines::LONGEST as u64;
    io::stdin().take(most + 1).read_to_string(&mut query).context("cannot read the query from the input")?;
    anyhow::ensure!(query.len() as u64 <= most, "the query is longer than {most} bytes");
    Ok(query)
}
