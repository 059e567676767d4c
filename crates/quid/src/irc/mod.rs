//! `quid irc`: the bot on its networks.
//!
//! One thread keeps the connections and another thinks, so that a long thought never costs a PONG. What the
//! configuration says is read again on SIGHUP, without leaving anywhere.

mod aside;
mod brain;
pub mod system;

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use quid_irc::{Config, Order, Outside, Report};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::commands::Open;
use crate::complaint::hinted;
use crate::data::Data;
use crate::door;
use crate::outcome::Outcome;
use crate::output::Output;
use aside::Aside;
use brain::Brain;

/// The configuration with a comment for everything that can be said in it.
const EXAMPLE: &str = "data/program/quid.toml";
/// Reports that wait for the thinking thread.
const WAITING: usize = 1024;
/// Orders that wait for a connection.
const ORDERED: usize = 256;

/// What the thinking thread is told.
enum Input {
    /// Something happened on a network.
    Report(Report),
    /// Read the configuration again.
    Reload,
    /// Take leave.
    Quit,
}

impl From<Report> for Input {
    fn from(report: Report) -> Self {
        Self::Report(report)
    }
}

/// Prints a configuration with a comment for everything in it.
///
/// # Errors
/// When the file is missing from the data, or nobody reads.
pub fn example(data: &Data, output: &mut Output) -> Result<Outcome> {
    let text = data.text(EXAMPLE).with_context(|| format!("the data file {EXAMPLE} is missing"))?;
    output.line(text.trim_end())?;
    Ok(Outcome::Answered)
}

/// Reads a configuration.
///
/// # Errors
/// With file and line.
pub fn read(path: &Path, me: &str) -> Result<Config> {
    let text = std::fs::read_to_string(path).with_context(|| {
        hinted(
            format!("cannot read {}", path.display()),
            "quid irc --example-config > quid.toml writes one to begin with",
        )
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let config = Config::read(&name, &text, folder, me)?;
    if config.networks.is_empty() {
        return Err(anyhow!(hinted(format!("{} names no network", path.display()), "add a [[network]]")));
    }
    Ok(config)
}

/// Talks on all networks until it is told to stop.
///
/// # Errors
/// When the configuration is wrong, or TLS cannot be set up.
pub fn run(open: &Open, path: &Path) -> Result<Outcome> {
    let config = read(path, &open.house.me)?;
    let (reports, mut inputs) = channel::<Input>(WAITING);
    listen(reports.clone())?;
    let orders = connect(&config, reports)?;
    let mut brain = Brain::new(open, path, config, orders)?;
    system::notify("READY=1");
    tell(None, &format!("{} on {} network(s)", open.house.me, brain.networks()));
    let mut aside = Aside::new(&open.house.me);
    loop {
        // While there is talk that may be for us, the talk of others waits.
        let input = match inputs.try_recv() {
            Ok(input) => Some(input),
            Err(_) => match aside.next() {
                Some(report) => {
                    brain.take(report);
                    continue;
                }
                None => inputs.blocking_recv(),
            },
        };
        match input {
            None => return Ok(Outcome::Answered),
            Some(Input::Report(report)) => aside.sort(report).into_iter().for_each(|report| brain.take(report)),
            Some(Input::Reload) => {
                system::notify("RELOADING=1");
                match read(path, &open.house.me).and_then(|config| brain.reload(config)) {
                    Ok(()) => tell(None, "the configuration was read again"),
                    Err(error) => tell(None, &format!("the configuration stays as it was: {error:#}")),
                }
                system::notify("READY=1");
            }
            Some(Input::Quit) => {
                system::notify("STOPPING=1");
                brain.quit(&mut inputs);
                return Ok(Outcome::Answered);
            }
        }
    }
}

/// Starts the connections, in a thread of their own.
fn connect(config: &Config, reports: Sender<Input>) -> Result<HashMap<Arc<str>, Sender<Order>>> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the network")?;
    let mut senders = HashMap::new();
    let mut links: Vec<(quid_irc::Network, Receiver<Order>)> = Vec::new();
    for network in &config.networks {
        let (sender, receiver) = channel(ORDERED);
        senders.insert(network.name.as_str().into(), sender);
        links.push((network.clone(), receiver));
    }
    let outside = Outside { now: door::now, chance };
    thread::Builder::new()
        .name("irc".into())
        .spawn(move || {
            runtime.block_on(async move {
                let mut tasks = Vec::new();
                for (network, orders) in links {
                    let (name, reports) = (network.name.clone(), reports.clone());
                    tasks.push(tokio::spawn(async move {
                        if let Err(error) = quid_irc::keep(network, outside, reports, orders).await {
                            tell(Some(&name), &format!("not connected: {error}"));
                        }
                    }));
                }
                // With the last connection the reports end, and with them the program.
                drop(reports);
                for task in tasks {
                    let _ = task.await;
                }
            });
        })
        .context("cannot start the network thread")?;
    Ok(senders)
}

/// Tells the thinking thread of signals.
fn listen(inputs: Sender<Input>) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for signals")?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in &mut signals {
                let input = if signal == SIGHUP { Input::Reload } else { Input::Quit };
                if inputs.blocking_send(input).is_err() {
                    return;
                }
            }
        })
        .context("cannot start the thread that listens for signals")?;
    Ok(())
}

/// A line for the log.
fn tell(network: Option<&str>, text: &str) {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    // A log that cannot be written is no reason to stop.
    let _ = match network {
        Some(network) => writeln!(std::io::stderr(), "{network}: {clean}"),
        None => writeln!(std::io::stderr(), "{clean}"),
    };
}

/// A number from 0 up to 1, from the randomly keyed hasher of the standard library: good enough to spread the
/// returns of many bots.
fn chance() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    let bits = RandomState::new().hash_one(0) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}
