//! `quid repair`: what was taught, again from the journal; the text index, again from the store.
//!
//! The journal is the truth and is never changed by this beyond cutting an unfinished last line; every step
//! that was taken is told.

use std::path::Path;

use anyhow::{Context as _, Result};
use quid_search::Index;
use quid_store::Keeper;
use serde_json::json;

use crate::home::Home;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// Repairs and tells what was done.
///
/// # Errors
/// What could not be repaired.
pub fn run(home: Home, overlay: Option<&Path>, me: &str, output: &mut Output) -> Result<Outcome> {
    home.create()?;
    let mut done = Keeper::repair(home.root()).context("cannot repair the store")?;
    if home.text().exists() {
        Index::wipe(&home.text()).context("cannot remove the text index")?;
    }
    let house = House::open(home, overlay, me)?;
    house.rebuild_index()?;
    done.push(format!("the text index was built again: {} texts", house.index.len()));
    for step in done {
        if output.is_json() {
            output.json_line(&json!({ "repaired": step }))?;
        } else {
            output.line(&step)?;
        }
    }
    Ok(Outcome::Answered)
}
