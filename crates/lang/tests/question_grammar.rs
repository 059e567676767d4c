//! The examples of `data/grammar/questions.toml`, read over a small made-up schema, and lines that must not hurt.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types)]

use std::path::Path;
use std::time::Instant;

use quid_core::oxrdf::{NamedNode, Term};
use quid_lang::Language;
use quid_lang::question_grammar::{
    Class, Lexicon, Member, Named, Names, Range, Relation, Schema, Understanding, read, spelled,
};

fn language() -> Language {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut files = Vec::new();
    for folder in ["grammar", "patterns", "phrases", "words"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(data.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        paths.sort();
        for path in paths {
            let name = format!("data/{folder}/{}", path.file_name().unwrap().to_string_lossy());
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Language::load_proved(&files).unwrap_or_else(|error| panic!("{error}"))
}

fn node(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("urn:x:{name}"))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

const STATE: usize = 0;
const RIVER: usize = 1;
const CITY: usize = 2;

fn schema() -> Schema {
    let class = |noun: &str, article: bool| Class {
        nouns: vec![noun.to_owned()],
        loose_nouns: Vec::new(),
        member: Member::Relation(node(noun)),
        keys: 1,
        above: Vec::new(),
        prominence: 0,
        article,
        closed: true,
        adjective: false,
    };
    let mut schema = Schema {
        classes: vec![class("state", false), class("river", true), class("city", false)],
        relations: Vec::new(),
        all_known: false,
    };
    let mut add = |name: &str, domain: usize, range: Range, fill: fn(&mut Relation)| {
        let mut relation = Relation::new(node(name), Some(domain), range);
        relation.closed = true;
        fill(&mut relation);
        schema.relations.push(relation);
    };
    add("borders", STATE, Range::Thing(Some(STATE)), |relation| relation.verbs = words(&["border"]));
    add("capital", STATE, Range::Thing(Some(CITY)), |relation| relation.nouns = words(&["capital"]));
    add("area", STATE, Range::Number, |relation| {
        relation.nouns = words(&["area"]);
        (relation.high, relation.low) = (words(&["large"]), words(&["small"]));
    });
    add("people", CITY, Range::Number, |relation| {
        relation.nouns = words(&["population"]);
        (relation.high, relation.units) = (words(&["large", "populous"]), words(&["person"]));
    });
    add("runs", RIVER, Range::Thing(Some(STATE)), |relation| {
        relation.verbs = words(&["run through", "flow through"]);
        (relation.prepositions, relation.place) = (words(&["in"]), true);
    });
    add("length", RIVER, Range::Number, |relation| {
        relation.nouns = words(&["length"]);
        (relation.high, relation.low) = (words(&["long"]), words(&["short"]));
    });
    add("lies", CITY, Range::Thing(Some(STATE)), |relation| {
        (relation.prepositions, relation.place) = (words(&["in"]), true);
    });
    schema
}

struct Known;

impl Names for Known {
    fn named(&self, name: &str) -> Vec<Named> {
        let known = [
            ("texas", STATE),
            ("ohio", STATE),
            ("ohio", RIVER),
            ("mississippi", STATE),
            ("mississippi", RIVER),
            ("austin", CITY),
            ("new york", STATE),
            ("new york", CITY),
        ];
        let named = known.iter().filter(|(other, _)| *other == name).map(|(name, class)| Named {
            terms: vec![Term::from(node(&spelled(name)))],
            class: Some(*class),
            name: (*name).to_owned(),
        });
        named.collect()
    }
}

/// The likeliest reading in words; nothing when there is none.
fn reading(language: &Language, lexicon: &Lexicon, schema: &Schema, line: &str) -> String {
    let Some(tokens) = language.questions().tokens(line) else { return String::new() };
    match read(&tokens, language, lexicon, schema, &Known) {
        Understanding::Readings(readings) => {
            readings.into_iter().min_by_key(|reading| reading.cost).map(|reading| reading.says).unwrap_or_default()
        }
        Understanding::Other | Understanding::Unknown(_) | Understanding::Unread => String::new(),
    }
}

#[test]
fn the_examples_are_read_as_they_say() {
    let language = language();
    let schema = schema();
    let lexicon = Lexicon::new(language.questions(), &schema, &|noun| language.plural(noun));
    let mut wrong = Vec::new();
    for (line, expected) in language.questions().examples() {
        let got = reading(&language, &lexicon, &schema, line);
        if got != *expected {
            wrong.push(format!("{line}\n    expected {expected}\n    got      {got}"));
        }
    }
    assert!(language.questions().examples().len() > 20, "too few examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_line_hurts() {
    let language = language();
    let schema = schema();
    let lexicon = Lexicon::new(language.questions(), &schema, &|noun| language.plural(noun));
    let begun = Instant::now();
    let lines = [
        String::new(),
        "?".repeat(1000),
        "'s ".repeat(60),
        "what ".repeat(64),
        "rivers in ".repeat(30),
        "the largest state that borders ".repeat(12),
        "states that border states and ".repeat(12),
        "not ".repeat(60),
        "how many more than 3 rivers with no states or ".repeat(6),
        "what is the capital of ".repeat(12),
        "texas, ohio and ".repeat(20),
        "texas 's capital 's ".repeat(16),
        "x".repeat(100_000),
        "rivers in texas ".repeat(10_000),
        "\u{0}\u{202e}\u{1f600} what states border \u{fffd}".to_owned(),
    ];
    for line in &lines {
        let _ = reading(&language, &lexicon, &schema, line);
    }
    assert!(begun.elapsed().as_secs() < 20, "too slow: {:?}", begun.elapsed());
}
