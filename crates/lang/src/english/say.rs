//! Says a reading back in the wording that has no other: letters for whoever is meant, one verb a claim.

use super::{Claim, Implication, Relation, Sentence, Who};
use crate::Language;

/// "if X is quiet and X is cold, then X is smart"
pub(super) fn implication(language: &Language, rule: &Implication) -> String {
    let said = |claims: &[Claim]| -> String {
        let all: Vec<String> = claims.iter().map(|one| claim(language, one, &rule.variables)).collect();
        all.join(&language.say("rule.and", &[], 0))
    };
    let (conditions, conclusions) = (said(&rule.conditions), said(&rule.conclusions));
    let phrase = if rule.mutual { "rule.mutual" } else { "rule.if" };
    language.say(phrase, &[("conditions", &conditions), ("conclusions", &conclusions)], 0)
}

/// "the cow does not chase the squirrel"
pub(super) fn claim(language: &Language, claim: &Claim, variables: &[String]) -> String {
    let name = |who: &Who| match who {
        Who::Variable(number) => usize::try_from(*number)
            .ok()
            .and_then(|at| variables.get(at))
            .cloned()
            .unwrap_or_else(|| format!("X{number}")),
        Who::Thing(thing) => thing.spoken.clone(),
    };
    let subject = name(&claim.subject);
    let (verb, object) = match (&claim.relation, &claim.object) {
        (Relation::Is { class, noun }, _) => {
            let object = if *noun { with_article(language, class) } else { class.clone() };
            (relation(language, "is", claim.denied), object)
        }
        (Relation::Any { class }, _) => (relation(language, "is", claim.denied), with_article(language, class)),
        (Relation::Does(verb), Some(object)) if verb == "does" => {
            let base = name(object);
            let form = doing(language, &base, claim.denied);
            return language.say("rule.does", &[("one", &subject), ("verb", &form)], 0);
        }
        (Relation::Does(verb), Some(object)) => (relation(language, verb, claim.denied), name(object)),
        (Relation::Does(verb), None) => (relation(language, verb, claim.denied), String::new()),
    };
    language.say("rule.claim", &[("one", &subject), ("verb", &verb), ("other", &object)], 0)
}

/// "a Mersenne prime", "a sheep": a class takes its article however it is written, unless it is a stuff.
pub(super) fn with_article(language: &Language, class: &str) -> String {
    let lower = class.to_lowercase();
    if language.with_article(&lower) == lower && !language.words.is_plural(&lower) {
        return class.to_owned();
    }
    let first = lower.split(' ').next().unwrap_or_default();
    let example = language.with_article(&format!("{first} kind"));
    example.split_once(' ').map_or_else(|| class.to_owned(), |(article, _)| format!("{article} {class}"))
}

/// "likes", "does not like", "is not parent of", "cannot"
pub(super) fn relation(language: &Language, relation: &str, denied: bool) -> String {
    let (first, rest) = relation.split_once(' ').map_or((relation, ""), |(first, rest)| (first, rest));
    if first == "is" {
        let rest = of_somebody(language, rest);
        if denied {
            return language.say("rule.is.not", &[("rest", &rest)], 0).trim_end().to_owned();
        }
        return format!("{first} {rest}").trim_end().to_owned();
    }
    if !denied {
        return relation.to_owned();
    }
    let known = language.verbs.base_of(relation).is_some();
    if known || language.verbs.has_own_denial(first) {
        return language.verb_for(relation, &["X"], true);
    }
    let base = base_of(language, relation);
    language.say("rule.does.not", &[("verb", &base)], 0)
}

/// "parent of" with the article that it was said with: "a parent of"; "afraid of" has none.
fn of_somebody(language: &Language, rest: &str) -> String {
    match rest.strip_suffix(" of") {
        Some(noun) if !noun.is_empty() && !language.english.is("of_no_article", noun) => {
            format!("{} of", with_article(language, noun))
        }
        _ => rest.to_owned(),
    }
}

/// The base form of a relation in the third person: "lives in" is "live in".
pub(super) fn base_of(language: &Language, relation: &str) -> String {
    let (first, rest) = relation.split_once(' ').map_or((relation, ""), |(first, rest)| (first, rest));
    let known = language.verbs.base_of(first).or_else(|| language.english.base_of(first)).map(str::to_owned);
    let back = |form: &String| language.words.third_person(form) == first;
    let base = known
        .or_else(|| language.words.base_forms(first).into_iter().rev().find(back))
        .unwrap_or_else(|| first.strip_suffix('s').unwrap_or(first).to_owned());
    if rest.is_empty() { base } else { format!("{base} {rest}") }
}

/// "swims", "does not swim"
pub(super) fn doing(language: &Language, base: &str, denied: bool) -> String {
    if denied { language.say("rule.does.not", &[("verb", base)], 0) } else { third_of(language, base) }
}

fn third_of(language: &Language, base: &str) -> String {
    language.english.third_of(base).map_or_else(|| language.words.third_person(base), str::to_owned)
}

/// How a line is read, in words; empty when it is not read: what the examples of the grammar are checked by.
pub(super) fn reading(language: &Language, line: &str) -> String {
    use super::{Asked, NothingKnown};
    let facts = |claims: &[Claim]| -> Vec<String> { claims.iter().map(|one| claim(language, one, &[])).collect() };
    if let Some(sentence) = language.read_sentence(line) {
        return match sentence {
            Sentence::Facts(claims) => facts(&claims).join("; "),
            Sentence::Rules { rules, .. } => {
                let all: Vec<String> = rules.iter().map(|rule| implication(language, rule)).collect();
                all.join("; ")
            }
        };
    }
    match language.read_whether(line, &NothingKnown).map(|question| question.asked) {
        Some(Asked::All(claims)) => format!("{}?", facts(&claims).join("; ")),
        Some(Asked::Either(claims)) => format!("{}?", facts(&claims).join(" | ")),
        Some(Asked::Follows(rule)) => format!("{}?", implication(language, &rule)),
        None => String::new(),
    }
}
