//! One line under examination: who said it, and how the names in it are read.

use quid_core::{Key, Time};

use crate::{Hints, Language};

/// Who says something, when, and what may be asked about what is known.
pub(crate) struct Line<'a> {
    pub(crate) language: &'a Language,
    pub(crate) hints: &'a dyn Hints,
    pub(crate) me: &'a str,
    pub(crate) nick: &'a str,
    pub(crate) now: Time,
}

impl Line<'_> {
    /// Whether a word or phrase is of a word class.
    pub(crate) fn is(&self, class: &str, text: &str) -> bool {
        self.language.words.is(class, &text.to_lowercase())
    }

    /// The name in what was asked about: question marks, fillers, quotes and the article go, "my x" becomes
    /// "alice's x". What is known as it was typed stays as it was typed.
    pub(crate) fn name(&self, text: &str) -> String {
        let mut text = text.trim().to_owned();
        if self.knows(&text) {
            return self.subject(&text).0;
        }
        for _ in 0..self.language.words.count("most_rewrites") {
            let plain = self.without_marks(&text);
            if self.knows(&plain) {
                text = plain;
                break;
            }
            match self.language.patterns.rewrite("name", &plain) {
                Some(rest) if !rest.trim().is_empty() => rest.trim().clone_into(&mut text),
                _ => {
                    text = plain;
                    break;
                }
            }
        }
        self.subject(&text).0
    }

    /// Whether something is known under this name once it is read as a subject.
    pub(crate) fn knows(&self, text: &str) -> bool {
        if Key::of(text).is_empty() {
            return false;
        }
        let subject = self.subject(text).0;
        self.hints.knows(&subject)
    }

    /// Question marks go first, since "yahoo!?" may ask about "yahoo!"; then the rest of the end's punctuation.
    fn without_marks(&self, text: &str) -> String {
        let asked = text.trim_end_matches(['?', ' ']);
        if !asked.is_empty() && (asked.len() == text.len() || self.knows(asked)) && self.knows(asked) {
            return asked.to_owned();
        }
        let bare = text.trim_end_matches(['?', '!', '.', ',', ';', ':', ' ']);
        if bare.is_empty() { asked.to_owned() } else { bare.to_owned() }
    }

    /// A subject as it is kept, and whether an article stood before it.
    pub(crate) fn subject(&self, text: &str) -> (String, bool) {
        let collapsed = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = unquoted(&collapsed);
        let (text, had_article) = self.language.words.without_article(text);
        (self.person(text), had_article)
    }

    /// "I" is who speaks, "you" is the bot; so are "my x" and "your x".
    pub(crate) fn person(&self, text: &str) -> String {
        if self.is("first_person", text) {
            return self.nick.to_owned();
        }
        if self.is("second_person", text) {
            return self.me.to_owned();
        }
        let Some((first, rest)) = text.split_once(' ') else { return text.to_owned() };
        let rest = rest.trim_start();
        if self.is("first_possessive", first) {
            format!("{}'s {rest}", self.nick)
        } else if self.is("second_possessive", first) {
            format!("{}'s {rest}", self.me)
        } else {
            text.to_owned()
        }
    }
}

/// Without the quotes round the whole.
fn unquoted(text: &str) -> &str {
    for (open, close) in [('"', '"'), ('\'', '\''), ('“', '”'), ('«', '»'), ('`', '`')] {
        let inner = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        if let Some(inner) = inner.filter(|inner| !inner.trim().is_empty() && !inner.contains([open, close])) {
            return inner.trim();
        }
    }
    text
}
