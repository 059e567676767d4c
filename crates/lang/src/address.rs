//! Decides whether the bot was spoken to.
//!
//! IRC has no "to:" field, so being addressed is a guess from the text; all such guesses live here.

use crate::patterns::{NAME, Patterns};

/// What is said to the bot, without its name; `None` when the line is not for it.
pub(crate) fn addressed(patterns: &Patterns, text: &str, me: &str) -> Option<String> {
    let (marked, spellings) = mark(text, me);
    if spellings.is_empty() {
        return None;
    }
    patterns.stage("address").iter().find_map(|pattern| {
        let groups = pattern.groups(&marked)?;
        let get = |name: &str| groups.get(name).copied().unwrap_or_default();
        let rest = match get("lead") {
            "" => format!("{}{}", get("rest"), get("mark")),
            lead => format!("{lead}, {}", get("tail")),
        };
        let position = marked.find(get("tail")).filter(|_| !get("tail").is_empty());
        let before = position.or_else(|| marked.find(get("rest"))).unwrap_or(0);
        let passed = marked.get(..before).map_or(0, |head| head.matches(NAME).count());
        Some(unmark(&rest, spellings.get(passed..).unwrap_or_default()))
    })
}

/// Puts one mark in the place of every whole-word name, and returns how each was spelled.
fn mark<'t>(text: &'t str, me: &str) -> (String, Vec<&'t str>) {
    let (mut marked, mut spellings) = (String::with_capacity(text.len()), Vec::new());
    if me.is_empty() {
        return (marked, spellings);
    }
    let mut at = 0;
    let mut before = None;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let whole = text.get(at..at + me.len()).filter(|here| {
            here.eq_ignore_ascii_case(me)
                && !before.is_some_and(is_part_of_nick)
                && !continues(text.get(at + me.len()..).unwrap_or_default())
        });
        if let Some(spelling) = whole {
            marked.push(NAME);
            spellings.push(spelling);
            at += me.len();
            before = Some(NAME);
        } else {
            marked.push(c);
            at += c.len_utf8();
            before = Some(c);
        }
    }
    (marked, spellings)
}

fn unmark(text: &str, spellings: &[&str]) -> String {
    let mut spellings = spellings.iter();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == NAME { out.push_str(spellings.next().copied().unwrap_or_default()) } else { out.push(c) }
    }
    out
}

/// Letters, digits and what RFC 2812 section 2.3.1 allows in a nick, as far as it joins words.
fn is_part_of_nick(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '|' | '^' | '`' | '[' | ']' | '{' | '}' | '\\' | '/')
}

/// Whether the name goes on: "quidditch", "quid-2", "quid.example".
fn continues(rest: &str) -> bool {
    let mut rest = rest.chars();
    match rest.next() {
        Some('-' | '.' | '@') => rest.next().is_some_and(char::is_alphanumeric),
        Some(c) => is_part_of_nick(c),
        None => false,
    }
}
