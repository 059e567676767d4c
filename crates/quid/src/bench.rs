//! `quid bench`: how long starting and answering take over what is loaded.
//!
//! The numbers in the README come from here. Questions are drawn from a fixed seed, so that two runs over the
//! same home ask the same.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use quid_core::{Recall as _, Speaker};
use serde::Deserialize;
use serde_json::{Value, json};

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
/// How many questions a process that has just started is asked.
const COLD: usize = 200;
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

/// What one thing cost.
#[derive(Clone, Copy)]
struct Cost {
    time: Duration,
    /// What of it this thread was running, where the system tells: a busy machine lengthens the one, not the other.
    run: Duration,
    /// How often the store was asked; unlike the time the same on every machine, busy or not.
    reads: u64,
}

/// A kind and what each of its questions cost.
type Row = (String, Vec<Cost>);

/// Measures and prints a row a kind: how many, median, 99th percentile, slowest, and how often the store was asked.
///
/// The first questions of a process that has just started are a row of their own (`cold`), those of them that were
/// proved another; then the same questions and more are asked here, by kind.
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
    let first = {
        let house = House::open(home.clone(), overlay, me)?;
        let mut asking = Asking::new(&house)?;
        (0..questions.min(COLD)).map(|number| asking.question(number)).collect::<Result<Vec<_>>>()?
    };
    rows.extend(cold(&home, me, &first)?);
    let house = House::open(home, overlay, me)?;
    let mut asking = Asking::new(&house)?;
    rows.extend(asking.kinds(questions)?);
    if teach > 0 {
        rows.push(("learned, durably".to_owned(), learn(&mut asking, teach)));
    }
    if !output.is_json() {
        output.line(&format!(
            "{:18} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "", "n", "p50 ms", "p99 ms", "max ms", "mean run", "p50 reads", "max reads"
        ))?;
    }
    rows.retain(|(_, costs)| !costs.is_empty());
    for (name, costs) in &rows {
        let mut times: Vec<Duration> = costs.iter().map(|cost| cost.time).collect();
        let mut reads: Vec<u64> = costs.iter().map(|cost| cost.reads).collect();
        times.sort_unstable();
        reads.sort_unstable();
        let (half, most, all) = (millis(at(&times, 50)), millis(at(&times, 99)), millis(at(&times, 100)));
        // Counted by the tick, so that only many questions together tell something.
        let run = millis(costs.iter().map(|cost| cost.run).sum()) / costs.len() as f64;
        let (half_reads, all_reads) = (at(&reads, 50), at(&reads, 100));
        if output.is_json() {
            output.json_line(&json!({
                "kind": name, "n": times.len(), "p50_ms": half, "p99_ms": most, "max_ms": all,
                "mean_run_ms": run, "p50_reads": half_reads, "max_reads": all_reads,
            }))?;
        } else {
            output.line(&format!(
                "{name:18} {:>6} {half:>9.3} {most:>9.3} {all:>9.3} {run:>9.3} {half_reads:>9} {all_reads:>9}",
                times.len()
            ))?;
        }
    }
    Ok(Outcome::Answered)
}

/// How long this thread has been running so far, as Linux counts it; nothing elsewhere.
fn running() -> Duration {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = counted.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

/// The value that so many in a hundred do not exceed.
fn at<T: Copy + Default>(sorted: &[T], share: usize) -> T {
    sorted.get((sorted.len() * share / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// From the start of the process to its end, with nothing to answer in between: opening everything and leaving.
fn starts(home: &Home) -> Result<Vec<Cost>> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    (0..STARTS)
        .map(|_| {
            let start = Instant::now();
            let mut started = Command::new(&program);
            started.arg("--home").arg(home.root()).stdin(Stdio::null()).stdout(Stdio::null());
            let status = started.status().context("cannot start the program again")?;
            anyhow::ensure!(status.success(), "the program did not start: {status}");
            Ok(Cost { time: start.elapsed(), run: Duration::ZERO, reads: 0 })
        })
        .collect()
}

/// The questions put to a process that has just been started, all of them and those that it proved. How long each
/// took is what the process itself says.
fn cold(home: &Home, me: &str, questions: &[(usize, String)]) -> Result<Vec<Row>> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mut started = Command::new(&program);
    started.arg("--home").arg(home.root()).args(["--me", me, "--json", "chat"]);
    started.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut started = started.spawn().context("cannot start the program again")?;
    let mut input = started.stdin.take().context("the program has no input")?;
    let mut replies = BufReader::new(started.stdout.take().context("the program has no output")?).lines();
    let (mut all, mut proved) = (Vec::new(), Vec::new());
    for (_, line) in questions {
        writeln!(input, "{}", json!({ "text": line })).context("the program does not listen")?;
        let reply = replies.next().context("the program ended")?.context("the program cannot be read")?;
        let reply: Value = serde_json::from_str(&reply).context("the program did not answer in JSON")?;
        let micros = reply.get("micros").and_then(Value::as_u64).context("a reply does not say how long it took")?;
        let cost = Cost { time: Duration::from_micros(micros), run: Duration::ZERO, reads: 0 };
        all.push(cost);
        if reply.get("kind").is_some_and(|kind| kind == "proved") {
            proved.push(cost);
        }
    }
    drop(input);
    let status = started.wait().context("the program did not end")?;
    tracing::info!(%status, "the process for the cold questions ended");
    Ok(vec![("cold".to_owned(), all), ("cold, proved".to_owned(), proved)])
}

/// Questions put to a mind, measured.
struct Asking<'a> {
    house: &'a House,
    door: Door,
    speaker: Speaker,
    kinds: Vec<Kind>,
    names: Vec<String>,
    draw: Draw,
}

impl<'a> Asking<'a> {
    fn new(house: &'a House) -> Result<Self> {
        let text = house.data.text(FILE).with_context(|| format!("the data file {FILE} is missing"))?;
        let questions: Questions = toml::from_str(text).with_context(|| format!("cannot read {FILE}"))?;
        let speaker = door::owner();
        let names = names(house, &speaker)?;
        let door = Door::new(house.mind(), Stop::default());
        Ok(Self { house, door, speaker, kinds: questions.kind, names, draw: Draw(0x2545_f491_4f6c_dd1d) })
    }

    /// Asks so many questions of all kinds in turn; what they cost by kind, and of all.
    fn kinds(&mut self, count: usize) -> Result<Vec<Row>> {
        let mut rows: Vec<Row> = self.kinds.iter().map(|kind| (kind.name.clone(), Vec::new())).collect();
        let mut all = Vec::with_capacity(count);
        for number in 0..count {
            let (kind, line) = self.question(number)?;
            let cost = self.ask(line);
            if let Some((_, costs)) = rows.get_mut(kind) {
                costs.push(cost);
            }
            all.push(cost);
        }
        rows.push(("all questions".to_owned(), all));
        Ok(rows)
    }

    /// The next question: which kind's turn it is, and the line.
    fn question(&mut self, number: usize) -> Result<(usize, String)> {
        let at = number % self.kinds.len().max(1);
        let kind = self.kinds.get(at).with_context(|| format!("no kinds of questions in {FILE}"))?;
        let form = self.draw.one(&kind.forms).context("a kind of question without forms")?;
        let one = self.draw.one(&self.names).context("no names are known")?;
        let other = self.draw.one(&self.names).context("no names are known")?;
        let line = form
            .replace("{a}", &self.house.language.with_article(one))
            .replace("{b}", &self.house.language.with_article(other))
            .replace("{one}", one)
            .replace("{other}", other);
        Ok((at, line))
    }

    fn ask(&mut self, line: String) -> Cost {
        let heard = door::typed(&self.speaker, line);
        let (before, ran, start) = (self.house.keeper.reads(), running(), Instant::now());
        let reply = self.door.hear(&heard);
        let time = start.elapsed();
        let cost = Cost { time, run: running().saturating_sub(ran), reads: self.house.keeper.reads() - before };
        let micros = cost.time.as_micros();
        tracing::info!(micros, reads = cost.reads, line = heard.text, reply = reply.text, "asked");
        cost
    }
}

/// Teaches so many different things, each acknowledged before the next.
fn learn(asking: &mut Asking<'_>, count: usize) -> Vec<Cost> {
    let run = door::now().micros();
    (0..count).map(|number| asking.ask(format!("bench{run}n{number} is a measured thing"))).collect()
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
