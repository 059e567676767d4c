//! Questions answered by a list: kinds, parts, wholes, other words. Each item is proved by itself.

use std::collections::BTreeMap;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::reply::Item;
use quid_core::vocabulary::{
    HAS_PART, HYPERNYM, INSTANCE_HYPERNYM, IS_A, MERO_MEMBER, MERO_PART, MERO_SUBSTANCE, SUB_CLASS_OF, TYPE,
};
use quid_core::{Atom, Goal, Key, Proof};
use quid_logic::{Halt, append, conclude};

use super::labels::Way;
use super::lexicon::{Sense, stored};
use super::links::{claim, is_a};
use super::senses::Ranked;
use super::whether::named;
use super::{Asked, Finding, key_of, thing};

/// `quid:synonym`: two words share a sense.
const SYNONYM: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:synonym");

/// A list being gathered: names with their proofs.
pub(super) struct List {
    pub(super) items: Vec<(String, Term, Proof)>,
    /// How many there are in all, shown or not.
    pub(super) count: usize,
    most: usize,
}

impl List {
    pub(super) fn new(most: usize) -> Self {
        Self { items: Vec::new(), count: 0, most }
    }

    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= self.most
    }

    pub(super) fn has(&self, term: &Term) -> bool {
        self.items.iter().any(|(_, known, _)| known == term)
    }
}

impl Asked<'_> {
    pub(super) fn kinds(&self, of: &str) -> Result<Option<Finding>, Halt> {
        let class = Term::from(thing(of));
        let mut list = List::new(self.limit("list_shown"));
        // Single ones are no kinds.
        let mut phrase = "world.kinds";
        for node in self.forms(&class)? {
            for relation in [SUB_CLASS_OF, TYPE] {
                for fact in self.memo.get(None, Some(relation), Some(&node))?.iter() {
                    let kind = Term::from(fact.subject.clone());
                    if list.has(&kind) {
                        continue;
                    }
                    list.count += 1;
                    if relation == TYPE && !self.is_class(&kind, "")? {
                        phrase = "world.members";
                    }
                    let mut proof = stored(fact);
                    if !list.is_full() && conclude(&mut proof, self.world.rules, &is_a(&kind, &node), &[0]).is_some() {
                        list.items.push((self.name(&kind)?, kind, proof));
                    }
                }
            }
        }
        // What was taught to be one of the kinds is one too.
        for (lower, proof) in self.taught_below(&class)? {
            let is_form = self.words.is_other_form(&lower, &class) || self.words.is_other_form(&class, &lower);
            let Some(proof) = proof.filter(|_| lower != class && !is_form && !list.has(&lower)) else { continue };
            list.count += 1;
            if !self.is_class(&lower, "")? {
                phrase = "world.members";
            }
            if !list.is_full() {
                list.items.push((self.name(&lower)?, lower, proof));
            }
        }
        let ranked = self.ranked_by_use(&class, &[HYPERNYM, INSTANCE_HYPERNYM])?;
        let chosen = ranked.get(self.wanted_reading(&ranked)).map(|one| one.sense.clone());
        if let Some(sense) = &chosen {
            for relation in [HYPERNYM, INSTANCE_HYPERNYM] {
                for fact in self.memo.get(None, Some(relation), Some(&sense.synset))?.iter() {
                    list.count += 1;
                    if list.is_full() {
                        continue;
                    }
                    let kind = Term::from(fact.subject.clone());
                    let mut proof = stored(fact);
                    let direct = conclude(&mut proof, self.world.rules, &is_a(&kind, &sense.synset), &[0]);
                    let proof = direct.and_then(|_| self.prove_as_word(proof, &kind, sense));
                    if let Some(proof) = proof {
                        list.items.push((self.name(&kind)?, kind, proof));
                    }
                }
            }
        }
        for sense in self.senses_of(&Key::of(of), true)?.iter().filter(|sense| sense.way != Way::Lexicon) {
            self.add_kinds_of_thing(&mut list, sense)?;
        }
        self.tell_list(phrase, of, list, chosen.as_ref(), &ranked)
    }

    /// What an ontology counts among the kinds of something; where these are few, also the kinds of them, since an
    /// ontology puts everything people know under a class that only its authors do.
    fn add_kinds_of_thing(&self, list: &mut List, sense: &Sense) -> Result<(), Halt> {
        let most = self.limit("world_most_below");
        let direct = self.kinds_of_thing(&sense.synset, most)?;
        let is_few = direct.len() < self.limit("kinds_few");
        let mut below: Vec<(Term, Proof)> = Vec::new();
        for fact in direct {
            let kind = Term::from(fact.subject.clone());
            let mut proof = stored(&fact);
            if conclude(&mut proof, self.world.rules, &is_a(&kind, &sense.synset), &[0]).is_some() {
                below.push((kind, proof));
            }
        }
        if is_few {
            for (class, up) in below.clone() {
                for fact in self.kinds_of_thing(&class, most)? {
                    let kind = Term::from(fact.subject.clone());
                    let mut proof = stored(&fact);
                    let direct = conclude(&mut proof, self.world.rules, &is_a(&kind, &class), &[0]);
                    let known = below.iter().any(|(known, _)| *known == kind) || kind == sense.synset;
                    if let (Some(_), false) = (direct, known)
                        && let Some(joined) = self.prove_joined(proof, &up, &kind, &sense.synset)
                    {
                        below.push((kind, joined));
                    }
                }
            }
        }
        for (kind, proof) in below {
            if list.has(&kind) {
                continue;
            }
            list.count += 1;
            if !list.is_full()
                && let Some(proof) = self.prove_as_word(proof, &kind, sense)
            {
                list.items.push((self.name(&kind)?, kind, proof));
            }
        }
        Ok(())
    }

    /// The thing and its other forms that were taught.
    fn forms(&self, thing: &Term) -> Result<Vec<Term>, Halt> {
        let mut forms = vec![thing.clone()];
        for link in self.taught_links(thing)? {
            if link.proof.steps.iter().all(|step| step.because == quid_core::Because::BuiltIn) {
                forms.push(link.to);
            }
        }
        Ok(forms)
    }

    /// The noun senses, those first that have anything below: "kinds of run" wants a sense that has kinds.
    fn ranked_by_use(&self, word: &Term, relations: &[NamedNodeRef<'_>]) -> Result<Vec<Ranked>, Halt> {
        let Some(word) = named(word) else { return Ok(Vec::new()) };
        let mut ranked = self.ranked(&word, &|sense| matches!(sense.part_of_speech(), 'n' | 'v'))?;
        let mut useful = Vec::new();
        for one in ranked.drain(..).take(self.limit("sense_tried")) {
            for relation in relations {
                if !self.memo.get(None, Some(*relation), Some(&one.sense.synset))?.is_empty() {
                    useful.push(one);
                    break;
                }
            }
        }
        Ok(useful)
    }

    pub(super) fn parts(&self, of: &str) -> Result<Option<Finding>, Halt> {
        let whole = Term::from(thing(of));
        let mut list = List::new(self.limit("list_shown"));
        let taught = self.taught_above(&whole)?;
        let relation = IS_A.into_owned();
        for (node, depth) in taught.nodes().filter(|(node, _)| key_of(node).is_some()) {
            let up = if depth == 0 { None } else { taught.proof(node, &relation, self.world.rules) };
            for stored_as in self.part_relations() {
                for fact in self.memo.get(Some(node), Some(stored_as.as_ref()), None)?.iter() {
                    if key_of(&fact.object).is_some() {
                        self.add_part(&mut list, &whole, node, up.as_ref(), &stored(fact), &fact.object)?;
                    }
                }
            }
        }
        for node in self.forms(&whole)? {
            self.parts_of_whole(&mut list, &node)?;
        }
        for sense in self.things_called(&Key::of(of), of, false)? {
            self.parts_of_whole(&mut list, &sense.synset)?;
        }
        let mut chosen = None;
        let word = named(&whole);
        let ranked = word.as_ref().map_or_else(|| Ok(Vec::new()), |word| self.nouns(word, &BTreeMap::new()))?;
        let wanted = self.wanted_reading(&ranked);
        for at in (0..ranked.len()).map(|at| (at + wanted) % ranked.len()).take(self.limit("sense_tried")) {
            let Some(one) = ranked.get(at) else { continue };
            let before = list.count;
            self.add_parts_of_sense(&mut list, &whole, &one.sense)?;
            if list.count > before {
                chosen = Some(one.sense.clone());
                break;
            }
        }
        self.tell_list("world.parts", of, list, chosen.as_ref(), &ranked)
    }

    /// Parts of a synset and of the classes it stands under, nearest first.
    fn add_parts_of_sense(&self, list: &mut List, whole: &Term, sense: &Sense) -> Result<(), Halt> {
        let classes = self.classes_above(&sense.synset)?;
        let alone = Self::alone(whole);
        for (class, _) in classes.nodes() {
            for relation in [MERO_PART, MERO_SUBSTANCE, MERO_MEMBER] {
                for fact in self.memo.get(Some(class), Some(relation), None)?.iter() {
                    let up = self.prove_up(&alone, sense, &classes, class);
                    self.add_part(list, whole, class, up.as_ref(), &stored(fact), &fact.object)?;
                }
            }
        }
        Ok(())
    }

    /// Adds `part` of `owner`, which `whole` is, by `up`.
    fn add_part(
        &self,
        list: &mut List,
        whole: &Term,
        owner: &Term,
        up: Option<&Proof>,
        leaf: &Proof,
        part: &Term,
    ) -> Result<(), Halt> {
        if list.has(part) {
            return Ok(());
        }
        list.count += 1;
        if list.is_full() {
            return Ok(());
        }
        if let Some(proof) = self.prove_part(whole, owner, up, leaf, part) {
            list.items.push((self.name(part)?, part.clone(), proof));
        }
        Ok(())
    }

    /// hasPart(whole, part): the owner has it, and the whole is an owner.
    pub(super) fn prove_part(
        &self,
        whole: &Term,
        owner: &Term,
        up: Option<&Proof>,
        leaf: &Proof,
        part: &Term,
    ) -> Option<Proof> {
        let mut proof = Proof::default();
        let up = match up {
            Some(up) => Some(append(&mut proof, up)?),
            None => None,
        };
        let leaf = append(&mut proof, leaf)?;
        let mut at = conclude(&mut proof, self.world.rules, &claim(HAS_PART, owner, part), &[leaf])?;
        if let Some(up) = up {
            at = conclude(&mut proof, self.world.rules, &claim(HAS_PART, whole, part), &[up, at])?;
        }
        proof.steps.truncate(at + 1);
        Some(proof)
    }

    /// The taught relations that the rules count as having a part, read from the rules themselves.
    pub(super) fn part_relations(&self) -> Vec<NamedNode> {
        let has_part = HAS_PART.into_owned();
        let taught = self.world.rules.concluding(&has_part).filter_map(|rule| match rule.body.as_slice() {
            [Goal::Holds(only)] if only.arguments == rule.head.arguments => Some(only.predicate.clone()),
            _ => None,
        });
        taught.filter(|relation| Self::verb(relation).is_some()).collect()
    }

    pub(super) fn wholes(&self, of: &str) -> Result<Option<Finding>, Halt> {
        let part = Term::from(thing(of));
        let mut list = List::new(self.limit("list_shown"));
        for node in self.forms(&part)? {
            for relation in self.part_relations() {
                for fact in self.memo.get(None, Some(relation.as_ref()), Some(&node))?.iter() {
                    let whole = Term::from(fact.subject.clone());
                    self.add_whole(&mut list, &whole, &node, &stored(fact))?;
                }
            }
            self.wholes_of_part(&mut list, &node)?;
        }
        for sense in self.things_called(&Key::of(of), of, false)? {
            self.wholes_of_part(&mut list, &sense.synset)?;
        }
        let relations = [MERO_PART, MERO_SUBSTANCE, MERO_MEMBER];
        let ranked = self.ranked_by_use(&part, &relations)?;
        let chosen = ranked.get(self.wanted_reading(&ranked)).map(|one| one.sense.clone());
        if let Some(sense) = &chosen {
            for relation in relations {
                for fact in self.memo.get(None, Some(relation), Some(&sense.synset))?.iter() {
                    let whole = Term::from(fact.subject.clone());
                    self.add_whole(&mut list, &whole, &sense.synset, &stored(fact))?;
                }
            }
        }
        self.tell_list("world.wholes", of, list, chosen.as_ref(), &ranked)
    }

    fn add_whole(&self, list: &mut List, whole: &Term, part: &Term, leaf: &Proof) -> Result<(), Halt> {
        if list.has(whole) {
            return Ok(());
        }
        list.count += 1;
        if let (false, Some(proof)) = (list.is_full(), self.prove_part(whole, whole, None, leaf, part)) {
            list.items.push((self.name(whole)?, whole.clone(), proof));
        }
        Ok(())
    }

    pub(super) fn synonyms(&self, of: &str) -> Result<Option<Finding>, Halt> {
        let key = Key::of(of);
        let ranked = self.ranked(&key.thing(), &|sense| sense.longer.is_none())?;
        let wanted = self.wanted_reading(&ranked);
        let mut list = List::new(self.limit("list_shown"));
        let mut chosen = None;
        for at in (0..ranked.len()).map(|at| (at + wanted) % ranked.len()) {
            let Some(one) = ranked.get(at) else { continue };
            for lemma in self.lemmas(&one.sense.synset)? {
                let other = Term::from(thing(&lemma));
                if Key::of(&lemma) == key || self.words.bases(key.as_str()).contains(&lemma) || list.has(&other) {
                    continue;
                }
                list.count += 1;
                if let (false, Some(proof)) = (list.is_full(), self.prove_synonym(&key, &one.sense, &lemma)?) {
                    list.items.push((lemma, other, proof));
                }
            }
            if list.count > 0 {
                chosen = Some(one.sense.clone());
                break;
            }
        }
        let first =
            ranked.get(wanted).filter(|first| Some(&first.sense.synset) != chosen.as_ref().map(|sense| &sense.synset));
        let skipped = first.map(|first| self.describe(&first.sense)).transpose()?;
        let mut finding = self.tell_list("world.synonyms", of, list, chosen.as_ref(), &ranked)?;
        if let (Some(finding), Some(skipped)) = (&mut finding, skipped) {
            let none = self.say("world.synonyms.none", &[("name", key.as_str()), ("sense", &skipped)]);
            finding.reply.text = format!("{none} {}", finding.reply.text);
        }
        Ok(finding)
    }

    fn prove_synonym(&self, word: &Key, sense: &Sense, lemma: &str) -> Result<Option<Proof>, Halt> {
        let Some(mut proof) = self.means(sense) else { return Ok(None) };
        let Some(one) = proof.steps.len().checked_sub(1) else { return Ok(None) };
        let senses = self.senses_as_spelled(lemma)?;
        let Some(other) = senses.iter().find(|other| other.synset == sense.synset) else { return Ok(None) };
        let Some(two) = self.means(other).and_then(|means| append(&mut proof, &means)) else { return Ok(None) };
        let claim = Atom::binary(SYNONYM, word.thing(), other.word.clone());
        Ok(conclude(&mut proof, self.world.rules, &claim, &[one, two]).map(|_| proof))
    }

    /// Says a list: the first few by name, how many there are, which reading was taken.
    pub(super) fn tell_list(
        &self,
        phrase: &str,
        of: &str,
        list: List,
        chosen: Option<&Sense>,
        ranked: &[Ranked],
    ) -> Result<Option<Finding>, Halt> {
        if list.items.is_empty() {
            return Ok(None);
        }
        let names: Vec<String> = list.items.iter().map(|(name, ..)| name.clone()).collect();
        let items = list
            .items
            .iter()
            .map(|(name, term, _)| Item { text: name.clone(), term: Some(term.to_string()) })
            .collect();
        let proofs: Vec<Proof> = list.items.into_iter().map(|(_, _, proof)| proof).collect();
        let mut text = self.say(phrase, &[("name", Key::of(of).as_str()), ("list", &self.world.language.list(&names))]);
        if list.count > names.len() {
            text.push(' ');
            text.push_str(&self.say("world.more", &[("count", &(list.count - names.len()).to_string())]));
        }
        let mut readings = Vec::new();
        if let Some(sense) = chosen {
            readings = self.other_readings(ranked, &sense.synset)?;
            if self.is_doubtful(ranked, &sense.synset) {
                text.push(' ');
                text.push_str(&self.say(
                    "world.took",
                    &[("word", &self.name(&sense.word.clone().into())?), ("sense", &self.describe(sense)?)],
                ));
            }
        }
        let mut reply = self.proved(proofs, self.world.rules, text)?;
        reply.items = items;
        Ok(Some(Finding { reply, readings }))
    }
}
