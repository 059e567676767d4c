//! Proofs: what follows, step by step, and what it rests on.
//!
//! An engine may be wrong; so every proof is verified against the stored facts and the rules by code that knows
//! nothing of how it was found (`check.rs`). Only [`verify`] makes a [`Verified`], and only a `Verified` makes a
//! `Proved` reply: the type is the guarantee.

use oxrdf::{NamedNode, Term};

use crate::{
    Atom, gather,
    rule::{How, Literal},
};

pub use crate::check::{Flaw, Verified, verify, verify_by};

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

    /// Whether a relation is computed. What is computed is neither stored nor derived.
    fn is_built_in(&self, predicate: &NamedNode, _arguments: usize) -> bool {
        predicate.as_str().starts_with(crate::vocabulary::BUILTIN)
    }

    /// What is gathered from all values of a group; `None` when there is nothing to say.
    fn gather(&self, how: How, values: &[Term]) -> Option<Term> {
        gather::gather(how, values)
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

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use oxrdf::{NamedNodeRef, Term};

    use super::*;
    use crate::{Argument, Fact, Facts, Fault, Goal, Rule, Rulebook, vocabulary::MEANS};

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
