//! Loads dumps: many quads, one commit.
//!
//! Two threads and a larger memory make segments that need no merging; the index answers from its old state
//! until [`Bulk::finish`], and an abandoned load leaves no trace.

use std::collections::HashSet;
use std::sync::MutexGuard;

use quid_core::oxrdf::{GraphName, Quad};
use tantivy::{IndexWriter, Term};

use crate::document::Entry;
use crate::meaning::MOST_ROWS;
use crate::{Index, SearchError};

const THREADS: usize = 2;
const HEAP: usize = 100_000_000;

/// A load under way. It brings each of its graphs whole: what the index had of a graph goes when the first quad
/// of that graph comes.
pub struct Bulk<'a> {
    index: &'a Index,
    slot: MutexGuard<'a, Option<IndexWriter>>,
    replaced: HashSet<String>,
    /// Nothing was there before, so nothing need be replaced.
    empty: bool,
    /// What comes may be there already.
    overlapping: bool,
    added: u64,
    /// Texts of which the meaning is kept.
    rows: u64,
    finished: bool,
}

impl Index {
    /// Begins a load. Other changes wait until it is finished or dropped; searches do not.
    ///
    /// # Errors
    /// [`SearchError::Failed`] or [`SearchError::Directory`].
    pub fn bulk(&self) -> Result<Bulk<'_>, SearchError> {
        let mut slot = self.writer();
        // The small writer must go before the large one can have the directory's lock.
        *slot = None;
        *slot = Some(self.new_writer(THREADS, HEAP)?);
        let (replaced, empty, rows) = (HashSet::new(), self.is_empty(), self.rows()?);
        Ok(Bulk { index: self, slot, replaced, empty, overlapping: false, added: 0, rows, finished: false })
    }
}

impl Bulk<'_> {
    /// Takes a quad in, if it carries text.
    ///
    /// # Errors
    /// [`SearchError::Failed`]; then the whole load is lost.
    pub fn add(&mut self, quad: &Quad) -> Result<(), SearchError> {
        let Some(mut entry) = Entry::of(quad) else { return Ok(()) };
        if self.rows < MOST_ROWS {
            entry.meaning = self.index.meaning(&entry).map(Box::new);
            self.rows += u64::from(entry.meaning.is_some());
        }
        let writer = self.index.writer_in(&mut self.slot)?;
        if !self.empty
            && let GraphName::NamedNode(graph) = &quad.graph_name
            && !self.replaced.contains(graph.as_str())
        {
            writer.delete_term(Term::from_field_text(self.index.fields.graph, graph.as_str()));
            self.replaced.insert(graph.as_str().to_owned());
        }
        if self.overlapping {
            let again = self.index.fields.exactly(&entry.identity);
            writer.delete_query(again).map_err(SearchError::failed("adding to the text index"))?;
        }
        writer
            .add_document(self.index.fields.document(&entry))
            .map_err(SearchError::failed("adding to the text index"))?;
        self.added += 1;
        Ok(())
    }

    /// Says that what the index has of a graph stays: a load goes on where an earlier one was cut short. Texts that
    /// the earlier one had indexed already, after its last mark, are recognised until the next [`Self::commit`].
    pub fn go_on(&mut self, graph: &str) {
        self.replaced.insert(graph.to_owned());
        self.overlapping = true;
    }

    /// Commits what was added so far; the load goes on. Returns how many documents the index has now.
    ///
    /// # Errors
    /// [`SearchError::Failed`]; then the whole load is lost.
    pub fn commit(&mut self) -> Result<u64, SearchError> {
        self.index.commit(&mut self.slot)?;
        self.overlapping = false;
        Ok(self.index.len())
    }

    /// Commits the load, and with it everything noted so far. `seq` is the journal's number up to which the
    /// load itself is complete: the store's last one when the load was everything stored, 0 for a dump.
    /// Returns the number of documents.
    ///
    /// # Errors
    /// [`SearchError::Failed`]; then the index is as it was before the load.
    pub fn finish(mut self, seq: u64) -> Result<u64, SearchError> {
        self.index.complete_to(seq);
        self.index.commit(&mut self.slot)?;
        self.finished = true;
        Ok(self.added)
    }
}

impl Drop for Bulk<'_> {
    fn drop(&mut self) {
        let Some(mut writer) = self.slot.take() else { return };
        let ended = if self.finished { writer.wait_merging_threads() } else { writer.rollback().map(|_| drop(writer)) };
        if let Err(error) = ended {
            tracing::warn!("ending a load of the text index: {error}");
        }
        if let Err(error) = self.index.writer_in(&mut self.slot) {
            tracing::warn!("{error}");
        }
    }
}
