//! The port by which queries see what follows from the stored facts.
//!
//! The store knows how to run SPARQL and nothing of logic; logic knows what follows and nothing of the store. They
//! meet here, and the program wires them.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use oxrdf::{NamedNode, Term};

use crate::{Facts, Fault};

/// What counts as true beside what is stored: the entailment regimes of SPARQL 1.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Regime {
    /// Nothing: the answers are those of the store.
    #[default]
    None,
    /// RDF entailment.
    Rdf,
    /// RDF Schema entailment.
    Rdfs,
    /// The rules of OWL 2 RL, names being different until said to be the same by nobody: `owl:sameAs` is a
    /// relation like any other.
    OwlRl,
    /// The rules of OWL 2 RL with `owl:sameAs`: what is the same has the same relations.
    OwlRlSame,
    /// RDF Schema, and the rules that the program has read or was taught.
    Rules,
}

impl Regime {
    /// Every regime with the name it has on the command line.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("none", Self::None),
        ("rdf", Self::Rdf),
        ("rdfs", Self::Rdfs),
        ("owl-rl", Self::OwlRl),
        ("owl-rl-same", Self::OwlRlSame),
        ("rules", Self::Rules),
    ];

    /// The regime of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, regime)| *regime)
    }
}

/// Knows what follows by each regime.
pub trait Entailment: Send + Sync {
    /// What follows from these facts. Nothing much is computed before it is asked for.
    ///
    /// # Errors
    /// [`Fault::Refused`] for a regime that is not known here; [`Fault::Storage`].
    fn over(&self, regime: Regime, facts: &dyn Facts, stop: &AtomicBool) -> Result<Box<dyn Entailed>, Fault>;
}

/// What follows from one state of the facts.
pub trait Entailed {
    /// Visits every triple that follows and matches (`None` matches all) until the visitor breaks, each once; what
    /// is stored may be among them. `facts` are those it was made over, unchanged. Subjects are IRIs and blank
    /// nodes, predicates IRIs, and no term comes up that neither the facts nor the regime's vocabulary has, so
    /// that there are finitely many.
    ///
    /// # Errors
    /// [`Fault::Refused`] when it is stopped or too much follows; [`Fault::Storage`].
    fn each(
        &self,
        facts: &dyn Facts,
        subject: Option<&Term>,
        predicate: Option<&NamedNode>,
        object: Option<&Term>,
        stop: &AtomicBool,
        visit: &mut dyn FnMut(&Term, &NamedNode, &Term) -> ControlFlow<()>,
    ) -> Result<(), Fault>;
}
