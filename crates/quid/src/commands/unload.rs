//! `quid unload`: takes a loaded source out of the store and of the text index.

use anyhow::{Context as _, Result};
use quid_core::Source;
use serde_json::json;

use super::Open;
use crate::complaint::hinted;
use crate::outcome::Outcome;

/// Removes one source.
///
/// # Errors
/// When there is no such source, or the store cannot be written.
pub fn run(open: &mut Open, name: &str) -> Result<Outcome> {
    let house = &open.house;
    house.begin_text_load()?;
    let sources = house.keeper.sources_of(name);
    let removed = house
        .keeper
        .unload(name)
        .with_context(|| hinted(format!("cannot unload {name}"), "quid sources lists what is loaded"));
    if removed.is_ok() {
        for source in sources {
            house.index.drop_graph(&Source::Dump(source).graph())?;
        }
    }
    house.end_text_load()?;
    let removed = removed?;
    if open.output.is_json() {
        open.output.json_line(&json!({ "unloaded": name, "quads": removed }))?;
    } else {
        open.output.line(&format!("unloaded {name}: {removed} quads"))?;
    }
    Ok(Outcome::Answered)
}
