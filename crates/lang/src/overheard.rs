//! Decides whether a line that was not for the bot reads like a definition.
//!
//! Nearly everything people say to each other with "is" in it means nothing later, so a line has to pass every
//! test here, and even then it only goes into quarantine.

use quid_core::intent::{Teaching, Verb};

use crate::line::Line;
use crate::teach;

/// What may be learned from an overheard line.
pub(crate) fn overheard(line: &Line<'_>, text: &str) -> Option<Teaching> {
    let words = &line.language.words;
    let text = text.trim();
    let plain = text.strip_suffix('.').unwrap_or(text);
    if text.chars().count() > words.count("longest_overheard") || plain.contains(|c: char| !is_plain(c)) {
        return None;
    }
    if plain.split(' ').any(|word| line.is("overheard_never", word)) {
        return None;
    }
    let teaching = teach::split(line, plain)?;
    if teaching.negated || !matches!(teaching.verb, Verb::Is | Verb::Are) {
        return None;
    }
    let subject: Vec<&str> = teaching.subject.split(' ').collect();
    let (first, last) = (subject.first()?, subject.last()?);
    let is_odd = subject.len() > 3
        || subject.iter().any(|word| line.is("overheard_first", word) || line.hints.is_person(word))
        || teaching.generic && teaching.verb == Verb::Is
        || !first.contains(char::is_alphabetic)
        || words.is("stop", &last.to_lowercase());
    (!is_odd && is_definition(line, &teaching)).then_some(teaching)
}

/// Quotes, brackets, question marks, commas and colons are signs of talk.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ' ' | '-' | '+' | '#' | '/' | '_' | '.' | '\'')
}

/// "a programming language", "the Trusted Computing Platform Alliance".
fn is_definition(line: &Line<'_>, teaching: &Teaching) -> bool {
    let value: Vec<&str> = teaching.value.split_whitespace().collect();
    let is_capital = |word: &&str| word.starts_with(char::is_uppercase);
    let Some((first, rest)) = value.split_first() else { return false };
    if line.is("indefinite", first) {
        return teaching.object.is_some() && !rest.iter().any(|word| word.ends_with("ing"));
    }
    // "the" and no article at all only before a name of several words, as an abbreviation is explained.
    let name = if line.is("article", first) { rest } else { &value[..] };
    name.len() > 1 && name.iter().filter(|word| word.len() > 3).all(is_capital) && name.iter().any(is_capital)
}
