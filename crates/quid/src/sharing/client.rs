//! The side that came later: hands its command to the process that has the home.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;

use anyhow::{Context as _, Result, bail};

use super::{Given, Request, Typed};
use crate::arguments::Command;
use crate::home::Home;
use crate::outcome::Outcome;

/// Runs this command in the process that has the home open; `None` when nobody listens there.
///
/// # Errors
/// When the connection breaks before the command is over.
pub fn hand_over(home: &Home, command: &Command) -> Result<Option<Outcome>> {
    let Ok(stream) = UnixStream::connect(home.socket()) else { return Ok(None) };
    let chats = matches!(command, Command::Chat);
    let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let request = Request { arguments: words(command), colour, input: chats };
    let mut writing = stream.try_clone().context("cannot use the socket")?;
    send(&mut writing, &request)?;
    if chats {
        // The thread ends with the process; it may be waiting for a line that never comes.
        thread::spawn(move || type_on(&mut writing));
    }
    let mut out = io::stdout();
    for line in BufReader::new(stream).lines() {
        let line = line.context("the running quid went away")?;
        match serde_json::from_str(&line).context("the running quid speaks another language; is it newer?")? {
            Given::Out(text) => {
                out.write_all(text.as_bytes())?;
                out.flush()?;
                prompt(chats);
            }
            Given::Error(text) => io::stderr().write_all(text.as_bytes())?,
            Given::Exit(code) => return Ok(Some(Outcome::of_code(code))),
        }
    }
    bail!("the running quid went away before this was over")
}

/// The command line as it was typed, without the options that say where the home is, since it is found. Files are
/// named from the root, for the other process stands in another folder.
fn words(command: &Command) -> Vec<String> {
    let names_files =
        matches!(command, Command::Load(_) | Command::Export { .. } | Command::Query { .. } | Command::Eval(_));
    let mut words: Vec<String> = Vec::new();
    let mut given = std::env::args_os().skip(1);
    while let Some(word) = given.next() {
        let text = word.to_string_lossy().into_owned();
        if matches!(text.as_str(), "--home" | "--data" | "--store") {
            given.next();
            continue;
        }
        if text.starts_with("--home=") || text.starts_with("--data=") || text.starts_with("--store=") {
            continue;
        }
        let path = Path::new(&word);
        let after_option =
            words.last().is_some_and(|last| matches!(last.as_str(), "-o" | "--output" | "--svg" | "--dot" | "--plot"));
        if names_files
            && !path.is_absolute()
            && (after_option || path.exists())
            && let Ok(absolute) = std::path::absolute(path)
        {
            words.push(absolute.to_string_lossy().into_owned());
            continue;
        }
        words.push(text);
    }
    words
}

fn send(stream: &mut UnixStream, value: &impl serde::Serialize) -> Result<()> {
    let mut line = serde_json::to_vec(value).context("cannot write the command as JSON")?;
    line.push(b'\n');
    stream.write_all(&line).context("the running quid went away")
}

/// Gives on what is typed or piped in.
fn type_on(stream: &mut UnixStream) {
    prompt(true);
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        if send(stream, &Typed { line }).is_err() {
            return;
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Write);
}

fn prompt(chats: bool) {
    if chats && io::stdin().is_terminal() && io::stdout().is_terminal() {
        print!("> ");
        let _ = io::stdout().flush();
    }
}
