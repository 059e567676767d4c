//! What is wrong with a dump: which file, which line, what was expected there.
//!
//! A damaged dump seldom has one fault, so problems are collected and told together, up to a limit.

use std::path::{Path, PathBuf};

/// How many problems are told one by one; the rest is counted.
pub const MOST: usize = 100;

/// One fault of a dump.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {message}; expected {expected}", file.display(), Place(*line, *column))]
pub struct Problem {
    /// The file, or the directory when a file is missing.
    pub file: PathBuf,
    /// The line from 1; 0 when the whole file is meant.
    pub line: usize,
    /// The byte in the line from 1; 0 when the whole line is meant.
    pub column: usize,
    /// What is there.
    pub message: String,
    /// What should be there, or what to do.
    pub expected: String,
}

impl Problem {
    /// A fault of a whole file.
    #[must_use]
    pub fn of_file(file: &Path, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::at(file, 0, 0, message, expected)
    }

    /// A fault at a line and a byte column, both from 1; 0 for "somewhere".
    #[must_use]
    pub fn at(
        file: &Path,
        line: usize,
        column: usize,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { file: file.to_owned(), line, column, message: message.into(), expected: expected.into() }
    }
}

/// Line and column, as far as they are known.
struct Place(usize, usize);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self(0, _) => Ok(()),
            Self(line, 0) => write!(f, ":{line}"),
            Self(line, column) => write!(f, ":{line}:{column}"),
        }
    }
}

/// A fault of a line before it is known which line that is.
#[derive(Debug)]
pub(crate) struct Damage {
    message: String,
    expected: String,
}

impl Damage {
    pub(crate) fn new(message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { message: message.into(), expected: expected.into() }
    }
}

/// Collects problems: the first [`MOST`] as they are, then their number.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
    more: usize,
    last: PathBuf,
}

impl Problems {
    pub(crate) fn add(&mut self, file: &Path, line: usize, damage: Damage) {
        if self.list.len() < MOST {
            let Damage { message, expected } = damage;
            self.list.push(Problem::at(file, line, 0, message, expected));
        } else {
            self.more += 1;
            file.clone_into(&mut self.last);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The value when nothing is wrong, else everything that is.
    pub(crate) fn unless_any<T>(mut self, value: T) -> Result<T, Vec<Problem>> {
        if self.list.is_empty() {
            return Ok(value);
        }
        if self.more > 0 {
            let message = format!("{} more problems like these, not told one by one", self.more);
            self.list.push(Problem::of_file(&self.last, message, "an undamaged dump"));
        }
        Err(self.list)
    }
}
