//! A memory that is only read: whatever is asked over it, nothing can be taught.
//!
//! Whether a line is a question is a guess from its words. Where a door may only ask, the guess must not matter, so
//! the mind behind it is given this.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use oxrdf::{NamedNode, Quad};

use crate::ports::{Loaded, Table};
use crate::source::Citation;
use crate::{Audience, Change, Facts, Fault, Memory, Receipt, Record, Regime};

/// Everything a memory knows, and no way to change it. Observations (how often a thing was asked for) are dropped.
#[derive(Clone)]
pub struct Reading {
    memory: Arc<dyn Memory>,
    refusal: String,
}

impl Reading {
    /// Reads from `memory`; whoever would change it is told `refusal`.
    #[must_use]
    pub fn new(memory: Arc<dyn Memory>, refusal: impl Into<String>) -> Self {
        Self { memory, refusal: refusal.into() }
    }
}

impl Memory for Reading {
    fn facts<'a>(&'a self, audience: &Audience) -> Box<dyn Facts + 'a> {
        self.memory.facts(audience)
    }

    fn keeping<'a>(&'a self) -> Box<dyn Facts + 'a> {
        self.memory.keeping()
    }

    fn commit(&self, _: Change) -> Result<Receipt, Fault> {
        Err(Fault::Refused(self.refusal.clone()))
    }

    fn observe(&self, _: &[Quad], _: &[Quad]) -> Result<(), Fault> {
        Ok(())
    }

    fn record(&self, seq: u64) -> Result<Option<Record>, Fault> {
        self.memory.record(seq)
    }

    fn back(&self, visit: &mut dyn FnMut(&Record) -> ControlFlow<()>) -> Result<(), Fault> {
        self.memory.back(visit)
    }

    fn about(&self, thing: &NamedNode) -> Result<Vec<u64>, Fault> {
        self.memory.about(thing)
    }

    fn cite(&self, graph: &NamedNode) -> Result<Option<Citation>, Fault> {
        self.memory.cite(graph)
    }

    fn sparql(&self, query: &str, audience: &Audience, limit: usize, stop: &AtomicBool) -> Result<Table, Fault> {
        self.memory.sparql(query, audience, limit, stop)
    }

    fn sparql_by(
        &self,
        regime: Regime,
        query: &str,
        audience: &Audience,
        limit: usize,
        stop: &AtomicBool,
    ) -> Result<Table, Fault> {
        self.memory.sparql_by(regime, query, audience, limit, stop)
    }

    fn sources(&self) -> Result<Vec<Loaded>, Fault> {
        self.memory.sources()
    }
}
