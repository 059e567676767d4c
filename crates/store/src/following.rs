//! The store as one audience's SPARQL dataset, with what follows from it.
//!
//! Only the default graph grows: what follows from many sources stands in none of them. Queries that ask for no
//! regime never come here.

use std::{
    collections::HashSet,
    ops::ControlFlow,
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
};

use quid_core::{Audience, Entailed, Fault, oxrdf::Term};
use spareval::{InternalQuad, QueryableDataset};

use crate::{
    cache::Cache,
    dataset::{Ended, MOST_TRIPLES, Shared, Visible},
    meter,
    view::View,
};

/// One audience's dataset, and what follows from it.
#[derive(Clone)]
pub(crate) struct Following {
    pub(crate) visible: Visible,
    pub(crate) entailed: Rc<dyn Entailed>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) stop: Arc<AtomicBool>,
}

impl QueryableDataset<'static> for Following {
    type InternalTerm = Shared;
    type Error = Ended;

    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Shared>,
        predicate: Option<&Shared>,
        object: Option<&Shared>,
        graph_name: Option<Option<&Shared>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Shared>, Ended>> + use<> {
        let stored = self.visible.internal_quads_for_pattern(subject, predicate, object, graph_name);
        let follows = if graph_name == Some(None) { self.follows(subject, predicate, object) } else { Ok(Vec::new()) };
        let (follows, failed) = match follows {
            Ok(follows) => (follows, None),
            Err(fault) => (Vec::new(), Some(Err(Ended::Entailment(fault)))),
        };
        // What is stored comes from the store; only the rest is added.
        let mut came = HashSet::new();
        let several = !follows.is_empty();
        let mut follows = follows.into_iter();
        let mut stored = stored.fuse();
        failed.into_iter().chain(std::iter::from_fn(move || {
            if let Some(quad) = stored.next() {
                if let (Ok(quad), true) = (&quad, several) {
                    came.insert(quad_hash(&quad.subject, &quad.predicate, &quad.object));
                }
                return Some(quad);
            }
            let [subject, predicate, object] = follows
                .by_ref()
                .find(|[subject, predicate, object]| !came.contains(&quad_hash(subject, predicate, object)))?;
            Some(Ok(InternalQuad { subject, predicate, object, graph_name: None }))
        }))
    }

    fn internal_named_graphs(&self) -> impl Iterator<Item = Result<Shared, Ended>> + use<> {
        self.visible.internal_named_graphs()
    }

    fn contains_internal_graph_name(&self, graph_name: &Shared) -> Result<bool, Ended> {
        self.visible.contains_internal_graph_name(graph_name)
    }

    fn internalize_term(&self, term: Term) -> Result<Shared, Ended> {
        self.visible.internalize_term(term)
    }

    fn externalize_term(&self, term: Shared) -> Result<Term, Ended> {
        self.visible.externalize_term(term)
    }
}

impl Following {
    fn follows(
        &self,
        subject: Option<&Shared>,
        predicate: Option<&Shared>,
        object: Option<&Shared>,
    ) -> Result<Vec<[Shared; 3]>, Fault> {
        let asked = match predicate.map(Shared::term) {
            None => None,
            Some(Term::NamedNode(node)) => Some(node),
            Some(_) => return Ok(Vec::new()),
        };
        let audience: Audience = (*self.visible.audience).clone();
        let facts = View::new(&self.visible.store, &self.cache, audience);
        let mut found = Vec::new();
        let mut too_much = false;
        let (from, to) = (subject.map(Shared::term), object.map(Shared::term));
        self.entailed.each(&facts, from, asked, to, &self.stop, &mut |one, relation, other| {
            too_much = found.len() == MOST_TRIPLES;
            if too_much {
                return ControlFlow::Break(());
            }
            // Given parts are shared, so that they are not hashed again.
            let shared = |given: Option<&Shared>, term: &Term| {
                given.map_or_else(|| Shared::quiet(term.clone()), Shared::quietly)
            };
            let named = predicate.map_or_else(|| Shared::quiet(relation.clone().into()), Shared::quietly);
            found.push([shared(subject, one), named, shared(object, other)]);
            // Not ended from within: the rules' own tables would be left half filled.
            if meter::is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        meter::check();
        if too_much {
            return Err(Fault::Refused(format!("too expensive: more than {MOST_TRIPLES} triples follow")));
        }
        Ok(found)
    }
}

fn quad_hash(subject: &Shared, predicate: &Shared, object: &Shared) -> [u64; 3] {
    [subject.hashed(), predicate.hashed(), object.hashed()]
}
