//! `quid why`: why the last answer holds, or the answer to a given question.
//!
//! Each command is a process of its own, so the question is asked again; its proof is made from what is known
//! now, and checked.

use anyhow::Result;
use quid_core::Answer;

use super::{Open, talk};
use crate::complaint::hinted;
use crate::door::{self, Door};
use crate::outcome::Outcome;

/// Asks, then asks why.
///
/// # Errors
/// When there is no question to explain.
pub fn run(open: &mut Open, question: &str) -> Result<Outcome> {
    let last = talk::memory_of(open);
    let question = if question.is_empty() {
        last.text().ok_or_else(|| hinted("nothing was asked yet", "quid why 'is a dog an animal?'"))?
    } else {
        question.to_owned()
    };
    let mut door = Door::new(open.house.mind(), open.stop.clone());
    let speaker = door::owner();
    let heard = door::typed(&speaker, question);
    let answer = door.hear(&heard);
    last.note(&heard, &answer);
    let reply = if matches!(answer.answer, Answer::Error) { answer } else { door.hear(&door::typed(&speaker, "/why")) };
    open.output.reply(&reply)?;
    Ok(Outcome::of(&reply))
}
