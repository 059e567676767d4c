//! Tells a proof: as one flowing sentence, and as an indented tree.
//!
//! The sentence tells what is stored, and which reading a word was given; the rules that only join these are left
//! to the tree, which shows every step.

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::shown::{Ground, ToldProof, ToldStep};
use quid_core::vocabulary::{
    ARE, CANONICAL_FORM, CLASSES, DISJOINT_WITH, FORM_OF, HYPERNYM, INSTANCE_HYPERNYM, IS, IS_A, IS_NOT, LABEL,
    LEXICALIZED_SENSE_OF, MEANS, NOT_A, OTHER_FORM, SAME_AS, SENSE, TYPE, WRITTEN_REP,
};
use quid_core::{Atom, Because, Key, Proof, Step};
use quid_logic::Halt;

use super::builtins::SHORT_FOR;
use super::lexicon::{Sense, part_of_speech};
use super::picture::Drawing;
use super::{Asked, key_of};
use crate::factoid::DENIED;

/// The deepest a tree is drawn.
const DEEPEST: usize = 64;

/// The lexicon's own relations: told together as "soda here is the soft drink".
const LEXICAL: [NamedNodeRef<'static>; 6] =
    [WRITTEN_REP, CANONICAL_FORM, OTHER_FORM, SENSE, LEXICALIZED_SENSE_OF, LABEL];

/// `owl:members` and `owl:AllDisjointClasses`: told together, as "nothing is both".
const MEMBERS: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#members");
const ALL_DISJOINT: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#AllDisjointClasses");

impl Asked<'_> {
    /// One sentence; what cannot be read any more is left out rather than failing the answer.
    pub(super) fn explain(&self, proof: &Proof) -> String {
        let mut parts: Vec<String> = Vec::new();
        for step in &proof.steps {
            if let Ok(Some(part)) = self.told(proof, step)
                && !parts.contains(&part)
            {
                parts.push(part);
            }
        }
        let most = self.limit("explained_most").max(1);
        if parts.len() > most {
            let count = parts.len() - most;
            parts.truncate(most);
            parts.push(self.say("world.explained.more", &[("count", &count.to_string())]));
        }
        let last = proof.steps.last();
        let follows = last.is_some_and(|step| matches!(&step.because, Because::Rule { .. }));
        if follows
            && parts.len() > 1
            && let Some(Ok(claim)) = last.map(|step| self.sentence_in(proof, &step.claim))
        {
            parts.push(self.say("world.so", &[("claim", &claim)]));
        }
        // What is computed alone says itself.
        if parts.is_empty()
            && let Some(Ok(claim)) = last.map(|step| self.sentence_in(proof, &step.claim))
        {
            parts.push(claim);
        }
        parts.join("; ")
    }

    /// What a step adds for a listener: a stored statement with its source, or a reading.
    fn told(&self, proof: &Proof, step: &Step) -> Result<Option<String>, Halt> {
        let predicate = step.claim.predicate.as_ref();
        match &step.because {
            Because::Stored(_) if LEXICAL.contains(&predicate) || is_disjoint_list(&step.claim) => Ok(None),
            Because::Stored(graph) => {
                let claim = self.sentence_in(proof, &step.claim)?;
                Ok(Some(self.say("world.sourced", &[("claim", &claim), ("source", &self.source(graph))])))
            }
            Because::BuiltIn => {
                let between_things = step.claim.pair().is_some_and(|(_, object)| key_of(object).is_some());
                if between_things && predicate == FORM_OF {
                    self.sentence_in(proof, &step.claim).map(Some)
                } else {
                    Ok(None)
                }
            }
            Because::Rule { .. } if predicate == MEANS => self.reading(proof, step),
            Because::Rule { premises, .. } if predicate == NOT_A => self.listed_apart(proof, step, premises),
            Because::Absent(_) => {
                let claim = self.sentence_in(proof, &step.claim)?;
                Ok(Some(self.say("world.absent", &[("claim", &claim)])))
            }
            Because::Gathered(_) => self.sentence_in(proof, &step.claim).map(Some),
            // What a program's rule says in words of its own is worth telling; what only joins is not.
            Because::Rule { .. } if self.is_worded(&step.claim) && proof.conclusion() != Some(&step.claim) => {
                self.sentence_in(proof, &step.claim).map(Some)
            }
            Because::Rule { .. } => Ok(None),
        }
    }

    /// "nothing is both a C and a D (pizza)", where a list of disjoint classes says so.
    fn listed_apart(&self, proof: &Proof, step: &Step, premises: &[usize]) -> Result<Option<String>, Halt> {
        let mut premises = premises.iter().filter_map(|&premise| proof.steps.get(premise));
        let Some(Because::Stored(graph)) =
            premises.clone().find(|step| is_disjoint_list(&step.claim)).map(|step| &step.because)
        else {
            return Ok(None);
        };
        let is = premises.find(|step| step.claim.predicate == IS_A).and_then(|step| step.claim.arguments.get(1));
        let (Some(one), Some(other)) = (is, step.claim.arguments.get(1)) else { return Ok(None) };
        let names = (self.name_in(proof, one)?, self.as_class(other)?);
        let claim = self.say("world.claim.disjoint", &[("one", &names.0), ("other", &names.1)]);
        Ok(Some(self.say("world.sourced", &[("claim", &claim), ("source", &self.source(graph))])))
    }

    /// "soda here is the soft drink (WordNet 3.0)"; nothing for a word that has no other reading of its name.
    fn reading(&self, proof: &Proof, step: &Step) -> Result<Option<String>, Halt> {
        let Some((word, synset)) = step.claim.pair() else { return Ok(None) };
        let Some(key) = key_of(word) else { return Ok(None) };
        let is_longer = |other: &Step| other.claim.predicate == SHORT_FOR && other.claim.arguments.get(1) == Some(word);
        if proof.steps.iter().any(is_longer) {
            return Ok(None);
        }
        let short_for = proof
            .steps
            .iter()
            .find(|other| other.claim.predicate == SHORT_FOR && other.claim.arguments.first() == Some(word));
        let reader =
            short_for.and_then(|step| step.claim.arguments.get(1)).and_then(key_of).unwrap_or_else(|| key.clone());
        let senses = self.senses_of(&reader, part_of_speech(synset) == 'n')?;
        let Some(mut sense) = senses.iter().find(|sense| sense.synset == *synset).cloned() else { return Ok(None) };
        let alone = senses.iter().filter(|other| other.part_of_speech() == sense.part_of_speech()).count() == 1;
        let name = self.synset_name(synset)?.unwrap_or_default();
        if alone && short_for.is_none() && Key::of(&name) == key {
            return Ok(None);
        }
        if short_for.is_some() {
            sense.word = key.thing();
            sense.longer = Some(reader.thing());
        }
        self.reading_said(&sense).map(Some)
    }

    /// "soda here is the soft drink (WordNet 3.0)"
    pub(super) fn reading_said(&self, sense: &Sense) -> Result<String, Halt> {
        let word = self.name(&sense.word.clone().into())?;
        let claim = self.say("world.here", &[("word", &word), ("sense", &self.describe(sense)?)]);
        Ok(self.say("world.sourced", &[("claim", &claim), ("source", &self.source(sense.graph()))]))
    }

    /// What a node is called in a proof: a synset goes by the word that the proof reads as it.
    pub(super) fn name_in(&self, proof: &Proof, node: &Term) -> Result<String, Halt> {
        if key_of(node).is_none() {
            let read = proof
                .steps
                .iter()
                .filter(|step| step.claim.predicate == MEANS && step.claim.arguments.get(1) == Some(node));
            for word in read.filter_map(|step| step.claim.arguments.first()).filter_map(key_of) {
                let senses = self.senses_of(&word, part_of_speech(node) == 'n')?;
                if let Some(sense) = senses.iter().find(|sense| sense.synset == *node && sense.is_own_word()) {
                    return Ok(sense.spelling());
                }
            }
        }
        self.name(node)
    }

    /// A claim in words.
    pub(super) fn sentence_in(&self, proof: &Proof, claim: &Atom) -> Result<String, Halt> {
        if let Some(words) = self.in_logic(proof, claim)? {
            return Ok(words);
        }
        let Some((one, other)) = claim.pair() else { return Ok(claim.predicate.as_str().to_owned()) };
        let graph = proof.steps.iter().find(|step| step.claim == *claim).and_then(|step| match &step.because {
            Because::Stored(graph) => Some(graph),
            _ => None,
        });
        if let Some(said) = self.assertion_said(&claim.predicate, one, other, graph)? {
            return Ok(said);
        }
        let predicate = claim.predicate.as_ref();
        let is_kind = [HYPERNYM, INSTANCE_HYPERNYM, IS_A].contains(&predicate) || CLASSES.contains(&predicate);
        let verb = part_of_speech(one) == 'v';
        let (name, plain) = (self.name_in(proof, one)?, self.name_in(proof, other)?);
        // A name that was taught stays as it was typed: "pepsi is a soda", but "a soda is a soft drink".
        let is_being = is_kind || [NOT_A, IS, IS_NOT].contains(&predicate);
        let is_class = key_of(one).is_none() || is_being && self.is_class(one, &name)?;
        let subject = if is_class { self.with_article(one, &name) } else { name.clone() };
        let class = self.with_article(other, &plain);
        let plural = key_of(one).is_some() && self.is_plural(&name);
        let (phrase, object) = match predicate {
            _ if is_kind && verb => ("world.claim.way", plain),
            _ if is_kind && plural => ("world.claim.kinds", self.as_plural(&plain)),
            NOT_A if plural => ("world.claim.not.kinds", self.as_plural(&plain)),
            _ if is_kind => ("world.claim.kind", class),
            NOT_A => ("world.claim.not", class),
            IS_NOT => ("world.claim.not", plain),
            IS => ("world.claim.is", plain),
            ARE => ("world.claim.are", plain),
            SAME_AS => ("world.claim.same", plain),
            DISJOINT_WITH => ("world.claim.disjoint", class),
            FORM_OF => ("world.claim.form", plain),
            MEANS => ("world.claim.means", plain),
            _ => {
                let Some(verb) = Self::verb(&claim.predicate) else {
                    // Words are named as words; only synsets are spoken of as things.
                    let object = if key_of(other).is_some() { plain } else { class };
                    return Ok(self.named_relation(claim, &subject, &object));
                };
                let (verb, denied) = verb.strip_prefix(DENIED).map_or((verb.as_str(), false), |verb| (verb, true));
                let verb = self.world.language.verb_for(verb, &[&name], denied);
                return Ok(self.say("world.claim.verb", &[("one", &subject), ("verb", &verb), ("other", &plain)]));
            }
        };
        Ok(self.say(phrase, &[("one", &subject), ("other", &object)]))
    }

    /// "a car has a wheel as a part": phrases `world.relation.mero_part` and the like; an unknown one by its name.
    fn named_relation(&self, claim: &Atom, one: &str, other: &str) -> String {
        let local = local_name(&claim.predicate);
        let phrase = format!("world.relation.{local}");
        if self.world.language.has_phrase(&phrase) {
            return self.say(&phrase, &[("one", one), ("other", other)]);
        }
        let label = quid_lang::wording::as_words(local);
        let wording = self.world.language.wording(&label);
        let said = self.world.language.statements(&wording, one, other).into_iter().next();
        said.unwrap_or_else(|| self.say("world.claim.verb", &[("one", one), ("verb", local), ("other", other)]))
    }

    /// Every step, what rests on what, two spaces deeper.
    pub(super) fn tree(&self, proof: &Proof) -> String {
        let mut out = String::new();
        let mut open: Vec<(usize, usize)> =
            proof.steps.len().checked_sub(1).map(|last| (last, 0)).into_iter().collect();
        let mut drawn = Vec::new();
        while let Some((at, depth)) = open.pop() {
            let Some(step) = proof.steps.get(at) else { continue };
            let again = drawn.contains(&at);
            out.push_str(&"  ".repeat(depth));
            out.push_str(&self.line(proof, step));
            if again && matches!(&step.because, Because::Rule { .. }) {
                out.push(' ');
                out.push_str(&self.say("world.tree.above", &[]));
            }
            out.push('\n');
            drawn.push(at);
            if let Because::Rule { premises, .. } = &step.because
                && !again
                && depth < DEEPEST
            {
                open.extend(premises.iter().rev().map(|&premise| (premise, depth + 1)));
            }
        }
        out
    }

    /// A step with its reason: a source, a rule, or computing.
    fn line(&self, proof: &Proof, step: &Step) -> String {
        let claim = self.sentence_in(proof, &step.claim).unwrap_or_else(|_| step.claim.predicate.as_str().to_owned());
        match &step.because {
            Because::Stored(graph) => self.say("world.sourced", &[("claim", &claim), ("source", &self.source(graph))]),
            Because::Rule { name, .. } => self.say("world.tree.rule", &[("claim", &claim), ("rule", name)]),
            Because::BuiltIn => self.say("world.tree.computed", &[("claim", &claim)]),
            Because::Absent(_) => self.say("world.absent", &[("claim", &claim)]),
            Because::Gathered(_) => self.say("world.tree.gathered", &[("claim", &claim)]),
        }
    }

    /// Every step in words, with its reason and where that is from.
    pub(super) fn steps(&self, proof: &Proof) -> ToldProof {
        let mut told = ToldProof::default();
        for step in &proof.steps {
            let (reason, because) = self.reason(step);
            let source = match &step.because {
                Because::Stored(graph) => Some(self.cited(&mut told.sources, graph)),
                _ => None,
            };
            let from = match &step.because {
                Because::Rule { premises, .. } => premises.clone(),
                _ => Vec::new(),
            };
            let text =
                self.sentence_in(proof, &step.claim).unwrap_or_else(|_| step.claim.predicate.as_str().to_owned());
            told.steps.push(ToldStep { text, reason, because, from, source });
        }
        told
    }

    /// Why a step holds, in a few words, and as a kind.
    fn reason(&self, step: &Step) -> (String, Ground) {
        match &step.because {
            Because::Stored(graph) => (self.source(graph), Ground::Stored),
            Because::Rule { name, .. } => (self.say("world.picture.rule", &[("rule", name)]), Ground::Rule),
            Because::BuiltIn => (self.say("world.picture.computed", &[]), Ground::Computed),
            Because::Absent(_) => (self.say("world.picture.absent", &[]), Ground::Absent),
            Because::Gathered(_) => (self.say("world.picture.gathered", &[]), Ground::Gathered),
        }
    }

    /// The proof as boxes and arrows: one box a step, its reason below.
    pub(super) fn drawing(&self, proof: &Proof) -> Drawing {
        let mut drawing = Drawing::default();
        for (at, step) in proof.steps.iter().enumerate() {
            let claim =
                self.sentence_in(proof, &step.claim).unwrap_or_else(|_| step.claim.predicate.as_str().to_owned());
            let (reason, because) = self.reason(step);
            drawing.boxes.push((claim, reason, because == Ground::Stored));
            if let Because::Rule { premises, .. } = &step.because {
                drawing.arrows.extend(premises.iter().map(|&premise| (premise, at)));
            }
        }
        drawing
    }
}

/// Whether a claim is the axiom of a list of disjoint classes.
fn is_disjoint_list(claim: &Atom) -> bool {
    let kind = claim.arguments.get(1).is_some_and(|kind| *kind == Term::from(ALL_DISJOINT.into_owned()));
    claim.predicate == MEMBERS || claim.predicate == TYPE && kind
}

/// The last part of an IRI.
pub(super) fn local_name(node: &NamedNode) -> &str {
    node.as_str().rsplit(['/', '#', ':']).next().unwrap_or_default()
}
