//! `quid bench`: how long starting and answering take over what is loaded.
//!
//! The numbers in the README come from here. Questions are drawn from a fixed seed, so that two runs over the
//! same home ask the same.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use quid_core::{Recall as _, Speaker};
use serde::Deserialize;
use serde_json::json;

use crate::door::{self, Door};
use crate::home::Home;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::signals::Stop;
use crate::wiring::House;

/// The file with the forms of questions.
const FILE: &str = "data/program/bench.toml";
/// How often starting is measured.
const STARTS: usize = 11;
/// How many names are drawn from each beginning of two letters.
const NAMES_A_BEGINNING: usize = 40;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    kind: Vec<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    name: String,
    forms: Vec<String>,
}

/// Measures and prints a row a kind: how many, median, 99th percentile, slowest.
///
/// # Errors
/// When the home cannot be opened.
pub fn run(
    home: Home,
    overlay: Option<&Path>,
    me: &str,
    count: (usize, usize),
    output: &mut Output,
) -> Result<Outcome> {
    let (questions, teach) = count;
    let mut rows = vec![("start to prompt".to_owned(), starts(&home)?)];
    let house = House::open(home, overlay, me)?;
    let mut door = Door::new(house.mind(), Stop::default());
    let speaker = door::owner();
    rows.extend(ask(&house, &mut door, &speaker, questions)?);
    if teach > 0 {
        rows.push(("learned, durably".to_owned(), learn(&mut door, &speaker, teach)));
    }
    if !output.is_json() {
        output.line("                        n      p50 ms      p99 ms      max ms")?;
    }
    rows.retain(|(_, times)| !times.is_empty());
    for (name, times) in &mut rows {
        times.sort_unstable();
        let at = |share: usize| {
            times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
        };
        let (half, most, all) = (millis(at(50)), millis(at(99)), millis(at(100)));
        if output.is_json() {
            output
                .json_line(&json!({ "kind": name, "n": times.len(), "p50_ms": half, "p99_ms": most, "max_ms": all }))?;
        } else {
            output.line(&format!("{name:18} {:>6} {half:>11.3} {most:>11.3} {all:>11.3}", times.len()))?;
        }
    }
    Ok(Outcome::Answered)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// From the start of the process to its end, with nothing to answer in between: opening everything and leaving.
fn starts(home: &Home) -> Result<Vec<Duration>> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    (0..STARTS)
        .map(|_| {
            let start = Instant::now();
            let mut started = Command::new(&program);
            started.arg("--home").arg(home.root()).stdin(Stdio::null()).stdout(Stdio::null());
            let status = started.status().context("cannot start the program again")?;
            anyhow::ensure!(status.success(), "the program did not start: {status}");
            Ok(start.elapsed())
        })
        .collect()
}

/// Asks so many questions of all kinds in turn; the times by kind, and of all.
fn ask(house: &House, door: &mut Door, speaker: &Speaker, count: usize) -> Result<Vec<(String, Vec<Duration>)>> {
    let text = house.data.text(FILE).with_context(|| format!("the data file {FILE} is missing"))?;
    let questions: Questions = toml::from_str(text).with_context(|| format!("cannot read {FILE}"))?;
    let names = names(house, speaker)?;
    let mut draw = Draw(0x2545_f491_4f6c_dd1d);
    let mut rows: Vec<(String, Vec<Duration>)> =
        questions.kind.iter().map(|kind| (kind.name.clone(), vec![])).collect();
    let mut all = Vec::with_capacity(count);
    for number in 0..count {
        let at = number % questions.kind.len().max(1);
        let (Some(kind), Some((_, times))) = (questions.kind.get(at), rows.get_mut(at)) else { break };
        let form = draw.one(&kind.forms).context("a kind of question without forms")?;
        let (one, other) =
            (draw.one(&names).context("no names are known")?, draw.one(&names).context("no names are known")?);
        let line = form
            .replace("{a}", &house.language.with_article(one))
            .replace("{b}", &house.language.with_article(other))
            .replace("{one}", one)
            .replace("{other}", other);
        let heard = door::typed(speaker, line);
        let start = Instant::now();
        let reply = door.hear(&heard);
        let time = start.elapsed();
        tracing::info!(kind = kind.name, micros = time.as_micros(), line = heard.text, reply = reply.text, "asked");
        times.push(time);
        all.push(time);
    }
    rows.push(("all questions".to_owned(), all));
    Ok(rows)
}

/// Teaches so many different things, each acknowledged before the next.
fn learn(door: &mut Door, speaker: &Speaker, count: usize) -> Vec<Duration> {
    let run = door::now().micros();
    let teach = |number: usize| {
        let heard = door::typed(speaker, format!("bench{run}n{number} is a measured thing"));
        let start = Instant::now();
        door.hear(&heard);
        start.elapsed()
    };
    (0..count).map(teach).collect()
}

/// Single words in lower case from all over the alphabet.
fn names(house: &House, speaker: &Speaker) -> Result<Vec<String>> {
    let audience = House::console(speaker.name());
    let mut all = Vec::new();
    for first in 'a'..='z' {
        for second in 'a'..='z' {
            let found = house.index.names_from(&format!("{first}{second}"), &audience, NAMES_A_BEGINNING)?;
            all.extend(found.into_iter().filter(|name| name.chars().all(|c| c.is_ascii_lowercase())));
        }
    }
    Ok(all)
}

/// A small generator of chance with a fixed beginning: Marsaglia, "Xorshift RNGs" (2003).
struct Draw(u64);

impl Draw {
    fn one<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let at = usize::try_from(self.0 >> 33).ok()?.checked_rem(from.len())?;
        from.get(at)
    }
}
