//! Relations as rows of numbers: look-ups that were made, and whole relations where that pays.
//!
//! A look-up goes to the store first and is remembered. Only when a whole relation is asked for, or so many look-ups
//! were made that reading all of it would have cost less, it is read whole; a relation too large for that is read
//! look-up by look-up for ever, slower but right.

use std::ops::ControlFlow;

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::{Budget, Facts, budget::Spent, columns, source};
use rustc_hash::{FxHashMap, FxHashSet};

use super::adjacency::Pairs;
use crate::Halt;
use crate::terms::{NONE, Terms};

/// After so many look-ups a relation is read whole: at ten microseconds each they cost what reading some ten
/// thousand facts at once does.
const WORTH_IT: usize = 4_000;

/// A relation of the shelf.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) predicate: NamedNode,
    pub(super) width: usize,
    /// Look-ups and the rows they found that everybody may see.
    points: FxHashMap<Box<[u32]>, Box<[u32]>>,
    asked: usize,
    whole: Option<Whole>,
    /// It was found to be too large to be kept whole.
    too_large: bool,
    /// Rows of which not everybody may know, and their graphs.
    private: Vec<(Box<[u32]>, u32)>,
    size: usize,
    /// When it was used last.
    pub(super) used: u64,
}

#[derive(Debug)]
enum Whole {
    Pairs(Box<Pairs>),
    Wide { rows: Vec<u32>, by: Vec<Option<FxHashMap<u32, Vec<u32>>>> },
}

/// Where rows are read from that are not on the shelf.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// The facts as this question sees them; with a feed, as everybody together sees them.
    pub(crate) facts: &'a dyn Facts,
    /// The question's own view, which knows whose private graphs it shows.
    pub(crate) view: &'a dyn Facts,
    pub(crate) budget: &'a Budget<'a>,
    /// The most bytes the shelf may take.
    pub(crate) most: usize,
}

impl Reading<'_> {
    fn is_public(&self, graph: &NamedNode) -> bool {
        self.view.feed().is_none() || source::is_public(graph.as_str())
    }

    fn shows(&self, graph: Option<Term>) -> bool {
        match (self.view.feed(), graph) {
            (Some(feed), Some(Term::NamedNode(graph))) => feed.shows(&graph),
            _ => false,
        }
    }
}

/// A dictionary and relations.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) terms: Terms,
    relations: Vec<Kept>,
    named: FxHashMap<String, Vec<usize>>,
    pub(super) clock: u64,
}

impl Shelf {
    /// The place of a relation.
    pub(crate) fn relation(&mut self, predicate: &NamedNode, width: usize) -> usize {
        let known = self.named.get(predicate.as_str()).into_iter().flatten();
        for &at in known {
            if let Some(kept) = self.relations.get_mut(at).filter(|kept| kept.width == width) {
                kept.used = self.clock;
                return at;
            }
        }
        self.relations.push(Kept {
            predicate: predicate.clone(),
            width,
            points: FxHashMap::default(),
            asked: 0,
            whole: None,
            too_large: false,
            private: Vec::new(),
            size: 0,
            used: self.clock,
        });
        self.named.entry(predicate.as_str().to_owned()).or_default().push(self.relations.len() - 1);
        self.relations.len() - 1
    }

    pub(super) fn relations(&mut self) -> impl Iterator<Item = &mut Kept> {
        self.relations.iter_mut()
    }

    /// How many bytes it takes, about.
    pub(crate) fn size(&self) -> usize {
        self.terms.size() + self.relations.iter().map(Kept::size).sum::<usize>()
    }

    /// How many terms are known, and how many bytes of relations and of dictionary are kept.
    pub(crate) fn measure(&self) -> (usize, usize, usize) {
        (self.terms.len(), self.relations.iter().map(Kept::size).sum(), self.terms.size())
    }

    /// Whether something of a relation is kept whole.
    pub(crate) fn is_anything(&self, relation: usize) -> bool {
        self.relations.get(relation).is_some_and(|kept| match &kept.whole {
            Some(Whole::Pairs(pairs)) => pairs.len() > 0,
            Some(Whole::Wide { rows, .. }) => !rows.is_empty(),
            None => false,
        })
    }

    /// The pairs of a relation, when it is kept whole and hides nothing from anybody.
    pub(crate) fn pairs(&self, relation: usize) -> Option<&Pairs> {
        let kept = self.relations.get(relation)?;
        match &kept.whole {
            Some(Whole::Pairs(pairs)) if kept.private.is_empty() => Some(pairs),
            _ => None,
        }
    }

    /// Whether nothing at all is stored of a relation; if so, that is kept.
    pub(crate) fn is_empty(&mut self, relation: usize, reading: &Reading<'_>) -> Result<bool, Halt> {
        let Some(kept) = self.relations.get_mut(relation) else { return Ok(true) };
        match &kept.whole {
            Some(Whole::Pairs(pairs)) => return Ok(pairs.len() == 0 && kept.private.is_empty()),
            Some(Whole::Wide { rows, .. }) => return Ok(rows.is_empty() && kept.private.is_empty()),
            None => {}
        }
        let mut empty = true;
        columns::each(&kept.predicate, &vec![None; kept.width], reading.facts, &mut |_, _| {
            empty = false;
            ControlFlow::Break(())
        })?;
        if empty && kept.width == 2 {
            kept.whole = Some(Whole::Pairs(Box::default()));
        }
        Ok(empty)
    }

    /// Reads a relation whole unless it is too large.
    pub(crate) fn load(&mut self, relation: usize, reading: &Reading<'_>) -> Result<(), Halt> {
        let room = reading.most.saturating_sub(self.size());
        let (Some(kept), terms) = (self.relations.get_mut(relation), &mut self.terms) else { return Ok(()) };
        if kept.whole.is_some() || kept.too_large || kept.width == 0 {
            return Ok(());
        }
        let before = terms.size();
        let mut rows: Vec<u32> = Vec::new();
        let mut private = Vec::new();
        let (mut spent, mut full): (Result<(), Spent>, bool) = (Ok(()), false);
        columns::each(&kept.predicate, &vec![None; kept.width], reading.facts, &mut |row, graph| {
            spent = reading.budget.step();
            // Rows, and with them both directions.
            full = 12 * rows.len() + terms.size() - before > room;
            if spent.is_err() || full {
                return ControlFlow::Break(());
            }
            if reading.is_public(graph) {
                rows.extend(row.iter().map(|term| terms.intern(term)));
            } else {
                let numbers: Box<[u32]> = row.iter().map(|term| terms.intern(term)).collect();
                private.push((numbers, terms.intern(&Term::from(graph.clone()))));
            }
            ControlFlow::Continue(())
        })?;
        spent?;
        terms.settle();
        kept.too_large = full;
        if full {
            return Ok(());
        }
        drop_repeated(&mut rows, kept.width);
        kept.whole = Some(if kept.width == 2 {
            Whole::Pairs(Box::new(Pairs::new(&rows)))
        } else {
            rows.shrink_to_fit();
            Whole::Wide { rows, by: (0..kept.width).map(|_| None).collect() }
        });
        kept.points = FxHashMap::default();
        kept.private = private;
        kept.size = 0;
        Ok(())
    }

    /// About how many rows fit a pattern.
    pub(crate) fn estimate(&self, relation: usize, pattern: impl Iterator<Item = u32>) -> u64 {
        let Some(kept) = self.relations.get(relation) else { return 1 };
        let (mut known, mut first, mut second) = (0, NONE, NONE);
        for (at, value) in pattern.enumerate() {
            known += usize::from(value != NONE);
            if at == 0 {
                first = value;
            } else {
                second = value;
            }
        }
        match (&kept.whole, known) {
            (_, known) if known == kept.width => 0,
            (Some(Whole::Pairs(pairs)), 0) => pairs.len() as u64,
            (Some(Whole::Pairs(pairs)), _) if first != NONE => pairs.degree(first, false) as u64,
            (Some(Whole::Pairs(pairs)), _) => pairs.degree(second, true) as u64,
            (Some(Whole::Wide { rows, .. }), 0) => (rows.len() / kept.width.max(1)) as u64,
            (Some(Whole::Wide { rows, .. }), known) => (rows.len() / kept.width.max(1) / 8 / known) as u64,
            (None, 0) => 100_000,
            (None, known) => 12 / known as u64,
        }
    }

    /// Appends every row that fits a pattern, each once, as this question sees it.
    pub(crate) fn rows(
        &mut self,
        relation: usize,
        pattern: &[u32],
        out: &mut Vec<u32>,
        reading: &Reading<'_>,
    ) -> Result<(), Halt> {
        let start = out.len();
        let open = pattern.iter().all(|value| *value == NONE);
        let Some(kept) = self.relations.get_mut(relation) else { return Ok(()) };
        if kept.whole.is_none() && (open || kept.asked > WORTH_IT) && !kept.too_large {
            self.load(relation, reading)?;
        }
        let Some(kept) = self.relations.get_mut(relation) else { return Ok(()) };
        let width = kept.width;
        match &mut kept.whole {
            Some(Whole::Pairs(pairs)) => match *pattern {
                [NONE, NONE] => pairs.all().for_each(|(from, to)| out.extend([from, to])),
                [from, NONE] => pairs.each(from, false, |to| out.extend([from, to])),
                [NONE, to] => pairs.each(to, true, |from| out.extend([from, to])),
                [from, to] if pairs.contains(from, to) => out.extend([from, to]),
                _ => {}
            },
            Some(Whole::Wide { rows, by }) => wide(rows, by, pattern, out),
            None => {
                if let Some(known) = kept.points.get(pattern) {
                    out.extend_from_slice(known);
                } else {
                    kept.asked += 1;
                    self.look_up(relation, pattern, out, reading)?;
                }
            }
        }
        let found = (out.len() - start) / width.max(1);
        reading.budget.take(found as u64)?;
        self.add_private(relation, pattern, start, out, reading);
        Ok(())
    }

    /// Asks the store, and remembers what everybody may see.
    fn look_up(
        &mut self,
        relation: usize,
        pattern: &[u32],
        out: &mut Vec<u32>,
        reading: &Reading<'_>,
    ) -> Result<(), Halt> {
        let full = self.terms.size() > reading.most;
        let (Some(kept), terms) = (self.relations.get_mut(relation), &mut self.terms) else { return Ok(()) };
        let start = out.len();
        let arguments: Vec<Option<Term>> = pattern.iter().map(|number| terms.term(*number)).collect();
        let mut spent: Result<(), Spent> = Ok(());
        columns::each(&kept.predicate, &arguments, reading.facts, &mut |row, graph| {
            spent = reading.budget.step();
            if spent.is_err() {
                return ControlFlow::Break(());
            }
            if reading.is_public(graph) {
                out.extend(row.iter().map(|term| terms.intern(term)));
            } else {
                let numbers: Box<[u32]> = row.iter().map(|term| terms.intern(term)).collect();
                let entry = (numbers, terms.intern(&Term::from(graph.clone())));
                if !kept.private.contains(&entry) {
                    kept.private.push(entry);
                }
            }
            ControlFlow::Continue(())
        })?;
        spent?;
        let mut found = out.split_off(start);
        drop_repeated(&mut found, kept.width);
        out.extend_from_slice(&found);
        if !full {
            kept.size += 4 * (found.len() + pattern.len()) + 64;
            kept.points.insert(pattern.into(), found.into());
        }
        Ok(())
    }

    fn add_private(&self, relation: usize, pattern: &[u32], start: usize, out: &mut Vec<u32>, reading: &Reading<'_>) {
        let Some(kept) = self.relations.get(relation).filter(|kept| !kept.private.is_empty()) else { return };
        for (row, graph) in &kept.private {
            let fits = row.iter().zip(pattern).all(|(value, wanted)| *wanted == NONE || value == wanted);
            let there =
                || out.get(start..).unwrap_or_default().chunks_exact(kept.width.max(1)).any(|other| *other == **row);
            if fits && reading.shows(self.terms.term(*graph)) && !there() {
                out.extend_from_slice(row);
            }
        }
    }

    /// Takes note that a triple was written or removed: what was remembered of it is read anew.
    pub(crate) fn touch(
        &mut self,
        subject: &Term,
        predicate: &NamedNode,
        object: &Term,
        reading: &Reading<'_>,
    ) -> Result<(), Halt> {
        if let Some((relation, width, _)) = columns::of_column(predicate) {
            self.forget(&relation, width);
        }
        if let Term::NamedNode(class) = object
            && *predicate == quid_core::vocabulary::TYPE
        {
            self.forget(class, 1);
        }
        let Some(at) = self.find(predicate, 2) else { return Ok(()) };
        let (from, to) = (self.terms.intern(subject), self.terms.intern(object));
        let (mut public, mut private) = (false, Vec::new());
        reading.facts.each(Some(subject), Some(predicate.as_ref()), Some(object), &mut |fact| {
            if reading.is_public(&fact.graph) {
                public = true;
            } else {
                private.push(Term::from(fact.graph.clone()));
            }
            ControlFlow::Continue(())
        })?;
        let private: Vec<u32> = private.iter().map(|graph| self.terms.intern(graph)).collect();
        let Some(kept) = self.relations.get_mut(at) else { return Ok(()) };
        for pattern in [[from, NONE], [NONE, to], [from, to], [NONE, NONE]] {
            kept.points.remove(pattern.as_slice());
        }
        kept.private.retain(|(row, _)| **row != [from, to]);
        kept.private.extend(private.into_iter().map(|graph| (Box::from([from, to]), graph)));
        if let Some(Whole::Pairs(pairs)) = &mut kept.whole {
            pairs.set(from, to, public);
            if pairs.is_worn() {
                kept.drop_rows();
            }
        }
        Ok(())
    }

    fn find(&self, predicate: &NamedNode, width: usize) -> Option<usize> {
        let known = self.named.get(predicate.as_str())?;
        known.iter().copied().find(|at| self.relations.get(*at).is_some_and(|kept| kept.width == width))
    }

    fn forget(&mut self, predicate: &NamedNode, width: usize) {
        if let Some(kept) = self.find(predicate, width).and_then(|at| self.relations.get_mut(at)) {
            kept.drop_rows();
        }
    }
}

impl Kept {
    /// Forgets what was read of it.
    pub(super) fn drop_rows(&mut self) {
        self.points = FxHashMap::default();
        self.private = Vec::new();
        (self.whole, self.size, self.asked, self.too_large) = (None, 0, 0, false);
    }

    pub(super) fn size(&self) -> usize {
        let whole = match &self.whole {
            Some(Whole::Pairs(pairs)) => pairs.size(),
            Some(Whole::Wide { rows, by }) => {
                4 * rows.capacity() + by.iter().flatten().map(|index| 48 * index.len() + rows.len()).sum::<usize>()
            }
            None => 0,
        };
        self.size + whole + 48 * self.private.len()
    }
}

/// The rows of a wider relation that fit, by an index on the first known argument.
fn wide(rows: &[u32], by: &mut [Option<FxHashMap<u32, Vec<u32>>>], pattern: &[u32], out: &mut Vec<u32>) {
    let width = pattern.len();
    let fits = |row: &[u32]| row.iter().zip(pattern).all(|(value, wanted)| *wanted == NONE || value == wanted);
    let Some((column, value)) = pattern.iter().enumerate().find(|(_, value)| **value != NONE) else {
        out.extend_from_slice(rows);
        return;
    };
    let Some(index) = by.get_mut(column) else { return };
    let index = index.get_or_insert_with(|| {
        let mut index: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (at, row) in rows.chunks_exact(width).enumerate() {
            if let (Some(value), Ok(at)) = (row.get(column), u32::try_from(at)) {
                index.entry(*value).or_default().push(at);
            }
        }
        index
    });
    for &at in index.get(value).into_iter().flatten() {
        let start = at as usize * width;
        if let Some(row) = rows.get(start..start + width).filter(|row| fits(row)) {
            out.extend_from_slice(row);
        }
    }
}

/// The same statement may stand in several graphs.
fn drop_repeated(rows: &mut Vec<u32>, width: usize) {
    if width == 0 || rows.len() <= width {
        return;
    }
    let mut kept = 0;
    if width <= 2 {
        let mut seen = FxHashSet::with_capacity_and_hasher(rows.len() / width, rustc_hash::FxBuildHasher);
        for at in 0..rows.len() / width {
            let row = rows.get(at * width..(at + 1) * width).unwrap_or_default();
            let key = row.iter().fold(0_u64, |key, value| key << 32 | u64::from(*value));
            if seen.insert(key) {
                rows.copy_within(at * width..(at + 1) * width, kept);
                kept += width;
            }
        }
    } else {
        let mut seen: FxHashSet<Box<[u32]>> = FxHashSet::default();
        for at in 0..rows.len() / width {
            let row: Box<[u32]> = rows.get(at * width..(at + 1) * width).unwrap_or_default().into();
            if seen.insert(row) {
                rows.copy_within(at * width..(at + 1) * width, kept);
                kept += width;
            }
        }
    }
    rows.truncate(kept);
}
