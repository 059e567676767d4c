//! Tells how a load goes: how far it is, how fast, how long it will take; and what is wrong with which line.
//!
//! A person watches a bar; a log file gets a line now and then. Bad lines are told one by one until there are
//! too many for a screen; all of them stand in a file.

use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use quid_import::Problem;
use quid_import::source::Progress;

use crate::complaint::hinted;
use crate::output::without_controls;

/// How many bad lines are told on the screen.
const TOLD: u64 = 20;
/// How often a line is written where no bar can be drawn.
const EVERY: Duration = Duration::from_secs(10);

/// How far a load is.
pub struct Meter {
    bar: ProgressBar,
    name: String,
    /// Whether a bar is drawn.
    drawn: bool,
    start: Instant,
    last: Mutex<Instant>,
}

impl Meter {
    /// Begins to tell, on the error stream.
    pub fn new(name: &str) -> Self {
        let drawn = std::io::stderr().is_terminal();
        let target = if drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.enable_steady_tick(Duration::from_millis(200));
        bar.set_message("beginning");
        let start = Instant::now();
        Self { bar, name: name.to_owned(), drawn, start, last: Mutex::new(start) }
    }

    /// So much is read, and so many quads came of it.
    pub fn at(&self, progress: Progress, quads: u64) {
        let elapsed = self.start.elapsed();
        let seconds = elapsed.as_secs_f64();
        let rate = u128::from(quads) * 1000 / elapsed.as_millis().max(1);
        let rate = in_groups(u64::try_from(rate).unwrap_or(u64::MAX));
        let known = progress.total > 0;
        if self.drawn {
            if known && self.bar.length() != Some(progress.total) {
                let shape = "{prefix} {bar:30} {percent:>3}%  {msg}, {eta} left";
                self.bar
                    .set_style(ProgressStyle::with_template(shape).unwrap_or_else(|_| ProgressStyle::default_bar()));
                self.bar.set_prefix(self.name.clone());
                self.bar.set_length(progress.total);
            }
            self.bar.set_position(progress.done);
            self.bar.set_message(format!("{} quads, {}/s", in_groups(quads), rate));
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() < EVERY {
            return;
        }
        *last = Instant::now();
        let quads = in_groups(quads);
        let part = progress.done as f64 / progress.total.max(1) as f64;
        let left = seconds * (1.0 - part) / part.max(1e-6);
        if known {
            eprintln!("{}: {:.0}%, {quads} quads, {rate}/s, {left:.0} s left", self.name, part * 100.0);
        } else {
            eprintln!("{}: {quads} quads, {rate}/s", self.name);
        }
    }

    /// Everything is read; the store and the index still work.
    pub fn settling(&self) {
        self.bar.set_message("all read; storing");
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }

    /// A line beside the bar.
    fn line(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }
}

/// 1234567 as 1,234,567.
fn in_groups(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A load ended because it was to end at the first bad line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Strict(Problem);

/// The bad lines of a load.
pub struct Complaints {
    path: PathBuf,
    log: Option<BufWriter<File>>,
    strict: bool,
    count: u64,
}

impl Complaints {
    /// None yet; those of an earlier load are forgotten.
    pub fn new(path: &Path, strict: bool) -> Self {
        // There may be none.
        let _ = std::fs::remove_file(path);
        Self { path: path.to_owned(), log: None, strict, count: 0 }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Tells of one more.
    ///
    /// # Errors
    /// [`Strict`] when none is allowed; or when the log cannot be written.
    pub fn add(&mut self, problem: &Problem, meter: &Meter) -> Result<()> {
        if self.strict {
            return Err(anyhow!(Strict(problem.clone())).context(hinted(
                "a bad line, and the load is strict; nothing is kept of it",
                "without --strict it is skipped",
            )));
        }
        self.count += 1;
        let text = without_controls(&problem.to_string());
        let writing = || format!("cannot write {}", self.path.display());
        let mut log = match self.log.take() {
            Some(log) => log,
            None => {
                if let Some(folder) = self.path.parent() {
                    std::fs::create_dir_all(folder).with_context(writing)?;
                }
                BufWriter::new(File::create(&self.path).with_context(writing)?)
            }
        };
        writeln!(log, "{text}").with_context(writing)?;
        self.log = Some(log);
        if self.count <= TOLD {
            meter.line(&text);
        } else if self.count == TOLD + 1 {
            meter.line(&format!("… more bad lines; all are named in {}", self.path.display()));
        }
        Ok(())
    }

    /// Closes the log; where it is, when anything was wrong.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<Option<PathBuf>> {
        let Some(mut log) = self.log else { return Ok(None) };
        log.flush().with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(Some(self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_groups_of_three() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (34_000_000, "34,000,000")] {
            assert_eq!(in_groups(number), text);
        }
    }

    #[test]
    fn every_bad_line_is_in_the_log_and_a_strict_load_stops() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("logs/load-x.log");
        let meter = Meter::new("x");
        let problem = |line| Problem::at(Path::new("x.csv"), line, 3, "a NUL byte", "text");
        let mut complaints = Complaints::new(&path, false);
        for line in 1..=50 {
            complaints.add(&problem(line), &meter).expect("told");
        }
        assert_eq!(complaints.finish().expect("written").as_deref(), Some(path.as_path()));
        let text = std::fs::read_to_string(&path).expect("there");
        assert_eq!(text.lines().count(), 50);
        assert_eq!(text.lines().last(), Some("x.csv:50:3: a NUL byte; expected text"));
        let mut strict = Complaints::new(&path, true);
        assert!(strict.add(&problem(7), &meter).is_err());
        assert!(!path.exists(), "the log of an earlier load is gone");
    }
}
