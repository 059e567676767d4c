//! Rules taught in English, facts understood beside their words, and yes/no questions answered from them.
//!
//! A question about a told world is answered from what was told: taught rules and facts first, by the engine, with
//! proofs; a dictionary's senses are asked only where the told world has nothing to say.
//!
//! ```text
//!  line -> quid_lang::english -> form.rs (claims as triples and clauses)
//!            statement -> teach.rs -> store          known.rs reads them back, as a program for the engine
//!            question  -> answer.rs -> tell.rs       manage.rs lists and forgets   suppose.rs "what if"
//! ```

mod answer;
mod closed;
mod form;
mod known;
mod manage;
mod suppose;
mod teach;
mod tell;

use quid_core::intent::Question;
use quid_core::{Fault, Intent, Reply};

pub(crate) use teach::Understanding;

use crate::turn::Turn;

impl Turn<'_> {
    /// What the controlled English makes of a line before anything else is tried: commands, rules, and facts that
    /// tell of no happening. `None` when it is for others.
    pub(crate) fn try_rules_first(&mut self, intent: &Intent) -> Result<Option<Reply>, Fault> {
        if let Some(command) = self.parts.language.read_rule_command(&self.line) {
            return self.rule_command(&command).map(Some);
        }
        if may_state(intent) { self.teach_english(intent, true) } else { Ok(None) }
    }

    /// What it makes of a line that stories leave to it; `None` when it is for others.
    pub(crate) fn try_rules(&mut self, intent: &Intent) -> Result<Option<Reply>, Fault> {
        let line = self.line.clone();
        let may_state = may_state(intent);
        if may_state && let Some(reply) = self.teach_english(intent, false)? {
            return Ok(Some(reply));
        }
        if may_state || matches!(intent, Intent::Ask(_)) {
            if let Some(reply) = self.try_suppose()? {
                return Ok(Some(reply));
            }
            return self.try_whether(intent);
        }
        if matches!(intent, Intent::Why(Some(_)) | Intent::Provenance { .. })
            && self.parts.language.without_why(&line) != line
            && self.try_whether(intent)?.is_some()
        {
            return self.why(None).map(Some);
        }
        Ok(None)
    }
}

/// Whether a line so understood may be a statement of the controlled English.
fn may_state(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Teach(_)
            | Intent::Overheard(_)
            | Intent::TeachVague(_)
            | Intent::Puzzled
            | Intent::Chatter
            | Intent::Ask(Question::What { bare: true, .. })
    )
}
