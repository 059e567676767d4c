//! Keeps what was merely overheard in quarantine until somebody confirms it.
//!
//! Old bots that learned from everything ended up with mostly rubbish; here an overheard line is never an answer,
//! and it shows who said it and in which words.

use std::collections::HashSet;
use std::ops::ControlFlow;

use quid_core::intent::Teaching;
use quid_core::oxrdf::{NamedNode, Term, Triple};
use quid_core::{Act, Answer, Fault, Key, Place, Record, Reply, Rights, Scope};

use crate::conversation::Pointed;
use crate::factoid::{Relation, Tier, Value, subject};
use crate::history::fact;
use crate::teach::guard;
use crate::turn::{Draft, Turn};

impl Turn<'_> {
    /// A line that was not for the bot, in a place where that is allowed: kept silently, if at all.
    pub(crate) fn overhear(&mut self, teaching: &Teaching) -> Result<Reply, Fault> {
        let Place::Channel(channel) = self.heard.place.clone() else { return Ok(Reply::silent()) };
        if self.may_teach(false)?.is_some() || self.is_known_or_waiting(teaching)? {
            return Ok(Reply::silent());
        }
        let mut reply = Reply::silent();
        reply.statement = self.keep_apart(teaching, channel)?;
        Ok(reply)
    }

    /// A correction by somebody who may not correct here: kept for somebody who may confirm it.
    pub(crate) fn propose(&mut self, teaching: &Teaching) -> Result<Reply, Fault> {
        let place = self.heard.place.to_string();
        let mut reply = self.done("learn.pending", &[]);
        reply.statement = self.keep_apart(teaching, place)?;
        Ok(reply)
    }

    fn keep_apart(&mut self, teaching: &Teaching, place: String) -> Result<Option<String>, Fault> {
        let too_long = teaching.subject.chars().count() > self.number("longest_name")
            || teaching.value.chars().count() > self.number("longest_value");
        let thing = Key::of(&teaching.subject).thing();
        if too_long || Key::of(&teaching.subject).is_empty() {
            return Ok(None);
        }
        let draft = Draft {
            learned: Self::triples(&thing, teaching, &Relation::of_teaching(teaching)),
            about: vec![thing],
            scope: Some(Scope::Quarantine(place)),
            ..Draft::default()
        };
        Ok(self.write(Act::Overhear, draft)?.statement.map(|graph| graph.as_str().to_owned()))
    }

    /// Whether this is a fact already, or was overheard before: said twice is not to be confirmed twice.
    fn is_known_or_waiting(&self, teaching: &Teaching) -> Result<bool, Fault> {
        let key = Key::of(&teaching.subject);
        if self.values(&key)?.iter().any(|value| value.means(&teaching.value, None)) {
            return Ok(true);
        }
        for seq in self.parts.memory.about(&key.thing())? {
            let Some(record) = self.parts.memory.record(seq)? else { continue };
            let same = record.added.iter().any(
                |quad| matches!(&quad.object, Term::Literal(text) if Key::of(text.value()) == Key::of(&teaching.value)),
            );
            if record.act == Act::Overhear && same {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What waits in this place's quarantine, newest first.
    fn waiting(&self) -> Result<Vec<Record>, Fault> {
        let here = Scope::Quarantine(self.heard.place.to_string());
        let everywhere =
            self.heard.speaker.rights >= Rights::Operator && !matches!(self.heard.place, Place::Channel(_));
        let most = self.number("quarantine_most");
        let mut undone = HashSet::new();
        let mut found = Vec::new();
        self.parts.memory.back(&mut |record| {
            if !undone.contains(&record.seq) {
                undone.extend(record.undoes);
                let chosen = record.scope == here || everywhere && matches!(record.scope, Scope::Quarantine(_));
                if record.act == Act::Overhear && chosen {
                    found.push(record.clone());
                }
            }
            if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found)
    }

    /// "quarantine"
    pub(crate) fn quarantine(&mut self) -> Result<Reply, Fault> {
        let waiting = self.waiting()?;
        if waiting.is_empty() {
            return Ok(self.chat("quarantine.none", &[]));
        }
        let lines = waiting
            .iter()
            .map(|record| {
                let slots = [("who", record.by.nick.as_str()), ("when", &record.at.date()), ("what", &record.line)];
                self.say("quarantine.one", &slots)
            })
            .collect();
        let what = self.page(lines, self.number("most_shown"));
        Ok(self.chat("quarantine.list", &[("what", &what)]))
    }

    /// "confirm foo"
    pub(crate) fn confirm(&mut self, name: &str) -> Result<Reply, Fault> {
        if let Some(refusal) = self.may_teach(true)? {
            return Ok(refusal);
        }
        let key = Key::of(name);
        let thing = key.thing();
        let Some(record) = self.waiting()?.into_iter().find(|record| record.about.contains(&thing)) else {
            return Ok(self.refuse("confirm.unknown", &[("name", name)]));
        };
        // Nobody vouches for themselves: an operator may, to get on with it.
        if !self.is_operator() && Key::of(record.by.name()) == Key::of(self.heard.speaker.name()) {
            return Ok(self.refuse("confirm.refused", &[]));
        }
        if let Some(refusal) = self.locked(&thing, name)? {
            return Ok(refusal);
        }
        let all = self.values(&key)?;
        let facts: Vec<_> = record.added.iter().filter(|quad| subject(quad) == Some(&thing)).filter_map(fact).collect();
        let new = self.values_of(&key, &facts);
        let being = |value: &&Value| value.relation.is_being();
        if let (Some(known), true) =
            (all.iter().filter(being).find(|value| value.tier == Tier::Own), new.iter().any(|value| being(&value)))
        {
            let what = self.sentence(known);
            return Ok(self.refuse("learn.but.hint", &[("what", &what)]));
        }
        let learned = record
            .added
            .iter()
            .map(|quad| Triple::new(quad.subject.clone(), quad.predicate.clone(), quad.object.clone()))
            .collect();
        let draft = Draft {
            learned,
            removed: record.added.clone(),
            about: vec![thing.clone()],
            undoes: Some(record.seq),
            guard: Some(guard(&thing, &all)),
            ..Draft::default()
        };
        let receipt = self.write(Act::Confirm, draft)?;
        let what = self.parts.language.list(&new.iter().map(|value| self.sentence(value)).collect::<Vec<_>>());
        let mut reply = self.done("confirm.ok", &[("what", &what)]);
        self.point_at(receipt.statement, name, thing, &mut reply);
        debug_assert!(reply.answer == Answer::Done);
        Ok(reply)
    }

    fn point_at(&mut self, statement: Option<NamedNode>, name: &str, thing: NamedNode, reply: &mut Reply) {
        if let Some(graph) = statement {
            reply.statement = Some(graph.as_str().to_owned());
            self.point(Pointed { name: name.to_owned(), thing, graph });
        }
    }
}
