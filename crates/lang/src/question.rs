//! Splits questions into subject, relation and value.
//!
//! English does not mark where the subject of "is new york city big" ends, so what is known is asked first, then
//! articles and the verb tables decide, and at last the number of words.

use quid_core::intent::Question;

use crate::line::Line;
use crate::patterns::Groups;
use crate::teach;

/// "what is …": about a name, or about somebody that only a pronoun points at.
pub(crate) fn what(line: &Line<'_>, about: &str, bare: bool) -> Question {
    let plain = about.trim().trim_end_matches(['?', '!', '.', ' ']);
    if line.is("pronoun", plain) && !line.knows(plain) {
        return Question::Pronoun(plain.to_lowercase());
    }
    let about = line.name(about);
    if about.chars().all(|c| matches!(c, '?' | '!' | ' ')) {
        return Question::Nothing;
    }
    Question::What { about, bare }
}

/// The questions that need the verb tables; `None` when they do not fit.
pub(crate) fn split(line: &Line<'_>, act: &str, groups: &Groups<'_>) -> Option<Question> {
    let get = |group: &str| groups.get(group).copied().unwrap_or_default();
    let rest = get("rest");
    match act {
        "whether" => whether(line, rest),
        "whether_modal" => modal(line, get("modal"), rest),
        "whether_do" => does(line, rest),
        "whether_has" => has(line, rest),
        "objects" => objects(line, get("word"), rest),
        "objects_be" => objects_be(line, rest),
        "objects_modal" => {
            Some(Question::Objects { subject: line.name(get("subject")), verb: get("modal").to_lowercase() })
        }
        "subjects" => subjects(line, rest),
        "subjects_be" => {
            let words = Words::of(rest);
            let (verb, count) = line.language.verbs.be(&words.folded())?;
            let value = words.after(count)?;
            Some(Question::Subjects { verb: verb.to_owned(), value: line.name(value) })
        }
        _ => None,
    }
}

/// "x is y?", "alice likes tea?", "is x y", "x can fly": as a question.
pub(crate) fn statement_or_question(line: &Line<'_>, text: &str) -> Option<Question> {
    let words = Words::of(text);
    let first = words.lower.first()?.as_str();
    let rest = words.after(1);
    let asked = match rest {
        Some(rest) if line.is("be", first) => whether(line, rest),
        Some(rest) if line.is("modal", first) => modal(line, first, rest),
        Some(rest) if line.is("do", first) => does(line, rest),
        _ => None,
    };
    asked.or_else(|| from_statement(line, text))
}

/// A statement with a question mark: "coffee is a drink?"
pub(crate) fn from_statement(line: &Line<'_>, text: &str) -> Option<Question> {
    use quid_core::intent::Verb;
    let plain = text.trim().trim_end_matches(['?', '!', ' ']);
    let teaching = teach::split(line, plain)?;
    if line.is("vague", &teaching.subject) {
        return Some(Question::Pronoun(teaching.subject.to_lowercase()));
    }
    let value = teaching.value;
    Some(match teaching.verb {
        Verb::Is | Verb::Are => Question::Whether { subject: teaching.subject, object: line.name(&value) },
        Verb::Other(verb) => Question::WhetherVerb { subject: teaching.subject, verb, value: value_name(line, &value) },
    })
}

/// The words of a line with their places in it.
pub(crate) struct Words<'t> {
    text: &'t str,
    /// Where each word begins and ends.
    places: Vec<(usize, usize)>,
    /// Each word in lower case.
    pub(crate) lower: Vec<String>,
}

impl<'t> Words<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let mut places = Vec::new();
        let mut at = 0;
        for part in text.split(' ') {
            if !part.is_empty() {
                places.push((at, at + part.len()));
            }
            at += part.len() + 1;
        }
        let lower = places.iter().filter_map(|&(from, to)| text.get(from..to)).map(str::to_lowercase).collect();
        Self { text, places, lower }
    }

    pub(crate) fn len(&self) -> usize {
        self.lower.len()
    }

    /// The words in lower case.
    pub(crate) fn folded(&self) -> Vec<&str> {
        self.lower.iter().map(String::as_str).collect()
    }

    /// What stands before the word at `index`.
    pub(crate) fn before(&self, index: usize) -> Option<&'t str> {
        let end = self.places.get(index.checked_sub(1)?)?.1;
        self.text.get(..end).map(str::trim)
    }

    /// What stands from the word at `index` on; `None` when there is nothing.
    pub(crate) fn after(&self, index: usize) -> Option<&'t str> {
        let start = self.places.get(index)?.0;
        self.text.get(start..).map(str::trim).filter(|text| !text.is_empty())
    }
}

/// The most words of a line that are looked at, so that a long line stays cheap.
const MOST: usize = 200;

/// The longest beginning that is known, leaving at least one word. An article alone is none, though other bots were
/// taught about "a" too.
fn known_prefix(line: &Line<'_>, words: &Words<'_>) -> Option<usize> {
    let most = line.language.words.count("longest_bare").min(words.len().checked_sub(1)?);
    (shortest_subject(line, words)..=most).rev().find(|&count| words.before(count).is_some_and(|head| line.knows(head)))
}

/// How many words the shortest subject takes: one, and an article.
fn shortest_subject(line: &Line<'_>, words: &Words<'_>) -> usize {
    let first = words.lower.first().map_or("", String::as_str);
    let leads = line.is("article", first)
        || line.is("first_possessive", first)
        || line.is("second_possessive", first)
        || first.ends_with("'s");
    if leads && words.len() > 2 { 2 } else { 1 }
}

/// "is foo not bar?" asks whether foo is bar.
fn without_negation(line: &Line<'_>, rest: &str) -> String {
    let kept: Vec<&str> = rest.split(' ').filter(|word| !line.is("negation", word)).collect();
    kept.join(" ")
}

fn whether(line: &Line<'_>, rest: &str) -> Option<Question> {
    let rest = without_negation(line, rest);
    let words = Words::of(&rest);
    let folded = words.folded();
    if folded.len() == 1 {
        return Some(what(line, &rest, false));
    }
    let shortest = shortest_subject(line, &words);
    let article = (1..words.len().saturating_sub(1).min(MOST)).find(|&at| {
        let before = folded.get(at - 1).copied().unwrap_or_default();
        // "the king of the hill" goes on.
        let goes_on = line.is("before_noun", before) && !(at == 1 && words.len() == 2);
        line.is("article", folded.get(at).copied().unwrap_or_default()) && !goes_on
    });
    let relation = (shortest..words.len().min(MOST)).find_map(|at| {
        let (verb, count) = line.language.verbs.be(folded.get(at..)?)?;
        words.after(at + count).map(|value| (at, verb, value))
    });
    if let Some((at, verb, value)) = relation.filter(|(at, ..)| article.is_none_or(|article| *at < article)) {
        let subject = words.before(at)?;
        if line.is("pronoun", subject) {
            return Some(Question::Pronoun(subject.to_lowercase()));
        }
        return Some(Question::WhetherVerb {
            subject: line.name(subject),
            verb: verb.to_owned(),
            value: value_name(line, value),
        });
    }
    let at = known_prefix(line, &words)
        .or(article)
        .unwrap_or_else(|| if words.len() > shortest + 1 && shortest == 1 { words.len() - 1 } else { shortest });
    let (subject, object) = (words.before(at)?, words.after(at)?);
    if line.is("pronoun", subject) && !line.knows(subject) {
        return Some(Question::Pronoun(subject.to_lowercase()));
    }
    Some(Question::Whether { subject: line.name(subject), object: object_name(line, object) })
}

/// "a kind of drink" is "drink" when it is asked whether something is one.
fn object_name(line: &Line<'_>, object: &str) -> String {
    let name = line.name(object);
    teach::without_kind(line, &name).map_or_else(|| name.clone(), |rest| line.name(rest))
}

/// A value in a question: as it was typed, only marks and fillers go, and the article of a noun.
fn value_name(line: &Line<'_>, value: &str) -> String {
    line.name(value)
}

fn modal(line: &Line<'_>, modal: &str, rest: &str) -> Option<Question> {
    let rest = without_negation(line, rest);
    let words = Words::of(&rest);
    let folded = words.folded();
    let shortest = shortest_subject(line, &words);
    let at = known_prefix(line, &words)
        .or_else(|| (shortest..words.len().min(MOST)).find(|&at| line.language.verbs.base(&folded[at..]).is_some()))
        .unwrap_or(shortest);
    let (subject, value) = (words.before(at)?, words.after(at)?);
    if line.is("pronoun", subject) {
        return Some(Question::Pronoun(subject.to_lowercase()));
    }
    let verb = teach::positive_modal(line, modal);
    Some(Question::WhetherVerb { subject: line.name(subject), verb, value: value_name(line, value) })
}

fn does(line: &Line<'_>, rest: &str) -> Option<Question> {
    let words = Words::of(rest);
    let folded = words.folded();
    let shortest = shortest_subject(line, &words);
    let known = (shortest..words.len().min(MOST))
        .find_map(|at| line.language.verbs.base(&folded[at..]).map(|(verb, count)| (at, verb.to_owned(), count)));
    let (at, verb, count) = match known {
        Some(found) => found,
        None => {
            let at = known_prefix(line, &words).unwrap_or(shortest);
            (at, line.language.words.third_person(folded.get(at)?), 1)
        }
    };
    let subject = words.before(at)?;
    if line.is("pronoun", subject) {
        return Some(Question::Pronoun(subject.to_lowercase()));
    }
    let value = words.after(at + count).map(|value| value_name(line, value)).unwrap_or_default();
    Some(Question::WhetherVerb { subject: line.name(subject), verb, value })
}

/// "has a car wheels?"
fn has(line: &Line<'_>, rest: &str) -> Option<Question> {
    let words = Words::of(rest);
    let folded = words.folded();
    let shortest = shortest_subject(line, &words);
    let article = (1..words.len().saturating_sub(1).min(MOST)).find(|&at| line.is("article", folded[at]));
    let at = known_prefix(line, &words).or(article).unwrap_or(shortest);
    let (subject, value) = (words.before(at)?, words.after(at)?);
    let (verb, _) = line.language.verbs.base(&["have"])?;
    Some(Question::WhetherVerb { subject: line.name(subject), verb: verb.to_owned(), value: value_name(line, value) })
}

/// "what does alice like", "where does alice live"
fn objects(line: &Line<'_>, word: &str, rest: &str) -> Option<Question> {
    let words = Words::of(rest);
    let folded = words.folded();
    let last = *folded.last()?;
    let place = line.language.verbs.place(last).filter(|_| line.is("place_question", word));
    let (verb, count) = match (place, line.language.verbs.ending(&folded)) {
        (Some(verb), _) => (verb.to_owned(), 1),
        (None, Some((verb, count))) => (verb.to_owned(), count),
        (None, None) => (line.language.words.third_person(last), 1),
    };
    let subject = words.before(words.len().checked_sub(count)?)?;
    if line.is("pronoun", subject) {
        return Some(Question::Pronoun(subject.to_lowercase()));
    }
    Some(Question::Objects { subject: line.name(subject), verb })
}

/// "what is a table made of": the relation stands at the end.
fn objects_be(line: &Line<'_>, rest: &str) -> Option<Question> {
    let words = Words::of(rest);
    let folded = words.folded();
    let shortest = shortest_subject(line, &words);
    let at = (shortest..words.len().min(MOST))
        .find(|&at| line.language.verbs.be(&folded[at..]).is_some_and(|(_, count)| at + count == words.len()))?;
    // "what is in" asks about nothing, and "where is alice in" is no relation of one word.
    let (verb, count) = line.language.verbs.be(&folded[at..])?;
    let subject = words.before(at).filter(|subject| count > 1 || !line.knows(subject))?;
    Some(Question::Objects { subject: line.name(subject), verb: verb.to_owned() })
}

/// "who likes tea", "what can fly"
fn subjects(line: &Line<'_>, rest: &str) -> Option<Question> {
    let words = Words::of(rest);
    let folded = words.folded();
    let first = *folded.first()?;
    let (verb, count) = if line.is("modal", first) {
        (first.to_owned(), 1)
    } else {
        let (verb, count) = line.language.verbs.third(&folded).or_else(|| line.language.verbs.base(&folded))?;
        (verb.to_owned(), count)
    };
    let value = words.after(count)?;
    Some(Question::Subjects { verb, value: value_name(line, value) })
}
