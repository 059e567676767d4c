//! What a session has to know of its network; the configuration file is read into this.

/// A secret: never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the wire alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// How we prove who we are (SASL).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Account and password (RFC 4616).
    Plain {
        /// The account.
        account: String,
        /// Its password.
        password: Secret,
    },
    /// The client certificate of the connection (RFC 4422 appendix A).
    External,
}

/// SASL, as it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sasl {
    /// By what.
    pub proof: Proof,
    /// Whether to stay away when it fails; else we go on without an account.
    pub required: bool,
}

/// A channel to be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// Its key, when it needs one.
    pub key: Option<Secret>,
}

/// What a session has to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The nick we want.
    pub nick: String,
    /// Nicks for when it is taken, in this order; further ones are made of the first.
    pub alternatives: Vec<String>,
    /// The user part of our address.
    pub user: String,
    /// What WHOIS shows.
    pub real_name: String,
    /// The server's password.
    pub password: Option<Secret>,
    /// Our account.
    pub sasl: Option<Sasl>,
    /// Where to be.
    pub channels: Vec<Channel>,
    /// Lines at once.
    pub burst: u32,
    /// Then lines a second.
    pub per_second: f64,
    /// The most lines of one reply; the rest comes for "more".
    pub most_lines: usize,
    /// Put at the end of the last line when there is more.
    pub more: String,
    /// Characters that another bot may take for a command when a line begins with one.
    pub command_signs: String,
    /// What CTCP VERSION answers.
    pub version: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nick: "quid".to_owned(),
            alternatives: Vec::new(),
            user: "quid".to_owned(),
            real_name: "Quidnunc".to_owned(),
            password: None,
            sasl: None,
            channels: Vec::new(),
            burst: 4,
            per_second: 0.7,
            most_lines: 3,
            more: " [more]".to_owned(),
            command_signs: "!.@~&%$+-?".to_owned(),
            version: concat!("Quidnunc ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
