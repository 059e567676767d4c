//! `quid search`: stored texts by their words and by their meaning, best first, each with its source and how it was
//! found.

use anyhow::Result;
use quid_core::fusion::{Fused, fuse};
use quid_core::oxrdf::NamedNode;
use quid_core::ports::{Hit, Of};
use quid_core::source::Citation;
use quid_core::{Audience, Key, Recall as _};
use quid_neural::sentences::Sentences;
use serde_json::json;

use super::Open;
use crate::door;
use crate::outcome::Outcome;
use crate::wiring::House;

/// How many are looked for each way, for one that is shown; at least and at most so many.
const BESIDE: usize = 5;
const LEAST: usize = 50;
const MOST: usize = 1_000;
/// How many of the best an encoder reads, where there is one.
const READ: usize = 16;

/// Finds and prints.
///
/// # Errors
/// When the text index or the store cannot be read.
pub fn run(open: &mut Open, words: &str, limit: usize) -> Result<Outcome> {
    let audience = House::console(door::owner().name());
    let found = find(&open.house, words, &audience, limit)?;
    for Fused { hit, score, origins } in &found {
        let source = open.house.memory().cite(&hit.graph)?;
        if open.output.is_json() {
            open.output.json_line(&json!({ "score": score, "subject": hit.subject.as_str(),
                "predicate": hit.predicate.as_str(), "text": hit.text, "source": source, "origins": origins }))?;
        } else {
            let name = name_of(&hit.subject);
            let text = crate::output::without_controls(&hit.text);
            let ways: Vec<String> = origins.iter().map(|origin| format!("{} {}", origin.way, origin.place)).collect();
            let source = told_by(source.as_ref());
            open.output.line(&format!("{score:6.4}  {name}: {text}  ({source}; by {})", ways.join(", ")))?;
        }
    }
    if found.is_empty() && !open.output.is_json() {
        open.output.line(&format!("nothing stored has these words, or means much the same: {words}"))?;
    }
    Ok(Outcome::found(!found.is_empty()))
}

/// The best texts by their words and by their meaning. What merely comes nearest and is not near is left out.
fn find(house: &House, words: &str, audience: &Audience, limit: usize) -> Result<Vec<Fused>> {
    let most = limit.saturating_mul(BESIDE).clamp(LEAST, MOST);
    let by_words = house.index.recall(words, audience, most)?;
    let least = house.language.number("search_near") as f32 / 100.0;
    let mut by_meaning = house.index.nearest(&house.index.vector(words), Of::All, audience, most)?;
    by_meaning.retain(|hit| hit.score >= least);
    let Some(encoder) = Sentences::in_library(&house.home.models()) else {
        return Ok(fuse(vec![("words", by_words), ("meaning", by_meaning)], limit));
    };
    // It is slow, so it only puts the best few in its own order.
    let best = fuse(vec![("words", by_words.clone()), ("meaning", by_meaning.clone())], READ);
    let asked = encoder.vector(words).unwrap_or_default();
    let mut by_encoder: Vec<Hit> = best.into_iter().map(|one| one.hit).collect();
    for hit in &mut by_encoder {
        let vector = encoder.vector(&hit.text).unwrap_or_default();
        hit.score = asked.iter().zip(&vector).map(|(one, other)| one * other).sum();
    }
    by_encoder.sort_by(|one, other| other.score.total_cmp(&one.score));
    Ok(fuse(vec![("words", by_words), ("meaning", by_meaning), ("encoder", by_encoder)], limit))
}

/// A thing by its name, anything else by the last part of its IRI.
fn name_of(subject: &NamedNode) -> String {
    Key::of_thing(subject).map_or_else(
        || subject.as_str().rsplit(['/', '#', ':']).next().unwrap_or_default().to_owned(),
        |key| key.to_string(),
    )
}

/// A source in few words.
pub(super) fn told_by(source: Option<&Citation>) -> String {
    match source {
        Some(Citation::Dump { title, .. }) => title.clone(),
        Some(Citation::Said { nick, at, .. }) => format!("{nick}, {}", at.date()),
        None => "unknown source".to_owned(),
    }
}
