//! Answers queries over facts and rules: the face of System 2.
//!
//! A question is a [`Query`]: a rule that concludes its answers. What holds is stored, computed, derived by rules,
//! known to be absent, or gathered; every answer keeps its first derivation, so that its proof can always be asked
//! for and checked by code that knows nothing of this engine.

mod base;
mod claim;
mod compile;
mod kernel;
mod program;
mod proofs;
mod refusal;
mod run;
mod solutions;
mod table;
mod why_not;

use quid_core::proof::BuiltIns;
use quid_core::{Budget, Facts, Limit, Query};

pub use claim::{Verdict, prove};
pub use program::Program;
pub use refusal::Refusal;
pub use solutions::{Extent, Row, Solutions};
pub use why_not::{Missing, why_not};

use base::Base;
use run::{Engine, Stop};

use crate::Mirror;

/// What a question is answered from.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// What the asker may see.
    pub facts: &'a dyn Facts,
    /// The rules in force.
    pub rules: &'a Program,
    /// What is computed.
    pub builtins: &'a dyn BuiltIns,
    /// What is kept of the facts between questions; questions without one read everything anew.
    pub mirror: Option<&'a Mirror>,
}

/// Answers a question within a budget.
///
/// # Errors
/// [`Refusal`]: what is wrong with the question or its rules, or the store could not be read. A budget that ran out
/// is no error: [`Solutions::extent`] says that the answers are not all.
pub fn ask<'a>(query: &Query, ground: &Ground<'a>, budget: &'a Budget<'a>) -> Result<Solutions<'a>, Refusal> {
    let mut base = Base::new(ground, budget)?;
    let compiled = compile::compile(query, ground, &mut base)?;
    let wanted = if query.rule.head.arguments.is_empty() { 1 } else { enough(query, budget) };
    let mut engine = Engine::new(compiled, base, ground.builtins, budget, wanted);
    let extent = match engine.run() {
        Ok(()) => Extent::All,
        Err(Stop::Enough) if query.rule.head.arguments.is_empty() => Extent::All,
        Err(Stop::Enough) if query.limit.is_some_and(|limit| query.offset.saturating_add(limit) <= wanted) => {
            Extent::Limited
        }
        Err(Stop::Enough) => Extent::Spent(Limit::Solutions),
        Err(Stop::Spent) => Extent::Spent(budget.ran_out().unwrap_or(Limit::Steps)),
        Err(Stop::Refused(refusal)) => return Err(refusal),
    };
    Ok(Solutions::new(engine, *ground, query, extent))
}

/// How many answers must be found: all of them when they are to be put in order.
fn enough(query: &Query, budget: &Budget<'_>) -> usize {
    if !query.order.is_empty() {
        return usize::MAX;
    }
    let most = usize::try_from(budget.most_solutions()).unwrap_or(usize::MAX);
    query.offset.saturating_add(query.limit.unwrap_or(usize::MAX).min(most))
}
