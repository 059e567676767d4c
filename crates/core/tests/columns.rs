//! Statements of any width go into a store and come out of it as they were.

mod listed;

use std::ops::ControlFlow;

use quid_core::Atom;
use quid_core::columns::{atom, atom_text, column, each, is_stored, of_column, quads, relation, relation_name};
use quid_core::oxrdf::{Literal, NamedNode, Term};

use listed::Listed;

fn statement(name: &str, arguments: &[Term]) -> Atom {
    Atom { predicate: relation(name), arguments: arguments.to_vec() }
}

fn found(facts: &Listed, name: &str, arguments: &[Option<Term>]) -> Vec<Vec<Term>> {
    let mut rows = Vec::new();
    each(&relation(name), arguments, facts, &mut |row, _| {
        rows.push(row);
        ControlFlow::Continue(())
    })
    .expect("the facts can be read");
    rows
}

#[test]
fn statements_of_any_width_are_stored_and_found_again() {
    let (ann, bob) = (Term::from(atom("ann")), Term::from(atom("Bob")));
    let (one, two) = (Term::from(Literal::from(1)), Term::from(Literal::from(2)));
    let graph = NamedNode::new_unchecked("urn:g");
    let other = NamedNode::new_unchecked("urn:h");
    let statements = [
        (statement("rain", &[]), 1),
        (statement("person", std::slice::from_ref(&ann)), 1),
        (statement("prime", std::slice::from_ref(&two)), 1),
        (statement("likes", &[ann.clone(), bob.clone()]), 1),
        (statement("less", &[one.clone(), two.clone()]), 2),
        (statement("age", &[ann.clone(), one.clone(), bob.clone()]), 3),
        (statement("age", &[ann.clone(), two.clone(), bob.clone()]), 3),
    ];
    let mut stored = Vec::new();
    for (statement, triples) in &statements {
        let quads = quads(statement, graph.clone());
        assert_eq!(quads.len(), *triples, "{statement:?}");
        stored.extend(quads);
    }
    let stored: Listed = stored.into_iter().collect();
    for (statement, _) in &statements {
        assert!(is_stored(statement, &graph, &stored).expect("read"), "{statement:?}");
        assert!(!is_stored(statement, &other, &stored).expect("read"), "{statement:?}");
        let name = relation_name(&statement.predicate).expect("a relation");
        let all: Vec<Option<Term>> = statement.arguments.iter().cloned().map(Some).collect();
        assert_eq!(found(&stored, &name, &all), vec![statement.arguments.clone()], "{name}");
        let open = vec![None; statement.arguments.len()];
        assert!(found(&stored, &name, &open).contains(&statement.arguments), "{name}");
    }
    assert_eq!(found(&stored, "age", &[None, Some(two.clone()), None]), [[ann.clone(), two, bob.clone()].to_vec()]);
    let mixed = statement("age", &[bob, one, ann]);
    assert!(!is_stored(&mixed, &graph, &stored).expect("read"));
}

#[test]
fn a_column_says_whose_it_is() {
    let state = relation("state");
    for (width, number) in [(10, 1), (10, 10), (0, 0)] {
        assert_eq!(of_column(&column(&state, width, number)), Some((state.clone(), width, number)));
    }
    for other in ["urn:x", "urn:x#1", "urn:x/2#3", "urn:x/2#0", "http://www.w3.org/2002/07/owl#sameAs"] {
        assert_eq!(of_column(&NamedNode::new_unchecked(other)), None, "{other}");
    }
}

#[test]
fn an_atom_keeps_its_text() {
    for text in ["ann", "new york", "New York", "a  b", "", "é", "[]", "+", " x", "50%"] {
        let node = atom(text);
        assert_eq!(atom_text(&node).as_deref(), Some(text));
        assert!(NamedNode::new(node.as_str()).is_ok(), "{node}");
    }
}
