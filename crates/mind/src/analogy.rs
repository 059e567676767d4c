//! "King is to man as what is to woman?": the word that stands to one as another stands to a third, by vectors alone.
//!
//! What makes a king of a man is added to a woman (Mikolov et al. 2013): the words near to that are guesses, and no
//! fact says any of it. A word is where its name and the gloss of its likely sense are.

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::ports::Of;
use quid_core::reply::{Item, Quote};
use quid_core::{Answer, Fault, Key, Reply};

use crate::called::likeness;
use crate::turn::Turn;

/// Where a word lies, and what it is said to be.
struct Place {
    vector: Vec<f32>,
    /// What the word means there.
    meaning: Option<NamedNode>,
    quote: Option<Quote>,
}

impl Turn<'_> {
    /// Guesses what is to `other` as `one` is to `to`.
    pub(crate) fn analogy(&mut self, one: &str, to: &str, other: &str) -> Result<Reply, Fault> {
        let asked = [one, to, other].map(Key::of);
        let mut given = Vec::new();
        let mut sum: Vec<f32> = Vec::new();
        for (word, sign) in [(one, 1.0), (to, -1.0), (other, 1.0)] {
            let Some(place) = self.place(word)? else {
                return Ok(self.unknown("analogy.unknown", &[("what", word)]));
            };
            sum.resize(place.vector.len(), 0.0);
            for (total, value) in sum.iter_mut().zip(&place.vector) {
                *total += sign * value;
            }
            given.extend(place.quote);
        }
        let sum = unit(sum);
        let mut found: Vec<(f32, String, Option<Quote>)> = Vec::new();
        for hit in self.parts.recall.nearest(&sum, Of::Names, &self.audience, self.number("analogy_names"))? {
            let key = Key::of(&hit.text);
            let is_asked = key.as_str().split(' ').any(|word| asked.iter().any(|asked| asked.as_str() == word));
            if is_asked {
                continue;
            }
            let Some(place) = self.place(&hit.text)? else { continue };
            // Called by the first word for what it means: "queen", not "female monarch".
            let words = match &place.meaning {
                Some(meaning) => self.consult(None, |world| world.words_of(meaning))?,
                None => Vec::new(),
            };
            let word = words.into_iter().next().unwrap_or(hit.text);
            let key = Key::of(&word);
            if !asked.contains(&key) && !found.iter().any(|(_, word, _)| Key::of(word) == key) {
                found.push((likeness(&place.vector, &sum), word, place.quote));
            }
        }
        found.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        found.truncate(self.number("analogy_shown"));
        let Some((_, first, _)) = found.first() else {
            return Ok(self.unknown("analogy.none", &[("what", other)]));
        };
        let slots = [("word", first.as_str()), ("one", one), ("to", to), ("other", other)];
        let mut text = self.say("analogy.guess", &slots);
        let others: Vec<String> = found.iter().skip(1).map(|(_, word, _)| word.clone()).collect();
        if !others.is_empty() {
            text.push(' ');
            text.push_str(&self.say("called.others", &[("others", &self.parts.language.list(&others))]));
        }
        let items = found.iter().map(|(_, word, _)| Item { text: word.clone(), term: None }).collect();
        given.extend(found.into_iter().filter_map(|(_, _, quote)| quote));
        let probability = f64::from(u32::try_from(self.number("analogy_sure")).unwrap_or(u32::MAX)) / 100.0;
        let mut reply = Reply::new(Answer::Guessed { given, probability, flops: 0 }, text);
        reply.items = items;
        Ok(reply)
    }

    /// Where a word lies; `None` where it is not known.
    fn place(&self, word: &str) -> Result<Option<Place>, Fault> {
        let mut vector = self.parts.recall.vector(word);
        let meaning = self.consult(None, |world| world.meanings(word))?.into_iter().next();
        let mut quote = None;
        let mut means = None;
        if let Some((meaning, gloss, graph)) = meaning {
            if let Term::NamedNode(node) = meaning {
                means = Some(node);
            }
            for (value, told) in vector.iter_mut().zip(self.parts.recall.vector(&gloss)) {
                *value += told;
            }
            quote = Some(Quote { text: gloss, source: self.cite(&graph)? });
        }
        let is_known = vector.iter().any(|value| *value != 0.0);
        Ok(is_known.then(|| Place { vector: unit(vector), meaning: means, quote }))
    }
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = likeness(&vector, &vector).sqrt();
    if length > 0.0 {
        for value in &mut vector {
            *value /= length;
        }
    }
    vector
}
