//! The controlled English meets lines nobody would say: it must end, soon, and say nothing rather than fall.

// A test may look at the clock; the room itself may not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod common;

use std::time::{Duration, Instant};

use quid_lang::english::NothingKnown;

/// Words that steer the grammar, and some that do not.
const WORDS: &[&str] = &[
    "if", "then", "and", "or", "not", "a", "the", "every", "no", "is", "are", "does", "who", "that", "X", "Y", "X's",
    "Bob's", "Bob", "cats", "cat", "cold,", "cold", "likes", "like", "it", "they", "someone", "nothing", "of", "in",
    "parent", "things", "people", "only", "is,", "can", "has", "been", "its", "é", "3", "Mersenne", "whose",
];

#[test]
fn any_line_is_read_or_left_soon() {
    let language = common::language();
    let mut seed: u64 = 7;
    let mut draw = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % most
    };
    for _ in 0..20_000 {
        let words: Vec<&str> = (0..2 + draw(14)).map(|_| WORDS[draw(WORDS.len())]).collect();
        let line = words.join(" ");
        let _ = language.read_sentence(&line);
        let _ = language.read_whether(&format!("{line}?"), &NothingKnown);
        let _ = language.read_supposed(&format!("what if {line}?"), &NothingKnown);
        let _ = language.read_rule_command(&line);
        let _ = language.looks_like_rule(&line);
    }
}

#[test]
fn what_nests_or_goes_on_ends_soon() {
    let language = common::language();
    let parts = [
        ("if ", "X likes a dog who ", " then X is cold"),
        ("if ", "X is a parent of Y and ", "Y is cold then X is cold"),
        ("if ", "it is cold and not ", "red then it is red"),
        ("", "X's ", "father is cold if X is cold"),
        ("everyone ", "who likes someone ", "is cold"),
        ("if ", "a dog who likes a cat that sees ", "a cow is red then the cow is red"),
        ("if ", "the father of ", "X is red then X is red"),
        ("", "red, ", "cold things are round"),
        ("is ", "the cat and ", "Bob cold"),
        ("if if ", "then if ", "x"),
    ];
    for (head, part, tail) in parts {
        for times in [1, 8, 30, 400] {
            let line = format!("{head}{}{tail}", part.repeat(times));
            let start = Instant::now();
            let _ = language.read_sentence(&line);
            let _ = language.read_whether(&format!("{line}?"), &NothingKnown);
            let took = start.elapsed();
            assert!(took < Duration::from_millis(500), "{took:?}: {}", line.chars().take(120).collect::<String>());
        }
    }
}
