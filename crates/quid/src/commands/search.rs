//! `quid search`: stored texts by their words, best first, each with its score and its source.

use anyhow::Result;
use quid_core::oxrdf::NamedNode;
use quid_core::source::Citation;
use quid_core::{Key, Recall as _};
use serde_json::json;

use super::Open;
use crate::door;
use crate::outcome::Outcome;
use crate::wiring::House;

/// Finds and prints.
///
/// # Errors
/// When the text index or the store cannot be read.
pub fn run(open: &mut Open, words: &str, limit: usize) -> Result<Outcome> {
    let audience = House::console(door::owner().name());
    let hits = open.house.index.recall(words, &audience, limit)?;
    for hit in &hits {
        let source = open.house.memory().cite(&hit.graph)?;
        if open.output.is_json() {
            open.output.json_line(&json!({ "score": hit.score, "subject": hit.subject.as_str(),
                "predicate": hit.predicate.as_str(), "text": hit.text, "source": source }))?;
        } else {
            let name = name_of(&hit.subject);
            let text = crate::output::without_controls(&hit.text);
            open.output.line(&format!("{:6.2}  {name}: {text}  ({})", hit.score, told_by(source.as_ref())))?;
        }
    }
    if hits.is_empty() && !open.output.is_json() {
        open.output.line(&format!("nothing stored has these words: {words}"))?;
    }
    Ok(Outcome::found(!hits.is_empty()))
}

/// A thing by its name, anything else by the last part of its IRI.
fn name_of(subject: &NamedNode) -> String {
    Key::of_thing(subject).map_or_else(
        || subject.as_str().rsplit(['/', '#', ':']).next().unwrap_or_default().to_owned(),
        |key| key.to_string(),
    )
}

fn told_by(source: Option<&Citation>) -> String {
    match source {
        Some(Citation::Dump { title, .. }) => title.clone(),
        Some(Citation::Said { nick, at, .. }) => format!("{nick}, {}", at.date()),
        None => "unknown source".to_owned(),
    }
}
