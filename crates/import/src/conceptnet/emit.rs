//! Makes quads of assertions: one each, and a few more for what is not as most have it.
//!
//! The first assertions of a dataset wait until it is known what most of them have; then they, and all that follow,
//! are written against that.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use quid_core::oxrdf::{Literal, NamedNode, NamedOrBlankNode, Quad, Term, Triple};
use quid_core::vocabulary::{
    ATTRIBUTED_TO, CODE, DATASET, DERIVED_FROM, EDGE, EDGE_ENDS, EDGE_JSON, EDGE_URI, JSON, LICENSE, REIFIES, SOURCES,
    SURFACE_END, SURFACE_START, SURFACE_TEXT, WEIGHT,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::edge::Edge;
use super::line::{language, own};
use super::uri::uri_of;
use super::{Assertion, LOOKED_AT};
use crate::source::graph_of;

/// How many assertions are remembered to notice that one comes again. Official files are sorted, so that the same
/// ones stand together; this is for the others.
const REMEMBERED: usize = 2_000_000;

/// What an assertion has besides its triple, as most of its dataset have it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Usual {
    pub(super) licence: Option<String>,
    pub(super) sources: Option<Arc<str>>,
    pub(super) weight: Option<f64>,
}

/// One dataset.
struct Dataset {
    graph: NamedNode,
    uri: String,
    /// Assertions that wait until it is decided what is usual.
    waiting: Vec<Assertion>,
    usual: Option<Usual>,
    /// The lists of sources that were written.
    lists: HashSet<u128>,
}

/// Makes the quads.
pub(super) struct Emitter {
    name: String,
    datasets: Vec<Dataset>,
    places: HashMap<String, usize>,
    /// The values of the assertions met: by a hash of the triple and its dataset.
    met: HashMap<u64, u64>,
    last: Option<(u64, u64)>,
}

impl Emitter {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), datasets: Vec::new(), places: HashMap::new(), met: HashMap::new(), last: None }
    }

    /// The licence that most assertions of a dataset have.
    pub(super) fn licence(&self, dataset: &str) -> Option<String> {
        let place = *self.places.get(dataset)?;
        self.datasets.get(place)?.usual.as_ref()?.licence.clone()
    }

    /// Takes an assertion; its quads may come later.
    pub(super) fn take(&mut self, assertion: Assertion, ready: &mut VecDeque<Quad>) {
        let place = match self.places.get(&assertion.edge.dataset) {
            Some(place) => *place,
            None => {
                let uri = assertion.edge.dataset.clone();
                let rest = uri.strip_prefix("/d").unwrap_or(&uri);
                let graph = graph_of(&format!("{}{rest}", self.name));
                self.places.insert(uri.clone(), self.datasets.len());
                let (waiting, lists) = (Vec::new(), HashSet::new());
                self.datasets.push(Dataset { graph, uri, waiting, usual: None, lists });
                self.datasets.len() - 1
            }
        };
        let Some(dataset) = self.datasets.get_mut(place) else { return };
        if dataset.usual.is_some() {
            self.write(place, &assertion, ready);
            return;
        }
        dataset.waiting.push(assertion);
        if dataset.waiting.len() >= LOOKED_AT {
            self.decide(place, ready);
        }
    }

    /// Writes what still waits.
    pub(super) fn finish(&mut self, ready: &mut VecDeque<Quad>) {
        for place in 0..self.datasets.len() {
            if self.datasets.get(place).is_some_and(|dataset| dataset.usual.is_none()) {
                self.decide(place, ready);
            }
        }
    }

    fn decide(&mut self, place: usize, ready: &mut VecDeque<Quad>) {
        let Some(dataset) = self.datasets.get_mut(place) else { return };
        let waiting = std::mem::take(&mut dataset.waiting);
        let usual = Usual {
            licence: most(waiting.iter().filter_map(|one| one.edge.licence.clone())),
            sources: most(waiting.iter().filter_map(|one| one.edge.sources.clone())),
            weight: most(waiting.iter().filter_map(|one| one.edge.weight.map(f64::to_bits))).map(f64::from_bits),
        };
        dataset.describe(&usual, ready);
        dataset.usual = Some(usual);
        for assertion in &waiting {
            self.write(place, assertion, ready);
        }
    }

    fn write(&mut self, place: usize, assertion: &Assertion, ready: &mut VecDeque<Quad>) {
        let Some(dataset) = self.datasets.get_mut(place) else { return };
        let Some(usual) = dataset.usual.clone() else { return };
        let differs = differs(assertion, &usual);
        let key = mark(&assertion.triple, dataset.graph.as_str());
        let values = if differs { quick(&[&described(assertion)]) } else { 0 };
        // The one before is looked at first: most files are sorted, and then this is all that is needed.
        let before = match self.last {
            Some((last, values)) if last == key => Some(values),
            _ => self.met.get(&key).copied(),
        };
        self.last = Some((key, values));
        if self.met.len() < REMEMBERED {
            self.met.insert(key, values);
        }
        match before {
            // The same line again says nothing new.
            Some(before) if before == values => return,
            // It was there as most are; that must be said now that it is there in another way too.
            Some(0) => dataset.reify(&assertion.triple, "", ready),
            Some(_) if values == 0 => {
                dataset.reify(&assertion.triple, "", ready);
                return;
            }
            Some(_) => {}
            None => ready.push_back(dataset.quad(assertion.triple.clone())),
        }
        if values != 0 {
            dataset.write_exception(assertion, &usual, ready);
        }
    }
}

impl Dataset {
    fn quad(&self, triple: Triple) -> Quad {
        triple.in_graph(self.graph.clone())
    }

    /// Says of the graph what most of its assertions have.
    fn describe(&self, usual: &Usual, ready: &mut VecDeque<Quad>) {
        let mut say = |predicate: NamedNode, object: Term| {
            ready.push_back(Quad::new(self.graph.clone(), predicate, object, self.graph.clone()));
        };
        if let Some(dataset) = own(&self.uri) {
            say(DATASET.into(), dataset.into());
        }
        if let Some(weight) = usual.weight {
            say(WEIGHT.into(), Literal::from(weight).into());
        }
        if let Some(licence) = &usual.licence {
            say(LICENSE.into(), code(licence));
        }
        if let Some(sources) = &usual.sources {
            say(SOURCES.into(), json(sources));
            for contributor in contributors(sources) {
                say(ATTRIBUTED_TO.into(), contributor.into());
            }
        }
    }

    fn reifier(&self, triple: &Triple, values: &str) -> NamedNode {
        let triple = triple.to_string();
        NamedNode::new_unchecked(format!(
            "{EDGE}{:032x}",
            hash(&[triple.as_bytes(), self.graph.as_str().as_bytes(), values.as_bytes()])
        ))
    }

    /// A reifier with these values, of which nothing is said yet.
    fn reify(&self, triple: &Triple, values: &str, ready: &mut VecDeque<Quad>) {
        let reifier = self.reifier(triple, values);
        ready.push_back(Quad::new(reifier, REIFIES, triple.clone(), self.graph.clone()));
    }

    /// Says of one assertion what is not as most have it.
    fn write_exception(&mut self, assertion: &Assertion, usual: &Usual, ready: &mut VecDeque<Quad>) {
        let values = described(assertion);
        self.reify(&assertion.triple, &values, ready);
        let reifier = self.reifier(&assertion.triple, &values);
        let graph = self.graph.clone();
        let mut say = |predicate: NamedNode, object: Term| {
            ready.push_back(Quad::new(reifier.clone(), predicate, object, graph.clone()));
        };
        let Edge { licence, sources, weight, surface, more, .. } = assertion.edge.as_ref();
        if let Some(uri) = &assertion.uri {
            say(EDGE_URI.into(), code(uri));
        }
        if let Some(ends) = &assertion.ends {
            say(EDGE_ENDS.into(), code(ends));
        }
        // The whole column, where the usual values may not be taken for what it lacks.
        let incomplete = lacks(&assertion.edge, usual);
        if let Some(column) = more.clone().or_else(|| incomplete.then(|| assertion.edge.column())) {
            say(EDGE_JSON.into(), json(&column));
        }
        if let Some(weight) = weight
            && usual.weight.map(f64::to_bits) != Some(weight.to_bits())
        {
            say(WEIGHT.into(), Literal::from(*weight).into());
        }
        if let Some(licence) = licence
            && usual.licence.as_ref() != Some(licence)
        {
            say(LICENSE.into(), code(licence));
        }
        if let Some(surface) = surface {
            let spoken = match &assertion.triple.subject {
                NamedOrBlankNode::NamedNode(node) => uri_of(node.as_str()),
                NamedOrBlankNode::BlankNode(_) => "".into(),
            };
            let text = language(&spoken)
                .and_then(|tag| Literal::new_language_tagged_literal(&surface.text, tag).ok())
                .unwrap_or_else(|| Literal::new_simple_literal(&surface.text));
            say(SURFACE_TEXT.into(), text.into());
            for (predicate, part) in [(SURFACE_START, &surface.start), (SURFACE_END, &surface.end)] {
                if let Some(part) = part {
                    say(predicate.into(), code(part));
                }
            }
        }
        let Some(sources) = sources.as_ref().filter(|sources| usual.sources.as_ref() != Some(sources)) else { return };
        let name = hash(&[sources.as_bytes(), self.graph.as_str().as_bytes()]);
        let list = NamedNode::new_unchecked(format!("{EDGE}sources:{name:032x}"));
        say(DERIVED_FROM.into(), list.clone().into());
        if self.lists.insert(name) {
            let mut say = |predicate: NamedNode, object: Term| {
                ready.push_back(Quad::new(list.clone(), predicate, object, graph.clone()));
            };
            say(SOURCES.into(), json(sources));
            for contributor in contributors(sources) {
                say(ATTRIBUTED_TO.into(), contributor.into());
            }
        }
    }
}

/// Whether an assertion is not as most of its dataset are.
fn differs(assertion: &Assertion, usual: &Usual) -> bool {
    let edge = &assertion.edge;
    assertion.uri.is_some()
        || assertion.ends.is_some()
        || edge.more.is_some()
        || edge.surface.is_some()
        || edge.weight.map(f64::to_bits) != usual.weight.map(f64::to_bits)
        || edge.licence != usual.licence
        || edge.sources != usual.sources
}

/// Whether it has nothing where most have something.
fn lacks(edge: &Edge, usual: &Usual) -> bool {
    edge.weight.is_none() && usual.weight.is_some()
        || edge.licence.is_none() && usual.licence.is_some()
        || edge.sources.is_none() && usual.sources.is_some()
}

/// Everything that can differ, as one text to be hashed.
fn described(assertion: &Assertion) -> String {
    let uri = assertion.uri.as_deref().unwrap_or_default();
    let ends = assertion.ends.as_deref().unwrap_or_default();
    format!("{uri}\t{ends}\t{}", assertion.edge.column())
}

/// The contributors (or else the activities) of a list of sources, each once, in order.
fn contributors(sources: &str) -> Vec<NamedNode> {
    let Ok(Value::Array(list)) = serde_json::from_str(sources) else { return Vec::new() };
    let mut found = Vec::new();
    for source in &list {
        let named = ["contributor", "activity"].iter().find_map(|name| source.get(name)?.as_str());
        if let Some(node) = named.filter(|uri| uri.starts_with('/')).and_then(own)
            && !found.contains(&node)
        {
            found.push(node);
        }
    }
    found
}

fn code(text: &str) -> Term {
    Literal::new_typed_literal(text, CODE).into()
}

fn json(text: &str) -> Term {
    Literal::new_typed_literal(text, JSON).into()
}

/// The most frequent value; of equally frequent ones the first.
fn most<T: Eq + std::hash::Hash + Clone>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, (usize, usize)> = HashMap::new();
    for (at, value) in values.enumerate() {
        counts.entry(value).or_insert((0, at)).0 += 1;
    }
    counts.into_iter().max_by_key(|(_, (count, at))| (*count, std::cmp::Reverse(*at))).map(|(value, _)| value)
}

/// 128 bits of SHA-256 of several texts.
fn hash(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

/// Where an assertion stands, as one number: a quick hash (FNV-1a) that is the same in every process, and never 0.
pub(super) fn mark(triple: &Triple, place: &str) -> u64 {
    let subject = match &triple.subject {
        NamedOrBlankNode::NamedNode(node) => node.as_str(),
        NamedOrBlankNode::BlankNode(node) => node.as_str(),
    };
    match &triple.object {
        Term::NamedNode(object) => quick(&[subject, triple.predicate.as_str(), object.as_str(), place]),
        other => quick(&[subject, triple.predicate.as_str(), &other.to_string(), place]),
    }
}

fn quick(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash.max(1)
}
