//! Chooses among the senses of a word, from how common they are and from the conversation.
//!
//! A simplified Lesk measure (Kilgarriff & Rosenzweig 2000): words of the talk found in a sense's gloss, examples,
//! lemmas and hypernyms speak for it, as do longer names ("baking soda") and nearness to what the subject itself
//! means. Weights are data, in hundredths.

use std::collections::{BTreeMap, BTreeSet};

use quid_core::Key;
use quid_core::oxrdf::{NamedNode, Term};
use quid_logic::{Halt, explore};

use super::labels::Way;
use super::lexicon::Sense;
use super::{Asked, key_of};

/// A sense with how well it fits; only the order and the distance to the next mean anything.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) sense: Sense,
    pub(super) score: f64,
}

impl Asked<'_> {
    pub(super) fn weight(&self, name: &str) -> f64 {
        f64::from(u32::try_from(self.world.language.number(name)).unwrap_or(u32::MAX)) / 100.0
    }

    /// The senses of a thing's name that pass `wanted`, best first.
    pub(super) fn ranked(&self, word: &NamedNode, wanted: &dyn Fn(&Sense) -> bool) -> Result<Vec<Ranked>, Halt> {
        let Some(key) = Key::of_thing(word) else { return Ok(Vec::new()) };
        let senses = self.senses(&key)?;
        self.rank(&key, senses, wanted, &BTreeMap::new())
    }

    /// The noun senses of a thing's name, best first. `near` are synsets that a fitting sense is close to.
    pub(super) fn nouns(&self, word: &NamedNode, near: &BTreeMap<String, usize>) -> Result<Vec<Ranked>, Halt> {
        let Some(key) = Key::of_thing(word) else { return Ok(Vec::new()) };
        let senses = self.senses_of(&key, true)?;
        self.rank(&key, senses, &is_noun, near)
    }

    fn rank(
        &self,
        key: &Key,
        senses: Vec<Sense>,
        wanted: &dyn Fn(&Sense) -> bool,
        near: &BTreeMap<String, usize>,
    ) -> Result<Vec<Ranked>, Halt> {
        let rank = |sense: Sense| Ranked { score: self.prior(&sense), sense };
        let mut ranked: Vec<Ranked> = senses.into_iter().filter(wanted).map(rank).collect();
        sort(&mut ranked);
        // One sense leads by more than any talk could turn: its surroundings need not be read.
        let lead = match ranked.as_slice() {
            [first, second, ..] => first.score - second.score,
            _ => 0.0,
        };
        if ranked.is_empty() || lead > self.weight("sense_settled") {
            return Ok(ranked);
        }
        for sense in self.senses_of_longer_names(key)?.into_iter().filter(wanted) {
            if !ranked.iter().any(|other| other.sense.synset == sense.synset) {
                ranked.push(rank(sense));
            }
        }
        let talk = self.talk_about(key);
        let enough = talk.len() >= self.limit("sense_context_least") && ranked.len() > 1;
        let context = if enough { self.context(key, &talk.join(" ")) } else { None };
        let looked_at = self.limit("sense_looked_at");
        if ranked.len() > 1 {
            for (at, one) in ranked.iter_mut().enumerate() {
                let longer = one.sense.longer.is_some();
                if longer {
                    one.score += self.weight("sense_longer_name");
                }
                if at < looked_at || longer {
                    one.score += self.everyday(&one.sense)? + self.nearness(&one.sense, near)?;
                    if !talk.is_empty() {
                        one.score += self.weight("sense_overlap") * self.overlap(&one.sense, &talk)?;
                        if let Some(context) = &context {
                            one.score += self.weight("sense_talk") * self.fits(&one.sense, context, &[])?;
                        }
                    }
                }
            }
            sort(&mut ranked);
        }
        Ok(ranked)
    }

    /// The likely senses by how common they are: the logarithm of the tag count, less a little for each place.
    fn prior(&self, sense: &Sense) -> f64 {
        let common = self.weight("sense_prior") * f64::from(sense.tags).ln_1p();
        common - self.weight("sense_place") * f64::from(sense.number.min(20))
    }

    /// A field that people talk about more often than the tag counts know ("lexfile_noun.food").
    fn everyday(&self, sense: &Sense) -> Result<f64, Halt> {
        let Some(field) = self.field(&sense.synset)? else { return Ok(0.0) };
        let weight = self.world.language.setting(&format!("sense_field_{}", field.replace('.', "_")));
        Ok(weight.and_then(|weight| weight.parse::<u32>().ok()).map_or(0.0, |weight| f64::from(weight) / 100.0))
    }

    /// Speaks for a sense that what the subject itself means stands under.
    fn nearness(&self, sense: &Sense, near: &BTreeMap<String, usize>) -> Result<f64, Halt> {
        if near.is_empty() {
            return Ok(0.0);
        }
        let mut nearest: Option<usize> = near.get(&sense.synset.to_string()).copied();
        if nearest.is_none() {
            for above in self.above(&sense.synset)?.iter() {
                let distance = near.get(&above.object.to_string()).map(|distance| distance + 1);
                nearest = [nearest, distance].into_iter().flatten().min();
            }
        }
        let farthest = self.limit("sense_near_farthest");
        Ok(nearest.filter(|distance| *distance <= farthest).map_or(0.0, |_| self.weight("sense_near")))
    }

    /// The synsets a little above what a thing's own name means, with their distances: pepsi, cola, soft drink.
    pub(super) fn near(&self, thing: &NamedNode) -> Result<BTreeMap<String, usize>, Halt> {
        let mut near = BTreeMap::new();
        let Some(key) = Key::of_thing(thing) else { return Ok(near) };
        let farthest = self.limit("sense_near_farthest");
        for sense in self.senses_of(&key, true)?.iter().take(3) {
            let depth = std::cell::Cell::new(0);
            let reach = explore(&sense.synset, 40, &mut |node| self.class_links(node), &mut |_| {
                depth.set(depth.get() + 1);
                depth.get() > 4 * farthest
            })?;
            for (node, distance) in reach.nodes().filter(|(_, distance)| *distance <= farthest) {
                let known = near.entry(node.to_string()).or_insert(distance);
                *known = distance.min(*known);
            }
        }
        Ok(near)
    }

    /// The words of the talk in their base forms, newest first, without the word itself.
    fn talk_about(&self, word: &Key) -> Vec<String> {
        let mut talk = Vec::new();
        for said in self.world.talk.iter().take(self.limit("sense_talk_words")) {
            let said = self.stem(said);
            if said != word.as_str() && !talk.contains(&said) {
                talk.push(said);
            }
        }
        talk
    }

    /// How many words of the talk occur around a sense.
    fn overlap(&self, sense: &Sense, talk: &[String]) -> Result<f64, Halt> {
        let mut around = BTreeSet::new();
        let mut texts = self.examples(&sense.synset)?;
        texts.extend(self.gloss(&sense.synset)?.map(|(gloss, _)| gloss));
        texts.extend(self.synset_name(&sense.synset)?);
        for above in self.above(&sense.synset)?.iter() {
            texts.extend(self.synset_name(&above.object)?);
        }
        texts
            .extend(sense.longer.iter().filter_map(|longer| key_of(&longer.clone().into())).map(|key| key.to_string()));
        for text in texts {
            around.extend(self.world.language.content_words(&text).iter().map(|word| self.stem(word)));
        }
        let hits = talk.iter().filter(|word| around.contains(*word)).count();
        Ok(f64::from(u32::try_from(hits).unwrap_or(u32::MAX)))
    }

    pub(super) fn stem(&self, word: &str) -> String {
        let folded = Key::of(word);
        self.words.bases(folded.as_str()).into_iter().next().unwrap_or_else(|| folded.to_string())
    }

    /// The reading that is wanted: the best, or when another was asked for, that one. Gives its place.
    pub(super) fn wanted_reading(&self, ranked: &[Ranked]) -> usize {
        match self.world.reading {
            Some(other) if ranked.len() > 1 => (other + 1) % ranked.len(),
            _ => 0,
        }
    }

    /// The other readings, likely ones first, a few at most: empty texts, which are hardly ever asked for and made
    /// when they are.
    pub(super) fn other_readings(&self, ranked: &[Ranked], chosen: &Term) -> Result<Vec<String>, Halt> {
        if self.world.names_readings {
            return self.named_readings(ranked, chosen);
        }
        let others = ranked.iter().filter(|one| one.sense.synset != *chosen).take(self.limit("sense_others"));
        Ok(others.map(|_| String::new()).collect())
    }

    /// The other readings as text.
    pub(super) fn named_readings(&self, ranked: &[Ranked], chosen: &Term) -> Result<Vec<String>, Halt> {
        let others = ranked.iter().filter(|one| one.sense.synset != *chosen).take(self.limit("sense_others"));
        if self.is_doubtful(ranked, chosen) {
            return others.map(|one| self.describe(&one.sense)).collect();
        }
        // Hardly ever asked for: the gloss does, and costs one look-up.
        others
            .map(|one| match self.gloss(&one.sense.synset)? {
                Some((gloss, _)) => Ok(self.say("world.quoted", &[("text", &gloss)])),
                None => self.describe(&one.sense),
            })
            .collect()
    }

    /// Whether the reading should be said: another sense is nearly as common, so only the talk or the subject decided.
    pub(super) fn is_doubtful(&self, ranked: &[Ranked], chosen: &Term) -> bool {
        let Some(best) = ranked.iter().find(|one| one.sense.synset == *chosen) else { return true };
        let rivals = ranked.iter().filter(|one| one.sense.synset != *chosen);
        let nearest = rivals.map(|one| self.prior(&best.sense) - self.prior(&one.sense)).min_by(f64::total_cmp);
        nearest.is_some_and(|lead| lead < self.weight("sense_sure"))
    }
}

/// A noun's sense.
fn is_noun(sense: &Sense) -> bool {
    sense.part_of_speech() == 'n' || sense.way != Way::Lexicon
}

/// Best first; equals by part of speech, then in the lexicon's order.
fn sort(ranked: &mut [Ranked]) {
    let place =
        |one: &Ranked| ("nvar".find(one.sense.part_of_speech()), one.sense.number, one.sense.synset.to_string());
    ranked.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| place(one).cmp(&place(other))));
}
