//! What another bot's brain is made of: its tables as they were, and the factoids among their rows.
//!
//! The rows are kept whole beside the factoids, so that a brain can be given back exactly and nothing that this
//! program does not understand is lost.

use quid_core::Time;

/// A value of a row, with the type it had.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// SQL's NULL, or a field that is not there.
    Null,
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Real(f64),
    /// Text.
    Text(String),
    /// Text that is not UTF-8, as old bots wrote it; read as ISO 8859-1.
    Raw(Vec<u8>),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Cell {
    /// The cell as text; `None` for NULL and bytes.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Null | Self::Blob(_) => None,
            Self::Integer(number) => Some(number.to_string()),
            Self::Real(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Raw(bytes) => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        }
    }

    /// Text from a file that may be older than UTF-8.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Raw(bytes.to_vec()),
        }
    }

    /// A count; `None` for what is none.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.text()?.trim().parse().ok()
    }

    /// A moment: seconds since 1970, or a date as people and databases write it.
    #[must_use]
    pub fn time(&self) -> Option<Time> {
        match self {
            Self::Integer(seconds) => super::time::of_seconds(*seconds as f64),
            Self::Real(seconds) => super::time::of_seconds(*seconds),
            _ => super::time::parse(&self.text()?),
        }
    }
}

/// A table: its name, its columns, and the statement that made it, when there was one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// `CREATE TABLE …`, and its indexes, each as it was written; empty for a format without such.
    pub definitions: Vec<String>,
}

impl Table {
    /// A table of a format that has no statements for it.
    #[must_use]
    pub fn named(name: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self { name: name.to_owned(), columns, definitions: Vec::new() }
    }

    /// The place of a column, by name, whatever its case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.eq_ignore_ascii_case(name))
    }

    /// Whether it has all these columns.
    #[must_use]
    pub fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.column(name).is_some())
    }
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which table, by its place.
    pub table: usize,
    /// Its cells, one for each column.
    pub cells: Vec<Cell>,
}

impl Row {
    /// A cell by its place; NULL beyond the end.
    #[must_use]
    pub fn cell(&self, at: usize) -> &Cell {
        self.cells.get(at).unwrap_or(&Cell::Null)
    }
}

/// How a value stands to its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// "is"
    Is,
    /// "are"
    Are,
    /// Any other, as it was typed.
    Other(String),
    /// The value is another key that this one stands for.
    Alias,
}

impl Verb {
    /// The verb that is written so; nothing written means "is".
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.trim() {
            "" | "is" => Self::Is,
            "are" => Self::Are,
            "<alias>" | "alias" => Self::Alias,
            other => Self::Other(other.to_owned()),
        }
    }

    /// As it is written in a table.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Is => "is",
            Self::Are => "are",
            Self::Other(verb) => verb,
            Self::Alias => "<alias>",
        }
    }
}

/// What somebody once taught the other bot.
#[derive(Clone, Debug, PartialEq)]
pub struct Factoid {
    /// The row that says it.
    pub row: usize,
    /// The key, as it was typed.
    pub key: String,
    /// How the value stands to it.
    pub verb: Verb,
    /// The value as this program says it: `<reply>`, `<action>`, `$nick`.
    pub value: String,
    /// The value as the other bot had it.
    pub original: String,
    /// Who taught it: a nick, an account or a hostmask.
    pub author: Option<String>,
    /// When.
    pub at: Option<Time>,
    /// The channel it holds in; everywhere when none.
    pub place: Option<String>,
    /// How often it was asked for.
    pub asked: Option<u64>,
    /// The class that the value names, for formats that say so.
    pub class: Option<String>,
}

impl Factoid {
    /// A factoid of nobody, everywhere, whose value means the same to both bots.
    #[must_use]
    pub fn plain(row: usize, key: String, verb: Verb, value: String) -> Self {
        let original = value.clone();
        Self { row, key, verb, value, original, author: None, at: None, place: None, asked: None, class: None }
    }

    /// Marks the value as one that has no alternatives or chances in it, where it would be read so otherwise.
    #[must_use]
    pub fn verbatim(mut self) -> Self {
        if self.verb != Verb::Alias && self.value.contains(['|', '(']) {
            self.value = format!("{VERBATIM}{}", self.value);
        }
        self
    }
}

/// Before a value in which `|` and parentheses mean themselves.
pub const VERBATIM: &str = "<verbatim>";
