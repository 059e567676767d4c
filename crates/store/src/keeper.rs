//! Opens a home, compares journal and store, and answers the questions of `core`'s [`Memory`] port.
//!
//! Opening never guesses: a store that is behind is brought up to the journal, anything else that does not fit
//! is refused by name, because a silent repair is how acknowledged facts get lost.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::AtomicBool,
        mpsc::{Sender, channel, sync_channel},
    },
    thread::JoinHandle,
};

use oxigraph::store::Store;
use quid_core::{
    Audience, Change, Entailment, Facts, Fault, Memory, Recall, Receipt, Record, Regime, Source,
    oxrdf::{GraphNameRef, NamedNode, NamedOrBlankNode, Quad},
    ports::{Loaded, Table},
    source::Citation,
    sparql::Format,
    vocabulary as v,
};

use crate::{
    StoreError,
    apply::{self, Applied},
    backing,
    cache::Cache,
    catalogue::{Catalogue, State},
    direct::Direct,
    homes::Homes,
    journal::{Appender, Journal},
    lock::Lock,
    remote::Allow,
    search::Searching,
    service::Services,
    sparql, sweep,
    view::{Keeping, View},
    writer::{Flush, Order, Writer},
};

/// The name of the engine's directory in the home.
pub(crate) const STORE: &str = "store";
/// How many records are replayed in one transaction.
const REPLAYED_AT_ONCE: u64 = 1000;

/// Looks through a document before a parser sees it: deep nesting overflows a parser's stack, and entities in XML grow
/// to any size.
pub type DocumentGuard = fn(&[u8], Format) -> Result<(), String>;

/// The keeper of all that is known: the journal, and the store derived from it and from the dumps.
pub struct Keeper {
    pub(crate) store: Store,
    pub(crate) cache: Arc<Cache>,
    homes: Arc<Homes>,
    searching: Searching,
    pub(crate) journal: Arc<Journal>,
    pub(crate) applied: Arc<RwLock<Applied>>,
    pub(crate) catalogue: RwLock<Catalogue>,
    /// Held while a dump is loaded or removed.
    pub(crate) loading: Mutex<()>,
    /// Held while an update is worked out and committed.
    pub(crate) updating: Mutex<()>,
    /// `None` in memory.
    pub(crate) home: Option<PathBuf>,
    running: sparql::Running,
    entailment: Option<Arc<dyn Entailment>>,
    pub(crate) guard: Option<DocumentGuard>,
    pub(crate) services: Services,
    orders: Option<Mutex<Sender<Order>>>,
    writer: Option<JoinHandle<()>>,
    _lock: Option<Lock>,
}

impl Keeper {
    /// Opens a home, which is created when it is not there.
    ///
    /// An unfinished last line of the journal, which was never acknowledged, is cut off; a store that is behind
    /// the journal is brought up to it.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it; [`StoreError::Damaged`] when journal, store and list
    /// of dumps disagree, with nothing changed; else what failed.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(home).map_err(StoreError::file(format!("directory {}", home.display())))?;
        let lock = Lock::take(home)?;
        let (journal, mut appender) = Journal::open(home)?;
        let (store, catalogue, applied) = open_store(home, &journal)?;
        for entry in &catalogue.dumps {
            match entry.state {
                State::Loaded => {}
                State::Loading => tracing::warn!("loading {} was interrupted: load it again", entry.name),
                State::Unloading => tracing::warn!("removing {} was interrupted: remove it again", entry.name),
            }
        }
        let applied = bring_up(&store, &journal, applied)?;
        appender.cut_unfinished()?;
        Ok(Self::start(store, journal, appender, applied, catalogue, Some((home.to_owned(), lock))))
    }

    /// A keeper in memory, journal included: for tests.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub fn in_memory() -> Result<Self, StoreError> {
        let store = Store::new().map_err(StoreError::engine("a store in memory"))?;
        let (journal, appender) = Journal::in_memory();
        let applied = Applied::nothing("memory");
        write_applied(&store, None, &applied)?;
        Ok(Self::start(store, journal, appender, applied, Catalogue::default(), None))
    }

    fn start(
        store: Store,
        journal: Journal,
        appender: Appender,
        applied: Applied,
        catalogue: Catalogue,
        home: Option<(PathBuf, Lock)>,
    ) -> Self {
        let journal = Arc::new(journal);
        let shown = Arc::new(RwLock::new(applied.clone()));
        let (orders, waiting) = channel();
        let cache = Arc::new(Cache::default());
        let writer = Writer {
            store: store.clone(),
            cache: Arc::clone(&cache),
            journal: Arc::clone(&journal),
            appender,
            applied,
            shown: Arc::clone(&shown),
            flush: Flush::default(),
        };
        let writer = std::thread::spawn(move || writer.run(&waiting));
        let (home, lock) = home.unzip();
        Self {
            store,
            cache,
            homes: Arc::default(),
            searching: Searching::default(),
            journal,
            applied: shown,
            catalogue: RwLock::new(catalogue),
            loading: Mutex::default(),
            updating: Mutex::default(),
            home,
            running: sparql::Running::default(),
            services: Services::default(),
            entailment: None,
            guard: None,
            orders: Some(Mutex::new(orders)),
            writer: Some(writer),
            _lock: lock,
        }
    }

    /// With this, documents that somebody sends can be read: it refuses what a parser would not survive.
    #[must_use]
    pub fn with_guard(mut self, guard: DocumentGuard) -> Self {
        self.guard = Some(guard);
        self
    }

    /// With this, queries can ask for what follows too.
    #[must_use]
    pub fn with_entailment(mut self, entailment: Arc<dyn Entailment>) -> Self {
        self.entailment = Some(entailment);
        self
    }

    /// What queries see beside the store.
    pub(crate) fn around(&self, beside: Option<sparql::Beside>) -> sparql::Around {
        let direct = Direct { cache: Arc::clone(&self.cache), homes: Arc::clone(&self.homes) };
        sparql::Around { direct: Some(direct), beside, service: self.services.now(), recall: self.searching.now() }
    }

    /// What counts as true beside what is stored, by a regime.
    pub(crate) fn beside(&self, regime: Regime) -> Result<Option<sparql::Beside>, Fault> {
        if regime == Regime::None {
            return Ok(None);
        }
        let Some(entailment) = self.entailment.clone() else {
            return Err(Fault::Refused("nothing is known here of what follows".to_owned()));
        };
        Ok(Some(sparql::Beside { regime, entailment, cache: Arc::clone(&self.cache) }))
    }

    /// From now on queries may search these words; the first that are given stay.
    pub fn search_in(&self, recall: Arc<dyn Recall>) {
        self.searching.set(recall);
    }

    /// From now on queries may ask these other servers, and no others.
    pub fn allow_services(&self, allow: Allow) {
        self.services.allow(allow);
    }

    /// The number of the last record; 0 for none.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.journal.last()
    }

    /// How often the engine was asked for facts so far: what answers cost on any machine, busy or not.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.cache.reads()
    }

    /// Visits the records from number `from` on, oldest first, until the visitor breaks.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn replay(&self, from: u64, visit: &mut dyn FnMut(&Record) -> ControlFlow<()>) -> Result<(), Fault> {
        for seq in from.max(1)..=self.journal.last() {
            if let Some(record) = self.journal.record(seq)?
                && visit(&record).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// Every stored quad of one source's graph, or of all sources; book-keeping never.
    pub fn stored(&self, graph: Option<&NamedNode>) -> impl Iterator<Item = Result<Quad, StoreError>> + use<> {
        let graph = graph.map(|graph| GraphNameRef::from(graph.as_ref()));
        self.store.quads_for_pattern(None, None, None, graph).filter_map(|quad| match quad {
            Ok(quad) => match &quad.graph_name {
                quid_core::oxrdf::GraphName::NamedNode(name) => {
                    Source::of_graph(name.as_str()).is_some().then_some(Ok(quad))
                }
                _ => None,
            },
            Err(why) => Some(Err(StoreError::engine("reading the store")(why))),
        })
    }

    /// Names of dumps whose loading or removal was interrupted: what is stored of them may be partial.
    #[must_use]
    pub fn interrupted(&self) -> Vec<String> {
        let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
        let unfinished = catalogue.dumps.iter().filter(|entry| entry.state != State::Loaded);
        unfinished.map(|entry| entry.name.clone()).collect()
    }

    pub(crate) fn order<T>(
        &self,
        order: impl FnOnce(std::sync::mpsc::SyncSender<Result<T, StoreError>>) -> Order,
    ) -> Result<T, Fault> {
        let gone = || Fault::Storage { what: "writing".to_owned(), why: "the writer has stopped".to_owned() };
        let (answer, answered) = sync_channel(1);
        {
            let orders = self.orders.as_ref().ok_or_else(gone)?.lock().unwrap_or_else(PoisonError::into_inner);
            orders.send(order(answer)).map_err(|_| gone())?;
        }
        Ok(answered.recv().map_err(|_| gone())??)
    }

    /// Makes the n-th next write of the journal fail.
    #[cfg(test)]
    pub(crate) fn fail_after(&self, writes: usize) {
        let (answer, answered) = sync_channel(1);
        let orders = self.orders.as_ref().expect("running").lock().expect("whole");
        orders.send(Order::Fail(writes, answer)).expect("running");
        answered.recv().expect("answered");
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(writer) = self.writer.take() {
            // A panic in the writer has told its story on its own thread.
            let _ = writer.join();
        }
    }
}

impl Memory for Keeper {
    fn facts<'a>(&'a self, audience: &Audience) -> Box<dyn Facts + 'a> {
        Box::new(View::new(&self.store, &self.cache, audience.clone()))
    }

    fn keeping<'a>(&'a self) -> Box<dyn Facts + 'a> {
        Box::new(Keeping::new(&self.store, &self.cache))
    }

    fn commit(&self, change: Change) -> Result<Receipt, Fault> {
        self.order(|answer| Order::Change(Box::new(change), answer))
    }

    fn observe(&self, removed: &[Quad], added: &[Quad]) -> Result<(), Fault> {
        self.order(|answer| Order::Observe(removed.to_vec(), added.to_vec(), answer))
    }

    fn record(&self, seq: u64) -> Result<Option<Record>, Fault> {
        Ok(self.journal.record(seq)?)
    }

    fn back(&self, visit: &mut dyn FnMut(&Record) -> ControlFlow<()>) -> Result<(), Fault> {
        for seq in (1..=self.journal.last()).rev() {
            if let Some(record) = self.journal.record(seq)?
                && visit(&record).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    fn about(&self, thing: &NamedNode) -> Result<Vec<u64>, Fault> {
        let mut numbers = Vec::new();
        let events = self.store.quads_for_pattern(
            None,
            Some(v::ABOUT),
            Some(thing.as_ref().into()),
            Some(v::PROVENANCE_GRAPH.into()),
        );
        for quad in events {
            if let NamedOrBlankNode::NamedNode(event) =
                quad.map_err(StoreError::engine("reading history")).map_err(Fault::from)?.subject
                && let Some(number) = event.as_str().strip_prefix(v::EVENT).and_then(|seq| seq.parse().ok())
            {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn cite(&self, graph: &NamedNode) -> Result<Option<Citation>, Fault> {
        match Source::of_graph(graph.as_str()) {
            None => Ok(None),
            Some(Source::Graph(name)) => {
                let name = name.into_string();
                Ok(Some(Citation::Dump { title: name.clone(), name }))
            }
            Some(Source::Dump(name)) => {
                let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
                let title = catalogue.get(&name).map(|entry| entry.title.clone());
                Ok(title.map(|title| Citation::Dump { name, title }))
            }
            Some(Source::Said { seq, scope }) => Ok(self.journal.record(seq)?.and_then(|record| {
                (record.scope == scope).then(|| Citation::Said {
                    statement: graph.as_str().to_owned(),
                    place: record.place.to_string(),
                    nick: record.by.nick,
                    account: record.by.account,
                    at: record.at,
                    line: record.line,
                })
            })),
        }
    }

    fn sparql(&self, query: &str, audience: &Audience, limit: usize, stop: &AtomicBool) -> Result<Table, Fault> {
        Ok(sparql::run(&self.store, self.around(None), query, audience, limit, stop, &self.running)?)
    }

    fn sparql_by(
        &self,
        regime: Regime,
        query: &str,
        audience: &Audience,
        limit: usize,
        stop: &AtomicBool,
    ) -> Result<Table, Fault> {
        let beside = self.beside(regime)?;
        Ok(sparql::run(&self.store, self.around(beside), query, audience, limit, stop, &self.running)?)
    }

    fn sources(&self) -> Result<Vec<Loaded>, Fault> {
        let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
        let mut sources: Vec<Loaded> = catalogue
            .dumps
            .iter()
            .map(|entry| Loaded {
                name: entry.name.clone(),
                title: match entry.state {
                    State::Loaded => entry.title.clone(),
                    State::Loading => format!("{} (loading was interrupted)", entry.title),
                    State::Unloading => format!("{} (removing was interrupted)", entry.title),
                },
                quads: entry.quads,
                at: Some(entry.at),
                licence: Some(entry.licence.clone()).filter(|licence| !licence.is_empty()),
                files: entry.files.clone(),
            })
            .collect();
        let said = self.applied.read().unwrap_or_else(PoisonError::into_inner).said;
        let at = self.journal.record(self.journal.last())?.map(|record| record.at);
        sources.push(Loaded {
            name: "said".to_owned(),
            title: "what people taught".to_owned(),
            quads: said,
            at,
            licence: None,
            files: Vec::new(),
        });
        Ok(sources)
    }
}

/// Opens the engine and refuses one that is not the one the home knows, or that lacks a dump.
fn open_store(home: &Path, journal: &Journal) -> Result<(Store, Catalogue, Applied), StoreError> {
    let directory = home.join(STORE);
    let catalogue = Catalogue::read(home)?;
    let was_there = directory.exists();
    let fresh = catalogue.is_none() && !was_there;
    if backing::LASTING && !fresh && !was_there {
        return Err(StoreError::damaged(format!("the store {} is gone", directory.display())));
    }
    clean_up(&directory);
    let store = backing::open(&directory).map_err(|why| {
        let what = format!("the store {} cannot be opened: {}", directory.display(), crate::error::with_causes(&why));
        // Only this home's own store is ours to repair.
        StoreError::damaged(what)
    })?;
    if !backing::LASTING {
        // Dumps are gone with the last process; the journal is replayed whole.
        let applied = Applied::nothing("memory");
        write_applied(&store, None, &applied)?;
        return Ok((
            store,
            Catalogue { store: "memory".to_owned(), dumps: Vec::new(), unfinished: Vec::new() },
            applied,
        ));
    }
    sweep::finish(&store, home)?;
    let applied = Applied::read(&store)?;
    match (catalogue, applied) {
        (Some(catalogue), Some(applied)) if applied.store == catalogue.store => {
            check_dumps(&store, &catalogue)?;
            Ok((store, catalogue, applied))
        }
        (None, None) if journal.last() == 0 && store.is_empty().map_err(StoreError::engine("reading the store"))? => {
            // A new home, or one whose making was interrupted before anything was acknowledged.
            let catalogue = Catalogue { store: new_name(), dumps: Vec::new(), unfinished: Vec::new() };
            let applied = Applied::nothing(&catalogue.store);
            write_applied(&store, None, &applied)?;
            backing::flush(&store).map_err(StoreError::engine("making the store durable"))?;
            catalogue.write(home)?;
            Ok((store, catalogue, applied))
        }
        (None, Some(applied)) if journal.last() == 0 && applied.seq == 0 => {
            // Interrupted between the two writes above.
            let catalogue = Catalogue { store: applied.store.clone(), dumps: Vec::new(), unfinished: Vec::new() };
            catalogue.write(home)?;
            Ok((store, catalogue, applied))
        }
        (_, None) => Err(StoreError::damaged(format!(
            "the store {} does not hold what was kept in it (it may have been emptied or its manifest damaged)",
            directory.display()
        ))),
        (None, Some(_)) => Err(StoreError::damaged(format!("the list of sources in {} is gone", home.display()))),
        (Some(_), Some(_)) => Err(StoreError::damaged(format!(
            "the store {} is not the one this home's list of sources was written for",
            directory.display()
        ))),
    }
}

/// Removes the engine's unfinished files, which a killed load leaves and nothing else ever does.
fn clean_up(directory: &Path) {
    for file in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = file.file_name();
        let unfinished = name.to_str().is_some_and(|name| name.starts_with("bulk-"));
        if unfinished && let Err(why) = std::fs::remove_file(file.path()) {
            tracing::warn!("{} is left over and cannot be removed: {why}", file.path().display());
        }
    }
}

/// Refuses a store without a dump that is said to be loaded.
fn check_dumps(store: &Store, catalogue: &Catalogue) -> Result<(), StoreError> {
    for entry in catalogue.dumps.iter().filter(|entry| entry.state == State::Loaded && entry.quads > 0) {
        let graph = Source::Dump(entry.name.clone()).graph();
        let there = store
            .quads_for_pattern(None, None, None, Some(graph.as_ref().into()))
            .next()
            .transpose()
            .map_err(StoreError::engine("reading the store"))?
            .is_some();
        if !there {
            return Err(StoreError::damaged(format!("the store does not hold {}, which was loaded", entry.name)));
        }
    }
    Ok(())
}

/// Applies the records that the store has not seen.
fn bring_up(store: &Store, journal: &Journal, applied: Applied) -> Result<Applied, StoreError> {
    let last = journal.last();
    if applied.seq > last {
        return Err(StoreError::damaged(format!(
            "the store holds {} changes and the journal only {last}",
            applied.seq
        )));
    }
    if journal.hash(applied.seq)? != applied.hash {
        return Err(StoreError::damaged(format!(
            "change {} in the store is not the journal's record {}",
            applied.seq, applied.seq
        )));
    }
    if applied.seq < last {
        if applied.seq > 0 || backing::LASTING {
            tracing::info!("bringing the store up from change {} to {last}", applied.seq);
        }
        journal.verify_from(applied.seq + 1)?;
    }
    replay_into(store, journal, applied)
}

/// Applies the journal's records after `applied`, in batches, each with its mark.
pub(crate) fn replay_into(store: &Store, journal: &Journal, mut applied: Applied) -> Result<Applied, StoreError> {
    let last = journal.last();
    while applied.seq < last {
        let before = applied.clone();
        let mut transaction = store.start_transaction().map_err(StoreError::engine("starting a transaction"))?;
        for seq in before.seq + 1..=last.min(before.seq + REPLAYED_AT_ONCE) {
            let record = journal
                .record(seq)?
                .ok_or_else(|| StoreError::damaged(format!("record {seq} of the journal is not there")))?;
            let (more, less) =
                apply::apply(&record, &mut transaction).map_err(StoreError::engine("replaying the journal"))?;
            applied.seq = seq;
            applied.said = (applied.said + more).saturating_sub(less);
        }
        applied.hash = journal.hash(applied.seq)?;
        applied.replace(Some(&before), &mut transaction);
        transaction.commit().map_err(StoreError::engine("replaying the journal"))?;
    }
    Ok(applied)
}

/// Marks how far the journal is applied.
pub(crate) fn write_applied(store: &Store, before: Option<&Applied>, now: &Applied) -> Result<(), StoreError> {
    let mut transaction = store.start_transaction().map_err(StoreError::engine("starting a transaction"))?;
    now.replace(before, &mut transaction);
    transaction.commit().map_err(StoreError::engine("marking the store"))
}

/// A name for a new store, different from every other of this home.
pub(crate) fn new_name() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let text = format!("{} {}", now.as_nanos(), std::process::id());
    let mut name = crate::record::digest(&[text.as_bytes()]);
    name.truncate(16);
    name
}
