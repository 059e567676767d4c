//! How the program tells what went wrong: what, why, and what to do next.
//!
//! One shape for every error, so that a person sees the command that helps at the same place each time.

use std::fmt;
use std::io;

/// Something that went wrong together with the command or act that helps.
#[derive(Debug)]
pub struct Hinted {
    what: String,
    hint: String,
}

/// `what` went wrong; `hint` says what to do next. For `anyhow`'s `context`, or as an error of its own.
pub fn hinted(what: impl Into<String>, hint: impl Into<String>) -> Hinted {
    Hinted { what: what.into(), hint: hint.into() }
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Hinted {}

/// The lines for a person: `error: …`, each cause, and the hint when there is one.
#[must_use]
pub fn told(error: &anyhow::Error) -> String {
    let mut lines = Vec::new();
    let mut last = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        // Many libraries repeat their cause in their own words; once is enough.
        if !lines.is_empty() && last.ends_with(&text) {
            continue;
        }
        lines.push(format!("{}: {text}", if lines.is_empty() { "error" } else { "caused by" }));
        last = text;
    }
    if let Some(hint) = error.downcast_ref::<Hinted>() {
        lines.push(format!("hint: {}", hint.hint));
    }
    lines.join("\n")
}

/// Whether the reader of our output has gone away, which is no error of ours.
#[must_use]
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn an_error_says_what_why_and_what_next() {
        let error = anyhow!("disk full").context(hinted("cannot keep that", "free some space"));
        assert_eq!(told(&error), "error: cannot keep that\ncaused by: disk full\nhint: free some space");
        let error = anyhow!("disk full").context("cannot keep that: disk full");
        assert_eq!(told(&error), "error: cannot keep that: disk full");
    }

    #[test]
    fn a_gone_reader_is_seen_through_contexts() {
        let gone = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe)).context("cannot write");
        assert!(is_broken_pipe(&gone));
        assert!(!is_broken_pipe(&anyhow!("other")));
    }
}
