//! The `[serve]` part of `quid.toml`.
//!
//! As in the part about IRC, an unknown word is an error and nothing is guessed. Without any of it the server
//! answers on the loopback address, guests may read, and nobody may write.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

use crate::who::{Caller, Role, Token, Tokens};

/// The shortest token: what is shorter can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {why}")]
pub struct ConfigError {
    /// Which setting.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

/// How to serve.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen.
    pub http: SocketAddr,
    /// Names of ours that a `Host` header may say, beside `localhost` and addresses.
    pub hosts: Vec<String>,
    /// Other pages whose scripts may ask us (`https://example.org`), or `*` for all.
    pub origins: Vec<String>,
    /// What those without a token may do: `read` or `nobody`.
    pub guests: Role,
    /// Who may do more.
    pub token: Vec<TokenText>,
    /// How much.
    pub limits: Limits,
    /// Whether the default graph of queries holds what programs wrote into graphs of their own naming too.
    pub union: bool,
    /// Whom SERVICE and LOAD may ask: hosts, or `host:port`; nobody when empty.
    pub allow: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http: SocketAddr::from(([127, 0, 0, 1], 7878)),
            hosts: Vec::new(),
            origins: Vec::new(),
            guests: Role::Read,
            token: Vec::new(),
            limits: Limits::default(),
            union: true,
            allow: Vec::new(),
        }
    }
}

/// A token, as written: the secret itself stands in a file or in the environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenText {
    /// Whose it is: what they teach is told as theirs.
    pub user: String,
    /// What it allows.
    pub role: Role,
    /// The file that the secret stands in.
    pub file: Option<PathBuf>,
    /// The variable of the environment that it stands in.
    pub environment: Option<String>,
    /// Whether what is taught with it is for its user alone.
    #[serde(default)]
    pub private: bool,
}

/// How much one request, one address and all together may take.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Milliseconds that a query may run.
    pub query_ms: u64,
    /// Megabytes that a query may hold.
    pub query_mb: usize,
    /// Rows or triples that a query may give.
    pub query_rows: u64,
    /// Queries at the same time; others wait.
    pub queries: usize,
    /// Milliseconds that an answer in words may take.
    pub answer_ms: u64,
    /// Megabytes of a request's body.
    pub body_mb: usize,
    /// Megabytes of RDF that a Graph Store request may bring.
    pub upload_mb: usize,
    /// Milliseconds in which the head of a request must have come.
    pub head_ms: u64,
    /// Milliseconds without a byte of a request's body, or without the client taking one of ours.
    pub stall_ms: u64,
    /// Connections at the same time.
    pub connections: usize,
    /// Connections of one address at the same time.
    pub per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            query_ms: 30_000,
            query_mb: 512,
            query_rows: 10_000_000,
            queries: 8,
            answer_ms: 10_000,
            body_mb: 1,
            upload_mb: 64,
            head_ms: 10_000,
            stall_ms: 20_000,
            connections: 8192,
            per_address: 4096,
        }
    }
}

impl Limits {
    /// How long a query may run.
    #[must_use]
    pub fn query_time(&self) -> Duration {
        Duration::from_millis(self.query_ms.max(1))
    }

    /// How long an answer in words may take.
    #[must_use]
    pub fn answer_time(&self) -> Duration {
        Duration::from_millis(self.answer_ms.max(1))
    }

    /// How long nothing may come or go.
    #[must_use]
    pub fn stall(&self) -> Duration {
        Duration::from_millis(self.stall_ms.max(1))
    }

    /// The longest body of an ordinary request, in bytes.
    #[must_use]
    pub fn body(&self) -> usize {
        self.body_mb.saturating_mul(1 << 20)
    }

    /// The longest body of RDF, in bytes.
    #[must_use]
    pub fn upload(&self) -> usize {
        self.upload_mb.saturating_mul(1 << 20)
    }
}

impl Config {
    /// Adds a token for somebody whose secret is known already (the program's own environment).
    pub(crate) fn tokens(&self, folder: &Path, more: Vec<Token>) -> Result<Tokens, ConfigError> {
        let mut known = more;
        for token in &self.token {
            let at = |why: String| ConfigError { name: format!("serve.token of `{}`", token.user), why };
            let secret = match (&token.file, &token.environment) {
                (Some(file), None) => {
                    let path = folder.join(file);
                    check_private(&path).map_err(at)?;
                    std::fs::read_to_string(&path).map_err(|why| at(format!("{}: {why}", path.display())))?
                }
                (None, Some(variable)) => {
                    std::env::var(variable).map_err(|_| at(format!("the environment has no {variable}")))?
                }
                _ => return Err(at("say where the secret stands: `file` or `environment`, one of them".to_owned())),
            };
            known.push(checked(&token.user, token.role, token.private, secret.trim()).map_err(at)?);
        }
        if self.guests > Role::Read {
            let why = "those without a token may read at most".to_owned();
            return Err(ConfigError { name: "serve.guests".to_owned(), why });
        }
        Ok(Tokens { known, guest: self.guests })
    }
}

/// A token that is long enough.
pub(crate) fn checked(user: &str, role: Role, private: bool, secret: &str) -> Result<Token, String> {
    if secret.len() < SHORTEST_TOKEN || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "a token has at least {SHORTEST_TOKEN} printable characters without spaces; `openssl rand -hex 24` makes one"
        ));
    }
    if user.is_empty() || user.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("a user's name is one word".to_owned());
    }
    Ok(Token { secret: secret.to_owned(), caller: Caller { user: Some(user.to_owned()), role, private } })
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map_err(|why| format!("{}: {why}", path.display()))?.permissions().mode();
    if mode.trailing_zeros() >= 6 { Ok(()) } else { Err(format!("others can read {0}: chmod 600 {0}", path.display())) }
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<(), String> {
    Ok(())
}
