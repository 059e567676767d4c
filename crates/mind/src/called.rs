//! "What do you call somebody who studies stars?": from a description to the words that may be meant.
//!
//! A gloss near the description speaks for its words, and so does a word that is itself near: what the gloss says is
//! told with its source, that it is what was meant is a guess and is called one. Weights are data, in hundredths.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use quid_core::oxrdf::NamedNode;
use quid_core::ports::{Hit, Of};
use quid_core::reply::{Item, Quote};
use quid_core::vocabulary::DEFINITIONS;
use quid_core::{Answer, Fault, Heard, Key, Reply};

use crate::Mind;
use crate::factoid::Relation;
use crate::turn::Turn;
use crate::world::part_of_speech;

/// A word that may be the one for a description.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// The word.
    pub word: String,
    /// What it means.
    pub meaning: NamedNode,
    /// What that is said to be.
    pub gloss: String,
    /// Who says so.
    pub graph: NamedNode,
    /// How well it fits; only the order means anything.
    pub score: f64,
    /// How near the gloss is to the description, from 0 to 1.
    pub near: f64,
}

/// What speaks for a meaning.
struct Meant {
    gloss: String,
    graph: NamedNode,
    score: f64,
    near: f64,
}

/// What speaks for a word.
#[derive(Default)]
struct Candidate {
    spelling: String,
    name: f64,
    /// The part of speech, where its node says it.
    kind: char,
    /// Its place among the words of its meaning, from 0.
    place: usize,
    meaning: Option<(NamedNode, Meant)>,
}

impl Mind {
    /// The words that a description may be meant to describe, the likeliest first.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn called(
        &mut self,
        heard: &Heard,
        description: &str,
        most: usize,
        stop: &AtomicBool,
    ) -> Result<Vec<Called>, Fault> {
        self.aside(heard, stop, |turn| turn.words_for(description, most))
    }
}

impl Turn<'_> {
    /// The likely words, each with its gloss, as a guess; an honest "no" where nothing comes near.
    pub(crate) fn called_so(&mut self, description: &str) -> Result<Reply, Fault> {
        let mut found = self.words_for(description, self.number("called_shown"))?;
        let least = self.hundredth("called_least");
        found.retain(|one| one.score >= least);
        let Some(first) = found.first() else {
            return Ok(self.unknown("called.unknown", &[("what", description)]));
        };
        let mut given = Vec::new();
        let mut items = Vec::new();
        for one in &found {
            given.push(Quote { text: one.gloss.clone(), source: self.cite(&one.graph)? });
            items.push(Item { text: one.word.clone(), term: Some(one.meaning.to_string()) });
        }
        let source = given.first().map(|quote| self.source_in_words(&quote.source)).unwrap_or_default();
        let slots = [("word", first.word.as_str()), ("gloss", &first.gloss), ("source", &source)];
        let mut text = self.say("called.guess", &slots);
        let others: Vec<String> = found.iter().skip(1).map(|other| other.word.clone()).collect();
        if !others.is_empty() {
            text.push(' ');
            text.push_str(&self.say("called.others", &[("others", &self.parts.language.list(&others))]));
        }
        let (least, most) = (self.hundredth("called_sure_least"), self.hundredth("called_sure_most"));
        let probability = least + (most - least) * first.near.powi(8);
        let mut reply = Reply::new(Answer::Guessed { given, probability, flops: 0 }, text);
        reply.items = items;
        Ok(reply)
    }

    fn hundredth(&self, name: &str) -> f64 {
        f64::from(u32::try_from(self.number(name)).unwrap_or(u32::MAX)) / 100.0
    }

    /// The words for a description, the likeliest first.
    pub(crate) fn words_for(&self, description: &str, most: usize) -> Result<Vec<Called>, Fault> {
        let parts = self.parts;
        let recall = &parts.recall;
        let content = parts.language.content_words(description);
        // Small words alone ("a … of …") describe nothing.
        let says_something = recall.vector(&content.join(" ")).iter().any(|value| *value != 0.0);
        let vector = if says_something { recall.vector(description) } else { Vec::new() };
        // Glosses are looked for among texts of all kinds, so more are taken than are kept.
        let texts = self.number("called_texts").max(most);
        let mut meant: BTreeMap<String, Meant> = BTreeMap::new();
        let weight = (self.hundredth("called_gloss"), self.hundredth("called_words"));
        for hit in recall.nearest(&vector, Of::Texts, &self.audience, texts)? {
            if is_told(&hit) {
                let near = f64::from(hit.score.clamp(0.0, 1.0));
                Self::speaks(&mut meant, &hit, weight.0 * near.powi(4), near);
            }
        }
        let by_words = recall.recall(description, &self.audience, texts)?;
        let best = by_words.first().map_or(1.0, |first| f64::from(first.score).max(f64::MIN_POSITIVE));
        for hit in by_words.iter().filter(|hit| is_told(hit)) {
            let near = meant.get(hit.subject.as_str()).map_or(0.0, |known| known.near);
            Self::speaks(&mut meant, hit, weight.1 * (f64::from(hit.score) / best).powi(4), near);
        }
        let mut words: BTreeMap<String, Candidate> = BTreeMap::new();
        let names = self.number("called_names").max(most.saturating_mul(2));
        for hit in recall.nearest(&vector, Of::Names, &self.audience, names)? {
            let known = words.entry(Key::of(&hit.text).to_string()).or_default();
            known.name = known.name.max(f64::from(hit.score));
            known.kind = part_of_speech(&hit.subject.into());
            known.spelling = hit.text;
        }
        self.say_words(&mut words, most, meant, &vector)?;
        let said: Vec<Key> = content.iter().map(|word| Key::of(word)).collect();
        let kind = self.kind_described(description);
        let mut ranked: Vec<(f64, Candidate)> = words
            .into_iter()
            .filter(|(key, _)| !key.is_empty())
            .map(|(key, candidate)| {
                let is_said = said.iter().any(|word| word.as_str() == key);
                let mut against = if is_said { self.hundredth("called_said") } else { 0.0 };
                if kind.is_some_and(|kind| candidate.kind.is_alphabetic() && candidate.kind != kind) {
                    against += self.hundredth("called_kind");
                }
                against +=
                    self.hundredth("called_place") * f64::from(u8::try_from(candidate.place.min(3)).unwrap_or(3));
                let gloss = candidate.meaning.as_ref().map_or(0.0, |(_, meant)| meant.score);
                (candidate.name + gloss - against, candidate)
            })
            .collect();
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.spelling.cmp(&other.1.spelling)));
        let mut found = Vec::new();
        for (score, candidate) in ranked {
            if found.len() >= most {
                break;
            }
            found.extend(self.as_called(candidate, score, &vector)?);
        }
        Ok(found)
    }

    /// The part of speech that a description is one of: "a person who …" and "somebody who …" a noun, "to …" a verb.
    fn kind_described(&self, description: &str) -> Option<char> {
        let first = description.split_whitespace().next()?.to_lowercase();
        let is = |class| self.parts.language.is_word(class, &first);
        if is("article") || is("described_thing") { Some('n') } else { is("described_act").then_some('v') }
    }

    fn speaks(meant: &mut BTreeMap<String, Meant>, hit: &Hit, score: f64, near: f64) {
        let known = meant.entry(hit.subject.as_str().to_owned()).or_insert_with(|| Meant {
            gloss: hit.text.clone(),
            graph: hit.graph.clone(),
            score: 0.0,
            near,
        });
        known.score += score;
        known.near = known.near.max(near);
    }

    /// Hands what speaks for the meanings to their words, the best meaning of each.
    fn say_words(
        &self,
        words: &mut BTreeMap<String, Candidate>,
        most: usize,
        meant: BTreeMap<String, Meant>,
        vector: &[f32],
    ) -> Result<(), Fault> {
        let mut meant: Vec<(String, Meant)> = meant.into_iter().collect();
        meant.sort_by(|one, other| other.1.score.total_cmp(&one.1.score));
        meant.truncate(self.number("called_meanings").max(most));
        self.consult(None, |world| {
            for (meaning, meant) in meant {
                let meaning = NamedNode::new_unchecked(meaning);
                let spelled = match Key::of_thing(&meaning) {
                    Some(key) => vec![key.to_string()],
                    None => world.words_of(&meaning)?,
                };
                let kind = part_of_speech(&meaning.clone().into());
                for (place, spelling) in spelled.into_iter().enumerate() {
                    let known = words.entry(Key::of(&spelling).to_string()).or_default();
                    if known.spelling.is_empty() {
                        let own = self.parts.recall.vector(&spelling);
                        // Of a word that is in no table, nothing speaks but what is said of it.
                        let is_known = own.iter().any(|value| *value != 0.0);
                        let unknown = meant.near - self.hundredth("called_unknown");
                        known.name = if is_known { f64::from(likeness(&own, vector)) } else { unknown };
                        known.spelling = spelling;
                    }
                    if known.meaning.as_ref().is_none_or(|(_, other)| other.score < meant.score) {
                        let meant = Meant { gloss: meant.gloss.clone(), graph: meant.graph.clone(), ..meant };
                        known.meaning = Some((meaning.clone(), meant));
                        (known.kind, known.place) = (kind, place);
                    }
                }
            }
            Ok(())
        })
    }

    /// A word with what it means; of one that was only near itself, the meaning nearest to the description.
    fn as_called(&self, candidate: Candidate, score: f64, vector: &[f32]) -> Result<Option<Called>, Fault> {
        let Candidate { spelling: word, meaning, .. } = candidate;
        if let Some((meaning, Meant { gloss, graph, near, .. })) = meaning {
            return Ok(Some(Called { word, meaning, gloss, graph, score, near }));
        }
        let meanings = self.consult(None, |world| world.meanings(&word))?;
        let near = |gloss: &str| likeness(&self.parts.recall.vector(gloss), vector);
        let rated = meanings.into_iter().map(|(meaning, gloss, graph)| (near(&gloss), meaning, gloss, graph));
        let best = rated.reduce(|best, other| if other.0 > best.0 { other } else { best });
        let Some((near, quid_core::oxrdf::Term::NamedNode(meaning), gloss, graph)) = best else { return Ok(None) };
        let near = f64::from(near.clamp(0.0, 1.0));
        Ok(Some(Called { word, meaning, gloss, graph, score, near }))
    }
}

/// Whether a text says what its subject is.
fn is_told(hit: &Hit) -> bool {
    let predicate = hit.predicate.as_ref();
    DEFINITIONS.contains(&predicate) || matches!(Relation::of(&hit.predicate), Some(Relation::Is | Relation::Are))
}

/// The product of two vectors of length one.
pub(crate) fn likeness(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}
