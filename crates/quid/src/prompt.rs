//! Help while typing: completion of commands and known names, hints, lines that go on.
//!
//! The words it knows come from `data/program/prompt.toml`; the names from what the bot knows.

use std::borrow::Cow;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use quid_core::{Audience, Recall};
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use serde::Deserialize;

use crate::data::Data;

/// The file with the prompt's words.
const FILE: &str = "data/program/prompt.toml";
/// The shortest beginning of a name that is completed, in bytes.
const SHORTEST: usize = 2;
/// The most words of a line that are tried as the beginning of one name.
const LONGEST_NAME: usize = 4;
/// The most names offered.
const OFFERED: usize = 24;

/// What the prompt knows by itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    leave: Vec<String>,
    many_lines: Vec<String>,
    #[serde(rename = "command")]
    commands: Vec<Command>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    name: String,
    says: String,
}

impl Prompt {
    /// Reads the prompt's words.
    ///
    /// # Errors
    /// When the file is missing or malformed; names it.
    pub fn read(data: &Data) -> Result<Self> {
        let text = data.text(FILE).with_context(|| format!("the data file {FILE} is missing"))?;
        toml::from_str(text).with_context(|| format!("cannot read {FILE}"))
    }

    /// Whether a line leaves the chat.
    #[must_use]
    pub fn leaves(&self, line: &str) -> bool {
        self.leave.iter().any(|word| word == line.trim())
    }

    /// Whether a line goes on: it begins as those do that may, and a brace is still open.
    #[must_use]
    pub fn goes_on(&self, line: &str) -> bool {
        let first = line.split_whitespace().next().unwrap_or_default();
        self.many_lines.iter().any(|word| word.eq_ignore_ascii_case(first)) && has_open_brace(line)
    }

    /// The commands that begin so.
    fn commands_from<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a Command> {
        self.commands.iter().filter(move |command| command.name.starts_with(beginning))
    }
}

/// Counts braces outside of quoted strings.
fn has_open_brace(text: &str) -> bool {
    let mut open = 0_usize;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), '\n') => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => open += 1,
            (None, '}') => open = open.saturating_sub(1),
            (_, _) => {}
        }
    }
    open > 0
}

/// Rustyline's view of all this.
pub struct Helper {
    words: Prompt,
    recall: Arc<dyn Recall>,
    audience: Audience,
    history: HistoryHinter,
    coloured: bool,
}

impl Helper {
    /// A helper that completes names this audience may see.
    #[must_use]
    pub fn new(words: Prompt, recall: Arc<dyn Recall>, audience: Audience, coloured: bool) -> Self {
        Self { words, recall, audience, history: HistoryHinter::new(), coloured }
    }

    /// Where the name being typed begins, and what it may become. The longest run of last words wins.
    fn names(&self, typed: &str) -> (usize, Vec<String>) {
        let mut starts: Vec<usize> = typed
            .char_indices()
            .filter(|&(at, c)| {
                !c.is_whitespace()
                    && typed.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace))
            })
            .map(|(at, _)| at)
            .collect();
        let skipped = starts.len().saturating_sub(LONGEST_NAME);
        for start in starts.drain(skipped..) {
            let Some(beginning) = typed.get(start..).filter(|text| text.len() >= SHORTEST) else { continue };
            // A name that cannot be looked up is only not offered.
            if let Ok(mut names) = self.recall.names_from(beginning, &self.audience, OFFERED)
                && !names.is_empty()
            {
                if names.len() >= OFFERED {
                    // There may be more: what these have in common is not what all have.
                    names.push(beginning.to_owned());
                }
                return (start, names);
            }
        }
        (typed.len(), Vec::new())
    }
}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &rustyline::Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = line.get(..pos).unwrap_or(line);
        if typed.starts_with('/') && !typed.contains(' ') {
            let offered = self
                .words
                .commands_from(typed)
                .map(|command| Pair { display: command.name.clone(), replacement: format!("{} ", command.name) });
            return Ok((0, offered.collect()));
        }
        let (start, names) = self.names(typed);
        Ok((start, names.into_iter().map(|name| Pair { display: name.clone(), replacement: name }).collect()))
    }
}

impl Hinter for Helper {
    type Hint = String;

    fn hint(&self, line: &str, pos: usize, context: &rustyline::Context<'_>) -> Option<String> {
        if line.starts_with('/') && pos == line.len() {
            let command = self.words.commands_from(line).next()?;
            let rest = command.name.get(line.len()..)?;
            return Some(format!("{rest}  {}", command.says));
        }
        self.history.hint(line, pos, context)
    }
}

impl Highlighter for Helper {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.coloured { Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.coloured { Cow::Owned(format!("\x1b[1m{prompt}\x1b[0m")) } else { Cow::Borrowed(prompt) }
    }
}

impl Validator for Helper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if self.words.goes_on(context.input()) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Valid(None)
        })
    }
}

impl rustyline::Helper for Helper {}

#[cfg(test)]
mod tests {
    use quid_core::Fault;
    use quid_core::oxrdf::Quad;
    use quid_core::ports::Hit;

    use super::*;

    struct Names;

    impl Recall for Names {
        fn recall(&self, _: &str, _: &Audience, _: usize) -> Result<Vec<Hit>, Fault> {
            Ok(Vec::new())
        }
        fn names_like(&self, _: &str, _: &Audience, _: usize) -> Result<Vec<String>, Fault> {
            Ok(Vec::new())
        }
        fn names_from(&self, prefix: &str, _: &Audience, _: usize) -> Result<Vec<String>, Fault> {
            let known = ["coffee", "coffee house", "old sea dog"];
            Ok(known.iter().filter(|name| name.starts_with(prefix)).map(ToString::to_string).collect())
        }
        fn note(&self, _: u64, _: &[Quad], _: &[Quad]) -> Result<(), Fault> {
            Ok(())
        }
    }

    fn helper() -> Helper {
        let data = Data::open(None).expect("embedded");
        let audience = Audience { name: "ann".into(), place: quid_core::Place::Global };
        Helper::new(Prompt::read(&data).expect("well-formed"), Arc::new(Names), audience, false)
    }

    #[test]
    fn known_names_are_completed_wherever_they_stand() {
        for (typed, start, names) in [
            ("what is cof", 8, vec!["coffee", "coffee house"]),
            ("what is the old s", 12, vec!["old sea dog"]),
            ("coffee h", 0, vec!["coffee house"]),
            ("what is c", 9, vec![]),
            ("", 0, vec![]),
            ("é ol", 3, vec!["old sea dog"]),
        ] {
            assert_eq!(helper().names(typed), (start, names.into_iter().map(String::from).collect()), "{typed:?}");
        }
    }

    #[test]
    fn a_query_goes_on_until_its_braces_are_closed() {
        let words = helper().words;
        for (line, goes_on) in [
            ("sparql SELECT * WHERE {", true),
            ("SPARQL SELECT * WHERE {\n ?s ?p \"}\"", true),
            ("sparql SELECT * WHERE { ?s ?p ?o }", false),
            ("sparql ASK { ?s ?p \"a{\\\"b\" }", false),
            ("a { is a brace", false),
            ("", false),
        ] {
            assert_eq!(words.goes_on(line), goes_on, "{line:?}");
        }
        assert!(words.leaves(" /quit ") && !words.leaves("quit smoking is hard"));
    }

    #[test]
    fn a_command_is_hinted_with_what_it_does() {
        let history = rustyline::history::DefaultHistory::new();
        let hint = helper().hint("/wh", 3, &rustyline::Context::new(&history)).expect("known");
        assert!(hint.starts_with("y  "), "{hint}");
    }
}
