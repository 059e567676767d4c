//! Which messages are played back from the past.
//!
//! A bouncer or a server's history sends old lines as if they were said now; answering them would be talking to
//! the past, and learning them twice (IRCv3 batch, chathistory).

use crate::message::Message;

/// The most batches that may be open at once.
const MOST: usize = 64;

/// The batches that are open.
#[derive(Clone, Debug, Default)]
pub struct Batches {
    /// Reference, and whether it is playback.
    open: Vec<(String, bool)>,
}

impl Batches {
    /// `BATCH +ref type …` or `BATCH -ref`.
    pub fn note(&mut self, message: &Message) {
        let reference = message.parameter(0);
        if let Some(name) = reference.strip_prefix('+') {
            let kind = message.parameter(1);
            let kind = kind.rsplit('/').next().unwrap_or(kind);
            // A batch within one of playback is playback.
            let playback = matches!(kind, "chathistory" | "playback") || self.is_playback(message);
            if self.open.len() == MOST {
                self.open.remove(0);
            }
            self.open.push((name.to_owned(), playback));
        } else if let Some(name) = reference.strip_prefix('-') {
            self.open.retain(|(known, _)| known != name);
        }
    }

    /// Whether a message belongs to the past.
    #[must_use]
    pub fn is_playback(&self, message: &Message) -> bool {
        let Some(batch) = message.tag("batch") else { return false };
        self.open.iter().any(|(name, playback)| name == batch && *playback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_a_batch_of_the_past_is_past() {
        let mut batches = Batches::default();
        let read = |line: &str| Message::parse(line.as_bytes()).expect("a line");
        let line = |name: &str| read(&format!("@batch={name} :a!b@c PRIVMSG #a :x"));
        batches.note(&read("BATCH +1 chathistory #a"));
        batches.note(&read("BATCH +2 netsplit a b"));
        batches.note(&read("@batch=1 BATCH +3 labeled"));
        batches.note(&read("BATCH +4 znc.in/playback #a"));
        for (name, playback) in [("1", true), ("2", false), ("3", true), ("4", true), ("5", false)] {
            assert_eq!(batches.is_playback(&line(name)), playback, "{name}");
        }
        batches.note(&read("BATCH -1"));
        assert!(!batches.is_playback(&line("1")));
    }
}
