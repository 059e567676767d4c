//! `quid sources`: what is loaded, how much of it, since when.

use anyhow::Result;
use quid_core::Memory as _;
use unicode_width::UnicodeWidthStr as _;

use super::Open;
use crate::outcome::Outcome;

/// Lists the sources.
///
/// # Errors
/// When the store cannot be read.
pub fn run(open: &mut Open) -> Result<Outcome> {
    let sources = open.house.keeper.sources()?;
    if open.output.is_json() {
        for source in &sources {
            open.output.json_line(&serde_json::to_value(source)?)?;
        }
        return Ok(Outcome::Answered);
    }
    let width = sources.iter().map(|source| source.name.width()).max().unwrap_or(0);
    for source in &sources {
        let gap = " ".repeat(width.saturating_sub(source.name.width()));
        let since = source.at.map_or_else(String::new, |at| format!(", {}", at.date()));
        open.output.line(&format!("{}{gap}  {:>9} quads  {}{since}", source.name, source.quads, source.title))?;
    }
    Ok(Outcome::Answered)
}
