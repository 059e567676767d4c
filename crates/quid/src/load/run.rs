//! Loads any dump into the store and the text index at once.
//!
//! One thread reads, one stores and one indexes, with short queues between them, so that a load takes as long as
//! its slowest part and memory stays bounded. A dump that can be gone on with is made durable part by part;
//! any other is whole or not there.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use quid_core::Source;
use quid_core::oxrdf::{GraphName, NamedNode, Quad};
use quid_core::ports::LoadedFile;
use quid_import::source::{Dump, FileRead, source_of};
use quid_search::{Bulk, LocalNames};
use quid_store::{Intake, Mark, NewSource, Part};
use serde_json::json;

use super::broken;
use super::room::enough_room;
use super::tell::{Complaints, Meter};
use crate::complaint::hinted;
use crate::door;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// Quads handed from thread to thread at once.
const BATCH: usize = 8192;
/// Batches waiting for the slower thread.
const WAITING: usize = 8;
/// Quads between two marks from which a load can go on: few enough to lose little, many enough to cost little.
const BETWEEN_MARKS: u64 = 8_000_000;

/// How a dump is loaded.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Stop at the first bad line, and keep nothing.
    pub strict: bool,
    /// Go on where an interrupted load stopped.
    pub resume: bool,
    /// Quads between two marks from which the load can go on; the usual number when absent.
    pub mark_every: Option<u64>,
    /// What else decides what is loaded (filters), to see whether two loads are the same.
    pub filters: String,
}

/// Loads a dump: the one way in for every kind.
///
/// # Errors
/// When it cannot be read at all, breaks a strict load, does not fit on the disk, or cannot be stored.
pub fn run(house: &House, mut dump: Box<dyn Dump + '_>, options: &LoadOptions, output: &mut Output) -> Result<Outcome> {
    let start = Instant::now();
    let name = dump.name();
    let mut key = Key::of(dump.as_ref(), options);
    if let Some(before) = house.keeper.loaded_from(&name)
        && key.is_the_same_load(&before, dump.as_ref())
    {
        let skipped = Key(before).skipped();
        if options.strict && skipped > 0 {
            return Err(not_strictly(&name, skipped, &house.home.load_log(&name)));
        }
        return already(&name, skipped, options, output);
    }
    let mut counts = Vec::new();
    let mut resumed = false;
    if options.resume
        && let Some(before) = house.keeper.resumable(&name)
    {
        if !Key(before.key.clone()).is_of_the_same_input(&key) {
            let hint = format!("load it from the start, without --resume, or remove it: quid unload {name}");
            return Err(anyhow!("{} was being loaded", before.key)
                .context(hinted(format!("the interrupted load of {name} was of other files or filters"), hint)));
        }
        dump.resume(&before.mark.place).map_err(|problem| broken(&[problem]))?;
        key = Key(before.key);
        counts = before.mark.counts;
        resumed = true;
    }
    enough_room(house.home.root(), dump.as_ref())?;
    let complaints = Complaints::new(&house.home.load_log(&name), options.strict);
    let meter = Meter::new(&name);
    let mark_every = options.mark_every.unwrap_or(BETWEEN_MARKS);
    let loading =
        Loading { house, name: &name, key: &key, resumed, counts, meter: &meter, strict: options.strict, mark_every };
    let loaded = loading.load(dump.as_mut(), complaints);
    meter.done();
    let Loaded { quads, texts, complaints } = loaded?;
    let skipped = complaints.count();
    let seconds = start.elapsed().as_secs_f64();
    let log = complaints.finish()?;
    let sources = house.keeper.sources_of(&name);
    if output.is_json() {
        let mut told = json!({ "loaded": name, "quads": quads, "texts": texts, "sources": sources.len(),
            "skipped": skipped, "resumed": resumed, "seconds": seconds });
        for (what, count) in dump.summary() {
            told[what] = count.into();
        }
        if let Some(log) = &log {
            told["log"] = log.display().to_string().into();
        }
        output.json_line(&told)?;
    } else {
        let mut parts: Vec<String> = dump.summary().iter().map(|(what, count)| format!("{count} {what}")).collect();
        parts.extend([format!("{quads} quads"), format!("{texts} texts")]);
        if sources.len() > 1 {
            parts.insert(0, format!("{} sources", sources.len()));
        }
        let how = if resumed { " (resumed)" } else { "" };
        output.line(&format!("loaded {}{how}: {}, in {seconds:.1} s", loaded_title(house, &name), parts.join(", ")))?;
        if let Some(log) = &log {
            let (what, named) = if skipped == 1 { ("line was", "named") } else { ("lines were", "each named") };
            output.line(&format!("{skipped} bad {what} skipped, {named} in {}", log.display()))?;
        }
    }
    Ok(if skipped > 0 { Outcome::Failed } else { Outcome::Answered })
}

/// The title of a dump that is one source, else its name.
fn loaded_title(house: &House, name: &str) -> String {
    use quid_core::Memory as _;
    let sources = house.keeper.sources().unwrap_or_default();
    sources.into_iter().find(|source| source.name == name).map_or_else(|| name.to_owned(), |source| source.title)
}

/// Nothing is to be done. `skipped` lines of it were bad when it was loaded.
fn already(name: &str, skipped: u64, options: &LoadOptions, output: &mut Output) -> Result<Outcome> {
    if output.is_json() {
        let told = json!({ "loaded": name, "quads": 0, "texts": 0, "skipped": 0, "already": true,
            "skipped_before": skipped });
        output.json_line(&told)?;
    } else {
        let why = if options.resume { "there is nothing to go on with" } else { "nothing changed" };
        let but = match skipped {
            0 => String::new(),
            1 => "; 1 bad line was skipped then".to_owned(),
            many => format!("; {many} bad lines were skipped then"),
        };
        output.line(&format!("{name} is loaded from the same files already; {why}{but}"))?;
    }
    Ok(Outcome::Answered)
}

/// What is there was not loaded as strictly as is asked for now.
fn not_strictly(name: &str, skipped: u64, log: &Path) -> anyhow::Error {
    let (what, them) = if skipped == 1 { ("bad line was", "it") } else { ("bad lines were", "them") };
    let named = if log.exists() { format!(" ({} names {them})", log.display()) } else { String::new() };
    let hint = format!("mend {them}{named} and load again; quid unload {name} removes what is there");
    anyhow!("the load is strict, and {skipped} {what} skipped when this file was loaded")
        .context(hinted(format!("{name} is loaded already, but not strictly; it stays as it is"), hint))
}

/// From what and how a dump is loaded, as one text: hashes of the files when they are known, filters, version.
struct Key(String);

impl Key {
    /// The key of a load that begins: the files' paths and sizes.
    fn of(dump: &dyn Dump, options: &LoadOptions) -> Self {
        let total = dump.progress().total;
        Self(format!("{} {} {total} bytes {}", env!("CARGO_PKG_VERSION"), dump.identity(), options.filters))
    }

    fn is_of_the_same_input(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// Whether an earlier load was of the same bytes. Files are only hashed when all else is the same.
    fn is_the_same_load(&self, before: &str, dump: &dyn Dump) -> bool {
        let (before, _) = without_skipped(before);
        before.split_once(HASHED).is_some_and(|(beginning, _)| beginning == self.0)
            && dump.progress().total > 0
            && self.with(&dump.files()) == before
    }

    /// The key of a finished load that skipped so many bad lines.
    fn finished(&self, files: &[FileRead], skipped: u64) -> String {
        let key = self.with(files);
        if skipped == 0 { key } else { format!("{key}{SKIPPED}{skipped}") }
    }

    /// How many bad lines were skipped by the finished load that has this key.
    fn skipped(&self) -> u64 {
        without_skipped(&self.0).1
    }

    /// The key with the files' hashes, as it is kept of a finished load.
    fn with(&self, files: &[FileRead]) -> String {
        let hashes: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
        format!("{}{HASHED}{}", self.0, hashes.join(" "))
    }
}

/// A key of a finished load, and how many bad lines it skipped.
fn without_skipped(key: &str) -> (&str, u64) {
    let parts = key.rsplit_once(SKIPPED).and_then(|(key, skipped)| Some((key, skipped.parse().ok()?)));
    parts.unwrap_or((key, 0))
}

/// Stands between a key and the hashes of its files.
const HASHED: &str = " sha256 ";
/// Stands before the number of bad lines that were skipped.
const SKIPPED: &str = " skipped ";

/// A load under way.
struct Loading<'a> {
    house: &'a House,
    name: &'a str,
    key: &'a Key,
    resumed: bool,
    counts: Vec<(String, u64)>,
    meter: &'a Meter,
    strict: bool,
    mark_every: u64,
}

/// What came of it.
struct Loaded {
    quads: u64,
    texts: u64,
    complaints: Complaints,
}

/// What the indexing thread is told.
enum ToIndex {
    Quads(Vec<Quad>),
    /// Commit; the storing thread is told how many texts there are.
    Mark,
    End,
}

impl Loading<'_> {
    fn load(self, dump: &mut (dyn Dump + '_), complaints: Complaints) -> Result<Loaded> {
        let house = self.house;
        let old = house.keeper.sources_of(self.name);
        let lasting = dump.mark().is_some();
        if self.resumed {
            house.begin_marked_text_load()?;
        } else {
            house.begin_text_load()?;
            for source in &old {
                house.index.drop_graph(&Source::Dump(source.clone()).graph())?;
            }
        }
        let kept: Vec<String> = if self.resumed { old } else { Vec::new() };
        let (to_index, for_index) = sync_channel(WAITING);
        let (to_store, for_store) = sync_channel(WAITING);
        // The index never commits a mark before the store has kept the one before: a load that goes on knows the
        // texts of one mark again, not of more.
        let (may_commit, turn) = sync_channel(1);
        let (committed, marked) = sync_channel(1);
        let (name, key, resumed, meter) = (self.name.to_owned(), self.key, self.resumed, self.meter);
        let (counts, mark_every) = (self.counts, self.mark_every);
        let loaded = thread::scope(|scope| {
            let indexing = scope.spawn(move || index_all(house, &kept, &for_index, &turn, &committed));
            let end_index = to_index.clone();
            let reading = scope.spawn(move || {
                let reader =
                    Reader { complaints, to_store, to_index, mark_every, batch: Vec::new(), texts: Vec::new() };
                reader.read(dump, counts, key, meter)
            });
            let intake = Intake { name: &name, key: &key.0, at: door::now(), resumed };
            let mut parts = for_store.into_iter();
            let mut at_mark = move || {
                may_commit.send(()).map_err(|_| "indexing has stopped".to_owned())?;
                let committed = marked.recv().map_err(|_| "indexing has stopped".to_owned())?;
                house.begin_marked_text_load().map_err(|error| format!("{error:#}"))?;
                Ok(committed)
            };
            let kept = house.keeper.take_in(&intake, &mut parts, &mut at_mark);
            // Lets a reader that still waits to hand on, or an index that waits for its turn, see that nobody listens.
            drop(parts);
            drop(at_mark);
            let complete = kept.is_ok() && end_index.send(ToIndex::End).is_ok();
            drop(end_index);
            let read = reading.join().map_err(|_| anyhow!("reading ended in an internal fault"))?;
            let indexed = indexing.join().map_err(|_| anyhow!("indexing ended in an internal fault"))?;
            // The reader's own word comes first: a strict load that met a bad line failed because of it.
            let complaints = read?;
            let (quads, texts) = (kept.context("cannot store it")?, indexed?);
            anyhow::ensure!(complete, "the text index took only a part of it");
            Ok(Loaded { quads, texts, complaints })
        });
        let stays = loaded.is_err() && lasting && !self.strict && house.keeper.resumable(&name).is_some();
        if stays {
            return loaded.with_context(|| {
                let hint = format!("quid load … --resume goes on with it, quid unload {name} removes it");
                hinted(format!("loading {name} was interrupted; what came before is kept"), hint)
            });
        }
        if loaded.is_err() {
            take_out(house, &name);
        }
        house.end_text_load()?;
        loaded
    }
}

/// The reading half: sorts what comes into batches for the other two threads.
struct Reader {
    complaints: Complaints,
    to_store: SyncSender<Result<Part, String>>,
    to_index: SyncSender<ToIndex>,
    mark_every: u64,
    batch: Vec<Quad>,
    texts: Vec<Quad>,
}

impl Reader {
    fn read(
        mut self,
        dump: &mut (dyn Dump + '_),
        counts: Vec<(String, u64)>,
        key: &Key,
        meter: &Meter,
    ) -> Result<Complaints> {
        let mut sources = Sources::from(counts);
        let mut since_mark: u64 = 0;
        let mut total: u64 = 0;
        let mut names = dump.may_lack_names().then(LocalNames::default);
        while let Some(item) = dump.next() {
            let quad = match item {
                Ok(quad) => quad,
                Err(problem) => {
                    if let Err(strict) = self.complaints.add(&problem, meter) {
                        self.give_up(&strict.to_string());
                        return Err(strict);
                    }
                    continue;
                }
            };
            let Some((at, new)) = sources.count(&quad) else {
                let why = format!("a quad of {} stands in no source", dump.name());
                self.give_up(&why);
                return Err(anyhow!(why));
            };
            if new {
                let about = dump.about(sources.name(at));
                let source = NewSource { name: about.name, title: about.title, licence: about.licence };
                // What gathered so far belongs to sources that are known.
                if !self.hand_over() || self.to_store.send(Ok(Part::Source(source))).is_err() {
                    return Ok(self.complaints);
                }
            }
            if quid_search::is_found(&quad) {
                self.texts.push(quad.clone());
            }
            if let Some(names) = &mut names {
                names.note(&quad);
            }
            self.batch.push(quad);
            total += 1;
            since_mark += 1;
            if self.batch.len() == BATCH {
                meter.at(dump.progress(), total);
                if !self.hand_over() {
                    return Ok(self.complaints);
                }
                if since_mark >= self.mark_every
                    && let Some(place) = dump.mark()
                {
                    since_mark = 0;
                    self.texts.extend(names.iter_mut().flat_map(LocalNames::take));
                    let mark = Mark { place, counts: sources.counts.clone() };
                    if !self.hand_over_texts()
                        || self.to_index.send(ToIndex::Mark).is_err()
                        || self.to_store.send(Ok(Part::Mark(mark))).is_err()
                    {
                        return Ok(self.complaints);
                    }
                }
            }
        }
        self.texts.extend(names.iter_mut().flat_map(LocalNames::take));
        meter.settling();
        let files = dump.files();
        let key = key.finished(&files, self.complaints.count());
        let files = files
            .into_iter()
            .map(|file| LoadedFile { path: file.path.display().to_string(), bytes: file.bytes, sha256: file.sha256 })
            .collect();
        if self.hand_over() && self.hand_over_texts() {
            // When nobody listens any more, the store has said why.
            let _ = self.to_store.send(Ok(Part::End { key, counts: sources.counts, files }));
        }
        Ok(self.complaints)
    }

    /// Hands over what has gathered; false when the storing thread has given up.
    fn hand_over(&mut self) -> bool {
        if self.texts.len() >= BATCH && !self.hand_over_texts() {
            return false;
        }
        self.batch.is_empty()
            || self
                .to_store
                .send(Ok(Part::Quads(std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH)))))
                .is_ok()
    }

    fn hand_over_texts(&mut self) -> bool {
        self.texts.is_empty() || self.to_index.send(ToIndex::Quads(std::mem::take(&mut self.texts))).is_ok()
    }

    fn give_up(&self, why: &str) {
        // When nobody listens any more there is nobody to tell.
        let _ = self.to_store.send(Err(why.to_owned()));
    }
}

/// The sources met so far, with their quads counted.
struct Sources {
    counts: Vec<(String, u64)>,
    graphs: Vec<NamedNode>,
    last: usize,
}

impl From<Vec<(String, u64)>> for Sources {
    fn from(counts: Vec<(String, u64)>) -> Self {
        let graphs = counts.iter().map(|(name, _)| Source::Dump(name.clone()).graph()).collect::<Vec<_>>();
        Self { graphs, counts, last: 0 }
    }
}

impl Sources {
    /// Counts a quad; says which source it is of and whether that is a new one.
    fn count(&mut self, quad: &Quad) -> Option<(usize, bool)> {
        let GraphName::NamedNode(graph) = &quad.graph_name else { return None };
        let mut new = false;
        if self.graphs.get(self.last) != Some(graph) {
            self.last = match self.graphs.iter().position(|known| known == graph) {
                Some(at) => at,
                None => {
                    self.counts.push((source_of(quad)?, 0));
                    self.graphs.push(graph.clone());
                    new = true;
                    self.graphs.len() - 1
                }
            };
        }
        self.counts.get_mut(self.last)?.1 += 1;
        Some((self.last, new))
    }

    fn name(&self, at: usize) -> &str {
        self.counts.get(at).map_or("", |(name, _)| name.as_str())
    }
}

/// Indexes what comes, and keeps it only when its end, or a mark, came too.
fn index_all(
    house: &House,
    kept: &[String],
    batches: &Receiver<ToIndex>,
    turn: &Receiver<()>,
    committed: &SyncSender<u64>,
) -> Result<u64> {
    let mut bulk: Bulk<'_> = house.index.bulk()?;
    for source in kept {
        bulk.go_on(Source::Dump(source.clone()).graph().as_str());
    }
    for message in batches {
        match message {
            ToIndex::Quads(quads) => {
                for quad in &quads {
                    bulk.add(quad)?;
                }
            }
            ToIndex::Mark => {
                if turn.recv().is_err() {
                    break;
                }
                let texts = bulk.commit()?;
                if committed.send(texts).is_err() {
                    break;
                }
            }
            ToIndex::End => return Ok(bulk.finish(0)?),
        }
    }
    Ok(0)
}

/// Takes a half-loaded dump out again; what cannot be taken out now is noticed at the next start.
fn take_out(house: &House, name: &str) {
    for source in house.keeper.sources_of(name) {
        if let Err(error) = house.index.drop_graph(&Source::Dump(source.clone()).graph()) {
            tracing::warn!("{source} could not be taken out of the text index again: {error}");
        }
    }
    if !house.keeper.sources_of(name).is_empty()
        && let Err(error) = house.keeper.unload(name)
    {
        tracing::warn!("{name} could not be taken out again: {error}");
    }
}
