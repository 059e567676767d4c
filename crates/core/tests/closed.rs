//! Proofs of what is absent or gathered, tampered with in every way: the checker believes none of them.

mod listed;

use quid_core::gather::{self, Number};
use quid_core::oxrdf::{NamedNode, Term};
use quid_core::proof::{Answers, NoBuiltIns, verify};
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

/// The answers of the first table.
fn steps_of(proof: &mut Proof) -> &mut Vec<usize> {
    match proof.tables.first_mut().map(|table| &mut table.answers) {
        Some(Answers::Steps(steps)) => steps,
        other => panic!("{other:?} lists no steps"),
    }
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
        tables: vec![Closed { pattern: literal("known", &["a"]), answers: Answers::Steps(Vec::new()), layer: 0 }],
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
        tables: vec![Closed { pattern: literal("child", &["a", "Y"]), answers: Answers::Steps(vec![0, 1]), layer: 0 }],
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
    steps_of(&mut proof).pop();
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
        ("an absence as an answer", |proof| steps_of(proof).push(1)),
        ("an answer that is not there", |proof| steps_of(proof).push(77)),
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
fn answers_that_are_not_listed_are_found() {
    let (facts, rules) = world();
    let check = |mut proof: Proof| {
        proof.tables[0].answers = Answers::Found;
        verify(proof, &facts, &rules, &NoBuiltIns)
    };
    for proof in [absence(), gathered(2)] {
        let verified = check(proof).expect("it follows");
        assert_eq!(verified.sources(), [&graph()], "what was gone through is a source");
    }
    for value in [0, 1, 3] {
        assert!(check(gathered(value)).is_err(), "{value} children");
    }
    let mut proof = absence();
    proof.steps[1].claim = atom("known", &["b"]);
    assert!(check(proof).is_err(), "b is known");
}

#[test]
fn no_table_is_found_by_itself() {
    let (facts, mut rules) = world();
    for (name, from) in [("p", "q"), ("q", "p")] {
        let body = vec![Goal::Holds(literal(from, &["X"]))];
        rules.rules.push(Rule { name: name.to_owned(), head: literal(name, &["X"]), body, says: String::new() });
    }
    let gathered = |tables: &[(&str, Answers)], value: i128| {
        let value = Number::Integer(value).term();
        let body = vec![Goal::Gather(Gather {
            how: How::Count,
            over: literal("p", &["Y"]),
            value: u32::from(b'Y'),
            by: Vec::new(),
            into: Argument::Variable(u32::from(b'N')),
        })];
        let mut rules = rules.clone();
        rules.rules.push(Rule { name: "many".to_owned(), head: literal("many", &["N"]), body, says: String::new() });
        let table = |(name, answers): &(&str, Answers)| Closed {
            pattern: literal(name, &["Y"]),
            answers: answers.clone(),
            layer: 0,
        };
        let claim = |relation, value| Atom { predicate: relation, arguments: vec![value] };
        let proof = Proof {
            steps: vec![
                step(claim(gather::relation(How::Count), value.clone()), Because::Gathered(0)),
                step(claim(columns::relation("many"), value), by("many", &[0])),
            ],
            tables: tables.iter().map(table).collect(),
        };
        verify(proof, &facts, &rules, &NoBuiltIns).is_ok()
    };
    let (found, listed) = (Answers::Found, Answers::Steps(Vec::new()));
    assert!(gathered(&[("p", listed.clone()), ("q", listed.clone())], 0), "they list that there is none");
    assert!(!gathered(&[("p", listed.clone()), ("q", listed.clone())], 1));
    assert!(gathered(&[("p", listed.clone()), ("q", found.clone())], 0), "one is found from the other");
    assert!(!gathered(&[("p", found.clone()), ("q", found.clone())], 0), "each is found from the other");
    assert!(!gathered(&[("p", found)], 0), "there is nothing to find it from");
    assert!(!gathered(&[("p", listed)], 0), "it is not closed");
}

#[test]
fn nothing_rests_on_its_own_absence() {
    let (facts, rules) = world();
    let steps = |steps: &[usize]| Answers::Steps(steps.to_vec());
    for (answers, layer) in
        [(steps(&[]), 0), (steps(&[1]), 0), (steps(&[1]), 1), (steps(&[]), 7), (Answers::Found, 0), (Answers::Found, 7)]
    {
        let proof = Proof {
            steps: vec![step(atom("odd", &["a"]), Because::Absent(0)), step(atom("odd", &["a"]), by("odd", &[0]))],
            tables: vec![Closed { pattern: literal("odd", &["a"]), answers: answers.clone(), layer }],
        };
        assert!(verify(proof, &facts, &rules, &NoBuiltIns).is_err(), "layer {layer}");
    }
}
