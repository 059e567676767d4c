//! Random changes and undos against a model too simple to be wrong: a set of quads.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quid_core::{
    Act, Audience, Change, Memory, Place, Rights, Scope, Source, Speaker, Time,
    oxrdf::{Literal, NamedNode, Quad, Triple},
    text::Key,
    vocabulary as v,
};
use quid_store::Keeper;

#[derive(Clone, Debug)]
enum Deed {
    Learn(u8, u8, u8),
    Correct(u8, u8),
    Forget(u8),
    Undo(usize),
    State(u8, u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0..5_u8, 0..9_u8, 0..4_u8).prop_map(|(subject, value, scope)| Deed::Learn(subject, value, scope)),
        (0..5_u8, 0..9_u8).prop_map(|(subject, value)| Deed::Correct(subject, value)),
        (0..5_u8).prop_map(Deed::Forget),
        (0..30_usize).prop_map(Deed::Undo),
        (0..5_u8, 0..9_u8).prop_map(|(subject, value)| Deed::State(subject, value)),
    ]
}

fn thing(number: u8) -> NamedNode {
    Key::of(&format!("thing {number}")).thing()
}

fn scope(number: u8) -> Scope {
    match number {
        0 => Scope::Global,
        1 => Scope::Channel("#a".to_owned()),
        2 => Scope::Private("ann".to_owned()),
        _ => Scope::Quarantine("#a".to_owned()),
    }
}

/// What is stored, by its text.
type Model = BTreeMap<String, Quad>;

fn held(model: &Model, subject: u8) -> Vec<Quad> {
    let subject = thing(subject).into();
    model.values().filter(|quad| quad.subject == subject && quad.predicate.as_ref() == v::IS).cloned().collect()
}

fn change(act: Act, subject: u8) -> Change {
    Change {
        act,
        by: Speaker { nick: "ann".to_owned(), account: None, rights: Rights::Everyone },
        place: Place::Global,
        at: Time::from_micros(0),
        line: "a line".to_owned(),
        scope: Scope::Global,
        learned: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        about: vec![thing(subject)],
        undoes: None,
        guard: None,
    }
}

/// Does a deed to both; the model learns only from what a record must say.
fn act(deed: &Deed, keeper: &Keeper, model: &mut Model, done: &mut Vec<(Vec<Quad>, Vec<Quad>)>) {
    let value = |number: u8| Literal::new_simple_literal(format!("value {number}"));
    let mut wanted = match deed {
        Deed::Learn(subject, number, place) => Change {
            scope: scope(*place),
            learned: vec![Triple::new(thing(*subject), v::IS, value(*number))],
            ..change(Act::Learn, *subject)
        },
        Deed::Correct(subject, number) => Change {
            learned: vec![Triple::new(thing(*subject), v::IS, value(*number))],
            removed: held(model, *subject),
            ..change(Act::Correct, *subject)
        },
        Deed::Forget(subject) => Change { removed: held(model, *subject), ..change(Act::Forget, *subject) },
        Deed::Undo(back) => {
            match done.len().checked_sub(back + 1).and_then(|index| done.get(index).map(|d| (index, d))) {
                None => return,
                Some((index, (added, removed))) => Change {
                    added: removed.clone(),
                    removed: added.clone(),
                    undoes: Some(index as u64 + 1),
                    ..change(Act::Undo, 0)
                },
            }
        }
        Deed::State(subject, number) => Change {
            added: vec![Quad::new(thing(*subject), v::KARMA, value(*number), v::STATE_GRAPH)],
            ..change(Act::Karma, *subject)
        },
    };
    wanted.about.dedup();
    let seq = done.len() as u64 + 1;
    let graph = Source::Said { seq, scope: wanted.scope.clone() }.graph();
    let mut added: Vec<Quad> = wanted.learned.iter().map(|triple| triple.clone().in_graph(graph.clone())).collect();
    added.extend(wanted.added.iter().cloned());
    for quad in &wanted.removed {
        model.remove(&quad.to_string());
    }
    for quad in &added {
        model.insert(quad.to_string(), quad.clone());
    }
    done.push((added, wanted.removed.clone()));
    assert_eq!(keeper.commit(wanted).expect("committed").seq, seq);
}

fn same(keeper: &Keeper, model: &Model, done: &[(Vec<Quad>, Vec<Quad>)]) {
    let stored: Vec<String> = {
        let mut quads: Vec<String> = keeper.stored(None).map(|quad| quad.expect("readable").to_string()).collect();
        quads.extend(
            keeper
                .keeping()
                .all(None, Some(v::KARMA), None, 1000)
                .expect("readable")
                .into_iter()
                .map(|fact| Quad::new(fact.subject, fact.predicate, fact.object, fact.graph).to_string()),
        );
        quads.sort();
        quads
    };
    let expected: Vec<String> = model.keys().cloned().collect();
    assert_eq!(stored, expected);
    let said = model.values().filter(|quad| quad.graph_name != v::STATE_GRAPH.into()).count() as u64;
    assert_eq!(keeper.sources().expect("listed").pop().expect("said").quads, said);
    // What each reader sees is the visible part of the same.
    for (name, place) in [("ann", Place::Private), ("bob", Place::Private), ("ann", Place::Channel("#a".to_owned()))] {
        let reader = Audience { name: name.to_owned(), place };
        let seen = keeper.facts(&reader).all(None, None, None, 10_000).expect("readable").len();
        let visible = model
            .values()
            .filter(|quad| match &quad.graph_name {
                quid_core::oxrdf::GraphName::NamedNode(graph) => match Source::of_graph(graph.as_str()) {
                    Some(Source::Said { scope, .. }) => reader.sees(&scope),
                    _ => false,
                },
                _ => false,
            })
            .count();
        assert_eq!(seen, visible, "{reader:?}");
    }
    // The journal alone gives the same.
    let mut replayed = Model::new();
    keeper
        .replay(1, &mut |record| {
            let (added, removed) = &done[usize::try_from(record.seq).expect("small") - 1];
            assert_eq!((&record.added, &record.removed), (added, removed));
            for quad in &record.removed {
                replayed.remove(&quad.to_string());
            }
            for quad in &record.added {
                replayed.insert(quad.to_string(), quad.clone());
            }
            std::ops::ControlFlow::Continue(())
        })
        .expect("readable");
    assert_eq!(replayed.keys().collect::<Vec<_>>(), model.keys().collect::<Vec<_>>());
    for finding in keeper.check().expect("checked") {
        assert!(finding.good, "{}", finding.what);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_the_sum_of_the_changes(deeds in prop::collection::vec(deed(), 1..40)) {
        let keeper = Keeper::in_memory().expect("in memory");
        let (mut model, mut done) = (Model::new(), Vec::new());
        for deed in &deeds {
            act(deed, &keeper, &mut model, &mut done);
        }
        same(&keeper, &model, &done);
    }

}

proptest! {
    // Each case opens RocksDB four times.
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reopened_and_repaired_it_is_the_same(deeds in prop::collection::vec(deed(), 1..30)) {
        let home = tempfile::tempdir().expect("a directory");
        let (mut model, mut done) = (Model::new(), Vec::new());
        {
            let keeper = Keeper::open(home.path()).expect("opened");
            for deed in &deeds {
                act(deed, &keeper, &mut model, &mut done);
            }
            same(&keeper, &model, &done);
        }
        same(&Keeper::open(home.path()).expect("opened again"), &model, &done);
        Keeper::repair(home.path()).expect("repaired");
        same(&Keeper::open(home.path()).expect("opened after a repair"), &model, &done);
    }
}
