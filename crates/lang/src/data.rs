//! Reads the TOML of `data/` and remembers where each thing stands, so that an error can name file and line.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::LangError;

/// One data file, parsed.
pub(crate) struct File<'a> {
    name: &'a str,
    text: &'a str,
    table: Spanned<DeTable<'a>>,
}

/// A value with its place.
#[derive(Clone, Copy)]
pub(crate) struct Item<'f, 'a> {
    file: &'f File<'a>,
    offset: usize,
    value: &'f DeValue<'a>,
}

/// A table with its place.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'f, 'a> {
    file: &'f File<'a>,
    offset: usize,
    table: &'f DeTable<'a>,
}

impl<'a> File<'a> {
    pub(crate) fn parse(name: &'a str, text: &'a str) -> Result<Self, LangError> {
        let table = DeTable::parse(text).map_err(|error| LangError {
            file: name.to_owned(),
            line: line_of(text, error.span().map_or(0, |span| span.start)),
            what: error.message().to_owned(),
        })?;
        Ok(Self { name, text, table })
    }

    pub(crate) fn rows(&self) -> Rows<'_, 'a> {
        Rows { file: self, offset: 0, table: self.table.get_ref() }
    }

    fn error(&self, offset: usize, what: String) -> LangError {
        LangError { file: self.name.to_owned(), line: line_of(self.text, offset), what }
    }
}

impl<'f, 'a> Rows<'f, 'a> {
    /// Every entry, in the order of their names.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'f str, Item<'f, 'a>)> {
        let file = self.file;
        self.table.iter().map(move |(key, value)| {
            (key.get_ref().as_ref(), Item { file, offset: key.span().start, value: value.get_ref() })
        })
    }

    pub(crate) fn get(self, name: &str) -> Option<Item<'f, 'a>> {
        let value = self.table.get(name)?;
        Some(Item { file: self.file, offset: value.span().start, value: value.get_ref() })
    }

    pub(crate) fn need(self, name: &str) -> Result<Item<'f, 'a>, LangError> {
        self.get(name).ok_or_else(|| self.error(format!("`{name}` is missing")))
    }

    /// A list of texts; empty when it is not there.
    pub(crate) fn texts(self, name: &str) -> Result<Vec<String>, LangError> {
        self.get(name).map_or_else(|| Ok(Vec::new()), Item::texts)
    }

    /// A text, when it is there.
    pub(crate) fn text(self, name: &str) -> Result<Option<String>, LangError> {
        self.get(name).map(|item| item.text().map(str::to_owned)).transpose()
    }

    pub(crate) fn error(self, what: String) -> LangError {
        self.file.error(self.offset, what)
    }
}

impl<'f, 'a> Item<'f, 'a> {
    pub(crate) fn text(self) -> Result<&'f str, LangError> {
        self.value.as_str().ok_or_else(|| self.error("a text in quotes is expected".to_owned()))
    }

    /// A number or a text, as text.
    pub(crate) fn plain(self) -> Result<String, LangError> {
        match self.value {
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Integer(number) => Ok(number.as_str().replace('_', "")),
            _ => Err(self.error("a number or a text in quotes is expected".to_owned())),
        }
    }

    pub(crate) fn list(self) -> Result<Vec<Item<'f, 'a>>, LangError> {
        let DeValue::Array(array) = self.value else {
            return Err(self.error("a list is expected".to_owned()));
        };
        let item = |value: &'f Spanned<DeValue<'a>>| Item {
            file: self.file,
            offset: value.span().start,
            value: value.get_ref(),
        };
        Ok(array.iter().map(item).collect())
    }

    pub(crate) fn texts(self) -> Result<Vec<String>, LangError> {
        self.list()?.into_iter().map(|item| item.text().map(str::to_owned)).collect()
    }

    pub(crate) fn rows(self) -> Result<Rows<'f, 'a>, LangError> {
        match self.value {
            DeValue::Table(table) => Ok(Rows { file: self.file, offset: self.offset, table }),
            _ => Err(self.error("a table is expected".to_owned())),
        }
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(self.value, DeValue::String(_))
    }

    pub(crate) fn is_table(self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    pub(crate) fn error(self, what: String) -> LangError {
        self.file.error(self.offset, what)
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|&byte| byte == b'\n').count()
}
