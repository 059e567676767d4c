//! The answers to a question: terms and proofs are made when they are asked for.
//!
//! A million answers cost nothing that is not read; whoever reads one can have its proof.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

use quid_core::oxrdf::Term;
use quid_core::proof::{Checker, Verified};
use quid_core::{Direction, Flaw, Limit, Proof, Query, Rule, gather};

use super::Ground;
use super::base::Base;
use super::proofs::Manner;
use super::refusal::Refusal;
use super::run::{Engine, Stop};

/// Whether the answers are all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// These are all.
    All,
    /// As many as the question wanted; there may be more.
    Limited,
    /// The budget ran out of this: there may be more.
    Spent(Limit),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The columns.
    pub values: Vec<Term>,
    /// Why; it concludes `urn:quid:answer(values…)`.
    pub proof: Proof,
}

/// The answers to one question.
pub struct Solutions<'a> {
    engine: RefCell<Engine<'a>>,
    ground: Ground<'a>,
    /// Its own rules, in force for it alone.
    own: Vec<Rule>,
    /// The same question, asked again for single answers and without searches: for proofs that rest on absences.
    narrow: RefCell<Option<Engine<'a>>>,
    /// Made for the first proof; what it reads serves the others.
    checker: RefCell<Option<Checker<'a>>>,
    /// The root's answers in the order wanted.
    rows: Vec<u32>,
    extent: Extent,
    manner: Manner,
}

impl std::fmt::Debug for Solutions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Solutions").field("len", &self.len()).field("extent", &self.extent).finish()
    }
}

impl<'a> Solutions<'a> {
    pub(super) fn new(engine: Engine<'a>, ground: Ground<'a>, query: &Query, extent: Extent) -> Self {
        let own = std::iter::once(&query.rule).chain(&query.helpers).cloned().collect();
        let count = engine.tables.first().map_or(0, |table| u32::try_from(table.len()).unwrap_or(u32::MAX));
        let mut found = Self {
            engine: RefCell::new(engine),
            ground,
            own,
            narrow: RefCell::new(None),
            checker: RefCell::new(None),
            rows: (0..count).collect(),
            extent,
            manner: Manner::USUAL,
        };
        found.arrange(query);
        found
    }

    /// Proofs list as few answers of tables as can be, where otherwise a few hundred are for people to read.
    pub fn tersely(&mut self) {
        self.manner = Manner::TERSE;
    }

    /// Puts the answers into the standard order of their columns, the first first, so that the order says nothing of
    /// how they were found. For questions without an order of their own, and few enough answers to be read.
    pub fn sort(&mut self) {
        let mut keyed: Vec<(Vec<Term>, u32)> =
            (0..self.rows.len()).map(|at| (self.values(at), self.rows.get(at).copied().unwrap_or(0))).collect();
        let order = |one: &[Term], other: &[Term]| {
            let compared = one.iter().zip(other).map(|(one, other)| gather::compare(one, other));
            compared.fold(Ordering::Equal, Ordering::then)
        };
        keyed.sort_by(|(one, _), (other, _)| order(one, other));
        self.rows = keyed.into_iter().map(|(_, row)| row).collect();
    }

    fn arrange(&mut self, query: &Query) {
        if !query.order.is_empty() {
            let mut keyed: Vec<(Vec<Term>, u32)> = Vec::with_capacity(self.rows.len());
            for at in 0..self.rows.len() {
                let values = self.values(at);
                let key = query.order.iter().filter_map(|(column, _)| values.get(*column).cloned()).collect();
                keyed.push((key, self.rows.get(at).copied().unwrap_or(0)));
            }
            keyed.sort_by(|(one, _), (other, _)| {
                one.iter().zip(other).zip(&query.order).fold(
                    Ordering::Equal,
                    |order, ((one, other), (_, direction))| {
                        order.then_with(|| match direction {
                            Direction::Ascending => gather::compare(one, other),
                            Direction::Descending => gather::compare(other, one),
                        })
                    },
                )
            });
            self.rows = keyed.into_iter().map(|(_, row)| row).collect();
        }
        self.rows.drain(..query.offset.min(self.rows.len()));
        let most = usize::try_from(self.engine.borrow().budget.most_solutions()).unwrap_or(usize::MAX);
        let limit = query.limit.unwrap_or(usize::MAX);
        if self.rows.len() > limit.min(most) {
            self.rows.truncate(limit.min(most));
            if self.extent == Extent::All {
                self.extent = if limit <= most { Extent::Limited } else { Extent::Spent(Limit::Solutions) };
            }
        }
    }

    /// How many answers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether they are all.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// The columns of an answer; none for an answer that is not there.
    #[must_use]
    pub fn values(&self, row: usize) -> Vec<Term> {
        let engine = self.engine.borrow();
        let (Some(&row), Some(table)) = (self.rows.get(row), engine.tables.first()) else { return Vec::new() };
        table.row(row as usize).iter().filter_map(|number| engine.base.term(*number)).collect()
    }

    /// Why an answer holds.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when the sources of its leaves could not be read; [`Flaw::Spent`] when writing it takes more
    /// than the question's budget, which is granted once more for all proofs of its answers.
    pub fn proof(&self, row: usize) -> Result<Proof, Refusal> {
        let Some(&place) = self.rows.get(row) else { return Ok(Proof::default()) };
        let place = (0, place as usize);
        let mut engine = self.engine.borrow_mut();
        engine.budget.grant_proofs();
        let mut checker = self.checker.borrow_mut();
        let checker = checker.get_or_insert_with(|| self.new_checker());
        let alone = self.rows.len() == 1;
        if let Some(proof) = super::proofs::proof(&engine, checker, place, self.manner, alone)? {
            return Ok(proof);
        }
        let mut narrow = self.narrow.borrow_mut();
        let narrow = narrow.get_or_insert_with(|| {
            let base = Base::own(self.ground.facts, engine.budget);
            let compiled = Rc::clone(&engine.compiled);
            let mut narrow = Engine::new(compiled, base, self.ground.builtins, engine.budget, usize::MAX);
            narrow.careful = true;
            narrow
        });
        // Both read with the same numbers for terms and relations, and one of them at a time.
        std::mem::swap(&mut narrow.base, &mut engine.base);
        let proof = again(narrow, checker, self.manner, engine.tables.first().map_or(&[], |table| table.row(place.1)));
        std::mem::swap(&mut narrow.base, &mut engine.base);
        match proof? {
            Some(proof) => Ok(proof),
            None => super::proofs::proof(&engine, checker, place, self.manner, true)?.ok_or_else(|| spent(&engine)),
        }
    }

    fn new_checker(&self) -> Checker<'a> {
        let rules: Vec<&'a [Rule]> = self.ground.rules.lists().collect();
        Checker::asking(self.own.clone(), self.ground.facts, &rules, self.ground.builtins)
    }

    /// Why an answer holds, and the independent checker agrees.
    ///
    /// # Errors
    /// [`Refusal::Flaw`] when it does not, or as [`Solutions::proof`].
    pub fn verified(&self, row: usize) -> Result<Verified, Refusal> {
        let proof = self.proof(row)?;
        let budget = self.engine.borrow().budget;
        let mut checker = self.checker.borrow_mut();
        Ok(checker.get_or_insert_with(|| self.new_checker()).verify(proof, budget)?)
    }

    /// An answer with its proof.
    ///
    /// # Errors
    /// As [`Solutions::proof`].
    pub fn row(&self, row: usize) -> Result<Row, Refusal> {
        Ok(Row { values: self.values(row), proof: self.proof(row)? })
    }

    /// All answers with their proofs.
    ///
    /// # Errors
    /// As [`Solutions::proof`].
    pub fn rows(&self) -> Result<Vec<Row>, Refusal> {
        (0..self.len()).map(|row| self.row(row)).collect()
    }
}

/// The proof of one answer, for which alone the question is asked again; `None` when it is not found so.
fn again<'a>(
    narrow: &mut Engine<'a>,
    checker: &mut Checker<'a>,
    manner: Manner,
    row: &[u32],
) -> Result<Option<Proof>, Refusal> {
    let table = match narrow.fill(row) {
        Ok(table) => table,
        Err(Stop::Refused(refusal)) => return Err(refusal),
        Err(Stop::Spent | Stop::Enough) => return Err(spent(narrow)),
    };
    let found = narrow.tables.get(table).and_then(|own| {
        let fits = |at: &usize| row.iter().enumerate().all(|(column, value)| own.value(*at, column) == *value);
        (0..own.len()).find(fits)
    });
    match found {
        Some(row) => super::proofs::proof(narrow, checker, (table, row), manner, true),
        None => Ok(None),
    }
}

fn spent(engine: &Engine<'_>) -> Refusal {
    Flaw::Spent(engine.budget.ran_out().unwrap_or(Limit::Steps)).into()
}
