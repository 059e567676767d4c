//! What a generator is given, and what it says: names are slots, facts are numbered, and nothing that people typed or
//! dumps contain can become a mark.
//!
//! The marks are pieces of their own, apart from words, so that a text that looks like one ("<s3>") stays a text on
//! its way into a model.

use std::fmt;

/// A sign of the language between the program and its generator. A model reads each as one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A question follows.
    Question,
    /// What is given without a number follows: what a word means.
    Meaning,
    /// The answer follows.
    Answer,
    /// The answer is over.
    End,
    /// The facts do not say.
    Unknown,
    /// A name, by its number in the prompt.
    Slot(u8),
    /// A fact, by its number in the prompt, from 1.
    Fact(u8),
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Question => f.write_str("<q>"),
            Self::Meaning => f.write_str("<f>"),
            Self::Answer => f.write_str("<a>"),
            Self::End => f.write_str("<e>"),
            Self::Unknown => f.write_str("<dk>"),
            Self::Slot(number) => write!(f, "<s{number}>"),
            Self::Fact(number) => write!(f, "<c{number}>"),
        }
    }
}

impl Mark {
    /// The most slots of a prompt.
    pub const SLOTS: u8 = 64;
    /// The most numbered facts of a prompt.
    pub const FACTS: u8 = 48;

    /// The mark that is written so. Only for text of our own: what a person typed is never looked at by this.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        let inner = word.strip_prefix('<')?.strip_suffix('>')?;
        let number = |digits: &str| -> Option<u8> {
            let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            (is_plain && (digits.len() == 1 || !digits.starts_with('0'))).then(|| digits.parse().ok())?
        };
        Some(match inner {
            "q" => Self::Question,
            "f" => Self::Meaning,
            "a" => Self::Answer,
            "e" => Self::End,
            "dk" => Self::Unknown,
            _ => match inner.split_at_checked(1)? {
                ("s", digits) => Self::Slot(number(digits).filter(|number| *number < Self::SLOTS)?),
                ("c", digits) => Self::Fact(number(digits).filter(|number| (1..=Self::FACTS).contains(number))?),
                _ => return None,
            },
        })
    }

    /// Every mark there is.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Question, Self::Meaning, Self::Answer, Self::End, Self::Unknown]
            .into_iter()
            .chain((0..Self::SLOTS).map(Self::Slot))
            .chain((1..=Self::FACTS).map(Self::Fact))
    }
}

/// A part of a prompt or of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A mark.
    Mark(Mark),
    /// Words: letters and nothing else, whatever they look like.
    Words(String),
}

impl Piece {
    /// Our own text with marks in it, as pieces: for lessons, whose text the program makes itself.
    #[must_use]
    pub fn of_lesson(text: &str) -> Vec<Self> {
        let mut pieces: Vec<Self> = Vec::new();
        for word in text.split_whitespace() {
            match (Mark::read(word), pieces.last_mut()) {
                (Some(mark), _) => pieces.push(Self::Mark(mark)),
                (None, Some(Self::Words(words))) => {
                    words.push(' ');
                    words.push_str(word);
                }
                (None, _) => pieces.push(Self::Words(word.to_owned())),
            }
        }
        pieces
    }
}

/// A question with the facts that were found for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// For a model that was trained on slots: question, facts and marks.
    pub slotted: Vec<Piece>,
    /// The question as it was typed, for a model that reads plain text.
    pub question: String,
    /// The facts in words, in the order of their numbers.
    pub facts: Vec<String>,
}

/// What a model wrote.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// Slots, citations and words.
    Slotted(Vec<Piece>),
    /// Plain text, with citations such as `[1]`; empty where the model says that it does not know.
    Plain(String),
}

/// What a generator said, and what it cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The text. Nothing of it is known to be true.
    pub written: Written,
    /// How likely the text is to the model, in 0..=1.
    pub probability: f64,
    /// Floating-point operations of the model.
    pub flops: u64,
    /// Tokens read and written.
    pub tokens: u64,
    /// Where it was computed.
    pub device: String,
}

/// What an answer took of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Cost {
    /// Floating-point operations of the model.
    pub flops: u64,
    /// Tokens read and written.
    pub tokens: u64,
    /// Where it was computed.
    pub device: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        for mark in Mark::all() {
            assert_eq!(Mark::read(&mark.to_string()), Some(mark));
        }
        for other in
            ["<s64>", "<c0>", "<c49>", "<s03>", "<s>", "s3", "<s3", "<é>", "<s٣>", "<S3>", "<pad>", "<s+3>", ""]
        {
            assert_eq!(Mark::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_lesson_is_cut_at_its_marks() {
        let words = |text: &str| Piece::Words(text.to_owned());
        assert_eq!(
            Piece::of_lesson("<q> who made <s3> ? <a>"),
            [
                Piece::Mark(Mark::Question),
                words("who made"),
                Piece::Mark(Mark::Slot(3)),
                words("?"),
                Piece::Mark(Mark::Answer)
            ]
        );
    }
}
