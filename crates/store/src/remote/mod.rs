//! Other SPARQL servers: asking them, asking them from within a query, and keeping what is known in one of them.
//!
//! Whom a query may ask is decided by its text, which is anybody's. So every address is looked at after its name was
//! resolved and at every redirect, and everything that comes back is bounded.

mod allow;
mod client;
mod memory;
mod names;
mod place;
mod protocol;
mod results;

pub use allow::Allow;
pub use client::{Client, Login};
pub use memory::Remote;
pub use names::Names;
pub use place::Place;
