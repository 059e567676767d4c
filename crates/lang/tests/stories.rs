//! What is read as a story and what is not, beyond the examples that stand beside the templates themselves.

mod common;

use quid_lang::story::{Happening, When};

/// The happenings of a line with the names in their slots.
fn read(line: &str) -> Vec<(Happening, String)> {
    let language = common::language();
    let said = |slots: &quid_lang::story::Slots| {
        let slot = |(slot, names): &(String, Vec<quid_lang::story::Name>)| {
            let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
            format!("{slot}={}", names.join("&"))
        };
        slots.iter().map(slot).collect::<Vec<_>>().join(" ")
    };
    language.story_told(line).iter().map(|telling| (telling.happening, said(&telling.slots))).collect()
}

#[test]
fn lines_tell_what_happened() {
    for (line, expected) in [
        ("Zoe sprinted to the old mill.", &[(Happening::Move, "who=Zoe place=old mill")][..]),
        ("Yesterday, the nurse went to the ward", &[(Happening::Move, "who=nurse place=ward")]),
        ("Ivan has gone back to the cabin", &[(Happening::Move, "who=Ivan place=cabin")]),
        (
            "Ann went to the shed and picked up the saw",
            &[(Happening::Move, "who=Ann place=shed"), (Happening::Take, "who=Ann what=saw")],
        ),
        (
            "Ann and Bob went to the shed. Bob took the saw there.",
            &[(Happening::Move, "who=Ann&Bob place=shed"), (Happening::Take, "who=Bob what=saw")],
        ),
        ("Kim put the cup back on the shelf", &[(Happening::Put, "who=Kim what=cup place=shelf")]),
        ("Kim set the cup on the shelf", &[(Happening::Put, "who=Kim what=cup place=shelf")]),
        ("Kim gave the cup to her sister", &[(Happening::Give, "who=Kim what=cup whom=sister")]),
        ("Rosa went to the well", &[(Happening::Move, "who=Rosa place=well")]),
        ("it is raining", &[]),
        ("that went well", &[]),
        ("go to the kitchen", &[]),
        ("the road leads to rome", &[]),
        ("to be or not to be", &[]),
        ("and", &[]),
        ("Mary went to", &[]),
        ("where is Mary?", &[]),
    ] {
        let found = read(line);
        let found: Vec<(Happening, &str)> = found.iter().map(|(act, slots)| (*act, slots.as_str())).collect();
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn a_time_is_read_off_both_ends() {
    let language = common::language();
    let day = |day, from, to| When::Day { day, from, to };
    for (line, expected) in [
        ("Ann went to the park", When::Now),
        ("Then Ann went to the park", When::Next),
        ("Before that Ann went to the park", When::Earlier),
        ("Ann went to the park last night.", day(-1, 90, 99)),
        ("And then, this morning, Ann went to the park", day(0, 30, 39)),
    ] {
        let told = language.story_told(line);
        assert_eq!(told.first().map(|telling| telling.when), Some(expected), "{line}");
    }
}

#[test]
fn no_line_is_too_odd() {
    let language = common::language();
    let words =
        ["Mary", "went", "to", "the", "and", ",", "gave", "is", "in", "or", "either", "of", "Bob", "?", "'s", "é"];
    let mut seed: u64 = 7;
    for _ in 0..300 {
        let mut line = String::new();
        for _ in 0..40 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let word = words[usize::try_from(seed >> 40).unwrap_or(0) % words.len()];
            line.push_str(word);
            line.push(' ');
        }
        let _ = (language.story_told(&line), language.story_asked(&line));
    }
    let long = "Mary and ".repeat(10_000);
    assert!(language.story_told(&long).is_empty());
    assert!(language.story_asked(&long).is_none());
}
