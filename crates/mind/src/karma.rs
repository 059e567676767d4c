//! Counts karma: "rust++" in a channel raises it by one.
//!
//! Most karma is given in passing, not to the bot, so it is counted without a word.

use quid_core::oxrdf::Literal;
use quid_core::vocabulary as v;
use quid_core::{Act, Answer, Fault, Key, Place, Reply};

use crate::state::text;
use crate::turn::Turn;

impl Turn<'_> {
    /// "foo++", "(foo bar)--"; silent unless it was said to the bot.
    pub(crate) fn karma(&mut self, of: &str, by: i64, addressed: bool) -> Result<Reply, Fault> {
        let told = |reply: Reply| Ok(if addressed { reply } else { Reply::silent() });
        if self.heard.place == Place::Private {
            return told(self.refuse("karma.private", &[]));
        }
        let key = Key::of(of);
        let speaker = &self.heard.speaker;
        if key.is_empty() || of.chars().count() > self.number("longest_name") {
            return told(self.refuse("teach.empty.subject", &[]));
        }
        if key == Key::of(&speaker.nick) || key == Key::of(speaker.name()) {
            return told(self.refuse("karma.self", &[]));
        }
        let thing = key.thing();
        let removed = self.state(&thing, v::KARMA)?;
        let karma = removed.iter().find_map(|quad| text(quad).parse().ok()).unwrap_or(0_i64).saturating_add(by);
        self.replace_state(Act::Karma, &thing, v::KARMA, removed, Some(Literal::from(karma)))?;
        told(Reply::new(Answer::Done, self.say("karma.of", &[("name", of), ("karma", &karma.to_string())])))
    }

    /// "karma foo"
    pub(crate) fn karma_of(&self, of: &str) -> Result<Reply, Fault> {
        let found = self.state(&Key::of(of).thing(), v::KARMA)?;
        let karma = found.iter().find_map(|quad| text(quad).parse().ok()).unwrap_or(0_i64);
        let phrase = if karma == 0 { "karma.neutral" } else { "karma.of" };
        Ok(self.chat(phrase, &[("name", of), ("karma", &karma.to_string())]))
    }
}
