//! Read-only, bounded SPARQL over what an audience may see.
//!
//! A query runs on a thread of its own with a large stack. The evaluator looks at its stop sign only when it
//! reads the store, so at the deadline the answer is given and the thread left behind to find the sign; a few
//! such threads at most, then queries are refused.

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{RecvTimeoutError, sync_channel},
    },
    time::{Duration, Instant},
};

use oxigraph::store::Store;
use quid_core::{Audience, Entailment, Fault, Regime, ports::Table};
use spareval::{CancellationToken, QueryEvaluationError, QueryEvaluator, QueryResults};
use spargebra::{Query, SparqlParser};

use crate::{
    StoreError,
    cache::Cache,
    dataset::{Ended, Visible},
    error::with_causes,
    following::Following,
    policy,
    view::View,
};

/// The longest list of what was expected that is worth reading, in bytes.
const LONGEST_COMPLAINT: usize = 160;
/// How long a query may take.
const LONGEST: Duration = Duration::from_secs(30);
/// How long a query that was told to stop is waited for, so that its first rows are not lost.
const GRACE: Duration = Duration::from_millis(300);
/// How often the caller's stop flag is looked at.
const GLANCE: Duration = Duration::from_millis(10);
/// Enough for the deepest query that the policy lets through.
const STACK: usize = 16 << 20;
/// The most queries at the same time, those left behind included.
const MOST_RUNNING: usize = 8;

/// How many queries are running.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<AtomicUsize>);

impl Running {
    fn start(&self) -> Option<Self> {
        let more = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |running| {
            (running < MOST_RUNNING).then_some(running + 1)
        });
        more.is_ok().then(|| self.clone())
    }
}

/// One of the running queries; counted until it is dropped.
struct Run(Running);

impl Drop for Run {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What counts as true beside what is stored.
#[derive(Clone)]
pub(crate) struct Beside {
    pub(crate) regime: Regime,
    pub(crate) entailment: Arc<dyn Entailment>,
    pub(crate) cache: Arc<Cache>,
}

/// Runs a query for an audience: `limit` rows at most, until `stop` or the deadline.
pub(crate) fn run(
    store: &Store,
    beside: Option<Beside>,
    query: &str,
    audience: &Audience,
    limit: usize,
    stop: &AtomicBool,
    running: &Running,
) -> Result<Table, StoreError> {
    policy::before_parsing(query).map_err(StoreError::Refused)?;
    let one = running.start().map(Run).ok_or_else(|| {
        StoreError::Refused(format!("{MOST_RUNNING} earlier queries are still running: try again in a moment"))
    })?;
    let token = CancellationToken::new();
    let halt = Arc::new(AtomicBool::new(false));
    let (answer, answered) = sync_channel(1);
    let job = {
        let (store, query, audience, token) = (store.clone(), query.to_owned(), audience.clone(), token.clone());
        let halt = Arc::clone(&halt);
        move || {
            // Whoever does not wait any more needs no answer.
            let _ = answer.send(evaluate(store, beside, &query, audience, limit, &token, &halt));
            drop(one);
        }
    };
    std::thread::Builder::new()
        .name("sparql".to_owned())
        .stack_size(STACK)
        .spawn(job)
        .map_err(StoreError::file("starting a thread for the query"))?;
    let deadline = Instant::now() + LONGEST;
    let refusal = loop {
        match answered.recv_timeout(GLANCE) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(StoreError::Engine { what: "query".to_owned(), why: "it broke off".to_owned() });
            }
            Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => break "the query was stopped".to_owned(),
            Err(RecvTimeoutError::Timeout) if Instant::now() >= deadline => {
                break format!("too expensive: the query took longer than {} seconds", LONGEST.as_secs());
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    };
    token.cancel();
    halt.store(true, Ordering::Relaxed);
    match answered.recv_timeout(GRACE) {
        Ok(Ok(table)) => Ok(table),
        _ => Err(StoreError::Refused(refusal)),
    }
}

fn evaluate(
    store: Store,
    beside: Option<Beside>,
    query: &str,
    audience: Audience,
    limit: usize,
    token: &CancellationToken,
    halt: &Arc<AtomicBool>,
) -> Result<Table, StoreError> {
    let query = parse(query)?;
    policy::after_parsing(&query).map_err(StoreError::Refused)?;
    let dataset = Visible { store, audience: Rc::new(audience), stop: token.clone() };
    let evaluator = QueryEvaluator::new().with_cancellation_token(token.clone());
    let prepared = evaluator.prepare(&query);
    let results = match beside {
        None => prepared.execute(dataset),
        Some(Beside { regime, entailment, cache }) => {
            let facts = View::new(&dataset.store, &cache, (*dataset.audience).clone());
            let entailed = entailment.over(regime, &facts, halt).map_err(in_words)?;
            drop(facts);
            let stop = Arc::clone(halt);
            prepared.execute(Following { visible: dataset, entailed: entailed.into(), cache, stop })
        }
    };
    let results = results.map_err(|why| refused(&why))?;
    let mut table = Table::default();
    match results {
        QueryResults::Boolean(truth) => table.boolean = Some(truth),
        QueryResults::Solutions(solutions) => {
            table.variables = solutions.variables().iter().map(|variable| variable.as_str().to_owned()).collect();
            for solution in solutions {
                if table.rows.len() == limit || token.is_cancelled() {
                    table.partial = true;
                    break;
                }
                match solution {
                    Ok(solution) => table.rows.push(solution.values().to_vec()),
                    Err(why) => {
                        stopped(&why, !table.rows.is_empty())?;
                        table.partial = true;
                        break;
                    }
                }
            }
        }
        QueryResults::Graph(triples) => {
            for triple in triples {
                if table.triples.len() == limit || token.is_cancelled() {
                    table.partial = true;
                    break;
                }
                match triple {
                    Ok(triple) => table.triples.push(triple),
                    Err(why) => {
                        stopped(&why, !table.triples.is_empty())?;
                        table.partial = true;
                        break;
                    }
                }
            }
        }
    }
    Ok(table)
}

fn in_words(fault: Fault) -> StoreError {
    match fault {
        Fault::Refused(why) => StoreError::Refused(why),
        other => StoreError::Engine { what: "working out what follows".to_owned(), why: other.to_string() },
    }
}

/// Parses a query; an update is refused as one, since the parser would only say that it is no query.
fn parse(text: &str) -> Result<Query, StoreError> {
    SparqlParser::new().parse_query(text).map_err(|why| {
        StoreError::Refused(
            if SparqlParser::new().parse_update(text).is_ok_and(|update| !update.operations.is_empty()) {
                "this would change or load data; only queries are run here: SELECT, ASK, CONSTRUCT, DESCRIBE".to_owned()
            } else {
                format!("not a SPARQL query: {}", readable(&with_causes(&why)))
            },
        )
    })
}

/// The parser's words for a person: where it is. Where nearly anything could follow, it lists whole alphabets.
fn readable(words: &str) -> &str {
    let is_short = words.len() <= LONGEST_COMPLAINT && !words.contains('\n');
    if is_short { words } else { words.split(": expected").next().unwrap_or(words) }
}

/// An evaluation that was stopped with something to show is partial; everything else is an error.
fn stopped(why: &QueryEvaluationError, something: bool) -> Result<(), StoreError> {
    let by_us = match why {
        QueryEvaluationError::Cancelled => true,
        QueryEvaluationError::Dataset(ended) => {
            matches!(ended.downcast_ref::<Ended>(), Some(Ended::Stopped))
        }
        _ => false,
    };
    if by_us && something { Ok(()) } else { Err(refused(why)) }
}

fn refused(why: &QueryEvaluationError) -> StoreError {
    match why {
        QueryEvaluationError::Dataset(ended) if matches!(ended.downcast_ref(), Some(Ended::Store(_))) => {
            StoreError::Engine { what: "query".to_owned(), why: with_causes(why) }
        }
        _ => StoreError::Refused(with_causes(why)),
    }
}
