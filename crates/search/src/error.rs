//! What can go wrong with the text index, told apart by what helps.
//!
//! The index is derived from the store, so damage is repaired by building it anew; a lock or a full disk is not.

use std::path::PathBuf;

use quid_core::Fault;
use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError};

/// The text index could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The files cannot be read as an index of this version. Nothing is lost: [`wipe`](crate::Index::wipe) the
    /// directory and index the store again.
    #[error("the text index in `{}` is damaged: {why}; it is rebuilt from the store by `quid repair`", .directory.display())]
    Damaged {
        /// Where it lies.
        directory: PathBuf,
        /// What was found.
        why: String,
    },
    /// Another process (or another part of this one) has it open.
    #[error("the text index in `{}` is in use by another process; end that one first", .directory.display())]
    Busy {
        /// Where it lies.
        directory: PathBuf,
    },
    /// The directory cannot be used (permissions, a full disk).
    #[error("the directory `{}` of the text index cannot be used: {why}", .directory.display())]
    Directory {
        /// Which directory.
        directory: PathBuf,
        /// The system's words.
        why: String,
    },
    /// A search or a commit failed; the index is as it was before.
    #[error("{what}: {why}")]
    Failed {
        /// What was being done.
        what: &'static str,
        /// The cause.
        why: String,
    },
}

impl SearchError {
    /// An error met while opening `directory`.
    pub(crate) fn opening(directory: &std::path::Path, error: &TantivyError) -> Self {
        let directory = directory.to_owned();
        let why = error.to_string();
        match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => Self::Busy { directory },
            TantivyError::OpenDirectoryError(
                OpenDirectoryError::IoError { .. } | OpenDirectoryError::NotADirectory(_),
            )
            | TantivyError::LockFailure(LockError::IoError(_), _)
            | TantivyError::OpenWriteError(_)
            | TantivyError::SystemError(_) => Self::Directory { directory, why },
            TantivyError::IoError(io)
                if matches!(
                    io.kind(),
                    std::io::ErrorKind::PermissionDenied
                        | std::io::ErrorKind::StorageFull
                        | std::io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                Self::Directory { directory, why }
            }
            _ => Self::Damaged { directory, why },
        }
    }

    /// An error met while working.
    pub(crate) fn failed(what: &'static str) -> impl FnOnce(TantivyError) -> Self {
        move |error| Self::Failed { what, why: error.to_string() }
    }
}

impl From<SearchError> for Fault {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Failed { what, why } => Self::Storage { what: what.to_owned(), why },
            other => Self::Storage { what: "the text index".to_owned(), why: other.to_string() },
        }
    }
}
