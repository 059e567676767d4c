//! What is stored, as the engine reads it: rows of numbers.
//!
//! Each look-up is done once; the mirror keeps what it can between questions.

use std::ops::ControlFlow;

use quid_core::budget::Spent;
use quid_core::oxrdf::{NamedNode, Term};
use quid_core::{Budget, Facts, Fault, columns};
use rustc_hash::FxHashMap;

use super::run::Stop;
use crate::terms::Terms;

/// The stored relations of one question.
pub(super) struct Base<'a> {
    pub(super) terms: Terms,
    facts: &'a dyn Facts,
    budget: &'a Budget<'a>,
    relations: Vec<(NamedNode, usize, FxHashMap<Box<[u32]>, Box<[u32]>>)>,
}

impl<'a> Base<'a> {
    pub(super) fn new(facts: &'a dyn Facts, budget: &'a Budget<'a>) -> Self {
        Self { terms: Terms::default(), facts, budget, relations: Vec::new() }
    }

    pub(super) fn intern(&mut self, term: &Term) -> u32 {
        self.terms.intern(term)
    }

    pub(super) fn term(&self, number: u32) -> Option<Term> {
        self.terms.term(number)
    }

    pub(super) fn relation(&mut self, predicate: &NamedNode, width: usize) -> usize {
        self.relations.push((predicate.clone(), width, FxHashMap::default()));
        self.relations.len() - 1
    }

    /// About how many rows fit a pattern of which so many arguments are known.
    pub(super) fn estimate(&self, _relation: usize, width: usize, known: usize) -> u64 {
        match known {
            0 => 100_000,
            _ if known == width => 1,
            _ => 10,
        }
    }

    /// Appends every stored row that fits, each once.
    pub(super) fn rows(&mut self, relation: usize, pattern: &[u32], out: &mut Vec<u32>) -> Result<(), Stop> {
        let Some((predicate, width, points)) = self.relations.get_mut(relation) else { return Ok(()) };
        if let Some(known) = points.get(pattern) {
            self.budget.take((known.len() / (*width).max(1)) as u64)?;
            out.extend_from_slice(known);
            return Ok(());
        }
        let start = out.len();
        let arguments: Vec<Option<Term>> = pattern.iter().map(|number| self.terms.term(*number)).collect();
        let mut spent: Result<(), Spent> = Ok(());
        let mut seen = rustc_hash::FxHashSet::default();
        let (terms, budget) = (&mut self.terms, self.budget);
        columns::each(predicate, &arguments, self.facts, &mut |row, _| {
            spent = budget.step();
            if spent.is_err() {
                return ControlFlow::Break(());
            }
            let numbers: Box<[u32]> = row.iter().map(|term| terms.intern(term)).collect();
            if !seen.contains(&numbers) {
                out.extend_from_slice(&numbers);
                seen.insert(numbers);
            }
            ControlFlow::Continue(())
        })?;
        spent?;
        let found = out.get(start..).unwrap_or_default();
        self.budget.hold(4 * found.len() + 64)?;
        points.insert(pattern.into(), if *width == 0 { Box::new([]) } else { found.into() });
        Ok(())
    }

    /// How many rows fit a relation without arguments: none or one.
    pub(super) fn holds(&self, relation: usize) -> Result<bool, Stop> {
        let Some((predicate, ..)) = self.relations.get(relation) else { return Ok(false) };
        Ok(is_anything_stored(predicate, 0, self.facts)?)
    }

    /// The graph in which a statement is stored.
    pub(super) fn graph(&self, predicate: &NamedNode, row: &[Term]) -> Result<Option<NamedNode>, Fault> {
        let arguments: Vec<Option<Term>> = row.iter().cloned().map(Some).collect();
        let mut found = None;
        columns::each(predicate, &arguments, self.facts, &mut |_, graph| {
            found = Some(graph.clone());
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    pub(super) fn facts(&self) -> &'a dyn Facts {
        self.facts
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
