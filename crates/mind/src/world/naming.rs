//! What things, synsets, senses and sources are called when they are spoken of.

use quid_core::Key;
use quid_core::oxrdf::{NamedNode, Term};
use quid_core::source::Citation;
use quid_core::text::{percent_decode, wikibase_entity};
use quid_core::vocabulary::{CONCEPTNET, LABEL, SUB_CLASS_OF, TYPE, VERB};
use quid_logic::Halt;

use super::commonsense::concept_name;
use super::lexicon::{Sense, part_of_speech, text_of};
use super::{Asked, key_of};

/// How many labels of a node are looked at for an English one.
pub(super) const FEW_LABELS: usize = 16;

impl Asked<'_> {
    /// A name for any term; a node nobody named is called by the last part of its IRI.
    pub(super) fn name(&self, term: &Term) -> Result<String, Halt> {
        if let Some(key) = key_of(term) {
            // Every statement that names a hub labels it again.
            let labels = self.memo.few(Some(term), Some(LABEL), None, 1)?;
            return Ok(labels.first().map_or_else(|| key.to_string(), |label| text_of(&label.object)));
        }
        let Term::NamedNode(node) = term else {
            return Ok(self.restricted(term)?.unwrap_or_else(|| text_of(term)));
        };
        if node.as_str().starts_with(CONCEPTNET)
            && let Some(name) = concept_name(term)
        {
            return Ok(name);
        }
        if let Some(name) = self.synset_name(term)? {
            return Ok(name);
        }
        if let Some(lemma) = self.lemma_of_node(term)? {
            return Ok(lemma);
        }
        // An ontology's own name for it, in English or in no certain language.
        let entity = wikibase_entity(node.as_str()).map(|entity| Term::from(NamedNode::new_unchecked(entity)));
        let labels = self.memo.few(Some(entity.as_ref().unwrap_or(term)), Some(LABEL), None, FEW_LABELS)?;
        let label = labels.iter().find(|label| match &label.object {
            Term::Literal(text) => text.language().is_none_or(|language| language.starts_with("en")),
            _ => false,
        });
        Ok(label.map_or_else(
            || percent_decode(node.as_str().rsplit(['/', '#', ':']).next().unwrap_or_default()),
            |label| text_of(&label.object),
        ))
    }

    /// The name as a class: "a soda", "matter", "Fido".
    pub(super) fn as_class(&self, term: &Term) -> Result<String, Halt> {
        let name = self.name(term)?;
        Ok(self.with_article(term, &name))
    }

    /// Whether a name that was taught is that of a kind: something is one, or it was asked about with an article.
    pub(super) fn is_class(&self, term: &Term, name: &str) -> Result<bool, Halt> {
        if self.world.language.is_asked_as_kind(self.world.line, name) {
            return Ok(true);
        }
        for relation in [TYPE, SUB_CLASS_OF] {
            if !self.memo.few(None, Some(relation), Some(term), 1)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A node's name with its article, unless it is a verb or an adjective.
    pub(super) fn with_article(&self, term: &Term, name: &str) -> String {
        let noun = key_of(term).is_some() || part_of_speech(term) == 'n';
        if noun && !self.is_plural(name) { self.world.language.with_article(name) } else { name.to_owned() }
    }

    /// Whether one is the other, or a form of it.
    pub(super) fn is_same_word(&self, one: &str, other: &str) -> bool {
        let (one, other) = (Key::of(one), Key::of(other));
        one == other
            || self.words.bases(one.as_str()).iter().any(|base| base == other.as_str())
            || self.words.bases(other.as_str()).iter().any(|base| base == one.as_str())
    }

    /// A sense in a few words, without its word: "the soft drink", "baking soda", "a physical entity".
    pub(super) fn describe(&self, sense: &Sense) -> Result<String, Halt> {
        if let Some(longer) = sense.longer.as_ref().and_then(Key::of_thing) {
            let name = self.synset_name(&sense.synset)?.unwrap_or_default();
            return Ok(if Key::of(&name) == longer {
                longer.to_string()
            } else {
                self.say("world.that.is", &[("name", longer.as_str()), ("other", &name)])
            });
        }
        let Some(name) = self.synset_name(&sense.synset)? else { return self.name(&sense.synset) };
        let own_word = sense.is_own_word();
        let above = self.above(&sense.synset)?.first().map(|fact| fact.object.clone());
        match above {
            Some(above) if own_word => {
                let class = self.name(&above)?;
                Ok(self.say(if sense.part_of_speech() == 'n' { "world.the" } else { "world.to" }, &[("name", &class)]))
            }
            None if own_word => Ok(self.gloss(&sense.synset)?.map_or(name, |(gloss, _)| format!("\"{gloss}\""))),
            _ => self.as_class(&sense.synset),
        }
    }

    /// Whether a name is in the plural, so that it takes "are".
    pub(super) fn is_plural(&self, name: &str) -> bool {
        let name = Key::of(name);
        self.words.bases(name.as_str()).iter().any(|base| Key::of(&self.world.language.plural(base)) == name)
    }

    /// The plural of a class's name, unless it has none in common talk.
    pub(super) fn as_plural(&self, name: &str) -> String {
        let counted = self.world.language.with_article(name) != name;
        if counted && !self.is_plural(name) { self.world.language.plural(name) } else { name.to_owned() }
    }

    /// Who says so, in brackets after a statement: "ann, 2 May 2026", "WordNet 3.0".
    pub(super) fn source(&self, graph: &NamedNode) -> String {
        match self.citation(graph) {
            Citation::Dump { title, .. } => title,
            Citation::Said { nick, at, .. } => self.say("world.by", &[("nick", &nick), ("date", &at.date())]),
        }
    }

    /// The verb of a minted relation: `urn:quid:verb:lives%20in` is "lives in".
    pub(super) fn verb(relation: &NamedNode) -> Option<String> {
        relation.as_str().strip_prefix(VERB).map(percent_decode)
    }
}
