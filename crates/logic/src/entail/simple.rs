//! Whether one graph follows from another (RDF 1.1 and 1.2 Semantics).
//!
//! The premises are closed forwards, then the conclusion is looked for as a part of them, its blank nodes standing
//! for anything there is.

use std::ops::ControlFlow;

use quid_core::oxrdf::{BlankNode, NamedNode, NamedOrBlankNode, Term, Triple};
use quid_core::vocabulary::CONTRADICTION;
use quid_core::{Budget, Regime};
use rustc_hash::{FxHashMap, FxHashSet};

use super::axiomatic::{self, OWL_AXIOMS, RDF_AXIOMS, RDFS_AXIOMS};
use super::closure::{Closure, Noticing, Steps};
use super::compile::{Choice, Profile, compile};
use super::names::{RDF, TYPE, XSD};
use super::schema::Schema;
use super::value::{are_disjoint, canonical, is_ill_typed, is_in, is_recognised, value};
use crate::Halt;

/// Whether a conclusion follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entails {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The premises contradict themselves, so that everything follows.
    Inconsistent,
}

/// Decides whether the conclusion follows from the premises, where literals of the recognised datatypes are known by
/// their values.
///
/// # Errors
/// [`Halt`] when the budget ends or more than `most` triples follow.
pub fn entails(
    premises: &[Triple],
    conclusion: &[Triple],
    regime: Regime,
    recognised: &[NamedNode],
    most: usize,
    budget: &Budget<'_>,
) -> Result<Entails, Halt> {
    let mut recognised = recognised.to_vec();
    if regime != Regime::None {
        recognised.push(NamedNode::new_unchecked(format!("{XSD}string")));
        recognised.push(NamedNode::new_unchecked(format!("{RDF}langString")));
        recognised.sort_unstable();
        recognised.dedup();
    }
    if premises.iter().any(|triple| is_ill_typed(&triple.object, &recognised)) {
        return Ok(Entails::Inconsistent);
    }
    let mut closure = Closure::new(most).noticing(noticing(regime), &recognised);
    for triple in premises {
        let object = canonical(&triple.object, &recognised);
        closure.add(&triple.subject.clone().into(), &triple.predicate, &object)?;
    }
    for triple in conclusion {
        for term in [Term::from(triple.subject.clone()), triple.predicate.clone().into(), triple.object.clone()] {
            if !has_blank(&term) {
                closure.mention(&canonical(&term, &recognised))?;
            }
        }
    }
    add_axioms(&mut closure, regime, &recognised)?;
    close(&mut closure, regime, true, budget)?;
    if is_inconsistent(&closure, &recognised) {
        return Ok(Entails::Inconsistent);
    }
    let mut left: Vec<(Term, NamedNode, Term)> = conclusion
        .iter()
        .map(|triple| {
            let object = canonical(&triple.object, &recognised);
            (triple.subject.clone().into(), triple.predicate.clone(), object)
        })
        .collect();
    let found = embed(&mut left, &FxHashMap::default(), &closure, budget)?;
    Ok(if found { Entails::Yes } else { Entails::No })
}

/// What is noticed of every term, by regime.
pub(super) fn noticing(regime: Regime) -> Noticing {
    Noticing { relations: regime != Regime::None, resources: !matches!(regime, Regime::None | Regime::Rdf) }
}

/// Adds the axiomatic triples of a regime.
pub(super) fn add_axioms(closure: &mut Closure, regime: Regime, recognised: &[NamedNode]) -> Result<(), Halt> {
    let (rdf, rdfs): (&[_], &[_]) = match regime {
        Regime::None => (&[], &[]),
        Regime::Rdf => (RDF_AXIOMS, &[]),
        _ => (RDF_AXIOMS, RDFS_AXIOMS),
    };
    let owl: &[_] = if matches!(regime, Regime::OwlRl | Regime::OwlRlSame) { OWL_AXIOMS } else { &[] };
    for (subject, predicate, object) in rdf.iter().chain(rdfs).chain(owl) {
        let (subject, object) = (Term::from(subject.into_owned()), Term::from(object.into_owned()));
        closure.add(&subject, &predicate.into_owned(), &object)?;
    }
    if !rdfs.is_empty() {
        for (datatype, kind) in axiomatic::recognised(recognised) {
            closure.add(&datatype.clone().into(), &TYPE.into_owned(), &kind.into_owned().into())?;
        }
    }
    Ok(())
}

/// What is compiled for a regime; `None` where there are no rules.
pub(super) fn choice(regime: Regime, trivial: bool) -> Option<Choice> {
    match regime {
        Regime::None | Regime::Rdf => None,
        Regime::Rdfs | Regime::Rules => Some(Choice { profile: Profile::Rdfs, same_as: false, trivial }),
        Regime::OwlRl => Some(Choice { profile: Profile::OwlRl, same_as: false, trivial }),
        Regime::OwlRlSame => Some(Choice { profile: Profile::OwlRl, same_as: true, trivial }),
    }
}

/// Derives all that follows; axioms that were derived are compiled too.
pub(super) fn close(closure: &mut Closure, regime: Regime, trivial: bool, budget: &Budget<'_>) -> Result<(), Halt> {
    let Some(choice) = choice(regime, trivial) else { return closure.run(budget) };
    // What was added is to be seen by the reader of axioms.
    closure.run(budget)?;
    let mut known = FxHashSet::default();
    loop {
        let schema = Schema::read(&Steps(closure), budget)?;
        let rules = compile(&schema, choice).rules;
        let fresh: Vec<_> =
            rules.iter().filter(|rule| known.insert((rule.head.clone(), rule.body.clone()))).cloned().collect();
        if fresh.is_empty() {
            return Ok(());
        }
        closure.force(&fresh)?;
        if choice.same_as { closure.unite(&rules, budget)? } else { closure.run(budget)? }
    }
}

/// Whether what was derived cannot be true of anything.
fn is_inconsistent(closure: &Closure, recognised: &[NamedNode]) -> bool {
    let mut clash = false;
    closure.each(None, Some(&CONTRADICTION.into_owned().into()), None, &mut |_, _, _| {
        clash = true;
        ControlFlow::Break(())
    });
    let mut kinds: FxHashMap<Term, Vec<NamedNode>> = FxHashMap::default();
    closure.each(None, Some(&TYPE.into_owned().into()), None, &mut |subject, _, object| {
        if let Term::NamedNode(kind) = object
            && recognised.contains(kind)
        {
            kinds.entry(subject.clone()).or_default().push(kind.clone());
        }
        ControlFlow::Continue(())
    });
    clash
        || kinds.iter().any(|(subject, kinds)| match subject {
            Term::Literal(literal) => match value(literal) {
                Some(Some(value)) if is_recognised(literal, recognised) => {
                    kinds.iter().any(|kind| is_in(&value, kind) == Some(false))
                }
                _ => false,
            },
            _ => kinds.iter().enumerate().any(|(at, one)| kinds.iter().skip(at).any(|other| are_disjoint(one, other))),
        })
}

type Bound = FxHashMap<BlankNode, Term>;

/// Looks for the triples left as facts of the closure.
fn embed(
    left: &mut Vec<(Term, NamedNode, Term)>,
    bound: &Bound,
    closure: &Closure,
    budget: &Budget<'_>,
) -> Result<bool, Halt> {
    budget.step()?;
    let known = |(subject, _, object): &(Term, NamedNode, Term)| {
        usize::from(filled(subject, bound).is_some()) + usize::from(filled(object, bound).is_some())
    };
    let Some(next) = (0..left.len()).max_by_key(|&at| left.get(at).map_or(0, known)) else { return Ok(true) };
    let (subject, predicate, object) = left.swap_remove(next);
    let mut candidates: Vec<Bound> = Vec::new();
    let given = Term::from(predicate.clone());
    let (from, to) = (filled(&subject, bound), filled(&object, bound));
    closure.each(from.as_ref(), Some(&given), to.as_ref(), &mut |one, _, other| {
        let mut more = bound.clone();
        if unify(&subject, one, &mut more) && unify(&object, other, &mut more) {
            candidates.push(more);
        }
        ControlFlow::Continue(())
    });
    for more in candidates {
        if embed(left, &more, closure, budget)? {
            return Ok(true);
        }
    }
    left.push((subject, predicate, object));
    Ok(false)
}

fn has_blank(term: &Term) -> bool {
    match term {
        Term::BlankNode(_) => true,
        Term::Triple(triple) => matches!(triple.subject, NamedOrBlankNode::BlankNode(_)) || has_blank(&triple.object),
        _ => false,
    }
}

/// A term with its blank nodes replaced; `None` when one is open.
fn filled(term: &Term, bound: &Bound) -> Option<Term> {
    match term {
        Term::BlankNode(node) => bound.get(node).cloned(),
        Term::Triple(triple) => {
            let subject = NamedOrBlankNode::try_from(filled(&triple.subject.clone().into(), bound)?).ok()?;
            let object = filled(&triple.object, bound)?;
            Some(Term::Triple(Box::new(Triple::new(subject, triple.predicate.clone(), object))))
        }
        _ => Some(term.clone()),
    }
}

fn unify(pattern: &Term, term: &Term, bound: &mut Bound) -> bool {
    match (pattern, term) {
        (Term::BlankNode(node), _) => match bound.get(node) {
            Some(known) => known == term,
            None => {
                bound.insert(node.clone(), term.clone());
                true
            }
        },
        (Term::Triple(pattern), Term::Triple(term)) => {
            pattern.predicate == term.predicate
                && unify(&pattern.subject.clone().into(), &term.subject.clone().into(), bound)
                && unify(&pattern.object, &term.object, bound)
        }
        _ => pattern == term,
    }
}
