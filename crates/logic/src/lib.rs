//! Rules and proofs: reads Horn rules written as Prolog, and derives what follows from the stored facts.
//!
//! Everything here is bounded (a budget, no function symbols) and everything found carries its proof, so that
//! the checker in `core` can refuse it and people can ask "why?".
//!
//! ```text
//!  floor 1   lang  logic   <- you are here: text and ports in, proofs out
//!  floor 0   core
//! ```
//!
//! ```
//! let rules = quid_logic::read("family", ":- prefix(f, \"urn:f:\").\nf:kin(X, Y) :- f:kin(Y, X).").expect("a correct file");
//! assert_eq!(rules.rules[0].name, "family/1");
//! let error = quid_logic::read("family", ":- prefix(f, \"urn:f:\").\nf:kin(ann bob).").unwrap_err();
//! assert_eq!((error.line, error.column), (2, 11)); // expected `,` or `)`, found `bob`
//! ```

mod builtins;
mod chain;
mod derive;
pub mod engine;
pub mod entail;
mod memo;
mod mirror;
mod read;
mod terms;

pub use builtins::{Standard, computed_names, computed_widths};
pub use chain::{Link, Reach, explore};
pub use derive::{append, conclude, derive};
pub use engine::{Extent, Ground, Missing, Program, Refusal, Row, Solutions as Answers, Verdict, ask, prove, why_not};
pub use memo::{Halt, Memo};
pub use mirror::Mirror;
pub use read::{
    RuleError, Script, Vocabulary, instantiate, list, list_items, nearest, quoted, read, read_program, read_query,
    shown, written,
};
