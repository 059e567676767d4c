//! Puts tame queries to the engine's own numbers instead of to terms.
//!
//! The general way ([`crate::dataset`]) spells out every quad it reads, both to decide who may see it and so that the
//! query can be ended anywhere. Neither is needed for a query that
//!
//! - has only patterns with named relations, each of which stands in a few whole graphs that may be seen and that have
//!   no triple in common ([`crate::homes`]), so that asking these graphs by name is the same as asking for what may be
//!   seen; and
//! - hangs together, so that the engine goes from one pattern to the next by look-ups, each of which ends when it is
//!   told to; or has one pattern and counts, in no more groups than there is memory for.
//!
//! Whatever has another shape takes the general way. Both give the same answers.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Condvar, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use oxigraph::{
    sparql::{CancellationToken, SparqlEvaluator},
    store::Store,
};
use quid_core::{Audience, oxrdf::NamedNode, source::is_foreign};
use spareval::QueryResults;
use spargebra::{
    Query,
    algebra::{AggregateExpression, AggregateFunction, Expression, Function, GraphPattern},
    term::{NamedNodePattern, TermPattern, TriplePattern, Variable},
};

use crate::{
    StoreError,
    cache::Cache,
    homes::Homes,
    meter,
    sparql::{self, Solved},
    view::visible,
};

/// A query of more patterns takes the general way.
const MOST_PATTERNS: usize = 16;
/// What a row that is counted may cost, in bytes: its key and its place in a group.
const COUNTED: usize = 256;
/// How often it is looked whether a query is over.
const GLANCE: Duration = Duration::from_millis(10);

/// What must be known of a keeper to do so.
#[derive(Clone)]
pub(crate) struct Direct {
    pub(crate) cache: Arc<Cache>,
    pub(crate) homes: Arc<Homes>,
}

impl Direct {
    /// Solves a query when it is tame; `None` when it must take the general way. `union` is whether the default graph
    /// holds what programs named.
    pub(crate) fn solve(
        &self,
        query: &Query,
        store: &Store,
        audience: &Audience,
        union: bool,
        halt: &Arc<AtomicBool>,
    ) -> Result<Option<Solved>, StoreError> {
        let (Query::Select { dataset: None, pattern, base_iri } | Query::Ask { dataset: None, pattern, base_iri }) =
            query
        else {
            return Ok(None);
        };
        let Some(shape) = shape(pattern) else { return Ok(None) };
        let version = self.cache.written();
        let mut places = Vec::new();
        for triple in &shape.patterns {
            let NamedNodePattern::NamedNode(relation) = &triple.predicate else { return Ok(None) };
            let homes = self.homes.of(store, &self.cache, relation.as_ref());
            let Some(homes) = homes.map_err(StoreError::engine("query"))? else { return Ok(None) };
            let seen = |graph: &&NamedNode| visible(graph.as_str(), audience) && (union || !is_foreign(graph.as_str()));
            let seen: Vec<NamedNode> = homes.iter().filter(seen).cloned().collect();
            if seen.is_empty() {
                return Ok(None);
            }
            places.push(seen);
        }
        let mut places = places.into_iter();
        let Some(pattern) = placed(pattern, &mut places) else { return Ok(None) };
        let query = match query {
            Query::Ask { .. } => Query::Ask { dataset: None, pattern, base_iri: base_iri.clone() },
            _ => Query::Select { dataset: None, pattern, base_iri: base_iri.clone() },
        };
        let token = CancellationToken::new();
        let watched = Watched::new(token.clone(), halt);
        if shape.counts && !fits(&query, store, &token)? {
            return Ok(None);
        }
        let evaluator = SparqlEvaluator::new().with_cancellation_token(token);
        let results = evaluator.for_query(query).on_store(store).execute().map_err(|why| sparql::refused(&why))?;
        // What was written in between may stand elsewhere.
        Ok((self.cache.written() == version).then_some(Solved { results, watched: Some(watched) }))
    }
}

/// Whether what a query that counts goes through could be held, at worst.
fn fits(query: &Query, store: &Store, token: &CancellationToken) -> Result<bool, StoreError> {
    let Some(room) = meter::room() else { return Ok(true) };
    let (Query::Select { pattern, .. } | Query::Ask { pattern, .. }) = query else { return Ok(false) };
    let mut inner = pattern;
    let keyed = loop {
        inner = match inner {
            GraphPattern::Project { inner, .. }
            | GraphPattern::Extend { inner, .. }
            | GraphPattern::Slice { inner, .. } => inner,
            GraphPattern::Group { inner, variables, aggregates } => {
                let distinct = |(_, aggregate): &(Variable, AggregateExpression)| {
                    matches!(
                        aggregate,
                        AggregateExpression::CountSolutions { distinct: true }
                            | AggregateExpression::FunctionCall { distinct: true, .. }
                    )
                };
                break (!variables.is_empty() || aggregates.iter().any(distinct)).then_some(inner);
            }
            _ => return Ok(false),
        };
    };
    // One number for all rows needs no room.
    let Some(inner) = keyed else { return Ok(true) };
    let counted = Variable::new_unchecked("n");
    let counting = GraphPattern::Group {
        inner: inner.clone(),
        variables: Vec::new(),
        aggregates: vec![(counted.clone(), AggregateExpression::CountSolutions { distinct: false })],
    };
    let query = Query::Select {
        dataset: None,
        pattern: GraphPattern::Project { inner: Box::new(counting), variables: vec![counted.clone()] },
        base_iri: None,
    };
    let evaluator = SparqlEvaluator::new().with_cancellation_token(token.clone());
    let results = evaluator.for_query(query).on_store(store).execute().map_err(|why| sparql::refused(&why))?;
    let QueryResults::Solutions(mut rows) = results else { return Ok(false) };
    let Some(row) = rows.next().transpose().map_err(|why| sparql::refused(&why))? else { return Ok(false) };
    let count = row.get(&counted).map(ToString::to_string).unwrap_or_default();
    let count = count.trim_start_matches('"').split('"').next().and_then(|count| count.parse::<usize>().ok());
    Ok(count.is_some_and(|count| count.saturating_mul(COUNTED) <= room))
}

/// A tame query's patterns, in the order in which [`placed`] comes by.
struct Shape<'q> {
    patterns: Vec<&'q TriplePattern>,
    counts: bool,
}

fn shape(pattern: &GraphPattern) -> Option<Shape<'_>> {
    let mut patterns = Vec::new();
    let counts = gather(pattern, &mut patterns)?;
    let tame = !patterns.is_empty()
        && patterns.len() <= MOST_PATTERNS
        && if counts { patterns.len() == 1 } else { patterns.len() == 1 || hangs_together(&patterns) };
    tame.then_some(Shape { patterns, counts })
}

/// The patterns of a tame query, and whether it counts; `None` when it is not one.
fn gather<'q>(pattern: &'q GraphPattern, found: &mut Vec<&'q TriplePattern>) -> Option<bool> {
    match pattern {
        GraphPattern::Bgp { patterns } => {
            for triple in patterns {
                let is_plain = |term: &TermPattern| !matches!(term, TermPattern::BlankNode(_) | TermPattern::Triple(_));
                (is_plain(&triple.subject) && is_plain(&triple.object)).then_some(())?;
                found.push(triple);
            }
            Some(false)
        }
        GraphPattern::Join { left, right } => {
            let flat = |side: &GraphPattern| matches!(side, GraphPattern::Bgp { .. } | GraphPattern::Join { .. });
            (flat(left) && flat(right)).then_some(())?;
            gather(left, found)?;
            gather(right, found)
        }
        GraphPattern::Filter { expr, inner } => {
            let flat = matches!(**inner, GraphPattern::Bgp { .. } | GraphPattern::Join { .. });
            (flat && is_cheap(expr)).then_some(())?;
            gather(inner, found)
        }
        GraphPattern::Project { inner, .. }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Extend { inner, expression: Expression::Variable(_), .. } => gather(inner, found),
        GraphPattern::Group { inner, aggregates, .. } => {
            let plain = |aggregate: &AggregateExpression| match aggregate {
                AggregateExpression::CountSolutions { .. } => true,
                AggregateExpression::FunctionCall { name, expr, .. } => {
                    matches!(name, AggregateFunction::Count) && matches!(expr, Expression::Variable(_))
                }
            };
            aggregates.iter().all(|(_, aggregate)| plain(aggregate)).then_some(())?;
            matches!(**inner, GraphPattern::Bgp { .. }).then_some(())?;
            gather(inner, found)?;
            Some(true)
        }
        _ => None,
    }
}

/// Whether what is worked out for a row takes no time to speak of, and makes no text longer than it was.
fn is_cheap(expression: &Expression) -> bool {
    match expression {
        Expression::NamedNode(_) | Expression::Literal(_) | Expression::Variable(_) | Expression::Bound(_) => true,
        Expression::Or(one, other)
        | Expression::And(one, other)
        | Expression::Equal(one, other)
        | Expression::SameTerm(one, other)
        | Expression::Greater(one, other)
        | Expression::GreaterOrEqual(one, other)
        | Expression::Less(one, other)
        | Expression::LessOrEqual(one, other) => is_cheap(one) && is_cheap(other),
        Expression::Not(inner) => is_cheap(inner),
        Expression::In(inner, among) => is_cheap(inner) && among.iter().all(is_cheap),
        Expression::FunctionCall(function, among) => {
            let cheap = matches!(
                function,
                Function::Str
                    | Function::Lang
                    | Function::LangMatches
                    | Function::Datatype
                    | Function::IsIri
                    | Function::IsBlank
                    | Function::IsLiteral
                    | Function::IsNumeric
                    | Function::StrLen
                    | Function::StrStarts
                    | Function::StrEnds
                    | Function::Contains
            );
            cheap && among.iter().all(is_cheap)
        }
        _ => false,
    }
}

/// Whether each pattern can be reached from each other by variables they share: else the engine would make products
/// in memory, where nothing ends it.
fn hangs_together(patterns: &[&TriplePattern]) -> bool {
    let variables = |triple: &TriplePattern| -> BTreeSet<String> {
        let of = |term: &TermPattern| match term {
            TermPattern::Variable(variable) => Some(variable.as_str().to_owned()),
            _ => None,
        };
        [of(&triple.subject), of(&triple.object)].into_iter().flatten().collect()
    };
    let mut left: Vec<BTreeSet<String>> = patterns.iter().map(|triple| variables(triple)).collect();
    let Some(mut reached) = left.pop() else { return true };
    while !left.is_empty() {
        let Some(next) = left.iter().position(|some| !some.is_disjoint(&reached)) else { return false };
        reached.append(&mut left.swap_remove(next));
    }
    true
}

/// The query over the graphs that its patterns stand in, which come in the patterns' order.
fn placed(pattern: &GraphPattern, places: &mut impl Iterator<Item = Vec<NamedNode>>) -> Option<GraphPattern> {
    let boxed = |inner: &GraphPattern, places: &mut _| placed(inner, places).map(Box::new);
    Some(match pattern {
        GraphPattern::Bgp { patterns } => {
            let mut whole: Option<GraphPattern> = None;
            for triple in patterns {
                let mut here: Option<GraphPattern> = None;
                for graph in places.next()? {
                    let one = GraphPattern::Graph {
                        name: graph.into(),
                        inner: Box::new(GraphPattern::Bgp { patterns: vec![triple.clone()] }),
                    };
                    here = Some(match here {
                        Some(left) => GraphPattern::Union { left: Box::new(left), right: Box::new(one) },
                        None => one,
                    });
                }
                let here = here?;
                whole = Some(match whole {
                    Some(left) => GraphPattern::Join { left: Box::new(left), right: Box::new(here) },
                    None => here,
                });
            }
            whole?
        }
        GraphPattern::Join { left, right } => {
            GraphPattern::Join { left: boxed(left, places)?, right: boxed(right, places)? }
        }
        GraphPattern::Filter { expr, inner } => {
            GraphPattern::Filter { expr: expr.clone(), inner: boxed(inner, places)? }
        }
        GraphPattern::Project { inner, variables } => {
            GraphPattern::Project { inner: boxed(inner, places)?, variables: variables.clone() }
        }
        GraphPattern::Slice { inner, start, length } => {
            GraphPattern::Slice { inner: boxed(inner, places)?, start: *start, length: *length }
        }
        GraphPattern::Extend { inner, variable, expression } => GraphPattern::Extend {
            inner: boxed(inner, places)?,
            variable: variable.clone(),
            expression: expression.clone(),
        },
        GraphPattern::Group { inner, variables, aggregates } => GraphPattern::Group {
            inner: boxed(inner, places)?,
            variables: variables.clone(),
            aggregates: aggregates.clone(),
        },
        _ => return None,
    })
}

/// A query that is told to end when its time is over or it is stopped; not any more when this is dropped.
pub(crate) struct Watched(u64);

struct One {
    number: u64,
    until: Instant,
    halt: Arc<AtomicBool>,
    token: CancellationToken,
}

#[derive(Default)]
struct Watch {
    next: u64,
    queries: Vec<One>,
    awake: bool,
}

static WATCH: LazyLock<(Mutex<Watch>, Condvar)> = LazyLock::new(Default::default);

impl Watched {
    fn new(token: CancellationToken, halt: &Arc<AtomicBool>) -> Self {
        let (watch, come) = &*WATCH;
        let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
        watch.next += 1;
        let number = watch.next;
        let until = Instant::now() + meter::left().unwrap_or_default();
        watch.queries.push(One { number, until, halt: Arc::clone(halt), token });
        if !watch.awake {
            watch.awake = true;
            // One thread for all of them, for as long as the program runs. Without it, nothing is begun.
            if std::thread::Builder::new().name("watch".to_owned()).spawn(look).is_err() {
                watch.awake = false;
                for one in &watch.queries {
                    one.token.cancel();
                }
            }
        } else if watch.queries.len() == 1 {
            come.notify_one();
        }
        Self(number)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut watch = WATCH.0.lock().unwrap_or_else(PoisonError::into_inner);
        watch.queries.retain(|one| one.number != self.0);
    }
}

fn look() {
    let (watch, come) = &*WATCH;
    let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if watch.queries.is_empty() {
            watch = come.wait(watch).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        watch = come.wait_timeout(watch, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
        let now = Instant::now();
        for one in &watch.queries {
            if now >= one.until || one.halt.load(Ordering::Relaxed) {
                one.token.cancel();
            }
        }
    }
}

#[cfg(test)]
mod tests;
