//! Finds the things of loaded ontologies by what they are called, and says what they are.
//!
//! A label is a fact, so that "lung cancer" means a class of the Disease Ontology is proved by it; something nobody
//! labelled goes by the words of its IRI, which anybody can check.

use std::rc::Rc;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::text::words_of_iri;
use quid_core::vocabulary::{
    CLASSES, DEFINITIONS, LEXICAL_CONCEPT, LEXICAL_ENTRY, LEXICAL_SENSE, MODELLING, NAMES, PREFERRED, SUB_CLASS_OF,
    TYPE, WN30,
};
use quid_core::{Fact, Key};
use quid_logic::Halt;

use super::Asked;
use super::lexicon::{Sense, text_of};

/// `quid:calledSo`: the word is what the thing's IRI says.
pub(super) const CALLED_SO: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:calledSo");
/// The classes of properties, which no noun means.
const PROPERTY: &str = "Property";
/// The language that is spoken.
const SPOKEN: &str = "en";

/// How a word leads to what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Through a lexicon: form, entry, sense, synset.
    Lexicon,
    /// By a label.
    Label,
    /// By the words of its IRI.
    Iri,
}

impl Asked<'_> {
    /// The things of ontologies that go by this name, those called so usually first.
    pub(super) fn things_called(&self, name: &Key, spelled: &str, nouns: bool) -> Result<Vec<Sense>, Halt> {
        let mut found: Vec<Sense> = Vec::new();
        for hit in (self.world.named)(spelled) {
            let thing = Term::from(hit.subject.clone());
            let facts = self.memo.get(Some(&thing), Some(hit.predicate.as_ref()), None)?;
            let is_type = !NAMES.contains(&hit.predicate.as_ref());
            let fact = facts.iter().find(|fact| {
                fact.graph == hit.graph
                    && (is_type || matches!(&fact.object, Term::Literal(text) if text.value() == hit.text))
            });
            let Some(fact) = fact else { continue };
            if self.is_of_a_lexicon(&thing)? || (nouns && self.is_property(&thing)?) {
                continue;
            }
            let place = NAMES.iter().position(|known| *known == hit.predicate).unwrap_or(NAMES.len());
            // Behind the senses of a lexicon, which are numbered from 1.
            let number = if is_type || place < PREFERRED { 18 } else { 19 };
            let way = if is_type { Way::Iri } else { Way::Label };
            let known = found.iter().position(|known| known.synset == thing);
            let sense = Sense::of_thing(name.thing(), thing, number, way, Rc::new([fact.clone()]));
            match known.and_then(|at| found.get_mut(at)) {
                Some(known) if way == Way::Label && (known.way == Way::Iri || number < known.number) => *known = sense,
                Some(_) => {}
                None => found.push(sense),
            }
        }
        found.sort_by_key(|sense| (sense.number, sense.synset.to_string()));
        Ok(found)
    }

    /// Entries, senses and synsets are words about words; they are found through their forms.
    fn is_of_a_lexicon(&self, thing: &Term) -> Result<bool, Halt> {
        let types = self.memo.get(Some(thing), Some(TYPE), None)?;
        Ok(types.iter().any(|fact| {
            matches!(&fact.object, Term::NamedNode(class) if [LEXICAL_ENTRY, LEXICAL_SENSE, LEXICAL_CONCEPT].contains(&class.as_ref()))
        }))
    }

    fn is_property(&self, thing: &Term) -> Result<bool, Halt> {
        let types = self.memo.get(Some(thing), Some(TYPE), None)?;
        Ok(types
            .iter()
            .any(|fact| matches!(&fact.object, Term::NamedNode(class) if class.as_str().ends_with(PROPERTY))))
    }

    /// What a thing of an ontology is a kind or an instance of, by name; how it is modelled is left out.
    pub(super) fn classes_of(&self, thing: &Term) -> Result<Vec<Fact>, Halt> {
        let mut found: Vec<Fact> = Vec::new();
        for relation in CLASSES {
            for fact in self.memo.get(Some(thing), Some(*relation), None)?.iter() {
                let Term::NamedNode(class) = &fact.object else { continue };
                let models = MODELLING.iter().any(|space| class.as_str().starts_with(space));
                if !models && fact.object != *thing && !found.iter().any(|known| known.object == fact.object) {
                    found.push(fact.clone());
                }
            }
        }
        Ok(found)
    }

    /// What is a kind or an instance of a thing of an ontology: as many facts as there are, `most` at most.
    pub(super) fn kinds_of_thing(&self, thing: &Term, most: usize) -> Result<Vec<Fact>, Halt> {
        let mut found: Vec<Fact> = Vec::new();
        for relation in CLASSES {
            for fact in self.memo.few(None, Some(*relation), Some(thing), most)? {
                let is_named = matches!(&fact.subject, quid_core::oxrdf::NamedOrBlankNode::NamedNode(_));
                if is_named && !found.iter().any(|known| known.subject == fact.subject) {
                    found.push(fact);
                }
            }
        }
        Ok(found)
    }

    /// The text that says what a thing is: the best property that has one, in the language spoken if it is there.
    pub(super) fn definition(&self, thing: &Term) -> Result<Option<(String, Fact)>, Halt> {
        for property in DEFINITIONS {
            let facts = self.memo.get(Some(thing), Some(*property), None)?;
            let texts = facts.iter().filter(|fact| matches!(fact.object, Term::Literal(_)));
            if let Some(best) = texts.min_by_key(|fact| strangeness(&fact.object)) {
                return Ok(Some((text_of(&best.object), best.clone())));
            }
        }
        Ok(None)
    }

    /// What a thing of an ontology is called: a label in the language spoken, the words of its IRI, any label.
    pub(super) fn called(&self, thing: &Term) -> Result<Option<String>, Halt> {
        let mut best: Option<(u8, String)> = None;
        for property in NAMES.iter().take(PREFERRED) {
            for fact in self.memo.few(Some(thing), Some(*property), None, 64)? {
                if !matches!(fact.object, Term::Literal(_)) {
                    continue;
                }
                let strange = strangeness(&fact.object);
                if best.as_ref().is_none_or(|(known, _)| strange < *known) {
                    best = Some((strange, text_of(&fact.object)));
                }
            }
        }
        match (best, thing) {
            // Some ontologies repeat the IRI as the label.
            (Some((0 | 1, label)), Term::NamedNode(node)) if node.as_str().ends_with(&label) => {
                Ok(Some(words_of_iri(&label).map_or(label, |words| readable(&words))))
            }
            (Some((0 | 1, label)), _) => Ok(Some(label)),
            (best, Term::NamedNode(node)) => {
                let Some(words) = words_of_iri(node.as_str()) else { return Ok(best.map(|(_, label)| label)) };
                // A kind is a common noun, whatever its IRI looks like; Ann stays Ann.
                Ok(Some(if self.is_kind(thing)? { readable(&words) } else { words }))
            }
            (best, _) => Ok(best.map(|(_, label)| label)),
        }
    }

    /// Whether a node of an ontology is a class.
    fn is_kind(&self, node: &Term) -> Result<bool, Halt> {
        for relation in [TYPE, SUB_CLASS_OF] {
            if !self.memo.few(None, Some(relation), Some(node), 1)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(!self.memo.few(Some(node), Some(SUB_CLASS_OF), None, 1)?.is_empty())
    }

    /// Whether a node belongs to an ontology, not to WordNet and not to what was taught.
    pub(super) fn is_of_an_ontology(node: &Term) -> bool {
        matches!(node, Term::NamedNode(node) if !node.as_str().starts_with(WN30) && Key::of_thing(node).is_none())
    }
}

/// The words of an IRI as they are said: "MozzarellaTopping" is a mozzarella topping, but "DNA" stays.
pub(super) fn readable(words: &str) -> String {
    let said = words.split(' ').map(|word| {
        let rest = word.chars().skip(1);
        if word.chars().count() > 1 && rest.clone().all(char::is_lowercase) {
            word.to_lowercase()
        } else {
            word.to_owned()
        }
    });
    said.collect::<Vec<_>>().join(" ")
}

/// How foreign a text is: 0 in the language spoken, 1 without a language, 2 otherwise.
fn strangeness(text: &Term) -> u8 {
    match text {
        Term::Literal(text) => match text.language() {
            Some(language) if language.split('-').next() == Some(SPOKEN) => 0,
            None => 1,
            Some(_) => 2,
        },
        _ => 3,
    }
}

/// Whether a name is what an IRI says: what `quid:calledSo` stands for.
pub(super) fn is_called_so(name: &Key, is_base: &dyn Fn(&str) -> bool, thing: &NamedNode) -> bool {
    words_of_iri(thing.as_str())
        .map(|words| Key::of(&words))
        .is_some_and(|words| words == *name || is_base(words.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_iris_are_said_as_words() {
        for (words, expected) in
            [("Mozzarella Topping", "mozzarella topping"), ("DNA Repair", "DNA repair"), ("a", "a")]
        {
            assert_eq!(readable(words), expected);
        }
    }
}
