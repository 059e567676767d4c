//! How a command ended, for the shell: 0 answered, 1 "I don't know", 2 error.
//!
//! A script can ask and branch on the answer without reading it.

use std::process::ExitCode;

use quid_core::{Answer, Reply};

/// From best to worst, so that the worst of several lines is their maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Answered, or done.
    Answered,
    /// Not that I know.
    Unknown,
    /// It could not be done.
    Failed,
}

impl Outcome {
    /// What a reply means for the shell.
    #[must_use]
    pub fn of(reply: &Reply) -> Self {
        match reply.answer {
            Answer::Unknown { .. } => Self::Unknown,
            Answer::Error => Self::Failed,
            _ => Self::Answered,
        }
    }

    /// As a number for the shell.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Answered => 0,
            Self::Unknown => 1,
            Self::Failed => 2,
        }
    }

    /// From that number.
    #[must_use]
    pub fn of_code(code: u8) -> Self {
        match code {
            0 => Self::Answered,
            1 => Self::Unknown,
            _ => Self::Failed,
        }
    }

    /// `Answered` when something was found.
    #[must_use]
    pub fn found(any: bool) -> Self {
        if any { Self::Answered } else { Self::Unknown }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_line_decides() {
        let of = |answer| Outcome::of(&Reply::new(answer, "x"));
        assert_eq!(of(Answer::Done).max(of(Answer::Unknown { nearest: vec![] })), Outcome::Unknown);
        assert_eq!(of(Answer::Error).max(of(Answer::Chat)), Outcome::Failed);
    }
}
