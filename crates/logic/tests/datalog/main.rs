//! Random programs with recursion, negation and aggregates: the engine must agree with an evaluator so naive that
//! it is obviously right and with SWI-Prolog where it is installed, always, and the independent checker with every
//! proof.

#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // of numbers below ten
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, clippy::disallowed_types)] // to run the other Prolog

#[path = "../../../core/tests/listed/mod.rs"]
mod listed;
mod prolog;
mod world;

use std::collections::BTreeSet;

use quid_core::proof::NoBuiltIns;
use quid_core::{Argument, Budget, Goal, Literal, Query, Rule, Rulebook, columns};
use quid_logic::{Extent, Ground, Program, ask};

use world::{
    Bound, DERIVED, Dice, Relation, STORED, World, constant, literal, matching, naive, number, paths, stored, world,
};

/// How many programs a run makes.
const PROGRAMS: u64 = 1_200;

fn written(rule: &Rule) -> String {
    let argument = |argument: &Argument| match argument {
        Argument::Variable(number) => format!("V{number}"),
        Argument::Term(term) => format!("c{}", number(term)),
    };
    let literal = |literal: &Literal| {
        let name = columns::relation_name(&literal.predicate).unwrap_or_default();
        format!("{name}({})", literal.arguments.iter().map(argument).collect::<Vec<_>>().join(", "))
    };
    let goals = rule.body.iter().map(|goal| match goal {
        Goal::Holds(of) => literal(of),
        Goal::Not(of) => format!("\\+ {}", literal(of)),
        Goal::Gather(of) => format!("count({}, by {:?}, {})", literal(&of.over), of.by, argument(&of.into)),
    });
    format!("{} :- {}.", literal(&rule.head), goals.collect::<Vec<_>>().join(", "))
}

#[test]
fn the_engine_agrees_with_swi_prolog() {
    let mut dice = Dice(20_261_124);
    let worlds: Vec<World> = (0..PROGRAMS).map(|_| world(&mut dice)).collect();
    let Some(theirs) = prolog::answers(&worlds) else {
        println!("skipped: there is no swipl here");
        return;
    };
    let mut count = 0;
    for (at, (world, theirs)) in worlds.iter().zip(&theirs).enumerate() {
        let (facts, rules) = (stored(&world.facts), program(world));
        let ground = Ground { facts: &facts, rules: &rules, builtins: &NoBuiltIns, mirror: None };
        for relation in DERIVED {
            let open = (0..relation.width).map(|at| Argument::Variable(at as u32)).collect();
            let query = Query::asking(vec![Goal::Holds(literal(relation, open))]);
            let budget = Budget::steps(10_000_000);
            let found = ask(&query, &ground, &budget).unwrap_or_else(|why| panic!("{why}\n{}", text(world)));
            let ours: BTreeSet<Vec<u8>> =
                (0..found.len()).map(|row| found.values(row).iter().map(number).collect()).collect();
            let theirs = theirs.get(relation.name).cloned().unwrap_or_default();
            assert_eq!(ours, theirs, "program {at}, {}\n{}", relation.name, text(world));
            count += ours.len();
        }
    }
    assert!(count > 5_000, "{count} answers are too few to mean anything");
}

/// The rules of a world, and that all its relations may be asked for.
fn program(world: &World) -> Program {
    let mut rules = Program::new(&Rulebook { rules: world.rules.clone() });
    for relation in STORED.iter().chain(&DERIVED) {
        rules.know(&columns::relation(relation.name), relation.width);
    }
    rules
}

fn text(world: &World) -> String {
    let rules: Vec<String> = world.rules.iter().map(written).collect();
    format!("{}\n{:?}", rules.join("\n"), world.facts)
}

#[derive(Default)]
struct Count {
    answers: usize,
    with_tables: usize,
}

#[test]
fn the_engine_agrees_with_a_naive_evaluator_and_the_checker_with_every_proof() {
    let mut dice = Dice(20_261_123);
    let mut count = Count::default();
    for program in 0..PROGRAMS {
        let world = world(&mut dice);
        compare(&world, &format!("program {program}"), &mut dice, &DERIVED, &mut count);
    }
    assert!(count.answers > 10_000 && count.with_tables > 1_000, "too few to mean anything");
}

#[test]
fn paths_are_found_by_searching_as_by_the_rules() {
    let mut dice = Dice(7);
    let mut count = Count::default();
    for program in 0..PROGRAMS {
        let world = paths(&mut dice);
        compare(&world, &format!("paths {program}"), &mut dice, &DERIVED[2..3], &mut count);
    }
    assert!(count.answers > 10_000, "{} answers are too few to mean anything", count.answers);
}

fn compare(world: &World, name: &str, dice: &mut Dice, relations: &[Relation], count: &mut Count) {
    let expected = naive(world);
    let facts = stored(&world.facts);
    let rules = program(world);
    let ground = Ground { facts: &facts, rules: &rules, builtins: &NoBuiltIns, mirror: None };
    let text = || format!("{name}:\n{}", text(world));
    for &relation in relations {
        for shape in 0..4 {
            let arguments: Vec<Argument> = (0..relation.width)
                .map(|at| match (shape, dice.roll(3)) {
                    (1, 0 | 1) => Argument::Term(constant(dice.roll(6) as u8)),
                    (2, 0) => Argument::Variable(0),
                    (3, _) if at == 1 => Argument::Term(constant(dice.roll(6) as u8)),
                    _ => Argument::Variable(at as u32),
                })
                .collect();
            let asked = literal(relation, arguments);
            let query = Query::asking(vec![Goal::Holds(asked.clone())]);
            let wanted: BTreeSet<Vec<u8>> =
                matching(&expected, &asked, &Bound::new()).map(|bound| bound.into_values().collect()).collect();
            let budget = Budget::steps(10_000_000);
            let mut found = ask(&query, &ground, &budget).unwrap_or_else(|why| panic!("{why}\n{asked:?}\n{}", text()));
            let is_terse = dice.roll(2) == 0;
            if is_terse {
                found.tersely();
            }
            assert_eq!(found.extent(), Extent::All, "{}", text());
            let rows: Vec<Vec<u8>> =
                (0..found.len()).map(|row| found.values(row).iter().map(number).collect()).collect();
            let set: BTreeSet<Vec<u8>> = rows.iter().cloned().collect();
            assert_eq!(set.len(), rows.len(), "an answer came twice\n{asked:?}\n{}", text());
            assert_eq!(set, wanted, "{asked:?}\n{}", text());
            for row in 0..found.len() {
                let proof = found
                    .verified(row)
                    .unwrap_or_else(|why| panic!("{why}\n{asked:?}\n{:#?}\n{}", found.proof(row), text()));
                assert_eq!(proof.proof().conclusion().map(|claim| claim.arguments.clone()), Some(found.values(row)));
                count.with_tables += usize::from(!proof.proof().tables.is_empty());
            }
            count.answers += rows.len();
            let few = Query { limit: Some(2), ..query.clone() };
            let first = ask(&few, &ground, &budget).expect("as before");
            assert_eq!(first.len(), rows.len().min(2), "{asked:?}\n{}", text());
            for row in 0..first.len() {
                let values: Vec<u8> = first.values(row).iter().map(number).collect();
                assert!(set.contains(&values), "{asked:?}\n{}", text());
                first.verified(row).unwrap_or_else(|why| panic!("{why}\n{asked:?}\n{}", text()));
            }
            if shape == 0 {
                let mut again = ask(&query, &ground, &budget).expect("as before");
                if is_terse {
                    again.tersely();
                }
                assert_eq!(again.rows().expect("as before"), found.rows().expect("as before"), "{}", text());
            }
        }
    }
}
