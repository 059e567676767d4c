//! That tables have all answers: those whose answers have proofs of their own, and those whose answers are found here.

use std::rc::Rc;

use oxrdf::{NamedNode, Term};

use super::numbers::{OPEN, Row, Rows};
use super::rules::{Act, Ready, Slot, Wanted, fit_all};
use super::stored::Named;
use super::{Checker, Flaw, Going};
use crate::Budget;
use crate::proof::{Answers, Proof};
use crate::rule::{Argument, How};

/// Bytes that an answer is taken to need.
const A_ROW: usize = 100;

/// A table in numbers.
pub(super) struct Table {
    pub(super) relation: u32,
    /// Its pattern; `OPEN` where it asks.
    pub(super) pattern: Row,
    pub(super) layer: u32,
    /// Of a table that lists none: those that were found, empty until then.
    pub(super) answers: Rc<Rows>,
}

/// What may be used where a table is gone through: tables of this layer or below, up to this one.
#[derive(Clone, Copy)]
struct Where {
    table: usize,
    layer: u32,
    before: usize,
}

/// Takes what is given.
type Give<'g> = &'g mut dyn FnMut(Row) -> Result<(), Flaw>;

impl Table {
    /// Whether a row is an instance of its pattern.
    pub(super) fn covers(&self, relation: u32, row: &[u32]) -> bool {
        self.relation == relation && self.pattern.len() == row.len() && is_instance(row, &self.pattern)
    }
}

fn is_instance(row: &[u32], pattern: &[u32]) -> bool {
    row.iter().zip(pattern).all(|(own, asked)| *asked == OPEN || own == asked)
}

/// Which arguments are known, a bit each; `None` of too many.
fn mask(pattern: &[u32]) -> Option<u64> {
    let bits = pattern.iter().enumerate().map(|(at, value)| u64::from(*value != OPEN) << at);
    (pattern.len() <= 64).then(|| bits.fold(0, |mask, bit| mask | bit))
}

impl Checker<'_> {
    /// Puts a proof's tables into numbers.
    pub(super) fn lay_out(&mut self, proof: &Proof, going: &mut Going) -> Result<(), Flaw> {
        for (number, table) in proof.tables.iter().enumerate() {
            let relation = self.names.number(table.pattern.predicate.as_str());
            let mut variables: Vec<u32> = Vec::new();
            let pattern: Row = table
                .pattern
                .arguments
                .iter()
                .map(|argument| match argument {
                    Argument::Term(term) => self.terms.number(term),
                    Argument::Variable(variable) => {
                        variables.push(*variable);
                        OPEN
                    }
                })
                .collect();
            let count = variables.len();
            variables.sort_unstable();
            variables.dedup();
            if variables.len() != count {
                return Err(Flaw::Open(number, "its pattern has a variable twice"));
            }
            let mask = mask(&pattern).ok_or(Flaw::Open(number, "it is too wide"))?;
            let masks = going.masks.entry((relation, pattern.len())).or_default();
            if !masks.contains(&mask) {
                masks.push(mask);
                masks.sort_by_key(|mask| std::cmp::Reverse(mask.count_ones()));
            }
            let mut answers = Rows::default();
            if let Answers::Steps(steps) = &table.answers {
                for line in steps.iter().filter_map(|at| going.lines.get(*at)) {
                    answers.insert(Rc::clone(&line.row));
                }
            }
            going.index.insert((relation, Rc::clone(&pattern)), number);
            going.tables.push(Table { relation, pattern, layer: table.layer, answers: Rc::new(answers) });
        }
        Ok(())
    }

    /// Finds the answers of a table that lists none, from what comes before it.
    pub(super) fn find(
        &mut self,
        proof: &Proof,
        number: usize,
        going: &mut Going,
        budget: &Budget<'_>,
    ) -> Result<((u32, Row), Rc<Rows>), Flaw> {
        let not_there = Flaw::Open(number, "it is not there");
        let (Some(asked), Some(table)) = (proof.tables.get(number), going.tables.get(number)) else {
            return Err(not_there);
        };
        let key = (table.relation, Rc::clone(&table.pattern));
        let answers = match self.found.get(&key) {
            Some(known) => Rc::clone(known),
            None => {
                let mut answers = Rows::default();
                let predicate = &asked.pattern.predicate;
                let place = Where { table: number, layer: table.layer, before: number };
                self.gone_through(predicate, place, going, budget, &mut |row| {
                    if answers.insert(row) {
                        budget.hold(A_ROW).map_err(|_| Flaw::spent(budget))?;
                    }
                    Ok(())
                })?;
                Rc::new(answers)
            }
        };
        if let Some(table) = going.tables.get_mut(number) {
            table.answers = Rc::clone(&answers);
        }
        Ok((key, answers))
    }

    /// Whether a table lists all answers.
    pub(super) fn closed(
        &mut self,
        proof: &Proof,
        number: usize,
        going: &Going,
        budget: &Budget<'_>,
    ) -> Result<(), Flaw> {
        let (Some(asked), Some(table)) = (proof.tables.get(number), going.tables.get(number)) else {
            return Err(Flaw::Open(number, "it is not there"));
        };
        if !table.pattern.contains(&OPEN) && table.answers.len() > 0 {
            return Ok(());
        }
        let answers = Rc::clone(&table.answers);
        let place = Where { table: number, layer: table.layer, before: usize::MAX };
        self.gone_through(&asked.pattern.predicate, place, going, budget, &mut |row| {
            if answers.contains(&row) { Ok(()) } else { Err(Flaw::Open(number, "an answer is missing")) }
        })
    }

    /// Gives everything that is stored, computed or derived and fits a table; more than once, perhaps.
    fn gone_through(
        &mut self,
        predicate: &NamedNode,
        place: Where,
        going: &Going,
        budget: &Budget<'_>,
        give: Give<'_>,
    ) -> Result<(), Flaw> {
        let Some(table) = going.tables.get(place.table) else { return Ok(()) };
        let (pattern, width) = (&table.pattern, table.pattern.len());
        if self.builtins.is_built_in(predicate, width) {
            let rows = self.computed(predicate, pattern);
            for row in rows.ok_or(Flaw::Open(place.table, "it cannot be computed"))? {
                if is_instance(&row, pattern) {
                    give(row)?;
                }
            }
            return Ok(());
        }
        let named = Named { number: table.relation, predicate, width };
        for row in self.stored.matching(named, pattern, &mut self.terms, budget)? {
            give(row)?;
        }
        for rule in self.rules.concluding(predicate.as_str(), width) {
            let Some(rule) = self.ready(rule) else { continue };
            if rule.body.len() > 64 {
                return Err(Flaw::Open(place.table, "a rule of it is too long"));
            }
            let mut cells = vec![OPEN; rule.variables];
            let unifies = rule
                .head
                .iter()
                .zip(pattern.iter())
                .all(|(slot, known)| *known == OPEN || slot.fit(*known, &mut cells));
            if unifies {
                self.join(&rule, place, going, 0, &mut cells, budget, give)?;
            }
        }
        Ok(())
    }

    /// Gives the heads of a rule, some of whose goals are done.
    #[allow(clippy::too_many_arguments)] // a recursion over what is done and bound; the rest is where it stands
    fn join(
        &mut self,
        rule: &Rc<Ready>,
        place: Where,
        going: &Going,
        done: u64,
        cells: &mut Vec<u32>,
        budget: &Budget<'_>,
        give: Give<'_>,
    ) -> Result<(), Flaw> {
        if done.count_ones() as usize == rule.body.len() {
            let head: Row = rule.head.iter().map(|slot| slot.value(cells)).collect();
            if head.contains(&OPEN) {
                return Err(Flaw::Open(place.table, "a rule says it of everything"));
            }
            return give(head);
        }
        let mut passed = done;
        loop {
            let open = rule.body.iter().enumerate().filter(|(at, _)| passed >> at & 1 == 0);
            let costs = open.filter_map(|(at, goal)| Some((cost(goal, place, going, cells)?, at)));
            let Some((_, at)) = costs.min() else {
                return Err(Flaw::Open(place.table, "a rule's goal is covered by no table"));
            };
            passed |= 1 << at;
            let Some(goal) = rule.body.get(at) else { continue };
            let Some(ways) = self.ways(goal, place, going, cells, budget)? else { continue };
            let before = cells.clone();
            for way in ways {
                budget.step().map_err(|_| Flaw::spent(budget))?;
                let fits = match &goal.act {
                    Act::Holds | Act::Not => fit_all(&goal.slots, &way, cells),
                    Act::Gather { by, into, .. } => {
                        let slots: Vec<Slot> =
                            std::iter::once(*into).chain(by.iter().map(|by| Slot::Variable(*by))).collect();
                        fit_all(&slots, &way, cells)
                    }
                };
                if fits {
                    self.join(rule, place, going, done | 1 << at, cells, budget, give)?;
                }
                cells.clone_from(&before);
            }
            return Ok(());
        }
    }

    /// All ways to do a goal, each as its literal's arguments (for what is gathered: the value and its groups);
    /// `None` when it cannot be done yet.
    fn ways(
        &mut self,
        goal: &Wanted,
        place: Where,
        going: &Going,
        cells: &[u32],
        budget: &Budget<'_>,
    ) -> Result<Option<Vec<Row>>, Flaw> {
        let pattern = goal.pattern(cells);
        let below = place.layer.checked_sub(1).map(|layer| Where { layer, ..place });
        Ok(match &goal.act {
            Act::Holds if goal.is_built_in => self.computed(&goal.predicate, &pattern),
            Act::Holds if !goal.is_derived => {
                Some(self.stored.matching(goal.named(), &pattern, &mut self.terms, budget)?)
            }
            Act::Holds => covering(goal, &pattern, place, going).map(|table| table.answers.matching(&pattern)),
            Act::Not if pattern.contains(&OPEN) => None,
            Act::Not => below
                .and_then(|below| covering(goal, &pattern, below, going))
                .map(|table| if table.answers.contains(&pattern) { Vec::new() } else { vec![pattern.into()] }),
            Act::Gather { by, .. } => {
                let over = goal.group_pattern(by, cells);
                let Some(table) = below.and_then(|below| covering(goal, &over, below, going)) else { return Ok(None) };
                if by.iter().all(|by| cells.get(*by).is_some_and(|cell| *cell != OPEN)) {
                    return Ok(Some(self.gathered(goal, table, cells).into_iter().collect()));
                }
                let mut groups = Rows::default();
                for row in table.answers.matching(&over) {
                    let mut own = only(by, cells);
                    if fit_all(&goal.slots, &row, &mut own) {
                        groups.insert(by.iter().filter_map(|by| own.get(*by).copied()).collect());
                    }
                }
                let mut rows = Vec::with_capacity(groups.len());
                for group in groups.all() {
                    let mut own = cells.to_vec();
                    for (by, value) in by.iter().zip(group.iter()) {
                        Slot::Variable(*by).fit(*value, &mut own);
                    }
                    rows.extend(self.gathered(goal, table, &own));
                }
                Some(rows)
            }
        })
    }

    fn computed(&mut self, predicate: &NamedNode, pattern: &[u32]) -> Option<Vec<Row>> {
        let arguments: Vec<Option<Term>> = pattern.iter().map(|number| self.terms.term(*number).cloned()).collect();
        let rows = self.builtins.complete(predicate, &arguments)?;
        Some(rows.iter().map(|row| self.terms.row(row)).collect())
    }

    /// The value gathered for one group from a table that covers it, and the group.
    pub(super) fn gathered(&mut self, goal: &Wanted, table: &Table, cells: &[u32]) -> Option<Row> {
        let Act::Gather { how, value, by, .. } = &goal.act else { return None };
        let over = goal.group_pattern(by, cells);
        if table.relation != goal.relation || table.pattern.len() != over.len() || !is_instance(&over, &table.pattern) {
            return None;
        }
        let groups = only(by, cells);
        let mut values: Vec<Term> = Vec::new();
        for answer in table.answers.matching(&over) {
            let mut own = groups.clone();
            if fit_all(&goal.slots, &answer, &mut own) {
                values.push(match how {
                    How::Count => oxrdf::Literal::from(true).into(),
                    _ => self.terms.term(*own.get(*value)?)?.clone(),
                });
            }
        }
        let gathered = self.builtins.gather(*how, &values)?;
        let value = self.terms.number(&gathered);
        Some(std::iter::once(value).chain(by.iter().map(|by| groups.get(*by).copied().unwrap_or(OPEN))).collect())
    }
}

/// About how many ways there are to do a goal; `None` when it cannot be done yet.
fn cost(goal: &Wanted, place: Where, going: &Going, cells: &[u32]) -> Option<u64> {
    let known = goal.slots.iter().filter(|slot| slot.value(cells) != OPEN).count();
    let all = known == goal.slots.len();
    match &goal.act {
        Act::Not => all.then_some(1),
        Act::Gather { by, .. } => {
            let are_known = by.iter().all(|by| cells.get(*by).is_some_and(|cell| *cell != OPEN));
            Some(if are_known { 20 } else { 10_000_000 })
        }
        Act::Holds if all => Some(0),
        Act::Holds if goal.is_built_in => Some(2),
        Act::Holds if !goal.is_derived => Some(if known > 0 { 10 } else { 1_000_000 }),
        Act::Holds => {
            let table = covering(goal, &goal.pattern(cells), place, going)?;
            let answers = table.answers.len() as u64;
            Some(if known > 0 { answers.min(30) } else { answers })
        }
    }
}

/// The bindings of these variables alone.
fn only(variables: &[usize], cells: &[u32]) -> Vec<u32> {
    let own = |(at, cell): (usize, &u32)| if variables.contains(&at) { *cell } else { OPEN };
    cells.iter().enumerate().map(own).collect()
}

/// A table that has all answers to a goal, among those that may be used here.
fn covering<'g>(goal: &Wanted, pattern: &[u32], place: Where, going: &'g Going) -> Option<&'g Table> {
    let own = mask(pattern)?;
    for mask in going.masks.get(&(goal.relation, pattern.len()))?.iter().filter(|mask| *mask & !own == 0) {
        let general: Row =
            pattern.iter().enumerate().map(|(at, value)| if mask >> at & 1 == 1 { *value } else { OPEN }).collect();
        if let Some(&at) = going.index.get(&(goal.relation, general))
            && at < place.before
            && let Some(table) = going.tables.get(at).filter(|table| table.layer <= place.layer)
        {
            return Some(table);
        }
    }
    None
}
