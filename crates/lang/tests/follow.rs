//! Questions that are whole only with the one before.

#![allow(clippy::unwrap_used)] // a test that unwraps says by failing what went wrong

mod common;

use quid_core::Intent;
use quid_lang::follow::{Before, Follow};

#[test]
fn what_goes_on_from_a_question_stands_for_a_whole_one() {
    let language = common::language();
    let known = common::Known::default();
    let rows = [
        ("what is the capital of france?", "and of spain?", "what is the capital of spain?"),
        ("what is the capital of france?", "and spain?", "what is the capital of spain?"),
        ("what is france's capital?", "and of spain?", "what is spain's capital?"),
        ("who won the cup in 2006?", "and in 2010?", "who won the cup in 2010?"),
        ("who won the cup?", "and in 2010?", "who won the cup in 2010?"),
        ("who won the 2006 cup?", "what about 2010?", "who won the 2010 cup?"),
        ("is a dog a mammal?", "what about cats?", "are cats a mammal?"),
        ("is a dog a mammal?", "what about an eel?", "is an eel a mammal?"),
        ("does alice like tea?", "and bob?", "does bob like tea?"),
        ("who likes tea?", "and coffee?", "who likes coffee?"),
        ("what are the parts of a car?", "and of a house?", "what are the parts of a house?"),
        ("how old is ann?", "and bob?", "how old is bob?"),
        ("where does ann live?", "how about bob?", "where does bob live?"),
        ("how many legs does a cat have?", "and a spider?", "how many legs does a spider have?"),
        ("is alice tall?", "does she like tea?", "does alice like tea?"),
        ("is alice tall?", "and does she like tea?", "does alice like tea?"),
        ("is alice tall?", "who is her sister?", "who is alice's sister?"),
        ("where is the eiffel tower?", "who built it?", "who built the eiffel tower?"),
        ("what is a car?", "what about its parts?", "what are the parts of car?"),
        ("how old is ann?", "and now?", "how old is ann?"),
    ];
    for (first, second, whole) in rows {
        let understood = language.understand(&common::heard(first, true, false), "quid", &known);
        let Intent::Ask(question) = understood.intent else { panic!("{first}: {:?}", understood.intent) };
        let topic = language.asked_about(first, Some(&question));
        let before = Before { line: first.to_owned(), question: Some(question), topic, listed: Vec::new() };
        assert_eq!(language.follow_up(second, &before), Some(Follow::Line(whole.to_owned())), "{first} {second}");
    }
}

#[test]
fn what_stands_for_itself_is_left_alone() {
    let language = common::language();
    let before = Before {
        line: "who is ann?".to_owned(),
        question: None,
        topic: Some("ann".to_owned()),
        listed: vec!["tea".to_owned(), "cake".to_owned()],
    };
    let rows = [
        "is it raining?",
        "does bob like her dog?",
        "tea is hot",
        "what is tea?",
        "if ann is kind is she nice?",
        "which states have rivers running through them?",
        "",
        "?",
    ];
    for line in rows {
        assert_eq!(language.follow_up(line, &before), None, "{line}");
    }
    let second = language.follow_up("what about the second one?", &before);
    assert_eq!(second, Some(Follow::Line("what is cake?".to_owned())));
    assert_eq!(language.follow_up("and the third one?", &before), None, "there are two");
    assert_eq!(language.follow_up("who else?", &before), Some(Follow::Rest));
}
