//! The one writer: group commit.
//!
//! `RocksDB`'s transactions detect no conflicts, so all writing happens in one thread. It takes every waiting
//! change at once, decides them one after the other inside one transaction (so that they see each other),
//! writes their journal lines, syncs once, commits once, and only then answers everybody.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, RwLock,
        mpsc::{Receiver, RecvTimeoutError, SyncSender},
    },
    thread::JoinHandle,
    time::Duration,
};

use oxigraph::store::{Store, Transaction};
use quid_core::{
    Audience, Change, Guard, Receipt, Record, Source,
    oxrdf::{GraphName, Quad},
    vocabulary::{OBSERVED_GRAPH, SAID},
};

use crate::{
    StoreError,
    apply::{self, Applied},
    backing,
    cache::Cache,
    journal::{Appender, Journal},
    record, view,
};

/// The most changes in one transaction.
const BATCH: usize = 1024;

/// After so many records the engine's own log is emptied into its tables, beside the work: what is in the log is
/// read again at the next start (measured: five thousand records take most of a second).
const FLUSHED_AFTER: u64 = 5000;
/// The same, when nobody has asked for anything for a while.
const FLUSHED_IDLE: u64 = 100;
/// How long a while is.
const IDLE: Duration = Duration::from_secs(2);

/// Where somebody waits for the outcome.
pub(crate) type Answer<T> = SyncSender<Result<T, StoreError>>;

/// What the writer is asked for.
pub(crate) enum Order {
    /// A change to be made durable.
    Change(Box<Change>, Answer<Receipt>),
    /// Observations to be replaced.
    Observe(Vec<Quad>, Vec<Quad>, Answer<()>),
    /// Something that must be done while nobody writes.
    Alone(Box<dyn FnOnce() -> Result<(), StoreError> + Send>, Answer<()>),
    /// Makes the n-th next write of the journal fail.
    #[cfg(test)]
    Fail(usize, SyncSender<()>),
}

/// The writer's state.
pub(crate) struct Writer {
    pub(crate) store: Store,
    pub(crate) cache: Arc<Cache>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) appender: Appender,
    pub(crate) applied: Applied,
    /// The same, for everybody to read.
    pub(crate) shown: Arc<RwLock<Applied>>,
    pub(crate) flush: Flush,
}

/// Empties the engine's log, beside the work and one at a time.
#[derive(Default)]
pub(crate) struct Flush {
    records: u64,
    thread: Option<JoinHandle<()>>,
}

impl Flush {
    fn due(&mut self, after: u64, store: &Store) {
        if self.records < after || self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return;
        }
        self.records = 0;
        let store = store.clone();
        self.thread = Some(std::thread::spawn(move || {
            // The journal is durable without it; only the next start would take longer.
            if let Err(why) = backing::flush(&store) {
                tracing::warn!("emptying the engine's log: {why}");
            }
        }));
    }

    fn last(mut self, store: &Store) {
        if let Some(thread) = self.thread.take() {
            // A panic in it has told its story on its own thread.
            let _ = thread.join();
        }
        if self.records > 0
            && let Err(why) = backing::flush(store)
        {
            tracing::warn!("emptying the engine's log: {why}");
        }
    }
}

impl Writer {
    /// Works until every sender is gone.
    pub(crate) fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let first = match orders.recv_timeout(IDLE) {
                Ok(first) => first,
                Err(RecvTimeoutError::Timeout) => {
                    self.flush.due(FLUSHED_IDLE, &self.store);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let mut batch = vec![first];
            while batch.len() < BATCH
                && let Ok(next) = orders.try_recv()
            {
                batch.push(next);
            }
            self.write(batch);
            self.flush.due(FLUSHED_AFTER, &self.store);
        }
        self.flush.last(&self.store);
    }

    fn write(&mut self, batch: Vec<Order>) {
        let mut together = Vec::new();
        for order in batch {
            if let Order::Alone(act, answer) = order {
                self.write_together(std::mem::take(&mut together));
                // Whoever does not wait any more needs no answer.
                let _ = answer.send(act());
            } else {
                together.push(order);
            }
        }
        self.write_together(together);
    }

    fn write_together(&mut self, batch: Vec<Order>) {
        if batch.is_empty() {
            return;
        }
        let mut answers = Answers::default();
        let outcome = self.try_write(batch, &mut answers);
        answers.send(outcome.err().as_ref());
    }

    fn try_write(&mut self, batch: Vec<Order>, answers: &mut Answers) -> Result<(), StoreError> {
        let store = self.store.clone();
        let mut pending =
            Pending { applied: self.applied.clone(), bytes: Vec::new(), ends: Vec::new(), touched: Vec::new() };
        let mut transaction = match store.start_transaction() {
            Ok(transaction) => transaction,
            Err(why) => {
                answers.take_all(batch);
                return Err(StoreError::engine("starting a transaction")(why));
            }
        };
        let mut failure = None;
        for order in batch {
            match order {
                Order::Change(change, answer) => {
                    let length = self.appender.length();
                    let done = if failure.is_none() {
                        pending.change(*change, length, &mut transaction)
                    } else {
                        Ok(Receipt { seq: 0, statement: None })
                    };
                    match done {
                        Ok(receipt) => answers.changes.push((answer, Ok(receipt))),
                        Err(refusal @ (StoreError::Conflict | StoreError::Refused(_))) => {
                            answers.changes.push((answer, Err(refusal)));
                        }
                        Err(why) => {
                            // The transaction is half written: it is dropped, with everybody's changes in it.
                            answers.changes.push((answer, Ok(Receipt { seq: 0, statement: None })));
                            failure = Some(why);
                        }
                    }
                }
                Order::Observe(removed, added, answer) => {
                    let foreign = removed.iter().chain(&added).any(|quad| !observed(quad));
                    if foreign {
                        let words = "an observation outside its graph".to_owned();
                        answers.observations.push((answer, Err(StoreError::Refused(words))));
                        continue;
                    }
                    for quad in &removed {
                        transaction.remove(quad);
                    }
                    for quad in &added {
                        transaction.insert(quad);
                    }
                    answers.observations.push((answer, Ok(())));
                }
                Order::Alone(_, answer) => drop(answer),
                #[cfg(test)]
                Order::Fail(after, answer) => {
                    self.appender.fail_after = Some(after);
                    let _ = answer.send(());
                }
            }
        }
        if let Some(why) = failure {
            return Err(why);
        }
        if !pending.ends.is_empty() {
            pending.applied.replace(Some(&self.applied), &mut transaction);
            self.appender.append(&self.journal, &pending.bytes)?;
        }
        if let Err(why) = transaction.commit() {
            let error = StoreError::engine("committing")(why);
            if !pending.ends.is_empty() {
                self.appender.cut_back(&self.journal, &error.to_string());
                // Whether the store took it is not known; the next start compares the two.
                self.appender.stop(&error.to_string());
            }
            return Err(error);
        }
        if !pending.ends.is_empty() {
            self.cache.changed(pending.touched.iter());
            self.appender.keep(&pending.ends);
            self.flush.records += pending.ends.len() as u64;
            self.journal.publish(&pending.ends);
            self.applied = pending.applied;
            self.shown.write().unwrap_or_else(std::sync::PoisonError::into_inner).clone_from(&self.applied);
        }
        Ok(())
    }
}

/// What a batch has come to so far.
struct Pending {
    applied: Applied,
    bytes: Vec<u8>,
    ends: Vec<u64>,
    /// Every quad added or removed.
    touched: Vec<Quad>,
}

impl Pending {
    fn change(
        &mut self,
        change: Change,
        length: u64,
        transaction: &mut Transaction<'_>,
    ) -> Result<Receipt, StoreError> {
        if let Some(guard) = &change.guard {
            let reader = Audience { name: change.by.name().to_owned(), place: change.place.clone() };
            check_guard(guard, &reader, transaction)?;
        }
        let seq = self.applied.seq + 1;
        let record = as_record(change, seq)?;
        let sealed = record::seal(&record, &self.applied.hash).map_err(StoreError::Refused)?;
        // Read back before it is written: a term that cannot be read again must never get into the journal, and
        // what is applied now must be what a replay applies.
        let record = record::read(&sealed.bytes)
            .map_err(|why| StoreError::Refused(format!("this cannot be written down: {why}")))?;
        let (more, less) = apply::apply(&record, transaction).map_err(StoreError::engine("writing a statement"))?;
        self.bytes.extend_from_slice(&sealed.bytes);
        self.ends.push(length + self.bytes.len() as u64);
        self.applied.seq = seq;
        self.applied.hash = sealed.hash;
        self.applied.said = (self.applied.said + more).saturating_sub(less);
        let statement = record.statement();
        self.touched.extend(record.added);
        self.touched.extend(record.removed);
        Ok(Receipt { seq, statement })
    }
}

/// The record a change becomes.
fn as_record(change: Change, seq: u64) -> Result<Record, StoreError> {
    if let Some(quad) = change.added.iter().chain(&change.removed).find(|quad| !apply::writable(quad)) {
        return Err(StoreError::Refused(format!(
            "{} is not a graph that a change may touch: what was loaded is changed by loading it again",
            quad.graph_name
        )));
    }
    let graph = Source::Said { seq, scope: change.scope.clone() }.graph();
    let mut added: Vec<Quad> = change.learned.into_iter().map(|triple| triple.in_graph(graph.clone())).collect();
    added.extend(change.added);
    Ok(Record {
        seq,
        act: change.act,
        by: change.by,
        place: change.place,
        at: change.at,
        line: change.line,
        scope: change.scope,
        added,
        removed: change.removed,
        about: change.about,
        undoes: change.undoes,
    })
}

/// Compares the statement graphs that hold values now, as far as the changer sees them, with those seen then.
fn check_guard(guard: &Guard, reader: &Audience, transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut now = BTreeSet::new();
    for predicate in &guard.predicates {
        let quads =
            transaction.quads_for_pattern(Some(guard.subject.as_ref().into()), Some(predicate.as_ref()), None, None);
        for quad in quads {
            let quad = quad.map_err(StoreError::engine("comparing with what was seen"))?;
            if let GraphName::NamedNode(graph) = quad.graph_name
                && graph.as_str().starts_with(SAID)
                && view::visible(graph.as_str(), reader)
            {
                now.insert(graph);
            }
        }
    }
    let seen: BTreeSet<_> = guard
        .seen
        .iter()
        .filter(|graph| graph.as_str().starts_with(SAID) && view::visible(graph.as_str(), reader))
        .cloned()
        .collect();
    if now == seen { Ok(()) } else { Err(StoreError::Conflict) }
}

fn observed(quad: &Quad) -> bool {
    quad.graph_name.as_ref() == OBSERVED_GRAPH.into()
}

/// Everybody who waits, and what they will be told when the batch is durable.
#[derive(Default)]
struct Answers {
    changes: Vec<(Answer<Receipt>, Result<Receipt, StoreError>)>,
    observations: Vec<(Answer<()>, Result<(), StoreError>)>,
}

impl Answers {
    fn take_all(&mut self, batch: Vec<Order>) {
        for order in batch {
            match order {
                Order::Change(_, answer) => {
                    self.changes.push((answer, Ok(Receipt { seq: 0, statement: None })));
                }
                Order::Observe(_, _, answer) => self.observations.push((answer, Ok(()))),
                Order::Alone(_, answer) => drop(answer),
                #[cfg(test)]
                Order::Fail(_, answer) => drop(answer),
            }
        }
    }

    /// Tells everybody; with a failure, whoever hoped for success is told of it.
    fn send(self, failure: Option<&StoreError>) {
        // Whoever does not wait any more needs no answer.
        for (answer, outcome) in self.changes {
            let _ = answer.send(overruled(outcome, failure));
        }
        for (answer, outcome) in self.observations {
            let _ = answer.send(overruled(outcome, failure));
        }
    }
}

fn overruled<T>(outcome: Result<T, StoreError>, failure: Option<&StoreError>) -> Result<T, StoreError> {
    match (outcome, failure) {
        (Ok(_), Some(failure)) => Err(match failure {
            StoreError::File { what, why } => {
                StoreError::File { what: what.clone(), why: std::io::Error::new(why.kind(), why.to_string()) }
            }
            other => StoreError::Engine { what: "nothing was learned".to_owned(), why: other.to_string() },
        }),
        (outcome, _) => outcome,
    }
}
