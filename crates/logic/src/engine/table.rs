//! The answers to one call, each with its first derivation.
//!
//! Only the open arguments of the call are kept; a dozen answers are searched through, more are hashed.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::kernel::Link;
use crate::terms::NONE;

/// Up to so many answers are compared one by one.
const FEW: usize = 8;

/// The first number of a derivation that is no rule's.
pub(super) const STORED: u32 = u32::MAX;
/// As above, for what is computed.
pub(super) const COMPUTED: u32 = u32::MAX - 1;

/// A call and its answers.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // each is asked by itself, and all combinations occur
pub(super) struct Table {
    pub(super) relation: usize,
    /// The call's arguments; `NONE` where it asks.
    pub(super) pattern: Box<[u32]>,
    /// How many of them are open.
    pub(super) width: usize,
    /// All answers are known.
    pub(super) complete: bool,
    /// A task that wakes the consumers is waiting.
    pub(super) waking: bool,
    /// The question itself waits for its answers, directly or through others.
    pub(super) feeds_root: bool,
    pub(super) consumers: Vec<u32>,
    pub(super) indexes: Vec<Index>,
    /// The tables it called, when proofs may need them.
    pub(super) calls: Vec<u32>,
    /// How a search reached its answers, when one did; from the call's second argument when it went backward.
    pub(super) links: Vec<Link>,
    pub(super) backward: bool,
    count: usize,
    rows: Vec<u32>,
    places: Vec<u32>,
    /// Where each answer's derivation begins.
    why: Vec<u32>,
    derivations: Vec<u32>,
}

/// Answers by some of their arguments, and who waits for them.
#[derive(Debug)]
pub(super) struct Index {
    /// Which arguments, two at most.
    pub(super) columns: Vec<usize>,
    pub(super) buckets: FxHashMap<u64, Bucket>,
}

#[derive(Debug, Default)]
pub(super) struct Bucket {
    pub(super) rows: Vec<u32>,
    pub(super) consumers: Vec<u32>,
    pub(super) waking: bool,
}

impl Table {
    pub(super) fn new(relation: usize, pattern: &[u32]) -> Self {
        Self {
            relation,
            width: pattern.iter().filter(|number| **number == NONE).count(),
            pattern: pattern.into(),
            complete: false,
            waking: false,
            feeds_root: false,
            consumers: Vec::new(),
            indexes: Vec::new(),
            calls: Vec::new(),
            links: Vec::new(),
            backward: false,
            count: 0,
            rows: Vec::new(),
            places: Vec::new(),
            why: Vec::new(),
            derivations: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// A call without open arguments that has its answer.
    pub(super) fn is_settled(&self) -> bool {
        self.width == 0 && self.count > 0
    }

    /// The open arguments' values in an answer.
    pub(super) fn row(&self, row: usize) -> &[u32] {
        self.rows.get(row * self.width..(row + 1) * self.width).unwrap_or_default()
    }

    /// All arguments of an answer.
    pub(super) fn fill(&self, row: usize, out: &mut Vec<u32>) {
        let mut open = self.row(row).iter();
        out.extend(self.pattern.iter().map(|&known| if known == NONE { *open.next().unwrap_or(&NONE) } else { known }));
    }

    /// The derivation of an answer: a rule and what its variables and premises were.
    pub(super) fn derivation(&self, row: usize) -> &[u32] {
        if !self.links.is_empty() {
            return &[];
        }
        let start = self.why.get(row).map_or(0, |at| *at as usize);
        let end = self.why.get(row + 1).map_or(self.derivations.len(), |at| *at as usize);
        self.derivations.get(start..end).unwrap_or_default()
    }

    /// Takes in an answer that a search reached for the first time.
    pub(super) fn push_reached(&mut self, row: &[u32], link: u32) {
        self.rows.extend_from_slice(row);
        self.why.push(link);
        self.count += 1;
    }

    /// The link by which a search reached an answer.
    pub(super) fn reached_by(&self, row: usize) -> u32 {
        self.why.get(row).copied().unwrap_or(NONE)
    }

    /// Takes in an answer unless it is there; gives its place and how many bytes it took.
    pub(super) fn insert(&mut self, row: &[u32], first: u32, derivation: &[u32]) -> Option<(u32, usize)> {
        if self.count <= FEW && self.places.is_empty() {
            if (0..self.count).any(|at| self.row(at) == row) {
                return None;
            }
        } else {
            let mask = self.places.len() - 1;
            let mut at = hash(row) & mask;
            loop {
                match self.places.get(at).copied().unwrap_or(0) {
                    0 => break,
                    known if self.row(known as usize - 1) == row => return None,
                    _ => at = (at + 1) & mask,
                }
            }
            if let Some(place) = self.places.get_mut(at) {
                *place = u32::try_from(self.count + 1).ok()?;
            }
        }
        let number = u32::try_from(self.count).ok()?;
        self.rows.extend_from_slice(row);
        self.count += 1;
        self.why.push(u32::try_from(self.derivations.len()).ok()?);
        self.derivations.push(first);
        self.derivations.extend_from_slice(derivation);
        if self.count > FEW && (self.count + 1) * 2 > self.places.len() {
            self.rehash();
        }
        let mut bytes = 4 * (row.len() + derivation.len() + 4);
        for at in 0..self.indexes.len() {
            self.index_row(at, number);
            bytes += 48;
        }
        Some((number, bytes))
    }

    fn rehash(&mut self) {
        let size = (self.count * 4).next_power_of_two().max(64);
        let mut places = vec![0_u32; size];
        for number in 0..self.count {
            let mut at = hash(self.row(number)) & (size - 1);
            while places.get(at).is_some_and(|place| *place != 0) {
                at = (at + 1) & (size - 1);
            }
            if let (Some(place), Ok(number)) = (places.get_mut(at), u32::try_from(number + 1)) {
                *place = number;
            }
        }
        self.places = places;
    }

    /// The index by these arguments, made when it is not there.
    pub(super) fn index(&mut self, columns: &[usize]) -> usize {
        if let Some(known) = self.indexes.iter().position(|index| index.columns == columns) {
            return known;
        }
        self.indexes.push(Index { columns: columns.to_vec(), buckets: FxHashMap::default() });
        let at = self.indexes.len() - 1;
        for row in 0..self.count {
            self.index_row(at, u32::try_from(row).unwrap_or(NONE));
        }
        at
    }

    fn index_row(&mut self, index: usize, row: u32) {
        let Some(columns) = self.indexes.get(index).map(|index| index.columns.clone()) else { return };
        let key = key(columns.iter().map(|column| self.value(row as usize, *column)));
        if let Some(index) = self.indexes.get_mut(index) {
            index.buckets.entry(key).or_default().rows.push(row);
        }
    }

    /// One argument of an answer.
    pub(super) fn value(&self, row: usize, column: usize) -> u32 {
        match self.pattern.get(column) {
            Some(&NONE) => {
                let before = self.pattern.iter().take(column).filter(|number| **number == NONE).count();
                self.row(row).get(before).copied().unwrap_or(NONE)
            }
            Some(&known) => known,
            None => NONE,
        }
    }
}

/// A key of two numbers at most.
pub(super) fn key(values: impl Iterator<Item = u32>) -> u64 {
    values.take(2).fold(1, |key, value| (key << 32) | u64::from(value))
}

fn hash(row: &[u32]) -> usize {
    let mut hasher = FxHasher::default();
    for value in row {
        hasher.write_u32(*value);
    }
    usize::try_from(hasher.finish() & 0xffff_ffff).unwrap_or(0)
}
