//! The commands, each in a file of its own; here only which is run.
//!
//! Most are one line to the bot with the owner's rights, so that the command line and the chat can never
//! disagree about what a word does.

pub mod ask;
mod chat;
mod doctor;
mod export;
pub mod flops;
mod learn;
pub mod model;
mod paths;
mod prove;
mod query;
mod repair;
mod search;
mod shell;
mod sources;
mod talk;
pub mod train;
mod unload;
mod why;
mod word;

use std::io::BufRead;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::arguments::{Arguments, Command, Load};
use crate::data::Data;
use crate::home::Home;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::signals::{self, Manner, Stop};
use crate::wiring::House;
use crate::{bench, eval, irc, load, remote, serve};
#[cfg(unix)]
use crate::{mcp, sharing};

/// What every command that talks or looks something up needs.
pub struct Open {
    /// All rooms.
    pub house: House,
    /// Cancels what is running.
    pub stop: Stop,
    /// Where answers go.
    pub output: Output,
    /// Where lines come from.
    pub input: Input,
}

/// Where the lines of a chat come from.
pub enum Input {
    /// The standard input.
    Standard,
    /// Another console.
    Console(Box<dyn BufRead + Send>),
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
        Command::Model(asked) => return model::run(&home, overlay.as_deref(), asked, &mut output),
        Command::Flops(asked) => return flops::run(&home, overlay.as_deref(), asked, &mut output),
        Command::Repair => return repair::run(home, overlay.as_deref(), &arguments.me, &mut output),
        Command::Doctor => return doctor::run(home, overlay.as_deref(), &arguments.me, &mut output),
        Command::Bench { questions, teach } => {
            return bench::run(home, overlay.as_deref(), &arguments.me, (*questions, *teach), &mut output);
        }
        _ => {}
    }
    // Nothing of this home is asked.
    if let Command::Query { endpoint: Some(endpoint), text, file, limit, timeout, .. } = &command {
        let stop = signals::listen(manner)?;
        let asked = query::Elsewhere { endpoint, limit: *limit, seconds: *timeout };
        return query::elsewhere(&asked, text.as_deref(), file.as_deref(), &stop, &mut output);
    }
    #[cfg(unix)]
    if matches!(command, Command::Mcp) {
        let place = remote::chosen(arguments.store.as_deref(), None)?;
        return mcp::run(&home, overlay.as_deref(), &arguments.me, place.as_ref());
    }
    if let Command::Irc { example_config: true, .. } = &command {
        return irc::example(&Data::open(overlay.as_deref())?, &mut output);
    }
    // Looked for first, and again when the home turns out to be taken by a process that is just starting.
    #[cfg(unix)]
    if !is_service(&command)
        && home.socket().exists()
        && let Some(outcome) = sharing::hand_over(&home, &command)?
    {
        return Ok(outcome);
    }
    let shares = is_service(&command) || matches!(command, Command::Chat);
    let stop = if is_service(&command) { signals::Stop::default() } else { signals::listen(manner)? };
    let place = remote::chosen(arguments.store.as_deref(), configuration(&command))?;
    let house = House::open(home, overlay.as_deref(), &arguments.me)?.with_store(place)?;
    #[cfg(unix)]
    let _listening = if shares { share(&house) } else { None };
    act(Open { house, stop, output, input: Input::Standard }, Some(command), manner)
}

/// The configuration that a command reads.
fn configuration(command: &Command) -> Option<&Path> {
    match command {
        Command::Irc { config, .. } => Some(config),
        Command::Serve { config, .. } => config.as_deref(),
        _ => None,
    }
}

/// Whether a command has the home for itself, and its own way of being told to end.
fn is_service(command: &Command) -> bool {
    matches!(command, Command::Irc { .. } | Command::Serve { .. })
}

/// Lets later processes use this home through us; without that, they are refused as long as we are here.
#[cfg(unix)]
fn share(house: &House) -> Option<sharing::Guard> {
    match sharing::listen(house) {
        Ok(guard) => Some(guard),
        Err(error) => {
            tracing::warn!("other consoles cannot reach this one: {error:#}");
            None
        }
    }
}

/// Does what was asked for in an open house.
///
/// # Errors
/// What went wrong, for a person.
pub fn act(mut open: Open, command: Option<Command>, manner: Manner) -> Result<Outcome> {
    match command.unwrap_or(Command::Chat) {
        Command::Irc { config, .. } => irc::run(&open, &config),
        Command::Serve { http, config, irc } => serve::run(&open, &serve::Asked { http, config, irc }),
        #[cfg(unix)]
        Command::Mcp => mcp::answer(open),
        #[cfg(not(unix))]
        Command::Mcp => bail!("this needs a system with sockets in the file system; `quid serve` has the same at /mcp"),
        Command::Chat => chat::run(open, manner),
        Command::Ask(words) => ask::run(&mut open, &words.words.join(" ")),
        Command::Learn(words) => learn::run(&mut open, &words.words.join(" ")),
        Command::Why { question, shown } => why::run(&mut open, &question.join(" "), &shown),
        Command::History(words) => talk::say(&mut open, &format!("history of {}", words.words.join(" "))),
        Command::Undo { count } => talk::say(&mut open, &format!("undo {count}")),
        Command::Query { text, file, limit, entailment, .. } => {
            query::run(&mut open, text.as_deref(), file.as_deref(), limit, entailment)
        }
        Command::Search { words, limit } => search::run(&mut open, &words.join(" "), limit),
        Command::Word { description, limit } => word::run(&mut open, &description.join(" "), limit),
        Command::Load(Load::Wordnet { path, named }) => {
            load::wordnet(&open.house, path.as_deref(), named, &mut open.output)
        }
        Command::Load(Load::Conceptnet(asked)) => load::conceptnet(&open.house, &asked, &mut open.output),
        Command::Load(Load::Rdf { files, base, named }) => {
            load::rdf(&open.house, &files, base, named, &mut open.output)
        }
        Command::Load(Load::Prolog { files, named }) => load::prolog(&open.house, &files, named, &mut open.output),
        Command::Prove(asked) => prove::run(&mut open, &asked),
        Command::Load(Load::Brain { file, named }) => load::brain(&open.house, &file, named, &mut open.output),
        Command::Eval(asked) => eval::run(&mut open, &asked),
        Command::Train(asked) => train::run(&mut open, &asked),
        Command::Sources => sources::run(&mut open),
        Command::Unload { name } => unload::run(&mut open, &name),
        Command::Export { name, format, output } => export::run(&mut open, &name, format, output),
        // These open the home by themselves, so not within another process.
        Command::Doctor
        | Command::Repair
        | Command::Model(_)
        | Command::Flops(_)
        | Command::Paths
        | Command::Completions { .. }
        | Command::Man
        | Command::Bench { .. } => {
            bail!("another quid has this home open; end it first, or give another folder with --home DIR")
        }
    }
}

fn folder_in(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}
