//! Words and names inside SPARQL: full text search as a service of our own, and what a thing is called as a function.
//!
//! ```sparql
//! SELECT ?thing ?text ?score (quid:label(?thing) AS ?name) {
//!   SERVICE quid:search {
//!     ?thing quid:matches "soft drink" ; quid:text ?text ; quid:score ?score ;
//!            quid:relation ?relation ; quid:source ?graph ; quid:most 20 .
//!   }
//! }
//! ```
//!
//! Only `quid:matches` must be there. What is found joins with the rest of the query like any other rows, and only what
//! the one who asks may see is found.

use std::sync::{Arc, OnceLock};

use oxigraph::store::Store;
use oxiri::Iri;
use quid_core::{
    Audience, Fault, Recall,
    oxrdf::{GraphName, Literal, NamedNode, NamedOrBlankNodeRef, Term, Variable},
    ports::Hit,
    vocabulary as v,
};
use spareval::{QueryEvaluator, QuerySolutionIter, ServiceHandler};
use spargebra::{
    algebra::GraphPattern,
    term::{NamedNodePattern, TermPattern},
};

use crate::{meter, view::visible};

/// The service that finds texts.
pub(crate) const SERVICE: &str = "urn:quid:ns:search";
/// The function that gives what a thing is called.
const LABEL: &str = "urn:quid:ns:label";
/// How many texts are found when nothing else is said.
const USUAL: usize = 100;
/// The most texts that are found.
const MOST: usize = 10_000;
/// The longest text that is looked for, in bytes.
const LONGEST: usize = 1000;
/// The language of names that is preferred.
const LANGUAGE: &str = "en";

/// The keeper of words, once it is open.
#[derive(Default)]
pub(crate) struct Searching(OnceLock<Arc<dyn Recall>>);

impl Searching {
    pub(crate) fn set(&self, recall: Arc<dyn Recall>) {
        // The first stays: a home has one.
        let _ = self.0.set(recall);
    }

    pub(crate) fn now(&self) -> Option<Arc<dyn Recall>> {
        self.0.get().cloned()
    }
}

/// An evaluator that searches and names for this audience.
pub(crate) fn with(
    evaluator: QueryEvaluator,
    recall: Option<Arc<dyn Recall>>,
    store: &Store,
    audience: &Audience,
) -> QueryEvaluator {
    let (store, seeing) = (store.clone(), audience.clone());
    let evaluator = evaluator.with_custom_function(NamedNode::new_unchecked(LABEL), move |terms| {
        meter::check();
        let [term] = terms else { return None };
        called(&store, &seeing, term)
    });
    match recall {
        Some(recall) => {
            let handler = Handler { recall, audience: audience.clone() };
            evaluator.with_service_handler(NamedNode::new_unchecked(SERVICE), handler)
        }
        None => evaluator,
    }
}

/// What a thing is called: by its usual names first, those without a language or in English before others; a thing
/// without a name by the end of its IRI.
fn called(store: &Store, audience: &Audience, term: &Term) -> Option<Term> {
    let node: NamedOrBlankNodeRef<'_> = match term {
        Term::NamedNode(node) => node.as_ref().into(),
        Term::BlankNode(node) => node.as_ref().into(),
        Term::Literal(literal) => return Some(Literal::new_simple_literal(literal.value()).into()),
        Term::Triple(_) => return None,
    };
    for name in v::NAMES {
        let mut other = None;
        for quad in store.quads_for_pattern(Some(node), Some(*name), None, None) {
            meter::touch();
            let Ok(quad) = quad else { return None };
            let (GraphName::NamedNode(graph), Term::Literal(text)) = (quad.graph_name, quad.object) else { continue };
            if !visible(graph.as_str(), audience) {
                continue;
            }
            if text.language().is_none_or(|language| language.starts_with(LANGUAGE)) {
                return Some(text.into());
            }
            other.get_or_insert(text);
        }
        if let Some(text) = other {
            return Some(text.into());
        }
    }
    let Term::NamedNode(node) = term else { return None };
    let iri = node.as_str();
    let end = iri.trim_end_matches(['/', '#']).rsplit(['/', '#', ':']).next().filter(|end| !end.is_empty());
    Some(Literal::new_simple_literal(end.unwrap_or(iri)).into())
}

struct Handler {
    recall: Arc<dyn Recall>,
    audience: Audience,
}

/// Why nothing is searched.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotSearched(String);

impl From<Fault> for NotSearched {
    fn from(fault: Fault) -> Self {
        Self(fault.to_string())
    }
}

impl ServiceHandler for Handler {
    type Error = NotSearched;

    fn handle(
        &self,
        pattern: &GraphPattern,
        _: Option<&Iri<String>>,
    ) -> Result<QuerySolutionIter<'static>, NotSearched> {
        let wanted = Wanted::read(pattern)?;
        let hits = self.recall.recall(&wanted.words, &self.audience, wanted.most)?;
        meter::check();
        let variables: Arc<[Variable]> = wanted.columns.iter().map(|(variable, _)| variable.clone()).collect();
        let columns = wanted.columns;
        let rows = hits.into_iter().map(move |hit| {
            meter::touch();
            Ok(columns.iter().map(|(_, column)| Some(column.of(&hit))).collect())
        });
        Ok(QuerySolutionIter::from_tuples(variables, rows))
    }
}

/// What of a text that was found is asked for.
#[derive(Clone, Copy, Debug)]
enum Column {
    Thing,
    Text,
    Score,
    Relation,
    Source,
}

impl Column {
    fn of(self, hit: &Hit) -> Term {
        match self {
            Self::Thing => hit.subject.clone().into(),
            Self::Text => Literal::new_simple_literal(&hit.text).into(),
            Self::Score => Literal::from(f64::from(hit.score)).into(),
            Self::Relation => hit.predicate.clone().into(),
            Self::Source => hit.graph.clone().into(),
        }
    }
}

struct Wanted {
    words: String,
    most: usize,
    columns: Vec<(Variable, Column)>,
}

impl Wanted {
    fn read(pattern: &GraphPattern) -> Result<Self, NotSearched> {
        let not = |words: &str| NotSearched(format!("SERVICE quid:search: {words}"));
        let GraphPattern::Bgp { patterns } = pattern else {
            return Err(not("write only its triples inside, and all else outside"));
        };
        let (mut words, mut most) = (None, USUAL);
        let mut columns: Vec<(Variable, Column)> = Vec::new();
        for triple in patterns {
            let TermPattern::Variable(thing) = &triple.subject else {
                return Err(not("the subject must be a variable; compare it outside"));
            };
            match columns.first() {
                None => columns.push((thing.clone(), Column::Thing)),
                Some((first, _)) if first == thing => {}
                Some(_) => return Err(not("all its triples must have one subject")),
            }
            let NamedNodePattern::NamedNode(relation) = &triple.predicate else {
                return Err(not("its relations are fixed"));
            };
            match (relation.as_str().strip_prefix(v::NS).unwrap_or_default(), &triple.object) {
                ("matches", TermPattern::Literal(text)) if text.value().len() > LONGEST => {
                    return Err(not(&format!("it looks for {LONGEST} bytes at most")));
                }
                ("matches", TermPattern::Literal(text)) => words = Some(text.value().to_owned()),
                ("matches", _) => return Err(not("quid:matches needs the words themselves")),
                ("most", TermPattern::Literal(number)) => {
                    let number = number.value().parse::<usize>();
                    most = number.map_err(|_| not("quid:most needs a whole number"))?.min(MOST);
                }
                ("text", TermPattern::Variable(name)) => columns.push((name.clone(), Column::Text)),
                ("score", TermPattern::Variable(name)) => columns.push((name.clone(), Column::Score)),
                ("relation", TermPattern::Variable(name)) => columns.push((name.clone(), Column::Relation)),
                ("source", TermPattern::Variable(name)) => columns.push((name.clone(), Column::Source)),
                ("text" | "score" | "relation" | "source", _) => {
                    return Err(not("quid:text, score, relation and source give values to variables"));
                }
                _ => {
                    return Err(not(&format!(
                        "it knows matches, most, text, score, relation and source, not {relation}"
                    )));
                }
            }
        }
        let mut names: Vec<&str> = columns.iter().map(|(variable, _)| variable.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < columns.len() {
            return Err(not("each variable stands for one thing"));
        }
        let words = words.ok_or_else(|| not("it needs quid:matches"))?;
        Ok(Self { words, most, columns })
    }
}
