//! `quid ask`: one question.
//!
//! Asking must never change anything, so a line that would is refused with the command that does it.

use anyhow::Result;
use quid_core::intent::Intent;

use super::{Open, talk};
use crate::complaint::hinted;
use crate::door;
use crate::last::intent;
use crate::outcome::Outcome;

/// Asks one question.
///
/// # Errors
/// When the line is not a question.
pub fn run(open: &mut Open, question: &str) -> Result<Outcome> {
    let heard = door::typed(&door::owner(), question);
    let asks_in_logic = quid_mind::goals::is_goal(question);
    if !asks_in_logic && changes_something(&intent(&open.house.language, &heard, &open.house.me)) {
        let what = format!("`{question}` would change what is known, and asking changes nothing");
        return Err(hinted(what, format!("quid learn '{question}'")).into());
    }
    talk::say(open, question)
}

/// Whether a line of this intent writes.
#[must_use]
pub fn changes_something(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Teach(_)
            | Intent::TeachEmpty(_)
            | Intent::Alias { .. }
            | Intent::Forget(_)
            | Intent::Unforget(_)
            | Intent::Undo(_)
            | Intent::Revert { .. }
            | Intent::Substitute { .. }
            | Intent::Rename { .. }
            | Intent::Lock(_)
            | Intent::Unlock(_)
            | Intent::Confirm(_)
            | Intent::Karma { .. }
            | Intent::Ignore { .. }
            | Intent::Set { .. }
    )
}
