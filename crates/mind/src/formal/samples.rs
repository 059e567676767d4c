//! A few pairs of relations, that show what stands at their ends.
//!
//! Taking a sample of a derived relation may cost a thousand reads, and every question that says "part" or "kind" would
//! take the same one; so samples are kept. Only what they look like matters, so more of the same changes nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use quid_core::oxrdf::{NamedNode, Term, Triple};

/// Some pairs.
pub(super) type Pairs = Vec<(Term, Term)>;

/// Samples by relation.
#[derive(Default)]
pub(super) struct Samples(Mutex<HashMap<NamedNode, Sample>>);

struct Sample {
    pairs: Pairs,
    /// Looking for them cost more than they are worth.
    spent: bool,
}

impl Samples {
    /// The sample of a relation that is kept, or that is taken now; a new one comes with whether it cost too much.
    pub(super) fn of(&self, relation: &NamedNode, take: impl FnOnce() -> (Pairs, bool)) -> Pairs {
        if let Some(known) = self.kept().get(relation) {
            return known.pairs.clone();
        }
        let (pairs, spent) = take();
        self.kept().insert(relation.clone(), Sample { pairs: pairs.clone(), spent });
        pairs
    }

    /// Something was written: it may be the first of a relation of which nothing was known.
    pub(super) fn note(&self, triple: &Triple) {
        self.kept()
            .retain(|relation, sample| *relation != triple.predicate && (sample.spent || !sample.pairs.is_empty()));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<NamedNode, Sample>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
