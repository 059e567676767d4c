//! The program `quid`: opens the house, picks the door, and tells the shell how it went.
//!
//! ```text
//!  floor 3   quid <- you are here: arguments, prompt, pipes, JSON, wiring; the only room that knows all others
//!  floor 2   import | store  search | mind
//!  floor 1   lang  logic
//!  floor 0   core
//! ```
//!
//! Start reading at `wiring.rs` (what is opened), then `door.rs` (one line in, one reply out).

mod arguments;
mod bench;
mod chat_json;
mod commands;
mod complaint;
mod data;
mod door;
mod eval;
mod home;
mod irc;
mod last;
mod lines;
mod load;
#[cfg(unix)]
mod mcp;
mod models;
mod ontologies;
mod outcome;
mod output;
mod piped;
mod prompt;
mod remote;
mod repl;
mod serve;
#[cfg(unix)]
mod sharing;
mod signals;
mod table;
mod wiring;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::filter::LevelFilter;

use crate::arguments::Arguments;
use crate::outcome::Outcome;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    door::tell_panics_shortly();
    tell_warnings();
    match commands::run(arguments) {
        Ok(outcome) => outcome.into(),
        // Whoever read our output has seen enough: `quid … | head`.
        Err(error) if complaint::is_broken_pipe(&error) => Outcome::Answered.into(),
        Err(error) => {
            // With the error stream closed there is nobody left to tell.
            let _ = writeln!(io::stderr(), "{}", output::without_controls(&complaint::told(&error)));
            Outcome::Failed.into()
        }
    }
}

/// Warnings go to the error stream; `QUID_LOG=info` (or debug, trace) shows more.
fn tell_warnings() {
    let level = std::env::var("QUID_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::WARN);
    let coloured = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(coloured)
        .with_target(level > LevelFilter::WARN)
        .without_time()
        .init();
}
