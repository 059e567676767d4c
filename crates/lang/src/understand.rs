//! Decides what a line wants, stage by stage; every stage may look at what the one before left over.
//!
//! 1. clean  2. was it for the bot  3. a statement marked as one  4. fillers off  5. command or small talk
//! 6. question  7. statement  8. a bare name. Nothing here fails: what fits nowhere is chatter, or puzzling.

use quid_core::intent::Question;
use quid_core::text::{LONGEST_LINE, clean};
use quid_core::{Heard, Intent};

use crate::line::Line;
use crate::question::{self, Words};
use crate::{Hints, Language, Understood, acts, address, overheard, teach};

pub(crate) fn understand(language: &Language, heard: &Heard, me: &str, hints: &dyn Hints) -> Understood {
    let cleaned = clean(&heard.text);
    if cleaned.len() > LONGEST_LINE {
        let intent = if heard.addressed { Intent::Puzzled } else { Intent::Chatter };
        return Understood { intent, text: cleaned, addressed: heard.addressed };
    }
    let text = straight_apostrophes(&cleaned);
    let nick = heard.speaker.nick.as_str();
    // The bot's own words come back on some networks.
    if !me.is_empty() && nick.eq_ignore_ascii_case(me) {
        return Understood { intent: Intent::Chatter, text, addressed: false };
    }
    let line = Line { language, hints, me, nick, now: heard.at };
    let rest = address::addressed(&language.patterns, &text, me);
    if !heard.addressed && rest.is_none() {
        let intent = unaddressed(&line, &text, heard.passive);
        return Understood { intent, text: text.trim().to_owned(), addressed: false };
    }
    let rest = rest.unwrap_or(text);
    let intent = addressed(&line, &rest);
    Understood { intent, text: rest.trim().to_owned(), addressed: true }
}

/// "what’s" is "what's".
fn straight_apostrophes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let joins = before.is_alphabetic() && rest.peek().is_some_and(|next| next.is_alphabetic());
        out.push(if c == '’' && joins { '\'' } else { c });
        before = c;
    }
    out
}

fn unaddressed(line: &Line<'_>, text: &str, passive: bool) -> Intent {
    if let Some(karma) = acts::first(line, "karma", text) {
        return karma;
    }
    let learned = if passive { overheard::overheard(line, text) } else { None };
    learned.map_or(Intent::Chatter, Intent::Overheard)
}

fn addressed(line: &Line<'_>, text: &str) -> Intent {
    let typed = text.trim();
    if typed.is_empty() {
        return Intent::Called;
    }
    if text.starts_with(' ') && !typed.ends_with('?') && starts_with(line, "plain_be", typed) {
        return Intent::TeachEmpty("teach.empty.subject");
    }
    if !starts_with_command(line, typed)
        && let Some(intent) = teach::marked(line, typed)
    {
        return intent;
    }
    if let Some(intent) = slash(line, typed) {
        return intent;
    }
    if let Some(intent) = karma(line, typed) {
        return intent;
    }
    let mut text = typed.to_owned();
    for _ in 0..=line.language.words.count("most_rewrites") {
        if let Some(intent) = decide(line, &text) {
            return intent;
        }
        match line.language.patterns.rewrite("rewrite", &text) {
            Some(rest) if !rest.trim().is_empty() && rest.trim() != text => rest.trim().clone_into(&mut text),
            _ => break,
        }
    }
    // What could be peeled no further is read as it stands.
    asked(line, &text).or_else(|| taught(line, &text)).unwrap_or_else(|| last_resort(line, &text))
}

/// Whether the line begins with a word after which a tag is part of the command ("sparql").
fn starts_with_command(line: &Line<'_>, text: &str) -> bool {
    let patterns = line.language.patterns.stage("command").iter();
    patterns.filter(|pattern| pattern.whole && pattern.act != "forget").any(|pattern| pattern.groups(text).is_some())
}

fn starts_with(line: &Line<'_>, class: &str, text: &str) -> bool {
    text.split(' ').next().is_some_and(|word| line.is(class, word))
}

/// "/forget foo" is "forget foo" and nothing else; "/etc/passwd is a file" is a statement.
fn slash(line: &Line<'_>, text: &str) -> Option<Intent> {
    let rest = text.strip_prefix('/')?;
    if rest.is_empty() || rest.starts_with(['/', ' ']) {
        return None;
    }
    acts::first(line, "command", rest).or_else(|| {
        let has_more_slashes = rest.split(' ').next().is_some_and(|word| word.contains('/'));
        (!has_more_slashes && teach::split(line, text).is_none()).then_some(Intent::Puzzled)
    })
}

/// "c++" to the bot asks for c++ when that is known, and is a vote for "c" otherwise.
fn karma(line: &Line<'_>, text: &str) -> Option<Intent> {
    if line.knows(text) {
        return None;
    }
    acts::first(line, "karma", text)
}

/// One reading of the line as it stands, without peeling anything off.
fn decide(line: &Line<'_>, text: &str) -> Option<Intent> {
    if let Some(intent) = command(line, text).or_else(|| small_talk(line, text)) {
        return Some(intent);
    }
    if is_peelable(line, text) {
        return None;
    }
    asked(line, text).or_else(|| taught(line, text))
}

/// Whether something can still be peeled off, so that it is too early for a question or a statement.
fn is_peelable(line: &Line<'_>, text: &str) -> bool {
    line.language.patterns.rewrite("rewrite", text).is_some()
}

fn command(line: &Line<'_>, text: &str) -> Option<Intent> {
    let patterns = line.language.patterns.stage("command").iter();
    let mut statement = None;
    for pattern in patterns {
        let Some(groups) = pattern.groups(text) else { continue };
        let is_statement = !pattern.whole && {
            let argument = groups.get("name").or_else(|| groups.get("what")).copied().unwrap_or_default();
            !line.knows(argument) && *statement.get_or_insert_with(|| is_statement(line, text))
        };
        if is_statement {
            continue;
        }
        if let Some(intent) = acts::intent(line, pattern, &groups) {
            return Some(intent);
        }
    }
    None
}

/// "forget everything is a song" says what "forget everything" is.
fn is_statement(line: &Line<'_>, text: &str) -> bool {
    !text.ends_with('?')
        && !starts_with(line, "question", text)
        && teach::split(line, text).is_some_and(|teaching| {
            use quid_core::intent::Verb;
            matches!(teaching.verb, Verb::Is | Verb::Are) || teaching.subject.contains(' ')
        })
}

fn small_talk(line: &Line<'_>, text: &str) -> Option<Intent> {
    let found = acts::first(line, "talk", text)?;
    (!line.knows(text) && !line.knows(text.trim_end_matches(['!', '.', '?', ' ']))).then_some(found)
}

/// A question by its mark or by its first word.
fn asked(line: &Line<'_>, text: &str) -> Option<Intent> {
    let has_mark = text.ends_with('?');
    if has_mark && line.knows(text.trim_end_matches(['?', ' '])) {
        return Some(Intent::Ask(question::what(line, text, false)));
    }
    let opens = ["question", "be", "do", "has_opener", "ask_opener"].iter().any(|class| starts_with(line, class, text))
        || (starts_with(line, "modal", text) && (has_mark || teach::split(line, text).is_none()));
    let opens = opens
        || line.language.words.class("ask_phrase").is_some_and(|mut phrases| {
            let lower = text.to_lowercase();
            phrases.any(|phrase| lower.starts_with(phrase))
        });
    if !has_mark && !opens {
        return None;
    }
    let is_side_missing = !has_mark && starts_with(line, "plain_be", text) && Words::of(text).len() < 3;
    if is_side_missing {
        return None;
    }
    let found = acts::first(line, "question", text);
    if found.is_some() || !has_mark {
        return found.or_else(|| generic(line, text));
    }
    if let Some(intent) = generic(line, text) {
        return Some(intent);
    }
    let statement = question::from_statement(line, text).map(Intent::Ask);
    Some(statement.unwrap_or_else(|| Intent::Ask(question::what(line, text, false))))
}

/// "how old is alice": a question of no known shape is still one, for whoever can find near things.
fn generic(line: &Line<'_>, text: &str) -> Option<Intent> {
    starts_with(line, "question", text).then(|| Intent::Ask(question::what(line, text, false)))
}

fn taught(line: &Line<'_>, text: &str) -> Option<Intent> {
    if text.ends_with('?') || starts_with(line, "no_statement", text) {
        return None;
    }
    teach::statement(line, text)
}

/// A name alone asks for it; anything longer was not understood.
fn last_resort(line: &Line<'_>, text: &str) -> Intent {
    let words = Words::of(text).len();
    let is_short = words <= line.language.words.count("longest_bare");
    if !text.contains(char::is_alphanumeric) && !line.knows(text) {
        return if text.chars().all(|c| matches!(c, '?' | '!' | ' ')) {
            Intent::Ask(Question::Nothing)
        } else if text.chars().all(|c| matches!(c, '.' | ',' | ';' | ':' | '-')) {
            Intent::Called
        } else {
            Intent::Ask(question::what(line, text, true))
        };
    }
    if is_short || line.knows(text) {
        return Intent::Ask(question::what(line, text, true));
    }
    Intent::Puzzled
}
