//! Finds the facts a question may be answered from: those with its words, those near the things it names.
//!
//! Full text, the neighbourhood of the named things by Personalised PageRank, and the nearness of relations in the
//! word vectors, in one order. Everything is bounded by numbers of the data, a hub of a million facts included.

use std::collections::BTreeMap;

use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Term};
use quid_core::text::percent_decode;
use quid_core::vocabulary as v;
use quid_core::{Fact, Facts, Fault, Key};
use quid_lang::Language;
use quid_lang::chance::Chance;

use super::rank::{fused, page_rank};
use super::slots::{Given, Named, Sheet, foreign, foreign_label};
use crate::factoid::DENIED;
use crate::formal::text_of;
use crate::turn::Turn;

/// The most words of a name, and things that one name may be.
const NAME_WORDS: usize = 6;
const NAMESAKES: usize = 4;
/// Letters of a name or text that are shown.
const LONGEST: usize = 300;

/// Words of the question, and what some of them name.
struct Mention {
    start: usize,
    end: usize,
    terms: Vec<Term>,
}

/// A fact with its names and whether it denies.
struct Found {
    fact: Fact,
    label: String,
    denied: bool,
}

impl Turn<'_> {
    /// The facts that this question may be answered from; empty when nothing in it is known.
    pub(super) fn shortlist(&self, line: &str) -> Result<Sheet, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        let facts = facts.as_ref();
        let words: Vec<String> = line
            .split_whitespace()
            .flat_map(|word| {
                let bare = word.trim_end_matches(['?', '!', ',', '.', ';', ':', '"']).trim_start_matches('"');
                let own = ["'s", "’s"].iter().find_map(|end| bare.strip_suffix(end));
                match own {
                    Some(owner) if !owner.is_empty() => vec![owner.to_owned(), "'s".to_owned()],
                    _ => vec![bare.to_owned()],
                }
            })
            .filter(|word| !word.is_empty())
            .take(self.number("guess_words"))
            .collect();
        let mentions = self.mentioned(&words, facts)?;
        if mentions.is_empty() {
            return Ok(Sheet::default());
        }
        let mut found: Vec<Found> = Vec::new();
        let mut nodes: BTreeMap<String, usize> = BTreeMap::new();
        let mut terms: Vec<Term> = Vec::new();
        let mut node = |term: &Term, terms: &mut Vec<Term>| {
            *nodes.entry(term.to_string()).or_insert_with(|| {
                terms.push(term.clone());
                terms.len() - 1
            })
        };
        let mut seeds: Vec<(usize, f64)> = Vec::new();
        for mention in &mentions {
            let share = 1.0 / f64::from(u32::try_from(mention.terms.len()).unwrap_or(1));
            seeds.extend(mention.terms.iter().map(|term| (node(term, &mut terms), share)));
        }
        // The texts that have the words, in the order of the index.
        let mut by_words = Vec::new();
        for hit in self.parts.recall.recall(line, &self.audience, self.number("guess_hits"))? {
            if self.stop.load(std::sync::atomic::Ordering::Relaxed) {
                break;
            }
            let subject = Term::from(hit.subject.clone());
            for fact in facts.some(Some(&subject), Some(hit.predicate.as_ref()), None, NAMESAKES)? {
                let is_it = matches!(&fact.object, Term::Literal(text) if text.value() == hit.text);
                if is_it && let Some(at) = self.note(fact, facts, &mut found) {
                    by_words.push(at);
                }
            }
        }
        // What stands around the named things, two steps far.
        let mut looks = self.number("guess_looks");
        let near = self.number("guess_near");
        let mut frontier: Vec<usize> = seeds.iter().map(|(seed, _)| *seed).collect();
        for _ in 0..2 {
            let mut next = Vec::new();
            for at in std::mem::take(&mut frontier) {
                if looks == 0 || self.stop.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                looks -= 1;
                let Some(term) = terms.get(at).cloned() else { continue };
                let mut around = Vec::new();
                if !matches!(term, Term::Literal(_)) {
                    around.extend(facts.some(Some(&term), None, None, near)?);
                }
                around.extend(facts.some(None, None, Some(&term), near)?);
                for fact in around {
                    let ends = [Term::from(fact.subject.clone()), fact.object.clone()];
                    if self.note(fact, facts, &mut found).is_some() {
                        for end in ends {
                            let before = terms.len();
                            let is_new = node(&end, &mut terms) >= before;
                            if is_new && matches!(end, Term::NamedNode(_)) {
                                next.push(terms.len() - 1);
                            }
                        }
                    }
                }
            }
            frontier = next;
        }
        let mut edges = Vec::new();
        for one in &found {
            let subject = node(&one.fact.subject.clone().into(), &mut terms);
            edges.push((subject, node(&one.fact.object, &mut terms)));
        }
        let weights = page_rank(terms.len(), &edges, &seeds);
        let weight = |at: usize| {
            let (one, other) = edges.get(at).copied().unwrap_or_default();
            weights.get(one).copied().unwrap_or(0.0) + weights.get(other).copied().unwrap_or(0.0)
        };
        let mut by_place: Vec<usize> = (0..found.len()).collect();
        by_place.sort_by(|one, other| weight(*other).total_cmp(&weight(*one)));
        let by_relation = self.by_relation(&words, &mentions, &found);
        let order = fused(found.len(), &[(1.0, by_words), (1.0, by_place), (1.0, by_relation)]);
        let mut found: Vec<Option<Found>> = found.into_iter().map(Some).collect();
        let best = order.into_iter().filter_map(|at| found.get_mut(at)?.take()).take(self.number("guess_facts"));
        Ok(self.sheet(line, &words, &mentions, best.collect(), facts))
    }

    /// Keeps a fact that says something of the world, once; its place.
    fn note(&self, fact: Fact, facts: &dyn Facts, found: &mut Vec<Found>) -> Option<usize> {
        let same = |one: &Found| {
            one.fact.subject == fact.subject && one.fact.predicate == fact.predicate && one.fact.object == fact.object
        };
        if let Some(at) = found.iter().position(same) {
            return Some(at);
        }
        if found.len() >= self.number("guess_found") || !matches!(fact.subject, NamedOrBlankNode::NamedNode(_)) {
            return None;
        }
        if matches!(fact.object, Term::BlankNode(_)) {
            return None;
        }
        let (label, denied) = relation_said(&self.parts.language, &fact.predicate, facts)?;
        found.push(Found { fact, label, denied });
        found.len().checked_sub(1)
    }

    /// The runs of words that name something, the longest first, none inside another.
    fn mentioned(&self, words: &[String], facts: &dyn Facts) -> Result<Vec<Mention>, Fault> {
        let mut found: Vec<Mention> = Vec::new();
        for length in (1..=NAME_WORDS.min(words.len())).rev() {
            for start in 0..=words.len() - length {
                let end = start + length;
                if found.iter().any(|other| other.start < end && start < other.end) {
                    continue;
                }
                let Some(run) = words.get(start..end) else { continue };
                let is_general = |word: &String| word == "'s" || self.parts.language.content_words(word).is_empty();
                if run.first().is_none_or(is_general) || run.last().is_none_or(is_general) {
                    continue;
                }
                let terms = self.terms_named(&run.join(" "), facts)?;
                if !terms.is_empty() {
                    found.push(Mention { start, end, terms });
                }
            }
        }
        found.sort_by_key(|mention| mention.start);
        Ok(found)
    }

    fn terms_named(&self, name: &str, facts: &dyn Facts) -> Result<Vec<Term>, Fault> {
        let mut terms: Vec<Term> = Vec::new();
        let add = |term: Term, terms: &mut Vec<Term>| {
            if !terms.contains(&term) && terms.len() < NAMESAKES {
                terms.push(term);
            }
        };
        let mut keys = vec![Key::of(name)];
        keys.extend(self.parts.language.base_forms(&name.to_lowercase()).iter().map(|base| Key::of(base)));
        for key in keys.iter().filter(|key| !key.is_empty()) {
            let thing = Term::from(key.thing());
            if !facts.some(Some(&thing), None, None, 1)?.is_empty() {
                add(thing, &mut terms);
            }
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-');
            if key.as_str().bytes().all(plain) {
                let concept = format!("{}/c/en/{}", v::CONCEPTNET, key.as_str().replace(' ', "_"));
                let concept = Term::from(NamedNode::new_unchecked(concept));
                if !facts.some(Some(&concept), None, None, 1)?.is_empty() {
                    add(concept, &mut terms);
                }
            }
            for hit in self.parts.recall.named(key.as_str(), &self.audience, NAMESAKES)? {
                let subject = Term::from(hit.subject.clone());
                let meant = synsets_of_form(&subject, facts)?;
                if meant.is_empty() && !hit.subject.as_str().starts_with(v::WN30) {
                    add(subject, &mut terms);
                }
                for synset in meant {
                    add(synset, &mut terms);
                }
            }
            if !terms.is_empty() {
                break;
            }
        }
        Ok(terms)
    }

    /// The facts whose relation is called by words near those of the question, the nearest first.
    fn by_relation(&self, words: &[String], mentions: &[Mention], found: &[Found]) -> Vec<usize> {
        let is_free = |at: &usize| !mentions.iter().any(|mention| (mention.start..mention.end).contains(at));
        let free = (0..words.len()).filter(is_free).filter_map(|at| words.get(at).map(String::as_str));
        let asked = self.parts.language.content_words(&free.collect::<Vec<_>>().join(" "));
        if asked.is_empty() {
            return Vec::new();
        }
        let mut known: BTreeMap<&str, f64> = BTreeMap::new();
        let vectors = self.parts.vectors.as_deref();
        let question = vectors.map(|vectors| vectors.vector(&asked.join(" ")));
        for one in found {
            known.entry(&one.label).or_insert_with(|| {
                let forms: Vec<String> =
                    asked.iter().flat_map(|word| self.parts.language.base_forms(word)).chain(asked.clone()).collect();
                let told = self.parts.language.content_words(&one.label);
                let base = |word: &String| {
                    forms.contains(word) || self.parts.language.base_forms(word).iter().any(|form| forms.contains(form))
                };
                let same = if told.iter().any(base) { 1.0 } else { 0.0 };
                let near = vectors.zip(question.as_ref()).map_or(0.0, |(vectors, question)| {
                    vectors.vector(&one.label).iter().zip(question).map(|(one, other)| f64::from(one * other)).sum()
                });
                same + near
            });
        }
        let fit = |at: &usize| found.get(*at).and_then(|one| known.get(one.label.as_str())).copied().unwrap_or(0.0);
        let mut order: Vec<usize> = (0..found.len()).filter(|at| fit(at) > 0.0).collect();
        order.sort_by(|one, other| fit(other).total_cmp(&fit(one)));
        order
    }

    /// A term as people call it.
    pub(super) fn called(&self, term: &Term, facts: &dyn Facts) -> Result<String, Fault> {
        if let Term::NamedNode(node) = term
            && node.as_str().starts_with(v::WN30)
            && let Some(word) = self.word_for(node)?
        {
            return Ok(word);
        }
        Ok(text_of(term, facts).unwrap_or_else(|| term.to_string()))
    }

    fn sheet(&self, line: &str, words: &[String], mentions: &[Mention], best: Vec<Found>, facts: &dyn Facts) -> Sheet {
        // The same question always has the same slots, and another one others.
        let seed = line.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut chance = Chance::new(seed);
        let mut free: Vec<u8> = (0..quid_core::Mark::SLOTS).collect();
        let mut sheet = Sheet::default();
        let mut name = |term: &Term, sheet: &mut Sheet| -> Option<usize> {
            if let Some(at) = sheet.names.iter().position(|named| named.term == *term) {
                return Some(at);
            }
            let called = self.called(term, facts).ok()?;
            let called: String = foreign_name(&called);
            if called.is_empty() || free.is_empty() {
                return None;
            }
            let at = usize::try_from(chance.below(u64::try_from(free.len()).ok()?)).ok()?;
            let slot = free.swap_remove(at);
            sheet.names.push(Named { term: term.clone(), name: called, kind: self.kind_of(term, facts), slot });
            sheet.names.len().checked_sub(1)
        };
        for found in best {
            let subject = name(&found.fact.subject.clone().into(), &mut sheet);
            let object = name(&found.fact.object, &mut sheet);
            if let (Some(subject), Some(object)) = (subject, object) {
                // What was taught is stored as it was said and as it was understood: one of them is enough.
                let told = |at: usize| sheet.names.get(at).map(|named| self.bare(&named.name));
                let is_known = sheet.facts.iter().any(|given| {
                    (given.subject, &given.label, given.denied) == (subject, &found.label, found.denied)
                        && told(given.object) == told(object)
                });
                if is_known {
                    continue;
                }
                let Found { fact, label, denied } = found;
                sheet.facts.push(Given { fact, subject, object, label, denied });
            }
        }
        // The question with its names as slots; a name that no fact has stays a word.
        let mut question: Vec<String> = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let mention = mentions.iter().find(|mention| mention.start == at);
            let slot = mention.and_then(|mention| {
                mention.terms.iter().find_map(|term| sheet.names.iter().position(|named| named.term == *term))
            });
            match (mention, slot) {
                (Some(mention), Some(slot)) => {
                    question.push(sheet.slot(slot));
                    at = mention.end;
                }
                _ => {
                    question.push(foreign(word));
                    at += 1;
                }
            }
        }
        sheet.question = question.join(" ");
        sheet
    }

    /// A name without the article before it.
    fn bare(&self, name: &str) -> Key {
        let key = Key::of(name);
        match key.as_str().split_once(' ') {
            Some((first, rest)) if self.parts.language.is_article(first) => Key::of(rest),
            _ => key,
        }
    }

    /// What a thing is, in a word or two.
    fn kind_of(&self, term: &Term, facts: &dyn Facts) -> Option<String> {
        let setting = |name| self.parts.language.setting(name).map(str::to_owned);
        if let Term::Literal(literal) = term {
            let value = literal.value();
            return if value.parse::<f64>().is_ok() {
                setting("guess_number")
            } else if literal.datatype().as_str().ends_with("#date")
                || literal.datatype().as_str().ends_with("#dateTime")
            {
                setting("guess_date")
            } else {
                setting("guess_text")
            };
        }
        let types = facts.some(Some(term), Some(v::TYPE), None, NAMESAKES).ok()?;
        types.into_iter().find_map(|fact| {
            let Term::NamedNode(class) = &fact.object else { return None };
            let skipped = setting("guess_skipped").unwrap_or_default();
            let mut spaces = v::MODELLING.iter().copied().chain(skipped.split('|').filter(|space| !space.is_empty()));
            if spaces.any(|space| class.as_str().starts_with(space)) {
                return None;
            }
            let kind = foreign_label(&text_of(&fact.object, facts)?);
            (kind.split(' ').count() <= 3 && !kind.is_empty()).then_some(kind)
        })
    }
}

/// The first synsets that a written form means: form, entry, sense, synset.
fn synsets_of_form(form: &Term, facts: &dyn Facts) -> Result<Vec<Term>, Fault> {
    let mut found = Vec::new();
    for relation in [v::CANONICAL_FORM, v::OTHER_FORM] {
        for entry in facts.some(None, Some(relation), Some(form), 2)? {
            for sense in facts.some(Some(&entry.subject.into()), Some(v::SENSE), None, 2)? {
                let synsets = facts.some(Some(&sense.object), Some(v::LEXICALIZED_SENSE_OF), None, 1)?;
                found.extend(synsets.into_iter().map(|fact| fact.object));
            }
        }
    }
    Ok(found)
}

/// What a relation is called, and whether it denies; `None` for names and the machinery of schemas and lexicons.
pub(crate) fn relation_said(language: &Language, predicate: &NamedNode, facts: &dyn Facts) -> Option<(String, bool)> {
    let setting = |name| language.setting(name).unwrap_or_default();
    let named = setting("guess_labels").split('|').find_map(|pair| {
        let (iri, label) = pair.split_once('=')?;
        predicate.as_str().ends_with(iri).then(|| label.to_owned())
    });
    let label = match named {
        Some(label) => label,
        None => {
            let is_out = |space: &&str| !space.is_empty() && predicate.as_str().starts_with(*space);
            if v::NAMES.contains(&predicate.as_ref())
                || v::MODELLING.iter().any(is_out)
                || setting("guess_skipped").split('|').any(|space| is_out(&space))
            {
                return None;
            }
            let term = Term::from(predicate.clone());
            let labels = facts.some(Some(&term), Some(v::LABEL), None, NAMESAKES).unwrap_or_default();
            let own = labels.into_iter().find_map(|fact| match fact.object {
                Term::Literal(text) if text.language().is_none_or(|language| language.starts_with("en")) => {
                    Some(text.value().to_owned())
                }
                _ => None,
            });
            own.unwrap_or_else(|| percent_decode(predicate.as_str().rsplit(['#', '/', ':']).next().unwrap_or("")))
        }
    };
    let label = foreign_label(&label);
    let (label, denied) = match label.strip_prefix(DENIED) {
        Some(rest) => (rest.to_owned(), true),
        None => (label, false),
    };
    (!label.is_empty()).then_some((label, denied))
}

/// A name from others: one line of bearable length.
fn foreign_name(text: &str) -> String {
    let line = quid_core::text::clean(text);
    let mut name: String = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > LONGEST {
        name = name.chars().take(LONGEST).chain(['…']).collect();
    }
    name
}
