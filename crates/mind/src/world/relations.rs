//! Taught relations: "can tweety fly?", "what does alice like?", "who likes tea?".
//!
//! What was taught of a class holds of its kinds, singular or plural; WordNet's parts answer "does a car have
//! wheels?" too.

use std::collections::BTreeMap;

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::reply::Item;
use quid_core::vocabulary::{HAS_PART, HYPERNYM, IS_A, MERO_MEMBER, MERO_PART, MERO_SUBSTANCE, NS};
use quid_core::{Fact, Key, Proof, Rule, Rulebook};
use quid_logic::{Halt, Reach, append, conclude, instantiate};

use super::lexicon::{Sense, stored};
use super::links::{claim, relation};
use super::whether::named;
use super::{Asked, Finding, key_of, thing};
use crate::factoid::DENIED;

/// A taught fact of something the subject is, how far up that is, and why the subject is that.
struct Above {
    distance: usize,
    fact: Fact,
    up: Option<Proof>,
}

/// What follows for the subject from the nearest such fact.
struct Inherited {
    distance: usize,
    proof: Proof,
    rules: Rulebook,
}

impl Asked<'_> {
    /// The rules about any taught relation, written out for this one.
    pub(super) fn rules_about(&self, relation: &NamedNode) -> Vec<Rule> {
        let placeholder = NamedNode::new_unchecked(format!("{NS}relation"));
        let name = Self::verb(relation).unwrap_or_else(|| super::explain::local_name(relation).to_owned());
        instantiate(self.world.rules, &placeholder, relation, &name)
    }

    fn rules_with(&self, relation: &NamedNode) -> Rulebook {
        let mut rules = self.world.rules.clone();
        rules.rules.extend(self.rules_about(relation));
        rules
    }

    pub(super) fn whether_verb(&self, subject: &str, verb: &str, value: &str) -> Result<Option<Finding>, Halt> {
        let subject_term = Term::from(thing(subject));
        let wanted = Key::of(value);
        let yes = self.inherited(&subject_term, &relation(verb), &wanted)?;
        let no = self.inherited(&subject_term, &relation(&format!("{DENIED}{verb}")), &wanted)?;
        // What is said of the nearer class is the exception to what is said of the farther one.
        let (phrase, nearest) = match (yes, no) {
            (Some(yes), Some(no)) if yes.distance < no.distance => ("world.yes", Some(yes)),
            (_, Some(no)) => ("world.no", Some(no)),
            (yes, None) => ("world.yes", yes),
        };
        if let Some(Inherited { proof, rules, .. }) = nearest {
            let text = self.say(phrase, &[("because", &self.explain(&proof))]);
            return Ok(Some(Finding { reply: self.proved(vec![proof], &rules, text)?, readings: Vec::new() }));
        }
        if self.part_relations().contains(&relation(verb)) {
            return self.whether_part(&subject_term, &wanted);
        }
        Ok(None)
    }

    /// The nearest class of the subject of which the relation to this value was taught.
    fn inherited(&self, subject: &Term, relation: &NamedNode, wanted: &Key) -> Result<Option<Inherited>, Halt> {
        let rules = self.rules_with(relation);
        let mut found = self.facts_of_kind(subject, relation)?;
        found.extend(self.facts_of_class(subject, relation, Some(&wanted.thing().into()))?);
        found.sort_by_key(|above| above.distance);
        for Above { distance, fact, up } in found {
            let matches = match &fact.object {
                Term::Literal(text) => Key::of(text.value()) == *wanted,
                other => key_of(other).is_some_and(|key| key == *wanted) || self.same_form(other, wanted),
            };
            if matches && let Some(proof) = Self::prove_inherited(subject, &fact, up.as_ref(), &rules) {
                return Ok(Some(Inherited { distance, proof, rules }));
            }
        }
        Ok(None)
    }

    fn same_form(&self, term: &Term, wanted: &Key) -> bool {
        let wanted = Term::from(wanted.thing());
        self.words.is_other_form(term, &wanted) || self.words.is_other_form(&wanted, term)
    }

    /// The facts of a relation taught of a thing and of what it was taught to be, with the proof that it is that.
    fn facts_of_kind(&self, subject: &Term, relation: &NamedNode) -> Result<Vec<Above>, Halt> {
        let is_a = IS_A.into_owned();
        let taught = self.taught_above(subject)?;
        let mut found = Vec::new();
        for (node, depth) in taught.nodes() {
            let facts = self.memo.get(Some(node), Some(relation.as_ref()), None)?;
            if facts.is_empty() {
                continue;
            }
            let up = if depth == 0 { None } else { taught.proof(node, &is_a, self.world.rules) };
            found.extend(facts.iter().map(|fact| Above { distance: depth, fact: fact.clone(), up: up.clone() }));
        }
        Ok(found)
    }

    /// The facts of a relation taught of classes that a reading of the subject stands under: "can a canary fly?"
    /// from "birds can fly". With a value, only those are looked at that have it.
    fn facts_of_class(&self, subject: &Term, relation: &NamedNode, value: Option<&Term>) -> Result<Vec<Above>, Halt> {
        let mut found = Vec::new();
        let facts = self.memo.few(None, Some(relation.as_ref()), value, self.limit("world_most_below"))?;
        if facts.is_empty() {
            return Ok(found);
        }
        let taught = self.taught_above(subject)?;
        for (word, below) in taught.nodes().filter_map(|(node, depth)| Some((named(node)?, depth))) {
            let ranked = self.nouns(&word, &BTreeMap::new())?;
            let Some(best) = ranked.get(self.wanted_reading(&ranked)) else { continue };
            let classes = self.classes_above(&best.sense.synset)?;
            for fact in &facts {
                let Some(class) = named(&fact.subject.clone().into()).and_then(|class| Key::of_thing(&class)) else {
                    continue;
                };
                let senses = self.senses_of(&class, true)?;
                let reached = senses.iter().find_map(|sense| Some((sense, classes.depth(&sense.synset)?)));
                let Some((sense, depth)) = reached else { continue };
                let up = self
                    .prove_up(&taught, &best.sense, &classes, &sense.synset)
                    .and_then(|up| self.prove_as_word(up, subject, sense));
                if up.is_some() && sense.word != best.sense.word {
                    found.push(Above { distance: below + depth + 1, fact: fact.clone(), up });
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    fn prove_inherited(subject: &Term, fact: &Fact, up: Option<&Proof>, rules: &Rulebook) -> Option<Proof> {
        let Some(up) = up else { return Some(stored(fact)) };
        let mut proof = up.clone();
        let before = proof.steps.len().checked_sub(1)?;
        let leaf = append(&mut proof, &stored(fact))?;
        let claim = claim(fact.predicate.as_ref(), subject, &fact.object);
        let at = conclude(&mut proof, rules, &claim, &[before, leaf])?;
        proof.steps.truncate(at + 1);
        Some(proof)
    }

    /// "does a car have wheels?" from WordNet's parts, a kind of wheel counting as a wheel.
    fn whether_part(&self, subject: &Term, wanted: &Key) -> Result<Option<Finding>, Halt> {
        let Some(word) = named(subject) else { return Ok(None) };
        let targets = self.senses_of(wanted, true)?;
        if targets.is_empty() {
            return Ok(None);
        }
        let ranked = self.nouns(&word, &BTreeMap::new())?;
        for one in ranked.iter().take(self.limit("sense_tried")) {
            let classes = self.classes_above(&one.sense.synset)?;
            for (class, _) in classes.nodes() {
                for (part, kinds, leaf) in self.parts_near(class)? {
                    let Some(target) = targets.iter().find(|target| kinds.contains(&target.synset)) else { continue };
                    if let Some(proof) =
                        self.prove_word_part(subject, &one.sense, &classes, class, &leaf, &part, target)
                    {
                        let text = self.say("world.yes", &[("because", &self.explain(&proof))]);
                        let readings = self.other_readings(&ranked, &one.sense.synset)?;
                        return Ok(Some(Finding {
                            reply: self.proved(vec![proof], self.world.rules, text)?,
                            readings,
                        }));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The subject is a class that has the part, which is a kind of what was asked for.
    #[allow(clippy::too_many_arguments)]
    fn prove_word_part(
        &self,
        whole: &Term,
        sense: &Sense,
        classes: &Reach,
        class: &Term,
        leaf: &Proof,
        part: &Term,
        target: &Sense,
    ) -> Option<Proof> {
        let alone = Self::alone(whole);
        let up = self.prove_up(&alone, sense, classes, class)?;
        let mut proof = self.prove_part(whole, class, Some(&up), leaf, part)?;
        let has = proof.steps.len().checked_sub(1)?;
        let kind = self.classes_until(part, &|node| *node == target.synset).ok()?;
        let rules = self.world.rules;
        let word = Term::from(target.word.clone());
        let is_kind = match kind.depth(&target.synset)? {
            0 => None,
            _ => Some(append(&mut proof, &kind.proof(&target.synset, &IS_A.into_owned(), rules)?)?),
        };
        let means = append(&mut proof, &self.means(target)?)?;
        let at = match is_kind {
            Some(is_kind) => {
                let as_word = conclude(&mut proof, rules, &claim(IS_A, part, &word), &[is_kind, means])?;
                conclude(&mut proof, rules, &claim(HAS_PART, whole, &word), &[has, as_word])?
            }
            None => conclude(&mut proof, rules, &claim(HAS_PART, whole, &word), &[has, means])?,
        };
        proof.steps.truncate(at + 1);
        Some(proof)
    }

    /// The parts of a class, each with what it is directly and the proof that it is a part.
    fn parts_near(&self, class: &Term) -> Result<Vec<(Term, Vec<Term>, Proof)>, Halt> {
        let mut parts = Vec::new();
        for relation in [MERO_PART, MERO_SUBSTANCE, MERO_MEMBER] {
            for fact in self.memo.get(Some(class), Some(relation), None)?.iter() {
                let mut kinds = vec![fact.object.clone()];
                kinds.extend(
                    self.memo.get(Some(&fact.object), Some(HYPERNYM), None)?.iter().map(|fact| fact.object.clone()),
                );
                parts.push((fact.object.clone(), kinds, stored(fact)));
            }
        }
        Ok(parts)
    }

    pub(super) fn objects(&self, subject: &str, verb: &str) -> Result<Option<Finding>, Halt> {
        let subject_term = Term::from(thing(subject));
        let relation = relation(verb);
        let rules = self.rules_with(&relation);
        let mut answers: Vec<(String, Term, Proof)> = Vec::new();
        let mut facts = self.facts_of_kind(&subject_term, &relation)?;
        if facts.is_empty() {
            facts = self.facts_of_class(&subject_term, &relation, None)?;
        }
        for Above { fact, up, .. } in facts {
            let name = match &fact.object {
                Term::Literal(text) => text.value().to_owned(),
                other => self.name(other)?,
            };
            // The verbatim value and its node say the same; what was typed is shown.
            if answers.iter().any(|(known, ..)| Key::of(known) == Key::of(&name)) || self.has_verbatim(&fact)? {
                continue;
            }
            if let Some(proof) = Self::prove_inherited(&subject_term, &fact, up.as_ref(), &rules) {
                answers.push((name, fact.object.clone(), proof));
            }
        }
        let shown = self.name(&subject_term)?;
        self.tell_relation("world.objects", &shown, verb, answers, &rules)
    }

    /// Whether the same statement also holds the value word for word.
    fn has_verbatim(&self, fact: &Fact) -> Result<bool, Halt> {
        if matches!(fact.object, Term::Literal(_)) {
            return Ok(false);
        }
        let all = self.memo.get(Some(&fact.subject.clone().into()), Some(fact.predicate.as_ref()), None)?;
        Ok(all.iter().any(|other| other.graph == fact.graph && matches!(other.object, Term::Literal(_))))
    }

    pub(super) fn subjects(&self, verb: &str, value: &str) -> Result<Option<Finding>, Halt> {
        let answers = self.having(verb, value)?;
        if answers.is_empty() {
            return Ok(None);
        }
        self.tell_relation("world.subjects", value, verb, answers, &self.rules_with(&relation(verb)))
    }

    /// "which players play for …?": those of which it is proved that they are of the kind too.
    pub(super) fn subjects_among(&self, kind: &str, verb: &str, value: &str) -> Result<Option<Finding>, Halt> {
        let mut kinds = vec![kind.to_owned()];
        kinds.extend(self.words.bases(Key::of(kind).as_str()));
        let mut answers = Vec::new();
        for (name, term, mut proof) in self.having(verb, value)? {
            let Some(key) = key_of(&term) else { continue };
            for kind in &kinds {
                let Some(is_one) = self.proof_that(key.as_str(), kind)? else { continue };
                // Both are proved; the last step stays what was asked.
                let mut both = is_one;
                if append(&mut both, &proof).is_some() {
                    proof = both;
                    answers.push((name, term, proof));
                }
                break;
            }
        }
        if answers.is_empty() {
            return Ok(None);
        }
        self.tell_relation("world.subjects", value, verb, answers, &self.rules_with(&relation(verb)))
    }

    /// Everything that the relation to a value was taught of, with its proof.
    fn having(&self, verb: &str, value: &str) -> Result<Vec<(String, Term, Proof)>, Halt> {
        let relation = relation(verb);
        let wanted = Key::of(value);
        let mut nodes = vec![Term::from(wanted.thing())];
        nodes.extend(self.words.bases(wanted.as_str()).iter().map(|base| Term::from(thing(base))));
        nodes.push(Term::from(thing(&self.world.language.plural(wanted.as_str()))));
        let mut answers: Vec<(String, Term, Proof)> = Vec::new();
        for node in nodes {
            for fact in self.memo.get(None, Some(relation.as_ref()), Some(&node))?.iter() {
                let subject = Term::from(fact.subject.clone());
                if !answers.iter().any(|(_, known, _)| *known == subject) {
                    answers.push((self.name(&subject)?, subject, stored(fact)));
                }
            }
        }
        Ok(answers)
    }

    fn tell_relation(
        &self,
        phrase: &str,
        name: &str,
        verb: &str,
        answers: Vec<(String, Term, Proof)>,
        rules: &Rulebook,
    ) -> Result<Option<Finding>, Halt> {
        if answers.is_empty() {
            return Ok(None);
        }
        let count = answers.len();
        let shown: Vec<_> = answers.into_iter().take(self.limit("list_shown")).collect();
        let names: Vec<String> = shown.iter().map(|(name, ..)| name.clone()).collect();
        let subjects: Vec<&str> =
            if phrase == "world.objects" { vec![name] } else { names.iter().map(String::as_str).collect() };
        let verb = self.world.language.verb_for(verb, &subjects, false);
        let mut text =
            self.say(phrase, &[("name", name), ("verb", &verb), ("list", &self.world.language.list(&names))]);
        if count > names.len() {
            text.push(' ');
            text.push_str(&self.say("world.more", &[("count", &(count - names.len()).to_string())]));
        }
        let items =
            shown.iter().map(|(name, term, _)| Item { text: name.clone(), term: Some(term.to_string()) }).collect();
        let mut reply = self.proved(shown.into_iter().map(|(_, _, proof)| proof).collect(), rules, text)?;
        reply.items = items;
        Ok(Some(Finding { reply, readings: Vec::new() }))
    }
}
