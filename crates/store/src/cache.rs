//! Remembers small look-ups until something is written.
//!
//! Reading one quad from the engine costs about 5 µs, nearly all of it to spell out its four terms; questions
//! share most of what they read (the upper classes, the words of this conversation, every leaf of a proof that is
//! checked). Whatever was read before a change was committed is never served after it was acknowledged.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use quid_core::{
    Fact,
    oxrdf::{NamedNode, NamedNodeRef, Quad, Term},
};

/// How many facts are kept before all are dropped: about 64 MiB.
const MOST: usize = 100_000;

/// What was looked up: subject, predicate, object.
type Pattern = (Option<Term>, Option<NamedNode>, Option<Term>);

/// Look-ups and what they found, in the order in which they are visited.
#[derive(Default)]
pub(crate) struct Cache {
    /// Grows with every committed change.
    written: AtomicU64,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    facts: usize,
    found: HashMap<Pattern, Arc<[Fact]>>,
}

impl Cache {
    /// These quads were written or removed: no look-up that could hold one of them is served any more.
    pub(crate) fn changed<'q>(&self, quads: impl Iterator<Item = &'q Quad>) {
        let mut kept = self.shelf();
        // What is being read now may be from before; it is not kept.
        self.written.fetch_add(1, Ordering::SeqCst);
        for quad in quads {
            let subject = Some(Term::from(quad.subject.clone()));
            let (predicate, object) = (Some(quad.predicate.clone()), Some(quad.object.clone()));
            for (subject, predicate, object) in [
                (&subject, &predicate, &object),
                (&subject, &predicate, &None),
                (&subject, &None, &object),
                (&subject, &None, &None),
                (&None, &predicate, &object),
                (&None, &None, &object),
            ] {
                if let Some(gone) = kept.found.remove(&(subject.clone(), predicate.clone(), object.clone())) {
                    kept.facts = kept.facts.saturating_sub(gone.len() + 1);
                }
            }
        }
    }

    /// So much was written that nothing read before is served any more.
    pub(crate) fn forget(&self) {
        let mut kept = self.shelf();
        self.written.fetch_add(1, Ordering::SeqCst);
        *kept = Shelf::default();
    }

    /// How much has been written; taken before reading what is to be kept.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// What this look-up, or a wider one that holds it, found.
    pub(crate) fn get(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
    ) -> Option<Arc<[Fact]>> {
        let kept = self.shelf();
        let mut pattern = (subject.cloned(), predicate.map(NamedNodeRef::into_owned), object.cloned());
        if let Some(found) = kept.found.get(&pattern) {
            return Some(Arc::clone(found));
        }
        // A leaf of a proof was mostly read before as one of its subject's values.
        let object = pattern.2.take().filter(|_| subject.is_some())?;
        let values = kept.found.get(&pattern)?;
        Some(values.iter().filter(|fact| fact.object == object).cloned().collect())
    }

    /// Keeps what a look-up found, when nothing was written since it began.
    pub(crate) fn put(&self, written: u64, pattern: Pattern, facts: &[Fact]) {
        let mut kept = self.shelf();
        if written != self.written() {
            return;
        }
        if kept.facts > MOST {
            *kept = Shelf::default();
        }
        kept.facts += facts.len() + 1;
        kept.found.insert(pattern, facts.into());
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
