//! Expands a stored value into what is said: tags, alternatives and variables.

use std::collections::BTreeMap;

/// What `$name` stands for in a stored value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// None at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With `$name` standing for `value`; names are compared in lower case ("who", "nick", "channel", "1").
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_lowercase(), value.to_owned());
        self
    }

    /// What a name stands for.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// What a stored value says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// A plain value: said as "subject is value".
    Plain(String),
    /// `<reply>`: said alone.
    Reply(String),
    /// `<action>`: done (`/me`).
    Action(String),
    /// `<reply>see foo`: look there; when nothing is known there, say "see foo" as it stands.
    See(String),
}

pub(crate) fn respond(value: &str, _variables: &Variables, _chance: u64) -> Response {
    Response::Plain(value.to_owned())
}
