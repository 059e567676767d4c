//! Says how well the steps of a path fit the words of a question that name no thing.
//!
//! The words are laid out as they lead away from the name ("the R2 of NAME's R1": right of it first, then leftwards),
//! and cut into as many runs as the path has steps; the best cut counts. A word is near a relation as it is near the
//! nearest word of its label: the same, another form of it, or near in the static vectors.

use std::collections::HashMap;
use std::sync::Arc;

use quid_core::Facts;
use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Term};
use quid_core::text::{percent_decode, wikibase_entity};
use quid_core::vocabulary as v;
use quid_lang::wording::as_words;

use crate::turn::Turn;

use super::link::{Mention, Token};

/// A word of the question with what it counts.
#[derive(Clone, Debug)]
struct Word {
    at: usize,
    texts: Vec<String>,
    weight: f64,
}

/// What a relation is called.
#[derive(Clone, Debug)]
struct Label {
    words: Vec<String>,
    /// How much each of them counts: the last part of `film.actor.film` more than those before it.
    weights: Vec<f64>,
    vector: Option<Vec<f32>>,
}

/// Compares paths with the words of one question.
pub(super) struct Matcher<'a, 't> {
    turn: &'a Turn<'t>,
    words: Vec<Word>,
    labels: HashMap<NamedNode, Label>,
    near: HashMap<(usize, NamedNode), f64>,
    pairs: HashMap<(String, String), f64>,
    vectors: HashMap<String, Arc<Vec<f32>>>,
}

impl<'a, 't> Matcher<'a, 't> {
    pub fn new(turn: &'a Turn<'t>, tokens: &[Token], mentions: &[Mention]) -> Self {
        let language = &turn.parts.language;
        let named = |at: usize| mentions.iter().any(|mention| mention.span.contains(&at));
        let mut words = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let asks = language.setting(&format!("asks_{}", token.folded));
            if let Some(asks) = asks {
                let texts = asks.split(' ').map(str::to_owned).collect();
                words.push(Word { at, texts, weight: turn.share("reading_asking") });
            } else if named(at) {
                words.push(Word { at, texts: Vec::new(), weight: turn.share("reading_name") });
            } else if !language.is_word("stop", &token.folded) && token.text != "'s" {
                words.push(Word { at, texts: vec![token.folded.clone()], weight: 1.0 });
            }
        }
        Self {
            turn,
            words,
            labels: HashMap::new(),
            near: HashMap::new(),
            pairs: HashMap::new(),
            vectors: HashMap::new(),
        }
    }

    /// How well a path that starts at this mention fits, in about 0..=1.
    pub fn fit(&mut self, facts: &dyn Facts, from: &Mention, path: &[(NamedNode, bool)]) -> f64 {
        let inside = |at: usize| from.span.contains(&at);
        let order = |word: &&Word| if word.at >= from.span.end { word.at } else { usize::MAX - word.at };
        let mut words: Vec<&Word> = self.words.iter().filter(|word| !inside(word.at)).collect();
        words.sort_by_key(order);
        let words: Vec<Word> = words.into_iter().cloned().collect();
        for (relation, _) in path {
            self.label(facts, relation);
        }
        let total: f64 = words.iter().map(|word| word.weight).sum();
        if total <= 0.0 {
            return 0.0;
        }
        // near[step][word]
        let near: Vec<Vec<f64>> =
            path.iter().map(|(relation, _)| words.iter().map(|word| self.nearness(word, relation)).collect()).collect();
        let covered = ordered(&near, &words, path.len()).max(free(&near, &words) - self.turn.share("reading_disorder"));
        let supported: f64 =
            path.iter().map(|(relation, _)| self.support(relation, &words)).sum::<f64>() / path.len() as f64;
        let back = path.iter().filter(|(_, back)| *back).count() as f64 * self.turn.share("reading_backwards");
        let long = path.len().saturating_sub(1) as f64 * self.turn.share("reading_long");
        let part = self.turn.share("reading_covered");
        part * covered / total + (1.0 - part) * supported - back - long
    }

    /// How much of a relation's own name the question speaks of.
    fn support(&mut self, relation: &NamedNode, words: &[Word]) -> f64 {
        let Some(label) = self.labels.get(relation).cloned() else { return 0.0 };
        let (mut sum, mut total) = (0.0, 0.0);
        for (name, weight) in label.words.iter().zip(&label.weights) {
            let best =
                words.iter().flat_map(|word| &word.texts).map(|text| self.word_near(text, name)).fold(0.0, f64::max);
            sum += weight * best;
            total += weight;
        }
        if total > 0.0 { sum / total } else { 0.0 }
    }

    fn nearness(&mut self, word: &Word, relation: &NamedNode) -> f64 {
        let key = (word.at, relation.clone());
        if let Some(known) = self.near.get(&key) {
            return *known;
        }
        let Some(label) = self.labels.get(relation).cloned() else { return 0.0 };
        let mut found = 0.0_f64;
        for text in &word.texts {
            found = found.max(self.text_near(text, label.vector.as_deref()));
            for (name, weight) in label.words.iter().zip(&label.weights) {
                found = found.max(self.word_near(text, name) * weight.sqrt());
            }
        }
        self.near.insert(key, found);
        found
    }

    /// Of a word and a whole label.
    fn text_near(&mut self, text: &str, vector: Option<&[f32]>) -> f64 {
        let Some(vector) = vector else { return 0.0 };
        let own = self.vector(text);
        self.scaled(cosine(&own, vector))
    }

    /// Of two words: the same, forms of the same, kindred, or near in the static vectors.
    fn word_near(&mut self, one: &str, other: &str) -> f64 {
        if one == other {
            return 1.0;
        }
        let key = (one.to_owned(), other.to_owned());
        if let Some(known) = self.pairs.get(&key) {
            return *known;
        }
        let language = &self.turn.parts.language;
        let forms = |word: &str| {
            let mut forms = language.base_forms(word);
            forms.push(word.to_owned());
            forms
        };
        let (ones, others) = (forms(one), forms(other));
        let pairs = || ones.iter().flat_map(|one| others.iter().map(move |other| (one, other)));
        let found = if pairs().any(|(one, other)| one == other) {
            self.turn.share("reading_form")
        } else if pairs().any(|(one, other)| language.are_kindred(one, other)) {
            self.turn.share("reading_alike")
        } else {
            let (one, other) = (self.vector(one), self.vector(other));
            self.scaled(cosine(&one, &other))
        };
        self.pairs.insert(key, found);
        found
    }

    fn vector(&mut self, text: &str) -> Arc<Vec<f32>> {
        if let Some(known) = self.vectors.get(text) {
            return known.clone();
        }
        let found = Arc::new(self.turn.parts.vectors.as_ref().map_or_else(Vec::new, |vectors| vectors.vector(text)));
        self.vectors.insert(text.to_owned(), found.clone());
        found
    }

    /// Words that have nothing to do with each other are somewhat near as well.
    fn scaled(&self, cosine: f64) -> f64 {
        let (chance, sure) = (self.turn.share("reading_chance"), self.turn.share("reading_sure"));
        ((cosine - chance) / (sure - chance).max(0.01)).clamp(0.0, self.turn.share("reading_alike"))
    }

    /// What a relation is called: by its label, else by the end of its IRI.
    fn label(&mut self, facts: &dyn Facts, relation: &NamedNode) {
        if self.labels.contains_key(relation) {
            return;
        }
        let label = label_of(facts, relation);
        let parts: Vec<String> = label
            .split(['.', '/', ':'])
            .flat_map(|part| part.split("__"))
            .map(as_words)
            .filter(|part| !part.is_empty())
            .collect();
        let (mut words, mut weights) = (Vec::new(), Vec::new());
        for (number, part) in parts.iter().enumerate() {
            let is_last = number + 1 == parts.len();
            for word in part.split(' ') {
                let is_stop = self.turn.parts.language.is_word("stop", word) && part.contains(' ');
                if !is_stop && !words.contains(&word.to_owned()) {
                    words.push(word.to_owned());
                    weights.push(if is_last { 1.0 } else { self.turn.share("reading_outer") });
                }
            }
        }
        let vector =
            self.turn.parts.vectors.as_ref().map(|vectors| vectors.vector(parts.last().map_or("", |last| last)));
        self.labels.insert(relation.clone(), Label { words, weights, vector });
    }
}

/// The words cut into as many runs as there are steps, in order, each word as near as it is to its run's step.
fn ordered(near: &[Vec<f64>], words: &[Word], steps: usize) -> f64 {
    let mut best = vec![f64::NEG_INFINITY; steps + 1];
    if let Some(first) = best.first_mut() {
        *first = 0.0;
    }
    // best[s]: the words so far, the last of them in the run of step s (0: before any).
    for (at, word) in words.iter().enumerate() {
        let mut next = vec![f64::NEG_INFINITY; steps + 1];
        for step in 1..=steps {
            let before = best
                .get(step)
                .copied()
                .unwrap_or(f64::NEG_INFINITY)
                .max(best.get(step - 1).copied().unwrap_or(f64::NEG_INFINITY));
            let gain = near.get(step - 1).and_then(|row| row.get(at)).copied().unwrap_or(0.0) * word.weight;
            if let Some(cell) = next.get_mut(step) {
                *cell = before + gain;
            }
        }
        best = next;
    }
    best.last().copied().unwrap_or(0.0).max(0.0)
}

/// Each word with the step it is nearest to, wherever it stands.
fn free(near: &[Vec<f64>], words: &[Word]) -> f64 {
    let best = |at: usize| near.iter().filter_map(|row| row.get(at)).copied().fold(0.0, f64::max);
    words.iter().enumerate().map(|(at, word)| best(at) * word.weight).sum()
}

fn cosine(one: &[f32], other: &[f32]) -> f64 {
    one.iter().zip(other).map(|(one, other)| f64::from(*one) * f64::from(*other)).sum()
}

/// A relation's label in English or in no language, else what its IRI ends with.
pub(super) fn label_of(facts: &dyn Facts, relation: &NamedNode) -> String {
    let labelled = wikibase_entity(relation.as_str()).map_or_else(|| relation.clone(), NamedNode::new_unchecked);
    let labels = facts.some(Some(&labelled.into()), Some(v::LABEL), None, 20).unwrap_or_default();
    let label = labels.into_iter().find_map(|fact| match (fact.subject, fact.object) {
        (NamedOrBlankNode::NamedNode(_), Term::Literal(text))
            if text.language().is_none_or(|language| language.starts_with("en")) =>
        {
            Some(text.value().to_owned())
        }
        _ => None,
    });
    let local = || relation.as_str().rsplit(['#', '/', ':']).next().map(percent_decode).unwrap_or_default();
    label.unwrap_or_else(local)
}
