//! Invariant 5: proofs are gone through step by step, and none that was tampered with is believed.

mod listed;

use quid_core::oxrdf::NamedNode;
use quid_core::proof::{NoBuiltIns, verify};
use quid_core::vocabulary::MEANS;
use quid_core::{Argument, Atom, Because, Fact, Flaw, Goal, Literal, Proof, Rule, Rulebook};

use listed::Listed;

type Tampering = (&'static str, fn(&mut Proof));

fn node(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("urn:x:{name}"))
}

fn atom(predicate: &str, subject: &str, object: &str) -> Atom {
    Atom::binary(node(predicate), node(subject), node(object))
}

fn world() -> (Listed, Rulebook, Proof) {
    let fact = |subject: &str, object: &str| Fact {
        subject: node(subject).into(),
        predicate: node("isa"),
        object: node(object).into(),
        graph: node("g"),
    };
    let literal = |subject, object| Literal {
        predicate: node("isa"),
        arguments: vec![Argument::Variable(subject), Argument::Variable(object)],
    };
    let rule = Rule {
        name: "chain".into(),
        head: literal(0, 2),
        body: vec![Goal::Holds(literal(0, 1)), Goal::Holds(literal(1, 2))],
        says: String::new(),
    };
    let mut proof = Proof::default();
    let first = proof.push(atom("isa", "a", "b"), Because::Stored(node("g")));
    let second = proof.push(atom("isa", "b", "c"), Because::Stored(node("g")));
    proof.push(atom("isa", "a", "c"), Because::Rule { name: "chain".into(), premises: vec![first, second] });
    (Listed(vec![fact("a", "b"), fact("b", "c")]), Rulebook { rules: vec![rule] }, proof)
}

#[test]
fn a_word_has_one_sense_in_one_proof() {
    let means = |word: &str, sense: &str| Atom::binary(MEANS, node(word), node(sense));
    let fact = |object: &str| Fact {
        subject: node("bank").into(),
        predicate: MEANS.into(),
        object: node(object).into(),
        graph: node("g"),
    };
    let facts = Listed(vec![fact("slope"), fact("lender")]);
    let mut proof = Proof::default();
    proof.push(means("bank", "slope"), Because::Stored(node("g")));
    assert!(verify(proof.clone(), &facts, &Rulebook::default(), &NoBuiltIns).is_ok());
    proof.push(means("bank", "lender"), Because::Stored(node("g")));
    let flaw = verify(proof, &facts, &Rulebook::default(), &NoBuiltIns);
    assert!(matches!(flaw, Err(Flaw::Equivocation(1))), "{flaw:?}");
}

#[test]
fn invariant_5_every_proof_is_checked_step_by_step() {
    let (facts, rules, good) = world();
    assert!(verify(good.clone(), &facts, &rules, &NoBuiltIns).is_ok());

    let tampered: [Tampering; 8] = [
        ("no steps", |proof| proof.steps.clear()),
        ("another conclusion", |proof| proof.steps[2].claim = atom("isa", "a", "d")),
        ("another graph", |proof| proof.steps[0].because = Because::Stored(node("h"))),
        ("an unknown leaf", |proof| proof.steps[0].claim = atom("isa", "a", "z")),
        ("an unknown rule", |proof| {
            proof.steps[2].because = Because::Rule { name: "magic".into(), premises: vec![0, 1] };
        }),
        ("premises swapped", |proof| {
            proof.steps[2].because = Because::Rule { name: "chain".into(), premises: vec![1, 0] };
        }),
        ("a step resting on itself", |proof| {
            proof.steps[2].because = Because::Rule { name: "chain".into(), premises: vec![0, 2] };
        }),
        ("said to be computed", |proof| proof.steps[2].because = Because::BuiltIn),
    ];
    for (what, tamper) in tampered {
        let mut proof = good.clone();
        tamper(&mut proof);
        assert!(verify(proof, &facts, &rules, &NoBuiltIns).is_err(), "{what} was believed");
    }
}
