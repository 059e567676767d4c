//! Says what the bot can do; the texts are phrases, one a topic.

use quid_core::{Key, Reply};

use crate::turn::Turn;

impl Turn<'_> {
    /// "help", "help teach"
    pub(crate) fn help(&self, about: &str) -> Reply {
        let topic = Key::of(about);
        if topic.is_empty() {
            return self.chat("help", &[]);
        }
        let phrase = format!("help.{topic}");
        if self.parts.language.has_phrase(&phrase) {
            return self.chat(&phrase, &[]);
        }
        self.chat("help.unknown", &[("what", about)])
    }
}
