//! `quid learn`: one thing taught, corrected or forgotten.
//!
//! A question given by mistake is refused, so that a script never believes that it taught something.

use anyhow::Result;

use super::{Open, ask, talk};
use crate::complaint::hinted;
use crate::door;
use crate::last::intent;
use crate::outcome::Outcome;

/// Teaches one thing.
///
/// # Errors
/// When the line teaches nothing.
pub fn run(open: &mut Open, statement: &str) -> Result<Outcome> {
    let heard = door::typed(&door::owner(), statement);
    if !ask::changes_something(&intent(&open.house.language, &heard, &open.house.me)) {
        let what = format!("there is nothing to learn in `{statement}`");
        return Err(hinted(what, format!("say what is so (coffee is a drink), or ask: quid ask '{statement}'")).into());
    }
    talk::say(open, statement)
}
