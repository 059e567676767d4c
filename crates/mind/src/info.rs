//! Looks through what is known: the raw text of a factoid, facts about it, and lists by name, value and author.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;

use quid_core::oxrdf::{Literal, NamedNode, NamedOrBlankNode, Term};
use quid_core::reply::{Item, Quote};
use quid_core::source::Citation;
use quid_core::text::clean;
use quid_core::vocabulary as v;
use quid_core::{Act, Answer, Fault, Key, Place, Reply, Time};

use crate::factoid::{Relation, Value, nearest, subject};
use crate::forget::author;
use crate::state::text;
use crate::teach::pointed;
use crate::turn::Turn;

impl Turn<'_> {
    /// "literal foo": every value as it is stored, numbered.
    pub(crate) fn literal(&mut self, name: &str) -> Result<Reply, Fault> {
        let values = self.known_values(name)?;
        let Some(first) = values.first() else {
            return Ok(match self.alias_of(&Key::of(name))? {
                Some((target, graph)) => {
                    let text = self.say("history.alias", &[("from", name), ("to", target.as_str())]);
                    let quote = Quote { text: text.clone(), source: self.cite(&graph)? };
                    Reply::new(Answer::Told(vec![quote]), text)
                }
                None => self.unknown("literal.unknown", &[("name", name)]),
            });
        };
        let mut quotes = Vec::new();
        let mut items = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let shown = clean(&value.text);
            let number = (at + 1).to_string();
            let verb = self.verb(&value.relation);
            let slots = [("number", number.as_str()), ("verb", &verb), ("value", &shown)];
            // The verb is told where it is not the first value's: "1: a, 2: b".
            let phrase = if value.relation == first.relation { "answer.numbered" } else { "literal.numbered" };
            items.push(self.say(phrase, &slots));
            quotes.push(Quote { text: shown, source: self.cite(&value.graph)? });
        }
        let value = if let [quote] = quotes.as_slice() { quote.text.clone() } else { items.join(", ") };
        let slots = [("name", first.label.as_str()), ("verb", &self.verb(&first.relation)), ("value", &value)];
        let mut reply = Reply::new(Answer::Told(quotes), self.say("literal.one", &slots));
        reply.items = values.iter().map(|value| Item { text: clean(&value.text), term: None }).collect();
        self.point(pointed(first));
        Ok(reply)
    }

    fn verb(&self, relation: &Relation) -> String {
        match relation {
            Relation::Is => self.say("verb.is", &[]),
            Relation::Are => self.say("verb.are", &[]),
            Relation::IsNot => self.say("verb.is_not", &[]),
            Relation::Verb(verb) => verb.clone(),
        }
    }

    /// "factinfo foo": who taught it, when, how often it was asked for and by whom last.
    pub(crate) fn fact_info(&mut self, name: &str) -> Result<Reply, Fault> {
        let values = self.find(name)?.map(|found| found.values).unwrap_or_default();
        let Some(first) = values.first() else {
            return Ok(self.unknown("factinfo.unknown", &[("name", name)]));
        };
        let mut quotes = Vec::new();
        let mut authors = Vec::new();
        for value in &values {
            let source = self.cite(&value.graph)?;
            let who = author(&source).to_owned();
            if !authors.contains(&who) {
                authors.push(who);
            }
            quotes.push(Quote { text: self.sentence(value), source });
        }
        let when = match quotes.first().map(|quote| &quote.source) {
            Some(Citation::Said { at, .. }) => at.minute(),
            _ => self.say("factinfo.loaded", &[]),
        };
        let asked = self.times_asked(&first.thing)?;
        let times = match asked {
            0 => self.say("factinfo.never", &[]),
            1 => self.say("factinfo.once", &[]),
            more => self.say("factinfo.times", &[("count", &more.to_string())]),
        };
        let one = |predicate| -> Result<Option<String>, Fault> {
            Ok(self.observed(&first.thing, predicate)?.first().map(|quad| text(quad).to_owned()))
        };
        let whom = one(v::ASKED_BY)?.unwrap_or_default();
        let last = one(v::GENERATED_AT)?.and_then(|at| Time::parse(&at)).map_or_else(String::new, Time::minute);
        let who = self.parts.language.list(&authors);
        let slots = [
            ("name", first.label.as_str()),
            ("who", &who),
            ("when", &when),
            ("times", &times),
            ("whom", &whom),
            ("last", &last),
        ];
        let mut said = self.say(if asked == 0 { "factinfo" } else { "factinfo.asked" }, &slots);
        for (_, holder) in self.locks(&first.thing)? {
            said.push(' ');
            said.push_str(&self.say("factinfo.locked", &[("who", &holder)]));
        }
        Ok(Reply::new(Answer::Told(quotes), said))
    }

    fn times_asked(&self, thing: &NamedNode) -> Result<u64, Fault> {
        Ok(self.observed(thing, v::ASKED)?.iter().find_map(|quad| text(quad).parse().ok()).unwrap_or(0))
    }

    /// Counts a question for a thing. What somebody asks in private is not told to others, so it does not count.
    pub(crate) fn note_asked(&self, thing: &NamedNode) -> Result<(), Fault> {
        if self.heard.place == Place::Private {
            return Ok(());
        }
        let times = self.times_asked(thing)?.saturating_add(1);
        self.replace_observed(
            thing,
            &[
                (v::ASKED, Literal::new_simple_literal(times.to_string())),
                (v::ASKED_BY, Literal::new_simple_literal(&self.heard.speaker.nick)),
                (v::GENERATED_AT, Literal::new_simple_literal(self.heard.at.to_string())),
            ],
        )
    }

    /// Every name with a value, and its nearest values, that `wanted` chooses by folded name and folded value.
    fn scan(&self, wanted: impl Fn(&str, &str) -> bool) -> Result<BTreeMap<Key, Vec<Value>>, Fault> {
        let mut left = self.number("scan_most");
        let mut keys = BTreeSet::new();
        let facts = self.parts.memory.facts(&self.audience);
        for predicate in [v::IS, v::ARE, v::IS_NOT] {
            facts.each(None, Some(predicate), None, &mut |fact| {
                if let (NamedOrBlankNode::NamedNode(thing), Term::Literal(value)) = (&fact.subject, &fact.object)
                    && let Some(key) = Key::of_thing(thing)
                    && wanted(key.as_str(), Key::of(value.value()).as_str())
                {
                    keys.insert(key);
                }
                left = left.saturating_sub(1);
                let stopped = left == 0 || self.stop.load(std::sync::atomic::Ordering::Relaxed);
                if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        }
        let mut found = BTreeMap::new();
        for key in keys {
            let values = nearest(self.values(&key)?);
            if values.iter().any(|value| wanted(key.as_str(), Key::of(&value.text).as_str())) {
                found.insert(key, values);
            }
        }
        Ok(found)
    }

    /// "listkeys foo"
    pub(crate) fn list_keys(&mut self, words: &str) -> Result<Reply, Fault> {
        let part = Key::of(words);
        let found = self.scan(|name, _| name.contains(part.as_str()))?;
        let names = found.into_iter().map(|(key, values)| label(&key, &values)).collect();
        Ok(self.found(words, names))
    }

    /// "listvalues foo"
    pub(crate) fn list_values(&mut self, words: &str) -> Result<Reply, Fault> {
        let part = Key::of(words);
        let found = self.scan(|_, value| value.contains(part.as_str()))?;
        let mut said = Vec::new();
        for value in found.values().flatten() {
            if Key::of(&value.text).as_str().contains(part.as_str()) {
                said.push(self.sentence(value));
            }
        }
        Ok(self.found(words, said))
    }

    /// "search foo": names and values first, then all other texts by their words.
    pub(crate) fn search(&mut self, words: &str) -> Result<Reply, Fault> {
        let part = Key::of(words);
        if part.is_empty() {
            return Ok(self.chat("ask.term", &[]));
        }
        let found = self.scan(|name, value| name.contains(part.as_str()) || value.contains(part.as_str()))?;
        let mut said = Vec::new();
        let mut seen = HashSet::new();
        for value in found.values().flatten() {
            let sentence = self.sentence(value);
            if seen.insert(sentence.clone()) {
                said.push(sentence);
            }
        }
        for hit in self.parts.recall.recall(words, &self.audience, self.number("search_most"))? {
            // The descriptions of the bot's own vocabulary are no answers about the world.
            if hit.subject.as_str().starts_with(v::NS) {
                continue;
            }
            let sentence = self.hit_in_words(&hit)?;
            if hit.predicate.as_ref() != v::LABEL && seen.insert(sentence.clone()) {
                let source = self.cite(&hit.graph)?;
                said.push(match source {
                    Citation::Dump { title, .. } => {
                        self.say("answer.quote", &[("what", &sentence), ("source", &title)])
                    }
                    Citation::Said { .. } => sentence,
                });
            }
        }
        Ok(self.found(words, said))
    }

    /// "listauth alice": what she taught that still stands.
    pub(crate) fn list_author(&mut self, who: &str) -> Result<Reply, Fault> {
        let wanted = Key::of(who);
        let mut left = self.number("scan_most");
        let mut things = BTreeSet::new();
        self.parts.memory.back(&mut |record| {
            let theirs = Key::of(&record.by.nick) == wanted || Key::of(record.by.name()) == wanted;
            let taught = matches!(record.act, Act::Learn | Act::Correct | Act::Confirm);
            if theirs && taught && self.audience.sees(&record.scope) {
                things.extend(record.about.iter().cloned());
            }
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        let mut names = Vec::new();
        for thing in things {
            let Some(key) = Key::of_thing(&thing) else { continue };
            for value in self.values(&key)? {
                let source = self.cite(&value.graph)?;
                let nick = matches!(&source, Citation::Said { nick, .. } if Key::of(nick) == wanted);
                if nick || Key::of(author(&source)) == wanted {
                    names.push(value.label);
                    break;
                }
            }
        }
        if names.is_empty() {
            return Ok(self.unknown("search.author.none", &[("who", who)]));
        }
        Ok(self.found(who, names))
    }

    /// "most popular": what is asked for most, among what may be seen here.
    pub(crate) fn popular(&mut self) -> Result<Reply, Fault> {
        let mut left = self.number("scan_most");
        let mut counts: Vec<(u64, NamedNode)> = Vec::new();
        self.parts.memory.keeping().each(None, Some(v::ASKED), None, &mut |fact| {
            let quad = crate::factoid::quad(fact.clone());
            if let (Some(thing), Ok(count)) = (subject(&quad), text(&quad).parse()) {
                counts.push((count, thing.clone()));
            }
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        counts.sort_by(|(one, first), (other, second)| other.cmp(one).then_with(|| first.cmp(second)));
        let mut said = Vec::new();
        for (count, thing) in counts {
            let Some(key) = Key::of_thing(&thing) else { continue };
            let values = nearest(self.values(&key)?);
            if !values.is_empty() {
                let name = label(&key, &values);
                said.push(self.say("popular.one", &[("name", &name), ("count", &count.to_string())]));
            }
            if said.len() >= self.number("most_found") {
                break;
            }
        }
        if said.is_empty() {
            return Ok(self.chat("popular.none", &[]));
        }
        let what = self.page(said, self.number("most_shown"));
        Ok(self.chat("popular.list", &[("what", &what)]))
    }
}

/// A name as it was typed, else its key.
fn label(key: &Key, values: &[Value]) -> String {
    values.first().map_or_else(|| key.as_str().to_owned(), |value| value.label.clone())
}
