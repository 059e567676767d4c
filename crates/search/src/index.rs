//! The index: opening it, telling it what changed, committing.
//!
//! One lock guards the writer, another the fresh changes; a search takes only the second, so it never waits for
//! a commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};

use quid_core::oxrdf::Quad;
use quid_core::ports::{Hit, Of};
use quid_core::{Audience, Fault, Recall, Vectors};
use tantivy::directory::MmapDirectory;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, Searcher, Term};

use crate::fresh::{Change, Fresh};
use crate::meaning::{self, Parts};
use crate::schema::{Fields, schema};
use crate::words::{ANALYSER, analyser, words};
use crate::{SearchError, files};

/// Changes that wait at most; the one that reaches it pays for the commit of all.
const MOST_WAITING: usize = 256;

/// Bytes that wait at most.
const MOST_WAITING_BYTES: usize = 1 << 20;

/// Memory for committing a few changes at a time: tantivy's least.
const SMALL_HEAP: usize = 15_000_000;

/// A full-text index over what is stored. Cheap to search from many threads; [`Recall::note`] must be called in
/// the journal's order.
pub struct Index {
    pub(crate) inner: tantivy::Index,
    pub(crate) fields: Fields,
    reader: IndexReader,
    analyser: TextAnalyzer,
    /// Empty only after a failed attempt to open it again.
    writer: Mutex<Option<IndexWriter>>,
    fresh: RwLock<Fresh>,
    committed: AtomicU64,
    directory: PathBuf,
    pub(crate) vectors: Option<Arc<dyn Vectors>>,
    pub(crate) parts: Parts,
}

impl Index {
    /// Opens the index in a directory, or begins one.
    ///
    /// # Errors
    /// [`SearchError::Damaged`] when it should be [wiped](Self::wipe) and built again, [`SearchError::Busy`] when
    /// another process has it open, [`SearchError::Directory`] when the directory cannot be used.
    pub fn open(directory: &Path) -> Result<Self, SearchError> {
        Self::open_with(directory, None)
    }

    /// As [`Self::open`], with what gives texts their vectors, so that they are found by their meaning too.
    ///
    /// # Errors
    /// As [`Self::open`]; an index that was made with other vectors is damaged.
    pub fn open_with(directory: &Path, vectors: Option<Arc<dyn Vectors>>) -> Result<Self, SearchError> {
        std::fs::create_dir_all(directory)
            .map_err(|error| SearchError::Directory { directory: directory.to_owned(), why: error.to_string() })?;
        guarded(directory, || {
            let opening = |error: &tantivy::TantivyError| SearchError::opening(directory, error);
            let files = MmapDirectory::open(directory).map_err(|error| opening(&error.into()))?;
            let exists = tantivy::Index::exists(&files).map_err(|error| opening(&error.into()))?;
            let (schema, fields) = schema(vectors.as_ref().map(|vectors| vectors.version()));
            let damaged = |why: &str| SearchError::Damaged { directory: directory.to_owned(), why: why.to_owned() };
            let inner = if exists {
                tantivy::Index::open(files)
            } else if files::any(directory) {
                return Err(damaged("its table of contents, meta.json, is missing"));
            } else {
                tantivy::Index::create(files, schema.clone(), tantivy::IndexSettings::default())
            }
            .map_err(|error| opening(&error))?;
            if inner.schema() != schema {
                return Err(damaged("it was made by another version of this program"));
            }
            Self::over(inner, fields, directory, vectors)
        })
    }

    /// An index in memory, gone when it is dropped.
    ///
    /// # Errors
    /// [`SearchError::Directory`] when the system has no thread left for the writer.
    pub fn in_memory() -> Result<Self, SearchError> {
        Self::in_memory_with(None)
    }

    /// As [`Self::in_memory`], with what gives texts their vectors.
    ///
    /// # Errors
    /// As [`Self::in_memory`].
    pub fn in_memory_with(vectors: Option<Arc<dyn Vectors>>) -> Result<Self, SearchError> {
        let (schema, fields) = schema(vectors.as_ref().map(|vectors| vectors.version()));
        Self::over(tantivy::Index::create_in_ram(schema), fields, Path::new("memory"), vectors)
    }

    /// Removes the files of a (damaged) index from a directory, and nothing else.
    ///
    /// # Errors
    /// [`SearchError::Busy`] when another process has it open, [`SearchError::Directory`] when a file cannot be
    /// removed.
    pub fn wipe(directory: &Path) -> Result<(), SearchError> {
        files::wipe(directory)
    }

    fn over(
        inner: tantivy::Index,
        fields: Fields,
        directory: &Path,
        vectors: Option<Arc<dyn Vectors>>,
    ) -> Result<Self, SearchError> {
        let opening = |error| SearchError::opening(directory, &error);
        inner.tokenizers().register(ANALYSER, analyser());
        let writer = inner.writer_with_num_threads(1, SMALL_HEAP).map_err(opening)?;
        let reader = inner.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(opening)?;
        let payload = inner.load_metas().map_err(opening)?.payload;
        let seq = match payload.as_deref().map(str::parse) {
            None => 0,
            Some(Ok(seq)) => seq,
            Some(Err(_)) => {
                let why = "its commit does not say how far it is".to_owned();
                return Err(SearchError::Damaged { directory: directory.to_owned(), why });
            }
        };
        Ok(Self {
            inner,
            fields,
            reader,
            analyser: analyser(),
            writer: Mutex::new(Some(writer)),
            fresh: RwLock::new(Fresh::since(seq)),
            committed: AtomicU64::new(seq),
            directory: directory.to_owned(),
            vectors,
            parts: Parts::default(),
        })
    }

    /// The journal's number up to which the committed index is complete; what came after it must be
    /// [noted](Recall::note) again when the program starts. Noting twice changes nothing.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    /// How many documents are committed.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Whether nothing is committed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Commits what waits. When it returns, [`Self::seq`] is the last number noted.
    ///
    /// # Errors
    /// [`SearchError::Failed`]; what waits is still found, and the next commit tries again.
    pub fn flush(&self) -> Result<(), SearchError> {
        let mut writer = self.writer();
        let nothing_waits = {
            let fresh = self.fresh();
            fresh.len() == 0 && fresh.noted == self.seq()
        };
        if nothing_waits {
            return Ok(());
        }
        self.commit(&mut writer)
    }

    /// Takes out everything of one graph, at once and for good.
    ///
    /// # Errors
    /// [`SearchError::Failed`]; then the graph is still there.
    pub fn drop_graph(&self, graph: &quid_core::oxrdf::NamedNode) -> Result<(), SearchError> {
        let mut writer = self.writer();
        self.writer_in(&mut writer)?.delete_term(Term::from_field_text(self.fields.graph, graph.as_str()));
        self.fresh_mut().drop_graph(graph.as_str());
        self.commit(&mut writer)
    }

    /// Reads every byte of the committed files and compares the check sums: for `quid doctor`, not for every start.
    ///
    /// # Errors
    /// [`SearchError::Damaged`], naming the first damaged file; [`SearchError::Directory`] when they cannot be read.
    pub fn check(&self) -> Result<(), SearchError> {
        let damaged = guarded(&self.directory, || {
            self.inner.validate_checksum().map_err(|error| SearchError::opening(&self.directory, &error))
        })?;
        match damaged.into_iter().min() {
            None => Ok(()),
            Some(file) => {
                let why = format!("the check sum of `{}` is wrong", file.display());
                Err(SearchError::Damaged { directory: self.directory.clone(), why })
            }
        }
    }

    /// How many texts can be found by their meaning.
    ///
    /// # Errors
    /// [`SearchError::Failed`] when the index cannot be read.
    pub fn rows(&self) -> Result<u64, SearchError> {
        let Some(columns) = &self.fields.meaning else { return Ok(0) };
        meaning::count(&self.searcher(), columns).map_err(SearchError::failed("counting rows"))
    }

    /// Waits for the writer.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Option<IndexWriter>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer, opened again if it was lost.
    pub(crate) fn writer_in<'a>(&self, slot: &'a mut Option<IndexWriter>) -> Result<&'a mut IndexWriter, SearchError> {
        if slot.is_none() {
            *slot = Some(self.new_writer(1, SMALL_HEAP)?);
        }
        Ok(slot.as_mut().expect("it was filled above"))
    }

    pub(crate) fn new_writer(&self, threads: usize, heap: usize) -> Result<IndexWriter, SearchError> {
        self.inner.writer_with_num_threads(threads, heap).map_err(|error| SearchError::opening(&self.directory, &error))
    }

    pub(crate) fn fresh(&self) -> RwLockReadGuard<'_, Fresh> {
        self.fresh.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh_mut(&self) -> RwLockWriteGuard<'_, Fresh> {
        self.fresh.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The committed index as it is now. Take [`Self::fresh`] first: a commit shows its documents before it
    /// clears them there, so nothing is missed between the two.
    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// The words of a text, `most` at most.
    pub(crate) fn words(&self, text: &str, most: usize) -> Vec<String> {
        words(&mut self.analyser.clone(), text, most)
    }

    /// Writes what waits, together with what the writer already holds.
    pub(crate) fn commit(&self, slot: &mut Option<IndexWriter>) -> Result<(), SearchError> {
        let batch = self.fresh().batch();
        let writer = self.writer_in(slot)?;
        let mut write = || -> tantivy::Result<()> {
            for (identity, change) in &batch.changes {
                // Also before adding: after a crash the journal's tail is noted a second time.
                writer.delete_query(self.fields.exactly(identity))?;
                if let Change::Added(entry, _) = change {
                    writer.add_document(self.fields.document(entry))?;
                }
            }
            let mut prepared = writer.prepare_commit()?;
            prepared.set_payload(&batch.noted.to_string());
            prepared.commit()?;
            self.reader.reload()
        };
        if let Err(error) = write() {
            // The writer's threads may be gone; a new one starts from the last commit.
            if writer.rollback().is_err() {
                *slot = None;
            }
            return Err(SearchError::failed("committing to the text index")(error));
        }
        self.committed.store(batch.noted, Ordering::Release);
        self.fresh_mut().settle(&batch);
        Ok(())
    }

    /// Says that the journal is in the index up to this number.
    pub(crate) fn complete_to(&self, seq: u64) {
        let mut fresh = self.fresh_mut();
        fresh.noted = fresh.noted.max(seq);
    }
}

impl Recall for Index {
    fn recall(&self, words: &str, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        Ok(guarded(&self.directory, || self.find(words, audience, limit))?)
    }

    fn names_like(&self, name: &str, audience: &Audience, limit: usize) -> Result<Vec<String>, Fault> {
        Ok(guarded(&self.directory, || self.near(name, audience, limit))?)
    }

    fn names_from(&self, prefix: &str, audience: &Audience, limit: usize) -> Result<Vec<String>, Fault> {
        Ok(guarded(&self.directory, || self.beginning(prefix, audience, limit))?)
    }

    fn named(&self, name: &str, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        Ok(guarded(&self.directory, || self.called(name, audience, limit))?)
    }

    fn nearest(&self, vector: &[f32], of: Of, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        Ok(guarded(&self.directory, || self.nearest_to(vector, of, audience, limit))?)
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        self.vector_of(text)
    }

    fn note(&self, seq: u64, added: &[Quad], removed: &[Quad]) -> Result<(), Fault> {
        let mut analyser = self.analyser.clone();
        let full = {
            let mut fresh = self.fresh_mut();
            fresh.note(seq, added, removed, |entry| {
                entry.meaning = self.meaning(entry).map(Box::new);
                words(&mut analyser, &entry.text, usize::MAX)
            });
            fresh.len() >= MOST_WAITING || fresh.bytes() >= MOST_WAITING_BYTES
        };
        if full {
            // While a dump is loaded the writer is taken; the changes can wait, they are found here.
            let writer = match self.writer.try_lock() {
                Ok(writer) => Some(writer),
                Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => None,
            };
            // A commit that fails loses nothing: what was noted is found and is in the journal, and `seq` says how
            // far the index is.
            if let Some(mut writer) = writer
                && let Err(error) = self.commit(&mut writer)
            {
                tracing::warn!("{error}; it is tried again with the next change");
            }
        }
        Ok(())
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            tracing::warn!("{error}; the journal is indexed again at the next start");
        }
    }
}

/// Runs `act`; a panic inside it means damaged files (tantivy panics on some of them), and is told as such.
fn guarded<T>(directory: &Path, act: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|panic| {
        let why = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("reading it failed");
        Err(SearchError::Damaged { directory: directory.to_owned(), why: why.to_owned() })
    })
}
