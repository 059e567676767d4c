//! What another bot's brain tells of its factoids: who taught it them, when, and in which channel.
//!
//! A loaded brain is one source, but its factoids have authors; the row that makes a factoid says so (a reifier,
//! RDF 1.2). A channel keeps its own meaning of a word here too: what was taught to the other bot in this channel
//! comes first, and what it was taught in other channels is told as such.

use quid_core::oxrdf::vocab::rdf;
use quid_core::oxrdf::{NamedNode, Term, Triple};
use quid_core::source::author_of;
use quid_core::vocabulary as v;
use quid_core::{Fact, Fault, Key, Place, Time};

use crate::conversation::Pointed;
use crate::factoid::{Tier, Value, nearest};
use crate::turn::Turn;

/// Rows that are looked at for one value.
const MOST_ROWS: usize = 64;

/// What one row of a brain says about a value.
#[derive(Debug)]
struct Taught {
    by: Option<String>,
    at: Option<Time>,
    place: Option<String>,
}

impl Turn<'_> {
    /// Puts the values of dumps where they belong: those of this channel before everybody's, other channels' last.
    pub(crate) fn place_inherited(&self, values: &mut [Value]) -> Result<(), Fault> {
        for value in values.iter_mut().filter(|value| value.tier == Tier::Dump) {
            let rows = self.taught_elsewhere(value)?;
            if rows.is_empty() || rows.iter().any(|row| row.place.is_none()) {
                continue;
            }
            let here = |row: &Taught| match (&self.heard.place, &row.place) {
                (Place::Channel(here), Some(there)) => Key::of(here) == Key::of(there),
                _ => false,
            };
            value.tier = if rows.iter().any(here) {
                Tier::DumpHere
            } else {
                Tier::Elsewhere(rows.into_iter().find_map(|row| row.place).unwrap_or_default())
            };
        }
        Ok(())
    }

    /// What the rows of a brain say about a value; nothing for a value of any other source.
    fn taught_elsewhere(&self, value: &Value) -> Result<Vec<Taught>, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        let text = quid_core::oxrdf::Literal::new_simple_literal(&value.text);
        let said = Term::from(Triple::new(value.thing.clone(), value.relation.predicate(), text));
        let mut rows = Vec::new();
        for row in facts.all(None, Some(rdf::REIFIES), Some(&said), MOST_ROWS)? {
            if row.graph != value.graph {
                continue;
            }
            let about = facts.all(Some(&row.subject.into()), None, None, MOST_ROWS)?;
            rows.push(Taught::of(&about));
        }
        Ok(rows)
    }

    /// "ann taught pbot that on 24 Jun 2010, in #ubuntu": one sentence for each row of a brain that makes a value of
    /// what is pointed at; nothing when it comes from no brain.
    pub(crate) fn inherited_in_words(&self, pointed: &Pointed, source: &str) -> Result<Vec<String>, Fault> {
        let key = Key::of_thing(&pointed.thing).unwrap_or_else(|| Key::of(&pointed.name));
        let mut said: Vec<String> = Vec::new();
        for value in nearest(self.values(&key)?).iter().filter(|value| value.graph == pointed.graph) {
            for row in self.taught_elsewhere(value)? {
                let Taught { by, at, place } = row;
                if by.is_none() && at.is_none() {
                    continue;
                }
                let who = by.map_or_else(|| self.say("inherited.somebody", &[]), |name| nick_of(&name));
                let when = at.map_or_else(String::new, |at| self.say("inherited.when", &[("when", &at.minute())]));
                let place = place.map_or_else(String::new, |place| self.say("inherited.where", &[("where", &place)]));
                let what = self.sentence(value);
                let slots =
                    [("who", who.as_str()), ("when", &when), ("where", &place), ("what", &what), ("source", source)];
                let words = self.say("inherited.told", &slots);
                if !said.contains(&words) {
                    said.push(words);
                }
            }
        }
        Ok(said)
    }
}

impl Taught {
    fn of(row: &[Fact]) -> Self {
        let object = |predicate| row.iter().find(|fact| fact.predicate == predicate).map(|fact| &fact.object);
        let text = |predicate| match object(predicate) {
            Some(Term::Literal(text)) => Some(text.value().to_owned()),
            _ => None,
        };
        let by = match object(v::ATTRIBUTED_TO) {
            Some(Term::NamedNode(author)) => author_of(NamedNode::as_str(author)),
            _ => None,
        };
        Self { by, at: text(v::GENERATED_AT).and_then(|at| Time::parse(&at)), place: text(v::AT_LOCATION) }
    }
}

/// The nick in a hostmask: `ann!~a@example.org`.
fn nick_of(author: &str) -> String {
    author.split_once('!').map_or(author, |(nick, _)| nick).to_owned()
}
