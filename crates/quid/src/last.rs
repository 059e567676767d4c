//! Remembers the last question, so that `quid why` works in a new process.
//!
//! Only the question is kept, never the answer: asked again, it is proved again from what is known now.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use quid_core::intent::Intent;
use quid_core::{Answer, Heard, Reply};
use quid_lang::{Hints, Language};
use serde_json::{Value, json};

use crate::home::write_private;

/// Where the last question is kept, and how one is told from other lines.
pub struct LastQuestion {
    path: PathBuf,
    language: Arc<Language>,
    me: String,
}

impl LastQuestion {
    /// Kept in this file.
    #[must_use]
    pub fn new(path: PathBuf, language: Arc<Language>, me: String) -> Self {
        Self { path, language, me }
    }

    /// Keeps the line when it was a question that got an answer about the world.
    pub fn note(&self, heard: &Heard, reply: &Reply) {
        let answers = matches!(
            reply.answer,
            Answer::Proved { .. } | Answer::Told(_) | Answer::Guessed { .. } | Answer::Unknown { .. }
        );
        if answers && matches!(intent(&self.language, heard, &self.me), Intent::Ask(_)) {
            let kept = json!({ "text": heard.text }).to_string();
            if let Err(error) = write_private(&self.path, &kept) {
                tracing::warn!("the question cannot be kept in {}: {error}", self.path.display());
            }
        }
    }

    /// The last question's words.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let kept: Value = serde_json::from_str(&fs::read_to_string(&self.path).ok()?).ok()?;
        kept.get("text")?.as_str().map(ToOwned::to_owned)
    }
}

/// What a line wants, as far as that can be seen without knowing anything.
#[must_use]
pub fn intent(language: &Language, heard: &Heard, me: &str) -> Intent {
    language.understand(heard, me, &NothingKnown).intent
}

struct NothingKnown;

impl Hints for NothingKnown {
    fn knows(&self, _: &str) -> bool {
        false
    }

    fn is_person(&self, _: &str) -> bool {
        false
    }
}
