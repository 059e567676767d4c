//! Facts in a list: the smallest store there is, for tests here and in the crates above.
//!
//! What a test believes about a search must not rest on a store with indexes of its own.

use std::ops::ControlFlow;

use quid_core::oxrdf::{GraphName, NamedNodeRef, Quad, Term};
use quid_core::{Fact, Facts, Fault};

/// Visited in their order.
pub struct Listed(pub Vec<Fact>);

impl Facts for Listed {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        for fact in &self.0 {
            if predicate.is_none_or(|wanted| wanted == fact.predicate)
                && subject.is_none_or(|wanted| *wanted == Term::from(fact.subject.clone()))
                && object.is_none_or(|wanted| *wanted == fact.object)
                && visit(fact).is_break()
            {
                break;
            }
        }
        Ok(())
    }
}

impl FromIterator<Quad> for Listed {
    fn from_iter<Quads: IntoIterator<Item = Quad>>(quads: Quads) -> Self {
        let fact = |quad: Quad| match quad.graph_name {
            GraphName::NamedNode(graph) => {
                Fact { subject: quad.subject, predicate: quad.predicate, object: quad.object, graph }
            }
            other => panic!("a fact stands in a named graph, not in {other}"),
        };
        Self(quads.into_iter().map(fact).collect())
    }
}
