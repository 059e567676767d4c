//! Decides whether a line that was not for the bot reads like a definition.
//!
//! Nearly everything people say to each other with "is" in it means nothing later, so a line has to pass every
//! test here, and even then it only goes into quarantine. What passes names a thing and says of which kind it is,
//! in more than one word: "fstab is a text file", not "fstab is a mess".

use quid_core::intent::{Teaching, Verb};

use crate::line::Line;
use crate::teach;

/// What may be learned from an overheard line.
pub(crate) fn overheard(line: &Line<'_>, text: &str) -> Option<Teaching> {
    let words = &line.language.words;
    let plain = first_clause(without_address(without_address(text.trim())))?;
    if plain.chars().count() > words.count("longest_overheard") || plain.contains(|c: char| !is_plain(c)) {
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
        || line.is("overheard_here", &teaching.subject)
        || words.is("stop", &last.to_lowercase());
    (!is_odd && is_definition(line, &teaching)).then_some(teaching)
}

/// "ann: yes, fstab is a text file": whom it was said to is no part of it, nor is what it answers.
fn without_address(text: &str) -> &str {
    let Some((head, rest)) = text.split_once(' ') else { return text };
    let is_address = head.len() > 1 && head.ends_with([':', ',']) && !head.contains("://");
    if is_address { rest.trim_start() } else { text }
}

/// What stands before the first stop, or before what is merely added ("…, not a program", "… - see there").
/// A question defines nothing.
fn first_clause(text: &str) -> Option<&str> {
    let ends = [". ", "! ", "? ", ", ", "; ", " - ", " -- ", " (", ".. "];
    let end = ends.iter().filter_map(|end| text.find(end).map(|at| (at, *end))).min();
    let (clause, mark) = match end {
        Some((at, mark)) => (text.get(..at)?, mark),
        None => (text, ""),
    };
    let is_question = mark.starts_with('?') || clause.ends_with('?');
    (!is_question).then(|| clause.trim_end_matches('.').trim_end())
}

/// Quotes, brackets, question marks and colons are signs of talk.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ' ' | '-' | '+' | '#' | '/' | '_' | '.' | '\'')
}

/// "a programming language", "the Trusted Computing Platform Alliance", "a command to list files".
fn is_definition(line: &Line<'_>, teaching: &Teaching) -> bool {
    let value: Vec<&str> = teaching.value.split_whitespace().collect();
    let is_capital = |word: &&str| word.starts_with(char::is_uppercase);
    let Some((first, rest)) = value.split_first() else { return false };
    let has_article = line.is("article", first);
    let name = if has_article { rest } else { &value[..] };
    // An abbreviation is explained by a name of several words, whatever stands before it.
    let is_name = name.len() > 1 && name.iter().filter(|word| word.len() > 3).all(is_capital);
    if is_name && name.iter().any(is_capital) && !line.is("indefinite", first) {
        return true;
    }
    if !has_article || teaching.verb == Verb::Are {
        return false;
    }
    if line.is("indefinite", first) && teach::without_kind(line, &rest.join(" ")).is_some() {
        return true;
    }
    let ends = |word: &&str| line.is("ends_object", word) || line.is("overheard_after", word);
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let (kind, added) = rest.split_at(length);
    let Some(head) = kind.last() else { return false };
    let is_talk = |word: &&str| {
        let doing = word.ends_with("ing") && !line.is("overheard_doing", word);
        doing || line.is("no_object", word) || word.contains(['/', '\''])
    };
    if kind.len() > line.language.words.count("longest_object") || kind.iter().any(is_talk) {
        return false;
    }
    let tells_more = added.len() > 1;
    if line.is("indefinite", first) {
        // "a name programs use" ends in a verb that looks like a plural.
        if line.language.words.is_plural(head) {
            return false;
        }
        let is_abbreviation = head.len() > 1 && head.chars().all(char::is_uppercase);
        return kind.len() > 1 || tells_more || is_abbreviation;
    }
    // "the" points at what both know, unless much or a name comes with it.
    kind.len() > 2 || kind.len() > 1 && kind.iter().any(is_capital) || tells_more && line.is("overheard_head", head)
}
