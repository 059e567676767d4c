//! "Is X a Y?": a proved yes, a proved no, or neither.
//!
//! What was said of X itself comes first, then what was taught of its classes, then what WordNet says of them in
//! the reading that fits best; a "no" needs a denial or two classes of which nothing can be both.

use std::collections::BTreeMap;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::vocabulary::{
    ARE, CLASSES, HYPERNYM, INSTANCE_HYPERNYM, IS, IS_A, IS_NOT, LEXICALIZED_SENSE_OF, NOT_A, SAME_AS, SUB_CLASS_OF,
    TYPE,
};
use quid_core::{Because, Fact, Key, Proof, Rulebook};
use quid_logic::{Halt, Reach, append, conclude};

use super::lexicon::{Sense, stored};
use super::links::{claim, is_a};
use super::senses::Ranked;
use super::{Asked, Finding, key_of, thing};

/// Where a chain may end: a synset, and the word (the object, or something taught to be one) that means it.
struct Target {
    sense: Sense,
    score: f64,
}

/// A chain that answers yes.
struct Yes {
    proof: Proof,
    /// The reading taken of the subject's side, and the readings it was chosen from.
    taken: Option<(Sense, Vec<Ranked>)>,
}

/// Both sides of a question, looked up.
pub(super) struct Sides {
    pub(super) subject: Term,
    pub(super) object: Term,
    /// What was taught above the subject.
    pub(super) taught: Reach,
    /// What was taught below the object: each thing with the proof that it is one.
    below: Vec<(Term, Option<Proof>)>,
}

impl Asked<'_> {
    pub(super) fn whether(&self, subject: &str, object: &str) -> Result<Option<Finding>, Halt> {
        let (subject_key, object_key) = (Key::of(subject), Key::of(object));
        if subject_key.is_empty() || object_key.is_empty() {
            return Ok(None);
        }
        let sides = self.sides(subject, object)?;
        if let Some(proof) = self.said_not(&sides, object)? {
            return self.no(proof, &[]).map(Some);
        }
        if let Some(proof) = self.said(&sides, object)? {
            let rules = self.rules_about_values();
            let text = self.say("world.yes", &[("because", &self.explain(&proof))]);
            return Ok(Some(Finding { reply: self.proved(vec![proof], &rules, text)?, readings: Vec::new() }));
        }
        if let Some(yes) = self.yes(&sides)? {
            return self.tell_yes(&sides, yes).map(Some);
        }
        match self.not(&sides)? {
            Some((proof, readings)) => self.no(proof, &readings).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn all_the_same(&self, subject: &str, object: &str) -> Result<Option<Finding>, Halt> {
        let sides = self.sides(subject, object)?;
        self.yes(&sides)?.map_or(Ok(None), |yes| self.tell_yes(&sides, yes).map(Some))
    }

    /// Why X is (a) Y, where it is.
    pub(super) fn proof_that(&self, subject: &str, object: &str) -> Result<Option<Proof>, Halt> {
        Ok(self.yes(&self.sides(subject, object)?)?.map(|yes| yes.proof))
    }

    pub(super) fn sides(&self, subject: &str, object: &str) -> Result<Sides, Halt> {
        let (subject, object) = (Term::from(thing(subject)), Term::from(thing(object)));
        let taught = self.taught_above(&subject)?;
        let below = self.taught_below(&object)?;
        Ok(Sides { subject, object, taught, below })
    }

    /// The object itself, its other forms, and what was taught to be one, each with its proof.
    pub(super) fn taught_below(&self, object: &Term) -> Result<Vec<(Term, Option<Proof>)>, Halt> {
        let mut below: Vec<(Term, Option<Proof>)> = vec![(object.clone(), None)];
        let most = self.limit("world_most_below");
        let mut at = 0;
        while let Some((node, proof)) = below.get(at).cloned() {
            at += 1;
            let mut links: Vec<(Term, Proof)> = Vec::new();
            if self.is_taught(&node)? {
                for relation in [SUB_CLASS_OF, TYPE] {
                    for fact in self.memo.few(None, Some(relation), Some(&node), most)? {
                        links.push((fact.subject.clone().into(), stored(&fact)));
                    }
                }
            }
            // Other forms are the same class, read in either direction.
            for link in self.taught_links(&node)? {
                let built = link.proof.steps.iter().all(|step| matches!(step.because, Because::BuiltIn));
                if built {
                    links.push((link.to, link.proof));
                }
            }
            for (lower, link) in links {
                if below.len() >= most {
                    return Ok(below);
                }
                if key_of(&lower).is_none() || below.iter().any(|(known, _)| *known == lower) {
                    continue;
                }
                let mut whole = Proof::default();
                let step = append(&mut whole, &link)
                    .and_then(|leaf| conclude(&mut whole, self.world.rules, &is_a(&lower, &node), &[leaf]));
                let joined = step.and_then(|_| match &proof {
                    None => Some(whole.clone()),
                    Some(up) => self.prove_joined(whole.clone(), up, &lower, object),
                });
                if let Some(joined) = joined {
                    below.push((lower, Some(joined)));
                }
            }
        }
        Ok(below)
    }

    /// "x is not y" as it was said, of the subject itself or in another of its forms.
    fn said_not(&self, sides: &Sides, object: &str) -> Result<Option<Proof>, Halt> {
        if !self.is_taught(&sides.subject)? {
            return Ok(None);
        }
        for fact in self.memo.get(Some(&sides.subject), Some(NOT_A), None)?.iter() {
            if fact.object == sides.object {
                return Ok(Some(stored(fact)));
            }
        }
        self.value_said(&sides.subject, &[IS_NOT], object).map(|fact| fact.as_ref().map(stored))
    }

    /// "x is y" as it was said, of the subject or of a class it was taught to be.
    fn said(&self, sides: &Sides, object: &str) -> Result<Option<Proof>, Halt> {
        for (node, depth) in sides.taught.nodes() {
            if !self.is_taught(node)? {
                continue;
            }
            let Some(fact) = self.value_said(node, &[IS, ARE], object)? else { continue };
            if depth == 0 {
                return Ok(Some(stored(&fact)));
            }
            let Some(mut proof) = sides.taught.proof(node, &IS_A.into_owned(), self.world.rules) else {
                continue;
            };
            let rules = self.rules_about_values();
            let up = proof.steps.len() - 1;
            let leaf = append(&mut proof, &stored(&fact));
            let inherited = claim(fact.predicate.as_ref(), &sides.subject, &fact.object);
            if let Some(at) = leaf.and_then(|leaf| conclude(&mut proof, &rules, &inherited, &[up, leaf])) {
                proof.steps.truncate(at + 1);
                return Ok(Some(proof));
            }
        }
        Ok(None)
    }

    /// The fact that gives a thing this value word for word, but for case, spaces and an article.
    fn value_said(&self, node: &Term, relations: &[NamedNodeRef<'_>], value: &str) -> Result<Option<Fact>, Halt> {
        let wanted = [Key::of(value), Key::of(&self.world.language.with_article(value))];
        for relation in relations {
            for fact in self.memo.get(Some(node), Some(*relation), None)?.iter() {
                if matches!(&fact.object, Term::Literal(text) if wanted.contains(&Key::of(text.value()))) {
                    return Ok(Some(fact.clone()));
                }
            }
        }
        Ok(None)
    }

    /// The rules in force, and those about any relation written out for "is" and "are".
    pub(super) fn rules_about_values(&self) -> Rulebook {
        let mut rules = self.world.rules.clone();
        for relation in [IS, ARE] {
            rules.rules.extend(self.rules_about(&relation.into_owned()));
        }
        rules
    }

    fn yes(&self, sides: &Sides) -> Result<Option<Yes>, Halt> {
        if let Some(proof) = self.yes_as_taught(sides)? {
            return Ok(Some(Yes { proof, taken: None }));
        }
        let targets = self.targets(sides)?;
        if targets.is_empty() {
            return Ok(None);
        }
        let near = if sides.taught.nodes().count() > 1 { self.near_of(&sides.subject)? } else { BTreeMap::new() };
        for word in self.words_to_read(sides) {
            let ranked = self.nouns(&word, &near)?;
            let mut best: Option<(f64, Sense, Proof)> = None;
            let wanted = self.wanted_reading(&ranked);
            let order = (0..ranked.len()).map(|at| (at + wanted) % ranked.len());
            for at in order.take(self.limit("sense_tried")) {
                let Some(one) = ranked.get(at) else { continue };
                let classes = self.classes_until(&one.sense.synset, &|node| {
                    targets.iter().any(|target| target.sense.synset == *node)
                })?;
                let hit = targets
                    .iter()
                    .filter(|target| classes.depth(&target.sense.synset).is_some())
                    .max_by(|one, other| one.score.total_cmp(&other.score));
                let Some(target) = hit else { continue };
                if best.as_ref().is_some_and(|(score, ..)| *score >= one.score + target.score) {
                    continue;
                }
                if let Some(proof) = self.prove_hit(sides, &one.sense, &classes, target) {
                    best = Some((one.score + target.score, one.sense.clone(), proof));
                }
                // The likely reading answers: no other need be tried.
                if at == wanted {
                    break;
                }
            }
            if let Some((_, sense, proof)) = best {
                return Ok(Some(Yes { proof, taken: Some((sense, ranked)) }));
            }
        }
        Ok(None)
    }

    /// The words whose senses say what the subject is: what it was taught to be speaks before what its own name
    /// happens to mean, and that before other forms of the name.
    pub(super) fn words_to_read(&self, sides: &Sides) -> Vec<NamedNode> {
        let rank = |node: &Term| {
            let form = self.words.is_other_form(node, &sides.subject) || self.words.is_other_form(&sides.subject, node);
            if *node == sides.subject {
                1
            } else if form {
                2
            } else {
                0
            }
        };
        let mut words: Vec<(i32, NamedNode)> =
            sides.taught.nodes().filter_map(|(node, _)| Some((rank(node), named(node)?))).collect();
        words.sort_by_key(|(rank, _)| *rank);
        words.into_iter().map(|(_, word)| word).collect()
    }

    /// A chain of what was taught alone; also round a circle back to the subject.
    fn yes_as_taught(&self, sides: &Sides) -> Result<Option<Proof>, Halt> {
        let relation = IS_A.into_owned();
        for (lower, up) in &sides.below {
            let Some(proof) = sides.taught.proof(lower, &relation, self.world.rules) else { continue };
            return Ok(match up {
                None => Some(proof),
                Some(up) => self.prove_joined(proof, up, &sides.subject, &sides.object),
            });
        }
        if sides.subject != sides.object {
            return Ok(None);
        }
        for (node, _) in sides.taught.nodes().skip(1) {
            let Some(back) = self.taught_links(node)?.into_iter().find(|link| link.to == sides.object) else {
                continue;
            };
            let Some(out) = sides.taught.proof(node, &relation, self.world.rules) else { continue };
            let mut step = back.proof;
            let last = step.steps.len() - 1;
            if conclude(&mut step, self.world.rules, &is_a(node, &sides.object), &[last]).is_some() {
                return Ok(self.prove_joined(out, &step, &sides.subject, &sides.object));
            }
        }
        Ok(None)
    }

    /// The synsets that the object, or a thing taught to be one, may mean.
    fn targets(&self, sides: &Sides) -> Result<Vec<Target>, Halt> {
        let mut targets: Vec<Target> = Vec::new();
        for (lower, _) in &sides.below {
            let Some(word) = named(lower) else { continue };
            for Ranked { sense, score } in self.nouns(&word, &BTreeMap::new())? {
                if !targets.iter().any(|known| known.sense.synset == sense.synset) {
                    targets.push(Target { sense, score });
                }
            }
        }
        Ok(targets)
    }

    fn near_of(&self, subject: &Term) -> Result<BTreeMap<String, usize>, Halt> {
        named(subject).map_or_else(|| Ok(BTreeMap::new()), |subject| self.near(&subject))
    }

    fn prove_hit(&self, sides: &Sides, sense: &Sense, classes: &Reach, target: &Target) -> Option<Proof> {
        let up = self.prove_up(&sides.taught, sense, classes, &target.sense.synset)?;
        let word = Term::from(target.sense.word.clone());
        // One word in two senses would be a fallacy, however right each step is.
        if target.sense.word == sense.word && target.sense.synset != sense.synset {
            return None;
        }
        let proof = self.prove_as_word(up, &sides.subject, &target.sense)?;
        match sides.below.iter().find(|(lower, _)| *lower == word) {
            Some((_, Some(up))) => self.prove_joined(proof, up, &sides.subject, &sides.object),
            _ => Some(proof),
        }
    }

    /// A reach of nothing but its start.
    pub(super) fn alone(thing: &Term) -> Reach {
        quid_logic::explore(thing, 1, &mut |_| Ok(Vec::new()), &mut |_| true).unwrap_or_default()
    }

    fn no(&self, proof: Proof, readings: &[String]) -> Result<Finding, Halt> {
        let text = self.say("world.no", &[("because", &self.explain(&proof))]);
        Ok(Finding { reply: self.proved(vec![proof], self.world.rules, text)?, readings: readings.to_vec() })
    }

    fn tell_yes(&self, sides: &Sides, yes: Yes) -> Result<Finding, Halt> {
        let mut text = self.say("world.yes", &[("because", &self.arrows(&yes.proof, &sides.subject, &sides.object)?)]);
        let mut readings = Vec::new();
        if let Some((sense, ranked)) = &yes.taken {
            readings = self.other_readings(ranked, &sense.synset)?;
            if self.is_doubtful(ranked, &sense.synset) {
                readings = self.named_readings(ranked, &sense.synset)?;
                text.push(' ');
                text.push_str(&self.say(
                    "world.took",
                    &[("word", &self.name(&sense.word.clone().into())?), ("sense", &self.describe(sense)?)],
                ));
                if !readings.is_empty() {
                    text.push(' ');
                    text.push_str(&self.say("world.others", &[("others", &self.world.language.list(&readings))]));
                }
            }
        }
        Ok(Finding { reply: self.proved(vec![yes.proof], self.world.rules, text)?, readings })
    }

    /// The chain as arrows, each run of links with its source: "pepsi → soda (ann, 2 May 2026) → soft drink → …".
    fn arrows(&self, proof: &Proof, subject: &Term, object: &Term) -> Result<String, Halt> {
        let mut names = vec![self.name(subject)?];
        let mut sources: Vec<String> = vec![String::new()];
        let mut read_by = None;
        for step in &proof.steps {
            let Because::Stored(graph) = &step.because else { continue };
            let predicate = step.claim.predicate.as_ref();
            let links = [HYPERNYM, INSTANCE_HYPERNYM, SAME_AS, LEXICALIZED_SENSE_OF];
            let is_link = links.contains(&predicate) || CLASSES.contains(&predicate);
            let Some((_, to)) = step.claim.pair().filter(|_| is_link) else { continue };
            let name = self.name_in(proof, to)?;
            read_by = (predicate == LEXICALIZED_SENSE_OF).then(|| self.source(graph));
            if names.last().is_some_and(|last| self.is_same_word(&name, last)) {
                continue;
            }
            names.push(name);
            sources.push(self.source(graph));
        }
        let last = self.name(object)?;
        if names.len() == 1 && names.last() == Some(&last) {
            return Ok(self.explain(proof));
        }
        if names.last().is_none_or(|name| !self.is_same_word(name, &last)) {
            let source = read_by.or_else(|| sources.last().cloned()).unwrap_or_default();
            names.push(last);
            sources.push(source);
        }
        let mut out = String::new();
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                out.push_str(" → ");
            }
            out.push_str(name);
            let source = sources.get(at).map(String::as_str).unwrap_or_default();
            if !source.is_empty() && sources.get(at + 1).is_none_or(|next| next != source) {
                out.push_str(" (");
                out.push_str(source);
                out.push(')');
            }
        }
        Ok(out)
    }
}

/// The node of a thing named in chat.
pub(super) fn named(term: &Term) -> Option<NamedNode> {
    match term {
        Term::NamedNode(node) if Key::of_thing(node).is_some() => Some(node.clone()),
        _ => None,
    }
}
