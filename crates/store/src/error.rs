//! What can go wrong in the store, each in words that say what to do next.
//!
//! One enum for the crate: the program shows it as it is; `core`'s [`Fault`] gets the same words.

use std::path::PathBuf;

use quid_core::Fault;

/// The store could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has this home open.
    #[error("{} is in use by {holder}: end that first, or choose another place with --home", home.display())]
    InUse {
        /// The directory.
        home: PathBuf,
        /// Who, as the lock file says (process number and command).
        holder: String,
    },
    /// A file could not be read or written.
    #[error("{what}: {why}")]
    File {
        /// What was being done, with the file's name.
        what: String,
        /// The system's words.
        why: std::io::Error,
    },
    /// Oxigraph failed.
    #[error("{what}: {why}")]
    Engine {
        /// What was being done.
        what: String,
        /// Its words.
        why: String,
    },
    /// Journal and store disagree, or one of them is damaged. Nothing was changed.
    #[error("{what}; nothing was changed, `quid repair` sets it right and loses nothing that can be read")]
    Damaged {
        /// What was found.
        what: String,
    },
    /// The request itself is not acceptable.
    #[error("{0}")]
    Refused(String),
    /// The guard of a change does not hold.
    #[error("it was changed by somebody else at the same moment")]
    Conflict,
}

impl StoreError {
    /// A failed file operation.
    pub(crate) fn file(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |why| Self::File { what, why }
    }

    /// A failed engine operation.
    pub(crate) fn engine<E: std::error::Error>(what: &str) -> impl FnOnce(E) -> Self + '_ {
        move |why| Self::Engine { what: what.to_owned(), why: with_causes(&why) }
    }

    /// Something that only a repair can set right.
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Refused(words) => Self::Refused(words),
            StoreError::File { what, why } => Self::Storage { what, why: why.to_string() },
            StoreError::Engine { what, why } => Self::Storage { what, why },
            other => Self::Storage { what: "the store".to_owned(), why: other.to_string() },
        }
    }
}

/// An error with all its causes, `a: b: c`.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let words = next.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = next.source();
    }
    text
}
