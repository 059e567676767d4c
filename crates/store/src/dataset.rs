//! The store as one audience's SPARQL dataset.
//!
//! The evaluator asks this instead of the store, so that nothing it can write (`GRAPH`, `FROM`, a variable for a
//! graph) reaches a graph that the audience may not see. The default graph is the union of what may be seen.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
};

use oxigraph::store::{QuadIter, Store};
use quid_core::{
    Audience,
    oxrdf::{GraphName, GraphNameRef, NamedNodeRef, NamedOrBlankNodeRef, Term, TermRef},
};
use spareval::{CancellationToken, InternalQuad, QueryableDataset};

use crate::view::visible;

/// The most different triples one pattern may go through: bounds the memory of a query.
pub(crate) const MOST_TRIPLES: usize = 8_000_000;

/// A term with its hash, shared: the evaluator clones and compares terms all the time.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Rc<(u64, Term)>);

impl Shared {
    pub(crate) fn new(term: Term) -> Self {
        let mut hasher = DefaultHasher::new();
        term.hash(&mut hasher);
        Self(Rc::new((hasher.finish(), term)))
    }

    pub(crate) fn term(&self) -> &Term {
        &self.0.1
    }

    pub(crate) fn hashed(&self) -> u64 {
        self.0.0
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Shared {}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.0);
    }
}

/// Reading was ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] oxigraph::store::StorageError),
    /// Stopped from outside.
    #[error("the query was stopped")]
    Stopped,
    /// A pattern matches too much.
    #[error("too expensive: one pattern of the query goes through more than {MOST_TRIPLES} triples")]
    TooMuch,
    /// What follows could not be worked out.
    #[error(transparent)]
    Entailment(quid_core::Fault),
}

/// One audience's dataset.
#[derive(Clone)]
pub(crate) struct Visible {
    pub(crate) store: Store,
    pub(crate) audience: Rc<Audience>,
    pub(crate) stop: CancellationToken,
}

impl QueryableDataset<'static> for Visible {
    type InternalTerm = Shared;
    type Error = Ended;

    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Shared>,
        predicate: Option<&Shared>,
        object: Option<&Shared>,
        graph_name: Option<Option<&Shared>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Shared>, Ended>> + use<> {
        let quads = self.quads(subject, predicate, object, graph_name);
        let union = graph_name == Some(None);
        let fixed = [subject.cloned(), predicate.cloned(), object.cloned()];
        Quads {
            left: quads,
            audience: Rc::clone(&self.audience),
            stop: self.stop.clone(),
            union,
            // A wholly given triple can only come once; else remember which ones came.
            once: union && fixed.iter().all(Option::is_some),
            came: HashSet::new(),
            fixed,
            graph: graph_name.flatten().cloned(),
        }
    }

    fn internal_named_graphs(&self) -> impl Iterator<Item = Result<Shared, Ended>> + use<> {
        let (audience, stop) = (Rc::clone(&self.audience), self.stop.clone());
        self.store.named_graphs().filter_map(move |graph| {
            if stop.is_cancelled() {
                return Some(Err(Ended::Stopped));
            }
            match graph {
                Ok(graph) => {
                    let term = Term::from(graph);
                    is_visible(&term, &audience).then(|| Ok(Shared::new(term)))
                }
                Err(why) => Some(Err(why.into())),
            }
        })
    }

    fn contains_internal_graph_name(&self, graph_name: &Shared) -> Result<bool, Ended> {
        match graph_name.term() {
            Term::NamedNode(graph) if visible(graph.as_str(), &self.audience) => {
                Ok(self.store.contains_named_graph(graph)?)
            }
            _ => Ok(false),
        }
    }

    fn internalize_term(&self, term: Term) -> Result<Shared, Ended> {
        Ok(Shared::new(term))
    }

    fn externalize_term(&self, term: Shared) -> Result<Term, Ended> {
        Ok(term.term().clone())
    }
}

impl Visible {
    /// The quads of the store that match; `None` when nothing can.
    #[expect(clippy::option_option, reason = "the evaluator's own shape: any named graph, the default graph, this one")]
    fn quads(
        &self,
        subject: Option<&Shared>,
        predicate: Option<&Shared>,
        object: Option<&Shared>,
        graph_name: Option<Option<&Shared>>,
    ) -> Option<QuadIter<'static>> {
        let subject: Option<NamedOrBlankNodeRef<'_>> = match subject.map(Shared::term) {
            None => None,
            Some(Term::NamedNode(node)) => Some(node.as_ref().into()),
            Some(Term::BlankNode(node)) => Some(node.as_ref().into()),
            Some(_) => return None,
        };
        let predicate: Option<NamedNodeRef<'_>> = match predicate.map(Shared::term) {
            None => None,
            Some(Term::NamedNode(node)) => Some(node.as_ref()),
            Some(_) => return None,
        };
        let object: Option<TermRef<'_>> = object.map(|term| term.term().as_ref());
        let graph = match graph_name {
            None | Some(None) => None,
            Some(Some(graph)) => match graph.term() {
                Term::NamedNode(name) if visible(name.as_str(), &self.audience) => {
                    Some(GraphNameRef::from(name.as_ref()))
                }
                _ => return None,
            },
        };
        Some(self.store.quads_for_pattern(subject, predicate, object, graph))
    }
}

fn is_visible(graph: &Term, audience: &Audience) -> bool {
    matches!(graph, Term::NamedNode(name) if visible(name.as_str(), audience))
}

/// The visible quads of one pattern.
struct Quads {
    left: Option<QuadIter<'static>>,
    audience: Rc<Audience>,
    stop: CancellationToken,
    /// Over all graphs as one: no graph name, no triple twice.
    union: bool,
    once: bool,
    came: HashSet<[u64; 3]>,
    /// The given parts, so that they are not hashed again for each quad.
    fixed: [Option<Shared>; 3],
    graph: Option<Shared>,
}

impl Iterator for Quads {
    type Item = Result<InternalQuad<Shared>, Ended>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.stop.is_cancelled() {
                self.left = None;
                return Some(Err(Ended::Stopped));
            }
            let quad = match self.left.as_mut()?.next()? {
                Ok(quad) => quad,
                Err(why) => return Some(Err(why.into())),
            };
            let GraphName::NamedNode(graph) = quad.graph_name else { continue };
            if self.graph.is_none() && !visible(graph.as_str(), &self.audience) {
                continue;
            }
            let [subject, predicate, object] = &self.fixed;
            let found = InternalQuad {
                subject: subject.clone().unwrap_or_else(|| Shared::new(quad.subject.into())),
                predicate: predicate.clone().unwrap_or_else(|| Shared::new(quad.predicate.into())),
                object: object.clone().unwrap_or_else(|| Shared::new(quad.object)),
                graph_name: if self.union {
                    None
                } else {
                    Some(self.graph.clone().unwrap_or_else(|| Shared::new(graph.into())))
                },
            };
            if self.once {
                self.left = None;
            } else if self.union {
                if !self.came.insert([found.subject.0.0, found.predicate.0.0, found.object.0.0]) {
                    continue;
                }
                if self.came.len() > MOST_TRIPLES {
                    self.left = None;
                    return Some(Err(Ended::TooMuch));
                }
            }
            return Some(Ok(found));
        }
    }
}
