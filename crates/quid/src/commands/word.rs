//! `quid word`: the words that a description may be meant to describe, best first, each with its gloss and source.

use anyhow::Result;
use serde_json::json;

use super::Open;
use super::search::told_by;
use crate::door;
use crate::outcome::Outcome;
use crate::output::without_controls;

/// Finds and prints.
///
/// # Errors
/// When the text index or the store cannot be read.
pub fn run(open: &mut Open, description: &str, limit: usize) -> Result<Outcome> {
    let heard = door::typed(&door::owner(), description);
    let mut mind = open.house.mind();
    let found = mind.called(&heard, description, limit, &open.stop.raised)?;
    for one in &found {
        let source = open.house.memory().cite(&one.graph)?;
        if open.output.is_json() {
            open.output.json_line(&json!({ "word": one.word, "meaning": one.meaning.as_str(), "gloss": one.gloss,
                "score": one.score, "near": one.near, "source": source }))?;
        } else {
            let (word, gloss) = (without_controls(&one.word), without_controls(&one.gloss));
            open.output.line(&format!("{:5.2}  {word}: {gloss}  ({})", one.score, told_by(source.as_ref())))?;
        }
    }
    if found.is_empty() && !open.output.is_json() {
        open.output.line("no word that is known means nearly that")?;
    }
    Ok(Outcome::found(!found.is_empty()))
}
