//! `quid chat --json`: one JSON object a line in, one reply a line out.
//!
//! This is how tests, bridges and other programs talk to the bot. Whatever comes in, exactly one line goes out
//! for it, so that the two sides never lose step.

use std::io::BufRead;

use anyhow::{Context as _, Result};
use quid_core::{Answer, Heard, Place, Reply, Rights, Speaker, Time};
use serde_json::{Map, Value};

use crate::door::{self, Door};
use crate::lines::{self, Line};
use crate::outcome::Outcome;
use crate::output::Output;

/// Who speaks when the line does not say.
const SOMEBODY: &str = "somebody";

/// Answers every line until the input ends.
///
/// # Errors
/// When the input or the output fails. A bad line is no failure: it gets an error reply.
pub fn run(input: &mut impl BufRead, output: &mut Output, door: &mut Door) -> Result<Outcome> {
    let mut worst = Outcome::Answered;
    let mut number = 0;
    while let Some(line) = lines::next(input).context("cannot read the input")? {
        number += 1;
        let reply = match read(&line, number) {
            Ok(heard) => door.hear(&heard),
            Err(complaint) => Reply::new(Answer::Error, complaint),
        };
        worst = worst.max(Outcome::of(&reply));
        output.reply(&reply)?;
    }
    Ok(worst)
}

fn read(line: &Line, number: u64) -> Result<Heard, String> {
    match line {
        Line::Text(text) => heard(text, door::now()).map_err(|why| format!("line {number}: {why}")),
        bad => Err(lines::complaint(bad, number).unwrap_or_default()),
    }
}

/// Reads one line; `now` is the time when the line gives none.
///
/// # Errors
/// What is wrong with which field.
pub fn heard(line: &str, now: Time) -> Result<Heard, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let Value::Object(fields) = value else {
        return Err("not a JSON object; at least {\"text\":…} is needed".into());
    };
    let text = string(&fields, "text")?.ok_or("the field `text` is missing")?;
    let nick = string(&fields, "nick")?.unwrap_or(SOMEBODY).to_owned();
    let place = Place::parse(string(&fields, "where")?.unwrap_or_default());
    let addressed = boolean(&fields, "addressed")?.unwrap_or(!matches!(place, Place::Channel(_)));
    let rights = match fields.get("rights") {
        None | Some(Value::Null) => Rights::default(),
        Some(value) => serde_json::from_value(value.clone()).map_err(|error| format!("the field `rights`: {error}"))?,
    };
    let at = match string(&fields, "at")? {
        None => now,
        Some(text) => Time::parse(text)
            .ok_or_else(|| format!("the field `at`: `{text}` is not an RFC 3339 time, such as 2026-01-02T03:04:05Z"))?,
    };
    Ok(Heard {
        speaker: Speaker { nick, account: string(&fields, "account")?.map(ToOwned::to_owned), rights },
        place,
        addressed,
        passive: boolean(&fields, "passive")?.unwrap_or(false),
        text: text.to_owned(),
        at,
    })
}

fn string<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("the field `{name}` must be a string, not {other}")),
    }
}

fn boolean(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        Some(other) => Err(format!("the field `{name}` must be true or false, not {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Time {
        Time::parse("2026-01-02T03:04:05Z").expect("a time")
    }

    #[test]
    fn only_text_is_needed() {
        let heard = heard(r#"{"text":"hello"}"#, now()).expect("enough");
        assert_eq!((heard.text.as_str(), &heard.place, heard.addressed), ("hello", &Place::Private, true));
        assert_eq!((heard.speaker.rights, heard.passive, heard.at), (Rights::Everyone, false, now()));
    }

    #[test]
    fn every_field_is_read() {
        let line = r##"{"nick":"ann","where":"#tea","addressed":true,"account":"ann1","rights":"operator","passive":true,
                      "text":"x","at":"2025-01-02T03:04:05Z"}"##;
        let heard = heard(line, now()).expect("good");
        assert_eq!((heard.speaker.name(), heard.place), ("ann1", Place::Channel("#tea".into())));
        assert!(heard.addressed && heard.passive && heard.speaker.rights == Rights::Operator && heard.at < now());
    }

    #[test]
    fn a_channel_line_is_not_addressed_unless_it_says_so() {
        assert!(!heard(r##"{"where":"#tea","text":"x"}"##, now()).expect("good").addressed);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, named) in [
            ("", "not JSON"),
            ("hello", "not JSON"),
            ("[1]", "not a JSON object"),
            ("{}", "`text` is missing"),
            (r#"{"text":7}"#, "`text` must be a string"),
            (r#"{"text":"x","addressed":"yes"}"#, "`addressed` must be true or false"),
            (r#"{"text":"x","rights":"king"}"#, "`rights`"),
            (r#"{"text":"x","at":"yesterday"}"#, "RFC 3339"),
            (r#"{"text":"\ud800"}"#, "not JSON"),
        ] {
            let complaint = heard(line, now()).expect_err(line);
            assert!(complaint.contains(named), "{line}: {complaint}");
        }
        let deep = format!("{{\"text\":{}", "[".repeat(100_000));
        assert!(heard(&deep, now()).is_err(), "nesting is bounded");
    }
}
