//! Cuts a sentence into words and marks, with contractions opened ("isn't" is "is not").

use super::Vocabulary;

/// A word as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) lower: String,
    /// A comma stands behind it.
    pub(super) comma: bool,
    /// It ends in "'s" (taken off): "Bob's".
    pub(super) owner: bool,
}

/// The most words of a sentence; nobody says a longer one that has one reading.
const MOST: usize = 120;

/// The words of a sentence, its end mark dropped; `None` when it is no plain sentence of words.
pub(super) fn tokens(vocabulary: &Vocabulary, text: &str) -> Option<Vec<Token>> {
    let text = text.trim().trim_end_matches(['.', '!', '?', ' ']);
    let mut found: Vec<Token> = Vec::new();
    for word in text.split_whitespace() {
        let comma = word.ends_with([',', ';']);
        let word = word.trim_end_matches([',', ';']);
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '-' | '_' | '.' | '+' | '#' | '&');
        if word.is_empty() || !word.chars().all(plain) || !word.chars().any(char::is_alphanumeric) {
            return None;
        }
        // "is cold. Bob is" are two sentences.
        if word.ends_with('.') && word.chars().filter(|&c| c == '.').count() == 1 && word.chars().count() > 2 {
            return None;
        }
        let lower = word.to_lowercase();
        if let Some(parts) = vocabulary.contraction(&lower) {
            found.extend(parts.split(' ').map(Token::plain));
        } else if let Some(stem) = word.strip_suffix("'s").filter(|stem| !stem.is_empty()) {
            found.push(Token { owner: true, ..Token::plain(stem) });
        } else {
            found.push(Token::plain(word));
        }
        if let Some(last) = found.last_mut() {
            last.comma = comma;
        }
        if found.len() > MOST {
            return None;
        }
    }
    (!found.is_empty()).then_some(found)
}

impl Token {
    fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), lower: text.to_lowercase(), comma: false, owner: false }
    }

    pub(super) fn is_capitalised(&self) -> bool {
        self.text.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric())
    }

    /// The letter of a rule's variable.
    pub(super) fn letter(&self) -> Option<&str> {
        let mut chars = self.text.chars();
        let first = chars.next()?;
        (first.is_ascii_uppercase() && chars.all(|c| c.is_ascii_digit())).then_some(&self.text)
    }
}
