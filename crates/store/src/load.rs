//! Loads dumps, removes them, and gives them back.
//!
//! A dump is one graph. Loading is marked before and after in `sources.json`, so that a load that was cut short
//! is known at the next start; the engine's bulk loader takes all of it or nothing.

use std::{io::Write, sync::PoisonError};

use oxigraph::{
    io::{RdfFormat, RdfSerializer},
    store::{BulkLoader, Store},
};
use quid_core::{
    Source, Time,
    oxrdf::{NamedNode, NamedNodeRef, Quad, Term},
    vocabulary as v,
};

use crate::{
    Keeper, StoreError, backing,
    catalogue::{Catalogue, Entry, State},
};

/// Memory for the bulk loader's batches, which bounds the peak of a load.
pub(crate) const LOADER_MEGABYTES: usize = 700;
/// From how many quads on a load is worth a tidying of the whole store, which takes seconds.
pub(crate) const SETTLED: u64 = 100_000;
/// How many quads are removed in one transaction.
const REMOVED_AT_ONCE: usize = 20_000;
/// The name under which people's statements are exported.
pub(crate) const SAID: &str = "said";

/// What is told about a dump when it is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Dump<'a> {
    /// Its short name, part of its graph's IRI (`wordnet-3.0`).
    pub name: &'a str,
    /// As people call it (`WordNet 3.0`).
    pub title: &'a str,
    /// Under which licence it is given.
    pub licence: &'a str,
    /// When it is loaded.
    pub at: Time,
}

impl Keeper {
    /// Loads a dump into its own graph, in the place of an earlier load of that name; gives how many quads came.
    ///
    /// Whatever graph the quads carry is replaced. All of them are taken, or, when it fails, none.
    ///
    /// # Errors
    /// [`StoreError`]; the dump is then marked as interrupted until it is loaded or removed.
    pub fn load(&self, dump: &Dump<'_>, quads: &mut dyn Iterator<Item = Quad>) -> Result<u64, StoreError> {
        if dump.name.is_empty() || dump.name == SAID {
            return Err(StoreError::Refused(format!("`{}` is not a name for a dump", dump.name)));
        }
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = |quads, state| Entry {
            name: dump.name.to_owned(),
            title: dump.title.to_owned(),
            licence: dump.licence.to_owned(),
            at: dump.at,
            quads,
            state,
            key: String::new(),
            files: Vec::new(),
        };
        let graph = Source::Dump(dump.name.to_owned()).graph();
        self.record_catalogue(|catalogue| catalogue.put(entry(0, State::Loading)))?;
        clear(&self.store, graph.as_ref())?;
        self.cache.forget();
        let mut count = 0;
        let mut loader: BulkLoader<'_> = self.store.bulk_loader().with_max_memory_size_in_megabytes(LOADER_MEGABYTES);
        loader
            .load_quads(quads.map(|mut quad| {
                count += 1;
                quad.graph_name = graph.clone().into();
                quad
            }))
            .map_err(StoreError::engine("loading"))?;
        loader.commit().map_err(StoreError::engine("loading"))?;
        self.cache.forget();
        if count >= SETTLED {
            // Else the engine tidies behind the first questions and slows their answers.
            backing::settle(&self.store).map_err(StoreError::engine("settling the load"))?;
        }
        backing::flush(&self.store).map_err(StoreError::engine("making the load durable"))?;
        self.record_catalogue(|catalogue| catalogue.put(entry(count, State::Loaded)))?;
        Ok(count)
    }

    /// Writes a source as N-Quads; gives how many. `said` is all statements, each with its provenance.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is not loaded; else what failed.
    pub fn export(&self, name: &str, out: &mut dyn Write) -> Result<u64, StoreError> {
        let mut writer = RdfSerializer::from_format(RdfFormat::NQuads).for_writer(out);
        let mut count = 0;
        let mut put = |quad: &Quad| {
            count += 1;
            writer.serialize_quad(quad).map_err(StoreError::file("writing N-Quads"))
        };
        if name != SAID {
            let names = self.sources_of(name);
            if names.is_empty() {
                self.entry(name)?;
            }
            for name in names {
                for quad in self.stored(Some(&Source::Dump(name).graph())) {
                    put(&quad?)?;
                }
            }
            writer.finish().map_err(StoreError::file("writing N-Quads"))?;
            return Ok(count);
        }
        let mut agents = std::collections::BTreeSet::new();
        for seq in 1..=self.journal.last() {
            let Some(statement) = self.journal.record(seq)?.and_then(|record| record.statement()) else { continue };
            for quad in self.stored(Some(&statement)) {
                put(&quad?)?;
            }
            for quad in self.provenance(&statement) {
                let quad = quad?;
                if let Term::NamedNode(agent) = &quad.object
                    && quad.predicate.as_ref() == v::ATTRIBUTED_TO
                    && agents.insert(agent.clone())
                {
                    for label in self.provenance(agent) {
                        put(&label?)?;
                    }
                }
                put(&quad)?;
            }
        }
        writer.finish().map_err(StoreError::file("writing N-Quads"))?;
        Ok(count)
    }

    fn provenance(&self, subject: &NamedNode) -> impl Iterator<Item = Result<Quad, StoreError>> + use<> {
        self.store
            .quads_for_pattern(Some(subject.as_ref().into()), None, None, Some(v::PROVENANCE_GRAPH.into()))
            .map(|quad| quad.map_err(StoreError::engine("reading provenance")))
    }

    pub(crate) fn entry(&self, name: &str) -> Result<Entry, StoreError> {
        let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
        catalogue.get(name).cloned().ok_or_else(|| {
            let names: Vec<&str> = catalogue.dumps.iter().map(|entry| entry.name.as_str()).collect();
            let known =
                if names.is_empty() { "nothing is".to_owned() } else { format!("these are: {}", names.join(", ")) };
            StoreError::Refused(format!("`{name}` is not loaded; {known}"))
        })
    }

    pub(crate) fn record_catalogue(&self, change: impl FnOnce(&mut Catalogue)) -> Result<(), StoreError> {
        let mut catalogue = self.catalogue.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = catalogue.clone();
        change(&mut next);
        if let Some(home) = &self.home {
            next.write(home)?;
        }
        *catalogue = next;
        Ok(())
    }
}

/// Removes every quad of a graph, a part at a time; gives how many. One thread reads and one removes.
pub(crate) fn clear(store: &Store, graph: NamedNodeRef<'_>) -> Result<u64, StoreError> {
    let failed = || StoreError::engine("removing a source");
    let (read, parts) = std::sync::mpsc::sync_channel::<Result<Vec<Quad>, StoreError>>(2);
    let removed = std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut quads = store.quads_for_pattern(None, None, None, Some(graph.into()));
            loop {
                let part = quads.by_ref().take(REMOVED_AT_ONCE).collect::<Result<Vec<_>, _>>().map_err(failed());
                let last = part.as_ref().map_or(true, Vec::is_empty);
                if read.send(part).is_err() || last {
                    break;
                }
            }
        });
        let mut removed = 0;
        for part in parts {
            let part = part?;
            let mut transaction = store.start_transaction().map_err(failed())?;
            for quad in &part {
                transaction.remove(quad);
            }
            transaction.commit().map_err(failed())?;
            removed += part.len() as u64;
        }
        Ok(removed)
    })?;
    store.remove_named_graph(graph).map_err(failed())?;
    Ok(removed)
}
