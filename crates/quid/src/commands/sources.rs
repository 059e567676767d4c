//! `quid sources`: what is loaded, how much of it, under which licence, since when, from which file.

use anyhow::Result;
use unicode_width::UnicodeWidthStr as _;

use super::Open;
use crate::outcome::Outcome;
use crate::output::without_controls;

/// Lists the sources.
///
/// # Errors
/// When the store cannot be read.
pub fn run(open: &mut Open) -> Result<Outcome> {
    let sources = open.house.memory().sources()?;
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
        let licence = source.licence.as_ref().map_or_else(String::new, |licence| format!(", {licence}"));
        let line = format!("{}{gap}  {:>9} quads  {}{since}{licence}", source.name, source.quads, source.title);
        open.output.line(&without_controls(&line))?;
        for file in &source.files {
            let hash = file.sha256.get(..16).unwrap_or(&file.sha256);
            let line = format!("{:width$}  from {} ({} bytes, sha256 {hash}…)", "", file.path, file.bytes);
            open.output.line(&without_controls(&line))?;
        }
    }
    Ok(Outcome::Answered)
}
