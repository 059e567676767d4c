//! Decides whether one claim follows.
//!
//! Whoever has a claim wants its proof, not the proof that it answers a question.

use quid_core::{Argument, Atom, Because, Budget, Goal, Literal, Proof, Query};

use super::solutions::Extent;
use super::{Ground, Refusal, ask};

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It follows.
    Proved(Proof),
    /// It does not follow from what is known. That is no "no".
    Unknown,
    /// The budget ended before that was clear.
    Spent,
}

/// Decides whether a claim follows.
///
/// # Errors
/// As [`ask`].
pub fn prove(claim: &Atom, ground: &Ground<'_>, budget: &Budget<'_>) -> Result<Verdict, Refusal> {
    let arguments = claim.arguments.iter().cloned().map(Argument::Term).collect();
    let literal = Literal { predicate: claim.predicate.clone(), arguments };
    let found = ask(&Query::asking(vec![Goal::Holds(literal)]), ground, budget)?;
    if found.is_empty() {
        return Ok(if found.extent() == Extent::All { Verdict::Unknown } else { Verdict::Spent });
    }
    let mut proof = found.proof(0)?;
    // The last step says that the claim answers the question.
    if let Some(Because::Rule { premises, .. }) = proof.steps.pop().map(|step| step.because)
        && let [own] = premises.as_slice()
    {
        proof.steps.truncate(own + 1);
    }
    Ok(Verdict::Proved(proof))
}
