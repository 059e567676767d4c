//! `quid prove`: a question in logic, its solutions, and the proof of each in words, as a tree or as a picture.
//!
//! People get one line a solution with names; programs get one JSON object a solution with terms and proof.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use quid_core::reply::proof_json;
use quid_core::{Heard, Proof};
use quid_mind::Mind;
use quid_mind::goals::{Asked, Form, Solution, Solved};
use serde_json::{Map, Value, json};

use super::Open;
use crate::arguments::{ProofShown, Prove};
use crate::door;
use crate::outcome::Outcome;
use crate::output::without_controls;

/// Solutions that are shown when no limit is given: as many as a person reads.
const SHOWN: usize = 1000;

/// Answers a question.
///
/// # Errors
/// When it cannot be read or answered, or a picture cannot be written.
pub fn run(open: &mut Open, asked: &Prove) -> Result<Outcome> {
    let text = asked.goal.join(" ");
    let heard = door::typed(&door::owner(), text.clone());
    let mut mind = open.house.mind();
    let stop = open.stop.clone();
    let limit = asked.limit.unwrap_or(SHOWN);
    let solved = mind.solve(&heard, &text, Some(limit), &stop.raised)?;
    let Solved::Answered { columns, solutions, more, partial, asked: question } = solved else {
        let Solved::Refused(why) = solved else { bail!("the question was not answered") };
        bail!("{}", without_controls(&why));
    };
    let mut telling = Telling { mind: &mut mind, heard: &heard, asked: Some(&question), stop: &stop };
    for solution in &solutions {
        if open.output.is_json() {
            open.output.json_line(&as_json(&columns, solution, asked.why, &mut telling)?)?;
            continue;
        }
        open.output.line(&without_controls(&line(&columns, solution)))?;
        if asked.why {
            let words = telling.tell(solution.proof.proof(), Form::Words)?;
            open.output.line(&without_controls(&format!("  {words}")))?;
        }
        if asked.shown.tree {
            let tree = telling.tell(solution.proof.proof(), Form::Tree)?;
            open.output.line(without_controls(&tree).trim_end())?;
        }
    }
    if let Some(first) = solutions.first() {
        draw(open, &asked.shown, first.proof.proof(), &mut telling)?;
    }
    let why_none = if solutions.is_empty() && asked.why && partial.is_none() {
        Some(mind.why_none(&heard, &question, &stop.raised)?)
    } else {
        None
    };
    if open.output.is_json() {
        if solutions.is_empty() || partial.is_some() || more > 0 {
            let mut told = json!({ "solutions": solutions.len(), "complete": partial.is_none() && more == 0 });
            if let Some(partial) = partial {
                told["partial"] = partial.into();
            }
            if let Some(why) = why_none {
                told["why"] = why.into();
            }
            open.output.json_line(&told)?;
        }
        return Ok(Outcome::found(!solutions.is_empty()));
    }
    // A search that was ended says nothing about what it did not reach.
    if solutions.is_empty() && partial.is_none() {
        open.output.line("false.")?;
    }
    if let Some(why) = why_none {
        open.output.line(&without_controls(&format!("  {why}")))?;
    }
    // What is told about the answer is talk, not data.
    if more > 0 {
        eprintln!("there are more: --limit N shows more than {limit}");
    }
    if let Some(partial) = partial {
        eprintln!("{}", without_controls(&partial));
    }
    Ok(Outcome::found(!solutions.is_empty()))
}

/// What a proof is told with.
pub(super) struct Telling<'t> {
    pub(super) mind: &'t mut Mind,
    pub(super) heard: &'t Heard,
    pub(super) asked: Option<&'t Asked>,
    pub(super) stop: &'t crate::signals::Stop,
}

impl Telling<'_> {
    pub(super) fn tell(&mut self, proof: &Proof, form: Form) -> Result<String> {
        Ok(self.mind.tell_proof(self.heard, proof, self.asked, form, &self.stop.raised)?)
    }
}

/// Writes the pictures that were asked for.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn draw(open: &mut Open, shown: &ProofShown, proof: &Proof, telling: &mut Telling<'_>) -> Result<()> {
    if let Some(path) = &shown.dot {
        let dot = telling.tell(proof, Form::Dot)?;
        if path == Path::new("-") {
            open.output.line(dot.trim_end())?;
        } else {
            fs::write(path, dot).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    if let Some(path) = &shown.svg {
        let svg = telling.tell(proof, Form::Svg)?;
        fs::write(path, svg).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// `X = dog, Y = cat`; `true.` for a yes.
fn line(columns: &[String], solution: &Solution) -> String {
    if columns.is_empty() {
        return "true.".to_owned();
    }
    let pairs: Vec<String> =
        columns.iter().zip(&solution.shown).map(|(column, value)| format!("{column} = {value}")).collect();
    pairs.join(", ")
}

fn as_json(columns: &[String], solution: &Solution, why: bool, telling: &mut Telling<'_>) -> Result<Value> {
    let pairs = |value: &dyn Fn(usize) -> Option<String>| -> Map<String, Value> {
        columns.iter().enumerate().filter_map(|(at, column)| Some((column.clone(), value(at)?.into()))).collect()
    };
    let mut told = json!({
        "answer": pairs(&|at| solution.values.get(at).map(ToString::to_string)),
        "text": pairs(&|at| solution.shown.get(at).cloned()),
        "proof": proof_json(solution.proof.proof()),
    });
    if why {
        told["why"] = telling.tell(solution.proof.proof(), Form::Words)?.into();
    }
    Ok(told)
}
