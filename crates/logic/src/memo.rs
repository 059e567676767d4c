//! Remembers look-ups while one question is answered, and charges the question's budget for each new one.
//!
//! The readings of a word share most of their ancestors; asking the store twice for the same node would cost
//! more than all the reasoning.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::{Budget, Fact, Facts, Fault, budget::Spent};
use rustc_hash::FxHashMap;

/// Why a search ended early.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// The budget is spent.
    #[error(transparent)]
    Spent(#[from] Spent),
    /// The store could not be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

type Pattern = (Option<Term>, Option<NamedNode>, Option<Term>);

/// The most facts one look-up keeps; a larger answer is cut there.
const MOST: usize = 20_000;

/// Facts seen through a memory that lasts as long as the question.
pub struct Memo<'a> {
    facts: &'a dyn Facts,
    budget: &'a Budget<'a>,
    seen: RefCell<FxHashMap<Pattern, Arc<[Fact]>>>,
}

impl<'a> Memo<'a> {
    /// Reads `facts`, one step of `budget` for each fact and look-up that was not read before.
    #[must_use]
    pub fn new(facts: &'a dyn Facts, budget: &'a Budget<'a>) -> Self {
        Self { facts, budget, seen: RefCell::default() }
    }

    /// The facts beneath, for the proof checker: it must not trust this memory.
    #[must_use]
    pub fn unremembered(&self) -> &'a dyn Facts {
        self.facts
    }

    /// The budget that is charged.
    #[must_use]
    pub fn budget(&self) -> &'a Budget<'a> {
        self.budget
    }

    /// All matching facts, in the store's order.
    ///
    /// # Errors
    /// [`Halt`].
    pub fn get(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
    ) -> Result<Arc<[Fact]>, Halt> {
        let pattern = (subject.cloned(), predicate.map(NamedNodeRef::into_owned), object.cloned());
        if let Some(known) = self.seen.borrow().get(&pattern) {
            return Ok(Arc::clone(known));
        }
        self.budget.step()?;
        let found = self.facts.shared(subject, predicate, object, MOST)?;
        for _ in found.iter() {
            self.budget.step()?;
        }
        self.seen.borrow_mut().insert(pattern, Arc::clone(&found));
        Ok(found)
    }

    /// Some matching facts, `limit` at most; what is more is not read. For hubs: thousands of things may be a person.
    ///
    /// # Errors
    /// [`Halt`].
    pub fn few(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Vec<Fact>, Halt> {
        let pattern = (subject.cloned(), predicate.map(NamedNodeRef::into_owned), object.cloned());
        if let Some(known) = self.seen.borrow().get(&pattern) {
            return Ok(known.iter().take(limit).cloned().collect());
        }
        self.budget.step()?;
        let found = self.facts.some(subject, predicate, object, limit)?;
        for _ in &found {
            self.budget.step()?;
        }
        Ok(found)
    }
}

impl Facts for Memo<'_> {
    /// # Errors
    /// [`Fault::Refused`] when the budget is spent: this face cannot say it otherwise.
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let found = self.get(subject, predicate, object).map_err(|halt| match halt {
            Halt::Fault(fault) => fault,
            Halt::Spent(spent) => Fault::Refused(spent.to_string()),
        })?;
        for fact in found.iter() {
            if visit(fact).is_break() {
                break;
            }
        }
        Ok(())
    }
}
