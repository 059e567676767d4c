//! Splits a rules file into tokens that know their line and column.
//!
//! Kept apart from the grammar so that every error, of either, can point at the same kind of place.

/// What is wrong with a rules file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {problem}")]
pub struct RuleError {
    /// The file's name as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What was expected and what was there.
    pub problem: String,
}

/// Where a token begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub line: usize,
    pub column: usize,
}

/// A token of the Prolog subset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// `isA`, `wn`
    Word(String),
    /// `X`, `_Rest`, `_`
    Variable(String),
    /// `"text"`, with its language when one follows (`"text"@en`)
    Text(String, Option<String>),
    /// `<urn:x>`
    Iri(String),
    /// `( ) , . : :-`
    Sign(&'static str),
    /// `%! name x`, `%! says "…"`: the key and the rest of the line
    Note(String, String),
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) | Self::Variable(word) => write!(f, "`{word}`"),
            Self::Text(text, _) => write!(f, "the string {text:?}"),
            Self::Iri(iri) => write!(f, "`<{iri}>`"),
            Self::Sign(sign) => write!(f, "`{sign}`"),
            Self::Note(key, _) => write!(f, "the note `%! {key}`"),
        }
    }
}

/// The largest file that is read, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// All tokens of a file with their places.
pub(crate) fn tokens(file: &str, text: &str) -> Result<Vec<(Token, Place)>, RuleError> {
    let mut reader = Reader { file, rest: text.chars().peekable(), place: Place { line: 1, column: 1 } };
    if text.len() > LARGEST {
        return Err(reader.error(reader.place, format!("expected a file of at most {LARGEST} bytes")));
    }
    let mut out = Vec::new();
    while let Some(c) = reader.peek() {
        let place = reader.place;
        match c {
            c if c.is_whitespace() => {
                reader.take();
            }
            '%' => {
                if let Some(note) = reader.comment() {
                    out.push((note, place));
                }
            }
            '(' | ')' | ',' | '.' => {
                reader.take();
                out.push((
                    Token::Sign(match c {
                        '(' => "(",
                        ')' => ")",
                        ',' => ",",
                        _ => ".",
                    }),
                    place,
                ));
            }
            ':' => {
                reader.take();
                let sign = if reader.peek() == Some('-') {
                    reader.take();
                    ":-"
                } else {
                    ":"
                };
                out.push((Token::Sign(sign), place));
            }
            '"' => out.push((reader.text(place)?, place)),
            '<' => out.push((reader.iri(place)?, place)),
            c if c == '_' || c.is_uppercase() => out.push((Token::Variable(reader.word()), place)),
            c if c.is_alphanumeric() => out.push((Token::Word(reader.word()), place)),
            c => return Err(reader.error(place, format!("expected a clause, found {c:?}"))),
        }
    }
    Ok(out)
}

struct Reader<'a> {
    file: &'a str,
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    place: Place,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.place = Place { line: self.place.line + 1, column: 1 };
        } else {
            self.place.column += 1;
        }
        Some(c)
    }

    fn error(&self, place: Place, problem: String) -> RuleError {
        RuleError { file: self.file.to_owned(), line: place.line, column: place.column, problem }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            word.push(c);
            self.take();
        }
        word
    }

    /// A comment to the end of the line; `%! key rest` is a note, anything else nothing.
    fn comment(&mut self) -> Option<Token> {
        let mut line = String::new();
        while let Some(c) = self.peek().filter(|c| *c != '\n') {
            line.push(c);
            self.take();
        }
        let note = line.strip_prefix("%!")?.trim();
        let (key, rest) = note.split_once(char::is_whitespace).unwrap_or((note, ""));
        Some(Token::Note(key.to_owned(), rest.trim().to_owned()))
    }

    fn text(&mut self, place: Place) -> Result<Token, RuleError> {
        self.take();
        let mut text = String::new();
        loop {
            match self.take() {
                None | Some('\n') => return Err(self.error(place, "expected a closing `\"` on this line".to_owned())),
                Some('"') => break,
                Some('\\') => match self.take() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(c @ ('"' | '\\')) => text.push(c),
                    _ => {
                        return Err(self.error(place, "expected \\n, \\t, \\\" or \\\\ after the backslash".to_owned()));
                    }
                },
                Some(c) => text.push(c),
            }
        }
        if self.peek() != Some('@') {
            return Ok(Token::Text(text, None));
        }
        self.take();
        let language = self.word();
        if language.is_empty() {
            return Err(self.error(place, "expected a language after `@`".to_owned()));
        }
        Ok(Token::Text(text, Some(language)))
    }

    fn iri(&mut self, place: Place) -> Result<Token, RuleError> {
        self.take();
        let mut iri = String::new();
        loop {
            match self.take() {
                Some('>') => return Ok(Token::Iri(iri)),
                Some(c) if !c.is_whitespace() => iri.push(c),
                _ => return Err(self.error(place, "expected a closing `>`".to_owned())),
            }
        }
    }
}
