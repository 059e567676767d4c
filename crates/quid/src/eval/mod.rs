//! `quid eval`: asks a file of questions over what is loaded, and tells how good the answers are.
//!
//! Published figures say little about one's own knowledge base; whoever has fifty questions of their own can measure.
//! The questions go through the door that chat goes through, each in a conversation of its own, and nothing is written.

mod compare;
mod file;
mod measure;
mod picture;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result, bail};
use quid_core::{Answer, Reading, Reply};
use serde_json::json;

use crate::commands::Open;
use crate::door::{self, Door};
use crate::outcome;
use crate::output::in_words;
use file::Question;
use measure::{Figures, Outcome};

/// What is refused while measuring.
const READ_ONLY: &str = "questions are only asked here, so nothing was written; to teach: quid learn";

/// What is to be measured.
#[derive(clap::Args, Clone, Debug)]
pub struct Asked {
    /// The questions: JSON Lines, {"question": …, "answers": […]}, or a table of two columns
    pub file: PathBuf,
    /// Draw the risk of a wrong reply by coverage, as SVG
    #[arg(long, value_name = "FILE.svg")]
    pub plot: Option<PathBuf>,
    /// Print these questions too, with what was said
    #[arg(long, value_enum)]
    pub show: Option<Show>,
}

/// Which questions are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Show {
    /// Answered otherwise than expected
    Wrong,
    /// Not answered although there is an answer
    Missed,
    /// All
    All,
}

/// Asks every question and prints the figures.
///
/// # Errors
/// When the file is not what it should be, named by its line, or when it is interrupted.
pub fn run(open: &mut Open, asked: &Asked) -> Result<outcome::Outcome> {
    let questions = file::open(&asked.file)?;
    let mut outcomes = Vec::with_capacity(questions.len());
    for (at, question) in questions.iter().enumerate() {
        let mind = open.house.mind_over(Arc::new(Reading::new(open.house.memory(), READ_ONLY)));
        let mut door = Door::new(mind, open.stop.clone());
        let reply = door.hear(&door::typed(&door::owner(), &question.text));
        if open.stop.raised.load(Ordering::Relaxed) {
            bail!("interrupted at question {} of {}; half a file is no measurement", at + 1, questions.len());
        }
        let outcome = judged(question, &reply);
        if asked.show.is_some_and(|show| is_shown(show, outcome)) {
            tell(open, question, &reply, outcome)?;
        }
        outcomes.push(outcome);
    }
    let figures = Figures::of(&outcomes);
    if let Some(plot) = &asked.plot {
        let title = asked.file.file_name().unwrap_or_default().to_string_lossy();
        let title = format!("{title}: {} questions, AURC {:.3}", questions.len(), figures.area);
        fs::write(plot, picture::svg(&title, &figures.curve, figures.answered.part))
            .with_context(|| format!("cannot write {}", plot.display()))?;
    }
    if open.output.is_json() {
        open.output.json_line(&figures.to_json())?;
    } else {
        open.output.line(&figures.table())?;
    }
    Ok(outcome::Outcome::Answered)
}

fn judged(question: &Question, reply: &Reply) -> Outcome {
    let sure = match &reply.answer {
        Answer::Guessed { probability, .. } => *probability,
        _ => 1.0,
    };
    Outcome {
        answerable: !question.answers.is_empty(),
        sure: compare::is_answered(reply).then_some(sure),
        exact: compare::is_exact(reply, &question.answers),
        micros: reply.micros.unwrap_or_default(),
    }
}

fn is_shown(show: Show, outcome: Outcome) -> bool {
    match show {
        Show::Wrong => outcome.sure.is_some() && !outcome.exact,
        Show::Missed => outcome.sure.is_none() && outcome.answerable,
        Show::All => true,
    }
}

fn tell(open: &mut Open, question: &Question, reply: &Reply, outcome: Outcome) -> Result<()> {
    if open.output.is_json() {
        return Ok(open.output.json_line(&json!({
            "id": question.id, "question": question.text, "expected": question.answers, "kind": reply.kind(),
            "text": reply.text, "answers": reply.items, "exact": outcome.exact, "micros": outcome.micros,
        }))?);
    }
    let expected = if question.answers.is_empty() { "(none)".to_owned() } else { question.answers.join(" | ") };
    let Question { id, text, .. } = question;
    let told = format!("{id}  {text}\n  expected: {expected}\n  {}: {}\n", reply.kind(), in_words(reply));
    Ok(open.output.line(&told)?)
}
