//! Reads and replaces state: locks, karma, settings, who is ignored.
//!
//! State is kept as quads in one journalled graph, so that it has a history and can be undone like anything taught.

use quid_core::oxrdf::{GraphName, Literal, NamedNode, NamedNodeRef, Quad, Term};
use quid_core::vocabulary as v;
use quid_core::{Act, Fault};

use crate::factoid::quad;
use crate::turn::{Draft, Turn};

/// State values of one subject and predicate that are looked at.
const MOST: usize = 256;

impl Turn<'_> {
    /// The state quads of a subject and predicate.
    pub(crate) fn state(&self, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Result<Vec<Quad>, Fault> {
        self.kept(subject, predicate, v::STATE_GRAPH)
    }

    /// The observed quads of a subject and predicate.
    pub(crate) fn observed(&self, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Result<Vec<Quad>, Fault> {
        self.kept(subject, predicate, v::OBSERVED_GRAPH)
    }

    fn kept(
        &self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        graph: NamedNodeRef<'_>,
    ) -> Result<Vec<Quad>, Fault> {
        let found = self.parts.memory.keeping().all(Some(&subject.clone().into()), Some(predicate), None, MOST)?;
        Ok(found.into_iter().filter(|fact| fact.graph.as_ref() == graph).map(quad).collect())
    }

    /// Puts one state value in the place of these quads, or nothing.
    pub(crate) fn replace_state(
        &mut self,
        act: Act,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        removed: Vec<Quad>,
        value: Option<Literal>,
    ) -> Result<(), Fault> {
        let added = value.map(|value| in_graph(subject, predicate, value, v::STATE_GRAPH)).into_iter().collect();
        self.write(act, Draft { added, removed, about: vec![subject.clone()], ..Draft::default() })?;
        Ok(())
    }

    /// Puts observed values in the place of those of the same subject and predicates.
    pub(crate) fn replace_observed(
        &self,
        subject: &NamedNode,
        values: &[(NamedNodeRef<'_>, Literal)],
    ) -> Result<(), Fault> {
        let mut removed = Vec::new();
        let mut added = Vec::new();
        for (predicate, value) in values {
            removed.extend(self.observed(subject, *predicate)?);
            added.push(in_graph(subject, *predicate, value.clone(), v::OBSERVED_GRAPH));
        }
        removed.retain(|old| !added.contains(old));
        self.parts.memory.observe(&removed, &added)
    }
}

fn in_graph(subject: &NamedNode, predicate: NamedNodeRef<'_>, value: Literal, graph: NamedNodeRef<'_>) -> Quad {
    Quad::new(subject.clone(), predicate.into_owned(), value, GraphName::NamedNode(graph.into_owned()))
}

/// The text of a quad's value; empty for a node.
pub(crate) fn text(quad: &Quad) -> &str {
    match &quad.object {
        Term::Literal(value) => value.value(),
        _ => "",
    }
}
