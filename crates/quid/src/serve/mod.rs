//! `quid serve`: every door of one brain in one process.
//!
//! HTTP has its own threads; IRC, when it is asked for, has the one that started; other consoles come through the
//! socket of the home as ever. Whoever tells the process to end ends all of them, one after the other.

mod behind;
mod knowledge;

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result};
use quid_serve::{Config, Role, Secret, Server};
use serde::Deserialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::commands::Open;
use crate::complaint::hinted;
use crate::irc::{self, system};
use crate::outcome::Outcome;
pub use behind::Brain;

/// The variable of the environment that an admin's token may stand in.
const TOKEN: &str = "QUID_SERVE_TOKEN";

/// What was asked for on the command line.
pub struct Asked {
    /// Where to listen, in the place of what the configuration says.
    pub http: Option<SocketAddr>,
    /// The configuration.
    pub config: Option<PathBuf>,
    /// Whether to talk on IRC too.
    pub irc: bool,
}

/// The part of the configuration that is about serving; the rest is other doors'.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    serve: Config,
}

/// Serves until it is told to stop.
///
/// # Errors
/// When the configuration is wrong, or the address is taken.
pub fn run(open: &Open, asked: &Asked) -> Result<Outcome> {
    let (mut config, folder) = read(asked.config.as_deref())?;
    config.http = asked.http.unwrap_or(config.http);
    let allow =
        quid_store::remote::Allow::listed(&config.allow).map_err(|why| anyhow::anyhow!("serve.allow: {why}"))?;
    open.house.keeper.allow_services(allow);
    let secrets: Vec<Secret> = std::env::var(TOKEN)
        .ok()
        .filter(|token| !token.is_empty())
        .map(|token| Secret { user: crate::door::owner().name().to_owned(), role: Role::Admin, token })
        .into_iter()
        .collect();
    let writes = !secrets.is_empty() || config.token.iter().any(|token| token.role >= Role::Learn);
    let irc_config = asked.irc.then(|| asked.config.clone().unwrap_or_else(|| PathBuf::from("quid.toml")));
    if let Some(path) = &irc_config {
        // Before anything listens: what is wrong with it should end the start.
        irc::read(path, &open.house.me)?;
    }
    let server = Server::listen(config, &folder, &secrets, Arc::new(Brain::new(open.house.clone())))?;
    let address = server.address().context("cannot tell where it listens")?;
    tell(&format!("http://{address}/ answers{}", if writes { "" } else { "; nobody has a token, so nobody writes" }));
    let (leave, leaving) = tokio::sync::oneshot::channel::<()>();
    let serving = thread::Builder::new()
        .name("http".into())
        .spawn(move || {
            server.run(async {
                // Gone or told: both mean the end.
                let _ = leaving.await;
            });
        })
        .context("cannot start the thread that serves")?;
    let outcome = match &irc_config {
        Some(path) => irc::run(open, path),
        None => wait(),
    };
    drop(leave);
    system::notify("STOPPING=1");
    let _ = serving.join();
    outcome
}

/// Waits until the process is told to end.
fn wait() -> Result<Outcome> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot listen for signals")?;
    system::notify("READY=1");
    let _ = signals.forever().next();
    Ok(Outcome::Answered)
}

/// Reads the part about serving; gives the folder that its relative paths begin in too.
fn read(path: Option<&Path>) -> Result<(Config, PathBuf)> {
    let Some(path) = path else { return Ok((Config::default(), PathBuf::from("."))) };
    let text = fs::read_to_string(path).with_context(|| {
        hinted(
            format!("cannot read {}", path.display()),
            "quid irc --example-config > quid.toml writes one to begin with",
        )
    })?;
    let file: File = toml::from_str(&text).with_context(|| format!("{} is not understood", path.display()))?;
    Ok((file.serve, path.parent().unwrap_or(Path::new(".")).to_owned()))
}

fn tell(text: &str) {
    // A log that cannot be written is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{text}");
}
