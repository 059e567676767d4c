//! Stories: what people tell of who went where, took, gave and dropped what, and what follows from it at a time.
//!
//! A happening is a statement like any other, with its own graph, so that undo, history and scope work by
//! themselves; its moment is a column of it. What holds now or held then is not stored but follows by the rules of
//! `ontologies/stories.pl`, so that an answer carries a proof that nothing told later says otherwise.

mod answer;
mod ask;
mod colour;
mod explain;
mod gifts;
mod here;
mod moment;
mod motives;
mod places;
mod relations;
mod tell;
mod way;
mod who;

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::{Argument, Goal, Literal};

pub(crate) use here::Told;
pub(crate) use who::Found as Spoken;

/// The prefix of the relations of stories.
pub(crate) const STORY: &str = "urn:quid:story:";

/// The relations that are stored, with their number of columns: the last one is the moment, but for those of two.
const STORED: &[(&str, usize)] = &[
    ("came", 3),
    ("stands", 3),
    ("took", 3),
    ("let_go", 3),
    ("gave", 4),
    ("left", 3),
    ("perhaps", 3),
    ("felt", 3),
    ("looked", 3),
];

/// A relation of stories.
fn relation(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{STORY}{name}"))
}

/// The relation that stores what is told of how two things lie to each other.
fn told_relation(name: &str) -> NamedNode {
    relation(&format!("told_{name}"))
}

/// An argument of a goal that is known.
fn known(term: impl Into<Term>) -> Argument {
    Argument::Term(term.into())
}

/// An argument of a goal that is asked for.
fn open(number: u32) -> Argument {
    Argument::Variable(number)
}

fn literal(name: &str, arguments: Vec<Argument>) -> Literal {
    Literal { predicate: relation(name), arguments }
}

fn holds(name: &str, arguments: Vec<Argument>) -> Goal {
    Goal::Holds(literal(name, arguments))
}
