//! Ctrl-C, SIGTERM and a closed terminal.
//!
//! Everything acknowledged is already on the disk, so leaving is only a question of manners: the running
//! answer is cancelled, the lock given back, the terminal left as it was found.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long a running answer may take to notice that it was cancelled.
const PATIENCE: Duration = Duration::from_secs(2);

/// What Ctrl-C means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// At the prompt: cancels the running answer, never ends the program.
    Prompt,
    /// A service reading lines: ends it; being told to end is its normal end.
    Service,
    /// One command: ends it as failed.
    Command,
}

/// Shared between whoever answers and whoever is told to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Raised to cancel the running answer.
    pub raised: Arc<AtomicBool>,
    /// Held while a line is answered.
    pub busy: Arc<Mutex<()>>,
}

/// Starts to listen for signals, in a thread of its own.
///
/// # Errors
/// When the system refuses the handlers.
pub fn listen(manner: Manner) -> Result<Stop> {
    let stop = Stop::default();
    let told = stop.clone();
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for signals")?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in &mut signals {
                told.raised.store(true, Ordering::Relaxed);
                if signal == SIGINT && manner == Manner::Prompt {
                    continue;
                }
                wait_until_idle(&told.busy);
                if manner == Manner::Prompt {
                    // The line editor holds the terminal raw and its clean-up does not run when we leave from here.
                    let _ = Command::new("stty").arg("sane").status();
                }
                let normal = signal != SIGINT && manner != Manner::Command;
                std::process::exit(if normal { 0 } else { 128 + signal });
            }
        })
        .context("cannot start the thread that listens for signals")?;
    Ok(stop)
}

fn wait_until_idle(busy: &Mutex<()>) {
    let start = Instant::now();
    while matches!(busy.try_lock(), Err(TryLockError::WouldBlock)) && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
}
