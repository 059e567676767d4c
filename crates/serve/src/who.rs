//! Who is asking, and what they may do.
//!
//! A program shows a bearer token (RFC 6750); whoever shows none is a guest. Nothing else says who somebody is: no
//! cookie is ever set or read, so that no other page can act in a visitor's name.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use quid_core::{Audience, Heard, Place, Rights, Speaker, Time};
use serde::{Deserialize, Serialize};

use crate::{behind::May, error::Problem};

/// What a token allows; each allows what stands before it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Nothing at all.
    Nobody,
    /// Ask and query.
    Read,
    /// Teach, take back, update.
    Learn,
    /// See and stop what runs; everything.
    Admin,
}

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The token's user; `None` for a guest.
    pub user: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Whether what they teach is for them alone.
    pub private: bool,
}

/// The name that guests go by.
const GUEST: &str = "guest";

impl Caller {
    /// Somebody without a token.
    #[must_use]
    pub fn guest(role: Role) -> Self {
        Self { user: None, role, private: true }
    }

    /// Refuses who may not do this.
    ///
    /// # Errors
    /// 401 for a guest, 403 for a token that allows less.
    pub fn needs(&self, role: Role) -> Result<(), Problem> {
        if self.role >= role {
            Ok(())
        } else if self.user.is_none() {
            Err(Problem::unauthorized("this needs a token: send it as `Authorization: Bearer …`"))
        } else {
            Err(Problem::forbidden(format!("this token allows to {}, and this needs more", self.role.word())))
        }
    }

    /// Whether a conversation of theirs may teach.
    #[must_use]
    pub fn may(&self) -> May {
        if self.role >= Role::Learn { May::Teach } else { May::Ask }
    }

    /// Them, as the bot hears them.
    #[must_use]
    pub fn speaker(&self) -> Speaker {
        let rights = match self.role {
            Role::Nobody | Role::Read => Rights::Everyone,
            Role::Learn => Rights::Trusted,
            Role::Admin => Rights::Owner,
        };
        Speaker { nick: self.user.clone().unwrap_or_else(|| GUEST.to_owned()), account: self.user.clone(), rights }
    }

    /// Where they speak: what they teach there is for everybody, or for them alone.
    #[must_use]
    pub fn place(&self) -> Place {
        if self.private { Place::Private } else { Place::Global }
    }

    /// What they may see.
    #[must_use]
    pub fn audience(&self) -> Audience {
        Audience { name: self.speaker().identity(), place: self.place() }
    }

    /// A line of theirs, said to the bot.
    #[must_use]
    pub fn says(&self, text: impl Into<String>, at: Time) -> Heard {
        Heard { speaker: self.speaker(), place: self.place(), addressed: true, passive: false, text: text.into(), at }
    }
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Nobody => "do nothing",
            Self::Read => "read",
            Self::Learn => "learn",
            Self::Admin => "do everything",
        }
    }
}

/// A token that is known, and whose it is.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) secret: String,
    pub(crate) caller: Caller,
}

/// Every token that is known.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) known: Vec<Token>,
    pub(crate) guest: Role,
}

impl Tokens {
    /// Who shows these headers. Every token is compared to its end, so that the time taken tells nothing.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let Some(shown) = headers.get(AUTHORIZATION) else { return Ok(Caller::guest(self.guest)) };
        let shown = shown.as_bytes();
        let (scheme, shown) = shown.split_at_checked("Bearer ".len()).unwrap_or((shown, b""));
        if !scheme.eq_ignore_ascii_case(b"Bearer ") {
            return Err(Problem::unauthorized("only bearer tokens are known here: `Authorization: Bearer …`"));
        }
        let mut found = None;
        for token in &self.known {
            if is_same(token.secret.as_bytes(), shown.trim_ascii()) {
                found = Some(&token.caller);
            }
        }
        found.cloned().ok_or_else(|| Problem::unauthorized("this token is not known here"))
    }
}

/// Whether two secrets are the same, in a time that depends on the length of what was shown alone.
fn is_same(secret: &[u8], shown: &[u8]) -> bool {
    let mut differ = u8::from(secret.len() != shown.len());
    let mut own = secret.iter().cycle();
    for byte in shown {
        differ |= byte ^ own.next().copied().unwrap_or_default();
    }
    // Not to be shortened by the compiler into an early end.
    std::hint::black_box(differ) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(value) = value {
            headers.insert(AUTHORIZATION, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn a_token_says_who_it_is_and_nothing_else_does() {
        let ann = Caller { user: Some("ann".to_owned()), role: Role::Learn, private: false };
        let tokens = Tokens {
            known: vec![Token { secret: "0123456789abcdef".to_owned(), caller: ann.clone() }],
            guest: Role::Read,
        };
        for (shown, expected) in [
            (None, Some(Caller::guest(Role::Read))),
            (Some("Bearer 0123456789abcdef"), Some(ann.clone())),
            (Some("bearer 0123456789abcdef"), Some(ann)),
            (Some("Bearer 0123456789abcde"), None),
            (Some("Bearer 0123456789abcdef0123456789abcdef"), None),
            (Some("Bearer "), None),
            (Some("Basic MDEyMzQ1Njc4OWFiY2RlZg=="), None),
            (Some("x"), None),
        ] {
            assert_eq!(tokens.caller(&headers(shown)).ok(), expected, "{shown:?}");
        }
    }

    #[test]
    fn roles_are_a_ladder() {
        for (role, needed, may) in [
            (Role::Nobody, Role::Read, false),
            (Role::Read, Role::Read, true),
            (Role::Read, Role::Learn, false),
            (Role::Learn, Role::Learn, true),
            (Role::Learn, Role::Admin, false),
            (Role::Admin, Role::Learn, true),
        ] {
            assert_eq!(Caller::guest(role).needs(needed).is_ok(), may, "{role:?} {needed:?}");
        }
    }
}
