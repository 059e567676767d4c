//! A proved "no": a denial that was taught, or two classes of which nothing can be both.
//!
//! Not finding a chain is no "no"; that answer stays "not that I know".

use std::collections::BTreeMap;

use quid_core::oxrdf::Term;
use quid_core::vocabulary::{DISJOINT_WITH, IS_A, NOT_A};
use quid_core::{Fact, Proof};
use quid_logic::{Halt, Reach, append, conclude};

use super::lexicon::stored;
use super::links::claim;
use super::senses::Ranked;
use super::whether::{Sides, named};
use super::{Asked, key_of};

impl Asked<'_> {
    /// A class above the subject of which nothing can be one above the object, or a denial of one.
    pub(super) fn not(&self, sides: &Sides) -> Result<Option<(Proof, Vec<String>)>, Halt> {
        let relation = IS_A.into_owned();
        let rules = self.world.rules;
        // A denial taught of a class: "penguins are not fish", "is pingu a fish?"
        for (node, depth) in sides.taught.nodes().filter(|(node, _)| key_of(node).is_some()) {
            if !self.is_taught(node)? {
                continue;
            }
            for fact in self.memo.get(Some(node), Some(NOT_A), None)?.iter() {
                // The object is what is denied, or was taught to be such a thing.
                let over = self.taught_above(&sides.object)?;
                let Some(above) = over.depth(&fact.object) else { continue };
                let mut proof = if depth == 0 {
                    Proof::default()
                } else {
                    sides.taught.proof(node, &relation, rules).unwrap_or_default()
                };
                let up = proof.steps.len().checked_sub(1);
                let Some(mut at) = append(&mut proof, &stored(fact)) else { continue };
                if let (Some(up), true) = (up, depth > 0) {
                    let Some(next) =
                        conclude(&mut proof, rules, &claim(NOT_A, &sides.subject, &fact.object), &[up, at])
                    else {
                        continue;
                    };
                    at = next;
                }
                if above > 0 {
                    let down = over.proof(&fact.object, &relation, rules).and_then(|down| append(&mut proof, &down));
                    let Some(next) = down.and_then(|down| {
                        conclude(&mut proof, rules, &claim(NOT_A, &sides.subject, &sides.object), &[at, down])
                    }) else {
                        continue;
                    };
                    at = next;
                }
                proof.steps.truncate(at + 1);
                return Ok(Some((proof, Vec::new())));
            }
        }
        self.not_by_disjoint_classes(sides)
    }

    fn not_by_disjoint_classes(&self, sides: &Sides) -> Result<Option<(Proof, Vec<String>)>, Halt> {
        let disjoint = self.memo.get(None, Some(DISJOINT_WITH), None)?;
        if disjoint.is_empty() {
            return Ok(None);
        }
        let Some(object) = named(&sides.object) else { return Ok(None) };
        let objects = self.nouns(&object, &BTreeMap::new())?;
        for word in self.words_to_read(sides) {
            let subjects = self.nouns(&word, &BTreeMap::new())?;
            // The likeliest pair of senses decides, and only it: that a man may also be a piece in a game is no reason
            // to say that Socrates was none.
            let mut best: Option<(f64, Option<Proof>, Term)> = None;
            for one in subjects.iter().take(self.limit("sense_tried")) {
                let classes = self.classes_above(&one.sense.synset)?;
                for other in objects.iter().take(self.limit("sense_tried")) {
                    let over = self.classes_above(&other.sense.synset)?;
                    if one.sense.word == other.sense.word {
                        continue;
                    }
                    // Senses near each other belong together: the whale that might be a fish is the animal.
                    let links = classes.nodes().filter_map(|(class, up)| over.depth(class).map(|down| up + down)).min();
                    let score = one.score + other.score - self.hundredths("sense_apart") * count(links.unwrap_or(99));
                    if best.as_ref().is_some_and(|(known, ..)| *known >= score) {
                        continue;
                    }
                    let proof =
                        disjoint.iter().find_map(|fact| self.prove_disjoint(sides, one, &classes, other, &over, fact));
                    best = Some((score, proof, one.sense.synset.clone()));
                }
            }
            if let Some((_, Some(proof), chosen)) = best {
                let readings = self.other_readings(&subjects, &chosen)?;
                return Ok(Some((proof, readings)));
            }
        }
        Ok(None)
    }

    /// x is a C, nothing is both C and D, y (in this reading) is a D: so x is not a y.
    fn prove_disjoint(
        &self,
        sides: &Sides,
        one: &Ranked,
        classes: &Reach,
        other: &Ranked,
        over: &Reach,
        fact: &Fact,
    ) -> Option<Proof> {
        let (left, right) = (Term::from(fact.subject.clone()), fact.object.clone());
        let (left, right) = if classes.depth(&left).is_some() && over.depth(&right).is_some() {
            (left, right)
        } else if classes.depth(&right).is_some() && over.depth(&left).is_some() {
            (right, left)
        } else {
            return None;
        };
        let rules = self.world.rules;
        let mut proof = self.prove_up(&sides.taught, &one.sense, classes, &left)?;
        let up = proof.steps.len().checked_sub(1)?;
        let leaf = append(&mut proof, &stored(fact))?;
        let apart = conclude(&mut proof, rules, &claim(NOT_A, &left, &right), &[leaf])?;
        let not = conclude(&mut proof, rules, &claim(NOT_A, &sides.subject, &right), &[up, apart])?;
        let alone = Self::alone(&sides.object);
        let object_up = self.prove_up(&alone, &other.sense, over, &right)?;
        let down = append(&mut proof, &object_up)?;
        let at = conclude(&mut proof, rules, &claim(NOT_A, &sides.subject, &sides.object), &[not, down])?;
        proof.steps.truncate(at + 1);
        Some(proof)
    }
}

/// A small number as a weight's factor.
fn count(links: usize) -> f64 {
    f64::from(u32::try_from(links).unwrap_or(u32::MAX))
}
