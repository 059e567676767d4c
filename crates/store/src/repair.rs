//! Finds damage and sets it right.
//!
//! Nothing is ever deleted: what is damaged is moved aside under a name that says so. The store's taught part is
//! built again from the journal; where the journal has a gap, the store, which had applied it, fills it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::{Path, PathBuf},
};

use oxigraph::store::Store;
use quid_core::{
    Act, Place, Record, Rights, Scope, Source, Speaker, Time,
    oxrdf::{GraphName, GraphNameRef, NamedNode, NamedOrBlankNode, Quad, Term},
    source::is_foreign,
    text::percent_decode,
    vocabulary as v,
};

use crate::{
    Keeper, StoreError,
    apply::{self, Applied},
    backing,
    catalogue::{CATALOGUE, Catalogue, Entry, State},
    journal::{self, ENDS, JOURNAL, Journal},
    keeper::{STORE, new_name, replay_into, write_applied},
    load::clear,
    lock::Lock,
    record::{self, NO_HASH},
    salvage::{self, Salvaged},
};

/// How many of the last records a check compares with the store, quad by quad.
const COMPARED: u64 = 1000;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it should be.
    pub good: bool,
    /// In words.
    pub what: String,
}

impl Keeper {
    /// Verifies the whole chain of the journal and compares it with the store.
    ///
    /// # Errors
    /// What could not be read at all; what was read and is wrong is a finding.
    pub fn check(&self) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        let mut say = |good, what: String| findings.push(Finding { good, what });
        let last = self.journal.last();
        match self.journal.verify_from(1) {
            Ok(()) => say(true, format!("the journal's chain of {last} records is whole")),
            Err(why) => say(false, why.to_string()),
        }
        match self.differences(last) {
            Ok(0) => say(true, "the store holds what the last records say".to_owned()),
            Ok(different) => {
                say(
                    false,
                    format!("{different} quads of the last records are not as the journal says: run `quid repair`"),
                );
            }
            Err(why) => say(false, why.to_string()),
        }
        let unfinished = self.interrupted();
        let catalogue = self.catalogue.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        for entry in &catalogue.dumps {
            if unfinished.contains(&entry.name) {
                say(false, format!("loading or removing {} was interrupted: do it again", entry.name));
                continue;
            }
            let graph = Source::Dump(entry.name.clone()).graph();
            // Counting millions of quads takes seconds; that it is there at all is what a lost manifest would deny.
            let there = self.stored(Some(&graph)).next().transpose()?.is_some() || entry.quads == 0;
            let what = if there { "are in the store" } else { "are not in the store: load it again" };
            say(there, format!("{}: {} quads {what}", entry.name, entry.quads));
        }
        Ok(findings)
    }

    fn differences(&self, last: u64) -> Result<usize, StoreError> {
        let mut expected: BTreeMap<String, (Quad, bool)> = BTreeMap::new();
        for seq in last.saturating_sub(COMPARED - 1).max(1)..=last {
            let Some(record) = self.journal.record(seq)? else { continue };
            for (quads, there) in [(record.removed, false), (record.added, true)] {
                for quad in quads {
                    expected.insert(quad.to_string(), (quad, there));
                }
            }
        }
        let mut different = 0;
        for (quad, there) in expected.values() {
            let found = self.store.contains(quad).map_err(StoreError::engine("comparing with the journal"))?;
            different += usize::from(found != *there);
        }
        Ok(different)
    }

    /// Sets a damaged home right; gives what it did, in sentences, and which dumps must be loaded again.
    ///
    /// Every record that can be read is kept, damaged files are moved aside, and the store's taught part is built
    /// again from the journal. A home without damage is built again as well, with the same result.
    ///
    /// # Errors
    /// [`StoreError::InUse`]; else what could not be read or written.
    pub fn repair(home: &Path) -> Result<Vec<String>, StoreError> {
        let _lock = Lock::take(home)?;
        let path = home.join(JOURNAL);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(why) => return Err(StoreError::file(format!("journal {}", path.display()))(why)),
        };
        let mut salvaged = salvage::read(&bytes);
        let mut told = std::mem::take(&mut salvaged.notes);
        let (store, catalogue, applied) = usable_store(home, &mut told)?;
        mend_gaps(&mut salvaged, applied.as_ref().map(|applied| (&store, applied)), &mut told)?;
        if !salvaged.whole {
            write_journal(home, &salvaged, &mut told)?;
        }
        let (journal, _) = Journal::open(home)?;
        forget_taught(&store)?;
        let nothing = Applied::nothing(&catalogue.store);
        write_applied(&store, applied.as_ref(), &nothing)?;
        let now = replay_into(&store, &journal, nothing)?;
        backing::flush(&store).map_err(StoreError::engine("making the store durable"))?;
        catalogue.write(home)?;
        told.push(format!(
            "what was taught was built again from the journal's {} records ({} quads)",
            now.seq, now.said
        ));
        Ok(told)
    }
}

/// The home's store when it can be used, else a new one with the old one moved aside; with what is loaded in it.
fn usable_store(home: &Path, told: &mut Vec<String>) -> Result<(Store, Catalogue, Option<Applied>), StoreError> {
    let directory = home.join(STORE);
    let catalogue = match Catalogue::read(home) {
        Ok(catalogue) => catalogue,
        Err(_) => {
            told.push(format!("the damaged list of sources is kept as {}", aside(&home.join(CATALOGUE))?.display()));
            None
        }
    };
    if directory.exists() && backing::LASTING {
        match try_store(&directory, catalogue.as_ref(), told) {
            Ok(Some((store, found, applied))) => return Ok((store, found, Some(applied))),
            Ok(None) => told.push("the store does not hold what was kept in it".to_owned()),
            Err(why) => told.push(format!("the store cannot be read: {why}")),
        }
        told.push(format!("the damaged store is kept as {}", aside(&directory)?.display()));
    }
    let loaded = catalogue.map(|catalogue| catalogue.dumps).unwrap_or_default();
    for entry in loaded {
        told.push(format!("{} must be loaded again", entry.name));
    }
    let store = backing::open(&directory).map_err(StoreError::engine("making a new store"))?;
    Ok((store, Catalogue { store: new_name(), dumps: Vec::new(), unfinished: Vec::new() }, None))
}

/// The store with the list of what is really in it; `None` when it is empty or another home's.
fn try_store(
    directory: &Path,
    catalogue: Option<&Catalogue>,
    told: &mut Vec<String>,
) -> Result<Option<(Store, Catalogue, Applied)>, StoreError> {
    let store = backing::open(directory).map_err(StoreError::engine("opening it"))?;
    let Some(applied) = Applied::read(&store)? else { return Ok(None) };
    let known = match catalogue {
        Some(catalogue) if catalogue.store != applied.store => return Ok(None),
        Some(catalogue) => catalogue.clone(),
        None => found_dumps(&store, &applied, told)?,
    };
    let mut kept = Catalogue { store: applied.store.clone(), dumps: Vec::new(), unfinished: Vec::new() };
    for entry in known.dumps {
        let graph = Source::Dump(entry.name.clone()).graph();
        let there = store
            .quads_for_pattern(None, None, None, Some(graph.as_ref().into()))
            .next()
            .transpose()
            .map_err(StoreError::engine("reading it"))?
            .is_some();
        if there || entry.quads == 0 {
            kept.put(entry);
        } else {
            told.push(format!("{} must be loaded again", entry.name));
        }
    }
    Ok(Some((store, kept, applied)))
}

/// A list of sources made from the store, when the file is gone.
fn found_dumps(store: &Store, applied: &Applied, told: &mut Vec<String>) -> Result<Catalogue, StoreError> {
    let mut catalogue = Catalogue { store: applied.store.clone(), dumps: Vec::new(), unfinished: Vec::new() };
    for graph in store.named_graphs() {
        let graph = graph.map_err(StoreError::engine("listing its graphs"))?;
        let NamedOrBlankNode::NamedNode(graph) = graph else { continue };
        let Some(Source::Dump(name)) = Source::of_graph(graph.as_str()) else { continue };
        let quads = store.quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref()))).count() as u64;
        told.push(format!("{name} was found in the store with {quads} quads; its title and licence are not known"));
        let (title, licence) = (name.clone(), "unknown".to_owned());
        catalogue.put(Entry {
            name,
            title,
            licence,
            at: Time::from_micros(0),
            quads,
            state: State::Loaded,
            key: String::new(),
            files: Vec::new(),
        });
    }
    Ok(catalogue)
}

/// Fills the numbers that the journal lost from what the store says of them.
fn mend_gaps(
    salvaged: &mut Salvaged,
    store: Option<(&Store, &Applied)>,
    told: &mut Vec<String>,
) -> Result<(), StoreError> {
    if let Some((_, applied)) = store
        && applied.seq > salvaged.last
    {
        told.push(format!("the store knows {} changes, the journal {}", applied.seq, salvaged.last));
        salvaged.last = applied.seq;
        salvaged.whole = false;
    }
    let missing: BTreeSet<u64> = (1..=salvaged.last).filter(|seq| !salvaged.records.contains_key(seq)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    salvaged.whole = false;
    let mut found = match store {
        Some((store, _)) => described(store, &missing)?,
        None => BTreeMap::new(),
    };
    let mut at = Time::from_micros(0);
    for seq in 1..=salvaged.last {
        if let Some(record) = salvaged.records.get(&seq) {
            at = record.at;
        } else if let Some(mut record) = found.remove(&seq) {
            told.push(format!("record {seq} was made again from the store"));
            record.at = record.at.max(at);
            at = record.at;
            salvaged.records.insert(seq, record);
        } else {
            told.push(match store {
                Some((_, applied)) if applied.seq >= seq => {
                    format!("record {seq} is lost; what it changed was taken from the store")
                }
                _ => format!("record {seq} is lost"),
            });
            salvaged.records.insert(seq, blank(seq, at));
        }
    }
    if let Some((store, applied)) = store {
        settle(salvaged, &missing, store, applied)?;
    }
    Ok(())
}

/// Gives the mended records what they must have added and removed for the journal to end where the store is.
fn settle(
    salvaged: &mut Salvaged,
    missing: &BTreeSet<u64>,
    store: &Store,
    applied: &Applied,
) -> Result<(), StoreError> {
    let Some(&newest) = missing.range(..=applied.seq).next_back() else { return Ok(()) };
    // What a lost statement had said and a later record took back.
    let mut later = Vec::new();
    let mut state: BTreeMap<String, Quad> = BTreeMap::new();
    for (seq, record) in salvaged.records.range(..=applied.seq) {
        for quad in &record.removed {
            let key = quad.to_string();
            if state.remove(&key).is_none()
                && let Some(number) = said_number(quad).filter(|number| missing.contains(number) && number < seq)
            {
                later.push((number, quad.clone()));
            }
        }
        for quad in &record.added {
            state.insert(quad.to_string(), quad.clone());
        }
    }
    for (number, quad) in later {
        if let Some(record) = salvaged.records.get_mut(&number) {
            record.added.push(quad);
        }
    }
    for quad in store {
        let quad = quad.map_err(StoreError::engine("comparing with the journal"))?;
        if apply::writable(&quad) && state.remove(&quad.to_string()).is_none() {
            let number = said_number(&quad).filter(|number| missing.contains(number)).unwrap_or(newest);
            if let Some(record) = salvaged.records.get_mut(&number)
                && !record.added.contains(&quad)
            {
                record.added.push(quad);
            }
        }
    }
    if let Some(record) = salvaged.records.get_mut(&newest) {
        record.removed.extend(state.into_values());
        if record.added.is_empty() && !record.removed.is_empty() {
            record.act = Act::Forget;
        }
    }
    Ok(())
}

fn said_number(quad: &Quad) -> Option<u64> {
    match Source::of_graph(apply::said_graph(quad)?.as_str()) {
        Some(Source::Said { seq, .. }) => Some(seq),
        _ => None,
    }
}

/// The records of statements with these numbers, as far as their provenance tells; their quads come later.
fn described(store: &Store, missing: &BTreeSet<u64>) -> Result<BTreeMap<u64, Record>, StoreError> {
    let failed = || StoreError::engine("reading provenance");
    let mut records: BTreeMap<u64, Record> = BTreeMap::new();
    let graph = GraphNameRef::from(v::PROVENANCE_GRAPH);
    for quad in store.quads_for_pattern(None, Some(v::GENERATED_AT), None, Some(graph)) {
        let quad = quad.map_err(failed())?;
        let NamedOrBlankNode::NamedNode(statement) = &quad.subject else { continue };
        let Some(Source::Said { seq, scope }) = Source::of_graph(statement.as_str()) else { continue };
        if !missing.contains(&seq) {
            continue;
        }
        let mut record = blank(seq, Time::from_micros(0));
        record.act = Act::Learn;
        record.scope = scope;
        for quad in store.quads_for_pattern(Some(statement.as_ref().into()), None, None, Some(graph)) {
            let quad = quad.map_err(failed())?;
            let text = match &quad.object {
                Term::Literal(literal) => literal.value().to_owned(),
                other => other.to_string(),
            };
            match quad.predicate.as_ref() {
                v::GENERATED_AT => record.at = Time::parse(&text).unwrap_or(record.at),
                v::PROV_VALUE => record.line = text,
                v::AT_LOCATION => record.place = Place::parse(&text),
                v::ATTRIBUTED_TO => record.by = speaker(store, &quad.object)?,
                v::REVISION_OF => record.act = Act::Correct,
                _ => {}
            }
        }
        records.insert(seq, record);
    }
    for seq in missing {
        let event = NamedNode::new_unchecked(format!("{}{seq}", v::EVENT));
        let about = store.quads_for_pattern(Some(event.as_ref().into()), Some(v::ABOUT), None, Some(graph));
        for quad in about {
            if let Term::NamedNode(thing) = quad.map_err(failed())?.object {
                // A record without a statement: of it, only what it was about and what it changed is known.
                records.entry(*seq).or_insert_with(|| blank(*seq, Time::from_micros(0))).about.push(thing);
            }
        }
    }
    Ok(records)
}

fn speaker(store: &Store, agent: &Term) -> Result<Speaker, StoreError> {
    let Term::NamedNode(agent) = agent else { return Ok(nobody()) };
    let name = percent_decode(agent.as_str().strip_prefix(v::AGENT).unwrap_or_default());
    let label = store
        .quads_for_pattern(Some(agent.as_ref().into()), Some(v::LABEL), None, Some(v::PROVENANCE_GRAPH.into()))
        .next()
        .transpose()
        .map_err(StoreError::engine("reading provenance"))?;
    let nick = match label.map(|quad| quad.object) {
        Some(Term::Literal(nick)) => nick.value().to_owned(),
        _ => name.clone(),
    };
    let account = (nick != name).then_some(name);
    Ok(Speaker { nick, account, rights: Rights::Everyone })
}

fn nobody() -> Speaker {
    Speaker { nick: "quid repair".to_owned(), account: None, rights: Rights::Everyone }
}

fn blank(seq: u64, at: Time) -> Record {
    Record {
        seq,
        act: Act::Setting,
        by: nobody(),
        place: Place::Global,
        at,
        line: "(this record could not be read)".to_owned(),
        scope: Scope::Global,
        added: Vec::new(),
        removed: Vec::new(),
        about: Vec::new(),
        undoes: None,
    }
}

/// Writes the journal anew, with the old one moved aside.
fn write_journal(home: &Path, salvaged: &Salvaged, told: &mut Vec<String>) -> Result<(), StoreError> {
    let (path, beside) = (home.join(JOURNAL), home.join(format!("{JOURNAL}.new")));
    let failed = || StoreError::file(format!("journal {}", beside.display()));
    let mut file = std::io::BufWriter::new(std::fs::File::create(&beside).map_err(failed())?);
    let mut prev = NO_HASH.to_owned();
    for record in salvaged.records.values() {
        let sealed = record::seal(record, &prev)
            .map_err(|why| StoreError::Engine { what: format!("record {}", record.seq), why })?;
        file.write_all(&sealed.bytes).map_err(failed())?;
        prev = sealed.hash;
    }
    file.flush().and_then(|()| file.get_ref().sync_all()).map_err(failed())?;
    if path.exists() {
        told.push(format!("the damaged journal is kept as {}", aside(&path)?.display()));
    }
    std::fs::rename(&beside, &path).map_err(failed())?;
    // Derived from the old one.
    let ends = home.join(ENDS);
    if ends.exists() {
        std::fs::remove_file(&ends).map_err(StoreError::file(format!("file {}", ends.display())))?;
    }
    journal::sync_directory(home)
}

/// Removes what was derived from the journal; dumps and observations stay.
fn forget_taught(store: &Store) -> Result<(), StoreError> {
    let failed = || StoreError::engine("clearing what was taught");
    for graph in [v::STATE_GRAPH, v::PROVENANCE_GRAPH] {
        clear(store, graph)?;
    }
    let graphs = store
        .named_graphs()
        .filter(|graph| {
            graph.as_ref().map_or(
                true,
                |graph| matches!(graph, NamedOrBlankNode::NamedNode(name) if name.as_str().starts_with(v::SAID) || is_foreign(name.as_str())),
            )
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed())?;
    for part in graphs.chunks(1000) {
        let mut transaction = store.start_transaction().map_err(failed())?;
        for graph in part {
            let quads = transaction
                .quads_for_pattern(None, None, None, Some(GraphName::from(graph.clone()).as_ref()))
                .collect::<Result<Vec<_>, _>>()
                .map_err(failed())?;
            for quad in &quads {
                transaction.remove(quad);
            }
            transaction.remove_named_graph(graph.as_ref()).map_err(failed())?;
        }
        transaction.commit().map_err(failed())?;
    }
    Ok(())
}

/// Moves a damaged thing aside, under the first free name.
fn aside(path: &Path) -> Result<PathBuf, StoreError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let free = (1_u32..10_000)
        .map(|number| path.with_file_name(format!("{name}.damaged-{number}")))
        .find(|candidate| !candidate.exists())
        .unwrap_or_else(|| path.with_extension("damaged"));
    std::fs::rename(path, &free).map_err(StoreError::file(format!("moving {} aside", path.display())))?;
    Ok(free)
}
