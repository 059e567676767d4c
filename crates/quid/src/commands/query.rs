//! `quid query`: SPARQL over everything the owner may see, read-only and bounded, or at another server.
//!
//! The rows go out as an aligned table for people and as one JSON object a row for programs.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use quid_core::Regime;
use quid_core::ports::Table;
use quid_store::remote::{Allow, Client};

use super::Open;
use crate::complaint::hinted;
use crate::door;
use crate::lines;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::remote::login;
use crate::signals::Stop;
use crate::table;
use crate::wiring::House;

/// Runs a query.
///
/// # Errors
/// When the query is refused, or cannot be read.
pub fn run(open: &mut Open, text: Option<&str>, file: Option<&Path>, limit: usize, regime: Regime) -> Result<Outcome> {
    let query = given(text, file)?;
    let audience = House::console(door::owner().name());
    let table = open.house.memory().sparql_by(regime, &query, &audience, limit, &open.stop.raised)?;
    show(&table, &mut open.output)
}

/// Another server, and how much is wanted of it.
pub struct Elsewhere<'a> {
    /// Its address.
    pub endpoint: &'a str,
    /// At most so many rows.
    pub limit: usize,
    /// How long it may take.
    pub seconds: u64,
}

/// Runs a query at another server; what comes back is shown as what is found here.
///
/// # Errors
/// When the server cannot be asked, or refuses, in its words.
pub fn elsewhere(
    asked: &Elsewhere<'_>,
    text: Option<&str>,
    file: Option<&Path>,
    stop: &Stop,
    output: &mut Output,
) -> Result<Outcome> {
    let query = given(text, file)?;
    let allow =
        Allow::server(asked.endpoint).map_err(|why| hinted(why, "quid query --endpoint http://HOST/query '…'"))?;
    let client = Client::new(allow)
        .within(Duration::from_secs(asked.seconds))
        .with_login(login("QUID_ENDPOINT_TOKEN", "QUID_ENDPOINT_LOGIN"));
    let table = client.query(asked.endpoint, &query, asked.limit, &stop.raised)?;
    show(&table, output)
}

fn given(text: Option<&str>, file: Option<&Path>) -> Result<String> {
    match (text, file) {
        (Some("-"), _) => read_input(),
        (Some(text), _) => Ok(text.to_owned()),
        (None, Some(path)) => {
            fs::read_to_string(path).with_context(|| format!("cannot read the query {}", path.display()))
        }
        (None, None) => anyhow::bail!("no query was given"),
    }
}

fn show(table: &Table, output: &mut Output) -> Result<Outcome> {
    if output.is_json() {
        for row in table::as_json(table) {
            output.json_line(&row)?;
        }
    } else {
        output.line(&crate::output::without_controls(&table::as_text(table)))?;
    }
    Ok(Outcome::found(table::found(table)))
}

fn read_input() -> Result<String> {
    let mut query = String::new();
    let most = lines::LONGEST as u64;
    io::stdin().take(most + 1).read_to_string(&mut query).context("cannot read the query from the input")?;
    anyhow::ensure!(query.len() as u64 <= most, "the query is longer than {most} bytes");
    Ok(query)
}
