//! The answers to a question: terms and proofs are made when they are asked for.
//!
//! A million answers cost nothing that is not read; whoever reads one can have its proof.

use std::cell::OnceCell;
use std::cmp::Ordering;

use quid_core::oxrdf::Term;
use quid_core::proof::{Verified, verify_by};
use quid_core::{Direction, Fault, Limit, Proof, Query, Rule, gather};

use super::Ground;
use super::base::Base;
use super::compile::compile;
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
    pub(super) engine: Engine<'a>,
    ground: Ground<'a>,
    query: Query,
    own: Vec<Rule>,
    /// The same question, asked again without searches: for proofs that rest on absences.
    careful: OnceCell<Engine<'a>>,
    /// The root's answers in the order wanted.
    rows: Vec<u32>,
    extent: Extent,
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
            engine,
            ground,
            query: query.clone(),
            own,
            careful: OnceCell::new(),
            rows: (0..count).collect(),
            extent,
        };
        found.arrange(query);
        found
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
        let most = usize::try_from(self.engine.budget.most_solutions()).unwrap_or(usize::MAX);
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
        let (Some(&row), Some(table)) = (self.rows.get(row), self.engine.tables.first()) else { return Vec::new() };
        table.row(row as usize).iter().filter_map(|number| self.engine.base.term(*number)).collect()
    }

    /// Why an answer holds.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when the sources of its leaves could not be read.
    pub fn proof(&self, row: usize) -> Result<Proof, Refusal> {
        let Some(&place) = self.rows.get(row) else { return Ok(Proof::default()) };
        if let Some(proof) = super::proofs::proof(&self.engine, place as usize)? {
            return Ok(proof);
        }
        let too_much = || Fault::Refused("to prove that takes more than the budget allows".to_owned());
        let careful = self.careful()?;
        let wanted = self.values(row);
        let values = |row: usize| -> Vec<Term> {
            let numbers = careful.tables.first().map(|table| table.row(row)).unwrap_or_default();
            numbers.iter().filter_map(|number| careful.base.term(*number)).collect()
        };
        let count = careful.tables.first().map_or(0, super::table::Table::len);
        let again = (0..count).find(|row| values(*row) == wanted).ok_or_else(too_much)?;
        Ok(super::proofs::proof(careful, again)?.ok_or_else(too_much)?)
    }

    /// The question asked again, so that every absence in it can be shown by the rules.
    fn careful(&self) -> Result<&Engine<'a>, Refusal> {
        if let Some(known) = self.careful.get() {
            return Ok(known);
        }
        let budget = self.engine.budget;
        let mut base = Base::own(self.ground.facts, budget);
        let compiled = compile(&self.query, &self.ground, &mut base)?;
        let mut engine = Engine::new(compiled, base, self.ground.builtins, budget, usize::MAX);
        engine.careful = true;
        if let Err(Stop::Refused(refusal)) = engine.run() {
            return Err(refusal);
        }
        Ok(self.careful.get_or_init(|| engine))
    }

    /// Why an answer holds, and the independent checker agrees.
    ///
    /// # Errors
    /// [`Refusal::Flaw`] when it does not.
    pub fn verified(&self, row: usize) -> Result<Verified, Refusal> {
        let mut rules: Vec<&[Rule]> = vec![&self.own];
        rules.extend(self.ground.rules.lists());
        Ok(verify_by(self.proof(row)?, self.ground.facts, &rules, self.ground.builtins)?)
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
