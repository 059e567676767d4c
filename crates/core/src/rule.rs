//! Atoms and Horn rules: what System 2 reasons with and what proofs are checked against.
//!
//! They live here, not in `logic`, so that the proof checker can stay free of engine code.

use oxrdf::{NamedNode, Term};

/// A ground statement: a relation and its arguments. A triple is the atom `predicate(subject, object)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Atom {
    /// The relation.
    pub predicate: NamedNode,
    /// Its arguments, in order.
    pub arguments: Vec<Term>,
}

impl Atom {
    /// The atom of a triple's parts.
    #[must_use]
    pub fn binary(predicate: impl Into<NamedNode>, subject: impl Into<Term>, object: impl Into<Term>) -> Self {
        Self { predicate: predicate.into(), arguments: vec![subject.into(), object.into()] }
    }

    /// Subject and object of a binary atom.
    #[must_use]
    pub fn pair(&self) -> Option<(&Term, &Term)> {
        match self.arguments.as_slice() {
            [subject, object] => Some((subject, object)),
            _ => None,
        }
    }
}

/// An argument in a rule: a variable (numbered within its rule) or a term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Argument {
    /// A variable.
    Variable(u32),
    /// A term.
    Term(Term),
}

/// A relation with arguments in a rule's head or body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Literal {
    /// The relation.
    pub predicate: NamedNode,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// A Horn rule: the head holds when every literal of the body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A name unique in its rulebook, shown in proofs (`everyday/2`: file and number, or a taught name).
    pub name: String,
    /// What follows.
    pub head: Literal,
    /// From what.
    pub body: Vec<Literal>,
    /// The words a proof uses for this step, from the rule's file ("{0} is a kind of {1}"); may be empty.
    pub says: String,
}

/// The rules in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// In the order they were read.
    pub rules: Vec<Rule>,
}

impl Rulebook {
    /// The rule of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The rules whose head is this relation.
    pub fn concluding(&self, predicate: &NamedNode) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.head.predicate == *predicate)
    }
}
