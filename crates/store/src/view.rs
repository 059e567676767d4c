//! What one audience may see of the store.
//!
//! A graph's name already says for whom it is visible (`core::source`), so hiding costs a look at the name and
//! no look-up; book-keeping graphs are in nobody's view.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use oxigraph::store::{QuadIter, Store};
use quid_core::{
    Audience, Fact, Facts, Fault, Feed, Scope, Source,
    oxrdf::{GraphName, GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNodeRef, Quad, Term, Triple},
    source::is_foreign,
    text::percent_decode,
    vocabulary as v,
};

use crate::{StoreError, cache::Cache};

/// Up to so many facts about one subject, or with one object, are visited in the order of their sources (dumps
/// first, then statements as they were made); more come in the engine's own order, which is the same for the same
/// store. A hub has thousands, and whoever wants one of them should not wait for all to be put in order.
const ORDERED: usize = 64;

/// The book-keeping graphs, in the order they are visited.
const KEEPING: [NamedNodeRef<'static>; 4] = [v::STATE_GRAPH, v::OBSERVED_GRAPH, v::PROVENANCE_GRAPH, v::KEEPING_GRAPH];

/// Whether this audience may see what stands in the graph.
pub(crate) fn visible(graph: &str, audience: &Audience) -> bool {
    if graph.starts_with(v::DUMP) || is_foreign(graph) {
        return true;
    }
    let Some((_, rest)) = graph.strip_prefix(v::SAID).and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    match rest.split_once(':') {
        Some(("global" | "channel", _)) => true,
        Some(("private", name)) => audience.sees(&Scope::Private(percent_decode(name))),
        _ => false,
    }
}

/// The facts one audience may see.
pub(crate) struct View<'a> {
    store: &'a Store,
    cache: &'a Cache,
    audience: Audience,
    everybody: Everybody<'a>,
}

impl<'a> View<'a> {
    pub(crate) fn new(store: &'a Store, cache: &'a Cache, audience: Audience) -> Self {
        Self { store, cache, audience, everybody: Everybody { store, cache } }
    }
}

/// The facts that all audiences may see together, what was overheard included.
struct Everybody<'a> {
    store: &'a Store,
    cache: &'a Cache,
}

impl Facts for Everybody<'_> {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let Ok(from) = as_subject(subject) else { return Ok(()) };
        self.cache.note_read();
        let quads = self.store.quads_for_pattern(from, predicate, object.map(Term::as_ref), None);
        Ok(visit_facts(quads, &|graph| Source::of_graph(graph).is_some(), 0, &|_| (), visit)?)
    }
}

impl Feed for View<'_> {
    fn keeper(&self) -> u64 {
        self.cache.keeper()
    }

    fn version(&self) -> u64 {
        self.cache.written()
    }

    fn since(&self, version: u64) -> Option<Vec<Triple>> {
        self.cache.since(version)
    }

    fn everybodys(&self) -> &dyn Facts {
        &self.everybody
    }

    fn shows(&self, graph: &NamedNode) -> bool {
        visible(graph.as_str(), &self.audience)
    }

    fn view(&self) -> Option<String> {
        Some(format!("{:?}", self.audience))
    }
}

impl Facts for View<'_> {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let Ok(from) = as_subject(subject) else { return Ok(()) };
        let ordered = if subject.is_some() || object.is_some() { ORDERED } else { 0 };
        let mut visit = |fact: &Fact| {
            if visible(fact.graph.as_str(), &self.audience) { visit(fact) } else { ControlFlow::Continue(()) }
        };
        if ordered > 0
            && let Some(known) = self.cache.get(subject, predicate, object)
        {
            let _ = known.iter().try_for_each(&mut visit);
            return Ok(());
        }
        let written = self.cache.written();
        self.cache.note_read();
        tracing::trace!(?subject, ?predicate, ?object, "reads all");
        let quads = self.store.quads_for_pattern(from, predicate, object.map(Term::as_ref), None);
        // Read for everybody, shown to those who may see it: what is kept serves every audience.
        let keep = |facts: &Arc<[Fact]>| {
            let pattern = (subject.map(Term::as_ref), predicate, object.map(Term::as_ref));
            self.cache.put(written, pattern, Arc::clone(facts));
        };
        Ok(visit_facts(quads, &|graph| Source::of_graph(graph).is_some(), ordered, &keep, &mut visit)?)
    }

    fn some(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Vec<Fact>, Fault> {
        let Ok(from) = as_subject(subject) else { return Ok(Vec::new()) };
        if let Some(known) = self.cache.get(subject, predicate, object) {
            let seen = known.iter().filter(|fact| visible(fact.graph.as_str(), &self.audience));
            return Ok(seen.take(limit).cloned().collect());
        }
        let written = self.cache.written();
        self.cache.note_read();
        tracing::trace!(?subject, ?predicate, ?object, "reads some");
        let mut quads = self.store.quads_for_pattern(from, predicate, object.map(Term::as_ref), None);
        let (mut all, mut seen) = (Vec::new(), Vec::new());
        while seen.len() < limit {
            let Some(quad) = quads.next().transpose().map_err(StoreError::engine("reading facts"))? else {
                // These were all there are: kept for everybody, as what `each` finds.
                if all.len() < ORDERED {
                    put_in_order(&mut all);
                    let pattern = (subject.map(Term::as_ref), predicate, object.map(Term::as_ref));
                    self.cache.put(written, pattern, all.into());
                }
                break;
            };
            let Some(fact) = fact(quad, &|graph| Source::of_graph(graph).is_some()) else { continue };
            if visible(fact.graph.as_str(), &self.audience) {
                seen.push(fact.clone());
            }
            if all.len() < ORDERED {
                all.push(fact);
            }
        }
        Ok(seen)
    }

    fn shared(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Arc<[Fact]>, Fault> {
        let Ok(from) = as_subject(subject) else { return Ok(Arc::default()) };
        if subject.is_none() && object.is_none() {
            return Ok(self.all(subject, predicate, object, limit)?.into());
        }
        if let Some(known) = self.cache.get(subject, predicate, object) {
            return Ok(self.shown(known, limit));
        }
        let written = self.cache.written();
        self.cache.note_read();
        tracing::trace!(?subject, ?predicate, ?object, "reads all");
        let quads = self.store.quads_for_pattern(from, predicate, object.map(Term::as_ref), None);
        let kept: RefCell<Option<Arc<[Fact]>>> = RefCell::default();
        let keep = |facts: &Arc<[Fact]>| {
            let pattern = (subject.map(Term::as_ref), predicate, object.map(Term::as_ref));
            self.cache.put(written, pattern, Arc::clone(facts));
            kept.replace(Some(Arc::clone(facts)));
        };
        let mut some = Vec::new();
        visit_facts(quads, &|graph| Source::of_graph(graph).is_some(), ORDERED, &keep, &mut |fact| {
            if kept.borrow().is_some() || some.len() >= limit {
                return ControlFlow::Break(());
            }
            if visible(fact.graph.as_str(), &self.audience) {
                some.push(fact.clone());
            }
            ControlFlow::Continue(())
        })?;
        Ok(kept.into_inner().map_or_else(|| some.into(), |all| self.shown(all, limit)))
    }

    fn feed(&self) -> Option<&dyn Feed> {
        Some(self)
    }
}

impl View<'_> {
    /// What of these the audience may see: the same list where that is all of it, as it nearly always is.
    fn shown(&self, facts: Arc<[Fact]>, limit: usize) -> Arc<[Fact]> {
        let is_shown = |fact: &&Fact| visible(fact.graph.as_str(), &self.audience);
        if facts.len() <= limit && facts.iter().all(|fact| is_shown(&fact)) {
            return facts;
        }
        facts.iter().filter(is_shown).take(limit).cloned().collect()
    }
}

/// The bot's own book-keeping.
pub(crate) struct Keeping<'a> {
    store: &'a Store,
    cache: &'a Cache,
}

impl<'a> Keeping<'a> {
    pub(crate) fn new(store: &'a Store, cache: &'a Cache) -> Self {
        Self { store, cache }
    }
}

impl Facts for Keeping<'_> {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let Ok(from) = as_subject(subject) else { return Ok(()) };
        let object = object.map(Term::as_ref);
        if from.is_some() {
            // One look-up over all graphs is cheaper than four, where few facts can match.
            self.cache.note_read();
            let quads = self.store.quads_for_pattern(from, predicate, object, None);
            let seen = |graph: &str| KEEPING.iter().any(|known| known.as_str() == graph);
            return Ok(visit_facts(quads, &seen, ORDERED, &|_| (), visit)?);
        }
        let mut broken = false;
        for graph in KEEPING {
            self.cache.note_read();
            let quads = self.store.quads_for_pattern(from, predicate, object, Some(GraphNameRef::from(graph)));
            visit_facts(quads, &|_| true, if object.is_some() { ORDERED } else { 0 }, &|_| (), &mut |fact| {
                let flow = visit(fact);
                broken = flow.is_break();
                flow
            })?;
            if broken {
                break;
            }
        }
        Ok(())
    }
}

/// A term in a subject's place; an error for what cannot stand there, so that nothing matches.
fn as_subject(term: Option<&Term>) -> Result<Option<NamedOrBlankNodeRef<'_>>, ()> {
    match term {
        None => Ok(None),
        Some(Term::NamedNode(node)) => Ok(Some(node.as_ref().into())),
        Some(Term::BlankNode(node)) => Ok(Some(node.as_ref().into())),
        Some(_) => Err(()),
    }
}

/// `keep` is given all there is, in order, when that is not too much to be put in order.
fn visit_facts(
    quads: QuadIter<'_>,
    seen: &dyn Fn(&str) -> bool,
    ordered: usize,
    keep: &dyn Fn(&Arc<[Fact]>),
    visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut facts = quads.filter_map(|quad| match quad {
        Ok(quad) => fact(quad, seen).map(Ok),
        Err(why) => Some(Err(StoreError::engine("reading facts")(why))),
    });
    if ordered > 0 {
        let mut first = facts.by_ref().take(ordered).collect::<Result<Vec<_>, _>>()?;
        put_in_order(&mut first);
        let first: Arc<[Fact]> = first.into();
        if first.len() < ordered {
            keep(&first);
        }
        for fact in first.iter() {
            if visit(fact).is_break() {
                return Ok(());
            }
        }
    }
    for fact in facts {
        if visit(&fact?).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

/// The order in which few facts are visited: dumps first, then statements as they were made.
fn put_in_order(facts: &mut [Fact]) {
    if facts.len() < 2 {
        return;
    }
    facts.sort_by_cached_key(|fact| {
        let seq = match Source::of_graph(fact.graph.as_str()) {
            Some(Source::Said { seq, .. }) => seq,
            _ => 0,
        };
        (
            seq,
            fact.graph.as_str().to_owned(),
            fact.predicate.as_str().to_owned(),
            fact.object.to_string(),
            fact.subject.to_string(),
        )
    });
}

fn fact(quad: Quad, seen: &dyn Fn(&str) -> bool) -> Option<Fact> {
    match quad.graph_name {
        GraphName::NamedNode(graph) if seen(graph.as_str()) => {
            Some(Fact { subject: quad.subject, predicate: quad.predicate, object: quad.object, graph })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use quid_core::Place;

    use super::*;

    #[test]
    fn a_graphs_name_says_who_sees_it() {
        let (ann, bob) = ("ann b/c", "bob");
        let private = Source::Said { seq: 3, scope: Scope::Private(ann.to_owned()) }.graph();
        let quarantine = Source::Said { seq: 4, scope: Scope::Quarantine("#x".to_owned()) }.graph();
        let channel = Source::Said { seq: 5, scope: Scope::Channel("#x:y".to_owned()) }.graph();
        let dump = Source::Dump("a:b".to_owned()).graph();
        let room = Place::Channel("#x".to_owned());
        for (graph, name, place, expected) in [
            (private.as_str(), ann, Place::Private, true),
            (private.as_str(), ann, Place::Global, true),
            (private.as_str(), ann, room.clone(), false),
            (private.as_str(), bob, Place::Private, false),
            (quarantine.as_str(), ann, room.clone(), false),
            (quarantine.as_str(), ann, Place::Private, false),
            (channel.as_str(), bob, Place::Private, true),
            (dump.as_str(), bob, room, true),
            (v::STATE_GRAPH.as_str(), ann, Place::Global, false),
            (v::KEEPING_GRAPH.as_str(), ann, Place::Global, false),
            ("urn:other", bob, Place::Private, true),
            ("urn:quid:other", ann, Place::Global, false),
            ("urn:quid:said:7", ann, Place::Global, false),
            ("urn:quid:said:7:other:", ann, Place::Global, false),
        ] {
            let audience = Audience { name: name.to_owned(), place };
            assert_eq!(visible(graph, &audience), expected, "{graph} {audience:?}");
        }
    }
}
