//! Gives a loaded dump back as ConceptNet's own lines, the same set of them, each JSON column equal by value.
//!
//! An assertion that has reifiers is one line for each; one that has none is as most of its dataset are.

use std::collections::HashSet;
use std::ops::ControlFlow;

use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Quad, Term, Triple};
use quid_core::vocabulary::{
    CONCEPTNET, DATASET, DERIVED_FROM, EDGE_ENDS, EDGE_JSON, EDGE_URI, LICENSE, REIFIES, SOURCES, SURFACE_END,
    SURFACE_START, SURFACE_TEXT, WEIGHT,
};
use quid_core::{Facts, Fault};

use super::edge::{Edge, Surface};
use super::emit::mark;
use super::line::assertion;
use super::uri::uri_of;

/// What all graphs have in common: which assertions have reifiers.
pub struct Exporter<'a> {
    facts: &'a dyn Facts,
    reified: HashSet<u64>,
}

impl<'a> Exporter<'a> {
    /// Looks for the reifiers; `facts` must show all that is loaded.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn new(facts: &'a dyn Facts) -> Result<Self, Fault> {
        let mut reified = HashSet::new();
        facts.each(None, Some(REIFIES), None, &mut |fact| {
            if let Term::Triple(triple) = &fact.object {
                reified.insert(place(triple, &fact.graph));
            }
            ControlFlow::Continue(())
        })?;
        Ok(Self { facts, reified })
    }

    /// Writes the lines of one graph, whose quads are given; gives how many.
    ///
    /// # Errors
    /// What reading the quads or writing a line says.
    pub fn graph<E: From<Fault>>(
        &self,
        graph: &NamedNode,
        quads: impl Iterator<Item = Result<Quad, E>>,
        write: &mut dyn FnMut(&str) -> Result<(), E>,
    ) -> Result<u64, E> {
        let usual = self.usual(graph)?;
        let mut count = 0;
        for quad in quads {
            let quad = quad?;
            let line = if quad.predicate.as_ref() == REIFIES {
                let (NamedOrBlankNode::NamedNode(reifier), Term::Triple(triple)) = (&quad.subject, &quad.object) else {
                    continue;
                };
                self.exception(reifier, triple, &usual)?
            } else if quad.predicate.as_str().strip_prefix(CONCEPTNET).is_some_and(|rest| rest.starts_with("/r/")) {
                let triple = Triple::from(quad);
                if self.reified.contains(&place(&triple, graph)) {
                    continue;
                }
                line(&triple, None, None, &usual.column())
            } else {
                continue;
            };
            write(&line)?;
            count += 1;
        }
        Ok(count)
    }

    /// What most assertions of a graph have.
    fn usual(&self, graph: &NamedNode) -> Result<Edge, Fault> {
        let mut usual = Edge::default();
        for (predicate, object) in self.said_of(graph)? {
            if predicate == DATASET
                && let Term::NamedNode(dataset) = &object
            {
                usual.dataset = uri_of(dataset.as_str()).into_owned();
            }
            overlay(&mut usual, &predicate, &object);
        }
        Ok(usual)
    }

    fn exception(&self, reifier: &NamedNode, triple: &Triple, usual: &Edge) -> Result<String, Fault> {
        let mut edge = usual.clone();
        let (mut uri, mut ends, mut surface) = (None, None, Surface::default());
        let mut has_surface = false;
        for (predicate, object) in self.said_of(reifier)? {
            let text = || value(&object);
            match predicate.as_ref() {
                EDGE_URI => uri = Some(text()),
                EDGE_ENDS => ends = Some(text()),
                EDGE_JSON => edge.more = Some(text()),
                SURFACE_TEXT => (surface.text, has_surface) = (text(), true),
                SURFACE_START => surface.start = Some(text()),
                SURFACE_END => surface.end = Some(text()),
                DERIVED_FROM => {
                    if let Term::NamedNode(list) = &object {
                        for (predicate, object) in self.said_of(list)? {
                            overlay(&mut edge, &predicate, &object);
                        }
                    }
                }
                _ => overlay(&mut edge, &predicate, &object),
            }
        }
        edge.surface = has_surface.then_some(surface);
        Ok(line(triple, uri.as_deref(), ends.as_deref(), &edge.column()))
    }

    fn said_of(&self, subject: &NamedNode) -> Result<Vec<(NamedNode, Term)>, Fault> {
        let mut said = Vec::new();
        self.facts.each(Some(&subject.clone().into()), None, None, &mut |fact| {
            said.push((fact.predicate.clone(), fact.object.clone()));
            ControlFlow::Continue(())
        })?;
        Ok(said)
    }
}

/// Where an assertion stands, as one number.
fn place(triple: &Triple, graph: &NamedNode) -> u64 {
    mark(triple, graph.as_str())
}

fn overlay(edge: &mut Edge, predicate: &NamedNode, object: &Term) {
    match predicate.as_ref() {
        WEIGHT => edge.weight = value(object).parse().ok(),
        LICENSE => edge.licence = Some(value(object)),
        SOURCES => edge.sources = Some(value(object).into()),
        _ => {}
    }
}

fn value(term: &Term) -> String {
    match term {
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    }
}

/// One line, without its end.
fn line(triple: &Triple, uri: Option<&str>, ends: Option<&str>, json: &str) -> String {
    let of = |term: Term| match term {
        Term::NamedNode(node) => uri_of(node.as_str()).into_owned(),
        other => other.to_string(),
    };
    let relation = uri_of(triple.predicate.as_str()).into_owned();
    let (start, end) = match ends.and_then(|ends| ends.split_once('\t')) {
        Some((start, end)) => (start.to_owned(), end.to_owned()),
        None => (of(triple.subject.clone().into()), of(triple.object.clone())),
    };
    let uri = uri.map_or_else(|| assertion(&relation, &start, &end), str::to_owned);
    format!("{uri}\t{relation}\t{start}\t{end}\t{json}")
}
