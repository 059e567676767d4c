//! The best texts for some words.
//!
//! Words are data: the query is built term by term and nothing in it is syntax. tantivy finds the candidates;
//! the score is then computed here, by one formula for committed and waiting documents alike, so that a reply
//! does not depend on when the last commit happened.

use std::collections::{BTreeMap, BTreeSet};

use quid_core::oxrdf::NamedNode;
use quid_core::ports::Hit;
use quid_core::text::LONGEST_LINE;
use quid_core::{Audience, Key, Place, Source};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, TantivyDocument, Term};

use crate::document::{Identity, about, searchable};
use crate::fresh::Fresh;
use crate::schema::{HIDDEN, owned_by};
use crate::{Index, SearchError};

/// Hits returned at most.
const MOST_HITS: usize = 1_000;
/// Different words of a query looked at, and those searched for: the rarest of them.
const MOST_WORDS: usize = 256;
const MOST_TERMS: usize = 32;
/// Words of a query in which names are looked for, and the longest name looked for, in words.
const MOST_NAME_WORDS: usize = 24;
const LONGEST_GRAM: usize = 4;
/// From this many documents on, a word that stands in more than one of [`COMMON`] says nothing.
const FEW_DOCUMENTS: u64 = 1_000;
const COMMON: u64 = 8;
/// Candidates beyond the limit, so that ties at the end are decided by us.
const MARGIN: usize = 24;
/// How many times what its words weigh a name in the question adds to texts about the thing so named.
const NAME_WEIGHT: f32 = 1.5;
/// BM25's parameters, as tantivy and Lucene have them.
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// The words of a question with their weights.
struct Weighed {
    /// Each word's inverse document frequency.
    words: BTreeMap<String, f32>,
    /// Names in the question, with what they add.
    names: BTreeMap<String, f32>,
    average_length: f32,
}

impl Index {
    /// See [`quid_core::Recall::recall`].
    pub(crate) fn find(&self, question: &str, audience: &Audience, limit: usize) -> Result<Vec<Hit>, SearchError> {
        let limit = limit.min(MOST_HITS);
        let question = start(question, LONGEST_LINE);
        let fresh = self.fresh();
        let searcher = self.searcher();
        let weighed = self.weigh(question, &fresh, &searcher)?;
        if weighed.words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut seen: BTreeSet<Identity> = BTreeSet::new();
        let mut hits = Vec::new();
        let query = self.query(&weighed, audience, &searcher)?;
        let best = TopDocs::with_limit(limit + MARGIN + fresh.len()).order_by_score();
        for (_, address) in searcher.search(&query, &best).map_err(SearchError::failed("searching"))? {
            if hits.len() >= limit + MARGIN {
                break;
            }
            let document: TantivyDocument =
                searcher.doc(address).map_err(SearchError::failed("reading a found text"))?;
            let Some((identity, predicate, value)) = self.fields.stored(&document) else { continue };
            if fresh.overrides(&identity) || !may_see(&identity.graph, audience) || seen.contains(&identity) {
                continue;
            }
            let words = self.words(&searchable(&identity.subject, &predicate, &value), usize::MAX);
            let name = about(&identity.subject, &predicate, &value);
            let score = weighed.score(&words, name.as_deref());
            hits.push(hit(&identity, &predicate, value, score));
            seen.insert(identity);
        }
        for (entry, words) in fresh.added() {
            let score = weighed.score(words, entry.about.as_deref());
            if score > 0.0 && may_see(&entry.identity.graph, audience) {
                hits.push(hit(&entry.identity, &entry.predicate, entry.value.clone(), score));
            }
        }
        hits.sort_by(|one, other| {
            let key = |hit: &Hit| (hit.subject.clone(), hit.text.clone(), hit.predicate.clone(), hit.graph.clone());
            other.score.total_cmp(&one.score).then_with(|| key(one).cmp(&key(other)))
        });
        hits.truncate(limit);
        Ok(hits)
    }
}

impl Index {
    /// Chooses the words that say something, the rarest first, and the names among them.
    fn weigh(&self, question: &str, fresh: &Fresh, searcher: &Searcher) -> Result<Weighed, SearchError> {
        let asked: BTreeSet<String> = self.words(question, MOST_WORDS).into_iter().collect();
        let waiting = fresh.added().count() as u64;
        let documents = searcher.num_docs() + waiting;
        let mut tokens: u64 = fresh.added().map(|(_, words)| words.len() as u64).sum();
        for segment in searcher.segment_readers() {
            let texts = segment.inverted_index(self.fields.text).map_err(SearchError::failed("searching"))?;
            tokens += texts.total_num_tokens();
        }
        let mut counted = Vec::new();
        for word in asked {
            let term = Term::from_field_text(self.fields.text, &word);
            let here = fresh.added().filter(|(_, words)| words.contains(&word)).count() as u64;
            let frequency = searcher.doc_freq(&term).map_err(SearchError::failed("searching"))? + here;
            if frequency > 0 {
                counted.push((frequency, word));
            }
        }
        counted.sort();
        let common = |frequency: u64| documents >= FEW_DOCUMENTS && frequency > documents / COMMON;
        let words: BTreeMap<String, f32> = counted
            .into_iter()
            .enumerate()
            .take_while(|(place, (frequency, _))| *place == 0 || (*place < MOST_TERMS && !common(*frequency)))
            .map(|(_, (frequency, word))| (word, rarity(documents, frequency)))
            .collect();
        let mut names = BTreeMap::new();
        for gram in grams(question) {
            let known = fresh.added().any(|(entry, _)| entry.about.as_deref() == Some(&gram))
                || searcher
                    .doc_freq(&Term::from_field_text(self.fields.about, &gram))
                    .map_err(SearchError::failed("searching"))?
                    > 0;
            if known {
                let weight: f32 = self.words(&gram, MOST_WORDS).iter().filter_map(|word| words.get(word)).sum();
                names.insert(gram, weight * NAME_WEIGHT);
            }
        }
        let average_length = (tokens as f32 / documents.max(1) as f32).max(1.0);
        Ok(Weighed { words, names, average_length })
    }

    /// Any of the words, a little of the names, nothing that is hidden from the audience.
    fn query(&self, weighed: &Weighed, audience: &Audience, searcher: &Searcher) -> Result<BooleanQuery, SearchError> {
        let term = |term, record| -> Box<dyn Query> { Box::new(TermQuery::new(term, record)) };
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for word in weighed.words.keys() {
            let word = Term::from_field_text(self.fields.text, word);
            clauses.push((Occur::Should, term(word, IndexRecordOption::WithFreqs)));
        }
        for (name, weight) in &weighed.names {
            let about = Term::from_field_text(self.fields.about, name);
            clauses
                .push((Occur::Should, Box::new(BoostQuery::new(term(about, IndexRecordOption::WithFreqs), *weight))));
        }
        // Without documents hidden from this audience the query stays a plain union of terms, which skips blocks
        // of low scores.
        let count = |term: &Term| searcher.doc_freq(term).map_err(SearchError::failed("searching"));
        let hidden = Term::from_field_text(self.fields.owner, HIDDEN);
        let mine = Term::from_field_text(self.fields.owner, &owned_by(&audience.name));
        let shown = !matches!(audience.place, Place::Channel(_)) && count(&mine)? > 0;
        if count(&hidden)? > if shown { count(&mine)? } else { 0 } {
            let mut others = vec![(Occur::Must, term(hidden, IndexRecordOption::Basic))];
            if shown {
                others.push((Occur::MustNot, term(mine, IndexRecordOption::Basic)));
            }
            clauses.push((Occur::MustNot, Box::new(BooleanQuery::new(others))));
        }
        Ok(BooleanQuery::new(clauses))
    }
}

impl Weighed {
    /// BM25 of a text of these words, and what a name in the question adds when the text is about it.
    fn score(&self, words: &[String], about: Option<&str>) -> f32 {
        let length = words.len() as f32 / self.average_length;
        let matched: f32 = self
            .words
            .iter()
            .map(|(word, rarity)| {
                let count = words.iter().filter(|other| *other == word).count() as f32;
                rarity * count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length))
            })
            .sum();
        matched + about.and_then(|name| self.names.get(name)).copied().unwrap_or(0.0)
    }
}

/// The inverse document frequency of Robertson and Walker, never negative.
fn rarity(documents: u64, frequency: u64) -> f32 {
    let without = documents.saturating_sub(frequency) as f32;
    (1.0 + (without + 0.5) / (frequency as f32 + 0.5)).ln()
}

/// Every run of up to [`LONGEST_GRAM`] words of the question, folded as names are.
fn grams(question: &str) -> BTreeSet<String> {
    let folded = Key::of(question);
    let words: Vec<&str> = folded
        .as_str()
        .split(' ')
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '#'))
        .filter(|word| !word.is_empty())
        .take(MOST_NAME_WORDS)
        .collect();
    (1..=LONGEST_GRAM).flat_map(|length| words.windows(length)).map(|run| run.join(" ")).collect()
}

/// The first `most` bytes of a text, or a little less, where a character ends.
pub(crate) fn start(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// Whether what stands in this graph may be shown; the last word, whatever the index says.
pub(crate) fn may_see(graph: &str, audience: &Audience) -> bool {
    match Source::of_graph(graph) {
        Some(Source::Dump(_) | Source::Graph(_)) => true,
        Some(Source::Said { scope, .. }) => audience.sees(&scope),
        None => false,
    }
}

pub(crate) fn hit(identity: &Identity, predicate: &str, text: String, score: f32) -> Hit {
    Hit {
        subject: NamedNode::new_unchecked(identity.subject.as_str()),
        predicate: NamedNode::new_unchecked(predicate),
        text,
        graph: NamedNode::new_unchecked(identity.graph.as_str()),
        score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_things() {
        for (question, expected) in [
            (
                "What is Pepsi Max?",
                "is is pepsi is pepsi max max pepsi pepsi max what what is what is pepsi what is pepsi max",
            ),
            ("C++!", "c++"),
            ("?! ...", ""),
        ] {
            assert_eq!(grams(question).into_iter().collect::<Vec<_>>().join(" "), expected);
        }
        let long = "a b c d e f g h i j k l m n o p q r s t u v w x y z ".repeat(50);
        assert!(grams(&long).len() <= MOST_NAME_WORDS * LONGEST_GRAM);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(start("aé", 2), "a");
        assert_eq!(start("aé", 3), "aé");
        assert_eq!(start("aé", 99), "aé");
    }
}
