//! The words every room speaks: facts, sources, proofs, intents, replies and the ports between rooms.
//!
//! One vocabulary keeps the other crates ignorant of each other: they meet in these types and nowhere else.
//!
//! ```text
//!  floor 3   quid
//!  floor 2   irc  serve  import | store  search  neural | mind
//!  floor 1   lang  logic
//!  floor 0   core   <- you are here: no files, sockets, clock, chance or threads
//! ```

pub mod budget;
pub mod change;
pub mod check;
pub mod columns;
pub mod entailment;
pub mod fusion;
pub mod gather;
pub mod heard;
pub mod intent;
pub mod ports;
pub mod prompt;
pub mod proof;
pub mod reading;
pub mod reply;
pub mod rule;
pub mod shown;
pub mod source;
pub mod sparql;
pub mod text;
pub mod time;
pub mod vocabulary;

pub use oxrdf;

pub use budget::{Budget, Limit};
pub use change::{Act, Change, Guard, Receipt, Record};
pub use entailment::{Entailed, Entailment, Regime};
pub use heard::{Audience, Heard, Place, Rights, Speaker};
pub use intent::Intent;
pub use ports::{Fact, Facts, Fault, Feed, Generator, Memory, Recall, Vectors};
pub use prompt::{Cost, Mark, Piece, Prompt, Said, Written};
pub use proof::{Because, BuiltIns, Closed, Flaw, Proof, Step, Verified};
pub use reading::Reading;
pub use reply::{Answer, Reply};
pub use rule::{Argument, Atom, Direction, Gather, Goal, How, Literal, Query, Rule, Rulebook};
pub use source::{Scope, Source};
pub use sparql::Sparql;
pub use text::Key;
pub use time::Time;
