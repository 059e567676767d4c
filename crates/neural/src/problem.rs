//! What can go wrong with a model, in words that name the file and say what would help.

use std::path::PathBuf;

/// A model cannot be used, or did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A file cannot be read.
    #[error("{}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: std::io::Error,
    },
    /// A file is not what it should be: damaged, cut short, of another kind.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// The model is sound, but of a kind that this program does not run.
    #[error("{what} is not supported: {hint}")]
    Unsupported {
        /// What the file asks for.
        what: String,
        /// What would do.
        hint: String,
    },
    /// A tensor is missing or has another shape than the model's description says.
    #[error("tensor `{name}`: {why}")]
    Tensor {
        /// Its name in the file.
        name: String,
        /// What does not fit.
        why: String,
    },
    /// The text could not be turned into tokens or back.
    #[error("tokenizer: {why}")]
    Words {
        /// The cause.
        why: String,
    },
    /// The model's chat template failed.
    #[error("chat template: {why}")]
    Template {
        /// The cause, with its line.
        why: String,
    },
    /// More tokens than the model can read.
    #[error("{asked} tokens do not fit the context of {context}: ask for less")]
    TooLong {
        /// How many there were.
        asked: usize,
        /// How many fit.
        context: usize,
    },
    /// The system gave no threads.
    #[error("no threads to compute with: {why}")]
    Threads {
        /// The cause.
        why: String,
    },
    /// The device is not there, or was not built in.
    #[error("device {device}: {why}")]
    Device {
        /// Which.
        device: String,
        /// The cause.
        why: String,
    },
    /// The tensor library failed.
    #[error("tensors: {0}")]
    Tensors(#[from] candle_core::Error),
    /// A language model behind HTTP did not answer as it should.
    #[error("{address}: {why}")]
    Server {
        /// Where it is.
        address: String,
        /// The cause.
        why: String,
    },
}

/// The result of anything here.
pub type Result<T> = std::result::Result<T, Problem>;
