//! Cuts a text into the words it is searched by.
//!
//! One analyser serves the documents, the questions and the facts not yet committed, so that all three agree on
//! what a word is: case, accents and English endings do not tell words apart, `c`, `c++` and `c#` do.

use quid_core::Key;
use tantivy::tokenizer::{AsciiFoldingFilter, Language, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer};

/// The analyser's name in the schema; a new behaviour gets a new name, so that old indexes are seen as such.
pub(crate) const ANALYSER: &str = "quid_words_1";

/// Longer words (in bytes) are hashes and encodings, not words; they are not indexed.
const LONGEST_WORD: usize = 64;

/// The analyser: words, accents folded, English endings taken off (Porter 2).
pub(crate) fn analyser() -> TextAnalyzer {
    TextAnalyzer::builder(Words::default()).filter(AsciiFoldingFilter).filter(Stemmer::new(Language::English)).build()
}

/// All words of `text`, in order, as they are indexed; `most` at most.
pub(crate) fn words(analyser: &mut TextAnalyzer, text: &str, most: usize) -> Vec<String> {
    let mut stream = analyser.token_stream(text);
    let mut out = Vec::new();
    while out.len() < most && stream.advance() {
        out.push(stream.token().text.clone());
    }
    out
}

/// Splits folded text at everything that is not a letter or digit. Kept inside a word: an apostrophe between
/// letters (the stemmer knows "'s"); kept at its end: `+` and `#`. A Han or Kana character is a word of its own,
/// since those scripts are written without spaces.
#[derive(Clone, Default)]
struct Words {
    token: Token,
}

struct WordStream<'a> {
    text: String,
    at: usize,
    token: &'a mut Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream { text: fold(text), at: 0, token: &mut self.token }
    }
}

/// [`Key`] folding, with a short cut for plain ASCII, which is nearly everything in an English dump.
fn fold(text: &str) -> String {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    if text.bytes().all(plain) { text.to_ascii_lowercase() } else { Key::of(text).as_str().to_owned() }
}

fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        loop {
            self.token.text.clear();
            let mut rest = self.text.get(self.at..).unwrap_or_default().char_indices().peekable();
            let Some((from, first)) = rest.find(|(_, c)| c.is_alphanumeric()) else {
                self.at = self.text.len();
                return false;
            };
            self.token.text.push(first);
            while let Some((_, c)) =
                rest.next_if(|(_, c)| !stands_alone(first) && !stands_alone(*c) && !c.is_whitespace())
            {
                let next_is_word = rest.peek().is_some_and(|(_, next)| next.is_alphanumeric());
                let goes_on = match c {
                    c if c.is_alphanumeric() => true,
                    '\'' | '\u{2019}' => next_is_word,
                    '+' | '#' => !next_is_word,
                    _ => false,
                };
                if !goes_on {
                    break;
                }
                self.token.text.push(if c == '\u{2019}' { '\'' } else { c });
            }
            let end = rest.peek().map_or(self.text.len(), |(offset, _)| self.at + offset);
            self.token.offset_from = self.at + from;
            self.token.offset_to = end;
            self.token.position = self.token.position.wrapping_add(1);
            self.at = end;
            if self.token.text.len() <= LONGEST_WORD {
                return true;
            }
        }
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_words() {
        for (text, expected) in [
            ("The Dogs were barking!", "the dog were bark"),
            ("Straße STRASSE", "strass strass"),
            ("café cafe\u{301} CAFÉ", "cafe cafe cafe"),
            ("c c++ c# C++.", "c c++ c# c++"),
            ("1+1=2", "1 1 2"),
            ("alice's editor, Alice\u{2019}s", "alic editor alic"),
            ("don't", "don't"),
            ("猫は動物 cat", "猫 は 動 物 cat"),
            ("a猫b", "a 猫 b"),
            ("\u{3}04red\u{3} text", "red text"),
            ("", ""),
            ("?!… — ''", ""),
            ("rock'n'roll 'quoted'", "rock'n'rol quot"),
        ] {
            assert_eq!(words(&mut analyser(), text, 100).join(" "), expected, "{text:?}");
        }
    }

    #[test]
    fn monsters_are_skipped() {
        let text = format!("{} short", "x".repeat(LONGEST_WORD + 1));
        assert_eq!(words(&mut analyser(), &text, 9), ["short"]);
        assert_eq!(words(&mut analyser(), "a b c d", 2).len(), 2);
    }
}
