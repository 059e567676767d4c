//! Decides who answers a line: what was taught, a proof, memory, or nobody, and what may be written.
//!
//! It is the only room that knows all the ports, so that every rule about who may do what, and about what may be
//! called knowledge, is in one place. Text, time and chance come in from outside.
//!
//! ```text
//!  floor 2   store  search | mind  <- you are here: no files, clock, chance or threads
//!  floor 1   lang  logic
//!  floor 0   core
//! ```

mod analogy;
mod ask;
mod browse;
mod called;
mod consult;
mod conversation;
mod factoid;
mod follow;
mod forget;
mod formal;
pub mod goals;
mod guess;
mod help;
mod hints;
mod history;
mod info;
mod inherited;
mod karma;
mod kept;
pub mod lessons;
mod list;
mod manners;
mod narrow;
mod ontology;
mod passive;
mod reading;
mod respond;
mod rules;
mod seen;
mod sparql;
mod state;
mod story;
mod substitute;
mod teach;
mod tell;
mod turn;
mod undo;
mod unknown;
mod why;
pub mod world;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use quid_core::{Generator, Heard, Memory, Recall, Reply, Rulebook, Vectors};
use quid_lang::Language;

pub use called::Called;
use conversation::Conversations;
pub use manners::pace;

/// Everything a mind is made of; the program wires it.
#[derive(Clone)]
pub struct Parts {
    /// Understanding and words.
    pub language: Arc<Language>,
    /// What is known, and the journal.
    pub memory: Arc<dyn Memory>,
    /// Full text.
    pub recall: Arc<dyn Recall>,
    /// The neural half, when there are weights.
    pub generator: Option<Arc<dyn Generator>>,
    /// Words as vectors, when there is a table of them.
    pub vectors: Option<Arc<dyn Vectors>>,
    /// The rules proofs are made of and checked against.
    pub rules: Arc<Rulebook>,
    /// The bot's nick.
    pub me: String,
}

/// One mind: what it is made of, and what was said just now in each conversation.
pub struct Mind {
    parts: Parts,
    conversations: Conversations,
    knowledge: formal::Knowledge,
    ontology: ontology::Ontology,
    names: goals::Names,
}

impl Mind {
    /// A mind that has heard nothing yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let (conversations, knowledge) = (Conversations::default(), formal::Knowledge::default());
        let (ontology, names) = (ontology::Ontology::default(), goals::Names::default());
        Self { parts, conversations, knowledge, ontology, names }
    }

    /// With the names that questions in logic (`?- …`) may use without declaring them.
    #[must_use]
    pub fn with_names(mut self, names: goals::Names) -> Self {
        self.names = names;
        self
    }

    /// Hears one line and answers it; silence is an answer too.
    ///
    /// Never fails: what could not be done is a reply that says so. Ends early when `stop` is raised.
    pub fn hear(&mut self, heard: &Heard, stop: &AtomicBool) -> Reply {
        let known = (&self.knowledge, &self.ontology, &self.names);
        turn::take(&self.parts, &mut self.conversations, known, heard, stop)
    }
}
