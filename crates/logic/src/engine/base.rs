//! What is stored, as the engine reads it: rows of numbers, from the mirror where there is one.
//!
//! Without a mirror a question has a shelf of its own, so that each look-up is still done once.

use std::ops::ControlFlow;
use std::sync::MutexGuard;

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::{Budget, Facts, Fault, columns};

use super::Ground;
use super::run::Stop;
use crate::mirror::{Keeping, Reading, Shelf};

/// The stored relations of one question.
pub(super) struct Base<'a> {
    held: Held<'a>,
    reading: Reading<'a>,
}

enum Held<'a> {
    Own(Box<Shelf>),
    Shared(MutexGuard<'a, Keeping>),
}

impl<'a> Base<'a> {
    pub(super) fn new(ground: &Ground<'a>, budget: &'a Budget<'a>) -> Result<Self, Fault> {
        let facts = ground.facts;
        let shared = match ground.mirror {
            Some(mirror) => mirror.fresh(facts)?.map(|kept| (kept, mirror.most())),
            None => None,
        };
        Ok(match (shared, facts.feed()) {
            (Some((kept, most)), Some(feed)) => {
                let reading = Reading { facts: feed.everybodys(), view: facts, budget, most };
                Self { held: Held::Shared(kept), reading }
            }
            _ => Self::own(facts, budget),
        })
    }

    /// One that reads everything anew.
    pub(super) fn own(facts: &'a dyn Facts, budget: &'a Budget<'a>) -> Self {
        let reading = Reading { facts, view: &Unfed, budget, most: usize::MAX };
        Self { held: Held::Own(Box::default()), reading }
    }

    pub(super) fn shelf(&self) -> &Shelf {
        match &self.held {
            Held::Own(own) => own,
            Held::Shared(kept) => &kept.shelf,
        }
    }

    fn shelf_mut(&mut self) -> &mut Shelf {
        match &mut self.held {
            Held::Own(own) => own,
            Held::Shared(kept) => &mut kept.shelf,
        }
    }

    pub(super) fn intern(&mut self, term: &Term) -> u32 {
        self.shelf_mut().terms.intern(term)
    }

    pub(super) fn term(&self, number: u32) -> Option<Term> {
        self.shelf().terms.term(number)
    }

    pub(super) fn relation(&mut self, predicate: &NamedNode, width: usize) -> usize {
        self.shelf_mut().relation(predicate, width)
    }

    /// About how many rows fit a pattern.
    pub(super) fn estimate(&self, relation: usize, pattern: impl Iterator<Item = u32>) -> u64 {
        self.shelf().estimate(relation, pattern)
    }

    /// Appends every stored row that fits, each once.
    pub(super) fn rows(&mut self, relation: usize, pattern: &[u32], out: &mut Vec<u32>) -> Result<(), Stop> {
        let (before, reading) = (out.len(), self.reading);
        let own = matches!(self.held, Held::Own(_));
        self.shelf_mut().rows(relation, pattern, out, &reading)?;
        if own {
            // What is remembered for this question counts for it.
            reading.budget.hold(4 * (out.len() - before) + 32)?;
        }
        Ok(())
    }

    /// Reads a relation whole, when that is possible.
    pub(super) fn load(&mut self, relation: usize) -> Result<(), Stop> {
        let reading = self.reading;
        let before = self.shelf().size();
        self.shelf_mut().load(relation, &reading)?;
        if matches!(self.held, Held::Own(_)) {
            reading.budget.hold(self.shelf().size().saturating_sub(before))?;
        }
        Ok(())
    }

    /// Whether nothing is stored of a relation; that is remembered.
    pub(super) fn is_empty(&mut self, relation: usize) -> Result<bool, Stop> {
        let reading = self.reading;
        Ok(self.shelf_mut().is_empty(relation, &reading)?)
    }

    /// Whether a relation without arguments holds.
    pub(super) fn holds(&self, predicate: &NamedNode) -> Result<bool, Stop> {
        Ok(is_anything_stored(predicate, 0, self.view())?)
    }

    /// The facts as the asker sees them.
    fn view(&self) -> &'a dyn Facts {
        match self.held {
            Held::Own(_) => self.reading.facts,
            Held::Shared(_) => self.reading.view,
        }
    }
}

/// Facts without a feed, and none of them: everything a question reads by itself is its own view.
struct Unfed;

impl Facts for Unfed {
    fn each(
        &self,
        _: Option<&Term>,
        _: Option<quid_core::oxrdf::NamedNodeRef<'_>>,
        _: Option<&Term>,
        _: &mut dyn FnMut(&quid_core::Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        Ok(())
    }
}

/// Whether anything is stored of a relation.
pub(super) fn is_anything_stored(predicate: &NamedNode, width: usize, facts: &dyn Facts) -> Result<bool, Fault> {
    let mut found = false;
    columns::each(predicate, &vec![None; width], facts, &mut |_, _| {
        found = true;
        ControlFlow::Break(())
    })?;
    Ok(found)
}
