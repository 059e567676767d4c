//! A server over an empty store in memory, and the plainest of HTTP clients.
//!
//! What is tested here is the door and the store behind it, through a real socket; the mind has its own tests, so
//! that the brain of this server only says that it does not know.

#![allow(dead_code, reason = "each test uses its own part of this")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use std::time::Duration;

use quid_core::ports::Hit;
use quid_core::shown::{Entity, ToldProof, Which};
use quid_core::{Answer, Audience, Fault, Heard, Memory, Proof, Recall, Reply, Sparql, Time, oxrdf::Quad};
use quid_serve::{Behind, Config, Gist, May, Role, Secret, Server};
use quid_store::Keeper;

/// A token that allows everything.
pub const ADMIN: &str = "admin-token-of-the-tests";
/// A token that allows to learn.
pub const LEARNER: &str = "learner-token-of-the-tests";
/// A token that allows to read.
pub const READER: &str = "reader-token-of-the-tests";

/// A store without a mind.
pub struct Mindless(pub Arc<Keeper>);

impl Behind for Mindless {
    fn hear(&self, _: &str, _: &Heard, _: May, _: &AtomicBool) -> Reply {
        Reply::new(Answer::Unknown { nearest: Vec::new() }, "I do not know.")
    }

    fn forget(&self, _: &str) {}

    fn gist(&self, _: &Heard) -> Gist {
        Gist::Talk
    }

    fn steps(&self, _: &str, _: &Heard, _: May, _: &Proof, _: &AtomicBool) -> Result<ToldProof, Fault> {
        Err(Fault::Refused("there is no mind here".to_owned()))
    }

    fn entity(&self, _: &Heard, _: &Which, _: &AtomicBool) -> Result<Option<Entity>, Fault> {
        Ok(None)
    }

    fn memory(&self) -> Arc<dyn Memory> {
        self.0.clone()
    }

    fn recall(&self) -> Arc<dyn Recall> {
        Arc::new(Wordless)
    }

    fn sparql(&self) -> Arc<dyn Sparql> {
        self.0.clone()
    }

    fn now(&self) -> Time {
        Time::parse("2026-01-02T03:04:05Z").expect("a time")
    }

    fn name(&self) -> String {
        "quid".to_owned()
    }
}

struct Wordless;

impl Recall for Wordless {
    fn recall(&self, _: &str, _: &Audience, _: usize) -> Result<Vec<Hit>, Fault> {
        Ok(Vec::new())
    }

    fn names_like(&self, _: &str, _: &Audience, _: usize) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    fn names_from(&self, _: &str, _: &Audience, _: usize) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    fn note(&self, _: u64, _: &[Quad], _: &[Quad]) -> Result<(), Fault> {
        Ok(())
    }
}

/// A server that ends with this.
pub struct Served {
    pub address: SocketAddr,
    pub keeper: Arc<Keeper>,
    leave: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Over an empty store, where the default graph holds no graph that was named.
    pub fn start(config: Config) -> Self {
        let keeper = Arc::new(Keeper::in_memory().expect("in memory").with_guard(quid_import::rdf::check));
        let config = Config { http: SocketAddr::from(([127, 0, 0, 1], 0)), ..config };
        let secrets = [(Role::Admin, ADMIN), (Role::Learn, LEARNER), (Role::Read, READER)].map(|(role, token)| {
            let user = token.split('-').next().unwrap_or_default().to_owned();
            Secret { user, role, token: token.to_owned() }
        });
        let behind = Arc::new(Mindless(keeper.clone()));
        let server = Server::listen(config, Path::new("."), &secrets, behind).expect("it listens");
        let address = server.address().expect("an address");
        let (leave, leaving) = tokio::sync::oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            server.run(async {
                let _ = leaving.await;
            });
        });
        Self { address, keeper, leave: Some(leave), thread: Some(thread) }
    }

    /// Another server in the place of ours: to see what a peer makes of the same requests.
    pub fn peer(address: &str) -> Self {
        let address = address.parse().expect("host:port");
        let keeper = Arc::new(Keeper::in_memory().expect("in memory"));
        Self { address, keeper, leave: None, thread: None }
    }

    /// Sends a request and reads the whole answer.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answered {
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str("host: ");
            head.push_str(&self.address.to_string());
            head.push_str("\r\n");
        }
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if !body.is_empty() || matches!(method, "POST" | "PUT") {
            head.extend(["content-length: ", &body.len().to_string(), "\r\n"]);
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        self.send_raw(&bytes)
    }

    /// As [`Self::send`], by an admin.
    pub fn admin(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answered {
        let bearer = format!("Bearer {ADMIN}");
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        self.send(method, path, &all, body)
    }

    /// Sends bytes and reads until the server ends the connection.
    pub fn send_raw(&self, bytes: &[u8]) -> Answered {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_mins(2))).expect("a time limit");
        // A server that has seen enough answers before everything was sent.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answered::parse(&answer)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.leave.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An answer: 0 for none at all.
#[derive(Debug, Default)]
pub struct Answered {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answered {
    fn parse(bytes: &[u8]) -> Self {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Self::default() };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let body = &bytes[end + 4..];
        let is_chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = if is_chunked { unchunked(body) } else { body.to_vec() };
        Self { status, headers, body }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let Some(size) = size.filter(|size| *size > 0 && end + 2 + size <= rest.len()) else { break };
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    body
}

/// `a b` as `a%20b`.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
