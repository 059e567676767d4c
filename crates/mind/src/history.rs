//! Tells the past of a thing: its history, and what was believed at a moment.
//!
//! The journal is the truth of what was taught; the past is its records folded up to a moment.

use std::collections::BTreeMap;

use quid_core::intent::Target;
use quid_core::oxrdf::{GraphName, NamedNode, Quad, Term};
use quid_core::reply::Quote;
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{Act, Answer, Fact, Fault, Key, Record, Reply, Source, Time};

use crate::factoid::{Found, Value, nearest, subject};
use crate::turn::Turn;

impl Turn<'_> {
    /// "history of foo"
    pub(crate) fn history(&mut self, target: &Target) -> Result<Reply, Fault> {
        let (name, thing) = match target {
            Target::Named(name) | Target::Nth(name, _) | Target::Valued { name, .. } => {
                (name.clone(), Key::of(name).thing())
            }
            Target::That => match self.pointed() {
                Some(pointed) => (pointed.name, pointed.thing),
                None => return Ok(self.chat("provenance.nothing", &[])),
            },
        };
        let mut lines = Vec::new();
        let mut quotes = Vec::new();
        for record in self.records(&thing)? {
            let Some(line) = self.told_of(&record, &thing) else { continue };
            quotes.push(Quote { text: line.clone(), source: citation(&record) });
            lines.push(line);
        }
        if lines.is_empty() {
            return Ok(self.unknown("history.none", &[("name", &name)]));
        }
        let text = self.page(lines, self.number("history_shown"));
        Ok(Reply::new(Answer::Told(quotes), self.say("history.list", &[("what", &text)])))
    }

    /// The journal's records about a thing that may be seen here, oldest first.
    pub(crate) fn records(&self, thing: &NamedNode) -> Result<Vec<Record>, Fault> {
        let mut found = Vec::new();
        for seq in self.parts.memory.about(thing)? {
            if let Some(record) = self.parts.memory.record(seq)?
                && self.audience.sees(&record.scope)
            {
                found.push(record);
            }
        }
        Ok(found)
    }

    /// One change in words; `None` for those that are no part of a thing's history.
    fn told_of(&self, record: &Record, thing: &NamedNode) -> Option<String> {
        let added = self.said_in(&record.added, thing);
        let removed = self.said_in(&record.removed, thing);
        let (phrase, what) = match record.act {
            Act::Learn | Act::Confirm if added.is_empty() => ("history.learned", record.line.clone()),
            Act::Learn | Act::Confirm => ("history.learned", added),
            Act::Correct if added.is_empty() => ("history.renamed", removed),
            Act::Correct => ("history.corrected", added),
            Act::Forget => ("history.forgotten", removed),
            Act::Restore => ("history.restored", added),
            Act::Undo => ("history.undone", self.undone_line(record)?),
            Act::Lock if record.added.is_empty() => ("history.unlocked", String::new()),
            Act::Lock => ("history.locked", String::new()),
            Act::Overhear | Act::Karma | Act::Setting => return None,
        };
        let when = record.at.minute();
        Some(self.say(phrase, &[("when", &when), ("who", &record.by.nick), ("what", &what)]))
    }

    fn undone_line(&self, record: &Record) -> Option<String> {
        let undone = self.parts.memory.record(record.undoes?).ok()??;
        (undone.act != Act::Karma).then_some(undone.line)
    }

    /// What these quads say of a thing, as sentences.
    fn said_in(&self, quads: &[Quad], thing: &NamedNode) -> String {
        let Some(key) = Key::of_thing(thing) else { return String::new() };
        let facts = quads.iter().filter(|quad| subject(quad) == Some(thing)).filter_map(fact).collect::<Vec<_>>();
        let mut said: Vec<String> = self.values_of(&key, &facts).iter().map(|value| self.sentence(value)).collect();
        for fact in &facts {
            if fact.predicate.as_ref() == v::SAME_AS
                && let Term::NamedNode(target) = &fact.object
                && let Some(target) = Key::of_thing(target)
            {
                said.push(self.say("history.alias", &[("from", key.as_str()), ("to", target.as_str())]));
            }
        }
        self.parts.language.list(&said)
    }

    /// "what did you think foo was on 2026-05-01?"
    pub(crate) fn as_of(&mut self, of: &str, at: Time) -> Result<Reply, Fault> {
        let key = Key::of(of);
        let thing = key.thing();
        let mut then: BTreeMap<String, Quad> = BTreeMap::new();
        for record in self.records(&thing)?.into_iter().filter(|record| record.at <= at) {
            for quad in &record.removed {
                then.remove(&quad.to_string());
            }
            for quad in record.added {
                then.insert(quad.to_string(), quad);
            }
        }
        let facts: Vec<Fact> = then
            .values()
            .filter(|quad| subject(quad) == Some(&thing))
            .filter_map(fact)
            .filter(|fact| self.sees(&fact.graph))
            .collect();
        let values: Vec<Value> = nearest(self.values_of(&key, &facts));
        if values.is_empty() {
            return Ok(self.unknown("unknown.past", &[("what", of)]));
        }
        let mut reply = self.told(&Found { values, argument: None, looped: false })?;
        reply.text = self.say("past.was", &[("when", &at.minute()), ("what", &reply.text)]);
        Ok(reply)
    }

    fn sees(&self, graph: &NamedNode) -> bool {
        match Source::of_graph(graph.as_str()) {
            Some(Source::Said { scope, .. }) => self.audience.sees(&scope),
            Some(Source::Dump(_) | Source::Graph(_)) => true,
            None => false,
        }
    }
}

/// A quad of a named graph as a fact.
pub(crate) fn fact(quad: &Quad) -> Option<Fact> {
    let GraphName::NamedNode(graph) = &quad.graph_name else { return None };
    Some(Fact {
        subject: quad.subject.clone(),
        predicate: quad.predicate.clone(),
        object: quad.object.clone(),
        graph: graph.clone(),
    })
}

/// A change as a source.
pub(crate) fn citation(record: &Record) -> Citation {
    let statement =
        record.statement().map_or_else(|| format!("{}{}", v::EVENT, record.seq), |graph| graph.as_str().to_owned());
    Citation::Said {
        statement,
        nick: record.by.nick.clone(),
        account: record.by.account.clone(),
        place: record.place.to_string(),
        at: record.at,
        line: record.line.clone(),
    }
}
