//! Unit tests of the keeper as a whole, in memory.

use std::{ops::ControlFlow, sync::Arc};

use quid_core::{
    Act, Audience, Change, Fault, Guard, Memory, Place, Rights, Scope, Source, Speaker, Time,
    oxrdf::{Literal, NamedNode, Quad, Triple},
    source::Citation,
    text::Key,
    vocabulary as v,
};

use crate::{Dump, Keeper};

fn thing(name: &str) -> NamedNode {
    Key::of(name).thing()
}

fn at(seconds: i64) -> Time {
    Time::from_micros(1_780_000_000_000_000 + seconds * 1_000_000)
}

fn speaker(nick: &str) -> Speaker {
    Speaker { nick: nick.to_owned(), account: None, rights: Rights::Everyone }
}

fn says(nick: &str, place: &Place, subject: &str, value: &str) -> Change {
    let about = thing(subject);
    Change {
        act: Act::Learn,
        by: speaker(nick),
        place: place.clone(),
        at: at(0),
        line: format!("{subject} is {value}"),
        scope: Scope::of(place, nick),
        learned: vec![
            Triple::new(about.clone(), v::LABEL, Literal::new_simple_literal(subject)),
            Triple::new(about.clone(), v::IS, Literal::new_simple_literal(value)),
        ],
        added: Vec::new(),
        removed: Vec::new(),
        about: vec![about],
        undoes: None,
        guard: None,
    }
}

fn audience(name: &str, place: &Place) -> Audience {
    Audience { name: name.to_owned(), place: place.clone() }
}

fn values(keeper: &Keeper, reader: &Audience, subject: &str) -> Vec<String> {
    let facts = keeper.facts(reader).all(Some(&thing(subject).into()), Some(v::IS), None, 100).expect("readable");
    facts
        .into_iter()
        .map(|fact| match fact.object {
            quid_core::oxrdf::Term::Literal(value) => value.value().to_owned(),
            other => other.to_string(),
        })
        .collect()
}

fn room() -> Place {
    Place::Channel("#test".to_owned())
}

#[test]
fn what_is_taught_is_there_with_its_source() {
    let keeper = Keeper::in_memory().expect("in memory");
    let place = room();
    let receipt = keeper.commit(says("ann", &place, "coffee", "a \"drink\"\nhot")).expect("learned");
    assert_eq!(receipt.seq, 1);
    let statement = receipt.statement.expect("a statement");
    assert_eq!(values(&keeper, &audience("bob", &place), "coffee"), ["a \"drink\"\nhot"]);
    let Some(Citation::Said { nick, place, line, .. }) = keeper.cite(&statement).expect("readable") else {
        panic!("no citation");
    };
    assert_eq!((nick.as_str(), place.as_str()), ("ann", "#test"));
    assert_eq!(line, "coffee is a \"drink\"\nhot");
    assert_eq!(keeper.about(&thing("coffee")).expect("readable"), [1]);
    let record = keeper.record(1).expect("readable").expect("there");
    assert_eq!(record.statement(), Some(statement.clone()));
    assert_eq!(record.added.len(), 2);
    assert_eq!(keeper.record(2).expect("readable"), None);
    assert_eq!(keeper.record(0).expect("readable"), None);
    let attributed =
        keeper.keeping().all(Some(&statement.into()), Some(v::ATTRIBUTED_TO), None, 9).expect("readable");
    assert_eq!(attributed.len(), 1);
}
