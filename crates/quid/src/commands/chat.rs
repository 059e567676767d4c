//! `quid chat`, and `quid` alone: at a terminal, from a pipe, or in JSON.
//!
//! Which of the three is decided here, by who is at the other end.

use std::io::{self, IsTerminal as _};

use anyhow::Result;

use super::{Open, talk};
use crate::door::{self, Door};
use crate::outcome::Outcome;
use crate::prompt::Prompt;
use crate::signals::Manner;
use crate::{chat_json, piped, repl};

/// Whether a person sits at both ends.
#[must_use]
pub fn at_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Talks until the input ends.
///
/// # Errors
/// When input or output fails.
pub fn run(mut open: Open, manner: Manner) -> Result<Outcome> {
    let mut door = Door::new(open.house.mind(), open.stop.clone());
    if open.output.is_json() {
        return chat_json::run(&mut io::stdin().lock(), &mut open.output, &mut door);
    }
    let last = talk::memory_of(&open);
    if manner != Manner::Prompt {
        return piped::run(&mut io::stdin().lock(), &mut open.output, &mut door, &door::owner(), &last);
    }
    let house = &open.house;
    repl::greet(&house.me, &house.notices);
    let parts = repl::Parts {
        home: &house.home,
        recall: house.index.clone(),
        speaker: door::owner(),
        last: &last,
        words: Prompt::read(&house.data)?,
    };
    repl::run(parts, &mut open.output, &mut door)
}
