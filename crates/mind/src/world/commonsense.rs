//! Questions about common sense, over ConceptNet: "what is a knife used for?", "what does a dog want?".
//!
//! Its assertions are taken as they stand, each a stored fact with its source; what is believed more comes first,
//! and a negated relation denies. Words meet its concepts by lemma, part of speech, and WordNet's lexicographer
//! files, which ConceptNet names senses by.

use std::cmp::Ordering;
use std::collections::HashMap;

use quid_core::intent::Question;
use quid_core::oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use quid_core::reply::Item;
use quid_core::text::{percent_decode, percent_encode};
use quid_core::vocabulary::{CONCEPTNET, DATASET, LABEL, LEXFILE, NS, REIFIES, SURFACE_TEXT, TYPE, WEIGHT};
use quid_core::{Answer, Fact, Key, Reply};
use quid_lang::RelationAsked;
use quid_logic::Halt;

use super::lexicon::{stored, text_of};
use super::{Asked, Finding};

/// `owl:SymmetricProperty`
const SYMMETRIC: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#SymmetricProperty");
/// A verb that asks for a relation.
const VERB_OF: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:verb");
/// From a negated relation to the one it denies.
const DENIES: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:denies");

/// What one side of a relation may be: concepts, the plainest first.
type Concepts = Vec<Term>;

/// An assertion that answers.
struct Found {
    fact: Fact,
    weight: f64,
    /// The end that was asked for.
    answer: Term,
}

impl Found {
    /// The end that was given.
    fn given(&self) -> Term {
        let subject = Term::from(self.fact.subject.clone());
        if subject == self.answer { self.fact.object.clone() } else { subject }
    }
}

/// How an end is spoken of.
struct Said {
    plain: String,
    /// With its article, where it has one.
    counted: String,
}

impl Asked<'_> {
    /// Answers from common sense: by what the line says, else by the verb of the question.
    pub(super) fn commonsense(&self, line: &str, question: &Question) -> Result<Option<Finding>, Halt> {
        if self.memo.few(None, Some(DATASET), None, 1)?.is_empty() {
            return Ok(None);
        }
        let asked = self.world.language.relations_asked(line);
        let misread = asked.iter().any(|asked| asked.start.is_some() && asked.end.is_some())
            && matches!(question, Question::Whether { .. });
        for one in asked.into_iter().chain(self.asked_by_verb(question)?) {
            if let Some(finding) = self.about_relation(&one)? {
                return Ok(Some(finding));
            }
        }
        // The line names a relation, so its ends are not what the general reading took them for.
        Ok(misread.then(|| Finding {
            reply: Reply::new(Answer::Unknown { nearest: Vec::new() }, self.say("commonsense.unknown", &[])),
            readings: Vec::new(),
        }))
    }

    /// Whether X is a Y, or is as Y says, when nothing surer is known.
    pub(super) fn commonsense_whether(&self, subject: &str, object: &str) -> Result<Option<Finding>, Halt> {
        if self.memo.few(None, Some(DATASET), None, 1)?.is_empty() {
            return Ok(None);
        }
        for relation in self.world.language.setting("commonsense_whether").unwrap_or_default().split(' ') {
            let asked = RelationAsked {
                relation: relation.to_owned(),
                start: Some(subject.to_owned()),
                end: Some(object.to_owned()),
            };
            if let Some(finding) = self.about_relation(&asked)? {
                return Ok(Some(finding));
            }
        }
        Ok(None)
    }

    /// The relations that the verb of a question asks for.
    fn asked_by_verb(&self, question: &Question) -> Result<Vec<RelationAsked>, Halt> {
        let (verb, start, end) = match question {
            Question::Objects { subject, verb } => (verb, Some(subject), None),
            Question::Subjects { verb, value } => (verb, None, Some(value)),
            Question::WhetherVerb { subject, verb, value } => (verb, Some(subject), Some(value)),
            _ => return Ok(Vec::new()),
        };
        let verb = Term::from(Literal::new_simple_literal(verb));
        let facts = self.memo.get(None, Some(VERB_OF), Some(&verb))?;
        let named = facts.iter().filter_map(|fact| match &fact.subject {
            NamedOrBlankNode::NamedNode(relation) => relation_name(relation.as_str()).map(str::to_owned),
            NamedOrBlankNode::BlankNode(_) => None,
        });
        Ok(named.map(|relation| RelationAsked { relation, start: start.cloned(), end: end.cloned() }).collect())
    }

    fn about_relation(&self, asked: &RelationAsked) -> Result<Option<Finding>, Halt> {
        let relation = NamedNode::new_unchecked(format!("{CONCEPTNET}/r/{}", asked.relation));
        match (&asked.start, &asked.end) {
            (Some(start), Some(end)) => self.whether_related(&relation, start, end),
            (Some(start), None) => self.related(&relation, start, true),
            (None, Some(end)) => self.related(&relation, end, false),
            (None, None) => Ok(None),
        }
    }

    /// Yes by an assertion, or no by one of the relation that denies it; the weightier when both are there.
    fn whether_related(&self, relation: &NamedNode, start: &str, end: &str) -> Result<Option<Finding>, Halt> {
        let yes = self.heaviest(relation, start, end)?;
        let mut no = None;
        for denial in self.memo.get(None, Some(DENIES), Some(&relation.clone().into()))?.iter() {
            if let NamedOrBlankNode::NamedNode(negated) = &denial.subject {
                no = self.heaviest(negated, start, end)?;
            }
        }
        let (phrase, found) = match (yes, no) {
            (Some(yes), Some(no)) if no.weight > yes.weight => ("world.no", no),
            (Some(yes), _) => ("world.yes", yes),
            (None, Some(no)) => ("world.no", no),
            (None, None) => return Ok(None),
        };
        let proof = stored(&found.fact);
        let text = self.say(phrase, &[("because", &self.explain(&proof))]);
        let reply = self.proved(vec![proof], self.world.rules, text)?;
        Ok(Some(Finding { reply, readings: Vec::new() }))
    }

    fn heaviest(&self, relation: &NamedNode, start: &str, end: &str) -> Result<Option<Found>, Halt> {
        let wanted = self.concepts(end)?;
        let mut all = self.facts_about(relation, &self.concepts(start)?, true)?;
        all.retain(|(_, answer)| wanted.iter().any(|concept| same_concept(concept, answer)));
        Ok(self.weighed(all)?.into_iter().next())
    }

    /// What stands in a relation to something: what it starts from (`forwards`), or what leads to it.
    fn related(&self, relation: &NamedNode, given: &str, forwards: bool) -> Result<Option<Finding>, Halt> {
        let concepts = self.concepts(given)?;
        let all = self.facts_about(relation, &concepts, forwards)?;
        let mut found = self.weighed(all)?;
        // "fork" and "fork, a noun" are one answer.
        let mut names: Vec<String> = Vec::new();
        found.retain(|one| {
            let name = concept_name(&one.answer);
            let new = name.as_ref().is_some_and(|name| !names.contains(name));
            names.extend(name);
            new
        });
        let count = found.len();
        found.truncate(self.limit("list_shown"));
        let Some(first) = found.first() else { return Ok(None) };
        let given = self.end_said(&first.fact, &first.given())?;
        let mut answers = Vec::new();
        for one in &found {
            answers.push(self.end_said(&one.fact, &one.answer)?);
        }
        let claim = self.listed(relation, &given, &answers, forwards)?;
        let mut sources: Vec<String> = Vec::new();
        for one in &found {
            let source = self.source(&one.fact.graph);
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        let mut text = self.say("commonsense.answer", &[("claim", &claim), ("source", &sources.join("; "))]);
        if count > found.len() {
            text.push(' ');
            text.push_str(&self.say("world.more", &[("count", &(count - found.len()).to_string())]));
        }
        let mut items = Vec::new();
        for one in &found {
            items.push(Item { text: self.name(&one.answer)?, term: Some(one.answer.to_string()) });
        }
        let proofs = found.iter().map(|one| stored(&one.fact)).collect();
        let mut reply = self.proved(proofs, self.world.rules, text)?;
        reply.items = items;
        Ok(Some(Finding { reply, readings: Vec::new() }))
    }

    /// The assertions of a relation about any of these concepts, each with its other end.
    fn facts_about(
        &self,
        relation: &NamedNode,
        concepts: &Concepts,
        forwards: bool,
    ) -> Result<Vec<(Fact, Term)>, Halt> {
        let most = self.limit("commonsense_most");
        let symmetric = !self.memo.get(Some(&relation.clone().into()), Some(TYPE), Some(&SYMMETRIC.into()))?.is_empty();
        let mut all = Vec::new();
        for concept in concepts {
            if forwards || symmetric {
                for fact in self.memo.few(Some(concept), Some(relation.as_ref()), None, most)? {
                    let answer = fact.object.clone();
                    all.push((fact, answer));
                }
            }
            if !forwards || symmetric {
                for fact in self.memo.few(None, Some(relation.as_ref()), Some(concept), most)? {
                    let answer = Term::from(fact.subject.clone());
                    all.push((fact, answer));
                }
            }
        }
        Ok(all)
    }

    /// Assertions with their weights, the weightiest first, in the order of their names where they weigh the same.
    fn weighed(&self, all: Vec<(Fact, Term)>) -> Result<Vec<Found>, Halt> {
        let language = self.world.language.setting("commonsense_language").unwrap_or_default();
        let spoken = format!("{CONCEPTNET}/c/{language}/");
        let foreign = |term: &Term| match term {
            Term::NamedNode(node) => node.as_str().starts_with(CONCEPTNET) && !node.as_str().starts_with(&spoken),
            _ => true,
        };
        let mut usual: HashMap<NamedNode, f64> = HashMap::new();
        let mut found = Vec::new();
        for (fact, answer) in all {
            if foreign(&answer) {
                continue;
            }
            let usual = match usual.get(&fact.graph) {
                Some(weight) => *weight,
                None => {
                    let weight = self.weight_of(&fact.graph.clone().into())?.unwrap_or(1.0);
                    usual.insert(fact.graph.clone(), weight);
                    weight
                }
            };
            let weight = self.own_weight(&fact)?.unwrap_or(usual);
            found.push(Found { fact, weight, answer });
        }
        found.sort_by(|one, other| {
            let by_weight = other.weight.partial_cmp(&one.weight).unwrap_or(Ordering::Equal);
            by_weight.then_with(|| one.answer.to_string().cmp(&other.answer.to_string()))
        });
        Ok(found)
    }

    /// The weight of one assertion, when it is not what most of its dataset have.
    fn own_weight(&self, fact: &Fact) -> Result<Option<f64>, Halt> {
        for reifier in self.reifiers(fact)? {
            if let Some(weight) = self.weight_of(&reifier)? {
                return Ok(Some(weight));
            }
        }
        Ok(None)
    }

    /// What tells more about an assertion.
    fn reifiers(&self, fact: &Fact) -> Result<Vec<Term>, Halt> {
        let triple = Triple::new(fact.subject.clone(), fact.predicate.clone(), fact.object.clone());
        let all = self.memo.get(None, Some(REIFIES), Some(&triple.into()))?;
        Ok(all.iter().filter(|one| one.graph == fact.graph).map(|one| one.subject.clone().into()).collect())
    }

    fn weight_of(&self, subject: &Term) -> Result<Option<f64>, Halt> {
        let facts = self.memo.get(Some(subject), Some(WEIGHT), None)?;
        Ok(facts.first().and_then(|fact| text_of(&fact.object).parse().ok()))
    }

    /// The concepts that a phrase may name: by its words and their base forms, each alone, with a part of speech, and
    /// with the lexicographer files of its senses in WordNet.
    pub(super) fn concepts(&self, phrase: &str) -> Result<Concepts, Halt> {
        let key = Key::of(phrase);
        let name = self.without_article(key.as_str());
        let mut names = vec![name.clone()];
        for base in self.words.bases(&name) {
            if !names.contains(&base) {
                names.push(base);
            }
        }
        for sense in self.senses_of(&Key::of(&name), false)? {
            let spelling = Key::of(&sense.spelling()).as_str().to_owned();
            if !names.contains(&spelling) && self.is_same_word(&spelling, &name) {
                names.push(spelling);
            }
        }
        let language = self.world.language.setting("commonsense_language").unwrap_or_default();
        let suffixes = self.world.language.setting("commonsense_senses").unwrap_or_default();
        let mut concepts = Vec::new();
        for name in names {
            let words = percent_encode(&name.replace(' ', "_"));
            let plain = format!("{CONCEPTNET}/c/{language}/{words}");
            let mut add = |suffix: &str| {
                let concept = Term::from(NamedNode::new_unchecked(format!("{plain}{suffix}")));
                if !concepts.contains(&concept) {
                    concepts.push(concept);
                }
            };
            add("");
            suffixes.split(' ').filter(|suffix| !suffix.is_empty()).for_each(&mut add);
            for sense in self.senses_of(&Key::of(&name), false)? {
                for file in self.memo.get(Some(&sense.synset), Some(LEXFILE), None)?.iter() {
                    if let Some((_, topic)) = text_of(&file.object).split_once('.') {
                        add(&format!("/{}/wn/{topic}", sense.part_of_speech()));
                    }
                }
            }
        }
        Ok(concepts)
    }

    /// An assertion in words; `None` for what is none of ConceptNet's.
    pub(super) fn assertion_said(
        &self,
        relation: &NamedNode,
        start: &Term,
        end: &Term,
        graph: Option<&NamedNode>,
    ) -> Result<Option<String>, Halt> {
        let (Some(_), Ok(subject)) = (relation_name(relation.as_str()), NamedOrBlankNode::try_from(start.clone()))
        else {
            return Ok(None);
        };
        let graph = graph.cloned().unwrap_or_else(|| relation.clone());
        let fact = Fact { subject, predicate: relation.clone(), object: end.clone(), graph };
        let (start, end) = (self.end_said(&fact, start)?, self.end_said(&fact, end)?);
        self.listed(relation, &start, &[end], true).map(Some)
    }

    /// An end of an assertion as it is spoken of: as in the sentence it was read from, where there is one.
    fn end_said(&self, fact: &Fact, end: &Term) -> Result<Said, Halt> {
        let plain = self.name(end)?;
        for reifier in self.reifiers(fact)? {
            for sentence in self.memo.get(Some(&reifier), Some(SURFACE_TEXT), None)?.iter() {
                let sentence = text_of(&sentence.object);
                let parts = sentence.split("[[").skip(1).filter_map(|part| Some(part.split_once("]]")?.0));
                let wanted = Key::of(&plain);
                if let Some(part) = parts.into_iter().find(|part| Key::of(&self.without_article(part)) == wanted) {
                    return Ok(Said { plain: self.without_article(part), counted: part.to_owned() });
                }
            }
        }
        let counted = if self.is_plural(&plain) || self.senses_of(&Key::of(&plain), true)?.is_empty() {
            plain.clone()
        } else {
            self.world.language.with_article(&plain)
        };
        Ok(Said { plain, counted })
    }

    /// A phrase without the words in front that no concept has.
    fn without_article(&self, phrase: &str) -> String {
        let dropped = self.world.language.setting("commonsense_dropped").unwrap_or_default();
        let mut words: Vec<&str> = phrase.split_whitespace().collect();
        let is_dropped = |word: &&str| dropped.split(' ').any(|other| other == word.to_lowercase());
        while words.len() > 1 && words.first().is_some_and(is_dropped) {
            words.remove(0);
        }
        words.join(" ")
    }

    /// "a knife is used for cutting and stabbing", or "used for cutting: a knife and a saw".
    fn listed(&self, relation: &NamedNode, given: &Said, answers: &[Said], forwards: bool) -> Result<String, Halt> {
        let name = relation_name(relation.as_str()).unwrap_or_default();
        let language = self.world.language;
        let all =
            |of: fn(&Said) -> &String| language.list(&answers.iter().map(|said| of(said).clone()).collect::<Vec<_>>());
        let (plain, counted) = (all(|said| &said.plain), all(|said| &said.counted));
        let phrase = format!("commonsense.{name}");
        let phrase = if language.has_phrase(&phrase) { phrase } else { "commonsense.other".to_owned() };
        let said = if phrase == "commonsense.other" { self.relation_label(relation)? } else { String::new() };
        if forwards {
            let slots = [
                ("one", given.plain.as_str()),
                ("a_one", &given.counted),
                ("other", &plain),
                ("a_other", &counted),
                ("relation", &said),
            ];
            return Ok(self.say(&phrase, &slots));
        }
        let slots =
            [("other", given.plain.as_str()), ("a_other", &given.counted), ("list", &counted), ("relation", &said)];
        Ok(self.say(&format!("{phrase}.starts"), &slots))
    }

    fn relation_label(&self, relation: &NamedNode) -> Result<String, Halt> {
        let labels = self.memo.few(Some(&relation.clone().into()), Some(LABEL), None, 1)?;
        let own = || relation_name(relation.as_str()).unwrap_or_default().to_owned();
        Ok(labels.first().map_or_else(own, |label| text_of(&label.object)))
    }
}

/// The name of one of ConceptNet's relations (`UsedFor`, `dbpedia/genre`).
fn relation_name(iri: &str) -> Option<&str> {
    iri.strip_prefix(CONCEPTNET)?.strip_prefix("/r/")
}

/// The words of a concept: `/c/en/pet_store/n` is "pet store".
pub(super) fn concept_name(term: &Term) -> Option<String> {
    let Term::NamedNode(node) = term else { return None };
    match node.as_str().strip_prefix(CONCEPTNET).and_then(|rest| rest.strip_prefix("/c/")) {
        Some(rest) => Some(percent_decode(rest.split('/').nth(1)?).replace('_', " ")),
        None => (!node.as_str().starts_with(NS)).then(|| node.as_str().to_owned()),
    }
}

/// Whether one is the other, whatever sense either names.
fn same_concept(one: &Term, other: &Term) -> bool {
    let words = |term: &Term| {
        let Term::NamedNode(node) = term else { return None };
        let rest = node.as_str().strip_prefix(CONCEPTNET)?.strip_prefix("/c/")?;
        let mut parts = rest.split('/');
        Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
    };
    one == other || words(one).is_some() && words(one) == words(other)
}
