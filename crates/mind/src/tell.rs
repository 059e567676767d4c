//! Passes a fact on: "tell bob about foo".
//!
//! The bot must not become a way to bother people: one person at a time, never a channel, not too often, and
//! never with what somebody taught in private.

use quid_core::{Answer, Audience, Fault, Key, Place, Reply};

use crate::turn::Turn;

impl Turn<'_> {
    /// "tell bob about foo", "tell us about foo"
    pub(crate) fn tell(&mut self, whom: &str, about: &str) -> Result<Reply, Fault> {
        let target = whom.trim();
        let key = Key::of(target);
        let names = [("whom", target), ("about", about)];
        let speaker = &self.heard.speaker;
        // "me", "us": words for the people here are data, as a phrase that lists them.
        let here = self.say("tell.here", &[]);
        if here.split_whitespace().any(|word| word == key.as_str()) || key == Key::of(&speaker.nick) {
            return self.answer_about(about);
        }
        if key == Key::of(&self.parts.me) {
            return Ok(self.refuse("tell.me", &names));
        }
        if target.starts_with(['#', '&', '+', '!']) {
            return Ok(self.refuse("tell.channel", &names));
        }
        if target.is_empty() || target.contains(|c: char| c == ',' || c.is_whitespace()) {
            return Ok(self.refuse("tell.several", &names));
        }
        if self.declines_being_told(&key)? {
            return Ok(self.refuse("tell.declined", &names));
        }
        let pause = i64::try_from(self.parts.language.number("tell_pause_seconds")).unwrap_or(i64::MAX);
        let now = self.heard.at;
        self.talk.told.retain(|(_, at)| now.seconds_since(*at) < pause);
        if self.talk.told.iter().any(|(told, _)| *told == key) || self.talk.told.len() >= self.number("tell_most") {
            return Ok(self.refuse("tell.often", &names));
        }
        // Nobody's private facts travel: the answer is what a stranger would read.
        let own =
            std::mem::replace(&mut self.audience, Audience { name: String::new(), place: self.heard.place.clone() });
        let answer = self.answer_about(about);
        self.audience = own;
        let mut reply = answer?;
        if matches!(reply.answer, Answer::Unknown { .. } | Answer::Error | Answer::Silent) {
            return Ok(self.unknown("tell.unknown", &names));
        }
        self.talk.told.push((key, now));
        if !reply.text.starts_with('\u{1}') {
            reply.text = self.say("tell.from", &[("what", &reply.text)]);
        }
        reply.to = Some(target.to_owned());
        debug_assert!(self.heard.place != Place::Private || reply.to.is_some());
        Ok(reply)
    }
}
