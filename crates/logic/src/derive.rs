//! Applies a rule to steps of a proof that stand already.
//!
//! Searches that know their way (a chain of hypernyms) write their proofs with this, so that every step still
//! names the rule that allows it.

use quid_core::oxrdf::Term;
use quid_core::{Argument, Atom, Because, Goal, Literal, Proof, Rule, Rulebook};

/// What the rule gives from these steps, in the order of its body; `None` when they do not fit.
#[must_use]
pub fn derive(proof: &Proof, rule: &Rule, premises: &[usize]) -> Option<Atom> {
    if premises.len() != rule.body.len() {
        return None;
    }
    let mut bound = Vec::new();
    for (goal, &premise) in rule.body.iter().zip(premises) {
        let Goal::Holds(literal) = goal else { return None };
        if !matches(literal, &proof.steps.get(premise)?.claim, &mut bound) {
            return None;
        }
    }
    ground(&rule.head, &bound)
}

/// Adds `claim` as a step that follows from these steps by whichever rule allows it; gives its index.
pub fn conclude(proof: &mut Proof, rules: &Rulebook, claim: &Atom, premises: &[usize]) -> Option<usize> {
    let rule = rules.concluding(&claim.predicate).find(|rule| derive(proof, rule, premises).as_ref() == Some(claim))?;
    let because = Because::Rule { name: rule.name.clone(), premises: premises.to_vec() };
    Some(proof.push(claim.clone(), because))
}

/// Adds all steps of `other`; gives the index of its conclusion.
pub fn append(proof: &mut Proof, other: &Proof) -> Option<usize> {
    let mut places = Vec::with_capacity(other.steps.len());
    for step in &other.steps {
        let because = match &step.because {
            Because::Rule { name, premises } => {
                let premises = premises.iter().map(|&premise| places.get(premise).copied()).collect::<Option<_>>()?;
                Because::Rule { name: name.clone(), premises }
            }
            leaf => leaf.clone(),
        };
        places.push(proof.push(step.claim.clone(), because));
    }
    places.last().copied()
}

/// Binds a literal's variables so that it becomes `claim`.
fn matches(literal: &Literal, claim: &Atom, bound: &mut Vec<(u32, Term)>) -> bool {
    literal.predicate == claim.predicate
        && literal.arguments.len() == claim.arguments.len()
        && literal.arguments.iter().zip(&claim.arguments).all(|(argument, term)| match argument {
            Argument::Term(wanted) => wanted == term,
            Argument::Variable(number) => match bound.iter().find(|(other, _)| other == number) {
                Some((_, value)) => value == term,
                None => {
                    bound.push((*number, term.clone()));
                    true
                }
            },
        })
}

fn ground(literal: &Literal, bound: &[(u32, Term)]) -> Option<Atom> {
    let value = |argument: &Argument| match argument {
        Argument::Term(term) => Some(term.clone()),
        Argument::Variable(number) => bound.iter().find(|(other, _)| other == number).map(|(_, value)| value.clone()),
    };
    let arguments = literal.arguments.iter().map(value).collect::<Option<_>>()?;
    Some(Atom { predicate: literal.predicate.clone(), arguments })
}
