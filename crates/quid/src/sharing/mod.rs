//! One home, one process, many consoles.
//!
//! A home belongs to the process that opened it. So that `quid ask`, `quid load` and a second chat work while a
//! bot is running, that process listens on a socket in the home, and a later one hands its command over instead of
//! failing on the lock. Both sides speak JSON, one value a line:
//!
//! ```text
//! client   {"arguments":["ask","what is tea?"],"json":false,"colour":true}   then {"line":"…"} for each line of input
//! server   {"out":"…"} or {"error":"…"} as they come, and {"exit":0} at the end
//! ```

mod client;
mod server;

use serde::{Deserialize, Serialize};

pub use client::hand_over;
pub use server::{Guard, listen};

/// What the client wants.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// The command line, without the program's name and without the home.
    arguments: Vec<String>,
    /// Whether somebody reads the output at a terminal that shows colours.
    colour: bool,
    /// Whether lines of input follow.
    input: bool,
}

/// One more line of the client's input.
#[derive(Debug, Serialize, Deserialize)]
struct Typed {
    line: String,
}

/// What the server gives back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Given {
    /// For the standard output.
    Out(String),
    /// For the error stream.
    Error(String),
    /// It is over, with this exit code.
    Exit(u8),
}
