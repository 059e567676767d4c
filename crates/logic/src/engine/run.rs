//! Runs a question: tables, and rules waiting for their answers.
//!
//! Every distinct call has one table, or is answered by a more general call's. A rule waiting for a table's answers
//! goes on once for each, old and new (SLG resolution, Chen & Warren 1996); answers are looked at once by each
//! waiting rule, so the evaluation is semi-naive by construction. What a rule denies or gathers is parked until all
//! that its layer rests on is done. There are finitely many calls and answers, so it ends; a budget ends it earlier.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use quid_core::budget::Spent;
use quid_core::oxrdf::Term;
use quid_core::proof::BuiltIns;
use quid_core::{Budget, Fault};
use rustc_hash::{FxHashMap, FxHashSet};

use super::base::Base;
use super::compile::{Act, Compiled, Ready, Slot, Step};
use super::kernel::Paths;
use super::refusal::Refusal;
use super::table::{COMPUTED, STORED, Table, key};
use crate::Halt;
use crate::terms::NONE;

/// A call that asks for everything.
const OPEN: [u32; super::compile::WIDEST] = [NONE; super::compile::WIDEST];

/// So deep an answer is handed on at once to who waits for it.
const MOST_HANDING: usize = 4;

/// Why the run ends before it is done.
#[derive(Debug)]
pub(super) enum Stop {
    Spent,
    /// There are as many answers as wanted.
    Enough,
    Refused(Refusal),
}

impl From<Spent> for Stop {
    fn from(_: Spent) -> Self {
        Self::Spent
    }
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Spent(_) => Self::Spent,
            Halt::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault.into())
    }
}

/// A rule part of whose body is done. Its cells are the values of its variables, and after them two for each goal:
/// the table and the answer that it rests on.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    table: usize,
    rule: usize,
    /// The goals that are done, a bit each.
    done: u64,
    cells: Vec<u32>,
}

/// A frame waiting for the answers of a table.
#[derive(Debug)]
struct Consumer {
    frame: Frame,
    goal: usize,
    table: usize,
    /// Which of the table's answers, by an index and its key; all without.
    bucket: Option<(usize, u64)>,
    next: usize,
}

#[derive(Clone, Copy, Debug)]
enum Task {
    Start(usize),
    Consume(usize),
    Wake(usize),
    WakeBucket(usize, usize, u64),
}

/// A relation's tables by pattern, and which arguments are known in some of them.
type Calls = (FxHashMap<Box<[u32]>, usize>, Vec<u64>);

/// The evaluation of one question.
pub(super) struct Engine<'a> {
    pub(super) budget: &'a Budget<'a>,
    pub(super) builtins: &'a dyn BuiltIns,
    pub(super) base: Base<'a>,
    pub(super) compiled: Rc<Compiled<'a>>,
    pub(super) tables: Vec<Table>,
    /// By relation.
    calls: Vec<Calls>,
    consumers: Vec<Consumer>,
    agenda: VecDeque<Task>,
    parked: BTreeMap<u32, VecDeque<Frame>>,
    incomplete: Vec<usize>,
    /// Built-ins that were found to need more than these bound arguments: rule, goal, bound.
    stuck: FxHashSet<(usize, usize, u64)>,
    spare: Vec<Vec<u32>>,
    /// Relations whose rules say what paths are, as far as was looked.
    pub(super) paths: FxHashMap<usize, Option<Rc<Paths>>>,
    /// How many answers are being handed on at once.
    handing: usize,
    /// Nothing is searched whose absence may have to be proved.
    pub(super) careful: bool,
    /// So many answers of the root are enough.
    enough: usize,
}

impl<'a> Engine<'a> {
    pub(super) fn new(
        compiled: Rc<Compiled<'a>>,
        base: Base<'a>,
        builtins: &'a dyn BuiltIns,
        budget: &'a Budget<'a>,
        enough: usize,
    ) -> Self {
        let calls = compiled.relations.iter().map(|_| (FxHashMap::default(), Vec::new())).collect();
        Self {
            budget,
            builtins,
            base,
            compiled,
            tables: Vec::new(),
            calls,
            consumers: Vec::new(),
            agenda: VecDeque::new(),
            parked: BTreeMap::new(),
            incomplete: Vec::new(),
            stuck: FxHashSet::default(),
            spare: Vec::new(),
            paths: FxHashMap::default(),
            handing: 0,
            careful: false,
            enough,
        }
    }

    /// Fills the table of the question's own relation, table 0.
    pub(super) fn run(&mut self) -> Result<(), Stop> {
        if self.enough == 0 {
            return Err(Stop::Enough);
        }
        let width = self.compiled.relations.first().map_or(0, |root| root.width);
        self.fill(&vec![NONE; width]).map(|_| ())
    }

    /// Fills a table of the question's own relation and gives its number.
    pub(super) fn fill(&mut self, pattern: &[u32]) -> Result<usize, Stop> {
        let own = self.table_for(0, pattern)?;
        loop {
            while let Some(task) = self.agenda.pop_front() {
                self.task(task)?;
            }
            // Nothing moves any more: all layers below the lowest parked frames are done.
            let Some((layer, frames)) = self.parked.pop_first() else { return Ok(own) };
            let (tables, compiled) = (&mut self.tables, &self.compiled);
            self.incomplete.retain(|&at| {
                let Some(table) = tables.get_mut(at) else { return false };
                table.complete = compiled.relations.get(table.relation).is_some_and(|of| of.layer < layer);
                !table.complete
            });
            for mut frame in frames {
                self.advance(&mut frame)?;
            }
        }
    }

    fn task(&mut self, task: Task) -> Result<(), Stop> {
        self.budget.step()?;
        match task {
            Task::Start(table) => self.start(table),
            Task::Consume(consumer) => self.consume(consumer),
            Task::Wake(table) => {
                let mut at = 0;
                if let Some(table) = self.tables.get_mut(table) {
                    table.waking = false;
                }
                while let Some(&consumer) = self.tables.get(table).and_then(|table| table.consumers.get(at)) {
                    self.consume(consumer as usize)?;
                    at += 1;
                }
                Ok(())
            }
            Task::WakeBucket(table, index, key) => {
                let mut at = 0;
                if let Some(bucket) = self.bucket(table, index, key) {
                    bucket.waking = false;
                }
                while let Some(consumer) =
                    self.bucket(table, index, key).and_then(|bucket| bucket.consumers.get(at).copied())
                {
                    self.consume(consumer as usize)?;
                    at += 1;
                }
                Ok(())
            }
        }
    }

    fn bucket(&mut self, table: usize, index: usize, key: u64) -> Option<&mut super::table::Bucket> {
        self.tables.get_mut(table)?.indexes.get_mut(index)?.buckets.get_mut(&key)
    }

    /// The table that answers a call: its own, a more general one, or a new one.
    fn table_for(&mut self, relation: usize, pattern: &[u32]) -> Result<usize, Stop> {
        let Some((by_pattern, masks)) = self.calls.get(relation) else { return self.open_table(relation, pattern) };
        if let Some(&known) = by_pattern.get(pattern) {
            return Ok(known);
        }
        let own = mask_of(pattern);
        let gathers = self.compiled.relations.get(relation).is_some_and(|relation| relation.gathers);
        if !gathers {
            for mask in masks.iter().filter(|mask| *mask & !own == 0 && **mask != own) {
                let mut general = self.spare.pop().unwrap_or_default();
                general.clear();
                general.extend(
                    pattern.iter().enumerate().map(|(at, value)| if mask >> at & 1 == 1 { *value } else { NONE }),
                );
                let known = by_pattern.get(general.as_slice()).copied();
                self.spare.push(general);
                if let Some(known) = known {
                    return Ok(known);
                }
            }
        }
        self.open_table(relation, pattern)
    }

    fn open_table(&mut self, relation: usize, pattern: &[u32]) -> Result<usize, Stop> {
        self.budget.hold(320 + 8 * pattern.len())?;
        let at = self.tables.len();
        self.tables.push(Table::new(relation, pattern));
        if let Some((by_pattern, masks)) = self.calls.get_mut(relation) {
            by_pattern.insert(pattern.into(), at);
            let mask = mask_of(pattern);
            if !masks.contains(&mask) {
                masks.push(mask);
            }
        }
        let leaf = self.compiled.relations.get(relation).is_some_and(|relation| relation.rules.is_empty());
        if leaf || self.paths_of(relation)?.is_some() {
            // Nothing to wait for: what is stored or computed is all there is.
            self.start(at)?;
            if let Some(table) = self.tables.get_mut(at) {
                table.complete = true;
            }
        } else {
            self.incomplete.push(at);
            self.agenda.push_back(Task::Start(at));
        }
        Ok(at)
    }

    /// Answers that are stored or computed, then one frame for each rule.
    fn start(&mut self, at: usize) -> Result<(), Stop> {
        if self.search(at)? {
            return Ok(());
        }
        let compiled = Rc::clone(&self.compiled);
        let Some(table) = self.tables.get(at) else { return Ok(()) };
        let (number, pattern) = (table.relation, table.pattern.clone());
        let Some(relation) = compiled.relations.get(number) else { return Ok(()) };
        let mut found = Vec::new();
        let origin = if relation.built_in {
            if !self.computed(number, &pattern, &mut found)? {
                return Err(Stop::Refused(Refusal::Unbound {
                    rule: relation.predicate.as_str().to_owned(),
                    goal: self.literal(number, &pattern),
                }));
            }
            COMPUTED
        } else {
            if relation.width > 0 {
                self.base.rows(relation.kept, &pattern, &mut found)?;
            } else if relation.kept != usize::MAX && self.base.holds(&relation.predicate)? {
                self.insert(at, &[], STORED, &[])?;
            }
            STORED
        };
        if relation.width == 0 && relation.built_in && !found.is_empty() {
            self.insert(at, &[], COMPUTED, &[])?;
        }
        let mut open = Vec::new();
        for row in found.chunks_exact(relation.width.max(1)) {
            open.clear();
            open.extend(row.iter().zip(pattern.iter()).filter(|(_, known)| **known == NONE).map(|(value, _)| *value));
            self.insert(at, &open, origin, &[])?;
        }
        for &number in &relation.rules {
            let Some(rule) = compiled.rules.get(number as usize) else { continue };
            let mut cells = vec![NONE; rule.variables + 2 * rule.body.len()];
            let fits = rule
                .head
                .iter()
                .zip(pattern.iter())
                .all(|(slot, value)| *value == NONE || bind(*slot, *value, &mut cells));
            if fits {
                self.advance(&mut Frame { table: at, rule: number as usize, done: 0, cells })?;
            }
        }
        Ok(())
    }

    fn consume(&mut self, at: usize) -> Result<(), Stop> {
        let compiled = Rc::clone(&self.compiled);
        let Some(consumer) = self.consumers.get(at) else { return Ok(()) };
        let (table, goal, bucket) = (consumer.table, consumer.goal, consumer.bucket);
        let mut frame = Frame {
            table: consumer.frame.table,
            rule: consumer.frame.rule,
            done: consumer.frame.done | 1 << goal,
            cells: self.spare.pop().unwrap_or_default(),
        };
        let Some(rule) = compiled.rules.get(frame.rule) else { return Ok(()) };
        let Some(step) = rule.body.get(goal) else { return Ok(()) };
        loop {
            // Settled or not is asked anew each time: an answer may be what this frame's table waited for.
            if self.tables.get(frame.table).is_some_and(Table::is_settled) {
                break;
            }
            let Some(consumer) = self.consumers.get_mut(at) else { break };
            let Some(known) = self.tables.get(table) else { break };
            let row = match bucket {
                None => (consumer.next < known.len()).then_some(consumer.next),
                Some((index, key)) => known
                    .indexes
                    .get(index)
                    .and_then(|index| index.buckets.get(&key))
                    .and_then(|bucket| bucket.rows.get(consumer.next))
                    .map(|row| *row as usize),
            };
            let Some(row) = row else { break };
            consumer.next += 1;
            frame.cells.clear();
            frame.cells.extend_from_slice(&consumer.frame.cells);
            self.budget.step()?;
            if take(rule, step, goal, known, table, row, &mut frame.cells) {
                self.advance(&mut frame)?;
            }
        }
        self.spare.push(frame.cells);
        Ok(())
    }

    /// Does the goals of a frame that are not done yet, those first of which most is known.
    fn advance(&mut self, frame: &mut Frame) -> Result<(), Stop> {
        self.budget.step()?;
        if self.tables.get(frame.table).is_some_and(Table::is_settled) {
            return Ok(());
        }
        let compiled = Rc::clone(&self.compiled);
        let Some(rule) = compiled.rules.get(frame.rule) else { return Ok(()) };
        let mut passed = 0_u64;
        loop {
            let Some(at) = self.choose(rule, frame, passed) else {
                if passed == 0 && frame.done.count_ones() as usize == rule.body.len() {
                    return self.conclude(rule, frame);
                }
                return Err(self.unbound(rule, frame));
            };
            let Some(step) = rule.body.get(at) else { return Ok(()) };
            let mut pattern = self.spare.pop().unwrap_or_default();
            pattern.clear();
            pattern.extend(step.slots.iter().map(|slot| value(*slot, &frame.cells)));
            let went = match &step.act {
                Act::Holds => self.positive(&compiled, rule, step, at, &pattern, frame),
                Act::Not => self.negative(&compiled, step, at, &pattern, rule.variables, frame).map(|()| true),
                Act::Gather { .. } => self.gathered(&compiled, rule, step, at, frame).map(|()| true),
            };
            self.spare.push(pattern);
            if went? {
                return Ok(());
            }
            // A built-in that needs more: it has to wait for others.
            passed |= 1 << at;
        }
    }

    /// The goal to try next; `None` when none is open or can be tried.
    fn choose(&self, rule: &Ready<'_>, frame: &Frame, passed: u64) -> Option<usize> {
        let open = |at: &usize| (frame.done | passed) >> at & 1 == 0;
        let mut best: Option<(u64, usize)> = None;
        for at in (0..rule.body.len()).filter(open) {
            let Some(cost) = rule.body.get(at).and_then(|step| self.cost(step, at, frame)) else { continue };
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, at));
            }
        }
        best.map(|(_, at)| at)
    }

    /// About how many answers a goal has here; `None` when it cannot be tried.
    fn cost(&self, step: &Step, at: usize, frame: &Frame) -> Option<u64> {
        let width = step.slots.len();
        let mut bound = 0_u64;
        for (at, slot) in step.slots.iter().enumerate() {
            bound |= u64::from(value(*slot, &frame.cells) != NONE) << at;
        }
        let known = bound.count_ones() as usize;
        let relation = self.compiled.relations.get(step.relation)?;
        match &step.act {
            Act::Not => (known == width).then_some(1),
            Act::Gather { by, .. } => {
                let all =
                    by.iter().all(|variable| frame.cells.get(*variable as usize).is_some_and(|value| *value != NONE));
                Some(if all { 20 } else { u64::MAX })
            }
            Act::Holds if relation.built_in => {
                if self.stuck.contains(&(frame.rule, at, bound)) {
                    return None;
                }
                Some(if known == width {
                    0
                } else if known > 0 {
                    2
                } else {
                    u64::MAX - 1
                })
            }
            Act::Holds if relation.rules.is_empty() => {
                let pattern = step.slots.iter().map(|slot| value(*slot, &frame.cells));
                Some(3 + self.base.estimate(relation.kept, pattern))
            }
            Act::Holds if known == width => Some(8),
            Act::Holds if known > 0 => Some(40 / known as u64),
            Act::Holds => {
                // An open call that is answered already costs as much as it has answers; one that is being answered
                // anyhow costs nothing more.
                let open = self.calls.get(step.relation).filter(|(_, masks)| masks.contains(&0));
                let answered = open.and_then(|(tables, _)| tables.get(OPEN.get(..width)?));
                if let Some(table) = answered.filter(|at| **at != frame.table).and_then(|at| self.tables.get(*at)) {
                    return Some(10 + table.len() as u64);
                }
                let own = self.tables.get(frame.table);
                let same = own.is_some_and(|own| own.relation == step.relation && own.width == width);
                Some(if same { 50_000 } else { 200_000 })
            }
        }
    }

    /// Goes on with every answer to a goal; false when it is a built-in that needs more.
    fn positive(
        &mut self,
        compiled: &Compiled<'a>,
        rule: &Ready<'_>,
        step: &Step,
        at: usize,
        pattern: &[u32],
        frame: &mut Frame,
    ) -> Result<bool, Stop> {
        let Some(relation) = compiled.relations.get(step.relation) else { return Ok(true) };
        if !relation.rules.is_empty() {
            self.call(rule, step, at, pattern, frame)?;
            return Ok(true);
        }
        let mut found = self.spare.pop().unwrap_or_default();
        found.clear();
        if relation.built_in {
            if !self.computed(step.relation, pattern, &mut found)? {
                self.spare.push(found);
                self.stuck.insert((frame.rule, at, mask_of(pattern)));
                return Ok(false);
            }
        } else if relation.width == 0 {
            if self.base.holds(&relation.predicate)? {
                found.push(NONE);
            }
        } else {
            self.base.rows(relation.kept, pattern, &mut found)?;
        }
        let mut saved = self.spare.pop().unwrap_or_default();
        saved.clear();
        saved.extend_from_slice(&frame.cells);
        frame.done |= 1 << at;
        for row in found.chunks_exact(relation.width.max(1)) {
            if step.slots.iter().zip(row).all(|(slot, value)| bind(*slot, *value, &mut frame.cells)) {
                self.advance(frame)?;
            }
            frame.cells.copy_from_slice(&saved);
        }
        frame.done &= !(1 << at);
        self.spare.push(saved);
        self.spare.push(found);
        Ok(true)
    }

    /// Calls a derived relation: goes on with the answers of a complete table, waits for those of another.
    fn call(
        &mut self,
        rule: &Ready<'_>,
        step: &Step,
        at: usize,
        pattern: &[u32],
        frame: &mut Frame,
    ) -> Result<(), Stop> {
        let table = self.table_for(step.relation, pattern)?;
        self.note_call(frame.table, table);
        let feeds_root = frame.table == 0 || self.tables.get(frame.table).is_some_and(|table| table.feeds_root);
        let Some(called) = self.tables.get_mut(table) else { return Ok(()) };
        // The arguments known here that the table does not know.
        let columns: Vec<usize> = pattern
            .iter()
            .zip(called.pattern.iter())
            .enumerate()
            .filter(|(_, (own, general))| own != general)
            .map(|(at, _)| at)
            .take(2)
            .collect();
        let bucket = if columns.is_empty() {
            None
        } else {
            let index = called.index(&columns);
            let key = key(columns.iter().filter_map(|column| pattern.get(*column).copied()));
            Some((index, key))
        };
        if called.complete {
            return self.go_through(rule, step, at, table, bucket, frame);
        }
        let number = self.consumers.len();
        let waiting = u32::try_from(number).unwrap_or(NONE);
        called.feeds_root |= feeds_root;
        let any = match bucket {
            None => {
                called.consumers.push(waiting);
                called.len() > 0
            }
            Some((index, key)) => {
                let Some(index) = called.indexes.get_mut(index) else { return Ok(()) };
                let bucket = index.buckets.entry(key).or_default();
                bucket.consumers.push(waiting);
                !bucket.rows.is_empty()
            }
        };
        self.budget.hold(120 + 4 * frame.cells.len())?;
        self.consumers.push(Consumer { frame: frame.clone(), goal: at, table, bucket, next: 0 });
        if any {
            self.agenda.push_back(Task::Consume(number));
        }
        Ok(())
    }

    fn go_through(
        &mut self,
        rule: &Ready<'_>,
        step: &Step,
        at: usize,
        table: usize,
        bucket: Option<(usize, u64)>,
        frame: &mut Frame,
    ) -> Result<(), Stop> {
        let mut saved = self.spare.pop().unwrap_or_default();
        saved.clear();
        saved.extend_from_slice(&frame.cells);
        frame.done |= 1 << at;
        let mut next = 0;
        while let Some(known) = self.tables.get(table) {
            let row = match bucket {
                None => (next < known.len()).then_some(next),
                Some((index, key)) => known
                    .indexes
                    .get(index)
                    .and_then(|index| index.buckets.get(&key))
                    .and_then(|bucket| bucket.rows.get(next))
                    .map(|row| *row as usize),
            };
            let Some(row) = row else { break };
            next += 1;
            if take(rule, step, at, known, table, row, &mut frame.cells) {
                self.advance(frame)?;
            }
            frame.cells.copy_from_slice(&saved);
        }
        frame.done &= !(1 << at);
        self.spare.push(saved);
        Ok(())
    }

    /// Goes on when no answer is there, once that can be known.
    fn negative(
        &mut self,
        compiled: &Compiled<'a>,
        step: &Step,
        at: usize,
        pattern: &[u32],
        variables: usize,
        frame: &mut Frame,
    ) -> Result<(), Stop> {
        let table = self.table_for(step.relation, pattern)?;
        self.note_call(frame.table, table);
        let Some(called) = self.tables.get(table) else { return Ok(()) };
        if !called.complete {
            // An answer that is there already will not go away.
            if !called.is_settled() {
                self.park(compiled, frame);
            }
            return Ok(());
        }
        let there = (0..called.len())
            .any(|row| pattern.iter().enumerate().all(|(column, value)| called.value(row, column) == *value));
        if there {
            return Ok(());
        }
        let saved = frame.done;
        frame.done |= 1 << at;
        rest_on(frame, variables, at, table, NONE);
        self.advance(frame)?;
        frame.done = saved;
        Ok(())
    }

    /// Goes on with what is gathered, for each group, once all answers are known.
    fn gathered(
        &mut self,
        compiled: &Compiled<'a>,
        rule: &Ready<'_>,
        step: &Step,
        at: usize,
        frame: &mut Frame,
    ) -> Result<(), Stop> {
        let Act::Gather { how, value: gathered, by, into } = &step.act else { return Ok(()) };
        // Only what makes the groups comes from outside.
        let pattern: Vec<u32> = step
            .slots
            .iter()
            .map(|slot| match slot {
                Slot::Variable(number) if !by.contains(number) => NONE,
                slot => value(*slot, &frame.cells),
            })
            .collect();
        let table = self.table_for(step.relation, &pattern)?;
        self.note_call(frame.table, table);
        let Some(called) = self.tables.get(table) else { return Ok(()) };
        if !called.complete {
            self.park(compiled, frame);
            return Ok(());
        }
        let mut groups: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
        let is_bound = |variable: &u32| frame.cells.get(*variable as usize).is_some_and(|value| *value != NONE);
        if by.iter().all(is_bound) {
            groups.insert(by.iter().filter_map(|by| frame.cells.get(*by as usize).copied()).collect(), Vec::new());
        }
        let mut cells = vec![NONE; rule.variables];
        for row in 0..called.len() {
            self.budget.step()?;
            cells.fill(NONE);
            for variable in by {
                if let (Some(cell), Some(value)) =
                    (cells.get_mut(*variable as usize), frame.cells.get(*variable as usize))
                {
                    *cell = *value;
                }
            }
            let fits =
                step.slots.iter().enumerate().all(|(column, slot)| bind(*slot, called.value(row, column), &mut cells));
            if !fits {
                continue;
            }
            let group = by.iter().filter_map(|by| cells.get(*by as usize).copied()).collect();
            let of = cells.get(*gathered as usize).copied().unwrap_or(NONE);
            groups.entry(group).or_default().push(of);
        }
        let saved = frame.clone();
        for (group, values) in groups {
            let terms: Vec<Term> = if *how == quid_core::rule::How::Count {
                vec![quid_core::oxrdf::Literal::from(true).into(); values.len()]
            } else {
                values.iter().filter_map(|value| self.base.term(*value)).collect()
            };
            let Some(result) = self.builtins.gather(*how, &terms) else { continue };
            let result = self.base.intern(&result);
            let fits = by.iter().zip(&group).all(|(by, value)| bind(Slot::Variable(*by), *value, &mut frame.cells))
                && bind(*into, result, &mut frame.cells);
            if fits {
                frame.done |= 1 << at;
                rest_on(frame, rule.variables, at, table, result);
                self.advance(frame)?;
            }
            frame.clone_from(&saved);
        }
        Ok(())
    }

    fn park(&mut self, compiled: &Compiled<'a>, frame: &Frame) {
        let relation = self.tables.get(frame.table).map_or(0, |table| table.relation);
        let layer = compiled.relations.get(relation).map_or(0, |relation| relation.layer);
        self.parked.entry(layer).or_default().push_back(frame.clone());
    }

    fn note_call(&mut self, from: usize, to: usize) {
        if self.compiled.layered
            && let (Some(table), Ok(to)) = (self.tables.get_mut(from), u32::try_from(to))
            && table.calls.last() != Some(&to)
        {
            table.calls.push(to);
        }
    }

    /// All goals are done: the head is an answer.
    fn conclude(&mut self, rule: &Ready<'_>, frame: &Frame) -> Result<(), Stop> {
        let Some(table) = self.tables.get(frame.table) else { return Ok(()) };
        let mut row = self.spare.pop().unwrap_or_default();
        row.clear();
        for (slot, known) in rule.head.iter().zip(table.pattern.iter()) {
            if *known == NONE {
                row.push(value(*slot, &frame.cells));
            }
        }
        if row.contains(&NONE) {
            let relation = rule.relation;
            let pattern: Vec<u32> = rule.head.iter().map(|slot| value(*slot, &frame.cells)).collect();
            let goal = self.literal(relation, &pattern);
            return Err(Stop::Refused(Refusal::Unbound { rule: rule.name.clone().into_owned(), goal }));
        }
        let number = u32::try_from(frame.rule).unwrap_or(NONE);
        self.insert(frame.table, &row, number, &frame.cells)?;
        self.spare.push(row);
        Ok(())
    }

    fn insert(&mut self, at: usize, row: &[u32], first: u32, derivation: &[u32]) -> Result<(), Stop> {
        let Some(table) = self.tables.get_mut(at) else { return Ok(()) };
        let Some((number, bytes)) = table.insert(row, first, derivation) else { return Ok(()) };
        if !table.consumers.is_empty() && !table.waking {
            table.waking = true;
            self.agenda.push_back(Task::Wake(at));
        }
        for index in 0..table.indexes.len() {
            let Some(columns) = table.indexes.get(index).map(|index| index.columns.clone()) else { continue };
            let key = key(columns.iter().map(|column| table.value(number as usize, *column)));
            let Some(bucket) = table.indexes.get_mut(index).and_then(|index| index.buckets.get_mut(&key)) else {
                continue;
            };
            if !bucket.consumers.is_empty() && !bucket.waking {
                bucket.waking = true;
                self.agenda.push_back(Task::WakeBucket(at, index, key));
            }
        }
        let (count, feeds_root) = (table.len(), table.feeds_root);
        self.budget.tuple()?;
        self.budget.hold(bytes)?;
        if at == 0 && count >= self.enough {
            return Err(Stop::Enough);
        }
        if feeds_root && self.enough != usize::MAX && self.handing < MOST_HANDING {
            // A few answers are wanted, so they are not kept waiting until all are found.
            self.handing += 1;
            let mut next = 0;
            while let Some(&consumer) = self.tables.get(at).and_then(|table| table.consumers.get(next)) {
                self.consume(consumer as usize)?;
                next += 1;
            }
            self.handing -= 1;
        }
        Ok(())
    }

    /// What a built-in gives; false when it needs more.
    fn computed(&mut self, relation: usize, pattern: &[u32], out: &mut Vec<u32>) -> Result<bool, Stop> {
        let compiled = Rc::clone(&self.compiled);
        let Some(relation) = compiled.relations.get(relation) else { return Ok(true) };
        let arguments: Vec<Option<Term>> = pattern.iter().map(|number| self.base.term(*number)).collect();
        let Some(found) = self.builtins.complete(&relation.predicate, &arguments) else { return Ok(false) };
        for row in found {
            self.budget.step()?;
            if row.len() != relation.width {
                continue;
            }
            if row.is_empty() {
                out.push(NONE);
            }
            let start = out.len();
            for term in &row {
                out.push(self.base.intern(term));
            }
            // What is known stays as it is.
            let fits = out
                .get(start..)
                .unwrap_or_default()
                .iter()
                .zip(pattern)
                .all(|(value, known)| *known == NONE || value == known);
            if !fits {
                out.truncate(start);
            }
        }
        Ok(true)
    }

    fn unbound(&self, rule: &Ready<'_>, frame: &Frame) -> Stop {
        let goal = rule.body.iter().enumerate().find(|(at, _)| frame.done >> at & 1 == 0).map(|(_, step)| {
            let pattern: Vec<u32> = step.slots.iter().map(|slot| value(*slot, &frame.cells)).collect();
            self.literal(step.relation, &pattern)
        });
        match goal {
            Some(goal) => Stop::Refused(Refusal::Unbound { rule: rule.name.clone().into_owned(), goal }),
            None => Stop::Spent,
        }
    }

    /// A call as a literal; its open arguments are numbered.
    pub(super) fn literal(&self, relation: usize, pattern: &[u32]) -> quid_core::Literal {
        let predicate = self.compiled.relations.get(relation).map(|relation| relation.predicate.clone());
        let argument = |(at, number): (usize, &u32)| match self.base.term(*number) {
            Some(term) => quid_core::Argument::Term(term),
            None => quid_core::Argument::Variable(u32::try_from(at).unwrap_or(0)),
        };
        quid_core::Literal {
            predicate: predicate.unwrap_or_else(|| quid_core::rule::ANSWER.into()),
            arguments: pattern.iter().enumerate().map(argument).collect(),
        }
    }
}

/// Which arguments of a call are known, a bit each.
fn mask_of(pattern: &[u32]) -> u64 {
    pattern.iter().enumerate().fold(0, |mask, (at, value)| mask | u64::from(*value != NONE) << at)
}

fn value(slot: Slot, cells: &[u32]) -> u32 {
    match slot {
        Slot::Constant(number) => number,
        Slot::Variable(number) => cells.get(number as usize).copied().unwrap_or(NONE),
    }
}

fn bind(slot: Slot, value: u32, cells: &mut [u32]) -> bool {
    match slot {
        Slot::Constant(number) => number == value,
        Slot::Variable(number) => match cells.get_mut(number as usize) {
            Some(cell) if *cell == NONE => {
                *cell = value;
                true
            }
            Some(cell) => *cell == value,
            None => false,
        },
    }
}

/// Binds a goal's variables by an answer, and notes that the goal rests on it.
fn take(
    rule: &Ready<'_>,
    step: &Step,
    goal: usize,
    known: &Table,
    table: usize,
    row: usize,
    cells: &mut [u32],
) -> bool {
    let mut open = known.row(row).iter();
    for (slot, fixed) in step.slots.iter().zip(known.pattern.iter()) {
        let value = if *fixed == NONE { open.next().copied().unwrap_or(NONE) } else { *fixed };
        if !bind(*slot, value, cells) {
            return false;
        }
    }
    let start = rule.variables + 2 * goal;
    if let Some([in_table, in_row]) = cells.get_mut(start..start + 2) {
        *in_table = u32::try_from(table).unwrap_or(NONE);
        *in_row = u32::try_from(row).unwrap_or(NONE);
    }
    true
}

fn rest_on(frame: &mut Frame, variables: usize, goal: usize, table: usize, value: u32) {
    let start = variables + 2 * goal;
    if let Some([in_table, in_row]) = frame.cells.get_mut(start..start + 2) {
        *in_table = u32::try_from(table).unwrap_or(NONE);
        *in_row = value;
    }
}
