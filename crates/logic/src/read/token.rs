//! Splits Prolog text into tokens, each with the byte where it begins.
//!
//! Tokens are read one at a time and as the parser wants them: whether `<` begins an IRI or compares is known only
//! there.

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// An atom: `dog`, `+`, `'New York'`; whether it was quoted.
    Atom(String, bool),
    /// `prefix:local`, not resolved yet.
    Curie(String, String),
    /// `<urn:x>`
    Iri(String),
    /// `X`, `_Rest`, `_`
    Variable(String),
    /// `"text"`, and what stands directly behind it.
    Text(String, Tag),
    /// Digits of an integer, without leading zeros; a sign is no part of it.
    Integer(String),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenList,
    /// `]`
    CloseList,
    /// `,`
    Comma,
    /// `|`
    Bar,
    /// The full stop that ends a clause.
    End,
    /// The end of the text.
    Nothing,
}

/// What stands directly behind a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// Nothing.
    Plain,
    /// `@en`
    Language(String),
    /// `^^prefix:local`
    CurieType(String, String),
    /// `^^<iri>`
    IriType(String),
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = |text: &str| -> String {
            if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text.to_owned() }
        };
        match self {
            Self::Atom(name, _) | Self::Variable(name) => write!(f, "`{}`", short(name)),
            Self::Curie(prefix, local) => write!(f, "`{}`", short(&format!("{prefix}:{local}"))),
            Self::Iri(iri) => write!(f, "`<{}>`", short(iri)),
            Self::Text(text, _) => write!(f, "the string {:?}", short(text)),
            Self::Integer(digits) => write!(f, "`{}`", short(digits)),
            Self::Float(number) => write!(f, "`{number}`"),
            Self::Open => f.write_str("`(`"),
            Self::Close => f.write_str("`)`"),
            Self::OpenList => f.write_str("`[`"),
            Self::CloseList => f.write_str("`]`"),
            Self::Comma => f.write_str("`,`"),
            Self::Bar => f.write_str("`|`"),
            Self::End => f.write_str("the full stop"),
            Self::Nothing => f.write_str("the end of the text"),
        }
    }
}

/// What cannot be read, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) at: usize,
    pub(super) problem: String,
}

pub(super) fn broken<T>(at: usize, problem: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { at, problem: problem.into() })
}

/// A note before a clause: `%! name x`, `%! says "…"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) at: usize,
    pub(super) key: String,
    pub(super) rest: String,
}

/// The most digits of an integer that is kept.
const DIGITS: usize = 1000;

/// Reads one token after the other.
pub(super) struct Lexer<'t> {
    text: &'t str,
    /// Where the next token is looked for.
    pub(super) at: usize,
    /// Notes met since they were last taken.
    pub(super) notes: Vec<Note>,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, notes: Vec::new() }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    fn while_is(&mut self, is: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|letter| !is(letter)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Whether an opening parenthesis follows at once, as behind a functor.
    pub(super) fn opens(&self) -> bool {
        self.rest().starts_with('(')
    }

    /// Whether a digit follows at once, as behind a sign.
    pub(super) fn counts(&self) -> bool {
        self.rest().starts_with(|letter: char| letter.is_ascii_digit())
    }

    /// Leaves out one character, or all that is left where nothing can be read any more.
    pub(super) fn skip(&mut self) {
        if self.rest().starts_with("/*") {
            self.at = self.text.len();
        } else {
            self.take();
        }
    }

    /// Whether a line that is not indented begins here.
    pub(super) fn is_at_line(&self) -> bool {
        let before = self.text.get(..self.at).unwrap_or_default();
        before.ends_with('\n') && self.rest().starts_with(|letter: char| !letter.is_whitespace())
    }

    /// Skips white space and comments, keeping notes.
    pub(super) fn layout(&mut self) -> Result<(), Broken> {
        loop {
            self.while_is(|letter| letter.is_whitespace() || letter == '\u{feff}');
            if self.rest().starts_with('%') {
                let at = self.at;
                let line = self.while_is(|letter| letter != '\n');
                if let Some(note) = line.strip_prefix("%!") {
                    let note = note.trim();
                    let (key, rest) = note.split_once(char::is_whitespace).unwrap_or((note, ""));
                    // `%! member(?X, +List)` is how predicates are described elsewhere: a comment.
                    if !key.is_empty() && key.chars().all(char::is_alphanumeric) {
                        self.notes.push(Note { at, key: key.to_owned(), rest: rest.trim().to_owned() });
                    }
                }
            } else if self.rest().starts_with("/*") {
                self.block()?;
            } else {
                return Ok(());
            }
        }
    }

    /// A block comment. They nest; but where that leaves one open, the first `*/` closes, as elsewhere.
    fn block(&mut self) -> Result<(), Broken> {
        let bytes = self.rest().as_bytes();
        let (mut at, mut depth) = (0, 0_usize);
        let mut first = None;
        while let Some(pair) = bytes.get(at..at + 2) {
            match pair {
                b"/*" => {
                    depth += 1;
                    at += 2;
                }
                b"*/" => {
                    depth = depth.saturating_sub(1);
                    at += 2;
                    first = first.or(Some(at));
                    if depth == 0 {
                        break;
                    }
                }
                _ => at += 1,
            }
        }
        match (depth, first) {
            (0, _) => self.at += at,
            (_, Some(first)) => self.at += first,
            _ => return broken(self.at, "expected a closing `*/` for this comment"),
        }
        Ok(())
    }

    /// The next token and where it begins. `operand`: whether a term may begin here, so that `<` may begin an IRI.
    pub(super) fn next(&mut self, operand: bool) -> Result<(usize, Token), Broken> {
        self.layout()?;
        let at = self.at;
        let Some(letter) = self.peek() else { return Ok((at, Token::Nothing)) };
        let simple = match letter {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '[' => Some(Token::OpenList),
            ']' => Some(Token::CloseList),
            ',' => Some(Token::Comma),
            '|' if self.second() != Some('|') => Some(Token::Bar),
            _ => None,
        };
        if let Some(token) = simple {
            self.take();
            return Ok((at, token));
        }
        let token = match letter {
            '\'' => Token::Atom(self.quoted(at)?, true),
            '"' => {
                let text = self.quoted(at)?;
                Token::Text(text, self.tag(at)?)
            }
            '`' => return broken(at, "expected a term; text stands in \"double\" quotes, atoms in 'single' ones"),
            '{' | '}' => return broken(at, "expected a term; curly brackets are no part of the language"),
            '!' | ';' => {
                self.take();
                Token::Atom(letter.to_string(), false)
            }
            '0'..='9' => self.number(at)?,
            '<' if operand => match self.iri() {
                Some(iri) => Token::Iri(iri),
                None if self.second().is_some_and(char::is_alphanumeric) => {
                    return broken(
                        at,
                        "expected an IRI such as `<urn:x>`: with a scheme, without blanks, and a closing `>`",
                    );
                }
                None => self.symbol(),
            },
            '.' if self.second().is_none_or(|next| next.is_whitespace() || next == '%') => {
                self.take();
                Token::End
            }
            letter if letter == '_' || letter.is_uppercase() => {
                Token::Variable(self.while_is(|letter| letter == '_' || letter.is_alphanumeric()).to_owned())
            }
            letter if letter.is_alphanumeric() => self.word(at)?,
            letter if is_symbol(letter) => self.symbol(),
            letter => {
                self.take();
                return broken(at, format!("expected a term, found the character {letter:?}"));
            }
        };
        Ok((at, token))
    }

    fn symbol(&mut self) -> Token {
        Token::Atom(self.while_is(is_symbol).to_owned(), false)
    }

    fn word(&mut self, at: usize) -> Result<Token, Broken> {
        let word = self.while_is(|letter| letter == '_' || letter.is_alphanumeric()).to_owned();
        // A prefix may have hyphens (`skos-xl:label`), an atom may not.
        let rest = self.rest();
        let more = rest.find(|letter: char| letter != '-' && letter != '_' && !letter.is_alphanumeric());
        let more = rest.get(..more.unwrap_or(rest.len())).unwrap_or_default();
        let behind = rest.get(more.len()..).unwrap_or_default();
        let is_local = |letter: char| letter == '_' || letter == '\'' || letter == '%' || letter.is_alphanumeric();
        if !behind.strip_prefix(':').is_some_and(|local| local.starts_with(is_local)) {
            return Ok(Token::Atom(word, false));
        }
        self.at += more.len() + 1;
        let local = self.local(at)?;
        Ok(Token::Curie(word + more, local))
    }

    /// The part of a CURIE behind the colon; a full stop belongs to it only inside.
    fn local(&mut self, at: usize) -> Result<String, Broken> {
        if self.peek() == Some('\'') {
            return Ok(quid_core::text::percent_encode(&self.quoted(at)?));
        }
        let mut local = String::new();
        loop {
            local.push_str(self.while_is(|letter| matches!(letter, '_' | '-' | '%') || letter.is_alphanumeric()));
            if self.peek() == Some('.') && self.second().is_some_and(char::is_alphanumeric) {
                self.take();
                local.push('.');
            } else {
                return Ok(local);
            }
        }
    }

    /// `<scheme:…>`, or nothing when this is no IRI.
    fn iri(&mut self) -> Option<String> {
        let rest = self.rest().strip_prefix('<')?;
        let end = rest.find(|letter: char| letter.is_whitespace() || "<>\"{}|^`\\".contains(letter))?;
        let iri = rest.get(..end)?;
        let (scheme, _) = iri.split_once(':')?;
        let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'));
        if !is_scheme || !rest.get(end..)?.starts_with('>') {
            return None;
        }
        self.at += end + 2;
        Some(iri.to_owned())
    }

    fn tag(&mut self, at: usize) -> Result<Tag, Broken> {
        let rest = self.rest();
        if let Some(language) = rest.strip_prefix('@')
            && language.starts_with(|letter: char| letter.is_ascii_alphabetic())
        {
            self.take();
            let language = self.while_is(|letter| letter == '-' || letter.is_ascii_alphanumeric());
            return Ok(Tag::Language(language.to_owned()));
        }
        if rest.starts_with("^^") {
            self.at += 2;
            return match self.next(true)? {
                (_, Token::Curie(prefix, local)) => Ok(Tag::CurieType(prefix, local)),
                (_, Token::Iri(iri)) => Ok(Tag::IriType(iri)),
                (_, other) => broken(at, format!("expected a datatype such as `xsd:date` behind `^^`, found {other}")),
            };
        }
        Ok(Tag::Plain)
    }

    /// What stands between two quotes of the kind that stands here.
    fn quoted(&mut self, at: usize) -> Result<String, Broken> {
        let quote = self.take().unwrap_or('\'');
        let mut text = String::new();
        loop {
            match self.take() {
                Some(letter) if letter == quote => {
                    if self.peek() != Some(quote) {
                        return Ok(text);
                    }
                    self.take();
                    text.push(quote);
                }
                Some('\\') => text.extend(self.escape(at)?),
                None | Some('\n') => return broken(at, format!("expected a closing `{quote}` on this line")),
                Some(letter) => text.push(letter),
            }
        }
    }

    /// What stands behind a backslash; a line end there stands for nothing.
    fn escape(&mut self, at: usize) -> Result<Option<char>, Broken> {
        let here = self.at.saturating_sub(1);
        Ok(Some(match self.take() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('v') => '\u{b}',
            Some('e') => '\u{1b}',
            Some('s') => ' ',
            Some('\n') => return Ok(None),
            Some(letter @ ('\\' | '\'' | '"' | '`')) => letter,
            Some('u') => self.code(here, 16, Some(4))?,
            Some('U') => self.code(here, 16, Some(8))?,
            Some('x') => self.code(here, 16, None)?,
            Some('0'..='7') => {
                self.at -= 1;
                self.code(here, 8, None)?
            }
            None => return broken(at, "expected a closing quote"),
            Some(_) => return broken(here, "expected \\n, \\t, \\\\, \\', \\\" or \\uXXXX after the backslash"),
        }))
    }

    /// A character by its code: so many digits, or as many as there are up to a closing backslash.
    fn code(&mut self, at: usize, radix: u32, digits: Option<usize>) -> Result<char, Broken> {
        let mut value: u32 = 0;
        let mut count = 0;
        while digits.is_none_or(|digits| count < digits) {
            let Some(digit) = self.peek().and_then(|letter| letter.to_digit(radix)) else { break };
            self.take();
            value = value.saturating_mul(radix).saturating_add(digit);
            count += 1;
        }
        if digits.is_none() && self.peek() == Some('\\') {
            self.take();
        }
        match char::from_u32(value) {
            Some(letter) if count > 0 && digits.is_none_or(|digits| digits == count) => Ok(letter),
            _ => broken(at, "expected the code of a character after the backslash"),
        }
    }

    fn number(&mut self, at: usize) -> Result<Token, Broken> {
        let rest = self.rest();
        if let Some(behind) = rest.strip_prefix("0'")
            && let Some(letter) = behind.chars().next()
        {
            let is_doubled = behind.starts_with("''");
            if letter == '\\' {
                self.at += 3;
                let letter = self.escape(at)?.unwrap_or('\n');
                return Ok(Token::Integer(u32::from(letter).to_string()));
            }
            if is_doubled || (letter != '\'' && letter != '\n') {
                self.at += 2 + letter.len_utf8() * if is_doubled { 2 } else { 1 };
                return Ok(Token::Integer(u32::from(letter).to_string()));
            }
        }
        for (sign, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
            if rest.strip_prefix(sign).is_some_and(|digits| digits.starts_with(|digit: char| digit.is_digit(radix))) {
                self.at += 2;
                let digits = self.while_is(|letter| letter.is_ascii_alphanumeric() || letter == '_').replace('_', "");
                return i128::from_str_radix(&digits, radix)
                    .map(|value| Token::Integer(value.to_string()))
                    .or_else(|_| broken(at, format!("expected a number of base {radix} that fits into 127 bits")));
            }
        }
        let mut digits = self.digits().replace('_', "");
        if digits.len() > DIGITS {
            return broken(at, format!("expected a number of at most {DIGITS} digits, found {}", digits.len()));
        }
        let mut is_float = false;
        let rest = self.rest();
        if rest.strip_prefix('.').is_some_and(|behind| behind.starts_with(|digit: char| digit.is_ascii_digit())) {
            is_float = true;
            self.take();
            digits.push('.');
            digits.push_str(&self.digits().replace('_', ""));
        }
        let rest = self.rest();
        if let Some(behind) = rest.strip_prefix(['e', 'E']) {
            let signed = behind.strip_prefix(['+', '-']).unwrap_or(behind);
            if signed.starts_with(|digit: char| digit.is_ascii_digit()) {
                is_float = true;
                digits.push('e');
                self.take();
                if signed.len() < behind.len() {
                    digits.extend(self.take());
                }
                digits.push_str(self.while_is(|digit| digit.is_ascii_digit()));
            }
        }
        if self.peek().is_some_and(|letter| letter == '_' || letter.is_alphanumeric()) {
            let rest = self.while_is(|letter| letter == '_' || letter.is_alphanumeric());
            let rest: String = rest.chars().take(40).collect();
            return broken(at, format!("expected a number, found `{rest}` at its end; quote a name that begins so"));
        }
        if is_float {
            return match digits.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Token::Float(number)),
                _ => broken(at, "expected a number that is not too large"),
            };
        }
        let trimmed = digits.trim_start_matches('0');
        Ok(Token::Integer(if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() }))
    }

    /// Digits, which may be grouped by single underscores (`1_000_000`).
    fn digits(&mut self) -> &'t str {
        let rest = self.rest();
        let mut end = 0;
        let mut letters = rest.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let goes_on = letter == '_' && at > 0 && letters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
            if !letter.is_ascii_digit() && !goes_on {
                break;
            }
            end = at + 1;
        }
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }
}

/// The characters that symbol atoms are made of.
pub(super) fn is_symbol(letter: char) -> bool {
    "+-*/\\^<>=~:.?@#&$".contains(letter)
}
