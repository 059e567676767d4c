//! Whoever answers for a home: this process when it has it, else the one that has.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use quid_store::remote::Place;
use serde_json::{Value, json};

use crate::door;
use crate::home::Home;
use crate::serve::Brain;
use crate::sharing;
use crate::signals::{self, Manner};
use crate::wiring::House;

/// The longest line, in bytes.
pub const LONGEST: u64 = 16 << 20;
/// How long a home that is being opened or closed by others is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked for.
const GLANCE: Duration = Duration::from_millis(50);

/// Whoever answers.
pub struct Host {
    asking: UnixStream,
    /// Whether lines go as other consoles' do.
    framed: bool,
    /// Lets other consoles in as long as the home is ours.
    _listening: Option<sharing::Guard>,
}

impl Host {
    /// Finds the process that has the home, or takes the home. `answered` is given every line that comes back, and
    /// `gone` is called when no more will.
    ///
    /// # Errors
    /// When the home can neither be opened nor reached.
    pub fn find(
        (home, overlay, me, place): (&Home, Option<&Path>, &str, Option<&Place>),
        answered: impl Fn(String) -> bool + Send + 'static,
        gone: impl FnOnce() + Send + 'static,
    ) -> Result<Self> {
        let start = Instant::now();
        loop {
            if let Ok(stream) = UnixStream::connect(home.socket()) {
                let mut asking = stream.try_clone().context("cannot use the home's socket")?;
                let request = json!({ "arguments": ["mcp"], "colour": false, "input": true });
                if writeln!(asking, "{request}").is_ok() {
                    read(stream, unframed, answered, gone)?;
                    return Ok(Self { asking, framed: true, _listening: None });
                }
            }
            match House::open(home.clone(), overlay, me) {
                Ok(house) => {
                    let house = house.with_store(place.cloned())?;
                    signals::listen(Manner::Service)?;
                    let (asking, answers) = speak_within(&house)?;
                    read(answers, |line| Some(line.to_owned()), answered, gone)?;
                    let listening = sharing::listen(&house).map_err(|error| {
                        tracing::warn!("other consoles cannot reach this one: {error:#}");
                    });
                    return Ok(Self { asking, framed: false, _listening: listening.ok() });
                }
                // Whoever has it is just beginning, or just ending.
                Err(error) if is_taken(&error) && start.elapsed() < PATIENCE => thread::sleep(GLANCE),
                Err(error) => return Err(error),
            }
        }
    }

    /// Hands a line on.
    pub fn ask(&mut self, line: &str) {
        let line = if self.framed { json!({ "line": line }).to_string() } else { line.to_owned() };
        // Whoever reads the answers notices that it is gone.
        let _ = writeln!(self.asking, "{line}");
    }

    /// Nothing more will be asked.
    pub fn end(&mut self) {
        let _ = self.asking.shutdown(std::net::Shutdown::Write);
    }
}

fn is_taken(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref::<quid_store::StoreError>(), Some(quid_store::StoreError::InUse { .. }))
    })
}

/// What another console is given, as a line of the protocol. An end is told by the stream's own.
fn unframed(line: &str) -> Option<String> {
    let given: Value = serde_json::from_str(line).ok()?;
    if let Some(error) = given.get("error").and_then(Value::as_str) {
        tracing::warn!("{}", error.trim_end());
    }
    given.get("out").and_then(Value::as_str).map(|line| line.trim_end().to_owned())
}

/// Reads a stream's lines in a thread of its own.
fn read(
    stream: UnixStream,
    shape: impl Fn(&str) -> Option<String> + Send + 'static,
    answered: impl Fn(String) -> bool + Send + 'static,
    gone: impl FnOnce() + Send + 'static,
) -> Result<()> {
    let reading = move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // Several answers may come in one frame.
            let shaped = shape(&line).unwrap_or_default();
            if !shaped.lines().filter(|line| !line.is_empty()).all(|line| answered(line.to_owned())) {
                break;
            }
        }
        gone();
    };
    thread::Builder::new().name("answers".into()).spawn(reading).context("cannot start a thread")?;
    Ok(())
}

/// Speaks the protocol over this house in a thread of its own; gives the streams that lead there and back.
///
/// # Errors
/// When there are no more streams or threads.
pub fn speak_within(house: &House) -> Result<(UnixStream, UnixStream)> {
    let (ours, theirs) = UnixStream::pair().context("cannot make a pair of sockets")?;
    let answers = ours.try_clone().context("cannot use the pair of sockets")?;
    theirs.set_nonblocking(true).context("cannot use the pair of sockets")?;
    let behind = Arc::new(Brain::new(house.clone()));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the protocol")?;
    let owner = door::owner().name().to_owned();
    let speaking = move || {
        runtime.block_on(async {
            let Ok(stream) = tokio::net::UnixStream::from_std(theirs) else { return };
            let (reader, writer) = stream.into_split();
            if let Err(why) = quid_serve::speak(behind, owner, reader, writer).await {
                tracing::warn!("the conversation broke off: {why}");
            }
        });
        // What is still being answered is durable already, and nobody waits for it.
        runtime.shutdown_background();
    };
    thread::Builder::new().name("mcp".into()).spawn(speaking).context("cannot start the protocol's thread")?;
    Ok((ours, answers))
}
