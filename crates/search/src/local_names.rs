//! Names of things and relations that have no other than the end of their IRI: `…/Alan_PULIDO` is found as "alan
//! pulido".
//!
//! Many a knowledge base has no labels at all. Which things have none is known only when all was seen, so a load
//! gathers them here, and hands them to the index at its end as if each had been named.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use quid_core::oxrdf::{GraphName, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term};
use quid_core::text::name_of_iri;
use quid_core::vocabulary::{CONCEPTNET, LEXICONS, LOCAL_NAME, MODELLING, NAMES, WN30};

/// So many wait at most, some hundred megabytes of them; the rest of a larger dump is found by links alone.
const MOST_WAITING: usize = 2_000_000;

/// Beginnings of what is found by the words of a dictionary instead, or only keeps books.
const OTHERWISE_FOUND: [&str; 6] =
    [CONCEPTNET, WN30, LEXICONS, "urn:quid:", "http://purl.org/dc/", "http://www.w3.org/ns/prov#"];

/// What a load has seen of things and their names.
#[derive(Debug, Default)]
pub struct LocalNames {
    /// Hashes of those that have a name, or that were handed over.
    named: HashSet<u64>,
    waiting: HashMap<u64, (NamedNode, NamedNode)>,
}

impl LocalNames {
    /// Takes note of a quad's things and of the name it gives, if it gives one.
    pub fn note(&mut self, quad: &Quad) {
        let (NamedOrBlankNode::NamedNode(subject), GraphName::NamedNode(graph)) = (&quad.subject, &quad.graph_name)
        else {
            return;
        };
        if matches!(quad.object, Term::Literal(_)) && NAMES.contains(&quad.predicate.as_ref()) {
            let mark = mark(subject.as_ref(), graph.as_ref());
            self.waiting.remove(&mark);
            self.named.insert(mark);
            return;
        }
        self.wait(subject, graph);
        self.wait(&quad.predicate, graph);
        if let Term::NamedNode(object) = &quad.object {
            self.wait(object, graph);
        }
    }

    fn wait(&mut self, thing: &NamedNode, graph: &NamedNode) {
        let mark = mark(thing.as_ref(), graph.as_ref());
        if self.waiting.len() < MOST_WAITING && !self.waiting.contains_key(&mark) && !self.named.contains(&mark) {
            let iri = thing.as_str();
            if OTHERWISE_FOUND.iter().chain(MODELLING).any(|space| iri.starts_with(space)) {
                return;
            }
            self.waiting.insert(mark, (thing.clone(), graph.clone()));
        }
    }

    /// The names of those that nothing named so far, for [`crate::Bulk::add`]; they are not given out again.
    pub fn take(&mut self) -> Vec<Quad> {
        let mut found: Vec<Quad> = Vec::with_capacity(self.waiting.len());
        for (mark, (thing, graph)) in self.waiting.drain() {
            self.named.insert(mark);
            let Some(name) = name_of_iri(thing.as_str()) else { continue };
            // `film__actor__film` is called "film" by whoever asks.
            let last = thing.as_str().rsplit(['.', '/', '#']).next().and_then(|local| local.rsplit_once("__"));
            if let Some(last) = last.and_then(|(_, last)| name_of_iri(last)) {
                found.push(Quad::new(thing.clone(), LOCAL_NAME, Literal::new_simple_literal(last), graph.clone()));
            }
            found.push(Quad::new(thing, LOCAL_NAME, Literal::new_simple_literal(name), graph));
        }
        found.sort_by_cached_key(|one| one.subject.to_string());
        found
    }
}

/// A thing within a graph: each source names its own, whatever else is loaded.
fn mark(thing: NamedNodeRef<'_>, graph: NamedNodeRef<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (thing, graph).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use quid_core::Source;
    use quid_core::vocabulary::LABEL;

    use super::*;

    #[test]
    fn what_nothing_names_goes_by_the_end_of_its_iri() {
        let graph = Source::Dump("d".to_owned()).graph();
        let node = |name: &str| NamedNode::new_unchecked(format!("http://example.org/{name}"));
        let plays = node("plays_in_club");
        let link = |from: &str, to: &str| Quad::new(node(from), plays.clone(), node(to), graph.clone());
        let label = Quad::new(node("c1"), LABEL, Literal::new_simple_literal("Chelsea"), graph.clone());
        let mut names = LocalNames::default();
        for quad in [link("Alan_PULIDO", "c1"), label, link("Alan_PULIDO", "Q42"), link("c1", "tomHanks")] {
            names.note(&quad);
        }
        let found: Vec<String> = names.take().iter().map(|quad| quad.object.to_string()).collect();
        let expected = ["\"Alan PULIDO\"", "\"plays in club\"", "\"tom Hanks\""];
        assert_eq!(found, expected, "codes and what is labelled need none");
        names.note(&link("Alan_PULIDO", "c2"));
        assert!(names.take().is_empty(), "each is given out once");
    }
}
