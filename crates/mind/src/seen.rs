//! Remembers when somebody spoke last, for "seen alice?".
//!
//! Only what was said in a channel is noted: what somebody says in private is nobody else's business.

use quid_core::oxrdf::{Literal, NamedNode};
use quid_core::text::{clean, percent_encode};
use quid_core::vocabulary as v;
use quid_core::{Fault, Key, Place, Reply, Time};

use crate::state::text;
use crate::turn::Turn;

/// A person, as PROV and observations name them.
pub(crate) fn agent(key: &Key) -> NamedNode {
    NamedNode::new_unchecked(format!("{}{}", v::AGENT, percent_encode(key.as_str())))
}

impl Turn<'_> {
    /// Notes that the speaker spoke here now.
    pub(crate) fn note_seen(&self) -> Result<(), Fault> {
        let Place::Channel(channel) = &self.heard.place else { return Ok(()) };
        let line: String = clean(&self.heard.text).trim().chars().take(self.number("longest_seen")).collect();
        self.replace_observed(
            &agent(&Key::of(&self.heard.speaker.nick)),
            &[
                (v::SEEN, Literal::new_simple_literal(self.heard.at.to_string())),
                (v::AT_LOCATION, Literal::new_simple_literal(channel)),
                (v::PROV_VALUE, Literal::new_simple_literal(line)),
            ],
        )
    }

    /// "seen alice?"
    pub(crate) fn seen(&self, who: &str) -> Result<Reply, Fault> {
        let key = Key::of(who);
        let names = [("who", who)];
        if key == Key::of(&self.parts.me) {
            return Ok(self.chat("seen.me", &names));
        }
        if key == Key::of(&self.heard.speaker.nick) {
            return Ok(self.chat("seen.yourself", &names));
        }
        let node = agent(&key);
        let first = |predicate| -> Result<Option<String>, Fault> {
            Ok(self.observed(&node, predicate)?.first().map(|quad| text(quad).to_owned()))
        };
        let Some(at) = first(v::SEEN)?.and_then(|at| Time::parse(&at)) else {
            return Ok(self.unknown("seen.never", &names));
        };
        let ago = self.parts.language.ago(self.heard.at.seconds_since(at));
        let place = first(v::AT_LOCATION)?.unwrap_or_default();
        let what = first(v::PROV_VALUE)?.unwrap_or_default();
        Ok(self.chat("seen.ago", &[("who", who), ("ago", &ago), ("where", &place), ("what", &what)]))
    }
}
