//! The part of `quid.toml` that is about IRC.
//!
//! A mistake in it is told with its line, and nothing is guessed: an unknown word is an error, since a misspelt
//! `requierd = true` would send a bot without an account into a channel that needs one. Secrets stand in files or
//! in the environment, never in the file itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use quid_core::Rights;
use serde::Deserialize;

use crate::settings::{Channel, Proof, Sasl, Secret, Settings};

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is not TOML, or not what is expected there; the text points at the place.
    #[error("{0}")]
    Text(String),
    /// A value makes no sense.
    #[error("{name}: {why}")]
    Value {
        /// Which.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file cannot be read or used.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: String,
        /// Why not.
        why: String,
    },
}

impl ConfigError {
    fn value(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Value { name: name.into(), why: why.into() }
    }

    pub(crate) fn file(path: &Path, why: &dyn std::fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), why: why.to_string() }
    }

    pub(crate) fn tls(what: &dyn std::fmt::Display, why: &dyn std::fmt::Display) -> Self {
        Self::File { path: what.to_string(), why: why.to_string() }
    }
}

/// The whole of it, as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    rights: Groups,
    limits: Limits,
    network: Vec<NetworkText>,
    /// The parts of the other doors and keepers, which read them by themselves.
    #[serde(rename = "serve")]
    _serve: serde::de::IgnoredAny,
    #[serde(rename = "store")]
    _store: serde::de::IgnoredAny,
    #[serde(rename = "model")]
    _model: serde::de::IgnoredAny,
}

/// Services accounts by what they may do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Groups {
    owner: BTreeSet<String>,
    operator: BTreeSet<String>,
    trusted: BTreeSet<String>,
    ignored: BTreeSet<String>,
    ignored_nicks: BTreeSet<String>,
    channel_operators: Option<String>,
}

/// How much one person may ask, and how long we answer.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Lines of one person at once.
    pub burst: u32,
    /// Then lines a second.
    pub per_second: f64,
    /// Statements one person may teach in an hour.
    pub teach_per_hour: u32,
    /// The most milliseconds for one answer.
    pub answer_ms: u64,
    /// Whether reasons that take more lines than a channel gets at once are told in private.
    pub long_in_private: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { burst: 8, per_second: 0.5, teach_per_hour: 200, answer_ms: 2000, long_in_private: true }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkText {
    name: String,
    server: String,
    #[serde(default = "yes")]
    tls: bool,
    authorities: Option<PathBuf>,
    fingerprint: Option<String>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    nick: Option<String>,
    #[serde(default)]
    alternatives: Vec<String>,
    user: Option<String>,
    real_name: Option<String>,
    password: Option<SecretText>,
    sasl: Option<SaslText>,
    burst: Option<u32>,
    per_second: Option<f64>,
    most_lines: Option<usize>,
    command_signs: Option<String>,
    #[serde(default)]
    channel: Vec<ChannelText>,
}

fn yes() -> bool {
    true
}

/// Where a secret is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretText {
    file: Option<PathBuf>,
    environment: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SaslText {
    mechanism: String,
    account: Option<String>,
    password: Option<SecretText>,
    #[serde(default = "yes")]
    required: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelText {
    name: String,
    key: Option<SecretText>,
    #[serde(default)]
    passive: bool,
}

/// Whom to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those whom the usual authorities vouch for, or one in this file.
    Authorities(Option<PathBuf>),
    /// The certificate with this SHA-256.
    Fingerprint([u8; 32]),
}

/// A network to be on.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// What it is called, in the log and as part of places.
    pub name: String,
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How to trust it; `None` without TLS.
    pub trust: Option<Trust>,
    /// Our certificate and its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// What the session has to know.
    pub settings: Settings,
    /// Channels in which what is overheard may go into quarantine, folded.
    pub passive: BTreeSet<String>,
}

/// What IRC has to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// The networks.
    pub networks: Vec<Network>,
    /// Limits for everybody.
    pub limits: Limits,
    rights: Groups,
}

impl Config {
    /// Reads the text of a configuration file; `name` is the file's name for errors, `folder` what relative paths
    /// in it start from, `nick` the bot's name where none is given. Secrets are read now.
    ///
    /// # Errors
    /// [`ConfigError`] with the line, or with the name of what is wrong.
    pub fn read(name: &str, text: &str, folder: &Path, nick: &str) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or(text).matches('\n').count() + 1);
            ConfigError::Text(format!("{name}:{line}: {}", error.message().replace('\n', " ")))
        })?;
        let mut names = BTreeSet::new();
        let mut networks = Vec::new();
        for network in &file.network {
            if !names.insert(network.name.to_ascii_lowercase()) {
                return Err(ConfigError::value(format!("network `{}`", network.name), "this name is there twice"));
            }
            networks.push(network.resolve(folder, nick)?);
        }
        if let Some(level) = &file.rights.channel_operators
            && !matches!(level.as_str(), "operator" | "trusted" | "everyone")
        {
            let why = format!("`{level}` is none of operator, trusted, everyone");
            return Err(ConfigError::value("rights.channel_operators", why));
        }
        Ok(Self { networks, limits: file.limits, rights: file.rights })
    }

    /// What somebody may do: by their account; a channel's operators and voices with an account get what the
    /// channel gives them there. A nick counts only for being ignored.
    #[must_use]
    pub fn rights(&self, nick: &str, account: Option<&str>, operator: bool, voiced: bool) -> Rights {
        let is_in = |set: &BTreeSet<String>, name: &str| set.iter().any(|known| known.eq_ignore_ascii_case(name));
        if is_in(&self.rights.ignored_nicks, nick) || account.is_some_and(|name| is_in(&self.rights.ignored, name)) {
            return Rights::Ignored;
        }
        let Some(account) = account else { return Rights::Everyone };
        if is_in(&self.rights.owner, account) {
            return Rights::Owner;
        }
        let given = match self.rights.channel_operators.as_deref() {
            Some("everyone") => Rights::Everyone,
            Some("trusted") => Rights::Trusted,
            _ => Rights::Operator,
        };
        let by_rank = match (operator, voiced) {
            (true, _) => given,
            (false, true) => Rights::Trusted.min(given),
            (false, false) => Rights::Everyone,
        };
        let by_account = if is_in(&self.rights.operator, account) {
            Rights::Operator
        } else if is_in(&self.rights.trusted, account) {
            Rights::Trusted
        } else {
            Rights::Everyone
        };
        by_rank.max(by_account)
    }
}

impl NetworkText {
    fn resolve(&self, folder: &Path, nick: &str) -> Result<Network, ConfigError> {
        let at = |what: &str| format!("network `{}`: {what}", self.name);
        let port = if self.tls { 6697 } else { 6667 };
        let (host, port) = host_and_port(&self.server, port).ok_or_else(|| {
            ConfigError::value(at("server"), format!("`{}` is not host, host:port or [address]:port", self.server))
        })?;
        let trust = match (self.tls, &self.authorities, &self.fingerprint) {
            (true, Some(_), Some(_)) => {
                return Err(ConfigError::value(at("fingerprint"), "give either this or `authorities`"));
            }
            (true, file, None) => Some(Trust::Authorities(file.as_ref().map(|file| folder.join(file)))),
            (true, None, Some(text)) => Some(Trust::Fingerprint(fingerprint(text).ok_or_else(|| {
                ConfigError::value(at("fingerprint"), "a SHA-256 in 64 hexadecimal digits is expected")
            })?)),
            (false, None, None) => None,
            (false, ..) => return Err(ConfigError::value(at("tls"), "a certificate is given, but TLS is off")),
        };
        let certificate = match (&self.certificate, &self.key) {
            (None, None) => None,
            (Some(certificate), key) => {
                Some((folder.join(certificate), folder.join(key.as_ref().unwrap_or(certificate))))
            }
            (None, Some(_)) => return Err(ConfigError::value(at("key"), "there is no `certificate` for it")),
        };
        let mut channels = Vec::new();
        let mut passive = BTreeSet::new();
        for channel in &self.channel {
            if !channel.name.starts_with(['#', '&', '+', '!']) || channel.name.contains([' ', ',', '\u{7}']) {
                let why = format!("`{}` is not the name of a channel, such as #quid", channel.name);
                return Err(ConfigError::value(at("channel"), why));
            }
            let key = channel.key.as_ref().map(|key| key.read(&at(&channel.name), folder)).transpose()?;
            if channel.passive {
                passive.insert(channel.name.to_lowercase());
            }
            channels.push(Channel { name: channel.name.clone(), key });
        }
        let base = Settings::default();
        let nick = self.nick.clone().unwrap_or_else(|| nick.to_owned());
        for name in std::iter::once(&nick).chain(&self.alternatives) {
            if name.is_empty() || name.contains([' ', ':', ',', '!', '@', '#']) || name.starts_with(char::is_numeric) {
                return Err(ConfigError::value(at("nick"), format!("`{name}` cannot be a nick")));
            }
        }
        Ok(Network {
            name: self.name.clone(),
            host,
            port,
            trust,
            settings: Settings {
                user: self.user.clone().unwrap_or_else(|| nick.to_lowercase()),
                nick,
                alternatives: self.alternatives.clone(),
                real_name: self.real_name.clone().unwrap_or(base.real_name),
                password: self.password.as_ref().map(|secret| secret.read(&at("password"), folder)).transpose()?,
                sasl: self
                    .sasl
                    .as_ref()
                    .map(|sasl| sasl.resolve(&at("sasl"), folder, certificate.is_some()))
                    .transpose()?,
                channels,
                burst: self.burst.unwrap_or(base.burst),
                per_second: self.per_second.unwrap_or(base.per_second),
                most_lines: self.most_lines.unwrap_or(base.most_lines),
                more: base.more,
                command_signs: self.command_signs.clone().unwrap_or(base.command_signs),
                version: base.version,
            },
            certificate,
            passive,
        })
    }
}

impl SaslText {
    fn resolve(&self, at: &str, folder: &Path, has_certificate: bool) -> Result<Sasl, ConfigError> {
        let proof = match self.mechanism.to_ascii_lowercase().as_str() {
            "plain" => {
                let account = self.account.clone().ok_or_else(|| ConfigError::value(at, "`account` is missing"))?;
                let password = self.password.as_ref().ok_or_else(|| ConfigError::value(at, "`password` is missing"))?;
                Proof::Plain { account, password: password.read(at, folder)? }
            }
            "external" if has_certificate => Proof::External,
            "external" => return Err(ConfigError::value(at, "external needs a `certificate` for the network")),
            other => return Err(ConfigError::value(at, format!("`{other}` is neither plain nor external"))),
        };
        Ok(Sasl { proof, required: self.required })
    }
}

impl SecretText {
    fn read(&self, at: &str, folder: &Path) -> Result<Secret, ConfigError> {
        match (&self.file, &self.environment) {
            (Some(file), None) => {
                let path = folder.join(file);
                let text = std::fs::read_to_string(&path).map_err(|why| ConfigError::file(&path, &why))?;
                check_mode(&path)?;
                Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
            }
            (None, Some(name)) => std::env::var(name)
                .map(Secret::new)
                .map_err(|_| ConfigError::value(at, format!("the environment has no `{name}`"))),
            _ => Err(ConfigError::value(at, "give `file` or `environment`, and only one of them")),
        }
    }
}

/// A secret that others can read is none.
#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), ConfigError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map_err(|why| ConfigError::file(path, &why))?.permissions().mode();
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    Err(ConfigError::file(path, &format!("others can read this secret (mode {:o}); chmod 600 it", mode & 0o777)))
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), ConfigError> {
    Ok(())
}

/// `host`, `host:port`, `[2001:db8::1]:port`.
fn host_and_port(text: &str, default: u16) -> Option<(String, u16)> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        (host, rest.strip_prefix(':'))
    } else {
        match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => (host, Some(port)),
            _ => (text, None),
        }
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0)?,
        None => default,
    };
    (!host.is_empty() && !host.contains([' ', '/'])).then(|| (host.to_owned(), port))
}

fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let digits = digits.strip_prefix("sha256").unwrap_or(&digits);
    let mut bytes = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigError> {
        Config::read("quid.toml", text, Path::new("/nowhere"), "quid")
    }

    #[test]
    fn little_is_needed() {
        let config =
            read("[[network]]\nname = \"tea\"\nserver = \"irc.example\"\n[[network.channel]]\nname = \"#tea\"\n")
                .expect("enough");
        let network = &config.networks[0];
        assert_eq!(
            (network.host.as_str(), network.port, &network.trust),
            ("irc.example", 6697, &Some(Trust::Authorities(None)))
        );
        assert_eq!((network.settings.nick.as_str(), network.settings.channels.len()), ("quid", 1));
        assert!(read("").expect("no network").networks.is_empty());
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let base = "[[network]]\nname = \"tea\"\nserver = \"irc.example\"\n";
        for (text, told) in [
            ("[[network]\n", "quid.toml:1:"),
            ("\n\n[[network]]\nnaem = 1\n", "quid.toml:4: unknown field `naem`"),
            ("[[network]]\nname = \"tea\"\n", "missing field `server`"),
            (&format!("{base}nick = 7\n"), "quid.toml:4: invalid type"),
            (&format!("{base}nick = \"a b\"\n"), "network `tea`: nick: `a b` cannot be a nick"),
            (&format!("{base}{base}"), "twice"),
            (&format!("{base}[network.sasl]\nmechanism = \"plain\"\n"), "`account` is missing"),
            (&format!("{base}[network.sasl]\nmechanism = \"external\"\n"), "needs a `certificate`"),
            (&format!("{base}[network.sasl]\nmechanism = \"magic\"\n"), "neither plain nor external"),
            (&format!("{base}[[network.channel]]\nname = \"tea\"\n"), "not the name of a channel"),
            (
                &format!("{base}password = {{ environment = \"QUID_SURELY_NOT_SET\" }}\n"),
                "has no `QUID_SURELY_NOT_SET`",
            ),
            (&format!("{base}password = {{ file = \"secret\" }}\n"), "/nowhere/secret"),
            (&format!("{base}password = {{}}\n"), "only one of them"),
            (&format!("{base}password = \"open\"\n"), "quid.toml:4:"),
            (&format!("{base}fingerprint = \"abc\"\n"), "64 hexadecimal digits"),
            (&format!("{base}tls = false\nfingerprint = \"abc\"\n"), "TLS is off"),
            ("[[network]]\nname = \"x\"\nserver = \"irc.example:port\"\n", "not host, host:port"),
            ("[rights]\nchannel_operators = \"gods\"\n", "none of operator"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(told), "{text}\n{error}");
        }
    }

    #[test]
    fn addresses_are_read() {
        for (text, expected) in [
            ("irc.example", Some(("irc.example", 6697))),
            ("irc.example:7000", Some(("irc.example", 7000))),
            ("[2001:db8::1]:7000", Some(("2001:db8::1", 7000))),
            ("[::1]", Some(("::1", 6697))),
            ("::1", Some(("::1", 6697))),
            ("", None),
            (":1", None),
            ("a:0", None),
            ("a:99999", None),
            ("[::1", None),
        ] {
            let found = host_and_port(text, 6697);
            assert_eq!(found.as_ref().map(|(host, port)| (host.as_str(), *port)), expected, "{text}");
        }
    }

    #[test]
    fn rights_hang_on_accounts() {
        let config = read("[rights]\nowner = [\"Ann\"]\noperator = [\"bob\"]\ntrusted = [\"eve\"]\nignored = [\"mallory\"]\nignored_nicks = [\"spam\"]\n").expect("good");
        for (nick, account, operator, voiced, expected) in [
            ("ann", None, false, false, Rights::Everyone),
            ("ann", None, true, true, Rights::Everyone),
            ("x", Some("ann"), false, false, Rights::Owner),
            ("x", Some("bob"), false, false, Rights::Operator),
            ("x", Some("eve"), false, false, Rights::Trusted),
            ("x", Some("eve"), true, false, Rights::Operator),
            ("x", Some("zoe"), false, true, Rights::Trusted),
            ("x", Some("zoe"), false, false, Rights::Everyone),
            ("x", Some("mallory"), true, true, Rights::Ignored),
            ("Spam", None, false, false, Rights::Ignored),
        ] {
            assert_eq!(config.rights(nick, account, operator, voiced), expected, "{nick} {account:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, "open sesame\n").expect("written");
        let text = "[[network]]\nname = \"tea\"\nserver = \"irc.example\"\npassword = { file = \"secret\" }\n";
        for (mode, good) in [(0o600, true), (0o400, true), (0o640, false), (0o644, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
            match Config::read("quid.toml", text, folder.path(), "quid") {
                Ok(config) => {
                    let password = config.networks[0].settings.password.clone().expect("there");
                    assert!(good && password.reveal() == "open sesame" && !format!("{password:?}").contains("open"));
                }
                Err(error) => assert!(!good && error.to_string().contains("chmod 600"), "{error}"),
            }
        }
    }
}
