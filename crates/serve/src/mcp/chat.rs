//! The tools that talk to the brain in words: ask, learn, undo, why.

use std::fmt::Write as _;

use quid_core::{Answer, Heard, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Given, Refusal};
use crate::behind::May;

/// Stored texts that are offered with an answer that is not known.
const NEAREST: usize = 5;

#[derive(Deserialize)]
struct Question {
    question: String,
}

#[derive(Deserialize)]
struct Perhaps {
    question: Option<String>,
}

#[derive(Deserialize)]
struct Statement {
    statement: String,
}

#[derive(Deserialize)]
struct Steps {
    count: Option<u32>,
}

/// Answers a question; what would change anything is refused.
pub(super) fn ask(call: &Call) -> Result<Given, Refusal> {
    let Question { question } = call.takes()?;
    let reply = say(call, &question, May::Ask);
    let mut given = told(&reply);
    if let Answer::Unknown { nearest } = &reply.answer
        && nearest.is_empty()
    {
        add_nearest(call, &question, &mut given)?;
    }
    Ok(given)
}

/// Stores a statement.
pub(super) fn learn(call: &Call) -> Result<Given, Refusal> {
    let Statement { statement } = call.takes()?;
    call.writes()?;
    let reply = say(call, &statement, May::Teach);
    let mut given = told(&reply);
    if reply.answer != Answer::Done && reply.statement.is_none() {
        given.failed = true;
        given.words = format!("nothing was learned: this was not understood as a statement\n{}", given.words);
    }
    Ok(given)
}

/// Takes the caller's last changes back.
pub(super) fn undo(call: &Call) -> Result<Given, Refusal> {
    let Steps { count } = call.takes()?;
    call.writes()?;
    Ok(told(&say(call, &format!("undo {}", count.unwrap_or(1).max(1)), May::Teach)))
}

/// Explains the last answer, or the answer to a question.
pub(super) fn why(call: &Call) -> Result<Given, Refusal> {
    let Perhaps { question } = call.takes()?;
    if let Some(question) = question.filter(|question| !question.trim().is_empty()) {
        let reply = say(call, &question, May::Ask);
        if reply.answer == Answer::Error {
            return Ok(told(&reply));
        }
    }
    Ok(told(&say(call, "/why", May::Ask)))
}

fn say(call: &Call, text: &str, may: May) -> Reply {
    let heard = Heard {
        speaker: call.speaker.clone(),
        place: call.place.clone(),
        addressed: true,
        passive: false,
        text: text.to_owned(),
        at: call.behind.now(),
    };
    // One conversation for all calls of one caller, so that "why" knows what was asked.
    call.behind.hear(&format!("mcp\n{}", call.speaker.identity()), &heard, may, &call.stop)
}

/// A reply for a model: its kind, then everything that was stored or said by others between quotation marks.
fn told(reply: &Reply) -> Given {
    let data = reply.to_json();
    // Writing into a String cannot fail.
    let mut words = format!("{}: {}", reply.kind(), quoted(&reply.text));
    for source in data.get("sources").and_then(Value::as_array).into_iter().flatten() {
        let _ = write!(words, "\nsource: {}", in_words(source));
    }
    for near in data.get("nearest").and_then(Value::as_array).into_iter().flatten() {
        let text = near.get("text").and_then(Value::as_str).unwrap_or_default();
        let _ = write!(words, "\nnear: {} ({})", quoted(text), in_words(&near["source"]));
    }
    Given { words, data, failed: reply.answer == Answer::Error }
}

/// Text that cannot be mistaken for anything but text.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Who says so, in a line.
pub(super) fn in_words(source: &Value) -> String {
    let part = |name: &str| source.get(name).and_then(Value::as_str).unwrap_or_default();
    match part("kind") {
        "said" => format!("{}, {}: {}", quoted(part("nick")), part("at"), quoted(part("line"))),
        _ => quoted(part("title")),
    }
}

/// With an honest "I do not know": the stored texts that share the most words with the question.
fn add_nearest(call: &Call, question: &str, given: &mut Given) -> Result<(), Refusal> {
    let memory = call.behind.memory();
    let mut nearest = Vec::new();
    for hit in super::look::telling(call, question, NEAREST)? {
        let Some(source) = memory.cite(&hit.graph)? else { continue };
        let text = super::look::plain(&hit.text);
        let _ = write!(given.words, "\nnear: {} ({})", quoted(text), in_words(&json!(source)));
        nearest.push(json!({ "text": text, "source": source }));
    }
    if let (false, Some(data)) = (nearest.is_empty(), given.data.as_object_mut()) {
        data.insert("nearest".to_owned(), nearest.into());
    }
    Ok(())
}
