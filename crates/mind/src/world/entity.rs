//! Gathers what is known of one entity for somebody who browses: its meanings, what is said of it, its neighbours.
//!
//! Nothing is concluded here; every value is a stored fact and names its sources. Hubs have thousands of
//! neighbours, so only so many facts of each side are read, and the answer says when there are more.

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::shown::{Definition, Entity, Meaning, Other, Relation, Which};
use quid_core::source::Citation;
use quid_core::text::{percent_decode, words_of_iri};
use quid_core::vocabulary::{DEFINITIONS, LABEL, LEXICALIZED_SENSE_OF, WRITTEN_REP};
use quid_core::{Fact, Key, Source};
use quid_logic::Halt;

use super::Asked;
use super::labels::readable;
use super::lexicon::{Sense, text_of};
use super::naming::FEW_LABELS;

/// From a described property to the predicate it is used as.
const DIRECT_CLAIM: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://wikiba.se/ontology#directClaim");

/// A side of a fact.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// It is the subject: the object is shown.
    Subject,
    /// It is the object: the subject is shown.
    Object,
}

impl Asked<'_> {
    /// What is known of it; `None` when nothing is.
    pub(super) fn entity(&self, which: &Which) -> Result<Option<Entity>, Halt> {
        match which {
            Which::Name(name) => self.entity_named(name),
            Which::Iri(node) => match Key::of_thing(node) {
                Some(key) => self.entity_named(key.as_str()),
                None => self.entity_of(node),
            },
        }
    }

    fn entity_named(&self, name: &str) -> Result<Option<Entity>, Halt> {
        let key = Key::of(name);
        if key.is_empty() {
            return Ok(None);
        }
        let thing = key.thing();
        let mut entity =
            Entity { name: self.name(&thing.clone().into())?, iri: thing.as_str().to_owned(), ..Entity::default() };
        let mut senses: Vec<Sense> = self.ranked(&thing, &|_| true)?.into_iter().map(|ranked| ranked.sense).collect();
        for other in self.things_called(&key, name, false)? {
            if !senses.iter().any(|known| known.synset == other.synset) {
                senses.push(other);
            }
        }
        for sense in &senses {
            let Term::NamedNode(node) = &sense.synset else { continue };
            entity.senses.push(Meaning {
                iri: node.as_str().to_owned(),
                text: self.describe(sense)?,
                words: self.words_of(&sense.synset)?,
                gloss: self.gloss(&sense.synset)?.map(|(gloss, _)| gloss),
            });
        }
        self.gather(&mut entity, &thing.into())?;
        for concept in self.concepts(name)? {
            self.gather(&mut entity, &concept)?;
        }
        sort(&mut entity);
        Ok(is_known(&entity).then_some(entity))
    }

    fn entity_of(&self, node: &NamedNode) -> Result<Option<Entity>, Halt> {
        let term = Term::from(node.clone());
        let mut entity = Entity { name: self.name(&term)?, iri: node.as_str().to_owned(), ..Entity::default() };
        if let Some((text, fact)) =
            self.gloss(&term)?.map_or_else(|| self.definition(&term), |found| Ok(Some(found)))?
        {
            entity.definition = Some(Definition { text, source: self.cited(&mut entity.sources, &fact.graph) });
        }
        entity.words = self.words_of(&term)?;
        self.gather(&mut entity, &term)?;
        sort(&mut entity);
        Ok(is_known(&entity).then_some(entity))
    }

    /// The words of a lexicon for a node.
    fn words_of(&self, node: &Term) -> Result<Vec<String>, Halt> {
        if self.memo.few(None, Some(LEXICALIZED_SENSE_OF), Some(node), 1)?.is_empty() {
            return Ok(Vec::new());
        }
        self.lemmas(node)
    }

    /// Adds the facts of a node on both sides. What a budget does not reach is left out, and said to be.
    fn gather(&self, entity: &mut Entity, node: &Term) -> Result<(), Halt> {
        let most = self.limit("browsed_most");
        for side in [Side::Subject, Side::Object] {
            let found = match side {
                Side::Subject => self.memo.few(Some(node), None, None, most.saturating_add(1)),
                Side::Object => self.memo.few(None, None, Some(node), most.saturating_add(1)),
            };
            let mut found = match found {
                Err(Halt::Spent(_)) => {
                    entity.partial = true;
                    return Ok(());
                }
                other => other?,
            };
            if found.len() > most {
                entity.partial = true;
                found.truncate(most);
            }
            // What people taught comes first; the rest as it is read best, and always the same.
            let is_taught = |fact: &Fact| matches!(Source::of_graph(fact.graph.as_str()), Some(Source::Said { .. }));
            found.sort_by_cached_key(|fact| {
                (
                    !is_taught(fact),
                    fact.predicate.clone().into_string(),
                    fact.object.to_string(),
                    fact.subject.to_string(),
                )
            });
            for fact in &found {
                match self.note(entity, fact, side) {
                    Err(Halt::Spent(_)) => entity.partial = true,
                    other => other?,
                }
            }
        }
        Ok(())
    }

    fn note(&self, entity: &mut Entity, fact: &Fact, side: Side) -> Result<(), Halt> {
        let predicate = fact.predicate.as_ref();
        let other = match side {
            Side::Subject => fact.object.clone(),
            Side::Object => fact.subject.clone().into(),
        };
        // Its label, how it is spoken of.
        let is_own_name = matches!(&other, Term::Literal(text) if text.value() == entity.name);
        let is_shown_apart = DEFINITIONS.contains(&predicate) && entity.definition.is_some();
        let is_lexical = side == Side::Object && [LEXICALIZED_SENSE_OF, WRITTEN_REP].contains(&predicate);
        if is_own_name || is_shown_apart || is_lexical {
            return Ok(());
        }
        let source = self.cited(&mut entity.sources, &fact.graph);
        let relations = match side {
            Side::Subject => &mut entity.facts,
            Side::Object => &mut entity.neighbours,
        };
        let iri = fact.predicate.as_str();
        let at = match relations.iter().position(|known| known.iri == iri) {
            Some(at) => at,
            None => {
                relations.push(Relation {
                    name: self.relation_called(&fact.predicate)?,
                    iri: iri.to_owned(),
                    values: Vec::new(),
                });
                relations.len() - 1
            }
        };
        let Some(relation) = relations.get_mut(at) else { return Ok(()) };
        let term = other.to_string();
        if let Some(known) = relation.values.iter_mut().find(|known| known.term == term) {
            if !known.sources.contains(&source) {
                known.sources.push(source);
            }
            return Ok(());
        }
        let name = match &other {
            Term::Literal(text) => text.value().to_owned(),
            other => self.name(other)?,
        };
        let iri = match &other {
            Term::NamedNode(node) => Some(node.as_str().to_owned()),
            _ => None,
        };
        relation.values.push(Other { name, term, iri, sources: vec![source] });
        Ok(())
    }

    /// What a relation is called: its verb, its label, the words of its IRI, the last part of it.
    fn relation_called(&self, relation: &NamedNode) -> Result<String, Halt> {
        if let Some(verb) = Self::verb(relation) {
            return Ok(verb);
        }
        let last = relation.as_str().rsplit(['/', '#', ':']).next().unwrap_or_default();
        let phrase = format!("relation.{last}");
        if self.world.language.has_phrase(&phrase) {
            return Ok(self.say(&phrase, &[]));
        }
        let relation = Term::from(relation.clone());
        // Wikidata labels its properties where they are described, not where they are used.
        let described = self.memo.few(None, Some(DIRECT_CLAIM), Some(&relation), 1)?;
        let described = described.first().map(|fact| Term::from(fact.subject.clone()));
        for node in described.iter().chain([&relation]) {
            let labels = self.memo.few(Some(node), Some(LABEL), None, FEW_LABELS)?;
            let english = labels.iter().find(|label| match &label.object {
                Term::Literal(text) => text.language().is_none_or(|language| language.starts_with("en")),
                _ => false,
            });
            if let Some(label) = english.or(labels.first()) {
                return Ok(text_of(&label.object));
            }
        }
        let Term::NamedNode(relation) = &relation else { return Ok(String::new()) };
        Ok(words_of_iri(relation.as_str())
            .map_or_else(|| percent_decode(last).replace('_', " "), |words| readable(&words)))
    }

    /// The place of a graph's citation among the sources.
    pub(super) fn cited(&self, sources: &mut Vec<Citation>, graph: &NamedNode) -> usize {
        let citation = self.citation(graph);
        sources.iter().position(|known| *known == citation).unwrap_or_else(|| {
            sources.push(citation);
            sources.len() - 1
        })
    }
}

fn is_known(entity: &Entity) -> bool {
    !(entity.senses.is_empty()
        && entity.facts.is_empty()
        && entity.neighbours.is_empty()
        && entity.definition.is_none())
}

/// Values by name, however the store keeps them.
fn sort(entity: &mut Entity) {
    for relation in entity.facts.iter_mut().chain(&mut entity.neighbours) {
        relation.values.sort_by_cached_key(|other| (other.name.to_lowercase(), other.term.clone()));
    }
}
