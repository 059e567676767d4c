//! Tests what the engine and the chain kernel derive: against a naive closure, on cycles, within budgets, and with
//! the independent checker as the judge of every proof.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use proptest::prelude::*;
use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::proof::{NoBuiltIns, verify};
use quid_core::{Argument, Atom, Because, Budget, Fact, Facts, Fault, Literal, Proof, Rulebook};
use quid_logic::{Link, Verdict, explore, prove, solutions};

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

/// Facts in a list.
struct Listed(Vec<Fact>);

impl Facts for Listed {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        for fact in &self.0 {
            let fits = subject.is_none_or(|wanted| *wanted == Term::from(fact.subject.clone()))
                && predicate.is_none_or(|wanted| wanted == fact.predicate.as_ref())
                && object.is_none_or(|wanted| *wanted == fact.object);
            if fits && visit(fact).is_break() {
                break;
            }
        }
        Ok(())
    }
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

fn pair_of(proof: &Proof) -> (String, String) {
    let claim = proof.conclusion().expect("a conclusion");
    let (one, other) = claim.pair().expect("two arguments");
    (one.to_string(), other.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_engine_agrees_with_a_naive_closure(edges in prop::collection::vec((0_usize..7, 0_usize..7), 0..12)) {
        let (facts, rules) = (world(&edges), rules());
        let expected = closure(&edges);
        for one in 0..7 {
            for other in 0..7 {
                let verdict = prove(&atom("above", one, other), &facts, &rules, &NoBuiltIns, &Budget::steps(1_000_000)).expect("no fault");
                match verdict {
                    Verdict::Proved(proof) => {
                        prop_assert!(expected.contains(&(one, other)), "{one} {other} does not follow");
                        prop_assert!(verify(proof, &facts, &rules, &NoBuiltIns).is_ok());
                    }
                    Verdict::Unknown => prop_assert!(!expected.contains(&(one, other)), "{one} {other} follows"),
                    Verdict::Spent => prop_assert!(false, "the budget is ample"),
                }
            }
        }
        let open = Literal { predicate: node("above"), arguments: vec![Argument::Variable(0), Argument::Variable(1)] };
        let all = solutions(&open, usize::MAX, &facts, &rules, &NoBuiltIns, &Budget::steps(10_000_000)).expect("no fault");
        prop_assert!(all.complete);
        let found: BTreeSet<_> = all.proofs.iter().map(pair_of).collect();
        let wanted: BTreeSet<_> = expected.iter().map(|(a, b)| (node(a).to_string(), node(b).to_string())).collect();
        prop_assert_eq!(found, wanted);
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
        let budget = Budget::steps(steps);
        let goal = atom("kin", 0, 1);
        let verdict = prove(&goal, &world(&edges), &rules(), &NoBuiltIns, &budget).expect("no fault");
        prop_assert!(budget.taken() <= steps);
        if let Verdict::Proved(proof) = verdict {
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
        let verdict = prove(&goal, &facts, &rules(), &NoBuiltIns, &Budget::steps(10_000)).expect("no fault");
        assert_eq!(matches!(verdict, Verdict::Proved(_)), expected, "{goal:?}: {verdict:?}");
        assert_ne!(verdict, Verdict::Spent);
    }
}

#[test]
fn a_repeated_variable_asks_for_equals() {
    let facts = world(&[(0, 1), (2, 2)]);
    let goal = Literal { predicate: node("up"), arguments: vec![Argument::Variable(0), Argument::Variable(0)] };
    let found = solutions(&goal, 10, &facts, &rules(), &NoBuiltIns, &Budget::steps(1_000)).expect("no fault");
    assert_eq!(found.proofs.iter().map(pair_of).collect::<Vec<_>>(), [(node(2).to_string(), node(2).to_string())]);
}

#[test]
fn limits_are_told() {
    let facts = world(&[(0, 1), (1, 2), (2, 3)]);
    let open =
        Literal { predicate: node("above"), arguments: vec![Argument::Term(node(0).into()), Argument::Variable(0)] };
    for (limit, steps, count, complete) in [(10, 10_000, 3, true), (2, 10_000, 2, false), (10, 3, 0, false)] {
        let found = solutions(&open, limit, &facts, &rules(), &NoBuiltIns, &Budget::steps(steps)).expect("no fault");
        assert_eq!((found.proofs.len(), found.complete), (count, complete), "limit {limit}, {steps} steps");
    }
}

/// A proof with one thing wrong.
type Tampering = fn(&mut Proof);

#[test]
fn the_checker_rejects_tampered_proofs() {
    let (facts, rules) = (world(&[(0, 1), (1, 2), (2, 3)]), rules());
    let Verdict::Proved(good) =
        prove(&atom("above", 0, 3), &facts, &rules, &NoBuiltIns, &Budget::steps(10_000)).expect("no fault")
    else {
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
