//! Proofs of what is absent or gathered, tampered with in every way: the checker believes none of them.

mod listed;

use quid_core::gather::{self, Number};
use quid_core::oxrdf::{NamedNode, Term};
use quid_core::proof::{NoBuiltIns, verify};
use quid_core::rule::How;
use quid_core::{Argument, Atom, Because, Closed, Fact, Gather, Goal, Literal, Proof, Rule, Rulebook, Step, columns};

use listed::Listed;

/// What is wrong, and how it gets so.
type Tampering = (&'static str, fn(&mut Proof));

fn node(name: &str) -> NamedNode {
    columns::atom(name)
}

fn graph() -> NamedNode {
    NamedNode::new_unchecked("urn:quid:dump:g")
}

fn atom(relation: &str, arguments: &[&str]) -> Atom {
    Atom {
        predicate: columns::relation(relation),
        arguments: arguments.iter().map(|name| Term::from(node(name))).collect(),
    }
}

/// Capital letters are variables.
fn literal(relation: &str, arguments: &[&str]) -> Literal {
    let argument = |name: &&str| match name.bytes().next() {
        Some(letter @ b'A'..=b'Z') => Argument::Variable(u32::from(letter)),
        _ => Argument::Term(node(name).into()),
    };
    Literal { predicate: columns::relation(relation), arguments: arguments.iter().map(argument).collect() }
}

fn step(claim: Atom, because: Because) -> Step {
    Step { claim, because }
}

fn by(name: &str, premises: &[usize]) -> Because {
    Because::Rule { name: name.to_owned(), premises: premises.to_vec() }
}

/// Parents; who has none; how many children somebody has.
fn world() -> (Listed, Rulebook) {
    let fact = |subject: &str, object: &str| Fact {
        subject: node(subject).into(),
        predicate: columns::relation("child"),
        object: node(object).into(),
        graph: graph(),
    };
    let rule = |name: &str, head, body| Rule { name: name.to_owned(), head, body, says: String::new() };
    let (x, y, n) = (u32::from(b'X'), u32::from(b'Y'), u32::from(b'N'));
    let count = Gather {
        how: How::Count,
        over: literal("child", &["X", "Y"]),
        value: y,
        by: vec![x],
        into: Argument::Variable(n),
    };
    let rules = vec![
        rule("known", literal("known", &["Y"]), vec![Goal::Holds(literal("child", &["X", "Y"]))]),
        rule(
            "first",
            literal("first", &["X"]),
            vec![Goal::Holds(literal("child", &["X", "Y"])), Goal::Not(literal("known", &["X"]))],
        ),
        rule(
            "count",
            literal("count", &["X", "N"]),
            vec![Goal::Holds(literal("child", &["X", "Z"])), Goal::Gather(count)],
        ),
        // Nothing may be proved by its own absence.
        rule("odd", literal("odd", &["a"]), vec![Goal::Not(literal("odd", &["a"]))]),
    ];
    (Listed(vec![fact("a", "b"), fact("a", "c"), fact("b", "d")]), Rulebook { rules })
}

/// `a` is nobody's child.
fn absence() -> Proof {
    Proof {
        steps: vec![
            step(atom("child", &["a", "b"]), Because::Stored(graph())),
            step(atom("known", &["a"]), Because::Absent(0)),
            step(atom("first", &["a"]), by("first", &[0, 1])),
        ],
        tables: vec![Closed { pattern: literal("known", &["a"]), answers: Vec::new(), layer: 0 }],
    }
}

/// `a` has two children.
fn gathered(value: i128) -> Proof {
    let value = Number::Integer(value).term();
    Proof {
        steps: vec![
            step(atom("child", &["a", "b"]), Because::Stored(graph())),
            step(atom("child", &["a", "c"]), Because::Stored(graph())),
            step(
                Atom { predicate: gather::relation(How::Count), arguments: vec![value.clone(), node("a").into()] },
                Because::Gathered(0),
            ),
            step(
                Atom { predicate: columns::relation("count"), arguments: vec![node("a").into(), value] },
                by("count", &[0, 2]),
            ),
        ],
        tables: vec![Closed { pattern: literal("child", &["a", "Y"]), answers: vec![0, 1], layer: 0 }],
    }
}

#[test]
fn what_is_absent_or_gathered_is_gone_through_again() {
    let (facts, rules) = world();
    let check = |proof: Proof| verify(proof, &facts, &rules, &NoBuiltIns).map(|_| ()).map_err(|flaw| flaw.to_string());
    assert_eq!(check(absence()), Ok(()));
    assert_eq!(check(gathered(2)), Ok(()));
    assert!(check(gathered(3)).is_err(), "another count");
    let mut proof = gathered(1);
    proof.tables[0].answers.pop();
    assert!(check(proof).is_err(), "a count of some");

    let tampered: [Tampering; 9] = [
        ("no table", |proof| proof.tables.clear()),
        ("a table of something else", |proof| proof.tables[0].pattern = literal("known", &["z"])),
        ("absent, though a rule gives it", |proof| {
            proof.steps[0].claim = atom("child", &["b", "d"]);
            proof.steps[1].claim = atom("known", &["b"]);
            proof.steps[2].claim = atom("first", &["b"]);
            proof.tables[0].pattern = literal("known", &["b"]);
        }),
        ("an open table without its answers", |proof| proof.tables[0].pattern = literal("known", &["Y"])),
        ("an absence as an answer", |proof| proof.tables[0].answers.push(1)),
        ("an answer that is not there", |proof| proof.tables[0].answers.push(77)),
        ("an absence for what must hold", |proof| proof.steps[2].because = by("first", &[1, 1])),
        ("a fact for what must be absent", |proof| proof.steps[2].because = by("first", &[0, 0])),
        ("an absence as the conclusion", |proof| proof.steps.truncate(2)),
    ];
    for (what, tamper) in tampered {
        let mut proof = absence();
        tamper(&mut proof);
        assert!(check(proof).is_err(), "{what} was believed");
    }
}

#[test]
fn nothing_rests_on_its_own_absence() {
    let (facts, rules) = world();
    for (answers, layer) in [(vec![], 0), (vec![1], 0), (vec![1], 1), (vec![], 7)] {
        let proof = Proof {
            steps: vec![step(atom("odd", &["a"]), Because::Absent(0)), step(atom("odd", &["a"]), by("odd", &[0]))],
            tables: vec![Closed { pattern: literal("odd", &["a"]), answers, layer }],
        };
        assert!(verify(proof, &facts, &rules, &NoBuiltIns).is_err(), "layer {layer}");
    }
}
