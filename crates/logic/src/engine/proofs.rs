//! Writes out the proof of an answer from the first derivations that its tables recorded.
//!
//! An answer's premises were there before it, so following them ends. Where a premise is an absence or a gathered
//! value, the tables it rests on go along: the ground on which the checker can agree. Few answers are listed with
//! their proofs; of many only those are whose tables rest on each other, and the rest is for the checker to find.

use std::collections::BTreeSet;

use quid_core::oxrdf::Term;
use quid_core::proof::{Answers, Because, Checker, Closed, Proof, Step as Line};
use quid_core::{Atom, Fault, Flaw, gather};
use rustc_hash::FxHashMap;

use super::compile::{Act, Ready, Slot, components};
use super::kernel::{Along, Part};
use super::refusal::Refusal;
use super::run::Engine;
use super::table::{COMPUTED, STORED};
use crate::terms::NONE;

/// How proofs that rest on tables are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// So many answers of tables are listed with their proofs, as somebody may read them.
    pub(super) few: usize,
    /// Of more answers than this it is worth asking again for the one that is to be proved, so that fewer are needed.
    pub(super) many: usize,
}

impl Manner {
    pub(super) const USUAL: Self = Self { few: 200, many: 1_000 };
    pub(super) const TERSE: Self = Self { few: 0, many: 0 };
}

/// Bytes that a line is taken to need.
const A_LINE: usize = 400;

/// A line to be written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Node {
    /// An answer of a table.
    Answer(u32, u32),
    /// A goal of the rule that gave an answer, which is stored, computed, absent or gathered.
    Leaf(u32, u32, u32),
}

struct Writer<'e, 'a> {
    engine: &'e Engine<'a>,
    checker: &'e mut Checker<'a>,
    proof: Proof,
    /// Lines that are written.
    places: FxHashMap<Node, usize>,
    claims: FxHashMap<(Atom, Option<usize>), usize>,
    /// Tables in the proof, by their number in the engine.
    tables: FxHashMap<u32, usize>,
    order: Vec<u32>,
}

/// The proof of an answer of the question's own relation; `None` when it rests on what is absent from a table that a
/// search filled, which only the rules can show to be all, or, unless `anyhow`, on very many answers.
pub(super) fn proof<'a>(
    engine: &Engine<'a>,
    checker: &mut Checker<'a>,
    (table, row): (usize, usize),
    manner: Manner,
    anyhow: bool,
) -> Result<Option<Proof>, Refusal> {
    let mut writer = Writer {
        engine,
        checker,
        proof: Proof::default(),
        places: FxHashMap::default(),
        claims: FxHashMap::default(),
        tables: FxHashMap::default(),
        order: Vec::new(),
    };
    let own = (u32::try_from(table).unwrap_or(NONE), u32::try_from(row).unwrap_or(NONE));
    let Some(listed) = writer.find_tables(own, manner.few)? else { return Ok(None) };
    if listed > manner.many && !anyhow {
        return Ok(None);
    }
    // Tables first, so that what was to be proved comes last.
    for place in 0..writer.order.len() {
        let Some(&table) = writer.order.get(place) else { continue };
        if writer.proof.tables.get(place).is_none_or(|closed| closed.answers == Answers::Found) {
            continue;
        }
        let count = engine.tables.get(table as usize).map_or(0, super::table::Table::len);
        let mut answers = Vec::with_capacity(count);
        for row in 0..count {
            answers.push(writer.write(Node::Answer(table, u32::try_from(row).unwrap_or(NONE)))?);
        }
        if let Some(closed) = writer.proof.tables.get_mut(place) {
            closed.answers = Answers::Steps(answers);
        }
    }
    let last = writer.write(Node::Answer(own.0, own.1))?;
    let mut proof = writer.proof;
    if last + 1 != proof.steps.len()
        && let Some(step) = proof.steps.get(last).cloned()
    {
        // It is a premise of something else too.
        proof.steps.push(step);
    }
    Ok(Some(proof))
}

impl Writer<'_, '_> {
    /// Lays out the tables that an answer's proof rests on, those they called included, what is called first; gives
    /// how many answers are to be listed, `None` when a search filled a table.
    fn find_tables(&mut self, own: (u32, u32), few: usize) -> Result<Option<usize>, Refusal> {
        if !self.engine.compiled.layered {
            return Ok(Some(0));
        }
        let mut needed = self.first_tables(own);
        let mut places: FxHashMap<u32, usize> = FxHashMap::default();
        let mut calls: Vec<Vec<u32>> = Vec::new();
        let mut tables: Vec<u32> = Vec::new();
        while let Some(table) = needed.pop() {
            self.engine.budget.step().map_err(|_| self.spent())?;
            let Some(closed) = self.engine.tables.get(table as usize) else { continue };
            if places.contains_key(&table) {
                continue;
            }
            if !closed.links.is_empty() {
                return Ok(None);
            }
            let mut called = if closed.is_settled() {
                // Its one answer ended the search for others, so what was called for them need not be all.
                self.first_tables((table, 0))
            } else {
                closed.calls.clone()
            };
            called.sort_unstable();
            called.dedup();
            needed.extend(&called);
            places.insert(table, tables.len());
            tables.push(table);
            calls.push(called);
        }
        let count = |table: u32| self.engine.tables.get(table as usize).map_or(0, super::table::Table::len);
        let many = tables.iter().map(|table| count(*table)).sum::<usize>() > few;
        let calls: Vec<Vec<(usize, bool)>> = calls
            .iter()
            .map(|called| called.iter().filter_map(|called| Some((*places.get(called)?, false))).collect())
            .collect();
        // Circles of tables that rest on each other are numbered from the ground up.
        let circle = components(&calls);
        let mut sizes: FxHashMap<usize, usize> = FxHashMap::default();
        for circle in &circle {
            *sizes.entry(*circle).or_default() += 1;
        }
        let mut order: Vec<usize> = (0..tables.len()).collect();
        order.sort_by_key(|at| circle.get(*at).copied());
        let mut listed = 0;
        for at in order {
            let (Some(&table), Some(called)) = (tables.get(at), calls.get(at)) else { continue };
            let Some(closed) = self.engine.tables.get(table as usize) else { continue };
            let alone = circle.get(at).and_then(|circle| sizes.get(circle)) == Some(&1);
            let on_itself = !alone || called.iter().any(|(called, _)| *called == at);
            let answers = if many && !on_itself && !closed.is_settled() {
                Answers::Found
            } else {
                listed += closed.len();
                Answers::Steps(Vec::new())
            };
            let layer = self.engine.compiled.relations.get(closed.relation).map_or(0, |relation| relation.layer);
            let pattern = self.engine.literal(closed.relation, &closed.pattern);
            self.tables.insert(table, self.order.len());
            self.order.push(table);
            self.proof.tables.push(Closed { pattern, answers, layer });
        }
        Ok(Some(listed))
    }

    /// The tables that an answer's derivation rests on being all.
    fn first_tables(&self, own: (u32, u32)) -> Vec<u32> {
        let mut seen: BTreeSet<(u32, u32)> = BTreeSet::new();
        let mut answers = vec![own];
        let mut found: Vec<u32> = Vec::new();
        while let Some((table, row)) = answers.pop() {
            if !seen.insert((table, row)) {
                continue;
            }
            let Some((rule, cells)) = self.derivation(table, row) else { continue };
            for (at, step) in rule.body.iter().enumerate() {
                let Some(&[in_table, in_row]) = premise(rule, cells, at) else { continue };
                match step.act {
                    Act::Holds if in_table != NONE => answers.push((in_table, in_row)),
                    Act::Holds => {}
                    Act::Not | Act::Gather { .. } => found.push(in_table),
                }
            }
        }
        found
    }

    fn spent(&self) -> Refusal {
        Flaw::Spent(self.engine.budget.ran_out().unwrap_or(quid_core::Limit::Steps)).into()
    }

    fn derivation(&self, table: u32, row: u32) -> Option<(&Ready<'_>, &[u32])> {
        let (&rule, cells) = self.engine.tables.get(table as usize)?.derivation(row as usize).split_first()?;
        Some((self.engine.compiled.rules.get(rule as usize)?, cells))
    }

    /// Writes a line and before it all that it rests on; gives its place.
    fn write(&mut self, node: Node) -> Result<usize, Refusal> {
        let mut open = vec![(node, false)];
        while let Some((node, ready)) = open.pop() {
            if self.places.contains_key(&node) {
                continue;
            }
            if let Node::Answer(table, row) = node
                && self.engine.tables.get(table as usize).is_some_and(|table| !table.links.is_empty())
            {
                let place = self.path(table, row)?;
                self.places.insert(node, place);
                continue;
            }
            let premises = self.premises(node);
            if !ready {
                open.push((node, true));
                open.extend(premises.iter().rev().map(|premise| (*premise, false)));
                continue;
            }
            let premises = premises.iter().filter_map(|premise| self.places.get(premise).copied()).collect();
            let (claim, because, of_table) = self.line(node, premises)?;
            let place = self.push(claim, because, of_table)?;
            self.places.insert(node, place);
        }
        Ok(self.places.get(&node).copied().unwrap_or(0))
    }

    fn push(&mut self, claim: Atom, because: Because, of_table: Option<usize>) -> Result<usize, Refusal> {
        let key = (claim, of_table);
        if let Some(&known) = self.claims.get(&key) {
            return Ok(known);
        }
        let budget = self.engine.budget;
        budget.step().and_then(|()| budget.hold(A_LINE)).map_err(|_| self.spent())?;
        self.proof.steps.push(Line { claim: key.0.clone(), because });
        self.claims.insert(key, self.proof.steps.len() - 1);
        Ok(self.proof.steps.len() - 1)
    }

    /// Writes the proof of what a search reached, link by link.
    fn path(&mut self, table: u32, row: u32) -> Result<usize, Refusal> {
        let of = self.engine.tables.get(table as usize).ok_or_else(lost)?;
        let relation = of.relation;
        let paths = self.engine.paths.get(&relation).cloned().flatten().ok_or_else(lost)?;
        let mut links = Vec::new();
        for (from, to, along) in of.path(row as usize) {
            links.push((from, to, *paths.along.get(along).ok_or_else(lost)?));
        }
        // A plain path is read as its rules have it: what lengthens stands before or after one base link.
        let count = links.len();
        for (at, (_, _, along)) in links.iter_mut().enumerate() {
            let lengthens = match paths.plain {
                Some(Part::Before) => at + 1 < count,
                Some(Part::After) => at > 0,
                _ => false,
            };
            if let (true, Some(part)) = (lengthens, paths.plain) {
                *along = *paths.like(along, part).ok_or_else(lost)?;
            }
        }
        let mut whole: Option<(u32, u32, usize)> = None;
        let mut rest = links.as_slice();
        while !rest.is_empty() {
            let base = rest.iter().position(|(.., along)| along.part == Part::Base).ok_or_else(lost)?;
            let (before, from_base) = rest.split_at(base);
            let ((from, to, along), after) = from_base.split_first().ok_or_else(lost)?;
            let length = after.iter().take_while(|(.., along)| along.part == Part::After).count();
            let (after, others) = after.split_at(length);
            rest = others;
            let mut ends = (*from, *to);
            let link = self.link(*from, *to, along)?;
            let mut place = match along.rule {
                Some(rule) => self.apply(rule, relation, ends, &[link])?,
                None => link,
            };
            for (from, to, along) in after.iter().chain(before.iter().rev()) {
                let rule = along.rule.ok_or_else(lost)?;
                let link = self.link(*from, *to, along)?;
                let own_first = self.ready(rule)?.body.first().is_some_and(|step| step.relation == relation);
                if along.part == Part::After {
                    ends.1 = *to;
                } else {
                    ends.0 = *from;
                }
                let premises = if own_first { [place, link] } else { [link, place] };
                place = self.apply(rule, relation, ends, &premises)?;
            }
            whole = Some(match whole {
                None => (ends.0, ends.1, place),
                Some((start, _, first)) => {
                    let rule = paths.doubled.ok_or_else(lost)?;
                    let ready = self.ready(rule)?;
                    let begins = ready.body.first().and_then(|step| step.slots.first()) == ready.head.first();
                    let premises = if begins { [first, place] } else { [place, first] };
                    (start, ends.1, self.apply(rule, relation, (start, ends.1), &premises)?)
                }
            });
        }
        whole.map(|(.., place)| place).ok_or_else(lost)
    }

    /// A link of a path: a stored fact, by another name perhaps.
    fn link(&mut self, from: u32, to: u32, along: &Along) -> Result<usize, Refusal> {
        let ends = if along.reversed { (to, from) } else { (from, to) };
        let claim = self.atom(along.relation, &[ends.0, ends.1])?;
        let stored = self.stored(&claim)?;
        let leaf = self.push(claim, stored, None)?;
        let Some(alias) = along.alias else { return Ok(leaf) };
        let ends = if along.turned { (ends.1, ends.0) } else { ends };
        let relation = self.ready(alias)?.relation;
        self.apply(alias, relation, ends, &[leaf])
    }

    fn apply(&mut self, rule: u32, relation: usize, ends: (u32, u32), premises: &[usize]) -> Result<usize, Refusal> {
        let name = self.ready(rule)?.name.clone().into_owned();
        let claim = self.atom(relation, &[ends.0, ends.1])?;
        self.push(claim, Because::Rule { name, premises: premises.to_vec() }, None)
    }

    fn ready(&self, rule: u32) -> Result<&Ready<'_>, Refusal> {
        self.engine.compiled.rules.get(rule as usize).ok_or_else(lost)
    }

    fn premises(&self, node: Node) -> Vec<Node> {
        let Node::Answer(table, row) = node else { return Vec::new() };
        let Some((rule, cells)) = self.derivation(table, row) else { return Vec::new() };
        let goal = |(at, step): (usize, &super::compile::Step)| match premise(rule, cells, at) {
            Some(&[in_table, in_row]) if in_table != NONE && matches!(step.act, Act::Holds) => {
                Node::Answer(in_table, in_row)
            }
            _ => Node::Leaf(table, row, u32::try_from(at).unwrap_or(NONE)),
        };
        rule.body.iter().enumerate().map(goal).collect()
    }

    fn line(&mut self, node: Node, premises: Vec<usize>) -> Result<(Atom, Because, Option<usize>), Refusal> {
        match node {
            Node::Answer(table, row) => {
                let Some(of) = self.engine.tables.get(table as usize) else { return Err(lost()) };
                let mut numbers = Vec::new();
                of.fill(row as usize, &mut numbers);
                let claim = self.atom(of.relation, &numbers)?;
                let because = match of.derivation(row as usize).first() {
                    Some(&STORED) => self.stored(&claim)?,
                    Some(&COMPUTED) => Because::BuiltIn,
                    _ => match self.derivation(table, row) {
                        Some((rule, _)) => Because::Rule { name: rule.name.clone().into_owned(), premises },
                        None => return Err(lost()),
                    },
                };
                Ok((claim, because, None))
            }
            Node::Leaf(table, row, goal) => {
                let Some((rule, cells)) = self.derivation(table, row) else { return Err(lost()) };
                let Some(step) = rule.body.get(goal as usize) else { return Err(lost()) };
                let value = |slot: &Slot| match slot {
                    Slot::Constant(number) => *number,
                    Slot::Variable(variable) => cells.get(*variable as usize).copied().unwrap_or(NONE),
                };
                let rests_on = premise(rule, cells, goal as usize).copied().unwrap_or([NONE, NONE]);
                let closed = self.tables.get(&rests_on[0]).copied();
                match &step.act {
                    Act::Holds => {
                        let claim = self.atom(step.relation, &step.slots.iter().map(value).collect::<Vec<_>>())?;
                        let built_in =
                            self.engine.compiled.relations.get(step.relation).is_some_and(|relation| relation.built_in);
                        let because = if built_in { Because::BuiltIn } else { self.stored(&claim)? };
                        Ok((claim, because, None))
                    }
                    Act::Not => {
                        let claim = self.atom(step.relation, &step.slots.iter().map(value).collect::<Vec<_>>())?;
                        let closed = closed.ok_or_else(lost)?;
                        // Kept apart from the same claim as something that holds.
                        Ok((claim, Because::Absent(closed), Some(closed)))
                    }
                    Act::Gather { how, by, .. } => {
                        let mut numbers = vec![rests_on[1]];
                        numbers.extend(by.iter().map(|by| value(&Slot::Variable(*by))));
                        let arguments = self.terms(&numbers)?;
                        let closed = closed.ok_or_else(lost)?;
                        let claim = Atom { predicate: gather::relation(*how), arguments };
                        Ok((claim, Because::Gathered(closed), Some(closed)))
                    }
                }
            }
        }
    }

    fn atom(&self, relation: usize, numbers: &[u32]) -> Result<Atom, Refusal> {
        let predicate = self.engine.compiled.relations.get(relation).map(|relation| relation.predicate.clone());
        Ok(Atom { predicate: predicate.ok_or_else(lost)?, arguments: self.terms(numbers)? })
    }

    fn terms(&self, numbers: &[u32]) -> Result<Vec<Term>, Refusal> {
        numbers.iter().map(|number| self.engine.base.term(*number)).collect::<Option<_>>().ok_or_else(lost)
    }

    fn stored(&mut self, claim: &Atom) -> Result<Because, Refusal> {
        let graph = self.checker.graph(claim, self.engine.budget)?;
        graph.map(Because::Stored).ok_or_else(|| {
            Refusal::Fault(Fault::Storage {
                what: "writing a proof".to_owned(),
                why: format!("a fact of {} was changed meanwhile; ask again", claim.predicate),
            })
        })
    }
}

fn premise<'c>(rule: &Ready<'_>, cells: &'c [u32], goal: usize) -> Option<&'c [u32; 2]> {
    let start = rule.variables + 2 * goal;
    cells.get(start..start + 2)?.try_into().ok()
}

fn lost() -> Refusal {
    Refusal::Fault(Fault::Storage {
        what: "writing a proof".to_owned(),
        why: "a derivation was not recorded".to_owned(),
    })
}
