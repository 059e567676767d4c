//! Splits statements: which word is the verb, what stands before it and what behind.
//!
//! The leftmost word that can be the verb is the verb, unless an explicit mark says otherwise.

use quid_core::Intent;
use quid_core::intent::{Manner, Teaching, Verb};

use crate::line::Line;
use crate::question::Words;
use crate::{acts, respond};

/// What a line teaches; `None` when it has no verb.
pub(crate) fn statement(line: &Line<'_>, text: &str) -> Option<Intent> {
    let (text, manner) = correction(line, text);
    if let Some(intent) = explicit(line, text, manner) {
        return Some(intent);
    }
    if let Some(empty) = empty(line, text) {
        return Some(empty);
    }
    let mut teaching = split(line, text)?;
    if let Some(intent) = other_shape(line, text, &teaching) {
        return Some(intent);
    }
    // "no, x is also y" adds.
    if manner == Manner::Correct && teaching.manner == Manner::Plain {
        teaching.manner = manner;
    }
    Some(checked(line, teaching))
}

/// Whether a line is marked as a statement so clearly that nothing else is tried: "=is=", "is <reply>".
pub(crate) fn marked(line: &Line<'_>, text: &str) -> Option<Intent> {
    let (text, manner) = correction(line, text);
    if let Some(intent) = explicit(line, text, manner) {
        return Some(intent);
    }
    let mut teaching = split_where(line, text, respond::is_tagged)?;
    // "no, x is also y" adds.
    if manner == Manner::Correct && teaching.manner == Manner::Plain {
        teaching.manner = manner;
    }
    Some(checked(line, teaching))
}

/// "no, x is y"
fn correction<'t>(line: &Line<'_>, text: &'t str) -> (&'t str, Manner) {
    let found = line.language.patterns.stage("correct").iter().find_map(|pattern| pattern.groups(text));
    match found.and_then(|groups| groups.get("rest").copied()) {
        Some(rest) => (rest, Manner::Correct),
        None => (text, Manner::Plain),
    }
}

fn explicit(line: &Line<'_>, text: &str, manner: Manner) -> Option<Intent> {
    let patterns = line.language.patterns.stage("teach").iter();
    let groups = patterns.filter(|pattern| pattern.act == "explicit").find_map(|pattern| pattern.groups(text))?;
    let verb = groups.get("equals").or_else(|| groups.get("score")).copied().unwrap_or_default();
    let verb = if verb.eq_ignore_ascii_case("are") { Verb::Are } else { Verb::Is };
    let (subject, value) = (groups.get("subject").copied()?, groups.get("value").copied()?);
    let teaching = finish(line, subject, verb, value, false, manner);
    Some(checked(line, teaching))
}

/// "foo is the same as bar", "foo is not bar anymore"
fn other_shape(line: &Line<'_>, text: &str, teaching: &Teaching) -> Option<Intent> {
    if respond::is_tagged(&teaching.value) || line.is("vague", &teaching.subject) {
        return None;
    }
    acts::first_but(line, "teach", "explicit", text)
}

/// "is bar" and "foo is": a side is missing.
fn empty(line: &Line<'_>, text: &str) -> Option<Intent> {
    let words = Words::of(text);
    let (first, last) = (words.lower.first()?, words.lower.last()?);
    let is_verb = |word: &str| line.is("plain_be", word);
    if is_verb(first) && !words.lower.iter().skip(1).any(|word| is_verb(word)) {
        return Some(Intent::TeachEmpty("teach.empty.subject"));
    }
    (words.len() > 1 && is_verb(last) && !words.lower.iter().rev().skip(1).any(|word| is_verb(word)))
        .then_some(Intent::TeachEmpty("teach.empty.value"))
}

fn checked(line: &Line<'_>, teaching: Teaching) -> Intent {
    if teaching.subject.is_empty() {
        return Intent::TeachEmpty("teach.empty.subject");
    }
    if teaching.value.is_empty() {
        return Intent::TeachEmpty("teach.empty.value");
    }
    if respond::says_nothing(&teaching.value) {
        return Intent::TeachEmpty("teach.empty.reply");
    }
    if line.is("vague", &teaching.subject) {
        return Intent::TeachVague(teaching.subject);
    }
    Intent::Teach(teaching)
}

/// A statement by its first verb.
pub(crate) fn split(line: &Line<'_>, text: &str) -> Option<Teaching> {
    split_where(line, text, |_| true)
}

/// The most words before the verb; nobody names a thing with more.
const LONGEST_SUBJECT: usize = 60;

fn split_where(line: &Line<'_>, text: &str, accept: impl Fn(&str) -> bool) -> Option<Teaching> {
    let words = Words::of(text);
    let folded = words.folded();
    // "I'm a programmer", "you're a bot": subject and verb in one word.
    let first = *folded.first()?;
    for (be, who) in [("first_with_be", line.nick), ("second_with_be", line.me)] {
        if line.is(be, first) && words.len() > 1 {
            let found = Found { verb: Verb::Is, next: 1, negated: false, manner: Manner::Plain };
            let (found, value) = after_be(line, &words, &folded, found)?;
            return accept(value).then(|| {
                let mut teaching = finish(line, who, found.verb, value, found.negated, found.manner);
                teaching.generic = false;
                teaching
            });
        }
    }
    (1..words.len().min(LONGEST_SUBJECT)).find_map(|at| {
        let subject = words.before(at)?;
        let (found, value) = verb_at(line, &words, &folded, at)?;
        accept(value).then(|| finish(line, subject, found.verb, value, found.negated, found.manner))
    })
}

/// A verb, and the word behind it.
struct Found {
    verb: Verb,
    next: usize,
    negated: bool,
    manner: Manner,
}

/// The verb that begins at a word, with the value behind it.
fn verb_at<'t>(line: &Line<'_>, words: &Words<'t>, folded: &[&str], at: usize) -> Option<(Found, &'t str)> {
    let word = *folded.get(at)?;
    let before = folded.get(at.checked_sub(1)?).copied().unwrap_or_default();
    let plain = |verb: Verb, next: usize| Found { verb, next, negated: false, manner: Manner::Plain };
    if line.is("plain_be", word) || (line.is("first_be", word) && line.is("first_person", before)) {
        let verb = if line.is("plural_be", word) { Verb::Are } else { Verb::Is };
        return after_be(line, words, folded, plain(verb, at + 1));
    }
    if line.is("past_be", word) {
        return after_be(line, words, folded, plain(Verb::Other(word.to_owned()), at + 1));
    }
    if line.is("negated_be", word) {
        let verb = match line.language.setting(&format!("verb_{}", word.replace('\'', ""))) {
            Some("are") => Verb::Are,
            Some(past) if past != "is" => Verb::Other(past.to_owned()),
            _ => Verb::Is,
        };
        let found = Found { negated: true, ..plain(verb, at + 1) };
        return after_be(line, words, folded, found);
    }
    if line.is("before_noun", before) {
        return None;
    }
    if let Some((found, value)) = modal_at(line, words, folded, at) {
        return Some((found, value));
    }
    let (subject, rest) = (words.before(at)?, folded.get(at..)?);
    let is_many = line.is("many_subject", subject) || line.language.words.is_plural(subject);
    let (verb, count) = line
        .language
        .verbs
        .third(rest)
        .filter(|_| !line.is("first_person", subject))
        .or_else(|| line.language.verbs.base(rest).filter(|_| is_many))?;
    let value = words.after(at + count)?;
    // "system calls are slow": what looked like a verb is part of the subject.
    let next = *folded.get(at + count)?;
    let is_noun = line.is("be", next)
        || line.is("modal", next)
        || line.is("negated_be", next)
        || line.language.verbs.third(folded.get(at + count..)?).is_some();
    (!is_noun).then(|| (plain(Verb::Other(verb.to_owned()), at + count), value))
}

/// "can fly", "cannot fly", "does not like tea"
fn modal_at<'t>(line: &Line<'_>, words: &Words<'t>, folded: &[&str], at: usize) -> Option<(Found, &'t str)> {
    let word = *folded.get(at)?;
    let next = folded.get(at + 1).copied().unwrap_or_default();
    let negated_next = line.is("negation", next);
    if line.is("negated_do", word) || (line.is("do", word) && negated_next) {
        let start = at + 1 + usize::from(negated_next);
        let (verb, count) = line.language.verbs.base(folded.get(start..)?)?;
        let value = words.after(start + count)?;
        let verb = Verb::Other(verb.to_owned());
        return Some((Found { verb, next: start + count, negated: true, manner: Manner::Plain }, value));
    }
    let negated = line.is("negated_modal", word);
    if !negated && !line.is("modal", word) {
        return None;
    }
    let start = at + 1 + usize::from(!negated && negated_next);
    let value = words.after(start)?;
    // "the might is right": a noun.
    if line.is("be", folded.get(start)?) {
        return None;
    }
    let verb = Verb::Other(positive_modal(line, word));
    Some((Found { verb, next: start, negated: negated || negated_next, manner: Manner::Plain }, value))
}

/// "can't" is the relation "can".
pub(crate) fn positive_modal(line: &Line<'_>, modal: &str) -> String {
    let lower = modal.to_lowercase();
    let plain = lower.replace('\'', "");
    line.language.setting(&format!("verb_{plain}")).map_or(lower, str::to_owned)
}

/// What follows "is" or "are": "also", "not", or a preposition that makes a relation of it ("is in").
fn after_be<'t>(line: &Line<'_>, words: &Words<'t>, folded: &[&str], mut found: Found) -> Option<(Found, &'t str)> {
    let word = |at: usize| folded.get(at).copied().unwrap_or_default();
    loop {
        let next = word(found.next);
        if line.is("negation", next) && !found.negated && words.len() > found.next + 1 {
            found.negated = true;
        } else if line.is("also", next) && found.manner == Manner::Plain && words.len() > found.next + 1 {
            found.manner = Manner::Also;
        } else {
            break;
        }
        found.next += 1;
    }
    if matches!(found.verb, Verb::Is | Verb::Are)
        && let Some((verb, count)) = line.language.verbs.be(folded.get(found.next..)?)
        && words.after(found.next + count).is_some()
    {
        found.verb = Verb::Other(verb.to_owned());
        found.next += count;
    }
    // "foo is" with nothing behind it is for others to complain about.
    let value = words.after(found.next)?;
    Some((found, value))
}

fn finish(line: &Line<'_>, subject: &str, verb: Verb, value: &str, negated: bool, manner: Manner) -> Teaching {
    let spoken = subject.trim();
    let (subject, had_article) = line.subject(spoken);
    let is_person = line.is("first_person", spoken) || line.is("second_person", spoken);
    // "you are a bot" is kept as "quid is a bot".
    let verb = if is_person && verb == Verb::Are { Verb::Is } else { verb };
    let is_many = verb != Verb::Is && line.language.words.is_plural(&subject);
    let value = whose(line, value.trim());
    let object = object(line, &verb, &value);
    Teaching { subject, generic: !is_person && (had_article || is_many), verb, value, negated, manner, object }
}

/// "my brother" is "alice's brother", since others will read it; the rest stays as it was typed.
fn whose(line: &Line<'_>, value: &str) -> String {
    match value.split_once(' ') {
        Some((first, rest)) if line.is("first_possessive", first) => format!("{}'s {}", line.nick, rest.trim_start()),
        Some((first, rest)) if line.is("second_possessive", first) => format!("{}'s {}", line.me, rest.trim_start()),
        _ => value.to_owned(),
    }
}

/// "kind of drink" without the "kind of".
pub(crate) fn without_kind<'t>(line: &Line<'_>, text: &'t str) -> Option<&'t str> {
    let lower = text.to_lowercase();
    let longest = line
        .language
        .words
        .class("kind_of")?
        .filter(|kind| lower.strip_prefix(kind).is_some_and(|rest| rest.starts_with(' ')));
    let length = longest.map(str::len).max()?;
    text.get(length..).map(str::trim).filter(|rest| !rest.is_empty())
}

/// The class or thing that a value names: "a drink that is sweet" names "drink". A bare word after "is" may be an
/// adjective and names nothing, unless it is a known mass noun.
fn object(line: &Line<'_>, verb: &Verb, value: &str) -> Option<String> {
    let all = &line.language.words;
    if respond::is_tagged(value) || value.contains(['|', '$', '<', '>', '"', '{', '}', '=']) || value.contains("://") {
        return None;
    }
    let value = value.trim_end_matches(['.', '!', ' ']);
    let lower = value.to_lowercase();
    let first = lower.split(' ').next().unwrap_or_default();
    let is_indefinite = line.is("indefinite", first);
    let is_relation = matches!(verb, Verb::Other(name) if !line.is("past_be", name));
    let (bare, had_article) = all.without_article(value);
    if line.is("article", bare) {
        return None;
    }
    let (bare, was_kind) = match without_kind(line, bare) {
        Some(rest) => (all.without_article(rest).0, true),
        None => (bare, false),
    };
    if !is_relation && had_article && !is_indefinite && !was_kind {
        return None;
    }
    let mut kept: Vec<&str> = Vec::new();
    for word in bare.split_whitespace() {
        let lower = word.to_lowercase();
        if !kept.is_empty() && line.is("ends_object", lower.trim_end_matches(',')) {
            break;
        }
        let plain = word.trim_end_matches([',', ';', ':']);
        kept.push(plain);
        if plain.len() < word.len() {
            // "a drink, which is sweet" ends here; "a big, red car" does not name a "big".
            let next = bare.split_whitespace().nth(kept.len()).unwrap_or_default().to_lowercase();
            if !line.is("ends_object", &next) {
                return None;
            }
            break;
        }
    }
    let name = kept.join(" ");
    let head = name.to_lowercase();
    let is_none = |text: &str| line.is("no_object", text);
    let too_long = kept.len() > all.count("longest_object");
    if name.is_empty() || too_long || is_none(&head) || is_none(head.split(' ').next().unwrap_or_default()) {
        return None;
    }
    if is_relation || is_indefinite || was_kind {
        return Some(name);
    }
    if *verb == Verb::Are && kept.len() <= 2 && all.is_plural(&name) {
        return Some(all.singular(&name));
    }
    all.is_mass(&head).then_some(name)
}
