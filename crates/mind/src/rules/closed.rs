//! The closed world: what was not told and does not follow is not so.
//!
//! A person may say that all has been told; then "not young" in a condition is the lack of a proof. Classes and
//! properties become relations of their own, so that "not young" and "young" may rest on different rules without
//! going round in a circle.

use std::collections::BTreeSet;

use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Term};
use quid_core::text::percent_encode;
use quid_core::vocabulary as v;
use quid_core::{Argument, Facts, Fault, Goal, Literal, Rule, Rulebook};

use super::form;
use crate::factoid::{DENIED, Relation};

/// The prefix of the relations that classes become.
const CLOSED: &str = "urn:quid:closed:";

/// The most classes that are looked at.
const MOST: usize = 1000;

/// The rules with every negated condition read as "does not follow".
///
/// # Errors
/// [`Fault`] when the classes under those of the rules could not be read.
pub(super) fn close(book: &Rulebook, facts: &dyn Facts) -> Result<Rulebook, Fault> {
    let mut classes = BTreeSet::new();
    for rule in &book.rules {
        for literal in std::iter::once(&rule.head).chain(rule.body.iter().map(Goal::literal)) {
            classes.extend(class_of(literal));
        }
    }
    // The classes under them, as they are stored.
    let mut under: Vec<(NamedNode, NamedNode)> = Vec::new();
    let mut open: Vec<NamedNode> = classes.iter().cloned().collect();
    while let Some(class) = open.pop() {
        for fact in facts.all(None, Some(v::SUB_CLASS_OF), Some(&class.clone().into()), MOST)? {
            let NamedOrBlankNode::NamedNode(lower) = fact.subject else { continue };
            if under.len() < MOST && form::key_of(&lower.clone().into()).is_some() {
                if classes.insert(lower.clone()) {
                    open.push(lower.clone());
                }
                under.push((lower, class.clone()));
            }
        }
    }
    let mut closed = Rulebook::default();
    for rule in &book.rules {
        let body: Vec<Goal> = rule.body.iter().map(|goal| negated(goal.literal())).collect();
        let open = Rule { head: specific(&rule.head), body, ..rule.clone() };
        closed.rules.push(bound(open));
    }
    for class in &classes {
        let term = Argument::Term(Term::from(class.clone()));
        let var = || Argument::Variable(0);
        let head = Literal { predicate: relation_of(class), arguments: vec![var(), term.clone()] };
        for (at, stored) in [v::HAS_PROPERTY, v::TYPE, v::SUB_CLASS_OF].into_iter().enumerate() {
            let goal = Literal { predicate: stored.into_owned(), arguments: vec![var(), term.clone()] };
            closed.rules.push(Rule {
                name: format!("closed/{}/{at}", class.as_str()),
                head: head.clone(),
                body: vec![Goal::Holds(goal)],
                says: String::new(),
            });
        }
        for (other, _) in under.iter().filter(|(other, over)| over == class && other != class) {
            let under = Argument::Term(Term::from(other.clone()));
            let is = Literal { predicate: relation_of(other), arguments: vec![var(), under.clone()] };
            let kind = Literal { predicate: v::SUB_CLASS_OF.into_owned(), arguments: vec![under, term.clone()] };
            closed.rules.push(Rule {
                name: format!("closed/{}/by/{}", class.as_str(), other.as_str()),
                head: head.clone(),
                body: vec![Goal::Holds(is), Goal::Holds(kind)],
                says: String::new(),
            });
        }
    }
    Ok(closed)
}

/// The claim as the closed rules conclude it.
pub(super) fn specific(literal: &Literal) -> Literal {
    match class_of(literal) {
        Some(class) if literal.predicate.as_ref() == v::IS_A => {
            Literal { predicate: relation_of(&class), arguments: literal.arguments.clone() }
        }
        _ => literal.clone(),
    }
}

/// What a closed relation says in open words.
pub(super) fn general(predicate: &NamedNode) -> Option<NamedNode> {
    predicate.as_str().starts_with(CLOSED).then(|| v::IS_A.into_owned())
}

/// The class in "X is (not) C".
fn class_of(literal: &Literal) -> Option<NamedNode> {
    let about = literal.predicate.as_ref() == v::IS_A || literal.predicate.as_ref() == v::NOT_A;
    match literal.arguments.get(1) {
        Some(Argument::Term(Term::NamedNode(class))) if about => Some(class.clone()),
        _ => None,
    }
}

fn relation_of(class: &NamedNode) -> NamedNode {
    let name =
        form::key_of(&Term::from(class.clone())).map_or_else(|| class.as_str().to_owned(), |key| key.to_string());
    NamedNode::new_unchecked(format!("{CLOSED}{}", percent_encode(&name)))
}

/// A condition: "not" asks that the plain claim does not follow.
fn negated(literal: &Literal) -> Goal {
    if literal.predicate.as_ref() == v::NOT_A {
        let plain = Literal { predicate: v::IS_A.into_owned(), arguments: literal.arguments.clone() };
        return Goal::Not(specific(&plain));
    }
    match Relation::of(&literal.predicate) {
        Some(Relation::Verb(verb)) if verb.starts_with(DENIED) => {
            let plain = Relation::of_verb(verb.trim_start_matches(DENIED), false).predicate();
            Goal::Not(Literal { predicate: plain, arguments: literal.arguments.clone() })
        }
        _ => Goal::Holds(specific(literal)),
    }
}

/// A rule whose conditions are all denials speaks of whoever is anything at all.
fn bound(mut rule: Rule) -> Rule {
    let held: Vec<u32> = rule
        .body
        .iter()
        .filter(|goal| matches!(goal, Goal::Holds(_)))
        .flat_map(|goal| variables(goal.literal()))
        .collect();
    let mut open: Vec<u32> = rule.body.iter().flat_map(|goal| variables(goal.literal())).collect();
    open.retain(|number| !held.contains(number));
    open.sort_unstable();
    open.dedup();
    let free = rule.body.iter().flat_map(|goal| variables(goal.literal())).max().unwrap_or(0).saturating_add(1);
    for (at, number) in open.into_iter().enumerate() {
        let spoken = Literal {
            predicate: v::SPOKEN.into_owned(),
            arguments: vec![
                Argument::Variable(number),
                Argument::Variable(free.saturating_add(u32::try_from(at).unwrap_or(0))),
            ],
        };
        rule.body.insert(0, Goal::Holds(spoken));
    }
    rule
}

fn variables(literal: &Literal) -> Vec<u32> {
    let number = |argument: &Argument| match argument {
        Argument::Variable(number) => Some(*number),
        Argument::Term(_) => None,
    };
    literal.arguments.iter().filter_map(number).collect()
}
