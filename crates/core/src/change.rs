//! What is written: a change with who, when, where and in which words, and the journal's record of it.
//!
//! Every change is a set of quads added and removed. That one shape makes undo (swap them), the past (replay
//! them) and recovery (replay the tail) the same three lines of code.

use oxrdf::{NamedNode, Quad, Triple};
use serde::{Deserialize, Serialize};

use crate::{Place, Scope, Speaker, Time};

/// What kind of change a record is, for history and undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// A new statement.
    Learn,
    /// A statement in the place of others.
    Correct,
    /// Statements taken back.
    Forget,
    /// Statements brought back.
    Restore,
    /// An earlier change undone.
    Undo,
    /// A quarantined statement made a fact.
    Confirm,
    /// Overheard, into quarantine.
    Overhear,
    /// A thing locked or unlocked.
    Lock,
    /// Karma given or taken.
    Karma,
    /// A setting, an ignore.
    Setting,
}

/// A change somebody asks for. The store gives it a sequence number and makes it durable.
#[derive(Clone, Debug)]
pub struct Change {
    /// What kind.
    pub act: Act,
    /// Who.
    pub by: Speaker,
    /// Where.
    pub place: Place,
    /// When.
    pub at: Time,
    /// The line, word for word (cleaned of controls).
    pub line: String,
    /// For whom the new statement is visible.
    pub scope: Scope,
    /// The new statement's triples; they go into a graph of their own, named by the sequence number. May be empty.
    pub learned: Vec<Triple>,
    /// Other quads added (state; statements brought back into their graphs).
    pub added: Vec<Quad>,
    /// Quads removed.
    pub removed: Vec<Quad>,
    /// The things it is about, for history.
    pub about: Vec<NamedNode>,
    /// The record this one undoes.
    pub undoes: Option<u64>,
    /// What must still be so when it is written; two people may teach at once.
    pub guard: Option<Guard>,
}

/// "Only if nothing changed": the statement graphs that held values of this subject and these predicates
/// when the change was decided. Compared within the writer; a difference refuses the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The thing.
    pub subject: NamedNode,
    /// The predicates looked at.
    pub predicates: Vec<NamedNode>,
    /// The graphs they were found in, sorted.
    pub seen: Vec<NamedNode>,
}

/// A change that is durable: it survives `kill -9` and power loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its place in the journal, from 1.
    pub seq: u64,
    /// The new statement's graph, when there is one.
    pub statement: Option<NamedNode>,
}

/// A line of the journal, read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its place, from 1.
    pub seq: u64,
    /// What kind.
    pub act: Act,
    /// Who.
    pub by: Speaker,
    /// Where.
    pub place: Place,
    /// When.
    pub at: Time,
    /// The line, word for word.
    pub line: String,
    /// For whom the statement is visible.
    pub scope: Scope,
    /// Every quad it added.
    pub added: Vec<Quad>,
    /// Every quad it removed.
    pub removed: Vec<Quad>,
    /// The things it is about.
    pub about: Vec<NamedNode>,
    /// The record it undoes.
    pub undoes: Option<u64>,
}

impl Record {
    /// The graph of the statement it made, when it made one.
    #[must_use]
    pub fn statement(&self) -> Option<NamedNode> {
        let graph = crate::Source::Said { seq: self.seq, scope: self.scope.clone() }.graph();
        self.added.iter().any(|quad| quad.graph_name == graph.as_ref().into()).then_some(graph)
    }
}
