//! Ontologies at work: RDF Schema and OWL 2 RL as rules, forwards for whole graphs and backwards for questions.
//!
//! One set of compiled rules serves both, so that what SPARQL sees and what chat proves cannot drift apart.
//!
//! ```text
//!  axioms (Schema) --compile--> rules --> the engine: questions, with proofs
//!                                    \--> Closure: whole graphs, for SPARQL (Follows) and for `entails`
//! ```

mod axiomatic;
mod closure;
mod compile;
mod force;
mod names;
mod owl;
mod schema;
mod simple;
mod structured;
pub mod value;
mod view;

pub use closure::{Closure, Noticing};
pub use compile::{Choice, Compiled, Profile, compile};
pub use force::{in_force, is_axiom};
pub use schema::Schema;
pub use simple::{Entails, entails};
pub use view::Follows;
