//! Files of questions with their answers: JSON Lines, or a table of two columns.
//!
//! A measurement over half a file would be another measurement, so the first bad line ends it, by its number.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use serde_json::Value;

use crate::complaint::hinted;
use crate::lines::{self, Line};

/// Between the answers of a table.
const BETWEEN: char = '|';
/// The first line of a table may name its columns.
const HEADER: &str = "question\tanswers";

/// A question and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// As the file calls it, else the number of its line.
    pub id: String,
    /// As a person asks it.
    pub text: String,
    /// All right answers together; empty where there is none, so that not to know is right.
    pub answers: Vec<String>,
}

/// Reads a whole file.
///
/// # Errors
/// What is wrong in which line, or that there is no question at all.
pub fn open(path: &Path) -> Result<Vec<Question>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    read(&mut BufReader::new(file)).map_err(|why| {
        let hint = "a line is {\"question\": \"…\", \"answers\": [\"…\"]}, or the question, a tab, and answers with | \
                    between them";
        why.context(hinted(format!("cannot use {}", path.display()), hint))
    })
}

/// Reads questions; which of the two formats it is, the first line that is not empty tells.
fn read(input: &mut impl BufRead) -> Result<Vec<Question>> {
    let mut questions = Vec::new();
    let mut is_json = None;
    let mut number = 0;
    while let Some(line) = lines::next(input)? {
        number += 1;
        let text = match &line {
            Line::Text(text) => text.trim_start_matches('\u{feff}'),
            bad => return Err(anyhow!(lines::complaint(bad, number).unwrap_or_default())),
        };
        if text.trim().is_empty() {
            continue;
        }
        let is_first = is_json.is_none();
        let question = if *is_json.get_or_insert(text.trim_start().starts_with('{')) {
            from_json(text, number)
        } else if is_first && text.trim_end() == HEADER {
            continue;
        } else {
            from_table(text, number)
        };
        questions.push(question.map_err(|why| anyhow!("line {number}: {why}"))?);
    }
    if questions.is_empty() {
        return Err(anyhow!("there is no question in it"));
    }
    Ok(questions)
}

fn from_json(line: &str, number: u64) -> Result<Question, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let text = match value.get("question") {
        Some(Value::String(text)) if !text.trim().is_empty() => text.trim().to_owned(),
        Some(Value::String(_)) => return Err("the field `question` is empty".into()),
        Some(other) => return Err(format!("the field `question` must be a string, not {other}")),
        None => return Err("the field `question` is missing".into()),
    };
    let Some(answers) = value.get("answers") else {
        return Err("the field `answers` is missing; [] says that there is none".into());
    };
    let Value::Array(answers) = answers else {
        return Err(format!("the field `answers` must be a list, not {answers}"));
    };
    let answers = answers.iter().map(|answer| worded(answer, "answers")).collect::<Result<_, _>>()?;
    let id = match value.get("id") {
        None | Some(Value::Null) => number.to_string(),
        Some(id) => worded(id, "id")?,
    };
    Ok(Question { id, text, answers })
}

/// A string or a number, as text.
fn worded(value: &Value, field: &str) -> Result<String, String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(format!("the field `{field}` may hold texts and numbers, not {other}")),
    }
}

fn from_table(line: &str, number: u64) -> Result<Question, String> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [text, answers] = columns.as_slice() else {
        return Err(format!("{} columns where there must be two", columns.len()));
    };
    if text.trim().is_empty() {
        return Err("the question is empty".into());
    }
    let answers = answers.split(BETWEEN).map(str::trim).filter(|answer| !answer.is_empty());
    Ok(Question {
        id: number.to_string(),
        text: text.trim().to_owned(),
        answers: answers.map(ToOwned::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(id: &str, text: &str, answers: &[&str]) -> Question {
        Question { id: id.into(), text: text.into(), answers: answers.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn both_formats_are_read() {
        for (file, expected) in [
            ("{\"question\":\"who?\",\"answers\":[\"ann\",7]}\n", vec![question("1", "who?", &["ann", "7"])]),
            (
                "\u{feff}{\"id\":\"a\",\"question\":\" who? \",\"answers\":[]}\n\n{\"id\":4,\"question\":\"x\",\"answers\":[\"b\"]}",
                vec![question("a", "who?", &[]), question("4", "x", &["b"])],
            ),
            ("question\tanswers\r\nwho?\tann| bob\r\n", vec![question("2", "who?", &["ann", "bob"])]),
            ("who?\t\n", vec![question("1", "who?", &[])]),
        ] {
            assert_eq!(read(&mut file.as_bytes()).expect(file), expected, "{file}");
        }
    }

    #[test]
    fn the_bad_line_is_named() {
        for (file, named) in [
            (&b""[..], "no question"),
            (b"\n \n", "no question"),
            (b"question\tanswers\n", "no question"),
            (b"who?\n", "line 1: 1 columns"),
            (b"a?\tb\nwho?\tx\ty\n", "line 2: 3 columns"),
            (b"\tx\n", "line 1: the question is empty"),
            (b"a?\tb\n\n\xff\tx\n", "line 3 is not valid UTF-8"),
            (b"{\"question\":\"a\",\"answers\":[]}\nwho?\tann\n", "line 2: not JSON"),
            (b"{\"answers\":[]}\n", "line 1: the field `question` is missing"),
            (b"{\"question\":7,\"answers\":[]}\n", "must be a string"),
            (b"{\"question\":\" \",\"answers\":[]}\n", "`question` is empty"),
            (b"{\"question\":\"a\"}\n", "`answers` is missing"),
            (b"{\"question\":\"a\",\"answers\":\"b\"}\n", "must be a list"),
            (b"{\"question\":\"a\",\"answers\":[true]}\n", "texts and numbers, not true"),
            (b"{\"question\":\"a\",\"answers\":[\"\"]}\n", "texts and numbers"),
            (b"{\"id\":[],\"question\":\"a\",\"answers\":[]}\n", "`id`"),
        ] {
            let complaint = read(&mut &file[..]).expect_err(named).to_string();
            assert!(complaint.contains(named), "{complaint}");
        }
        let deep = format!("{{\"question\":{}", "[".repeat(100_000));
        assert!(read(&mut deep.as_bytes()).is_err(), "nesting is bounded");
    }
}
