//! Answers to the terminal, to a pipe, or as JSON.
//!
//! The kind of an answer must be readable without colour: a guess says that it is one. Nothing stored may
//! steer the terminal, so control characters never get through.

use std::io::{self, IsTerminal as _, Write};

use quid_core::{Answer, Reply};
use serde_json::Value;

/// Where answers go, and how they are shown there.
pub struct Output {
    out: Box<dyn Write>,
    json: bool,
    colour: bool,
}

impl Output {
    /// To the standard output; coloured only on a terminal and without `NO_COLOR` (no-color.org).
    #[must_use]
    pub fn standard(json: bool) -> Self {
        let out = io::stdout();
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let colour = wanted && !json && out.is_terminal();
        Self { out: Box::new(out), json, colour }
    }

    /// To another console.
    #[must_use]
    pub fn to(out: Box<dyn Write>, json: bool, colour: bool) -> Self {
        Self { out, json, colour: colour && !json }
    }

    /// Whether answers are JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether answers are coloured.
    #[must_use]
    pub fn is_coloured(&self) -> bool {
        self.colour
    }

    /// One reply: a JSON object, or its words. Silence is nothing in words, and a line in JSON.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn reply(&mut self, reply: &Reply) -> io::Result<()> {
        if self.json {
            return self.json_line(&reply.to_json());
        }
        if matches!(reply.answer, Answer::Silent) {
            return Ok(());
        }
        let words = self.painted(reply);
        self.line(&words)
    }

    /// A line (or several) of text.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// One JSON value on a line of its own.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn json_line(&mut self, value: &Value) -> io::Result<()> {
        self.line(&value.to_string())
    }

    /// The raw writer, for exports.
    pub fn writer(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    fn painted(&self, reply: &Reply) -> String {
        let words = in_words(reply);
        let code = match reply.answer {
            Answer::Proved { .. } => "32",
            Answer::Told(_) => "36",
            Answer::Guessed { .. } => "33",
            Answer::Unknown { .. } => "2",
            Answer::Error => "31",
            Answer::Done | Answer::Chat | Answer::Silent => "",
        };
        if self.colour && !code.is_empty() { format!("\x1b[{code}m{words}\x1b[0m") } else { words }
    }
}

/// A reply as plain words: who it goes to when that is not who asked, and that a guess is a guess.
#[must_use]
pub fn in_words(reply: &Reply) -> String {
    let text = without_controls(&reply.text);
    let text = match &reply.answer {
        Answer::Guessed { probability, .. } => format!("guess ({:.0}%): {text}", probability * 100.0),
        _ => text,
    };
    match &reply.to {
        Some(nick) => format!("(to {}) {text}", without_controls(nick)),
        None => text,
    }
}

/// Only line ends and tabs are left of the control characters.
#[must_use]
pub fn without_controls(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_says_so_and_nothing_steers_the_terminal() {
        let guessed = Answer::Guessed { given: vec![], probability: 0.734, flops: 1 };
        assert_eq!(in_words(&Reply::new(guessed, "It is red.")), "guess (73%): It is red.");
        assert_eq!(in_words(&Reply::new(Answer::Chat, "a\x1b[2Jb\nc")), "a[2Jb\nc");
        let mut told = Reply::new(Answer::Chat, "tea is hot");
        told.to = Some("ann".into());
        assert_eq!(in_words(&told), "(to ann) tea is hot");
    }
}
