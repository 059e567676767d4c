//! What stands behind the doors: the program implements it over everything that is open.
//!
//! Doors do not know the mind or the keepers; this is all they are given. Every call blocks until it is answered,
//! so the doors call it through [`crate::Room`], on threads that may wait.

use std::sync::{Arc, atomic::AtomicBool};

use quid_core::shown::{Entity, ToldProof, Which};
use quid_core::{Fault, Heard, Memory, Proof, Recall, Reply, Sparql, Time};
use serde::Serialize;

/// Whether a conversation may change what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum May {
    /// Only ask: whatever would be written is refused, whichever way it is said.
    Ask,
    /// Ask and teach.
    Teach,
}

/// What kind of line somebody said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gist {
    /// It asks.
    Question,
    /// It teaches, corrects or takes back.
    Lesson,
    /// Anything else.
    Talk,
}

/// The brain, as programs on the network see it.
pub trait Behind: Send + Sync + 'static {
    /// Answers a line, until `stop` is raised. `talk` names the conversation: what was asked before in the same one
    /// is known, nothing of any other is. The same conversation is answered one line after the other.
    fn hear(&self, talk: &str, heard: &Heard, may: May, stop: &AtomicBool) -> Reply;

    /// Ends a conversation: nothing of it is kept.
    fn forget(&self, talk: &str);

    /// What kind of line this is, before it is answered.
    fn gist(&self, heard: &Heard) -> Gist;

    /// A proof of the last answer in this conversation, step by step in words.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn steps(&self, talk: &str, heard: &Heard, may: May, proof: &Proof, stop: &AtomicBool) -> Result<ToldProof, Fault>;

    /// What is known of an entity, as far as the one who asks may see it; `None` when nothing is.
    ///
    /// # Errors
    /// [`Fault::Storage`]; [`Fault::Refused`] when it would cost more than a question may.
    fn entity(&self, heard: &Heard, which: &Which, stop: &AtomicBool) -> Result<Option<Entity>, Fault>;

    /// Everything that is known.
    fn memory(&self) -> Arc<dyn Memory>;

    /// The words of everything that is known.
    fn recall(&self) -> Arc<dyn Recall>;

    /// Everything that is known, to programs that speak SPARQL.
    fn sparql(&self) -> Arc<dyn Sparql>;

    /// This moment.
    fn now(&self) -> Time;

    /// The bot's own name.
    fn name(&self) -> String;
}
