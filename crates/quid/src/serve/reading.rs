//! Everything that is known, to somebody who may not change it.
//!
//! The mind decides by what is said whether something is taught; who may only ask is kept from writing here, below
//! every way of saying it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use quid_core::oxrdf::{NamedNode, Quad};
use quid_core::ports::{Loaded, Table};
use quid_core::source::Citation;
use quid_core::{Audience, Change, Facts, Fault, Memory, Receipt, Record, Regime};
use quid_store::Keeper;

/// A memory that refuses every change.
pub struct Reading(pub Arc<Keeper>);

impl Memory for Reading {
    fn facts<'a>(&'a self, audience: &Audience) -> Box<dyn Facts + 'a> {
        self.0.facts(audience)
    }

    fn keeping<'a>(&'a self) -> Box<dyn Facts + 'a> {
        self.0.keeping()
    }

    fn commit(&self, _: Change) -> Result<Receipt, Fault> {
        Err(Fault::Refused("without a token that allows to learn, nothing is written here".to_owned()))
    }

    fn observe(&self, _: &[Quad], _: &[Quad]) -> Result<(), Fault> {
        // Who asked what, and how often, is not kept of guests.
        Ok(())
    }

    fn record(&self, seq: u64) -> Result<Option<Record>, Fault> {
        self.0.record(seq)
    }

    fn back(&self, visit: &mut dyn FnMut(&Record) -> ControlFlow<()>) -> Result<(), Fault> {
        self.0.back(visit)
    }

    fn about(&self, thing: &NamedNode) -> Result<Vec<u64>, Fault> {
        self.0.about(thing)
    }

    fn cite(&self, graph: &NamedNode) -> Result<Option<Citation>, Fault> {
        self.0.cite(graph)
    }

    fn sparql(&self, query: &str, audience: &Audience, limit: usize, stop: &AtomicBool) -> Result<Table, Fault> {
        self.0.sparql(query, audience, limit, stop)
    }

    fn sparql_by(
        &self,
        regime: Regime,
        query: &str,
        audience: &Audience,
        limit: usize,
        stop: &AtomicBool,
    ) -> Result<Table, Fault> {
        self.0.sparql_by(regime, query, audience, limit, stop)
    }

    fn sources(&self) -> Result<Vec<Loaded>, Fault> {
        self.0.sources()
    }
}
