//! The same random programs in SWI-Prolog's words, many in one run of it.
//!
//! Derived relations are tabled and denied with `tnot`, which is its negation for tabled goals; denials and counts
//! come last in a body, since Prolog does not put goals in an order that can be done.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;

use quid_core::oxrdf::Literal as Text;
use quid_core::{Argument, Goal, Literal, Rule, columns};

use super::world::{DERIVED, Relation, STORED, World, number};

/// How many programs one run of `swipl` answers.
const TOGETHER: usize = 400;

/// How many seconds one run may take.
const MOST_SECONDS: u32 = 60;

/// Rows by relation.
pub type Answers = BTreeMap<String, BTreeSet<Vec<u8>>>;

/// All answers to the derived relations of each program; `None` where there is no `swipl`.
pub fn answers(worlds: &[World]) -> Option<Vec<Answers>> {
    Command::new("swipl").arg("--version").output().ok()?;
    Some(worlds.chunks(TOGETHER).flat_map(together).collect())
}

fn together(worlds: &[World]) -> Vec<Answers> {
    let mut text =
        String::from(":- use_module(library(time)).\n:- style_check(-discontiguous).\n:- style_check(-singleton).\n");
    for (at, world) in worlds.iter().enumerate() {
        write(&mut text, at, world).expect("a text takes everything");
    }
    writeln!(text, "rows(N, Name, Goal) :- forall((Goal, Goal =.. [_|Row]), (write(N-Name-Row), nl)).")
        .expect("a text takes everything");
    writeln!(text, "main :- call_with_time_limit({MOST_SECONDS}, forall(asks(N), (ask(N), abolish_all_tables))).")
        .expect("a text takes everything");
    let folder = std::env::temp_dir().join(format!("quid-datalog-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for a while");
    let file = folder.join("random.pl");
    std::fs::write(&file, text).expect("a file for a while");
    let out = Command::new("swipl").args(["-q", "-g", "main", "-t", "halt"]).arg(&file).output().expect("swipl runs");
    std::fs::remove_dir_all(&folder).expect("our own folder");
    let problems = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success() && problems.is_empty(), "{problems}");
    let mut answers = vec![Answers::new(); worlds.len()];
    for line in String::from_utf8_lossy(&out.stdout).lines() {
        let mut parts = line.trim_end_matches(']').splitn(3, '-');
        let (Some(at), Some(name), Some(row)) = (parts.next(), parts.next(), parts.next()) else {
            panic!("swipl wrote {line}")
        };
        let row = row.trim_start_matches('[').split(',').map(|word| match word.strip_prefix('c') {
            Some(constant) => constant.parse().expect("a constant"),
            None => number(&Text::from(word.parse::<i64>().expect("a count")).into()),
        });
        let at: usize = at.parse().expect("the number of a program");
        answers[at].entry(name.to_owned()).or_default().insert(row.collect());
    }
    answers
}

fn write(text: &mut String, at: usize, world: &World) -> std::fmt::Result {
    let ruled: BTreeSet<String> =
        world.rules.iter().filter_map(|rule| columns::relation_name(&rule.head.predicate)).collect();
    for Relation { name, width, .. } in STORED.iter().chain(&DERIVED) {
        let how = if ruled.contains(*name) { "table" } else { "dynamic" };
        writeln!(text, ":- {how} w{at}_{name}/{width}.")?;
    }
    for (name, row) in &world.facts {
        let row: Vec<String> = row.iter().map(|value| constant(*value)).collect();
        writeln!(text, "w{at}_{name}({}).", row.join(", "))?;
    }
    for rule in &world.rules {
        writeln!(text, "{}", clause(at, rule, &ruled))?;
    }
    writeln!(text, "asks({at}).")?;
    let goals = DERIVED.iter().map(|Relation { name, width, .. }| {
        let open = vec!["_"; *width].join(", ");
        format!("rows({at}, {name}, w{at}_{name}({open}))")
    });
    writeln!(text, "ask({at}) :- {}.", goals.collect::<Vec<_>>().join(", "))
}

/// As [`super::world::constant`] has them: the last one is a number.
fn constant(value: u8) -> String {
    if value == 5 { "7".to_owned() } else { format!("c{value}") }
}

fn clause(at: usize, rule: &Rule, ruled: &BTreeSet<String>) -> String {
    let argument = |argument: &Argument| match argument {
        Argument::Variable(number) => format!("V{number}"),
        Argument::Term(term) => constant(number(term)),
    };
    let name = |literal: &Literal| columns::relation_name(&literal.predicate).unwrap_or_default();
    let literal = |literal: &Literal| {
        let arguments: Vec<String> = literal.arguments.iter().map(argument).collect();
        format!("w{at}_{}({})", name(literal), arguments.join(", "))
    };
    let mut goals: Vec<String> = Vec::new();
    for goal in rule.body.iter().filter(|goal| matches!(goal, Goal::Holds(_))) {
        goals.push(literal(goal.literal()));
    }
    for (number, goal) in rule.body.iter().enumerate() {
        match goal {
            Goal::Holds(_) => {}
            Goal::Not(denied) if ruled.contains(&name(denied)) => goals.push(format!("tnot({})", literal(denied))),
            Goal::Not(denied) => goals.push(format!("\\+ {}", literal(denied))),
            Goal::Gather(gather) => goals.push(format!(
                "findall(V{}, {}, L{number}), sort(L{number}, S{number}), length(S{number}, N{number}), N{number} = {}",
                gather.value,
                literal(&gather.over),
                argument(&gather.into)
            )),
        }
    }
    format!("{} :- {}.", literal(&rule.head), goals.join(", "))
}
