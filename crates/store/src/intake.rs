//! Takes dumps in part by part: any number of sources at once, each its own graph, with marks to go on from.
//!
//! Between two marks the engine's bulk loader takes everything or nothing, and `sources.json` says how far it is.
//! A load that is killed is thus either gone on with from the last mark, or removed; nothing in between is ever
//! taken for whole.

use std::sync::PoisonError;

use oxigraph::store::BulkLoader;
use quid_core::{
    Source, Time,
    oxrdf::{NamedNode, Quad},
    ports::LoadedFile,
};

use crate::{
    Keeper, StoreError, backing,
    catalogue::{Entry, State, Unfinished},
    load::{LOADER_MEGABYTES, SAID, SETTLED, clear},
    sweep,
    writer::Order,
};

/// A load: which dump, from what, when.
#[derive(Clone, Copy, Debug)]
pub struct Intake<'a> {
    /// The dump's name: its sources are called so, or begin with it and a slash.
    pub name: &'a str,
    /// What it is loaded from and how, to see whether a later load is the same.
    pub key: &'a str,
    /// When.
    pub at: Time,
    /// Go on where an earlier one was cut short, rather than from nothing.
    pub resumed: bool,
}

/// One source of a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSource {
    /// Its short name, part of its graph's IRI.
    pub name: String,
    /// As people call it.
    pub title: String,
    /// Under which licence it is given.
    pub licence: String,
}

/// What a load brings, in order.
#[derive(Debug)]
pub enum Part {
    /// A source whose quads come next, or later.
    Source(NewSource),
    /// Quads in the graphs of sources that were told.
    Quads(Vec<Quad>),
    /// Everything so far can be made durable; the load can go on from here.
    Mark(Mark),
    /// The end: nothing is missing.
    End {
        /// From what and how it was loaded, complete.
        key: String,
        /// Quads of each source.
        counts: Vec<(String, u64)>,
        /// What it was read from.
        files: Vec<LoadedFile>,
    },
}

/// A place in a dump from which its loading can go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// In the words of the dump's reader.
    pub place: String,
    /// Quads of each source so far.
    pub counts: Vec<(String, u64)>,
}

/// A load that was cut short and can be gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumable {
    /// From what it was loaded: [`Intake::key`].
    pub key: String,
    /// How far it was.
    pub mark: Mark,
    /// How many texts the index had.
    pub texts: u64,
}

impl Keeper {
    /// How far an interrupted load of this name is, when it can be gone on with.
    #[must_use]
    pub fn resumable(&self, name: &str) -> Option<Resumable> {
        let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
        let load = catalogue.unfinished.iter().find(|load| load.name == name)?;
        let mark = Mark { place: load.place.clone(), counts: load.counts.clone() };
        Some(Resumable { key: load.key.clone(), mark, texts: load.texts })
    }

    /// The key of a dump that is loaded whole; `None` when it is not, or only in part.
    #[must_use]
    pub fn loaded_from(&self, name: &str) -> Option<String> {
        let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
        let mut sources = catalogue.of(name).peekable();
        sources.peek()?;
        let key = sources.next()?.key.clone();
        let whole = catalogue.of(name).all(|entry| entry.state == State::Loaded && entry.key == key);
        (whole && !key.is_empty()).then_some(key)
    }

    /// The names of the sources of a dump, whole or not.
    #[must_use]
    pub fn sources_of(&self, name: &str) -> Vec<String> {
        let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
        catalogue.of(name).map(|entry| entry.name.clone()).collect()
    }

    /// Takes a dump in. `at_mark` is called when everything up to a mark is durable here, to make the rest of the
    /// house so; it gives the number of texts then. Gives how many quads the dump has.
    ///
    /// # Errors
    /// [`StoreError`]. What was taken up to the last mark stays, marked as interrupted; a load without marks
    /// leaves nothing but that.
    pub fn take_in(
        &self,
        intake: &Intake<'_>,
        parts: &mut dyn Iterator<Item = Result<Part, String>>,
        at_mark: &mut dyn FnMut() -> Result<u64, String>,
    ) -> Result<u64, StoreError> {
        if intake.name.is_empty() || intake.name == SAID || intake.name.starts_with('/') {
            return Err(StoreError::Refused(format!("`{}` is not a name for a dump", intake.name)));
        }
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if !intake.resumed {
            self.clear_sources(intake.name)?;
        }
        let taken = self.take_parts(intake, parts, at_mark)?;
        let total = taken.counts.iter().map(|(_, count)| count).sum();
        if total >= SETTLED {
            // Else the engine tidies behind the first questions and slows their answers.
            tracing::info!("{}: everything is stored; settling", intake.name);
            backing::settle(&self.store).map_err(StoreError::engine("settling the load"))?;
            tracing::info!("{}: settled", intake.name);
        }
        backing::flush(&self.store).map_err(StoreError::engine("making the load durable"))?;
        self.record_catalogue(|catalogue| {
            catalogue.unfinished.retain(|load| load.name != intake.name);
            for (name, count) in &taken.counts {
                if let Some(mut entry) = catalogue.get(name).cloned() {
                    entry.key.clone_from(&taken.key);
                    entry.files.clone_from(&taken.files);
                    (entry.quads, entry.state, entry.at) = (*count, State::Loaded, intake.at);
                    catalogue.put(entry);
                }
            }
        })?;
        Ok(total)
    }

    fn take_parts(
        &self,
        intake: &Intake<'_>,
        parts: &mut dyn Iterator<Item = Result<Part, String>>,
        at_mark: &mut dyn FnMut() -> Result<u64, String>,
    ) -> Result<Taken, StoreError> {
        loop {
            let mut stopped = Stopped::Cut("the dump did not come to its end".to_owned());
            let mut loader: BulkLoader<'_> =
                self.store.bulk_loader().with_max_memory_size_in_megabytes(LOADER_MEGABYTES);
            let mut batch = Vec::new().into_iter();
            let quads = std::iter::from_fn(|| {
                loop {
                    if let Some(quad) = batch.next() {
                        return Some(quad);
                    }
                    stopped = match parts.next()? {
                        Ok(Part::Quads(quads)) => {
                            batch = quads.into_iter();
                            continue;
                        }
                        Ok(Part::Source(source)) => match self.begin_source(intake, &source) {
                            Ok(()) => continue,
                            Err(error) => Stopped::Failed(error),
                        },
                        Ok(Part::Mark(mark)) => Stopped::Marked(mark),
                        Ok(Part::End { key, counts, files }) => Stopped::Ended(Taken { key, counts, files }),
                        Err(why) => Stopped::Cut(why),
                    };
                    return None;
                }
            });
            loader.load_quads(quads).map_err(StoreError::engine("loading"))?;
            match stopped {
                Stopped::Failed(error) => return Err(error),
                Stopped::Cut(why) => return Err(StoreError::Refused(why)),
                Stopped::Ended(taken) => {
                    loader.commit().map_err(StoreError::engine("loading"))?;
                    self.cache.forget();
                    return Ok(taken);
                }
                Stopped::Marked(mark) => {
                    loader.commit().map_err(StoreError::engine("loading"))?;
                    self.cache.forget();
                    backing::flush(&self.store).map_err(StoreError::engine("making the load durable"))?;
                    let texts = at_mark().map_err(StoreError::Refused)?;
                    self.record_catalogue(|catalogue| {
                        catalogue.unfinished.retain(|load| load.name != intake.name);
                        catalogue.unfinished.push(Unfinished {
                            name: intake.name.to_owned(),
                            key: intake.key.to_owned(),
                            place: mark.place,
                            counts: mark.counts,
                            texts,
                        });
                    })?;
                }
            }
        }
    }

    /// Lists a source as being loaded, before its first quad is stored.
    fn begin_source(&self, intake: &Intake<'_>, source: &NewSource) -> Result<(), StoreError> {
        let below = source.name.strip_prefix(intake.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if !below {
            return Err(StoreError::Refused(format!("`{}` is not a source of `{}`", source.name, intake.name)));
        }
        self.record_catalogue(|catalogue| {
            catalogue.put(Entry {
                name: source.name.clone(),
                title: source.title.clone(),
                licence: source.licence.clone(),
                at: intake.at,
                quads: 0,
                state: State::Loading,
                key: String::new(),
                files: Vec::new(),
            });
        })
    }

    /// Removes a dump, all of its sources; gives how many quads it had.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is not loaded; else what failed.
    pub fn unload(&self, name: &str) -> Result<u64, StoreError> {
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if self.sources_of(name).is_empty() {
            self.entry(name)?;
        }
        self.clear_sources(name)
    }

    /// Removes every source of a dump; gives how many quads there were.
    fn clear_sources(&self, name: &str) -> Result<u64, StoreError> {
        let names = self.sources_of(name);
        if names.is_empty() {
            return Ok(0);
        }
        self.record_catalogue(|catalogue| {
            catalogue.unfinished.retain(|load| load.name != name);
            for entry in &mut catalogue.dumps {
                if names.contains(&entry.name) {
                    entry.state = State::Unloading;
                }
            }
        })?;
        let removed = self.remove_graphs(&names)?;
        backing::flush(&self.store).map_err(StoreError::engine("making the removal durable"))?;
        self.record_catalogue(|catalogue| catalogue.dumps.retain(|entry| !names.contains(&entry.name)))?;
        Ok(removed)
    }
}

impl Keeper {
    /// Removes the graphs of these sources in the quicker of two ways; gives how many quads they had.
    fn remove_graphs(&self, names: &[String]) -> Result<u64, StoreError> {
        let graphs: Vec<NamedNode> = names.iter().map(|name| Source::Dump(name.clone()).graph()).collect();
        let (gone, kept) = {
            let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
            let (gone, kept): (Vec<&Entry>, Vec<&Entry>) =
                catalogue.dumps.iter().partition(|entry| names.contains(&entry.name));
            let count = |entries: Vec<&Entry>| entries.iter().map(|entry| entry.quads).sum::<u64>();
            let said = self.applied.read().unwrap_or_else(PoisonError::into_inner).said;
            // A statement has about as many quads of provenance as of its own.
            (count(gone), count(kept) + 4 * said)
        };
        if let Some(home) = &self.home
            && sweep::is_better(gone, kept)
        {
            let (store, home) = (self.store.clone(), home.clone());
            self.order(|answer| Order::Alone(Box::new(move || sweep::sweep(&store, &home, &graphs)), answer))
                .map_err(|fault| StoreError::Refused(fault.to_string()))?;
            self.cache.forget();
            return Ok(gone);
        }
        let mut removed = 0;
        for graph in &graphs {
            removed += clear(&self.store, graph.as_ref())?;
            self.cache.forget();
        }
        Ok(removed)
    }
}

/// A load that came to its end.
struct Taken {
    key: String,
    counts: Vec<(String, u64)>,
    files: Vec<LoadedFile>,
}

/// Why the quads stopped coming.
enum Stopped {
    Ended(Taken),
    Marked(Mark),
    Failed(StoreError),
    Cut(String),
}
