//! What the tests of the whole program share: a fresh home, the real binary, one line in and one reply out.
//!
//! They drive the program as a stranger would, through its standard input and output, and never look inside.

// Each test program uses its own part of this file.
#![allow(dead_code)]

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// The longest any single answer may take before the test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where Debian's packages put WordNet; tests that need it are skipped, loudly, when it is not there.
pub const WORDNET: &str = "/usr/share/wordnet";

/// Whether WordNet's files are installed, with the sense index that Debian packages apart.
pub fn has_wordnet() -> bool {
    Path::new(WORDNET).join("data.noun").exists() && Path::new(WORDNET).join("index.sense").exists()
}

/// The program with this home; colours, own data and own names of the developer's shell do not leak in.
pub fn quid(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quid"));
    command.arg("--home").arg(home).env("USER", "ann").env_remove("QUID_HOME").env_remove("QUID_DATA");
    command.env_remove("NO_COLOR").env_remove("RUST_LOG").env_remove("RUST_BACKTRACE");
    command
}

/// Runs a command to its end with this input.
pub fn run(home: &Path, arguments: &[impl AsRef<OsStr>], input: &[u8]) -> Output {
    let mut child = quid(home)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    // Written apart, so that a program that answers before it has read everything does not stall.
    let writer = thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the writer ends");
    output
}

/// The standard output as text.
pub fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

/// The error stream as text.
pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `quid chat --json`, kept running.
pub struct Chat {
    child: Child,
    stdin: Option<ChildStdin>,
    replies: Receiver<String>,
}

impl Chat {
    /// Starts one on this home.
    pub fn start(home: &Path) -> Self {
        let mut child = quid(home)
            .args(["chat", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program starts");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, replies) = channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, stdin, replies }
    }

    /// Sends a raw line.
    pub fn send(&mut self, line: &[u8]) -> std::io::Result<()> {
        let stdin = self.stdin.as_mut().expect("open until the end");
        stdin.write_all(line)?;
        stdin.write_all(b"\n")?;
        stdin.flush()
    }

    /// The next reply; `None` when the program ended.
    pub fn reply(&mut self) -> Option<Value> {
        let line = self.replies.recv_timeout(PATIENCE).ok()?;
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("the reply {line:?} is not JSON: {error}")))
    }

    /// One line in, one reply out.
    pub fn say(&mut self, heard: &Value) -> Value {
        self.send(heard.to_string().as_bytes()).expect("the program reads");
        self.reply().expect("the program answers")
    }

    /// Ends the input and waits for the program to leave.
    pub fn leave(mut self) -> std::process::ExitStatus {
        drop(self.stdin.take());
        self.child.wait().expect("the program ends")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is dead");
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Python that has this module: the one `./quickstart test` sets up beside the target folder's programs, the one in
/// `$QUID_PEERS`, or the system's own; `None` when none has it.
pub fn peer_python(module: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_BIN_EXE_quid")).ancestors().nth(2).map(|target| target.join("peers"));
    let folders = [std::env::var_os("QUID_PEERS").map(PathBuf::from), beside];
    let candidates = folders.into_iter().flatten().map(|folder| folder.join("bin/python")).chain(["python3".into()]);
    let has_it = |python: &PathBuf| {
        let asked = Command::new(python).args(["-c", &format!("import {module}")]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    candidates.into_iter().find(has_it)
}

/// Copies a home. Files that are never changed once written are linked, so that WordNet costs nothing.
pub fn copy_home(from: &Path, to: &Path) {
    const WRITTEN_ONCE: [&str; 7] = ["sst", "term", "idx", "pos", "store", "fast", "fieldnorm"];
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the home can be read") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("entries have names"));
        let written_once =
            path.extension().and_then(OsStr::to_str).is_some_and(|ending| WRITTEN_ONCE.contains(&ending));
        if path.is_dir() {
            copy_home(&path, &target);
        } else if !(written_once && fs::hard_link(&path, &target).is_ok()) {
            fs::copy(&path, &target).expect("the file can be copied");
        }
    }
}
