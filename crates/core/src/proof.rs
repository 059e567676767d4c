//! Proofs, and the checker that believes none of them.
//!
//! An engine may be wrong; so every proof is verified step by step against the stored facts and the rules by
//! code that knows nothing of how it was found. Only [`verify`] makes a [`Verified`], and only a `Verified`
//! makes a `Proved` reply: the type is the guarantee.

use std::ops::ControlFlow;

use oxrdf::{NamedNode, Term};

use crate::{
    Atom, Facts, Fault, Rulebook,
    rule::{Argument, Goal, Literal},
    vocabulary::MEANS,
};

/// Why a step holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// It is stored, in this graph.
    Stored(NamedNode),
    /// It follows by the rule of this name from earlier steps, in the order of the rule's body.
    Rule {
        /// The rule's name in the rulebook.
        name: String,
        /// Indices of earlier steps.
        premises: Vec<usize>,
    },
    /// It is computed: words folded to the same key, an inflected form, a sum. Re-computed by the checker.
    BuiltIn,
    /// The claim does **not** hold: it is not among the answers of this closed table (negation as failure).
    Absent(usize),
    /// The claim `urn:quid:gather:HOW(value, group…)` is gathered from all answers of this closed table.
    Gathered(usize),
}

/// All answers to a pattern, and with them the ground on which something can be said to be absent.
///
/// Its certificate is closedness: every stored fact that fits is among the answers, and no rule gives another one
/// from the answers of closed tables. The checker goes through that itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// What was asked.
    pub pattern: Literal,
    /// The steps that answer it, all of them.
    pub answers: Vec<usize>,
    /// Tables of the same layer may rest on each other; what is absent from a table is known in layers above only.
    pub layer: u32,
}

/// One line of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What holds.
    pub claim: Atom,
    /// Why.
    pub because: Because,
}

/// A derivation: each step rests on earlier ones only, the last is what was to be proved. Shared steps are
/// written once, so it is a DAG.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// In order; premises come before what rests on them.
    pub steps: Vec<Step>,
    /// The closed tables that `Absent` and `Gathered` steps rest on; mostly none.
    pub tables: Vec<Closed>,
}

impl Proof {
    /// The shortest proof: one stored fact.
    #[must_use]
    pub fn stored(claim: Atom, graph: NamedNode) -> Self {
        Self { steps: vec![Step { claim, because: Because::Stored(graph) }], tables: Vec::new() }
    }

    /// What it proves; `None` for an empty proof.
    #[must_use]
    pub fn conclusion(&self) -> Option<&Atom> {
        self.steps.last().map(|step| &step.claim)
    }

    /// Adds a step unless the same claim is there already; gives its index.
    pub fn push(&mut self, claim: Atom, because: Because) -> usize {
        if let Some(at) = self.steps.iter().position(|step| step.claim == claim) {
            return at;
        }
        self.steps.push(Step { claim, because });
        self.steps.len() - 1
    }
}

/// What is computed rather than stored. The same implementation serves the engine and the checker.
pub trait BuiltIns {
    /// Whether a built-in relation holds of ground arguments; `None` when there is no such built-in.
    fn holds(&self, claim: &Atom) -> Option<bool>;

    /// All ways to fill the open arguments (`None`) of a built-in relation, each as all its arguments; `None` when
    /// there is no such built-in or too little is bound.
    fn complete(&self, predicate: &NamedNode, arguments: &[Option<Term>]) -> Option<Vec<Vec<Term>>> {
        let arguments = arguments.iter().cloned().collect::<Option<Vec<_>>>()?;
        let claim = Atom { predicate: predicate.clone(), arguments };
        Some(if self.holds(&claim)? { vec![claim.arguments] } else { Vec::new() })
    }
}

/// No built-ins at all.
#[derive(Clone, Copy, Debug)]
pub struct NoBuiltIns;

impl BuiltIns for NoBuiltIns {
    fn holds(&self, _: &Atom) -> Option<bool> {
        None
    }
}

/// What is wrong with a proof.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// It has no steps.
    #[error("the proof is empty")]
    Empty,
    /// A leaf is not stored where it says.
    #[error("step {0} is not stored in {1}")]
    NotStored(usize, NamedNode),
    /// A rule is unknown.
    #[error("step {0} uses the unknown rule `{1}`")]
    NoSuchRule(usize, String),
    /// A premise comes later than its conclusion, or does not exist.
    #[error("step {0} rests on step {1}, which does not come before it")]
    Order(usize, usize),
    /// The rule does not give this conclusion from these premises.
    #[error("step {0} does not follow by rule `{1}`")]
    DoesNotFollow(usize, String),
    /// One word is taken in two senses: every step may be right and the whole still a fallacy of equivocation
    /// ("a river bank is a bank; a bank lends money").
    #[error("step {0} takes a word in another sense than an earlier step")]
    Equivocation(usize),
    /// A table is not what it says: all answers, each proved.
    #[error("step {0} rests on table {1}, which is not closed")]
    NotClosed(usize, usize),
    /// A computed step does not hold.
    #[error("step {0} is not so when computed again")]
    NotComputed(usize),
    /// The store could not be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A proof every step of which has been checked. Only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified(Proof);

impl Verified {
    /// The proof.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.0
    }
}

/// Checks every step; costs one look-up a leaf.
///
/// # Errors
/// The first [`Flaw`] found.
pub fn verify(proof: Proof, facts: &dyn Facts, rules: &Rulebook, builtins: &dyn BuiltIns) -> Result<Verified, Flaw> {
    if proof.steps.is_empty() {
        return Err(Flaw::Empty);
    }
    for (at, step) in proof.steps.iter().enumerate() {
        let other_sense = |earlier: &Step| {
            earlier.claim.predicate == step.claim.predicate
                && earlier.claim.arguments.first() == step.claim.arguments.first()
                && earlier.claim.arguments != step.claim.arguments
        };
        if step.claim.predicate == MEANS && proof.steps.iter().take(at).any(other_sense) {
            return Err(Flaw::Equivocation(at));
        }
        match &step.because {
            Because::Stored(graph) => {
                if !is_stored(&step.claim, graph, facts)? {
                    return Err(Flaw::NotStored(at, graph.clone()));
                }
            }
            Because::BuiltIn => {
                if builtins.holds(&step.claim) != Some(true) {
                    return Err(Flaw::NotComputed(at));
                }
            }
            Because::Absent(table) | Because::Gathered(table) => return Err(Flaw::NotClosed(at, *table)),
            Because::Rule { name, premises } => {
                let rule = rules.named(name).ok_or_else(|| Flaw::NoSuchRule(at, name.clone()))?;
                let mut claims = Vec::with_capacity(premises.len());
                for &premise in premises {
                    match proof.steps.get(premise) {
                        Some(earlier) if premise < at => claims.push(&earlier.claim),
                        _ => return Err(Flaw::Order(at, premise)),
                    }
                }
                let mut bound = Vec::new();
                let follows =
                    claims.len() == rule.body.len()
                        && rule.body.iter().zip(&claims).all(
                            |(goal, claim)| matches!(goal, Goal::Holds(literal) if fits(literal, claim, &mut bound)),
                        )
                        && fits(&rule.head, &step.claim, &mut bound);
                if !follows {
                    return Err(Flaw::DoesNotFollow(at, name.clone()));
                }
            }
        }
    }
    Ok(Verified(proof))
}

fn is_stored(claim: &Atom, graph: &NamedNode, facts: &dyn Facts) -> Result<bool, Fault> {
    let Some((subject, object)) = claim.pair() else { return Ok(false) };
    let mut found = false;
    facts.each(Some(subject), Some(claim.predicate.as_ref()), Some(object), &mut |fact| {
        found = fact.graph == *graph;
        if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found)
}

/// Matches a rule's literal with a ground claim under the bindings so far, extending them.
fn fits(literal: &Literal, claim: &Atom, bound: &mut Vec<(u32, Term)>) -> bool {
    literal.predicate == claim.predicate
        && literal.arguments.len() == claim.arguments.len()
        && literal.arguments.iter().zip(&claim.arguments).all(|(argument, term)| match argument {
            Argument::Term(wanted) => wanted == term,
            Argument::Variable(name) => match bound.iter().find(|(other, _)| other == name) {
                Some((_, value)) => value == term,
                None => {
                    bound.push((*name, term.clone()));
                    true
                }
            },
        })
}

#[cfg(test)]
mod tests {
    use oxrdf::{NamedNodeRef, Term};

    use super::*;
    use crate::{Fact, Rule};

    struct Stored(Vec<Fact>);

    type Tampering = (&'static str, fn(&mut Proof));

    impl Facts for Stored {
        fn each(
            &self,
            subject: Option<&Term>,
            predicate: Option<NamedNodeRef<'_>>,
            object: Option<&Term>,
            visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
        ) -> Result<(), Fault> {
            for fact in &self.0 {
                if subject.is_none_or(|wanted| *wanted == Term::from(fact.subject.clone()))
                    && predicate.is_none_or(|wanted| wanted == fact.predicate)
                    && object.is_none_or(|wanted| *wanted == fact.object)
                    && visit(fact).is_break()
                {
                    break;
                }
            }
            Ok(())
        }
    }

    fn node(name: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("urn:x:{name}"))
    }

    fn atom(predicate: &str, subject: &str, object: &str) -> Atom {
        Atom::binary(node(predicate), node(subject), node(object))
    }

    fn world() -> (Stored, Rulebook, Proof) {
        let fact = |subject: &str, object: &str| Fact {
            subject: node(subject).into(),
            predicate: node("isa"),
            object: node(object).into(),
            graph: node("g"),
        };
        let literal = |subject, object| Literal {
            predicate: node("isa"),
            arguments: vec![Argument::Variable(subject), Argument::Variable(object)],
        };
        let rule = Rule {
            name: "chain".into(),
            head: literal(0, 2),
            body: vec![Goal::Holds(literal(0, 1)), Goal::Holds(literal(1, 2))],
            says: String::new(),
        };
        let mut proof = Proof::default();
        let first = proof.push(atom("isa", "a", "b"), Because::Stored(node("g")));
        let second = proof.push(atom("isa", "b", "c"), Because::Stored(node("g")));
        proof.push(atom("isa", "a", "c"), Because::Rule { name: "chain".into(), premises: vec![first, second] });
        (Stored(vec![fact("a", "b"), fact("b", "c")]), Rulebook { rules: vec![rule] }, proof)
    }

    #[test]
    fn a_word_has_one_sense_in_one_proof() {
        let means = |word: &str, sense: &str| Atom::binary(MEANS, node(word), node(sense));
        let fact = |object: &str| Fact {
            subject: node("bank").into(),
            predicate: MEANS.into(),
            object: node(object).into(),
            graph: node("g"),
        };
        let facts = Stored(vec![fact("slope"), fact("lender")]);
        let mut proof = Proof::default();
        proof.push(means("bank", "slope"), Because::Stored(node("g")));
        assert!(verify(proof.clone(), &facts, &Rulebook::default(), &NoBuiltIns).is_ok());
        proof.push(means("bank", "lender"), Because::Stored(node("g")));
        let flaw = verify(proof, &facts, &Rulebook::default(), &NoBuiltIns);
        assert!(matches!(flaw, Err(Flaw::Equivocation(1))), "{flaw:?}");
    }

    #[test]
    fn invariant_5_every_proof_is_checked_step_by_step() {
        let (facts, rules, good) = world();
        assert!(verify(good.clone(), &facts, &rules, &NoBuiltIns).is_ok());

        let tampered: [Tampering; 8] = [
            ("no steps", |proof| proof.steps.clear()),
            ("another conclusion", |proof| proof.steps[2].claim = atom("isa", "a", "d")),
            ("another graph", |proof| proof.steps[0].because = Because::Stored(node("h"))),
            ("an unknown leaf", |proof| proof.steps[0].claim = atom("isa", "a", "z")),
            ("an unknown rule", |proof| {
                proof.steps[2].because = Because::Rule { name: "magic".into(), premises: vec![0, 1] };
            }),
            ("premises swapped", |proof| {
                proof.steps[2].because = Because::Rule { name: "chain".into(), premises: vec![1, 0] };
            }),
            ("a step resting on itself", |proof| {
                proof.steps[2].because = Because::Rule { name: "chain".into(), premises: vec![0, 2] };
            }),
            ("said to be computed", |proof| proof.steps[2].because = Because::BuiltIn),
        ];
        for (what, tamper) in tampered {
            let mut proof = good.clone();
            tamper(&mut proof);
            assert!(verify(proof, &facts, &rules, &NoBuiltIns).is_err(), "{what} was believed");
        }
    }
}
