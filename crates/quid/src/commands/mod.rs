//! The commands, each in a file of its own; here only which is run.
//!
//! Most are one line to the bot with the owner's rights, so that the command line and the chat can never
//! disagree about what a word does.

mod ask;
mod chat;
mod doctor;
mod export;
mod learn;
mod paths;
mod query;
mod repair;
mod search;
mod shell;
mod sources;
mod talk;
mod unload;
mod why;

use std::path::PathBuf;

use anyhow::Result;

use crate::arguments::{Arguments, Command, Load};
use crate::home::Home;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::signals::{self, Manner, Stop};
use crate::wiring::House;
use crate::{bench, load};

/// What every command that talks or looks something up needs.
pub struct Open {
    /// All rooms.
    pub house: House,
    /// Cancels what is running.
    pub stop: Stop,
    /// Where answers go.
    pub output: Output,
}

/// Runs what was asked for.
///
/// # Errors
/// What went wrong, for a person.
pub fn run(arguments: Arguments) -> Result<Outcome> {
    let home = Home::choose(arguments.home.or_else(|| folder_in("QUID_HOME")).as_deref())?;
    let overlay = arguments.data.or_else(|| folder_in("QUID_DATA"));
    let mut output = Output::standard(arguments.json);
    let command = arguments.command.unwrap_or(Command::Chat);
    let manner = match command {
        Command::Chat if !arguments.json && chat::at_terminal() => Manner::Prompt,
        Command::Chat => Manner::Service,
        _ => Manner::Command,
    };
    // These need nothing opened, or must work when nothing can be.
    match &command {
        Command::Completions { shell } => return shell::completions(*shell, &mut output),
        Command::Man => return shell::manual(&mut output),
        Command::Paths => return paths::run(&home, overlay.as_deref(), &mut output),
        Command::Repair => return repair::run(home, overlay.as_deref(), &arguments.me, &mut output),
        Command::Doctor => return doctor::run(home, overlay.as_deref(), &arguments.me, &mut output),
        Command::Bench { questions, teach } => {
            return bench::run(home, overlay.as_deref(), &arguments.me, (*questions, *teach), &mut output);
        }
        _ => {}
    }
    let stop = signals::listen(manner)?;
    let house = House::open(home, overlay.as_deref(), &arguments.me)?;
    let mut open = Open { house, stop, output };
    match command {
        Command::Chat => chat::run(open, manner),
        Command::Ask(words) => ask::run(&mut open, &words.words.join(" ")),
        Command::Learn(words) => learn::run(&mut open, &words.words.join(" ")),
        Command::Why { question } => why::run(&mut open, &question.join(" ")),
        Command::History(words) => talk::say(&mut open, &format!("history of {}", words.words.join(" "))),
        Command::Undo { count } => talk::say(&mut open, &format!("undo {count}")),
        Command::Query { text, file, limit } => query::run(&mut open, text.as_deref(), file.as_deref(), limit),
        Command::Search { words, limit } => search::run(&mut open, &words.join(" "), limit),
        Command::Load(Load::Wordnet { directory }) => {
            load::load_wordnet(&open.house, directory.as_deref(), &mut open.output)
        }
        Command::Sources => sources::run(&mut open),
        Command::Unload { name } => unload::run(&mut open, &name),
        Command::Export { name, output } => export::run(&mut open, &name, output),
        Command::Doctor
        | Command::Repair
        | Command::Paths
        | Command::Completions { .. }
        | Command::Man
        | Command::Bench { .. } => Ok(Outcome::Answered),
    }
}

fn folder_in(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}
