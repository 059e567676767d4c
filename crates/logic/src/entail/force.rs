//! The rules of the loaded ontologies that are in force in chat and in programs.
//!
//! RDF Schema, and what disjointness denies: enough to follow a hierarchy, to know what cannot be, and cheap enough
//! for every question. Whatever else OWL says is for queries that ask for it.

use quid_core::oxrdf::{NamedNodeRef, Term, Triple};
use quid_core::vocabulary::{IS_A, NOT_A};
use quid_core::{Budget, Facts, Rule};

use super::compile::{Choice, Profile, Writer, compile, triple, v};
use super::names::{
    ALL_DISJOINT_CLASSES, DISJOINT_UNION_OF, DOMAIN, FIRST, INVERSE_OF, MEMBERS, RANGE, REST, SUB_PROPERTY_OF, TYPE,
};
use super::owl::disjoint_lists;
use super::schema::Schema;
use crate::Halt;

/// The axioms that this looks at. Hierarchies are not among them: rules go along them without being specialised,
/// so that a class that is taught in chat costs nothing here.
const USED: &[NamedNodeRef<'static>] = &[SUB_PROPERTY_OF, DOMAIN, RANGE, INVERSE_OF, MEMBERS, DISJOINT_UNION_OF];
const USED_KINDS: &[NamedNodeRef<'static>] = &[ALL_DISJOINT_CLASSES];

/// Compiles what is in force.
///
/// # Errors
/// [`Halt`] when the store cannot be read or the budget ends.
pub fn in_force(facts: &dyn Facts, budget: &Budget<'_>) -> Result<Vec<Rule>, Halt> {
    let schema = Schema::read_of(USED, USED_KINDS, facts, budget)?;
    let mut rules = compile(&schema, Choice { profile: Profile::Rdfs, same_as: false, trivial: false }).rules;
    let mut writer = Writer::new(&schema);
    // What "all of these are disjoint" denies; `owl:disjointWith` needs no rules of its own, being a relation.
    for relation in [MEMBERS, DISJOINT_UNION_OF] {
        disjoint_lists(&mut writer, relation, |one, other| {
            [(one, other), (other, one)].map(|(is, is_not)| (of(NOT_A, is_not), vec![of(IS_A, is)]))
        });
    }
    rules.extend(writer.made.rules);
    Ok(rules)
}

fn of(relation: NamedNodeRef<'_>, class: &Term) -> quid_core::Literal {
    triple(v(0), relation, super::compile::c(class))
}

/// Whether what is in force has to be compiled anew when this triple is written or removed.
#[must_use]
pub fn is_axiom(triple: &Triple) -> bool {
    let predicate = triple.predicate.as_ref();
    if predicate == TYPE {
        return matches!(&triple.object, Term::NamedNode(kind) if USED_KINDS.contains(&kind.as_ref()));
    }
    USED.contains(&predicate) || predicate == FIRST || predicate == REST
}
