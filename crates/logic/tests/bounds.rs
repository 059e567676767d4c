//! Rules that blow up end in bounds and say which; rules that mean nothing are refused, with the reason.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::proof::NoBuiltIns;
use quid_core::{Argument, Budget, Fact, Facts, Fault, Goal, Limit, Literal, Query, Rule, Rulebook, columns};
use quid_logic::{Extent, Ground, Program, Refusal, ask, why_not};

/// Forty nodes, each joined with each.
struct Dense;

impl Facts for Dense {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        if predicate.is_some_and(|predicate| predicate != columns::relation("edge")) {
            return Ok(());
        }
        let node = |number: usize| columns::atom(&format!("n{number}"));
        for from in (0..40).map(node).filter(|from| subject.is_none_or(|wanted| *wanted == from.clone().into())) {
            for to in (0..40).map(node).filter(|to| object.is_none_or(|wanted| *wanted == to.clone().into())) {
                let graph = NamedNode::new_unchecked("urn:quid:dump:dense");
                let predicate = columns::relation("edge");
                if visit(&Fact { subject: from.clone().into(), predicate, object: to.into(), graph }).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn literal(relation: &str, arguments: &[u32]) -> Literal {
    Literal {
        predicate: columns::relation(relation),
        arguments: arguments.iter().map(|number| Argument::Variable(*number)).collect(),
    }
}

fn rule(name: &str, head: Literal, body: Vec<Goal>) -> Rule {
    Rule { name: name.to_owned(), head, body, says: String::new() }
}

fn holds(relation: &str, arguments: &[u32]) -> Goal {
    Goal::Holds(literal(relation, arguments))
}

fn program(rules: Vec<Rule>) -> Program {
    Program::new(&Rulebook { rules })
}

/// All five-tuples of nodes: a hundred million.
fn explosion() -> Program {
    let body = (0..4).map(|at| holds("edge", &[at, at + 1])).collect();
    program(vec![rule("boom", literal("boom", &[0, 1, 2, 3, 4]), body)])
}

#[test]
fn a_rule_that_blows_up_ends_in_bounds_and_says_which() {
    let rules = explosion();
    let ground = Ground { facts: &Dense, rules: &rules, builtins: &NoBuiltIns, mirror: None };
    let query = Query::asking(vec![holds("boom", &[0, 1, 2, 3, 4])]);
    let stop = AtomicBool::new(true);
    let ample = || Budget::steps(50_000_000);
    for (budget, limit) in [
        (Budget::steps(100_000), Limit::Steps),
        (ample().with_tuples(5_000), Limit::Tuples),
        (ample().with_bytes(2_000_000), Limit::Bytes),
        (ample().with_solutions(700), Limit::Solutions),
        (ample().with_stop(&stop), Limit::Stopped),
    ] {
        let before = resident();
        let found = ask(&query, &ground, &budget).expect("a question");
        assert_eq!(found.extent(), Extent::Spent(limit), "{limit}");
        assert!(limit != Limit::Solutions || found.len() == 700);
        // What it counted as two megabytes may be a few more, never a hundred.
        let grown = resident().saturating_sub(before);
        assert!(limit != Limit::Bytes || grown < 20_000_000, "{grown} bytes");
        for row in (0..found.len()).step_by(97) {
            found.verified(row).expect("what was found is proved");
        }
    }
    let mut some = query;
    some.limit = Some(3);
    let budget = ample();
    let found = ask(&some, &ground, &budget).expect("a question");
    assert_eq!((found.len(), found.extent()), (3, Extent::Limited));
}

#[test]
fn what_means_nothing_is_refused_with_the_reason() {
    let denied = |relation: &str, arguments: &[u32]| Goal::Not(literal(relation, arguments));
    let rules = program(vec![
        rule("win", literal("win", &[0]), vec![holds("edge", &[0, 1]), denied("lose", &[1])]),
        rule("lose", literal("lose", &[0]), vec![holds("edge", &[0, 1]), holds("win", &[1])]),
        rule("loose", literal("loose", &[0, 1]), vec![holds("edge", &[0, 0])]),
        rule("open", literal("open", &[0]), vec![holds("edge", &[0, 0]), denied("edge", &[0, 9])]),
    ]);
    let ground = Ground { facts: &Dense, rules: &rules, builtins: &NoBuiltIns, mirror: None };
    for (goal, expected) in [
        (holds("win", &[0]), "win rests on its own negation: win → lose → win"),
        (holds("egde", &[0, 1]), "nothing is known of egde/2; did you mean edge/2?"),
        (holds("edge", &[0, 1, 2]), "nothing is known of edge/3; did you mean edge/2?"),
        (
            holds("loose", &[0, 1]),
            "rule `loose`: too little is known to try loose/2: bind its variables by another goal",
        ),
        (holds("open", &[0]), "rule `open`: too little is known to try edge/2: bind its variables by another goal"),
    ] {
        let budget = Budget::steps(1_000_000);
        let refused: Refusal = ask(&Query::asking(vec![goal]), &ground, &budget).expect_err(expected);
        assert_eq!(refused.to_string(), expected);
    }
}

#[test]
fn why_not_tells_how_far_each_rule_gets() {
    let rules = program(vec![rule(
        "pair",
        literal("pair", &[0, 1]),
        vec![holds("edge", &[0, 1]), holds("missing", &[1, 2]), holds("edge", &[2, 0])],
    )]);
    let ground = Ground { facts: &Dense, rules: &rules, builtins: &NoBuiltIns, mirror: None };
    let budget = Budget::steps(1_000_000);
    let missing = why_not(&literal("pair", &[0, 1]), &ground, &budget).expect("a question");
    let [one] = missing.as_slice() else { panic!("{missing:?}") };
    assert_eq!((one.rule.as_str(), one.holds.len()), ("pair", 1));
    assert_eq!(one.fails.literal().predicate, columns::relation("missing"));
}

/// How much memory this process has, in bytes; 0 where that cannot be seen.
#[allow(clippy::disallowed_methods)]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}
