//! A mirror of the store is never stale: after any change, by whichever way, for whichever reader, questions over the
//! mirror are answered as those that read the store itself.

use std::collections::BTreeSet;

use quid_core::oxrdf::{Literal as Text, NamedNode, Quad, Term, Triple};
use quid_core::proof::NoBuiltIns;
use quid_core::{
    Act, Argument, Atom, Audience, Budget, Change, Goal, Literal, Memory, Place, Query, Rights, Rule, Rulebook, Scope,
    Speaker, Time, columns, vocabulary as v,
};
use quid_logic::{Ground, Mirror, Program, ask};
use quid_store::{Dump, Keeper};

/// A small generator of numbers: the same changes in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }
}

fn node(number: usize) -> NamedNode {
    columns::atom(&format!("c{number}"))
}

fn at() -> Time {
    Time::from_micros(1_780_000_000_000_000)
}

/// A pair, a class or a wider statement.
fn statement(dice: &mut Dice) -> Atom {
    let any = |dice: &mut Dice| Term::from(node(dice.roll(6)));
    match dice.roll(6) {
        0 => Atom { predicate: columns::relation("kind"), arguments: vec![any(dice)] },
        1 => Atom { predicate: columns::relation("row"), arguments: vec![any(dice), any(dice), any(dice)] },
        2 => Atom { predicate: columns::relation("edge"), arguments: vec![Text::from(7).into(), any(dice)] },
        _ => Atom { predicate: columns::relation("edge"), arguments: vec![any(dice), any(dice)] },
    }
}

fn change(act: Act, nick: &str, place: &Place, scope: Scope) -> Change {
    Change {
        act,
        by: Speaker { nick: nick.to_owned(), account: None, rights: Rights::Everyone },
        place: place.clone(),
        at: at(),
        line: "a line".to_owned(),
        scope,
        learned: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        about: vec![node(0)],
        undoes: None,
        guard: None,
    }
}

fn literal(relation: &str, arguments: Vec<Argument>) -> Literal {
    Literal { predicate: columns::relation(relation), arguments }
}

/// Paths over edges, and what is not at the end of one.
fn program() -> Program {
    let variable = Argument::Variable;
    let holds = |relation: &str, arguments: Vec<Argument>| Goal::Holds(literal(relation, arguments));
    let rule = |name: &str, head: Literal, body: Vec<Goal>| Rule { name: name.into(), head, body, says: String::new() };
    let two = |one, other| vec![variable(one), variable(other)];
    let mut program = Program::new(&Rulebook {
        rules: vec![
            rule("one", literal("path", two(0, 1)), vec![holds("edge", two(0, 1))]),
            rule("more", literal("path", two(0, 2)), vec![holds("edge", two(0, 1)), holds("path", two(1, 2))]),
            rule(
                "apart",
                literal("apart", vec![variable(0)]),
                vec![holds("kind", vec![variable(0)]), Goal::Not(literal("reached", vec![variable(0)]))],
            ),
            rule("reached", literal("reached", vec![variable(1)]), vec![holds("path", two(0, 1))]),
        ],
    });
    for (relation, width) in [("edge", 2), ("kind", 1), ("row", 3)] {
        program.know(&columns::relation(relation), width);
    }
    program
}

fn answers(
    keeper: &Keeper,
    audience: &Audience,
    program: &Program,
    goal: &Literal,
    mirror: Option<&Mirror>,
) -> BTreeSet<String> {
    let facts = keeper.facts(audience);
    let ground = Ground { facts: facts.as_ref(), rules: program, builtins: &NoBuiltIns, mirror };
    let budget = Budget::steps(10_000_000);
    let found = ask(&Query::asking(vec![Goal::Holds(goal.clone())]), &ground, &budget).expect("a question");
    (0..found.len())
        .map(|row| {
            found.verified(row).expect("a proof that holds");
            format!("{:?}", found.values(row))
        })
        .collect()
}

#[test]
fn after_any_changes_the_mirror_says_what_the_store_says() {
    let keeper = Keeper::in_memory().expect("in memory");
    let (mut dice, program) = (Dice(3), program());
    // The second is so small that it forgets again and again.
    let mirrors = [Mirror::new(1 << 26), Mirror::new(3_000)];
    let places = [Place::Global, Place::Channel("#a".into()), Place::Private];
    let mut taught: Vec<(Vec<Quad>, Scope)> = Vec::new();
    let (mut asked, mut some) = (0, 0);
    for _ in 0..150 {
        match dice.roll(12) {
            0 => {
                let graph = NamedNode::new_unchecked("urn:any");
                let quads: Vec<Quad> =
                    (0..dice.roll(12)).flat_map(|_| columns::quads(&statement(&mut dice), graph.clone())).collect();
                let name = ["first", "second"][dice.roll(2)];
                let dump = Dump { name, title: name, licence: "none", at: at() };
                keeper.load(&dump, &mut quads.into_iter()).expect("loaded");
            }
            1 => {
                // It may not be there.
                let _ = keeper.unload(["first", "second"][dice.roll(2)]);
            }
            2 | 3 if !taught.is_empty() => {
                let (removed, scope) = taught.swap_remove(dice.roll(taught.len()));
                keeper
                    .commit(Change { removed, ..change(Act::Forget, "ann", &Place::Global, scope) })
                    .expect("forgotten");
            }
            4 => {
                let seen = Quad::new(node(1), v::ASKED, Text::from(1), v::OBSERVED_GRAPH);
                keeper.observe(&[], &[seen]).expect("observed");
            }
            roll => {
                let (nick, place) = (["ann", "bob"][dice.roll(2)], &places[dice.roll(3)]);
                let scope = if roll == 5 { Scope::Quarantine("#a".into()) } else { Scope::of(place, nick) };
                let quads = columns::quads(&statement(&mut dice), NamedNode::new_unchecked("urn:any"));
                let learned =
                    quads.into_iter().map(|quad| Triple::new(quad.subject, quad.predicate, quad.object)).collect();
                let receipt = keeper
                    .commit(Change { learned, ..change(Act::Learn, nick, place, scope.clone()) })
                    .expect("learned");
                let record = keeper.record(receipt.seq).expect("readable").expect("there");
                taught.push((record.added, scope));
            }
        }
        for (name, place) in [("ann", Place::Private), ("bob", Place::Private), ("ann", Place::Channel("#a".into()))] {
            let reader = Audience { name: name.into(), place };
            let mut argument =
                |at| if dice.roll(2) == 0 { Argument::Variable(at) } else { Argument::Term(node(dice.roll(6)).into()) };
            let goals = [
                literal("edge", vec![argument(0), argument(1)]),
                literal("path", vec![argument(0), argument(1)]),
                literal("kind", vec![argument(0)]),
                literal("row", vec![argument(0), argument(1), argument(2)]),
                literal("apart", vec![argument(0)]),
            ];
            for goal in goals {
                let expected = answers(&keeper, &reader, &program, &goal, None);
                for mirror in &mirrors {
                    assert_eq!(
                        answers(&keeper, &reader, &program, &goal, Some(mirror)),
                        expected,
                        "{reader:?} {goal:?}"
                    );
                }
                asked += 1;
                some += usize::from(!expected.is_empty());
            }
        }
    }
    assert!(some * 4 > asked, "{some} of {asked} questions had answers: too few to mean anything");
    assert!(mirrors[0].bytes() > 0, "the mirror was not used");
}
