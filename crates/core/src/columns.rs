//! How statements of any width stand in the store: as a triple, as a class, or as a node with one triple a column.
//!
//! RDF has pairs only, programs have `state(Name, Capital, Population, …)`; writing and reading that down in one
//! place keeps loader, mirror and checker of one mind.
//!
//! | statement | stored as |
//! |---|---|
//! | `p(a, b)`, `a` a node | `a p b` |
//! | `p(a)`, `a` a node | `a rdf:type p` |
//! | any other, of width n | `urn:quid:fact:HASH p/n#1 …`, `… p/n#2 …` |
//! | `p` without arguments | `urn:quid:fact:HASH p/0#0 true` |

use std::ops::ControlFlow;

use oxrdf::{GraphName, Literal, NamedNode, Quad, Term};
use sha2::{Digest as _, Sha256};

use crate::text::{percent_decode, percent_encode};
use crate::vocabulary::{ATOM, FACT, RELATION, THING, TYPE};
use crate::{Atom, Facts, Fault, Key};

/// The node that a Prolog atom names: the thing of that name when the text is as chat folds names, else an atom of
/// its own (`'New York'`), whose text is kept exactly.
///
/// ```
/// use quid_core::columns::{atom, atom_text};
/// assert_eq!(atom("new york").as_str(), "urn:quid:thing:new%20york");
/// assert_eq!(atom("New York").as_str(), "urn:quid:atom:New%20York");
/// assert_eq!(atom_text(&atom("New York")).as_deref(), Some("New York"));
/// ```
#[must_use]
pub fn atom(text: &str) -> NamedNode {
    let key = Key::of(text);
    if key.as_str() == text && !key.is_empty() {
        return key.thing();
    }
    NamedNode::new_unchecked(format!("{ATOM}{}", percent_encode(text)))
}

/// The text of a node that [`atom`] made; `None` for any other.
#[must_use]
pub fn atom_text(node: &NamedNode) -> Option<String> {
    let name = node.as_str();
    name.strip_prefix(THING).or_else(|| name.strip_prefix(ATOM)).map(percent_decode)
}

/// The relation that a program calls so, without a word about which IRI is meant: `urn:quid:relation:NAME`.
#[must_use]
pub fn relation(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{RELATION}{}", percent_encode(name)))
}

/// The name in a relation's IRI; `None` for any other IRI.
#[must_use]
pub fn relation_name(relation: &NamedNode) -> Option<String> {
    relation.as_str().strip_prefix(RELATION).map(percent_decode)
}

/// The predicate of a column (from 1) of a relation of so many arguments: `urn:quid:relation:state/10#3`.
#[must_use]
pub fn column(relation: &NamedNode, width: usize, number: usize) -> NamedNode {
    NamedNode::new_unchecked(format!("{}/{width}#{number}", relation.as_str()))
}

/// Relation, width and number of a column's predicate; `None` for any other IRI.
#[must_use]
pub fn of_column(predicate: &NamedNode) -> Option<(NamedNode, usize, usize)> {
    let (rest, number) = predicate.as_str().rsplit_once('#')?;
    let (relation, width) = rest.rsplit_once('/')?;
    let (width, number) = (width.parse().ok()?, number.parse().ok()?);
    let is_one = number <= width && (number > 0 || width == 0);
    is_one.then(|| (NamedNode::new_unchecked(relation), width, number))
}

/// Whether a statement with this first argument and width is one triple; else it is a node with columns.
#[must_use]
pub fn is_triple(width: usize, first: Option<&Term>) -> bool {
    (1..=2).contains(&width) && first.is_some_and(|first| matches!(first, Term::NamedNode(_) | Term::BlankNode(_)))
}

/// The node of a statement that is stored in columns: the same for the same statement, from whichever source.
#[must_use]
pub fn fact(statement: &Atom) -> NamedNode {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    };
    add(statement.predicate.as_str());
    for argument in &statement.arguments {
        add(&argument.to_string());
    }
    let bytes = hash.finalize();
    // Half of SHA-256 names a fact as surely as is wanted, and keeps its IRI short.
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from(b"0123456789abcdef"[usize::from(half)]));
    let name: String = bytes.iter().take(16).flat_map(digits).collect();
    NamedNode::new_unchecked(format!("{FACT}{name}"))
}

/// The triples that store a statement in this graph.
#[must_use]
pub fn quads(statement: &Atom, graph: impl Into<GraphName>) -> Vec<Quad> {
    let graph = graph.into();
    let width = statement.arguments.len();
    let node = match statement.arguments.as_slice() {
        [Term::NamedNode(subject)] => {
            return vec![Quad::new(subject.clone(), TYPE, statement.predicate.clone(), graph)];
        }
        [Term::BlankNode(subject)] => {
            return vec![Quad::new(subject.clone(), TYPE, statement.predicate.clone(), graph)];
        }
        [Term::NamedNode(subject), object] => {
            return vec![Quad::new(subject.clone(), statement.predicate.clone(), object.clone(), graph)];
        }
        [Term::BlankNode(subject), object] => {
            return vec![Quad::new(subject.clone(), statement.predicate.clone(), object.clone(), graph)];
        }
        _ => fact(statement),
    };
    if width == 0 {
        return vec![Quad::new(node, column(&statement.predicate, 0, 0), Literal::from(true), graph)];
    }
    let arguments = statement.arguments.iter().enumerate();
    arguments
        .map(|(at, term)| {
            Quad::new(node.clone(), column(&statement.predicate, width, at + 1), term.clone(), graph.clone())
        })
        .collect()
}

/// Whether a statement is stored in this graph, in whichever form.
///
/// # Errors
/// [`Fault::Storage`].
pub fn is_stored(statement: &Atom, graph: &NamedNode, facts: &dyn Facts) -> Result<bool, Fault> {
    for quad in quads(statement, graph.clone()) {
        let mut found = false;
        let subject = Term::from(quad.subject);
        facts.each(Some(&subject), Some(quad.predicate.as_ref()), Some(&quad.object), &mut |fact| {
            found = fact.graph == *graph;
            if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Visits every stored statement of a relation that has these arguments where they are given, with the graph it
/// stands in, until the visitor breaks. The same statement comes once for each graph.
///
/// # Errors
/// [`Fault::Storage`].
pub fn each(
    relation: &NamedNode,
    arguments: &[Option<Term>],
    facts: &dyn Facts,
    visit: &mut dyn FnMut(Vec<Term>, &NamedNode) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let width = arguments.len();
    let first = arguments.first().and_then(Option::as_ref);
    let mut going = ControlFlow::Continue(());
    if first.is_none_or(|_| is_triple(width, first)) {
        match arguments {
            [subject] => {
                let class = Term::from(relation.clone());
                facts.each(subject.as_ref(), Some(TYPE), Some(&class), &mut |fact| {
                    going = visit(vec![fact.subject.clone().into()], &fact.graph);
                    going
                })?;
            }
            [subject, object] => {
                facts.each(subject.as_ref(), Some(relation.as_ref()), object.as_ref(), &mut |fact| {
                    going = visit(vec![fact.subject.clone().into(), fact.object.clone()], &fact.graph);
                    going
                })?;
            }
            _ => {}
        }
    }
    if going.is_break() || is_triple(width, first) {
        return Ok(());
    }
    // Begins at a given column, since it says most; and then looks up the others.
    let (start, wanted) =
        arguments.iter().enumerate().find_map(|(at, term)| Some((at + 1, Some(term.as_ref()?)))).unwrap_or((1, None));
    let start = start.min(width);
    let mut starts = Vec::new();
    facts.each(None, Some(column(relation, width, start).as_ref()), wanted, &mut |fact| {
        starts.push((Term::from(fact.subject.clone()), fact.object.clone(), fact.graph.clone()));
        ControlFlow::Continue(())
    })?;
    for (node, begun, graph) in starts {
        let mut row = Vec::with_capacity(width);
        for (at, wanted) in arguments.iter().enumerate() {
            let mut value = (at + 1 == start).then(|| begun.clone());
            if value.is_none() {
                facts.each(
                    Some(&node),
                    Some(column(relation, width, at + 1).as_ref()),
                    wanted.as_ref(),
                    &mut |fact| {
                        if fact.graph == graph {
                            value = Some(fact.object.clone());
                            return ControlFlow::Break(());
                        }
                        ControlFlow::Continue(())
                    },
                )?;
            }
            row.extend(value.filter(|value| wanted.as_ref().is_none_or(|wanted| wanted == value)));
        }
        if row.len() == width && visit(row, &graph).is_break() {
            break;
        }
    }
    Ok(())
}
