//! The side that has the home: runs the commands that others hand over.
//!
//! Each client has a thread and a mind of its own, so that what one asks never mixes with what another is being
//! asked; what they teach is in the one store at once.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use super::{Given, Request, Typed};
use crate::arguments::Arguments;
use crate::commands::{self, Input, Open};
use crate::complaint;
use crate::output::Output;
use crate::signals::{Manner, Stop};
use crate::wiring::House;

/// The most consoles at once.
const MOST_CLIENTS: usize = 64;
/// How long a client may take to say what it wants.
const ASKING: Duration = Duration::from_secs(5);
/// The longest line a client may send, in bytes: a language model's call at its longest, escaped.
const LONGEST: u64 = 48 << 20;

/// Takes the socket away when the home is closed, and ends the listening.
///
/// The listener holds the house, and with it the store. That must be closed before the process ends: RocksDB's own
/// threads would go on while what they use is torn down (a segmentation fault in its statistics was seen).
pub struct Guard {
    path: PathBuf,
    over: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // It waits for somebody to come.
        let is_woken = UnixStream::connect(&self.path).is_ok();
        let _ = fs::remove_file(&self.path);
        if let Some(listener) = self.listener.take().filter(|_| is_woken) {
            let _ = listener.join();
        }
    }
}

/// Listens on the home's socket from now on, in a thread of its own.
///
/// # Errors
/// When the socket cannot be made; the home can be used without it.
pub fn listen(house: &House) -> Result<Guard> {
    let path = house.home.socket();
    // Left behind by a process that was killed: whoever holds the home's lock may take it.
    let _ = fs::remove_file(&path);
    let listener = UnixListener::bind(&path).with_context(|| format!("cannot listen on {}", path.display()))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
        .with_context(|| format!("cannot protect {}", path.display()))?;
    let house = house.clone();
    let clients = Arc::new(AtomicUsize::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let ends = over.clone();
    let listener = thread::Builder::new()
        .name("consoles".into())
        .spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::Acquire) {
                    break;
                }
                if clients.fetch_add(1, Ordering::Relaxed) >= MOST_CLIENTS {
                    clients.fetch_sub(1, Ordering::Relaxed);
                    continue;
                }
                let (house, leaving) = (house.clone(), Leaving(clients.clone()));
                // A thread that cannot be started costs this client its answer, nothing more.
                let _ = thread::Builder::new().name("console".into()).spawn(move || {
                    let _leaving = leaving;
                    serve(house, stream);
                });
            }
        })
        .context("cannot start the thread for other consoles")?;
    Ok(Guard { path, over, listener: Some(listener) })
}

struct Leaving(Arc<AtomicUsize>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn serve(house: House, stream: UnixStream) {
    let Ok(reading) = stream.try_clone() else { return };
    let sender = Sender(Arc::new(Mutex::new(stream)));
    let code = match answer(house, reading, &sender) {
        Ok(code) => code,
        Err(error) if complaint::is_broken_pipe(&error) => return,
        Err(error) => {
            let _ = sender.send(&Given::Error(format!("{}\n", complaint::told(&error))));
            2
        }
    };
    let _ = sender.send(&Given::Exit(code));
}

fn answer(house: House, stream: UnixStream, sender: &Sender) -> Result<u8> {
    stream.set_read_timeout(Some(ASKING)).context("cannot read from the console")?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.by_ref().take(LONGEST).read_line(&mut line).context("the console did not say what it wants")?;
    reader.get_ref().set_read_timeout(None).context("cannot read from the console")?;
    let request: Request = serde_json::from_str(&line).context("the console speaks another language; is it older?")?;
    let arguments = std::iter::once("quid".to_owned()).chain(request.arguments);
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            sender.send(&Given::Error(error.to_string())).context("cannot answer the console")?;
            return Ok(2);
        }
    };
    let out = Frames { sender: sender.clone(), held: Vec::new() };
    let output = Output::to(Box::new(out), arguments.json, request.colour);
    let input = Input::Console(Box::new(Lines { reader, line: Vec::new(), at: 0, over: !request.input }));
    let mut house = house;
    house.me = arguments.me;
    let open = Open { house, stop: Stop::default(), output, input };
    commands::act(open, arguments.command, Manner::Service).map(crate::outcome::Outcome::code)
}

/// The client's end, for several writers.
#[derive(Clone)]
struct Sender(Arc<Mutex<UnixStream>>);

impl Sender {
    fn send(&self, given: &Given) -> io::Result<()> {
        let mut line = serde_json::to_vec(given)?;
        line.push(b'\n');
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
    }
}

/// Output as frames: whole lines, since nobody may see half a character.
struct Frames {
    sender: Sender,
    held: Vec<u8>,
}

impl Write for Frames {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= 1 << 16 {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let whole = self.held.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole > 0 {
            let lines: Vec<u8> = self.held.drain(..whole).collect();
            self.sender.send(&Given::Out(String::from_utf8_lossy(&lines).into_owned()))?;
        }
        Ok(())
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        if !self.held.is_empty() {
            let rest = String::from_utf8_lossy(&self.held).into_owned();
            let _ = self.sender.send(&Given::Out(rest));
        }
    }
}

/// The client's input, as if it were a file.
struct Lines {
    reader: BufReader<UnixStream>,
    line: Vec<u8>,
    at: usize,
    over: bool,
}

impl Read for Lines {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(into.len());
        for (to, from) in into.iter_mut().zip(available) {
            *to = *from;
        }
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Lines {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.line.len() && !self.over {
            let mut frame = String::new();
            if self.reader.by_ref().take(LONGEST).read_line(&mut frame)? == 0 {
                self.over = true;
            } else {
                let typed: Typed = serde_json::from_str(&frame)?;
                self.line = typed.line.into_bytes();
                self.line.push(b'\n');
                self.at = 0;
            }
        }
        Ok(self.line.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}
