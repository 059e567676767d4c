//! Lines from a pipe: each is answered, one after the other, as if the owner had typed them.
//!
//! The exit code is the worst of the answers, so that `echo … | quid` can stand in a script.

use std::io::BufRead;

use anyhow::{Context as _, Result};
use quid_core::{Answer, Reply, Speaker};

use crate::door::{self, Door};
use crate::last::LastQuestion;
use crate::lines::{self, Line};
use crate::outcome::Outcome;
use crate::output::Output;

/// Answers every line until the input ends; empty lines are passed over.
///
/// # Errors
/// When the input or the output fails.
pub fn run(
    input: &mut impl BufRead,
    output: &mut Output,
    door: &mut Door,
    speaker: &Speaker,
    last: &LastQuestion,
) -> Result<Outcome> {
    let mut worst = Outcome::Answered;
    let mut number = 0;
    while let Some(line) = lines::next(input).context("cannot read the input")? {
        number += 1;
        let reply = match &line {
            Line::Text(text) if text.trim().is_empty() => continue,
            Line::Text(text) => {
                let heard = door::typed(speaker, text.as_str());
                let reply = door.hear(&heard);
                last.note(&heard, &reply);
                reply
            }
            bad => Reply::new(Answer::Error, lines::complaint(bad, number).unwrap_or_default()),
        };
        worst = worst.max(Outcome::of(&reply));
        output.reply(&reply)?;
    }
    Ok(worst)
}
