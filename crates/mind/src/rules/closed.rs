//! The closed world: what was not told and does not follow is not so.
//!
//! A person may say that all has been told; then "not young" in a condition is the lack of a proof. Classes become
//! relations of their own, so that "not young" and "young" may rest on different rules without going round in a
//! circle; where that is not enough, every claim about every thing does.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Term};
use quid_core::text::{percent_decode, percent_encode};
use quid_core::vocabulary as v;
use quid_core::{Argument, Facts, Fault, Goal, Literal, Rule, Rulebook};

use super::form;
use crate::factoid::{DENIED, Relation};

/// The prefix of the relations that claims become: the plain relation follows, then what it is narrowed to.
const CLOSED: &str = "urn:quid:closed:";
/// The most classes, and the most stored facts of a relation, that are looked at.
const MOST: usize = 1000;
/// The most rules about single things.
const MOST_SINGLE: usize = 20_000;

/// How claims are narrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Narrow {
    /// A relation for each class.
    Classes,
    /// A relation for each claim about each thing.
    Things,
}

/// The rules with every negated condition read as "does not follow".
///
/// # Errors
/// [`Fault`] when what is stored could not be read.
pub(super) fn close(book: &Rulebook, facts: &dyn Facts, narrow: Narrow) -> Result<Rulebook, Fault> {
    let mut classes = BTreeSet::new();
    for rule in &book.rules {
        classes.extend(literals(rule).filter_map(class_of));
    }
    let under = kinds(&mut classes, facts)?;
    let rules: Vec<Rule> = book.rules.iter().map(negating).collect();
    let mut closed = Rulebook::default();
    match narrow {
        Narrow::Classes => {
            closed.rules = rules.into_iter().map(|rule| narrowed(&bound(rule), narrow)).collect();
        }
        Narrow::Things => {
            let things = things(&rules, facts)?;
            let mut stored = BTreeSet::new();
            for rule in rules.iter().filter(|rule| !rule.name.starts_with(super::known::BASE)) {
                for single in singles(rule, &things, MOST_SINGLE.saturating_sub(closed.rules.len())) {
                    stored.extend(literals(&single).map(|literal| literal.predicate.clone()));
                    closed.rules.push(narrowed(&single, narrow));
                }
            }
            let verbs = stored.into_iter().filter(|relation| relation.as_str().starts_with(v::VERB));
            for relation in verbs {
                for (one, other) in pairs(&relation, facts)? {
                    let literal = ground(&relation, &one, &other);
                    closed.rules.push(told(&literal, &literal, narrow, closed.rules.len()));
                }
            }
            for class in &classes {
                for thing in &things {
                    let is = ground(&v::IS_A.into_owned(), thing, &class.clone().into());
                    let number = closed.rules.len();
                    closed.rules.extend(told_of(&is, narrow, number));
                    for (lower, _) in under.iter().filter(|(lower, over)| over == class && lower != class) {
                        closed.rules.push(by_kind(&is, lower, narrow, closed.rules.len()));
                    }
                }
            }
        }
    }
    if narrow == Narrow::Classes {
        for class in &classes {
            let any = Argument::Variable(0);
            let is =
                Literal { predicate: v::IS_A.into_owned(), arguments: vec![any, Argument::Term(class.clone().into())] };
            let number = closed.rules.len();
            closed.rules.extend(told_of(&is, narrow, number));
            for (lower, _) in under.iter().filter(|(lower, over)| over == class && lower != class) {
                closed.rules.push(by_kind(&is, lower, narrow, closed.rules.len()));
            }
        }
    }
    Ok(closed)
}

/// The rules by which a claim that no rule speaks of is known when it was told.
pub(super) fn told_of(literal: &Literal, narrow: Narrow, number: usize) -> Vec<Rule> {
    if literal.predicate.as_ref() != v::IS_A {
        return if narrow == Narrow::Things { vec![told(literal, literal, narrow, number)] } else { Vec::new() };
    }
    let stored = [v::HAS_PROPERTY, v::TYPE, v::SUB_CLASS_OF].into_iter().enumerate();
    stored
        .map(|(at, relation)| {
            let goal = Literal { predicate: relation.into_owned(), arguments: literal.arguments.clone() };
            told(literal, &goal, narrow, number.saturating_add(at))
        })
        .collect()
}

/// A claim holds when this is stored.
fn told(claim: &Literal, stored: &Literal, narrow: Narrow, number: usize) -> Rule {
    Rule {
        name: format!("closed/told/{}/{number}", claim.predicate.as_str().len()),
        head: specific(claim, narrow),
        body: vec![Goal::Holds(stored.clone())],
        says: String::new(),
    }
}

/// Whatever is of a lower class is of the upper one.
fn by_kind(is: &Literal, lower: &NamedNode, narrow: Narrow, number: usize) -> Rule {
    let (Some(one), Some(class)) = (is.arguments.first(), is.arguments.get(1)) else {
        return told(is, is, narrow, number);
    };
    let under = Argument::Term(lower.clone().into());
    let below = Literal { predicate: v::IS_A.into_owned(), arguments: vec![one.clone(), under.clone()] };
    let kind = Literal { predicate: v::SUB_CLASS_OF.into_owned(), arguments: vec![under, class.clone()] };
    Rule {
        name: format!("closed/kind/{number}"),
        head: specific(is, narrow),
        body: vec![Goal::Holds(specific(&below, narrow)), Goal::Holds(kind)],
        says: String::new(),
    }
}

fn literals(rule: &Rule) -> impl Iterator<Item = &Literal> {
    std::iter::once(&rule.head).chain(rule.body.iter().map(Goal::literal))
}

/// The classes under these as they are stored, with what they are under; they are added.
fn kinds(classes: &mut BTreeSet<NamedNode>, facts: &dyn Facts) -> Result<Vec<(NamedNode, NamedNode)>, Fault> {
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
    Ok(under)
}

/// The things that rules may speak of: those spoken of by name, those in the rules, those of their verbs.
fn things(rules: &[Rule], facts: &dyn Facts) -> Result<Vec<Term>, Fault> {
    let mut found = BTreeMap::new();
    let mut add = |term: &Term| {
        found.insert(term.to_string(), term.clone());
    };
    for fact in facts.all(None, Some(v::SPOKEN), None, MOST)? {
        add(&fact.subject.into());
    }
    for literal in rules.iter().flat_map(literals) {
        let verb = literal.predicate.as_str().starts_with(v::VERB);
        for (at, argument) in literal.arguments.iter().enumerate() {
            match argument {
                Argument::Term(term) if at == 0 || verb => add(term),
                _ => {}
            }
        }
        if verb {
            for (one, other) in pairs(&literal.predicate, facts)? {
                add(&one);
                add(&other);
            }
        }
    }
    Ok(found.into_values().collect())
}

fn pairs(relation: &NamedNode, facts: &dyn Facts) -> Result<Vec<(Term, Term)>, Fault> {
    let mut found = Vec::new();
    facts.each(None, Some(relation.as_ref()), None, &mut |fact| {
        if matches!(fact.object, Term::NamedNode(_)) {
            found.push((Term::from(fact.subject.clone()), fact.object.clone()));
        }
        if found.len() < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found)
}

fn ground(relation: &NamedNode, one: &Term, other: &Term) -> Literal {
    Literal { predicate: relation.clone(), arguments: vec![Argument::Term(one.clone()), Argument::Term(other.clone())] }
}

/// A rule about each of the things in each of its variables, `most` at most.
fn singles(rule: &Rule, things: &[Term], most: usize) -> Vec<Rule> {
    let mut open: Vec<u32> = literals(rule).flat_map(variables).collect();
    open.sort_unstable();
    open.dedup();
    let mut rules = vec![rule.clone()];
    for number in open {
        let mut next = Vec::new();
        for rule in &rules {
            for thing in things {
                if next.len() >= most {
                    return next;
                }
                next.push(filled(rule, number, thing));
            }
        }
        rules = next;
    }
    rules
}

fn filled(rule: &Rule, number: u32, thing: &Term) -> Rule {
    let fill = |literal: &Literal| Literal {
        predicate: literal.predicate.clone(),
        arguments: literal
            .arguments
            .iter()
            .map(|argument| match argument {
                Argument::Variable(open) if *open == number => Argument::Term(thing.clone()),
                other => other.clone(),
            })
            .collect(),
    };
    let body = rule.body.iter().map(|goal| match goal {
        Goal::Not(literal) => Goal::Not(fill(literal)),
        other => Goal::Holds(fill(other.literal())),
    });
    Rule { head: fill(&rule.head), body: body.collect(), ..rule.clone() }
}

/// A rule with its claims narrowed; the stored relations stay as they are.
fn narrowed(rule: &Rule, narrow: Narrow) -> Rule {
    let body = rule.body.iter().map(|goal| match goal {
        Goal::Not(literal) => Goal::Not(specific(literal, narrow)),
        other => Goal::Holds(specific(other.literal(), narrow)),
    });
    Rule { head: specific(&rule.head, narrow), body: body.collect(), ..rule.clone() }
}

/// The claim as the closed rules conclude it.
pub(super) fn specific(literal: &Literal, narrow: Narrow) -> Literal {
    let parts: Option<Vec<String>> = literal
        .arguments
        .iter()
        .map(|argument| match argument {
            Argument::Term(term) => Some(percent_encode(&term.to_string())),
            Argument::Variable(_) => None,
        })
        .collect();
    let is_claim = literal.predicate.as_ref() == v::IS_A || literal.predicate.as_str().starts_with(v::VERB);
    let own = match (narrow, class_of(literal), parts) {
        (Narrow::Classes, Some(class), _) if literal.predicate.as_ref() == v::IS_A => percent_encode(class.as_str()),
        (Narrow::Things, _, Some(parts)) if is_claim => parts.join(":"),
        _ => return literal.clone(),
    };
    let relation = percent_encode(literal.predicate.as_str());
    Literal {
        predicate: NamedNode::new_unchecked(format!("{CLOSED}{relation}:{own}")),
        arguments: literal.arguments.clone(),
    }
}

/// The plain relation that a narrowed one is of.
pub(super) fn general(predicate: &NamedNode) -> Option<NamedNode> {
    let relation = predicate.as_str().strip_prefix(CLOSED)?.split(':').next()?;
    Some(NamedNode::new_unchecked(percent_decode(relation)))
}

/// The class in "X is (not) C".
fn class_of(literal: &Literal) -> Option<NamedNode> {
    let about = literal.predicate.as_ref() == v::IS_A || literal.predicate.as_ref() == v::NOT_A;
    match literal.arguments.get(1) {
        Some(Argument::Term(Term::NamedNode(class))) if about => Some(class.clone()),
        _ => None,
    }
}

/// A rule whose "not" asks that the plain claim does not follow.
fn negating(rule: &Rule) -> Rule {
    let body = rule.body.iter().map(|goal| {
        let literal = goal.literal();
        if rule.name.starts_with(super::known::BASE) {
            return goal.clone();
        }
        if literal.predicate.as_ref() == v::NOT_A {
            let plain = Literal { predicate: v::IS_A.into_owned(), arguments: literal.arguments.clone() };
            return Goal::Not(plain);
        }
        match Relation::of(&literal.predicate) {
            Some(Relation::Verb(verb)) if verb.starts_with(DENIED) => {
                let plain = Relation::of_verb(verb.trim_start_matches(DENIED), false).predicate();
                Goal::Not(Literal { predicate: plain, arguments: literal.arguments.clone() })
            }
            _ => goal.clone(),
        }
    });
    Rule { body: body.collect(), ..rule.clone() }
}

/// A rule whose conditions are all denials speaks of whoever is spoken of.
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
        let name = free.saturating_add(u32::try_from(at).unwrap_or(0));
        let spoken = Literal {
            predicate: v::SPOKEN.into_owned(),
            arguments: vec![Argument::Variable(number), Argument::Variable(name)],
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
