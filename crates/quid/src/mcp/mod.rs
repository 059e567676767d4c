//! `quid mcp`: a memory for a language model, over standard input and output.
//!
//! The program that runs the model starts one of these for every conversation, and several at once. The first has
//! the home; the others go through its socket. Since any of them may end first, each is only a go-between: when the
//! one with the home is gone, it looks for the next, or takes the home itself, and the conversation goes on.
//!
//! ```text
//! model's program  <- lines of JSON-RPC ->  go-between  <- the same lines ->  here, or the quid that has the home
//! ```

mod host;

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context as _, Result};
use quid_store::remote::Place;
use serde_json::{Value, json};

use crate::commands::{Input, Open};
use crate::home::Home;
use crate::outcome::Outcome;
use host::Host;
pub use host::LONGEST;

/// What the go-between hears.
enum Event {
    /// From the model's program.
    Asked(String),
    /// It ended its side.
    Ended,
    /// From the host of that number.
    Answered(u64, String),
    /// That host is gone.
    Gone(u64),
}

/// Goes between the model's program and whoever has the home.
///
/// # Errors
/// When the home cannot be opened by anybody, or nobody reads the output.
pub fn run(home: &Home, overlay: Option<&Path>, me: &str, place: Option<&Place>) -> Result<Outcome> {
    let (events, heard) = channel();
    let asking = events.clone();
    thread::Builder::new().name("asked".into()).spawn(move || listen(&asking)).context("cannot start a thread")?;
    Between { home, overlay, me, place, events, talk: Talk::default() }.go(&heard)
}

/// Reads what the model's program asks, line by line.
fn listen(events: &Sender<Event>) {
    let mut input = io::stdin().lock();
    loop {
        let mut line = Vec::new();
        match input.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            // Longer than anything is read; the rest of it is no message either.
            Ok(_) if line.last() != Some(&b'\n') && line.len() as u64 >= LONGEST => break,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if !line.is_empty() && events.send(Event::Asked(line)).is_err() {
            return;
        }
    }
    let _ = events.send(Event::Ended);
}

/// What must be known of a conversation to go on with it elsewhere.
#[derive(Default)]
struct Talk {
    /// How the program introduced itself, and that it was done with that.
    opening: Option<String>,
    opened: Option<String>,
    /// What it waits for.
    waiting: BTreeMap<String, Value>,
    /// The answer to an introduction that was made again, which the program has had already.
    again: Option<String>,
}

impl Talk {
    /// Notes what the program asked.
    fn asked(&mut self, line: &str) {
        let Ok(message) = serde_json::from_str::<Value>(line) else { return };
        match message.get("method").and_then(Value::as_str) {
            Some("initialize") => self.opening = Some(line.to_owned()),
            Some("notifications/initialized") => self.opened = Some(line.to_owned()),
            Some("notifications/cancelled") => {
                let id = message.pointer("/params/requestId").map(Value::to_string).unwrap_or_default();
                self.waiting.remove(&id);
            }
            _ => {}
        }
        if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
            self.waiting.insert(id.to_string(), id.clone());
        }
    }

    /// Notes what was answered; whether the program is to have it.
    fn answered(&mut self, line: &str) -> bool {
        let Ok(message) = serde_json::from_str::<Value>(line) else { return true };
        let Some(id) = message.get("id").filter(|_| message.get("method").is_none()) else { return true };
        let id = id.to_string();
        if self.again.as_ref() == Some(&id) {
            self.again = None;
            return false;
        }
        self.waiting.remove(&id);
        true
    }

    /// What is left to say to the program when the host is gone: whether something was done is not known any more.
    fn broken(&mut self) -> Vec<String> {
        let waiting = std::mem::take(&mut self.waiting);
        let message = "the quid that had the home ended before it answered; whether this was done is not known, so look before you do it again";
        let errors = waiting.into_values().map(|id| {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32000, "message": message } }).to_string()
        });
        errors.collect()
    }

    /// What a new host is told first.
    fn introduction(&mut self) -> Vec<String> {
        let Some(opening) = &self.opening else { return Vec::new() };
        let id =
            serde_json::from_str::<Value>(opening).ok().and_then(|message| message.get("id").map(Value::to_string));
        // While its first answer is waited for, the program has not had it.
        self.again = id.filter(|id| !self.waiting.contains_key(id));
        [Some(opening.clone()), self.opened.clone()].into_iter().flatten().collect()
    }
}

struct Between<'a> {
    home: &'a Home,
    overlay: Option<&'a Path>,
    me: &'a str,
    place: Option<&'a Place>,
    events: Sender<Event>,
    talk: Talk,
}

impl Between<'_> {
    fn go(mut self, heard: &Receiver<Event>) -> Result<Outcome> {
        let mut number = 0;
        let mut ended = false;
        let mut host = self.find(number)?;
        while let Ok(event) = heard.recv() {
            match event {
                Event::Asked(line) => {
                    self.talk.asked(&line);
                    // A host that cannot be written to says that it is gone.
                    host.ask(&line);
                }
                Event::Ended => {
                    ended = true;
                    host.end();
                }
                Event::Answered(from, line) => {
                    if from == number && self.talk.answered(&line) {
                        say(&line)?;
                    }
                }
                Event::Gone(from) if from != number => {}
                Event::Gone(_) if ended => break,
                Event::Gone(_) => {
                    for error in self.talk.broken() {
                        say(&error)?;
                    }
                    number += 1;
                    host = self.find(number)?;
                    for line in self.talk.introduction() {
                        host.ask(&line);
                    }
                }
            }
        }
        Ok(Outcome::Answered)
    }

    fn find(&self, number: u64) -> Result<Host> {
        let (answers, over) = (self.events.clone(), self.events.clone());
        Host::find(
            (self.home, self.overlay, self.me, self.place),
            move |line| answers.send(Event::Answered(number, line)).is_ok(),
            move || {
                let _ = over.send(Event::Gone(number));
            },
        )
    }
}

fn say(line: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

/// Answers a go-between that came through the socket.
///
/// # Errors
/// When it is gone before it was answered.
pub fn answer(mut open: Open) -> Result<Outcome> {
    let Input::Console(mut lines) = std::mem::replace(&mut open.input, Input::Standard) else {
        anyhow::bail!("nobody asks");
    };
    let (mut asking, answers) = host::speak_within(&open.house)?;
    thread::Builder::new()
        .name("asked".into())
        .spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
                if asking.write_all(line.as_bytes()).is_err() {
                    return;
                }
                line.clear();
            }
            let _ = asking.shutdown(std::net::Shutdown::Write);
        })
        .context("cannot start a thread")?;
    for line in io::BufReader::new(answers).lines() {
        open.output.line(&line.context("the answers broke off")?)?;
    }
    Ok(Outcome::Answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_goes_on_with_another_host() {
        let mut talk = Talk::default();
        let (hello, ready) = (r#"{"id":0,"method":"initialize"}"#, r#"{"method":"notifications/initialized"}"#);
        talk.asked(hello);
        assert!(talk.answered(r#"{"id":0,"result":{}}"#), "the program is introduced once");
        talk.asked(ready);
        talk.asked(r#"{"id":1,"method":"tools/call"}"#);
        talk.asked(r#"{"id":"two","method":"tools/call"}"#);
        assert!(talk.answered(r#"{"id":1,"result":{}}"#));
        let broken = talk.broken();
        assert_eq!(broken.len(), 1, "what was answered is not said to be lost: {broken:?}");
        assert!(broken[0].contains(r#""id":"two""#) && broken[0].contains("not known"));
        assert_eq!(talk.introduction(), [hello, ready]);
        assert!(!talk.answered(r#"{"id":0,"result":{}}"#), "the second answer to the introduction is ours");
        talk.asked(r#"{"id":3,"method":"ping"}"#);
        assert!(talk.answered(r#"{"id":3,"result":{}}"#));
        assert!(talk.broken().is_empty());
    }

    #[test]
    fn whoever_was_not_introduced_yet_is_not_introduced_twice() {
        let mut talk = Talk::default();
        assert!(talk.introduction().is_empty());
        talk.asked(r#"{"id":0,"method":"initialize"}"#);
        assert_eq!(talk.broken().len(), 1);
        assert!(talk.answered("no JSON at all"), "what is not understood is handed on");
    }
}
