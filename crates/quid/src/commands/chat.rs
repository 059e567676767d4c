//! `quid chat`, and `quid` alone: at a terminal, from a pipe, or in JSON.
//!
//! Which of the three is decided here, by who is at the other end.

use std::io::{self, BufRead, IsTerminal as _};

use anyhow::Result;

use super::{Input, Open, talk};
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
    let mut input: Box<dyn BufRead> = match std::mem::replace(&mut open.input, Input::Standard) {
        Input::Standard => Box::new(io::stdin().lock()),
        Input::Console(lines) => lines,
    };
    if open.output.is_json() {
        return chat_json::run(&mut input, &mut open.output, &mut door);
    }
    let last = talk::memory_of(&open);
    if manner != Manner::Prompt {
        return piped::run(&mut input, &mut open.output, &mut door, &door::owner(), &last);
    }
    drop(input);
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
