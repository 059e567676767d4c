//! Loads a knowledge base into the store and the text index at once.
//!
//! One thread stores and one indexes, with a short queue between them, so that a load takes as long as its
//! slower half and memory stays bounded. It is whole or not there: a load that fails is taken out again, and one
//! that is killed is noticed at the next start.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use quid_core::Source;
use quid_core::oxrdf::{Quad, Term};
use quid_import::Problem;
use quid_import::wordnet::{self, Files, Lexicon};
pub use quid_store::Dump;
use serde_json::json;

use crate::complaint::hinted;
use crate::door;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// Quads handed from thread to thread at once.
const BATCH: usize = 8192;
/// Batches waiting for the slower thread.
const WAITING: usize = 8;
/// The most problems of a broken source that are told.
const TOLD: usize = 20;
/// Under which licence WordNet is given.
const WORDNET_LICENCE: &str = "WordNet 3.0 license, wnlicens(7)";

/// `quid load wordnet`.
///
/// # Errors
/// When the files are missing or damaged (each problem with file and line), or cannot be stored.
pub fn load_wordnet(house: &House, directory: Option<&Path>, output: &mut Output) -> Result<Outcome> {
    let start = Instant::now();
    let directory = wordnet::find(directory).map_err(|problem| broken(&[problem]))?;
    let bar = progress();
    bar.set_message("reading");
    // Everything is read and checked before the first quad is stored, so damage never costs an earlier load.
    let files = Files::open(&directory).map_err(|problems| broken(&problems))?;
    let lexicon = Lexicon::read(&files).map_err(|problems| broken(&problems))?;
    let dump = Dump { name: wordnet::NAME, title: wordnet::TITLE, licence: WORDNET_LICENCE, at: door::now() };
    bar.set_message("storing");
    let mut quads = lexicon.quads();
    let mut taken: u64 = 0;
    let counted = std::iter::from_fn(|| {
        let quad = quads.next()?;
        taken += 1;
        if taken.is_multiple_of(4096) {
            let so_far = quads.progress();
            bar.set_length(so_far.total);
            bar.set_position(so_far.done);
        }
        Some(quad)
    });
    let (stored, texts) = whole(house, &dump, counted)?;
    bar.finish_and_clear();
    let summary = quads.summary();
    let seconds = start.elapsed().as_secs_f64();
    if output.is_json() {
        output.json_line(&json!({ "loaded": dump.name, "quads": stored, "texts": texts, "synsets": summary.synsets,
            "senses": summary.senses, "entries": summary.entries, "seconds": seconds }))?;
    } else {
        output.line(&format!(
            "loaded {}: {} synsets, {} senses, {stored} quads, {texts} texts, in {seconds:.1} s",
            dump.title, summary.synsets, summary.senses
        ))?;
    }
    Ok(Outcome::Answered)
}

/// What is wrong with the files, one problem a line.
fn broken(problems: &[Problem]) -> anyhow::Error {
    let more = problems.len().saturating_sub(TOLD);
    let mut lines: Vec<String> = problems.iter().take(TOLD).map(ToString::to_string).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    let hint =
        "apt install --reinstall wordnet-base wordnet-sense-index, or give another folder: quid load wordnet DIR";
    anyhow!("{}", lines.join("\n")).context(hinted("WordNet cannot be read; nothing was loaded", hint))
}

/// Loads quads into store and text index, whole or not at all. Returns how many quads and texts.
fn whole(house: &House, dump: &Dump<'_>, quads: impl Iterator<Item = Quad>) -> Result<(u64, u64)> {
    house.begin_text_load()?;
    let (to_index, for_index) = sync_channel::<Vec<Quad>>(WAITING);
    let loaded = thread::scope(|scope| {
        let indexing = scope.spawn(move || index_all(house, &for_index));
        let mut teed = Tee { quads, batch: Vec::with_capacity(BATCH), to_index };
        let kept = house.keeper.load(dump, &mut teed).context("cannot store it");
        // An empty batch after the last one says that all of it came; without it the index forgets what it got.
        let complete = kept.is_ok() && (teed.batch.is_empty() || teed.send()) && teed.to_index.send(Vec::new()).is_ok();
        drop(teed);
        let indexed = indexing.join().map_err(|_| anyhow!("indexing ended in an internal fault"))?;
        let (quads, texts) = (kept?, indexed?);
        anyhow::ensure!(complete, "the text index took only a part of it");
        Ok((quads, texts))
    });
    if loaded.is_err() {
        take_out(house, dump.name);
    }
    house.end_text_load()?;
    loaded
}

/// Gives quads on to the store, and those that carry text to the indexing thread as well.
struct Tee<I> {
    quads: I,
    batch: Vec<Quad>,
    to_index: SyncSender<Vec<Quad>>,
}

impl<I> Tee<I> {
    /// Hands over what has gathered; false when the indexing thread has given up.
    fn send(&mut self) -> bool {
        self.to_index.send(std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH))).is_ok()
    }
}

impl<I: Iterator<Item = Quad>> Iterator for Tee<I> {
    type Item = Quad;

    fn next(&mut self) -> Option<Quad> {
        let quad = self.quads.next()?;
        if matches!(quad.object, Term::Literal(_)) {
            self.batch.push(quad.clone());
            if self.batch.len() == BATCH {
                // The store may as well get it all: the failed index is told of at the end.
                self.send();
            }
        }
        Some(quad)
    }
}

/// Indexes what comes, and keeps it only when its end came too.
fn index_all(house: &House, batches: &Receiver<Vec<Quad>>) -> Result<u64> {
    let mut bulk = house.index.bulk()?;
    for batch in batches {
        if batch.is_empty() {
            return Ok(bulk.finish(0)?);
        }
        for quad in &batch {
            bulk.add(quad)?;
        }
    }
    Ok(0)
}

/// A small source that is in memory already.
///
/// # Errors
/// When it cannot be stored or indexed.
pub fn few(house: &House, dump: &Dump<'_>, quads: Vec<Quad>) -> Result<()> {
    house.begin_text_load()?;
    house.index.drop_graph(&Source::Dump(dump.name.to_owned()).graph())?;
    let mut bulk = house.index.bulk()?;
    for quad in &quads {
        bulk.add(quad)?;
    }
    house.keeper.load(dump, &mut quads.into_iter())?;
    bulk.finish(0)?;
    house.end_text_load()
}

/// Takes a half-loaded source out again; what cannot be taken out now is noticed at the next start.
fn take_out(house: &House, name: &str) {
    if let Err(error) = house.keeper.unload(name) {
        tracing::warn!("{name} could not be taken out again: {error}");
    }
    if let Err(error) = house.index.drop_graph(&Source::Dump(name.to_owned()).graph()) {
        tracing::warn!("{name} could not be taken out of the text index again: {error}");
    }
}

/// A bar on the error stream, and nothing when that is not a terminal.
fn progress() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
    let shape = "{msg:8} {bar:40} {percent:>3}%  {elapsed} ";
    bar.set_style(ProgressStyle::with_template(shape).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
