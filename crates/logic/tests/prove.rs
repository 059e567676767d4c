//! Tests what is proved of single claims and along chains: against a naive closure, on cycles, within budgets, and
//! with the independent checker as the judge of every proof.

#[path = "../../core/tests/listed/mod.rs"]
mod listed;

use std::collections::BTreeSet;

use proptest::prelude::*;
use quid_core::oxrdf::{NamedNode, Term};
use quid_core::proof::{NoBuiltIns, verify};
use quid_core::{Atom, Because, Budget, Fact, Facts, Proof, Rulebook};
use quid_logic::{Ground, Link, Program, Verdict, explore, prove};

use listed::Listed;

const RULES: &str = r#"
:- prefix(k, "urn:k:").
%! name one
k:above(X, Y) :- k:up(X, Y).
%! name more
k:above(X, Z) :- k:above(X, Y), k:above(Y, Z).
%! name same
k:kin(X, Y) :- k:above(X, Z), k:above(Y, Z).
%! name self
k:loop(X) :- k:above(X, X).
"#;

/// What became of a claim by the rules above.
fn decided(claim: &Atom, facts: &Listed, steps: u64) -> Verdict {
    let rules = Program::new(&rules());
    let ground = Ground { facts, rules: &rules, builtins: &NoBuiltIns, mirror: None };
    prove(claim, &ground, &Budget::steps(steps)).expect("no fault")
}

fn node(name: impl std::fmt::Display) -> NamedNode {
    NamedNode::new_unchecked(format!("urn:k:{name}"))
}

fn atom(relation: &str, one: impl std::fmt::Display, other: impl std::fmt::Display) -> Atom {
    Atom::binary(node(relation), node(one), node(other))
}

fn world(edges: &[(usize, usize)]) -> Listed {
    let fact = |&(from, to): &(usize, usize)| Fact {
        subject: node(from).into(),
        predicate: node("up"),
        object: node(to).into(),
        graph: node("graph"),
    };
    Listed(edges.iter().map(fact).collect())
}

fn rules() -> Rulebook {
    quid_logic::read("kin", RULES).expect("the rules are correct")
}

/// All pairs that a path connects, the slow and obvious way.
fn closure(edges: &[(usize, usize)]) -> BTreeSet<(usize, usize)> {
    let mut pairs: BTreeSet<_> = edges.iter().copied().collect();
    loop {
        let more: Vec<_> = pairs
            .iter()
            .flat_map(|&(a, b)| pairs.iter().filter(move |&&(c, _)| c == b).map(move |&(_, d)| (a, d)))
            .filter(|pair| !pairs.contains(pair))
            .collect();
        if more.is_empty() {
            return pairs;
        }
        pairs.extend(more);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_engine_agrees_with_a_naive_closure(edges in prop::collection::vec((0_usize..7, 0_usize..7), 0..12)) {
        let (facts, rules) = (world(&edges), rules());
        let expected = closure(&edges);
        for one in 0..7 {
            for other in 0..7 {
                match decided(&atom("above", one, other), &facts, 1_000_000) {
                    Verdict::Proved(proof) => {
                        prop_assert!(expected.contains(&(one, other)), "{one} {other} does not follow");
                        prop_assert!(verify(proof, &facts, &rules, &NoBuiltIns).is_ok());
                    }
                    Verdict::Unknown => prop_assert!(!expected.contains(&(one, other)), "{one} {other} follows"),
                    Verdict::Spent => prop_assert!(false, "the budget is ample"),
                }
            }
        }
    }

    #[test]
    fn the_chain_kernel_agrees_too_and_is_shortest(edges in prop::collection::vec((0_usize..8, 0_usize..8), 0..16)) {
        let (facts, rules) = (world(&edges), rules());
        let expected = closure(&edges);
        let mut links = |at: &Term| {
            let up = facts.all(Some(at), Some(node("up").as_ref()), None, 100)?;
            Ok(up.into_iter().map(|fact| Link {
                to: fact.object.clone(),
                proof: Proof::stored(Atom::binary(fact.predicate, fact.subject, fact.object), fact.graph),
            }).collect())
        };
        let start = Term::from(node(0));
        let reach = explore(&start, 100, &mut links, &mut |_| false).expect("no fault");
        for other in 1..8 {
            let goal = Term::from(node(other));
            let proof = reach.proof(&goal, &node("above"), &rules);
            prop_assert_eq!(proof.is_some(), expected.contains(&(0, other)));
            if let Some(proof) = proof {
                let leaves = proof.steps.iter().filter(|step| matches!(step.because, Because::Stored(_))).count();
                prop_assert_eq!(Some(leaves), reach.depth(&goal));
                prop_assert_eq!(proof.conclusion(), Some(&atom("above", 0, other)));
                prop_assert!(verify(proof, &facts, &rules, &NoBuiltIns).is_ok());
            }
        }
    }

    #[test]
    fn a_budget_ends_any_search(edges in prop::collection::vec((0_usize..7, 0_usize..7), 0..20), steps in 0_u64..200) {
        if let Verdict::Proved(proof) = decided(&atom("kin", 0, 1), &world(&edges), steps) {
            prop_assert!(verify(proof, &world(&edges), &rules(), &NoBuiltIns).is_ok());
        }
    }

    #[test]
    fn no_rules_file_panics(text in "[ -~\n]{0,80}", lines in prop::collection::vec("(:- prefix\\(k, \"urn:k:\"\\)|k:a\\([XY_]\\)|:-|[,.()]|%! [a-z]+ .){1,6}", 0..6)) {
        let _ = quid_logic::read("any", &text);
        let _ = quid_logic::read("any", &lines.join("\n"));
    }
}

#[test]
fn cycles_end() {
    let facts = world(&[(0, 1), (1, 0)]);
    for (goal, expected) in [
        (atom("above", 0, 0), true),
        (atom("above", 0, 1), true),
        (atom("above", 0, 2), false),
        (Atom { predicate: node("loop"), arguments: vec![node(1).into()] }, true),
    ] {
        let verdict = decided(&goal, &facts, 10_000);
        assert_eq!(matches!(verdict, Verdict::Proved(_)), expected, "{goal:?}: {verdict:?}");
        assert_ne!(verdict, Verdict::Spent);
    }
}

/// A proof with one thing wrong.
type Tampering = fn(&mut Proof);

#[test]
fn the_checker_rejects_tampered_proofs() {
    let (facts, rules) = (world(&[(0, 1), (1, 2), (2, 3)]), rules());
    let Verdict::Proved(good) = decided(&atom("above", 0, 3), &facts, 10_000) else {
        panic!("a chain of three links is proved");
    };
    assert!(verify(good.clone(), &facts, &rules, &NoBuiltIns).is_ok());
    let last = good.steps.len() - 1;
    assert!(last >= 4, "long enough to be tampered with: {last}");
    let tamperings: [(&str, Tampering); 8] = [
        ("another leaf", |proof| proof.steps[0].claim = atom("up", 0, 3)),
        ("a leaf of another source", |proof| {
            let leaf = proof.steps.iter_mut().find(|step| matches!(step.because, Because::Stored(_))).expect("a leaf");
            leaf.because = Because::Stored(node("elsewhere"));
        }),
        ("a rule that is not there", |proof| {
            let Because::Rule { name, .. } = &mut proof.steps.last_mut().expect("steps").because else {
                panic!("a rule")
            };
            "kin/none".clone_into(name);
        }),
        ("a rule that gives something else", |proof| {
            let Because::Rule { name, .. } = &mut proof.steps.last_mut().expect("steps").because else {
                panic!("a rule")
            };
            "kin/same".clone_into(name);
        }),
        ("steps in reverse", |proof| proof.steps.reverse()),
        ("a premise less", |proof| {
            let Because::Rule { premises, .. } = &mut proof.steps.last_mut().expect("steps").because else {
                panic!("a rule")
            };
            premises.pop();
        }),
        ("another conclusion", |proof| proof.steps.last_mut().expect("steps").claim = atom("above", 3, 0)),
        ("computed, it says", |proof| proof.steps.last_mut().expect("steps").because = Because::BuiltIn),
    ];
    for (what, tamper) in tamperings {
        let mut bad = good.clone();
        tamper(&mut bad);
        assert_ne!(bad, good, "{what}");
        assert!(verify(bad, &facts, &rules, &NoBuiltIns).is_err(), "{what}");
    }
}

#[test]
fn a_rule_is_written_out_for_a_relation() {
    let text = ":- prefix(k, \"urn:k:\").\n%! name by-kind\nk:any(X, V) :- k:up(X, Y), k:any(Y, V).\nk:other(X, Y) :- k:up(X, Y).";
    let book = quid_logic::read("k", text).expect("correct");
    let made = quid_logic::instantiate(&book, &node("any"), &node("can"), "can");
    let names: Vec<_> = made.iter().map(|rule| (rule.name.as_str(), rule.head.predicate.as_str())).collect();
    assert_eq!(names, [("k/by-kind(can)", "urn:k:can")]);
}
