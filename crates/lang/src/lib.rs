//! Turns a line of chat into what it wants, and what the bot wants to say into words.
//!
//! It sits on floor 1, above `core` only: text comes in, intents and sentences go out, and every word, pattern,
//! phrase and threshold is read from `data/`, so that a new phrasing is a line of data and never a change of code.
//!
//! ```text
//!  floor 2   mind
//!  floor 1   lang  <- you are here: no files, clock or chance; they come in as arguments
//!  floor 0   core
//! ```

mod respond;
mod understand;

use quid_core::{Heard, Intent};

pub use respond::{Response, Variables};

/// What is wrong with the data.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct LangError {
    /// The file, as it was named to [`Language::load`].
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and with what.
    pub what: String,
}

/// What understanding may ask about what is known. Implemented by `mind`; asked a few times a line at most.
pub trait Hints {
    /// Whether something is known under this name.
    fn knows(&self, name: &str) -> bool;
    /// Whether this is the nick of somebody who was heard here.
    fn is_person(&self, nick: &str) -> bool;
}

/// A line, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Understood {
    /// What it wants.
    pub intent: Intent,
    /// The cleaned line, the bot's name stripped.
    pub text: String,
    /// Whether it was for the bot.
    pub addressed: bool,
}

/// The words, patterns and phrases, loaded and checked. Never changes, so that it can be shared between threads.
#[derive(Debug)]
pub struct Language {}

impl Language {
    /// Reads `data/patterns/*.toml`, `data/phrases/*.toml` and `data/words/*.toml`, given as (path, text).
    ///
    /// # Errors
    /// The file, the line and what is wrong there.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, LangError> {
        let _ = files;
        Ok(Self {})
    }

    /// What a line wants. Never fails and never panics. `me` is the bot's nick.
    #[must_use]
    pub fn understand(&self, heard: &Heard, me: &str, hints: &dyn Hints) -> Understood {
        understand::understand(self, heard, me, hints)
    }

    /// A phrase with its `{slots}` filled; `chance` picks among its variants.
    ///
    /// Slot values are inserted verbatim. An unknown phrase is its key in brackets.
    #[must_use]
    pub fn say(&self, phrase: &str, slots: &[(&str, &str)], chance: u64) -> String {
        let _ = (slots, chance);
        format!("[{phrase}]")
    }

    /// Whether there is such a phrase.
    #[must_use]
    pub fn has_phrase(&self, phrase: &str) -> bool {
        let _ = phrase;
        false
    }

    /// Expands a stored value into what is said.
    #[must_use]
    pub fn respond(&self, value: &str, variables: &Variables, chance: u64) -> Response {
        respond::respond(value, variables, chance)
    }

    /// Base forms of an inflected word by detachment rules; the word itself is not among them.
    #[must_use]
    pub fn base_forms(&self, word: &str) -> Vec<String> {
        word.strip_suffix('s').map(str::to_owned).into_iter().collect()
    }

    /// The plural of a noun.
    #[must_use]
    pub fn plural(&self, noun: &str) -> String {
        format!("{noun}s")
    }

    /// The noun with "a" or "an"; mass nouns, plurals and proper names as they are.
    #[must_use]
    pub fn with_article(&self, noun: &str) -> String {
        format!("a {noun}")
    }

    /// The folded words of a line, stop-words dropped.
    #[must_use]
    pub fn content_words(&self, line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_lowercase).collect()
    }

    /// "a, b and c"
    #[must_use]
    pub fn list(&self, items: &[String]) -> String {
        items.join(", ")
    }

    /// "3 minutes ago"
    #[must_use]
    pub fn ago(&self, seconds: i64) -> String {
        format!("{seconds} seconds ago")
    }

    /// What is said about a third person, said to that person: "alice's editor is vi" to alice is "your editor is
    /// vi", and what is said about the bot becomes "I am", "my".
    #[must_use]
    pub fn for_listener(&self, text: &str, me: &str, nick: &str) -> String {
        let _ = (me, nick);
        text.to_owned()
    }

    /// A setting from `data/words/limits.toml`, as text.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        let _ = name;
        None
    }

    /// A number from `data/words/limits.toml`; 0 when it is missing.
    #[must_use]
    pub fn number(&self, name: &str) -> u64 {
        let _ = name;
        0
    }
}
