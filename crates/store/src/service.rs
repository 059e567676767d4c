//! SERVICE: a part of a query that another server answers.
//!
//! Only servers that were allowed are asked, each part as a query of its own; what comes back is bounded in time,
//! rows and bytes, and joins with what is known here.

use std::{
    sync::{Arc, RwLock, atomic::AtomicBool},
    time::Duration,
};

use oxiri::Iri;
use quid_core::{
    Fault,
    oxrdf::{NamedNode, Variable},
};
use spareval::{DefaultServiceHandler, QueryEvaluator, QuerySolutionIter};
use spargebra::{Query, algebra::GraphPattern};

use crate::{
    meter,
    remote::{Allow, Client},
};

/// The most rows that another server may give for one part of a query.
const MOST_ROWS: usize = 200_000;
/// How long it may take at most, whatever the query may.
const LONGEST: Duration = Duration::from_secs(30);

/// Whom queries may ask.
#[derive(Default)]
pub(crate) struct Services(RwLock<Option<Service>>);

impl Services {
    /// From now on these may be asked, and no others.
    pub(crate) fn allow(&self, allow: Allow) {
        let service = (!allow.is_nobody()).then(|| Service { client: Client::new(allow) });
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = service;
    }

    pub(crate) fn now(&self) -> Option<Service> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// Asks other servers for a query.
#[derive(Clone)]
pub(crate) struct Service {
    client: Client,
}

impl Service {
    /// An evaluator that asks through this.
    pub(crate) fn with(&self, evaluator: QueryEvaluator, stop: &Arc<AtomicBool>) -> QueryEvaluator {
        evaluator.with_default_service_handler(Handler { service: self.clone(), stop: Arc::clone(stop) })
    }
}

impl Service {
    /// Fetches a document that LOAD names, within what is left of the update's time.
    pub(crate) fn fetch(&self, address: &str, most: usize, stop: &AtomicBool) -> Result<(String, Vec<u8>), Fault> {
        let client = self.client.clone().within(meter::left().unwrap_or(LONGEST).min(LONGEST));
        client.fetch(address, most, stop)
    }
}

/// One query's way to other servers.
struct Handler {
    service: Service,
    stop: Arc<AtomicBool>,
}

/// Why a part of a query has no answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotAnswered(String);

impl From<Fault> for NotAnswered {
    fn from(fault: Fault) -> Self {
        Self(fault.to_string())
    }
}

impl DefaultServiceHandler for Handler {
    type Error = NotAnswered;

    fn handle(
        &self,
        service: &NamedNode,
        pattern: &GraphPattern,
        base: Option<&Iri<String>>,
    ) -> Result<QuerySolutionIter<'static>, NotAnswered> {
        let query = Query::Select { dataset: None, pattern: pattern.clone(), base_iri: base.cloned() };
        let client = self.service.client.clone().within(meter::left().unwrap_or(LONGEST).min(LONGEST));
        let table = client.query(service.as_str(), &query.to_string(), MOST_ROWS, &self.stop)?;
        if table.partial {
            return Err(NotAnswered(format!("{} gives more than {MOST_ROWS} rows: ask it for less", service.as_str())));
        }
        let variables = table.variables.iter().map(|name| Variable::new(name.as_str()));
        let variables: Arc<[Variable]> = variables
            .collect::<Result<Vec<_>, _>>()
            .map_err(|why| NotAnswered(format!("{} names a variable so: {why}", service.as_str())))?
            .into();
        Ok(QuerySolutionIter::from_tuples(variables, table.rows.into_iter().map(Ok)))
    }
}
