//! "What do X and Y have in common?": the nearest class above both, with a chain for each.

use std::collections::BTreeMap;

use quid_core::oxrdf::Term;
use quid_core::reply::Item;
use quid_core::vocabulary::IS_A;
use quid_core::{Key, Proof};
use quid_logic::{Halt, Reach};

use super::lexicon::Sense;
use super::senses::Ranked;
use super::whether::named;
use super::{Asked, Finding, thing};

/// One way up from a thing: through what was taught, then through one reading.
struct Way {
    sense: Sense,
    score: f64,
    before: usize,
    classes: Reach,
}

/// A class above both things: how far, and how likely the readings are.
struct Meeting {
    cost: f64,
    class: Term,
    one: Proof,
    other: Proof,
    senses: (Sense, Sense),
}

impl Asked<'_> {
    pub(super) fn common(&self, one: &str, other: &str) -> Result<Option<Finding>, Halt> {
        let (first, second) = (Term::from(thing(one)), Term::from(thing(other)));
        let (taught_first, taught_second) = (self.taught_above(&first)?, self.taught_above(&second)?);
        if let Some(finding) = self.common_as_taught(&first, &second, &taught_first, &taught_second)? {
            return Ok(Some(finding));
        }
        let (ways_first, ranked) = self.ways(&taught_first)?;
        let (ways_second, _) = self.ways(&taught_second)?;
        let far = self.hundredths("common_link");
        let mut best: Option<Meeting> = None;
        for left in &ways_first {
            for right in &ways_second {
                let meeting = left
                    .classes
                    .nodes()
                    .filter_map(|(class, up)| right.classes.depth(class).map(|down| (up + down, class)))
                    .min_by_key(|(links, class)| (*links, class.to_string()));
                let Some((links, class)) = meeting else { continue };
                let links = links + left.before + right.before;
                let cost = far * f64::from(u32::try_from(links).unwrap_or(u32::MAX)) - left.score - right.score;
                if best.as_ref().is_some_and(|known| known.cost <= cost) {
                    continue;
                }
                let proofs = self.prove_up(&taught_first, &left.sense, &left.classes, class).zip(self.prove_up(
                    &taught_second,
                    &right.sense,
                    &right.classes,
                    class,
                ));
                if let Some((one, other)) = proofs {
                    best = Some(Meeting {
                        cost,
                        class: class.clone(),
                        one,
                        other,
                        senses: (left.sense.clone(), right.sense.clone()),
                    });
                }
            }
        }
        let Some(best) = best else { return Ok(None) };
        let class = self.as_plural(&self.name(&best.class)?);
        let mut text = self
            .say("world.common", &[("one", &self.name(&first)?), ("other", &self.name(&second)?), ("class", &class)]);
        if let Some((gloss, fact)) = self.gloss(&best.class)? {
            text.push(' ');
            text.push_str(&self.say("world.gloss", &[("gloss", &gloss), ("source", &self.source(&fact.graph))]));
        }
        let readings = self.other_readings(&ranked, &best.senses.0.synset)?;
        let mut reply = self.proved(vec![best.one, best.other], self.world.rules, text)?;
        reply.items = vec![Item { text: self.name(&best.class)?, term: Some(best.class.to_string()) }];
        Ok(Some(Finding { reply, readings }))
    }

    /// The nearest class that people taught of both.
    fn common_as_taught(&self, one: &Term, other: &Term, left: &Reach, right: &Reach) -> Result<Option<Finding>, Halt> {
        let shared = left
            .nodes()
            .filter(|(node, depth)| *depth > 0 && named(node).is_some())
            .filter_map(|(node, up)| right.depth(node).filter(|down| *down > 0).map(|down| (up + down, node)))
            .min_by_key(|(links, node)| (*links, node.to_string()));
        let Some((_, class)) = shared else { return Ok(None) };
        let relation = IS_A.into_owned();
        let proofs =
            left.proof(class, &relation, self.world.rules).zip(right.proof(class, &relation, self.world.rules));
        let Some((first, second)) = proofs else { return Ok(None) };
        let text = self.say(
            "world.common",
            &[("one", &self.name(one)?), ("other", &self.name(other)?), ("class", &self.as_plural(&self.name(class)?))],
        );
        let mut reply = self.proved(vec![first, second], self.world.rules, text)?;
        reply.items = vec![Item { text: self.name(class)?, term: Some(class.to_string()) }];
        Ok(Some(Finding { reply, readings: Vec::new() }))
    }

    fn ways(&self, taught: &Reach) -> Result<(Vec<Way>, Vec<Ranked>), Halt> {
        let mut ways = Vec::new();
        let mut of_start = Vec::new();
        for (node, before) in taught.nodes() {
            let Some(word) = named(node) else { continue };
            let ranked = self.nouns(&word, &BTreeMap::new())?;
            for one in ranked.iter().take(self.limit("sense_tried")) {
                let classes = self.classes_above(&one.sense.synset)?;
                ways.push(Way { sense: one.sense.clone(), score: one.score, before, classes });
            }
            if before == 0 {
                of_start = ranked;
            }
        }
        Ok((ways, of_start))
    }

    pub(super) fn hundredths(&self, name: &str) -> f64 {
        f64::from(u32::try_from(self.world.language.number(name)).unwrap_or(u32::MAX)) / 100.0
    }

    /// The senses of a name spelled just so, beside its foldings.
    pub(super) fn senses_as_spelled(&self, lemma: &str) -> Result<Vec<Sense>, Halt> {
        let key = Key::of(lemma);
        let mut senses = self.senses_of_spelling(&key, lemma, false)?;
        if senses.is_empty() {
            senses = self.senses(&key)?;
        }
        Ok(senses)
    }
}
