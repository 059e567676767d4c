//! `quid word`: the words that a description may be meant to describe, best first, each with its gloss and source.

use anyhow::Result;
use quid_neural::sentences::Sentences;
use serde_json::json;

use super::Open;
use super::search::told_by;
use crate::door;
use crate::outcome::Outcome;
use crate::output::without_controls;

/// How many of the best an encoder reads, where there is one: the nearness of a gloss is then added to what it has.
const READ: usize = 24;

/// Finds and prints.
///
/// # Errors
/// When the text index or the store cannot be read.
pub fn run(open: &mut Open, description: &str, limit: usize) -> Result<Outcome> {
    let heard = door::typed(&door::owner(), description);
    let mut mind = open.house.mind();
    let mut found = mind.called(&heard, description, limit.max(READ), &open.stop.raised)?;
    let least = open.house.language.number("called_least") as f64 / 100.0;
    found.retain(|one| one.score >= least);
    if let Some(encoder) = Sentences::in_library(&open.house.home.models()) {
        let asked = encoder.vector(description).unwrap_or_default();
        for one in found.iter_mut().take(READ) {
            let vector = encoder.vector(&one.gloss).unwrap_or_default();
            one.score += f64::from(asked.iter().zip(&vector).map(|(one, other)| one * other).sum::<f32>());
        }
        found.sort_by(|one, other| other.score.total_cmp(&one.score));
    }
    found.truncate(limit);
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
