//! `quid why`: why the last answer holds, or the answer to a given question.
//!
//! Each command is a process of its own, so the question is asked again; its proof is made from what is known
//! now, and checked.

use anyhow::Result;
use quid_core::{Answer, Reply};
use quid_mind::goals::Form;

use super::prove::{Telling, draw};
use super::{Open, prove, talk};
use crate::arguments::{ProofShown, Prove};
use crate::complaint::hinted;
use crate::door::{self, Door};
use crate::outcome::Outcome;
use crate::output::without_controls;

/// Asks, then asks why.
///
/// # Errors
/// When there is no question to explain.
pub fn run(open: &mut Open, question: &str, shown: &ProofShown) -> Result<Outcome> {
    let last = talk::memory_of(open);
    let question = if question.is_empty() {
        last.text().ok_or_else(|| hinted("nothing was asked yet", "quid why 'is a dog an animal?'"))?
    } else {
        question.to_owned()
    };
    if question.trim_start().starts_with("?-") {
        let asked = Prove { goal: vec![question], why: true, limit: None, shown: shown.clone() };
        return prove::run(open, &asked);
    }
    let mut door = Door::new(open.house.mind(), open.stop.clone());
    let speaker = door::owner();
    let heard = door::typed(&speaker, question);
    let answer = door.hear(&heard);
    last.note(&heard, &answer);
    let reply = if matches!(answer.answer, Answer::Error) { answer } else { door.hear(&door::typed(&speaker, "/why")) };
    open.output.reply(&reply)?;
    if let Answer::Proved { .. } = &reply.answer {
        show(open, shown, &reply)?;
    }
    Ok(Outcome::of(&reply))
}

/// The proofs as trees and pictures.
fn show(open: &mut Open, shown: &ProofShown, reply: &Reply) -> Result<()> {
    let Answer::Proved { proofs, .. } = &reply.answer else { return Ok(()) };
    let heard = door::typed(&door::owner(), "");
    let mut mind = open.house.mind();
    let stop = open.stop.clone();
    let mut telling = Telling { mind: &mut mind, heard: &heard, asked: None, stop: &stop };
    if shown.tree {
        for proof in proofs {
            let tree = telling.tell(proof.proof(), Form::Tree)?;
            open.output.line(without_controls(&tree).trim_end())?;
        }
    }
    match proofs.first() {
        Some(first) => draw(open, shown, first.proof(), &mut telling),
        None => Ok(()),
    }
}
