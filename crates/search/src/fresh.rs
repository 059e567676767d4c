//! The changes that are not yet committed to the index, searched beside it.
//!
//! A commit takes 16 ms, far longer than a line of chat may; so a change waits here, is found from here, and is
//! committed together with others.

use std::collections::BTreeMap;

use quid_core::oxrdf::Quad;

use crate::document::{Entry, Identity};

/// What became of a quad since the last commit.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// It is there, found by these words.
    Added(Box<Entry>, Vec<String>),
    /// It is gone.
    Removed,
}

/// The waiting changes, the latest for each quad.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    changes: BTreeMap<Identity, (u64, Change)>,
    /// Counts every change, so that a commit clears only what it took.
    clock: u64,
    bytes: usize,
    /// The journal's number up to which everything has been told.
    pub noted: u64,
}

/// What a commit takes with it.
pub(crate) struct Batch {
    pub changes: Vec<(Identity, Change)>,
    pub noted: u64,
    clock: u64,
}

impl Fresh {
    /// Nothing waits; the committed index is complete up to `seq`.
    pub fn since(seq: u64) -> Self {
        Self { noted: seq, ..Self::default() }
    }

    /// Takes in a change of the journal; `look` looks up what an entry means and cuts its text into words.
    pub fn note(
        &mut self,
        seq: u64,
        added: &[Quad],
        removed: &[Quad],
        mut look: impl FnMut(&mut Entry) -> Vec<String>,
    ) {
        for entry in removed.iter().filter_map(Entry::of) {
            self.put(entry.identity, Change::Removed, 0);
        }
        for mut entry in added.iter().filter_map(Entry::of) {
            let words = look(&mut entry);
            let size = entry.size();
            self.put(entry.identity.clone(), Change::Added(Box::new(entry), words), size);
        }
        self.noted = self.noted.max(seq);
    }

    fn put(&mut self, identity: Identity, change: Change, size: usize) {
        self.clock += 1;
        self.bytes += size;
        self.changes.insert(identity, (self.clock, change));
    }

    /// Forgets what waits for a graph that goes as a whole.
    pub fn drop_graph(&mut self, graph: &str) {
        self.changes.retain(|identity, _| identity.graph != graph);
    }

    /// How many quads changed.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// About how many bytes have come in since the last commit.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the index's own document for this quad is out of date.
    pub fn overrides(&self, identity: &Identity) -> bool {
        self.changes.contains_key(identity)
    }

    /// What was added, in the order of graph and subject.
    pub fn added(&self) -> impl Iterator<Item = (&Entry, &[String])> {
        self.changes.values().filter_map(|(_, change)| match change {
            Change::Added(entry, words) => Some((entry.as_ref(), words.as_slice())),
            Change::Removed => None,
        })
    }

    /// A copy of everything that waits.
    pub fn batch(&self) -> Batch {
        let changes = self.changes.iter().map(|(identity, (_, change))| (identity.clone(), change.clone())).collect();
        Batch { changes, noted: self.noted, clock: self.clock }
    }

    /// The batch is committed: forgets it, but not what changed again meanwhile.
    pub fn settle(&mut self, batch: &Batch) {
        self.changes.retain(|_, (at, _)| *at > batch.clock);
        if self.changes.is_empty() {
            self.bytes = 0;
        }
    }
}
