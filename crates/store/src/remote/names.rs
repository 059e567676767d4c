//! What things on another server are called, for questions in words.
//!
//! The home's index of words holds what was taught and loaded there. What stands on the server is found by its exact
//! name, in the ways people and data sets write names.

use std::{collections::BTreeSet, sync::Arc};

use quid_core::{
    Audience, Fault, Recall,
    oxrdf::{Literal, NamedOrBlankNode, Quad, Term},
    ports::{Hit, Of},
};

use super::memory::Remote;

/// The languages in which names are looked for, beside none.
const LANGUAGES: [&str; 1] = ["en"];

/// The home's index, and the names on the server.
pub struct Names {
    here: Arc<dyn Recall>,
    remote: Arc<Remote>,
}

impl Names {
    /// Both together.
    #[must_use]
    pub fn new(here: Arc<dyn Recall>, remote: Arc<Remote>) -> Self {
        Self { here, remote }
    }
}

impl Recall for Names {
    fn recall(&self, words: &str, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        self.here.recall(words, audience, limit)
    }

    fn names_like(&self, name: &str, audience: &Audience, limit: usize) -> Result<Vec<String>, Fault> {
        self.here.names_like(name, audience, limit)
    }

    fn names_from(&self, prefix: &str, audience: &Audience, limit: usize) -> Result<Vec<String>, Fault> {
        self.here.names_from(prefix, audience, limit)
    }

    fn named(&self, name: &str, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        let mut hits = self.here.named(name, audience, limit)?;
        let left = limit.saturating_sub(hits.len());
        for fact in self.remote.named(&written(name), left)?.into_iter().take(left) {
            if let (NamedOrBlankNode::NamedNode(subject), Term::Literal(text)) = (fact.subject, &fact.object) {
                let text = text.value().to_owned();
                hits.push(Hit { subject, predicate: fact.predicate, text, graph: fact.graph, score: 1.0 });
            }
        }
        Ok(hits)
    }

    fn nearest(&self, vector: &[f32], of: Of, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        self.here.nearest(vector, of, audience, limit)
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        self.here.vector(text)
    }

    fn note(&self, seq: u64, added: &[Quad], removed: &[Quad]) -> Result<(), Fault> {
        self.here.note(seq, added, removed)
    }
}

/// A name in the ways it may be written: as it is, small, with a capital, with capitals; without a language and with.
fn written(name: &str) -> Vec<Term> {
    let name = name.trim();
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    let small = name.to_lowercase();
    let capitals = small.split(' ').map(capital).collect::<Vec<_>>().join(" ");
    let ways: BTreeSet<String> = [name.to_owned(), capital(&small), capital(name), capitals, small].into();
    ways.into_iter()
        .filter(|way| !way.is_empty())
        .flat_map(|way| {
            let tagged =
                LANGUAGES.iter().filter_map(|language| Literal::new_language_tagged_literal(&way, *language).ok());
            let terms: Vec<Term> =
                std::iter::once(Literal::new_simple_literal(&way)).chain(tagged).map(Term::from).collect();
            terms
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_in_the_ways_it_is_written() {
        let ways = |name: &str| written(name).iter().map(Term::to_string).collect::<Vec<_>>();
        assert_eq!(
            ways("BERLIN"),
            ["\"BERLIN\"", "\"BERLIN\"@en", "\"Berlin\"", "\"Berlin\"@en", "\"berlin\"", "\"berlin\"@en"]
        );
        assert!(ways("new york").contains(&"\"New York\"@en".to_owned()));
        assert!(ways(" ").is_empty());
    }
}
