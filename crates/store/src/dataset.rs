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
    oxrdf::{
        GraphName, GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad, Term, TermRef,
    },
    source::is_foreign,
};
use spareval::{InternalQuad, QueryableDataset};

use crate::{meter, update::Stage, view::visible};

/// The most different triples one pattern may go through: bounds the memory of a query.
pub(crate) const MOST_TRIPLES: usize = 8_000_000;

/// A term with its hash, shared: the evaluator clones and compares terms all the time. Each time counts towards what
/// the query may take ([`crate::meter`]), which is how it is stopped.
#[derive(Debug)]
pub(crate) struct Shared(Rc<Held>);

#[derive(Debug)]
struct Held {
    hash: u64,
    /// What it holds, in bytes.
    bytes: usize,
    term: Term,
}

/// What a shared term costs beside its text.
const TERM: usize = 96;
/// The longest text that a query may compute, in bytes.
pub(crate) const LONGEST_TEXT: usize = 1 << 20;

impl Shared {
    pub(crate) fn new(term: Term) -> Self {
        let shared = Self::quiet(term);
        meter::touch();
        shared
    }

    /// As [`Self::new`], and never ends the query: for where something of others would be left half done.
    pub(crate) fn quiet(term: Term) -> Self {
        let mut hasher = DefaultHasher::new();
        term.hash(&mut hasher);
        let bytes = TERM + text_length(&term);
        meter::take(bytes);
        Self(Rc::new(Held { hash: hasher.finish(), bytes, term }))
    }

    /// Another handle, never ending the query.
    pub(crate) fn quietly(&self) -> Self {
        meter::more();
        Self(Rc::clone(&self.0))
    }

    pub(crate) fn term(&self) -> &Term {
        &self.0.term
    }

    pub(crate) fn hashed(&self) -> u64 {
        self.0.hash
    }
}

/// How much text a term has, in bytes.
pub(crate) fn text_length(term: &Term) -> usize {
    match term {
        Term::NamedNode(node) => node.as_str().len(),
        Term::BlankNode(node) => node.as_str().len(),
        Term::Literal(literal) => literal.value().len(),
        Term::Triple(triple) => {
            let subject = match &triple.subject {
                NamedOrBlankNode::NamedNode(node) => node.as_str().len(),
                NamedOrBlankNode::BlankNode(node) => node.as_str().len(),
            };
            subject + triple.predicate.as_str().len() + text_length(&triple.object) + TERM
        }
    }
}

impl Clone for Shared {
    fn clone(&self) -> Self {
        // Made before it is counted, so that a query that ends in counting gives it back.
        let shared = Self(Rc::clone(&self.0));
        meter::hold();
        shared
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if Rc::strong_count(&self.0) == 1 {
            meter::give(self.0.bytes);
        } else {
            meter::release();
        }
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        meter::touch();
        Rc::ptr_eq(&self.0, &other.0) || (self.0.hash == other.0.hash && self.0.term == other.0.term)
    }
}

impl Eq for Shared {}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        meter::touch();
        state.write_u64(self.0.hash);
    }
}

/// Reading was ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] oxigraph::store::StorageError),
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
    /// Whether the default graph holds the graphs that programs named too, and every source can be asked for as a
    /// graph; else the two are apart, as in stores that know no sources.
    pub(crate) union: bool,
    /// What an update has done so far, which its next operation sees.
    pub(crate) staged: Option<Rc<Stage>>,
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
        // `Quads` looks at each again, so only the graph is asked for here.
        let staged = self.staged.as_ref().map(|stage| {
            let fits = |quad: &&Quad| fits(quad, subject, predicate, object, graph_name);
            stage.added.iter().filter(fits).cloned().collect::<Vec<_>>().into_iter()
        });
        Quads {
            left: quads,
            removed: self.staged.clone(),
            staged,
            audience: Rc::clone(&self.audience),
            union,
            foreign: self.union,
            // A wholly given triple can only come once; else remember which ones came.
            once: union && fixed.iter().all(Option::is_some),
            came: HashSet::new(),
            fixed,
            graph: graph_name.flatten().cloned(),
        }
    }

    fn internal_named_graphs(&self) -> impl Iterator<Item = Result<Shared, Ended>> + use<> {
        let (audience, staged, union) = (Rc::clone(&self.audience), self.staged.clone(), self.union);
        let made: Vec<NamedNode> = staged.iter().flat_map(|stage| stage.new_graphs(&self.store)).collect();
        let stored = self.store.named_graphs().filter(move |graph| match (graph, &staged) {
            (Ok(NamedOrBlankNode::NamedNode(name)), Some(stage)) => stage.graphs.get(name) != Some(&false),
            _ => true,
        });
        stored.chain(made.into_iter().map(|name| Ok(name.into()))).filter_map(move |graph| {
            meter::check();
            match graph {
                Ok(graph) => {
                    let term = Term::from(graph);
                    let is_named = matches!(&term, Term::NamedNode(name) if union || is_foreign(name.as_str()));
                    (is_named && is_visible(&term, &audience)).then(|| Ok(Shared::new(term)))
                }
                Err(why) => Some(Err(why.into())),
            }
        })
    }

    fn contains_internal_graph_name(&self, graph_name: &Shared) -> Result<bool, Ended> {
        match graph_name.term() {
            Term::NamedNode(graph) if visible(graph.as_str(), &self.audience) => {
                if let Some(is_there) = self.staged.as_ref().and_then(|stage| stage.graphs.get(graph)) {
                    return Ok(*is_there);
                }
                Ok(self.store.contains_named_graph(graph)?)
            }
            _ => Ok(false),
        }
    }

    fn internalize_term(&self, term: Term) -> Result<Shared, Ended> {
        if text_length(&term) > LONGEST_TEXT {
            meter::end(meter::Halt::Text);
        }
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

/// Whether a quad that waits to be written is one of those asked for.
#[expect(clippy::option_option, reason = "the evaluator's own shape: any named graph, the default graph, this one")]
fn fits(
    quad: &Quad,
    subject: Option<&Shared>,
    predicate: Option<&Shared>,
    object: Option<&Shared>,
    graph_name: Option<Option<&Shared>>,
) -> bool {
    meter::check();
    let is = |given: Option<&Shared>, term: TermRef<'_>| given.is_none_or(|given| given.term().as_ref() == term);
    let graph = match (graph_name.flatten().map(Shared::term), &quad.graph_name) {
        (None, _) => true,
        (Some(Term::NamedNode(asked)), GraphName::NamedNode(name)) => asked == name,
        _ => false,
    };
    graph
        && is(subject, quad.subject.as_ref().into())
        && is(predicate, quad.predicate.as_ref().into())
        && is(object, quad.object.as_ref())
}

fn is_visible(graph: &Term, audience: &Audience) -> bool {
    matches!(graph, Term::NamedNode(name) if visible(name.as_str(), audience))
}

/// The visible quads of one pattern.
struct Quads {
    left: Option<QuadIter<'static>>,
    /// What an update has taken away so far.
    removed: Option<Rc<Stage>>,
    /// What it has added that matches.
    staged: Option<std::vec::IntoIter<Quad>>,
    audience: Rc<Audience>,
    /// Whether all graphs are those that programs named too.
    foreign: bool,
    /// Over all graphs as one: no graph name, no triple twice.
    union: bool,
    once: bool,
    came: HashSet<[u64; 3]>,
    /// The given parts, so that they are not hashed again for each quad.
    fixed: [Option<Shared>; 3],
    graph: Option<Shared>,
}

/// What it costs to remember that a triple came, in bytes.
const CAME: usize = 48;

impl Drop for Quads {
    fn drop(&mut self) {
        meter::give(self.came.len().saturating_mul(CAME));
    }
}

impl Iterator for Quads {
    type Item = Result<InternalQuad<Shared>, Ended>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            meter::check();
            let stored = self.left.as_mut().and_then(Iterator::next);
            let quad = match stored.or_else(|| self.staged.as_mut()?.next().map(Ok))? {
                Ok(quad) => quad,
                Err(why) => return Some(Err(why.into())),
            };
            if self.removed.as_ref().is_some_and(|stage| stage.removed.contains(&quad)) {
                continue;
            }
            let GraphName::NamedNode(graph) = quad.graph_name else { continue };
            if self.graph.is_none() && !visible(graph.as_str(), &self.audience) {
                continue;
            }
            // Apart from the union, what programs named is all that has names, and nothing of it is in the default graph.
            if !self.foreign && self.graph.is_none() && self.union == is_foreign(graph.as_str()) {
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
                (self.left, self.staged) = (None, None);
            } else if self.union {
                if !self.came.insert([found.subject.hashed(), found.predicate.hashed(), found.object.hashed()]) {
                    continue;
                }
                meter::take(CAME);
                if self.came.len() > MOST_TRIPLES {
                    (self.left, self.staged) = (None, None);
                    return Some(Err(Ended::TooMuch));
                }
            }
            return Some(Ok(found));
        }
    }
}
