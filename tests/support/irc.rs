//! A real IRC server on a loopback port, and a person connected to it.
//!
//! Everything is bounded in time, and what was started is ended by its own process.

#![allow(dead_code)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The longest anything may take here.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A process that ends with the test.
pub struct Process(pub Child);

impl Process {
    /// `kill -9`.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Ends it politely; gives its exit code.
    pub fn terminate(mut self) -> Option<i32> {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Ok(Some(status)) = self.0.try_wait() {
                return status.code();
            }
            thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// Where the server's program is; says "skipped" when it is not installed.
pub fn installed(program: &str) -> Option<PathBuf> {
    let found = ["/usr/sbin", "/usr/bin", "/usr/local/sbin"].iter().map(|folder| Path::new(folder).join(program));
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: {program} is not installed");
    }
    found
}

/// Starts ngircd, strict and small, on this port.
pub fn ngircd(program: &Path, folder: &Path, port: u16) -> Process {
    ngircd_with(program, folder, port, "", "")
}

/// Starts ngircd with more limits, and more lines of configuration for TLS.
pub fn ngircd_with(program: &Path, folder: &Path, port: u16, limits: &str, tls: &str) -> Process {
    let config = folder.join("ngircd.conf");
    let text = format!(
        "[Global]\nName = irc.test.invalid\nInfo = test\nListen = 127.0.0.1\nPorts = {port}\nMotdPhrase = hello\n\
         [Limits]\nMaxConnectionsIP = 0\nMaxNickLength = 16\nPingTimeout = 60\nPongTimeout = 20\n{limits}\n\
         [Options]\nDNS = no\nIdent = no\nPAM = no\nOperCanUseMode = no\n[SSL]\n{tls}\n"
    );
    fs::write(&config, text).expect("written");
    let child = Command::new(program)
        .args(["-n", "-f"])
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let server = Process(child);
    wait_for(|| TcpStream::connect(("127.0.0.1", port)).is_ok(), "the server listens");
    server
}

/// Waits until something is so.
pub fn wait_for(mut so: impl FnMut() -> bool, what: &str) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Somebody on the server, in one channel.
pub struct Person {
    stream: TcpStream,
    unread: Vec<u8>,
    pub nick: String,
}

impl Person {
    /// Connects and joins.
    pub fn join(port: u16, nick: &str, channel: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        stream.set_read_timeout(Some(Duration::from_millis(100))).expect("set");
        let mut person = Self { stream, unread: Vec::new(), nick: nick.to_owned() };
        person.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}"));
        person.expect("registered", |line| line.split(' ').nth(1) == Some("001"));
        person.send(&format!("JOIN {channel}"));
        person.expect("joined", |line| line.split(' ').nth(1) == Some("366"));
        person
    }

    /// Sends a raw line.
    pub fn send(&mut self, line: &str) {
        self.send_bytes(format!("{line}\r\n").as_bytes());
    }

    /// Sends raw bytes.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        if let Err(error) = self.stream.write_all(bytes) {
            let mut last = Vec::new();
            while let Some(line) = self.line_within(Duration::from_millis(200)) {
                last = line;
            }
            panic!("{}: {error}; the server's last words: {}", self.nick, String::from_utf8_lossy(&last));
        }
    }

    /// Takes in what has come, so that it does not pile up at the server, and answers PING.
    pub fn catch_up(&mut self) {
        self.stream.set_read_timeout(Some(Duration::from_millis(1))).expect("set");
        while self.line_within(Duration::ZERO).is_some() {}
        self.stream.set_read_timeout(Some(Duration::from_millis(100))).expect("set");
    }

    /// Says something.
    pub fn say(&mut self, target: &str, text: &str) {
        self.send(&format!("PRIVMSG {target} :{text}"));
    }

    /// The next line within this time, as bytes without the line break. PING is answered on the way.
    pub fn line_within(&mut self, patience: Duration) -> Option<Vec<u8>> {
        let start = Instant::now();
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
                if line.starts_with(b"PING") {
                    let pong = String::from_utf8_lossy(&line).replacen("PING", "PONG", 1);
                    self.send(&pong);
                    continue;
                }
                return Some(line);
            }
            let mut piece = [0; 4096];
            match self.stream.read(&mut piece) {
                Ok(0) => return None,
                Ok(count) => self.unread.extend_from_slice(&piece[..count]),
                Err(_) if start.elapsed() > patience => return None,
                Err(_) => {}
            }
        }
    }

    /// The first line of which this is so.
    pub fn expect(&mut self, what: &str, so: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        let mut seen = Vec::new();
        while start.elapsed() < PATIENCE {
            if let Some(line) = self.line_within(Duration::from_millis(200)) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if so(&line) {
                    return line;
                }
                seen.push(line);
            }
        }
        panic!("{}: nothing like this came: {what}; but {seen:#?}", self.nick);
    }

    /// What this nick says next, wherever it says it.
    pub fn hear(&mut self, nick: &str) -> String {
        let from = format!(":{nick}!");
        let line = self
            .expect(&format!("{nick} says something"), |line| line.starts_with(&from) && line.contains(" PRIVMSG "));
        line.split_once(" :").map(|(_, text)| text.to_owned()).unwrap_or_default()
    }

    /// Waits until this nick says something with this word.
    pub fn hear_of(&mut self, nick: &str, word: &str) -> String {
        let from = format!(":{nick}!");
        self.expect(word, |line| line.starts_with(&from) && line.contains(" PRIVMSG ") && line.contains(word))
    }

    /// All that this nick says within this time.
    pub fn hear_all(&mut self, nick: &str, patience: Duration) -> Vec<Vec<u8>> {
        let from = format!(":{nick}!");
        let mut all = Vec::new();
        while let Some(line) = self.line_within(patience) {
            if line.starts_with(from.as_bytes()) && line.windows(9).any(|part| part == b" PRIVMSG ") {
                all.push(line);
            }
        }
        all
    }
}
