//! The store as programs that speak SPARQL see it, with what only the whole house can add.
//!
//! What was changed is told to the text index, which is always told last.

use std::sync::Arc;

use quid_core::sparql::{Asked, Author, Changed, Document, Outlet, Trouble, Which};
use quid_core::{Audience, Memory as _, Recall as _, Sparql};
use quid_search::Index;
use quid_store::Keeper;

/// The store and the text index.
pub struct Knowledge {
    /// The store.
    pub keeper: Arc<Keeper>,
    /// The text index.
    pub index: Arc<Index>,
}

impl Knowledge {
    /// Tells the text index of a change.
    fn note(&self, changed: Changed) -> Changed {
        if let Some(seq) = changed.seq {
            let noted = self.keeper.record(seq).and_then(|record| match record {
                Some(record) => self.index.note(seq, &record.added, &record.removed),
                None => Ok(()),
            });
            if let Err(why) = noted {
                // The change is durable; the index catches up at the next start.
                tracing::warn!("the text index was not told of #{seq}: {why}");
            }
        }
        changed
    }
}

impl Sparql for Knowledge {
    fn query(&self, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
        Sparql::query(&*self.keeper, asked, out)
    }

    fn update(&self, asked: &Asked, by: &Author) -> Result<Changed, Trouble> {
        self.keeper.update(asked, by).map(|changed| self.note(changed))
    }

    fn graph(&self, which: &Which, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
        self.keeper.graph(which, asked, out)
    }

    fn has_graph(&self, which: &Which, audience: &Audience) -> Result<bool, Trouble> {
        self.keeper.has_graph(which, audience)
    }

    fn put(
        &self,
        which: &Which,
        documents: &[Document<'_>],
        replace: bool,
        asked: &Asked,
        by: &Author,
    ) -> Result<Changed, Trouble> {
        self.keeper.put(which, documents, replace, asked, by).map(|changed| self.note(changed))
    }

    fn remove(&self, which: &Which, asked: &Asked, by: &Author) -> Result<Changed, Trouble> {
        self.keeper.remove(which, asked, by).map(|changed| self.note(changed))
    }
}
