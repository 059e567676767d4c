//! One line of chat as it arrived, with who said it and where.
//!
//! Doors make it, `lang` understands it, `mind` answers it; the text is data and never a command by itself.

use serde::{Deserialize, Serialize};

use crate::{Scope, Time};

/// What somebody may do. Given by the account they are logged in to, never by the nick they wear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rights {
    /// Never heard at all.
    Ignored,
    /// May ask and teach.
    #[default]
    Everyone,
    /// May also teach where only trusted people may.
    Trusted,
    /// May also lock, revert, and change settings.
    Operator,
    /// May do everything.
    Owner,
}

/// Who is speaking.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Speaker {
    /// The name shown; anyone may wear it.
    pub nick: String,
    /// The account that was proved to the network, when there is one.
    pub account: Option<String>,
    /// What they may do.
    pub rights: Rights,
}

impl Speaker {
    /// How this person is called: by the account, else by the nick.
    #[must_use]
    pub fn name(&self) -> &str {
        self.account.as_deref().unwrap_or(&self.nick)
    }

    /// By what this person owns things: the account, or `~` and the nick, which no account can be. So whoever
    /// wears the nick of somebody with an account sees and changes nothing of theirs.
    #[must_use]
    pub fn identity(&self) -> String {
        self.account.clone().unwrap_or_else(|| format!("~{}", self.nick))
    }
}

/// Where a line was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// Between one person and the bot.
    #[default]
    Private,
    /// A channel, by its name (`#rust`).
    Channel(String),
    /// Everywhere: the owner's own console, or a channel's operator speaking for all.
    Global,
}

impl Place {
    /// Reads `private`, `global` or a channel's name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "" | "private" => Self::Private,
            "global" => Self::Global,
            name => Self::Channel(name.to_owned()),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Private => "private",
            Self::Global => "global",
            Self::Channel(name) => name,
        })
    }
}

/// One line as it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Who said it.
    pub speaker: Speaker,
    /// Where.
    pub place: Place,
    /// Whether it was surely meant for the bot (private talk, a command line, a REPL).
    pub addressed: bool,
    /// Whether lines not meant for the bot may be learned from, into quarantine.
    pub passive: bool,
    /// What was said, as it came; `lang` cleans it.
    pub text: String,
    /// When.
    pub at: Time,
}

/// Who will read an answer, which decides what may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// Who reads ([`Speaker::identity`]).
    pub name: String,
    /// Where the answer is read.
    pub place: Place,
}

impl Audience {
    /// Whether a fact of this scope may be shown here.
    ///
    /// Private facts are shown to their owner, in private (or on the owner's console) only; quarantined ones
    /// never. A channel's facts are public: other channels see them too, told with where they come from.
    #[must_use]
    pub fn sees(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Global | Scope::Channel(_) => true,
            Scope::Private(owner) => !matches!(self.place, Place::Channel(_)) && *owner == self.name,
            Scope::Quarantine(_) => false,
        }
    }
}
