//! Quads in memory behind the port of the store.
//!
//! Reading is tested without the store; the store has tests of its own.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use quid_core::oxrdf::{GraphName, NamedNode, NamedNodeRef, Quad, Term};
use quid_core::{Fact, Facts, Fault};

/// Facts by subject and by predicate, which is how an export looks for them.
pub struct Stored {
    facts: Vec<Fact>,
    by_subject: std::collections::HashMap<Term, Vec<usize>>,
}

impl Stored {
    pub fn new(quads: &[Quad]) -> Self {
        let facts: Vec<Fact> = quads
            .iter()
            .map(|quad| {
                let GraphName::NamedNode(graph) = &quad.graph_name else { panic!("{quad} stands in no source") };
                Fact {
                    subject: quad.subject.clone(),
                    predicate: quad.predicate.clone(),
                    object: quad.object.clone(),
                    graph: graph.clone(),
                }
            })
            .collect();
        let mut by_subject: std::collections::HashMap<Term, Vec<usize>> = std::collections::HashMap::new();
        for (at, fact) in facts.iter().enumerate() {
            by_subject.entry(fact.subject.clone().into()).or_default().push(at);
        }
        Self { facts, by_subject }
    }

    pub fn graphs(&self) -> BTreeSet<NamedNode> {
        self.facts.iter().map(|fact| fact.graph.clone()).collect()
    }

    pub fn of<'a>(&'a self, graph: &'a NamedNode) -> impl Iterator<Item = Quad> + 'a {
        let facts = self.facts.iter().filter(move |fact| fact.graph == *graph);
        facts.map(|fact| {
            Quad::new(fact.subject.clone(), fact.predicate.clone(), fact.object.clone(), fact.graph.clone())
        })
    }
}

impl Facts for Stored {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let all: Vec<usize> = match subject {
            Some(subject) => self.by_subject.get(subject).cloned().unwrap_or_default(),
            None => (0..self.facts.len()).collect(),
        };
        for fact in all.into_iter().map(|at| &self.facts[at]) {
            if predicate.is_none_or(|wanted| wanted == fact.predicate)
                && object.is_none_or(|wanted| *wanted == fact.object)
                && visit(fact).is_break()
            {
                break;
            }
        }
        Ok(())
    }
}
