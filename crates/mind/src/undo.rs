//! Takes changes back: one's own, step by step; for an operator anybody's.
//!
//! A change is quads added and removed, so undoing it is the swap of the two; the undoing is a change itself and
//! can be undone in turn. What was changed again since is left alone, so that nobody's later work is lost.

use std::collections::HashSet;
use std::ops::ControlFlow;

use quid_core::oxrdf::{GraphName, NamedNode, Quad};
use quid_core::vocabulary as v;
use quid_core::{Act, Fault, Key, Record, Reply, Scope, Source, Speaker, Time};

use crate::factoid::{Relation, Tier, subject};
use crate::turn::{Draft, Turn};

/// What became of a change that was to be undone.
enum Undone {
    Yes,
    /// Something it wrote is gone, or something else was written since.
    ChangedSince,
    Locked(Reply),
}

impl Turn<'_> {
    /// "undo", "undo 3"
    pub(crate) fn undo(&mut self, steps: u32) -> Result<Reply, Fault> {
        let steps = usize::try_from(steps).unwrap_or(usize::MAX).clamp(1, self.number("undo_most"));
        let speaker = self.heard.speaker.clone();
        let anybody = self.is_operator();
        // A step back is a step in this place: nobody's work elsewhere is undone by accident.
        let scope = self.scope();
        let apart = Scope::Quarantine(self.heard.place.to_string());
        let here = |record: &Record| record.scope == scope || anybody && record.scope == apart;
        let mut records = self.standing(steps, None, |record| here(record) && (anybody || is_by(record, &speaker)))?;
        if records.is_empty() {
            // With nothing else left, undoing again brings back what was undone last.
            records = self.last_undoing(&speaker)?.into_iter().collect();
        }
        let Some(newest) = records.first().cloned() else {
            let other = self.standing(1, None, here)?;
            return Ok(match other.first() {
                Some(other) => self.refuse("undo.refused", &[("who", other.by.name())]),
                None => self.refuse("undo.nothing", &[]),
            });
        };
        let (done, left) = self.undo_all(records)?;
        match (done.as_slice(), left) {
            ([], Some(refusal)) => Ok(refusal),
            ([], None) => Ok(self.refuse("undo.changed", &[("what", &newest.line)])),
            (_, _) => Ok(self.done("undo.ok", &[("what", &self.lines(&done))])),
        }
    }

    /// "undo what NICK taught in the last hour", "revert NICK 1h"
    pub(crate) fn revert(&mut self, who: &str, since: Option<Time>) -> Result<Reply, Fault> {
        let own = Key::of(who) == Key::of(self.heard.speaker.name());
        if !self.is_operator() && !own {
            return Ok(self.refuse("revert.refused", &[]));
        }
        let key = Key::of(who);
        let most = self.number("undo_most");
        let (operator, speaker) = (self.is_operator(), self.heard.speaker.clone());
        let by = |record: &Record| {
            (Key::of(&record.by.nick) == key || Key::of(record.by.name()) == key)
                && (operator || is_by(record, &speaker))
        };
        let records = self.standing(most, since, by)?;
        if records.is_empty() {
            return Ok(self.refuse("revert.nothing", &[("who", who)]));
        }
        let asked = records.len();
        let (done, _) = self.undo_all(records)?;
        let count = done.len().to_string();
        let mut reply = self.done("revert.ok", &[("count", &count), ("who", who), ("what", &self.lines(&done))]);
        if done.len() < asked {
            let kept = asked.saturating_sub(done.len()).to_string();
            reply.text.push(' ');
            reply.text.push_str(&self.say("revert.kept", &[("count", &kept)]));
        }
        Ok(reply)
    }

    /// The newest changes that still stand, may be seen here and are chosen, newest first.
    fn standing(
        &self,
        most: usize,
        since: Option<Time>,
        chosen: impl Fn(&Record) -> bool,
    ) -> Result<Vec<Record>, Fault> {
        let mut undone = HashSet::new();
        let mut found = Vec::new();
        self.parts.memory.back(&mut |record| {
            if since.is_some_and(|since| record.at < since) || found.len() >= most {
                return ControlFlow::Break(());
            }
            if undone.contains(&record.seq) {
                return ControlFlow::Continue(());
            }
            undone.extend(record.undoes);
            let seen = self.audience.sees(&record.scope) || matches!(record.scope, Scope::Quarantine(_));
            if record.act != Act::Undo && seen && chosen(record) {
                found.push(record.clone());
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// The speaker's newest undoing that was not itself undone.
    fn last_undoing(&self, speaker: &Speaker) -> Result<Option<Record>, Fault> {
        let mut undone = HashSet::new();
        let mut found = None;
        self.parts.memory.back(&mut |record| {
            if undone.contains(&record.seq) {
                return ControlFlow::Continue(());
            }
            undone.extend(record.undoes);
            if record.act == Act::Undo && self.audience.sees(&record.scope) && is_by(record, speaker) {
                found = Some(record.clone());
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// Undoes these, newest first; gives those that were, and the first refusal.
    fn undo_all(&mut self, records: Vec<Record>) -> Result<(Vec<Record>, Option<Reply>), Fault> {
        let mut done = Vec::new();
        let mut refusal = None;
        for record in records {
            match self.undo_one(&record)? {
                Undone::Yes => done.push(record),
                Undone::ChangedSince => {}
                Undone::Locked(reply) => refusal = refusal.or(Some(reply)),
            }
        }
        Ok((done, refusal))
    }

    fn undo_one(&mut self, record: &Record) -> Result<Undone, Fault> {
        if record.act != Act::Lock {
            for thing in &record.about {
                let name = Key::of_thing(thing).map(|key| key.as_str().to_owned()).unwrap_or_default();
                if let Some(refusal) = self.locked(thing, &name)? {
                    return Ok(Undone::Locked(refusal));
                }
            }
        }
        if record.act == Act::Karma {
            return self.undo_karma(record);
        }
        for quad in &record.added {
            // What stands in quarantine is in nobody's view; only confirming or undoing takes it out, and both
            // would have been seen in the journal.
            if !is_apart(quad) && !self.is_stored(quad)? {
                return Ok(Undone::ChangedSince);
            }
        }
        if self.is_taken(record)? {
            return Ok(Undone::ChangedSince);
        }
        let draft = Draft {
            added: record.removed.clone(),
            removed: record.added.clone(),
            about: record.about.clone(),
            undoes: Some(record.seq),
            scope: Some(record.scope.clone()),
            ..Draft::default()
        };
        self.write(Act::Undo, draft)?;
        Ok(Undone::Yes)
    }

    /// Karma is a sum: one vote is taken back from whatever it is now.
    fn undo_karma(&mut self, record: &Record) -> Result<Undone, Fault> {
        let count =
            |quads: &[Quad]| quads.iter().find_map(|quad| crate::state::text(quad).parse::<i64>().ok()).unwrap_or(0);
        let vote = count(&record.added).saturating_sub(count(&record.removed));
        let Some(thing) = record.about.first() else { return Ok(Undone::ChangedSince) };
        let removed = self.state(thing, v::KARMA)?;
        let karma = count(&removed).saturating_sub(vote);
        let mut added = record.added.clone();
        for quad in &mut added {
            quad.object = quid_core::oxrdf::Literal::from(karma).into();
        }
        let draft = Draft { added, removed, about: record.about.clone(), undoes: Some(record.seq), ..Draft::default() };
        self.write(Act::Undo, draft)?;
        Ok(Undone::Yes)
    }

    /// Whether bringing back what the change removed would meet a value that was taught after it.
    fn is_taken(&self, record: &Record) -> Result<bool, Fault> {
        let mut things: Vec<&NamedNode> =
            record.removed.iter().filter(|quad| is_being(&quad.predicate)).filter_map(subject).collect();
        things.dedup();
        for thing in things {
            let Some(key) = Key::of_thing(thing) else { continue };
            let later = self.values(&key)?.into_iter().any(|value| {
                value.tier == Tier::Own
                    && value.relation.is_being()
                    && value.seq > record.seq
                    && !record.added.iter().any(|quad| quad.graph_name == value.graph.as_ref().into())
            });
            if later {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The lines of these changes, word for word.
    fn lines(&self, records: &[Record]) -> String {
        let quoted: Vec<String> =
            records.iter().map(|record| self.say("answer.quoted", &[("what", &record.line)])).collect();
        self.parts.language.list(&quoted)
    }
}

fn is_apart(quad: &Quad) -> bool {
    match &quad.graph_name {
        GraphName::NamedNode(graph) => {
            matches!(Source::of_graph(graph.as_str()), Some(Source::Said { scope: Scope::Quarantine(_), .. }))
        }
        GraphName::BlankNode(_) | GraphName::DefaultGraph => false,
    }
}

fn is_being(predicate: &NamedNode) -> bool {
    Relation::of(predicate).is_some_and(|relation| relation.is_being())
}

/// Whether this person made the change. An account is proof; without one a nick must do, but never for what an
/// account did.
fn is_by(record: &Record, speaker: &Speaker) -> bool {
    (speaker.account.is_some() || record.by.account.is_none()) && Key::of(record.by.name()) == Key::of(speaker.name())
}
