//! Proofs: what follows, step by step, and what it rests on.
//!
//! An engine may be wrong; so every proof is verified against the stored facts and the rules by code that knows
//! nothing of how it was found (`check/`). Only [`verify`] makes a [`Verified`], and only a `Verified` makes a
//! `Proved` reply: the type is the guarantee.

use oxrdf::{NamedNode, Term};

use crate::{
    Atom, gather,
    rule::{How, Literal},
};

pub use crate::check::{Checker, Flaw, Verified, verify, verify_by};

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
    /// All that answers it.
    pub answers: Answers,
    /// Tables of the same layer may rest on each other; what is absent from a table is known in layers above only.
    pub layer: u32,
}

/// How a closed table has its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answers {
    /// These steps are its answers, each with its own proof.
    Steps(Vec<usize>),
    /// Nobody would read so many: the checker finds them again, from what is stored and from tables before this one.
    Found,
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
