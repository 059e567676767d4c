//! What stands behind the doors: the program implements it over everything that is open.
//!
//! Doors do not know the mind or the keepers; this is all they are given. Every call blocks until it is answered,
//! so the doors call it from threads that may wait.

use std::sync::Arc;

use quid_core::{Heard, Memory, Recall, Reply};

/// The brain, as programs on the network see it.
pub trait Behind: Send + Sync + 'static {
    /// Answers a line. `talk` names the conversation: what was asked before in the same one is known, nothing of
    /// any other is.
    fn hear(&self, talk: &str, heard: &Heard) -> Reply;

    /// Everything that is known.
    fn memory(&self) -> Arc<dyn Memory>;

    /// The words of everything that is known.
    fn recall(&self) -> Arc<dyn Recall>;
}
