//! Looks words up in the lexicon (OntoLex-Lemon): spelling, form, entry, sense, synset.
//!
//! The four stored facts on the way are kept with each sense, because together they are the proof that the word
//! means it. Every step is an index look-up; nothing is scanned.

use std::rc::Rc;
use std::sync::Arc;

use quid_core::oxrdf::{Literal, NamedNode, NamedNodeRef, Term};
use quid_core::text::percent_decode;
use quid_core::vocabulary::{
    CANONICAL_FORM, DEFINITION, EXAMPLE, FORM_OF, HYPERNYM, INSTANCE_HYPERNYM, LABEL, LEXFILE, LEXICALIZED_SENSE_OF,
    MEANS, OTHER_FORM, SENSE, SENSE_NUMBER, TAG_COUNT, WN30, WRITTEN_REP,
};
use quid_core::{Atom, Because, Fact, Key, Proof};
use quid_logic::{Halt, append, conclude};

use super::builtins::{SHORT_FOR, Words};
use super::labels::{CALLED_SO, Way};
use super::{Asked, key_of};

/// A sense of a word, with the facts that make it one.
#[derive(Clone, Debug)]
pub(super) struct Sense {
    /// The word that was looked up, as a thing.
    pub(super) word: NamedNode,
    /// The longer name it stands for, when it is one of those.
    pub(super) longer: Option<NamedNode>,
    /// What it means.
    pub(super) synset: Term,
    /// The sense's own node.
    pub(super) node: Term,
    /// From 1 in its entry; senses of other sources come last.
    pub(super) number: u32,
    /// How often it was tagged in running text.
    pub(super) tags: u32,
    /// How the word leads there.
    pub(super) way: Way,
    leaves: Rc<[Fact]>,
}

impl Sense {
    /// A thing of an ontology, as what a word means.
    pub(super) fn of_thing(word: NamedNode, thing: Term, number: u32, way: Way, leaves: Rc<[Fact]>) -> Self {
        Self { word, longer: None, synset: thing.clone(), node: thing, number, tags: 0, way, leaves }
    }

    /// The part of speech, as the last letter of the synset's IRI: n, v, a, s or r.
    pub(super) fn part_of_speech(&self) -> char {
        part_of_speech(&self.synset)
    }

    /// Whether the word itself, in its canonical form, stands for it in a lexicon: then it may go by this word.
    pub(super) fn is_own_word(&self) -> bool {
        match (self.way, &*self.leaves) {
            (Way::Lexicon, [_, entry, ..]) => {
                self.longer.is_none() && self.number < UNNUMBERED && entry.predicate == CANONICAL_FORM
            }
            _ => self.longer.is_none(),
        }
    }

    /// Whether a lexicon counts it among the word's senses; a bridge only adds an everyday use.
    pub(super) fn is_numbered(&self) -> bool {
        self.number < UNNUMBERED
    }

    /// The spelling under which it was found.
    pub(super) fn spelling(&self) -> String {
        match (self.way, &*self.leaves) {
            (Way::Lexicon | Way::Label, [written, ..]) => text_of(&written.object),
            _ => Key::of_thing(&self.word).map(|word| word.to_string()).unwrap_or_default(),
        }
    }

    /// The graph that says so.
    pub(super) fn graph(&self) -> &NamedNode {
        self.leaves.last().map_or(&self.word, |last| &last.graph)
    }
}

/// The last letter of a synset's IRI: n, v, a, s or r; a blank for any other node.
pub(crate) fn part_of_speech(synset: &Term) -> char {
    match synset {
        Term::NamedNode(node) => match node.as_str().rsplit_once('-') {
            Some((_, "n")) => 'n',
            Some((_, "v")) => 'v',
            Some((_, "a" | "s")) => 'a',
            Some((_, "r")) => 'r',
            _ => ' ',
        },
        _ => ' ',
    }
}

/// The place of a word in its synset, unless it is the first.
const WORD_NUMBER: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:wordNumber");
/// The form in which a word stands in its synset, unless it is the entry's canonical one.
const SPELLING: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:spelling");

/// `lime:language`: which language a loaded lexicon is of.
const LEXICON_LANGUAGE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/ns/lemon/lime#language");

/// How many loaded lexicons are looked into.
const LEXICONS: usize = 32;

/// The number of senses no source gives a number to.
const UNNUMBERED: u32 = 99;

impl Asked<'_> {
    /// All senses of a name: by its spellings, and by its base forms when it is in no lexicon itself.
    pub(super) fn senses(&self, name: &Key) -> Result<Vec<Sense>, Halt> {
        self.senses_of(name, false)
    }

    /// The senses of a name; of its nouns alone when only these are wanted, which spares look-ups.
    pub(super) fn senses_of(&self, name: &Key, nouns: bool) -> Result<Vec<Sense>, Halt> {
        let mut found = self.senses_spelled(name, name.as_str(), nouns)?;
        if found.is_empty() {
            for base in self.words.bases(name.as_str()) {
                found.extend(self.senses_spelled(name, &base, nouns)?);
            }
        }
        Ok(found)
    }

    /// The senses of "C name" for words C of the talk: "soda" after talk of baking.
    pub(super) fn senses_of_longer_names(&self, name: &Key) -> Result<Vec<Sense>, Halt> {
        let mut found = Vec::new();
        for word in self.world.talk.iter().take(self.limit("sense_talk_words")) {
            let longer = Key::of(&format!("{word} {name}"));
            // Only as it is spelled in running text: one look-up a word.
            for mut sense in self.senses_of_spelling(&longer, longer.as_str(), false)? {
                if !found.iter().any(|other: &Sense| other.synset == sense.synset) {
                    sense.word = name.thing();
                    sense.longer = Some(longer.thing());
                    found.push(sense);
                }
            }
        }
        Ok(found)
    }

    fn senses_spelled(&self, name: &Key, base: &str, nouns: bool) -> Result<Vec<Sense>, Halt> {
        let mut found: Vec<Sense> = Vec::new();
        for spelling in self.words.spellings(base) {
            // An entry holds all its spellings, so the first that is found is enough.
            if !found.is_empty() {
                break;
            }
            for sense in self.senses_of_spelling(name, &spelling, nouns)? {
                if !found.iter().any(|other| other.synset == sense.synset) {
                    found.push(sense);
                }
            }
        }
        for sense in self.things_called(name, base, nouns)? {
            if !found.iter().any(|other| other.synset == sense.synset) {
                found.push(sense);
            }
        }
        Ok(found)
    }

    pub(super) fn senses_of_spelling(&self, name: &Key, spelling: &str, nouns: bool) -> Result<Vec<Sense>, Halt> {
        let mut found = Vec::new();
        // "felt" is looked up as itself; only a form that is no word itself leads to another ("geese").
        for relation in [CANONICAL_FORM, OTHER_FORM] {
            for written in self.written_so(spelling)? {
                let form = Term::from(written.subject.clone());
                if nouns && !may_be_noun(&form) {
                    continue;
                }
                for entry in self.memo.get(None, Some(relation), Some(&form))?.iter() {
                    let entry_node = Term::from(entry.subject.clone());
                    for sense in self.memo.get(Some(&entry_node), Some(SENSE), None)?.iter() {
                        found.extend(self.sense(name, &written, entry, sense)?);
                    }
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// The forms written so, in the language spoken and in those of other loaded lexicons.
    fn written_so(&self, spelling: &str) -> Result<Vec<Fact>, Halt> {
        let mut written = self.memo.get(None, Some(WRITTEN_REP), Some(&Words::literal(spelling)))?.to_vec();
        for language in self.memo.few(None, Some(LEXICON_LANGUAGE), None, LEXICONS)? {
            let language = text_of(&language.object);
            let Ok(literal) = Literal::new_language_tagged_literal(spelling, language) else { continue };
            for fact in self.memo.get(None, Some(WRITTEN_REP), Some(&literal.into()))?.iter() {
                if !written.contains(fact) {
                    written.push(fact.clone());
                }
            }
        }
        Ok(written)
    }

    fn sense(&self, name: &Key, written: &Fact, entry: &Fact, sense: &Fact) -> Result<Option<Sense>, Halt> {
        let about = self.memo.get(Some(&sense.object), None, None)?;
        let Some(meaning) = about.iter().find(|fact| fact.predicate == LEXICALIZED_SENSE_OF) else { return Ok(None) };
        let number = |predicate| {
            about.iter().find(|fact| fact.predicate == predicate).and_then(|fact| match &fact.object {
                Term::Literal(number) => number.value().parse().ok(),
                _ => None,
            })
        };
        Ok(Some(Sense {
            word: name.thing(),
            longer: None,
            synset: meaning.object.clone(),
            node: sense.object.clone(),
            number: number(SENSE_NUMBER).unwrap_or(UNNUMBERED),
            tags: number(TAG_COUNT).unwrap_or(0),
            way: Way::Lexicon,
            leaves: Rc::new([written.clone(), entry.clone(), sense.clone(), meaning.clone()]),
        }))
    }

    /// The proof that the word means it.
    pub(super) fn means(&self, sense: &Sense) -> Option<Proof> {
        let mut proof = Proof::default();
        let reader = sense.longer.as_ref().unwrap_or(&sense.word);
        if sense.way == Way::Iri {
            let called = Atom::binary(CALLED_SO, reader.clone(), sense.synset.clone());
            let premise = proof.push(called, Because::BuiltIn);
            let claim = Atom::binary(MEANS, reader.clone(), sense.synset.clone());
            return conclude(&mut proof, self.world.rules, &claim, &[premise]).map(|_| proof);
        }
        let written = sense.leaves.first()?;
        let form = Atom::binary(FORM_OF, reader.clone(), written.object.clone());
        let mut premises = vec![proof.push(form, Because::BuiltIn)];
        for fact in sense.leaves.iter() {
            premises.push(append(&mut proof, &stored(fact))?);
        }
        let claim = Atom::binary(MEANS, reader.clone(), sense.synset.clone());
        let meant = conclude(&mut proof, self.world.rules, &claim, &premises)?;
        if let Some(longer) = &sense.longer {
            let short = proof.push(Atom::binary(SHORT_FOR, sense.word.clone(), longer.clone()), Because::BuiltIn);
            let claim = Atom::binary(MEANS, sense.word.clone(), sense.synset.clone());
            conclude(&mut proof, self.world.rules, &claim, &[short, meant])?;
        }
        Some(proof)
    }

    /// The synsets right above, and the facts that say so. An instance is asked for only where there is no class:
    /// that saves a look-up for each link.
    pub(super) fn above(&self, synset: &Term) -> Result<Arc<[Fact]>, Halt> {
        let classes = self.memo.get(Some(synset), Some(HYPERNYM), None)?;
        if !classes.is_empty() {
            return Ok(classes);
        }
        let instances = self.memo.get(Some(synset), Some(INSTANCE_HYPERNYM), None)?;
        if instances.is_empty() && Self::is_of_an_ontology(synset) {
            return Ok(self.classes_of(synset)?.into());
        }
        Ok(instances)
    }

    /// A synset's gloss and the fact that gives it.
    pub(super) fn gloss(&self, synset: &Term) -> Result<Option<(String, Fact)>, Halt> {
        let found = self.memo.get(Some(synset), Some(DEFINITION), None)?;
        match found.first() {
            Some(fact) => Ok(Some((text_of(&fact.object), fact.clone()))),
            None if Self::is_of_an_ontology(synset) => self.definition(synset),
            None => Ok(None),
        }
    }

    /// A synset's examples.
    pub(super) fn examples(&self, synset: &Term) -> Result<Vec<String>, Halt> {
        Ok(self.memo.get(Some(synset), Some(EXAMPLE), None)?.iter().map(|fact| text_of(&fact.object)).collect())
    }

    /// A synset's lexicographer file.
    pub(super) fn field(&self, synset: &Term) -> Result<Option<String>, Halt> {
        Ok(self.memo.get(Some(synset), Some(LEXFILE), None)?.first().map(|fact| text_of(&fact.object)))
    }

    /// The written forms of a synset's words, in its own order.
    pub(super) fn lemmas(&self, synset: &Term) -> Result<Vec<String>, Halt> {
        let mut lemmas: Vec<(u32, String)> = Vec::new();
        for meaning in self.memo.get(None, Some(LEXICALIZED_SENSE_OF), Some(synset))?.iter() {
            let sense = Term::from(meaning.subject.clone());
            if let Some(lemma) = self.lemma_of_node(&sense)? {
                lemmas.push((self.word_number(&sense)?, lemma));
            }
        }
        lemmas.sort();
        lemmas.dedup_by(|one, other| one.1 == other.1);
        Ok(lemmas.into_iter().map(|(_, lemma)| lemma).collect())
    }

    /// What a synset is called: its first word; a node of another ontology by its label.
    pub(super) fn synset_name(&self, synset: &Term) -> Result<Option<String>, Halt> {
        let meanings = self.memo.get(None, Some(LEXICALIZED_SENSE_OF), Some(synset))?;
        if meanings.is_empty() {
            return self.called(synset);
        }
        if let [only] = &*meanings {
            return self.lemma_of_node(&only.subject.clone().into());
        }
        let mut best: Option<(u32, Term)> = None;
        for meaning in meanings.iter() {
            let sense = Term::from(meaning.subject.clone());
            let number = self.word_number(&sense)?;
            if best.as_ref().is_none_or(|(known, _)| number < *known) {
                best = Some((number, sense));
            }
            if number == 1 {
                break;
            }
        }
        best.map_or(Ok(None), |(_, sense)| self.lemma_of_node(&sense))
    }

    /// A sense's place in its synset: 1 unless it says otherwise; senses that only a bridge adds come last.
    fn word_number(&self, sense: &Term) -> Result<u32, Halt> {
        // One property at a time: most are not there, which costs less than to spell all out that is said of it.
        let place = self.memo.get(Some(sense), Some(WORD_NUMBER), None)?;
        if let Some(place) = place.first().and_then(|fact| text_of(&fact.object).parse().ok()) {
            return Ok(place);
        }
        // WordNet numbers all of its own senses.
        let is_numbered =
            entry_in(sense).is_some() || !self.memo.get(Some(sense), Some(SENSE_NUMBER), None)?.is_empty();
        Ok(if is_numbered { 1 } else { UNNUMBERED })
    }

    /// The written form of a sense: its own spelling, else its entry's.
    pub(super) fn lemma_of_node(&self, sense: &Term) -> Result<Option<String>, Halt> {
        let spelled = self.memo.get(Some(sense), Some(SPELLING), None)?;
        let mut forms: Vec<Term> = spelled.iter().map(|fact| fact.object.clone()).collect();
        if forms.is_empty()
            && let Some(entry) = entry_in(sense)
        {
            let found = self.memo.get(Some(&entry), Some(CANONICAL_FORM), None)?;
            forms.extend(found.iter().map(|fact| fact.object.clone()));
        }
        if forms.is_empty() {
            for entry in self.memo.get(None, Some(SENSE), Some(sense))?.iter() {
                let found = self.memo.get(Some(&entry.subject.clone().into()), Some(CANONICAL_FORM), None)?;
                forms.extend(found.iter().map(|fact| fact.object.clone()));
            }
        }
        for form in forms {
            if let Some(spelling) = spelling_in(&form) {
                return Ok(Some(spelling));
            }
            if let Some(written) = self.memo.get(Some(&form), Some(WRITTEN_REP), None)?.first() {
                return Ok(Some(text_of(&written.object)));
            }
        }
        Ok(None)
    }

    /// Whether anything was taught under this name.
    pub(super) fn is_taught(&self, thing: &Term) -> Result<bool, Halt> {
        Ok(key_of(thing).is_some() && !self.memo.few(Some(thing), Some(LABEL), None, 1)?.is_empty())
    }
}

/// A stored fact as a proof of itself.
pub(super) fn stored(fact: &Fact) -> Proof {
    Proof::stored(Atom::binary(fact.predicate.clone(), fact.subject.clone(), fact.object.clone()), fact.graph.clone())
}

/// Whether a node of the lexicon can belong to a noun: WordNet's IRIs end in the part of speech.
fn may_be_noun(node: &Term) -> bool {
    !matches!(node, Term::NamedNode(node) if node.as_str().starts_with(WN30)) || part_of_speech(node) == 'n'
}

/// The spelling in the IRI of one of WordNet's forms (`…/form/soft_drink-n`), which spares a look-up.
fn spelling_in(form: &Term) -> Option<String> {
    let Term::NamedNode(form) = form else { return None };
    let (name, _) = form.as_str().strip_prefix(WN30)?.strip_prefix("form/")?.rsplit_once('-')?;
    Some(percent_decode(name).replace('_', " "))
}

/// The entry that the IRI of one of WordNet's senses tells (`…/sense/oak%251:20:00::` is one of `…/entry/oak-n`),
/// which spares a look-up.
fn entry_in(sense: &Term) -> Option<Term> {
    let Term::NamedNode(sense) = sense else { return None };
    let (lemma, key) = sense.as_str().strip_prefix(WN30)?.strip_prefix("sense/")?.rsplit_once("%25")?;
    let part_of_speech = match key.chars().next()? {
        '1' => 'n',
        '2' => 'v',
        '3' | '5' => 'a',
        '4' => 'r',
        _ => return None,
    };
    Some(NamedNode::new(format!("{WN30}entry/{lemma}-{part_of_speech}")).ok()?.into())
}

/// A literal's text, or an IRI as it is.
pub(super) fn text_of(term: &Term) -> String {
    match term {
        Term::Literal(text) => text.value().to_owned(),
        Term::NamedNode(node) => node.as_str().to_owned(),
        other => other.to_string(),
    }
}
