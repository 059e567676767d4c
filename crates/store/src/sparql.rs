//! Read-only, bounded SPARQL over what an audience may see.
//!
//! A query runs on a thread of its own with a large stack, and ends by its bounds wherever it is ([`crate::meter`]).

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{RecvTimeoutError, sync_channel},
    },
    time::{Duration, Instant},
};

use oxigraph::store::{StorageError, Store};
use quid_core::{Audience, Entailment, Fault, Recall, Regime, ports::Table, sparql::STACK};
use spareval::{QueryEvaluationError, QueryEvaluator, QueryResults};
use spargebra::Query;

use crate::{
    StoreError,
    cache::Cache,
    dataset::{Ended, LONGEST_TEXT, Visible},
    direct::{Direct, Watched},
    error::with_causes,
    following::Following,
    meter::{self, Allowance, Halt},
    policy, prefixes, search,
    service::Service,
    tame,
    view::View,
};

/// The longest list of what was expected that is worth reading, in bytes.
const LONGEST_COMPLAINT: usize = 160;
/// How long a query may take.
const LONGEST: Duration = Duration::from_secs(30);
/// How much a query may hold.
const MOST_BYTES: usize = 1 << 30;
/// How long a query that was told to stop is waited for, so that its first rows are not lost.
const GRACE: Duration = Duration::from_secs(2);
/// How often the caller's stop flag is looked at.
const GLANCE: Duration = Duration::from_millis(10);
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

/// What a query sees beside the store: what follows, and other servers.
#[derive(Clone, Default)]
pub(crate) struct Around {
    /// How to put tame queries to the engine's own numbers.
    pub(crate) direct: Option<Direct>,
    pub(crate) beside: Option<Beside>,
    pub(crate) service: Option<Service>,
    /// The keeper of words.
    pub(crate) recall: Option<Arc<dyn Recall>>,
}

/// A query whose answer is being read.
pub(crate) struct Solved {
    pub(crate) results: QueryResults<'static>,
    /// Held as long as the results are read.
    pub(crate) watched: Option<Watched>,
}

/// Runs a query for an audience: `limit` rows at most, until `stop` or the deadline.
pub(crate) fn run(
    store: &Store,
    around: Around,
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
    let halt = Arc::new(AtomicBool::new(false));
    let allowance = Allowance::new(LONGEST, MOST_BYTES);
    let (answer, answered) = sync_channel(1);
    let job = {
        let (store, query, audience) = (store.clone(), query.to_owned(), audience.clone());
        let halt = Arc::clone(&halt);
        move || {
            let mut table = Table::default();
            let done = meter::guarded(allowance, &halt, || {
                evaluate(store, around, &query, audience, limit, &halt, &mut table)
            });
            let something = !table.rows.is_empty() || !table.triples.is_empty();
            // Whoever does not wait any more needs no answer.
            let _ = answer.send(match done {
                Ok(Ok(())) => Ok(table),
                Ok(Err(why)) => Err(why),
                Err(_) if something => {
                    table.partial = true;
                    Ok(table)
                }
                Err(halt) => Err(StoreError::Refused(words(halt, LONGEST))),
            });
            drop(one);
        }
    };
    std::thread::Builder::new()
        .name("sparql".to_owned())
        .stack_size(STACK)
        .spawn(job)
        .map_err(StoreError::file("starting a thread for the query"))?;
    let broke_off = || StoreError::Engine { what: "query".to_owned(), why: "it broke off".to_owned() };
    while !stop.load(Ordering::Relaxed) && Instant::now() < allowance.until {
        match answered.recv_timeout(GLANCE) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => return Err(broke_off()),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    let halted = if stop.load(Ordering::Relaxed) { Halt::Stopped } else { Halt::Time };
    halt.store(true, Ordering::Relaxed);
    match answered.recv_timeout(GRACE) {
        Ok(Ok(table)) => Ok(table),
        _ => Err(StoreError::Refused(words(halted, LONGEST))),
    }
}

/// Why a query was ended, for whoever asked.
pub(crate) fn words(halt: Halt, time: Duration) -> String {
    match halt {
        Halt::Time => format!("too expensive: the query took longer than {} seconds", time.as_secs_f32()),
        Halt::Memory => "too expensive: the query holds more rows at once than it may".to_owned(),
        Halt::Text => format!("too expensive: the query computes a text of more than {LONGEST_TEXT} bytes"),
        Halt::Stopped => "the query was stopped".to_owned(),
    }
}

fn evaluate(
    store: Store,
    around: Around,
    query: &str,
    audience: Audience,
    limit: usize,
    halt: &Arc<AtomicBool>,
    table: &mut Table,
) -> Result<(), StoreError> {
    let query = parse(query, None)?;
    let dataset = Visible { store, audience: Rc::new(audience), union: true, staged: None };
    let Solved { results, watched: _watched } = solve(query, dataset, around, halt, &|evaluator| evaluator)?;
    match results {
        QueryResults::Boolean(truth) => table.boolean = Some(truth),
        QueryResults::Solutions(solutions) => {
            table.variables = solutions.variables().iter().map(|variable| variable.as_str().to_owned()).collect();
            for solution in solutions {
                if table.rows.len() == limit {
                    table.partial = true;
                    break;
                }
                table.rows.push(solution.map_err(|why| refused(&why))?.values().to_vec());
            }
            // OFFSET skips what is amiss too.
            meter::check();
        }
        QueryResults::Graph(triples) => {
            for triple in triples {
                if table.triples.len() == limit {
                    table.partial = true;
                    break;
                }
                table.triples.push(triple.map_err(|why| refused(&why))?);
            }
        }
    }
    Ok(())
}

/// Solves a parsed query over what may be seen; within [`meter::guarded`].
pub(crate) fn solve(
    query: Query,
    dataset: Visible,
    around: Around,
    halt: &Arc<AtomicBool>,
    with: &dyn Fn(QueryEvaluator) -> QueryEvaluator,
) -> Result<Solved, StoreError> {
    let Around { direct, beside, service, recall } = around;
    policy::after_parsing(&query, service.is_some(), recall.is_some()).map_err(StoreError::Refused)?;
    if let (Some(direct), None, None) = (direct, &beside, &dataset.staged)
        && let Some(solved) = direct.solve(&query, &dataset.store, &dataset.audience, dataset.union, halt)?
    {
        return Ok(solved);
    }
    let query = tame::query(query);
    meter::wide(tame::width(&query));
    let mut evaluator = search::with(with(tame::evaluator()), recall, &dataset.store, &dataset.audience);
    if let Some(service) = service {
        evaluator = service.with(evaluator, halt);
    }
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
    Ok(Solved { results: results.map_err(|why| refused(&why))?, watched: None })
}

fn in_words(fault: Fault) -> StoreError {
    match fault {
        Fault::Refused(why) => StoreError::Refused(why),
        other => StoreError::Engine { what: "working out what follows".to_owned(), why: other.to_string() },
    }
}

/// Parses a query; an update is refused as one, since the parser would only say that it is no query.
pub(crate) fn parse(text: &str, base: Option<&str>) -> Result<Query, StoreError> {
    let mut parser = prefixes::parser();
    if let Some(base) = base {
        parser = parser.with_base_iri(base).map_err(|why| StoreError::Refused(format!("base IRI `{base}`: {why}")))?;
    }
    parser.parse_query(text).map_err(|why| {
        StoreError::Refused(
            if prefixes::parser().parse_update(text).is_ok_and(|update| !update.operations.is_empty()) {
                "this would change or load data; only queries are run here: SELECT, ASK, CONSTRUCT, DESCRIBE".to_owned()
            } else {
                format!("not a SPARQL query: {}", readable(&with_causes(&why)))
            },
        )
    })
}

/// The parser's words for a person: where it is. Where nearly anything could follow, it lists whole alphabets.
pub(crate) fn readable(words: &str) -> &str {
    let is_short = words.len() <= LONGEST_COMPLAINT && !words.contains('\n');
    if is_short { words } else { words.split(": expected").next().unwrap_or(words) }
}

pub(crate) fn refused(why: &QueryEvaluationError) -> StoreError {
    if matches!(why, QueryEvaluationError::Cancelled) {
        // It was told to end because it is over: it ends here as anywhere.
        meter::check();
    }
    match why {
        QueryEvaluationError::Dataset(ended)
            if ended.is::<StorageError>() || matches!(ended.downcast_ref(), Some(Ended::Store(_))) =>
        {
            StoreError::Engine { what: "query".to_owned(), why: with_causes(why) }
        }
        _ => StoreError::Refused(with_causes(why)),
    }
}
