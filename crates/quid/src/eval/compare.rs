//! Whether a reply gives exactly the right answers: compared as sets, by label, by local name, or as numbers.
//!
//! A file of questions writes `Alan_Pulido` where a label says "Alan Pulido" and an IRI ends in `alanPulido`; whoever
//! measures wants to know whether the right thing was found, not how it is spelt.

use quid_core::text::{local_words, percent_decode};
use quid_core::{Answer, Key, Reply};

/// Whether the reply states something as an answer. To be asked back, refused or chatted with is no answer.
#[must_use]
pub fn is_answered(reply: &Reply) -> bool {
    matches!(reply.answer, Answer::Proved { .. } | Answer::Told(_) | Answer::Guessed { .. })
}

/// Whether the answers given are the expected ones: none missing, and none besides.
#[must_use]
pub fn is_exact(reply: &Reply, expected: &[String]) -> bool {
    let given = given(reply);
    let expected: Vec<Vec<Name>> = expected.iter().map(|answer| names(answer)).collect();
    let same = |one: &[Name], other: &[Name]| one.iter().any(|name| other.contains(name));
    !expected.is_empty()
        && given.iter().all(|one| expected.iter().any(|other| same(one, other)))
        && expected.iter().all(|one| given.iter().any(|other| same(one, other)))
}

/// How one answer can be called.
#[derive(Debug, PartialEq)]
enum Name {
    Folded(Key),
    Number(f64),
}

/// The single answers of a reply, each with all that it can be called. A reply without any is its text, or how the text
/// begins: "Yes" of "Yes: ann told me so."
fn given(reply: &Reply) -> Vec<Vec<Name>> {
    if reply.items.is_empty() {
        let whole = reply.text.trim_end_matches(['.', '!']);
        let mut called = names(whole);
        if let Some((begin, _)) = whole.split_once([':', ',', ';', '.', '!']) {
            called.extend(names(begin));
        }
        return vec![called];
    }
    let each = reply.items.iter().map(|item| {
        let mut called = names(&item.text);
        match item.term.as_deref().map(inside) {
            Some(Inside::Iri(iri)) => {
                called.extend(names(iri));
                if let Some(local) = iri.trim_end_matches('/').rsplit(['/', '#', ':']).next() {
                    called.extend(names(&percent_decode(local)));
                }
            }
            Some(Inside::Text(text)) => called.extend(names(text)),
            _ => {}
        }
        called
    });
    each.collect()
}

enum Inside<'a> {
    Iri(&'a str),
    Text(&'a str),
    Other,
}

/// What a term in N-Triples syntax says.
fn inside(term: &str) -> Inside<'_> {
    if let Some(iri) = term.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        return Inside::Iri(iri);
    }
    match term.strip_prefix('"').and_then(|rest| rest.rsplit_once('"')) {
        Some((text, _)) => Inside::Text(text),
        None => Inside::Other,
    }
}

fn names(text: &str) -> Vec<Name> {
    let mut called: Vec<Name> = [Key::of(text), Key::of(&local_words(text))]
        .into_iter()
        .filter(|key| !key.is_empty())
        .map(Name::Folded)
        .collect();
    // Words such as "infinity" are names.
    if text.trim().starts_with(|sign: char| sign.is_ascii_digit() || matches!(sign, '-' | '+' | '.'))
        && let Ok(number) = text.trim().parse::<f64>()
        && number.is_finite()
    {
        called.push(Name::Number(number));
    }
    called
}

#[cfg(test)]
mod tests {
    use quid_core::reply::Item;

    use super::*;

    fn reply(text: &str, items: &[(&str, Option<&str>)]) -> Reply {
        let mut reply = Reply::new(Answer::Guessed { given: vec![], probability: 0.5, flops: 0 }, text);
        reply.items = items
            .iter()
            .map(|(text, term)| Item { text: (*text).to_owned(), term: term.map(ToOwned::to_owned) })
            .collect();
        reply
    }

    #[test]
    fn answers_are_sets_by_name_or_number() {
        let pulido = ("Alan PULIDO", Some("<http://x/Alan_PULIDO>"));
        let seven = ("7", Some("\"7\"^^<http://www.w3.org/2001/XMLSchema#integer>"));
        let code = ("the player", Some("<http://x/alan_pulido>"));
        let tom = ("tom", Some("<http://x#tomHanks>"));
        for (items, expected, exact) in [
            (vec![pulido], vec!["alan pulido"], true),
            (vec![pulido], vec!["Alan_Pulido"], true),
            (vec![pulido], vec!["http://x/Alan_PULIDO"], true),
            (vec![code], vec!["Alan Pulido"], true),
            (vec![tom], vec!["Tom Hanks"], true),
            (vec![pulido], vec!["Alan"], false),
            (vec![pulido, seven], vec!["7.0", "alan pulido"], true),
            (vec![pulido, seven], vec!["alan pulido"], false),
            (vec![pulido], vec!["alan pulido", "7"], false),
            (vec![pulido, pulido], vec!["alan pulido"], true),
            (vec![seven], vec!["007"], true),
            (vec![seven], vec!["70"], false),
            (vec![("infinity", None)], vec!["inf"], false),
            (vec![pulido], vec![], false),
        ] {
            let expected: Vec<String> = expected.into_iter().map(ToOwned::to_owned).collect();
            assert_eq!(is_exact(&reply("x", &items), &expected), exact, "{items:?} {expected:?}");
        }
    }

    #[test]
    fn a_reply_without_single_answers_is_its_words() {
        for (text, expected, exact) in [
            ("Yes: pepsi is a soda.", "yes", true),
            ("No.", "no", true),
            ("Yes: no doubt.", "no", false),
            ("hot and black", "Hot and black", true),
            ("hot and black", "hot", false),
        ] {
            assert_eq!(is_exact(&reply(text, &[]), &[expected.to_owned()]), exact, "{text}");
        }
    }

    #[test]
    fn what_is_no_answer_does_not_count_as_one() {
        assert!(is_answered(&reply("x", &[])));
        for answer in [Answer::Unknown { nearest: vec![] }, Answer::Chat, Answer::Silent, Answer::Error, Answer::Done] {
            assert!(!is_answered(&Reply::new(answer, "x")));
        }
    }
}
