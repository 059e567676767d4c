//! What stands behind the doors: the program implements it over everything that is open.
//!
//! Doors do not know the mind or the keepers; this is all they are given. Every call blocks until it is answered,
//! so the doors call it through [`crate::Room`], on threads that may wait.

use std::sync::{Arc, atomic::AtomicBool};

use quid_core::{Heard, Memory, Recall, Reply, Time};

/// Whether a conversation may change what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum May {
    /// Only ask: whatever would be written is refused, whichever way it is said.
    Ask,
    /// Ask and teach.
    Teach,
}

/// The brain, as programs on the network see it.
pub trait Behind: Send + Sync + 'static {
    /// Answers a line, until `stop` is raised. `talk` names the conversation: what was asked before in the same one
    /// is known, nothing of any other is. The same conversation is answered one line after the other.
    fn hear(&self, talk: &str, heard: &Heard, may: May, stop: &AtomicBool) -> Reply;

    /// Everything that is known.
    fn memory(&self) -> Arc<dyn Memory>;

    /// The words of everything that is known.
    fn recall(&self) -> Arc<dyn Recall>;

    /// This moment.
    fn now(&self) -> Time;

    /// The bot's own name.
    fn name(&self) -> String;
}
