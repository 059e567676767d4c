//! Which model may speak where nothing is proved: a server, one of this home, the program's own, or none.
//!
//! Nothing is read before the first question that needs it, so a model costs the start nothing. The own generator is
//! part of the program; its files are laid out in the home when it is first asked, since models are read from files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};
use quid_core::{Generator, Prompt, Said};
use quid_neural::framing::Framing;
use quid_neural::library::Library;
use quid_neural::local::{Local, Reads};
use quid_neural::server::{Server, Settings};

use crate::data::Data;
use crate::home::Home;

/// Name and bytes of each file of the program's own generator; empty where it was built without one.
static OWN: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/generator.rs"));

/// The most tokens of an answer.
const LONGEST_ANSWER: usize = 96;
/// A server's settings, beside the models of a home.
pub const SERVER: &str = "server.toml";

/// The model that speaks.
#[derive(Clone)]
pub struct Speaker {
    /// It, where there is one.
    pub generator: Option<Arc<dyn Generator>>,
    /// What it is, or why there is none, for `quid doctor`.
    pub told: String,
    /// Whether something that was chosen cannot be used.
    pub is_broken: bool,
}

impl Speaker {
    /// The one of this home. What cannot be used is told and left out.
    #[must_use]
    pub fn of(home: &Home, data: &Data) -> Self {
        match choose(home, data) {
            Ok((Some(generator), kind)) => {
                let told = format!("{kind}: {}; what it says is verified", generator.name());
                Self { generator: Some(generator), told, is_broken: false }
            }
            Ok((None, _)) => {
                let told = "no neural weights: answers come from proofs and memory".to_owned();
                Self { generator: None, told, is_broken: false }
            }
            Err(error) => Self { generator: None, told: format!("no model speaks: {error:#}"), is_broken: true },
        }
    }
}

/// What frames a question for models that read plain text.
///
/// # Errors
/// When the data is malformed.
pub fn framing(data: &Data) -> Result<Framing> {
    let framing = data.text("data/models/prompt.toml").context("data/models/prompt.toml is not here")?;
    toml::from_str(framing).context("data/models/prompt.toml")
}

/// A server by the settings in a file.
///
/// # Errors
/// When they are malformed, or name a key that is not there.
pub fn server(path: &Path, data: &Data) -> Result<Server> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let settings: Settings = toml::from_str(&text).with_context(|| path.display().to_string())?;
    Ok(Server::new(settings, framing(data)?, &|name| std::env::var(name).ok())?)
}

fn choose(home: &Home, data: &Data) -> Result<(Option<Arc<dyn Generator>>, &'static str)> {
    let settings = home.models().join(SERVER);
    if settings.exists() {
        return Ok((Some(Arc::new(server(&settings, data)?)), "a server"));
    }
    let library = Library::new(home.models());
    if let Some(name) = library.used()? {
        let path = library.find(&name)?;
        let reads = if path.join("answers.json").exists() { Reads::Slots } else { Reads::Text(framing(data)?) };
        return Ok((Some(Arc::new(Local::new(name, path, reads, LONGEST_ANSWER, None))), "a model of this home"));
    }
    if OWN.is_empty() {
        return Ok((None, ""));
    }
    Ok((Some(Arc::new(Own::new(home.own_generator()))), "the own generator"))
}

/// Lays the own generator's files out in a folder, whole or not at all; where it lies there.
///
/// # Errors
/// When the program was built without one, or the folder cannot be written.
pub fn lay_out(folder: &Path) -> Result<PathBuf> {
    anyhow::ensure!(!OWN.is_empty(), "this quid was built without its generator (data/generator)");
    // Another build's files have another size or other numbers.
    let sum = OWN
        .iter()
        .flat_map(|(_, bytes)| bytes.iter().step_by(97))
        .fold(0_u64, |sum, byte| sum.rotate_left(5).wrapping_mul(0x0100_0000_01b3).wrapping_add(u64::from(*byte)));
    let place = folder.join(format!("{sum:016x}"));
    if place.join("config.json").exists() {
        return Ok(place);
    }
    let making = folder.join(format!(".making-{}", std::process::id()));
    fs::create_dir_all(&making).with_context(|| format!("cannot make {}", making.display()))?;
    for (name, bytes) in OWN {
        let file = making.join(name);
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if fs::rename(&making, &place).is_err() {
        // Another process was quicker.
        let _ = fs::remove_dir_all(&making);
    }
    anyhow::ensure!(place.join("config.json").exists(), "cannot lay the generator out in {}", place.display());
    Ok(place)
}

/// The program's own generator, laid out and read when it is first asked.
struct Own {
    folder: PathBuf,
    local: OnceLock<Option<Local>>,
}

impl Own {
    fn new(folder: PathBuf) -> Self {
        Self { folder, local: OnceLock::new() }
    }
}

impl Generator for Own {
    fn say(&self, prompt: &Prompt, tell: &mut dyn FnMut(&str), stop: &AtomicBool) -> Option<Said> {
        let ready = self.local.get_or_init(|| match lay_out(&self.folder) {
            Ok(path) => Some(Local::new(self.name(), path, Reads::Slots, LONGEST_ANSWER, None)),
            Err(error) => {
                tracing::warn!("the own generator cannot be used: {error:#}");
                None
            }
        });
        ready.as_ref()?.say(prompt, tell, stop)
    }

    fn name(&self) -> String {
        let bytes: usize = OWN.iter().map(|(_, bytes)| bytes.len()).sum();
        format!("in the program, {} MB", bytes / 1_000_000)
    }
}
