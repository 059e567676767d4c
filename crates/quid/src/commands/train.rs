//! `quid train`: teaches the small models the relations of this home, on lessons made up from them.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use quid_core::Piece;
use quid_mind::lessons::{Teacher, relations_of};
use quid_neural::library::Library;
use quid_neural::plot::{Curve, Frame, svg};
use quid_neural::training::{Manner, Trainer};
use serde_json::json;

use super::Open;
use crate::complaint::hinted;
use crate::models;
use crate::outcome::Outcome;
use crate::output::without_controls;
use crate::wiring::House;

/// Relations that lessons are made of, and facts that are looked at for them.
const RELATIONS: (usize, usize) = (400, 1_000_000);
/// The loss is told every so often.
const TOLD: Duration = Duration::from_secs(10);

/// What is trained.
#[derive(Debug, clap::Subcommand)]
pub enum Asked {
    /// Train the generator on, so that it reads the relations of this home
    #[command(after_help = "\
Lessons are made up from what the relations are called: no fact of this home gets into the model. Half of them are
about other relations, so that it forgets nothing. Ctrl-C ends it early and keeps what it has.

Example:
  quid train generator --minutes 5 --name mine && quid model use mine")]
    Generator {
        /// How long
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=600))]
        minutes: u16,
        /// At most so many steps
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        steps: Option<u32>,
        /// What the trained one is called here; trained on when it is there already
        #[arg(long, default_value = "generator")]
        name: String,
        /// Begin with this folder instead of the program's own generator
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
        /// Lessons of a step
        #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
        batch: u16,
    },
}

/// Trains.
///
/// # Errors
/// When there is nothing to train, or it cannot be kept.
pub fn run(open: &mut Open, asked: &Asked) -> Result<Outcome> {
    let Asked::Generator { minutes, steps, name, from, batch } = asked;
    let house = &open.house;
    let library = Library::new(house.home.models());
    let into = match library.find(name) {
        Ok(known) => known,
        Err(_) if PathBuf::from(name).file_name().is_some_and(|file| file == name.as_str()) => {
            house.home.models().join(name)
        }
        Err(error) => return Err(error.into()),
    };
    let from = match from {
        Some(from) => from.clone(),
        None if into.join("model.safetensors").exists() => into.clone(),
        None => models::lay_out(&house.home.own_generator())
            .map_err(|error| hinted(format!("{error:#}"), "name one with --from FOLDER"))?,
    };
    let text = |file: &str| house.data.text(file).with_context(|| format!("{file} is not here"));
    let (base, kinds) = (text("data/lessons/relations.toml")?, text("data/lessons/kinds.toml")?);
    let memory = house.memory();
    let facts = memory.facts(&House::console("owner"));
    let (own, count) = relations_of(facts.as_ref(), &house.language, base, RELATIONS)??;
    if count == 0 {
        bail!("nothing is stored that lessons could be made of: teach or load something first");
    }
    let general = Teacher::read(house.language.clone(), base, kinds, Vec::new())?;
    let special = Teacher::read(house.language.clone(), &own, kinds, Vec::new())?;
    let manner = Manner { batch: usize::from(*batch), ..Manner::default() };
    let mut trainer = Trainer::open(&from, manner)?;
    fs::create_dir_all(&into).with_context(|| format!("cannot make {}", into.display()))?;
    let lesson = |number: u64| {
        let teacher = if number.is_multiple_of(2) { &general } else { &special };
        let lesson = teacher.lesson(number, false);
        (Piece::of_lesson(&lesson.prompt), Piece::of_lesson(&lesson.answer))
    };
    let (begin, limit) = (Instant::now(), Duration::from_secs(u64::from(*minutes) * 60));
    let most = steps.map_or(usize::MAX, |steps| usize::try_from(steps).unwrap_or(usize::MAX));
    let mut told = begin;
    let losses = trainer.train(&into, &lesson, &mut |step, loss| {
        if told.elapsed() > TOLD {
            told = Instant::now();
            eprintln!("step {step}: loss {loss:.3}, {} s", begin.elapsed().as_secs());
        }
        let is_over = step >= most || begin.elapsed() >= limit || open.stop.raised.load(Ordering::Relaxed);
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let picture = into.join("losses.svg");
    let points = losses.iter().enumerate().map(|(at, loss)| ((at + 1) as f64, *loss)).collect();
    let frame = Frame { title: format!("{name}: {count} relations"), right: "steps".into(), up: "loss".into() };
    let curves = [Curve { name: "training".into(), points }];
    fs::write(&picture, svg(&frame, &curves)).with_context(|| format!("cannot write {}", picture.display()))?;
    let tenth = (losses.len() / 10).max(1);
    let mean = |some: &[f64]| some.iter().sum::<f64>() / some.len().max(1) as f64;
    let first = mean(losses.get(..tenth).unwrap_or(&losses));
    let last = mean(losses.get(losses.len().saturating_sub(tenth)..).unwrap_or(&losses));
    let seconds = begin.elapsed().as_secs();
    let found = json!({
        "trained": name, "relations": count, "steps": losses.len(), "seconds": seconds, "first": first, "last": last,
        "losses": picture.display().to_string(),
    });
    if open.output.is_json() {
        open.output.json_line(&found)?;
    } else {
        let line = format!(
            "{name} read lessons on {count} relations: {} steps in {seconds} s, loss {first:.3} -> {last:.3} ({}); \
             `quid model use {name}` uses it",
            losses.len(),
            picture.display()
        );
        open.output.line(&without_controls(&line))?;
    }
    Ok(Outcome::Answered)
}
