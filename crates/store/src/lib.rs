//! The keeper of all that is known: a durable journal, and Oxigraph derived from it and from the dumps.
//!
//! Oxigraph does not sync on commit and opens a damaged store as an empty one without a word (both measured),
//! so the truth of what was taught is a file of our own, and the store is checked against it at every start.
//!
//! ```text
//!  Change -> writer: guard, record, journal line, fdatasync -> Oxigraph transaction -> Receipt
//!  Audience -> view: the facts it may see            query -> sparql: read-only, bounded, the same view
//!  dump -> intake: bulk, with marks to go on from      damage -> check, repair
//! ```

mod apply;
mod backing;
mod cache;
mod catalogue;
mod dataset;
mod direct;
mod error;
mod following;
mod homes;
mod intake;
mod journal;
mod keeper;
mod load;
mod lock;
mod meter;
mod policy;
mod prefixes;
mod protocol;
mod record;
pub mod remote;
mod repair;
#[cfg(test)]
mod runaway;
mod salvage;
mod search;
mod service;
mod sparql;
mod sweep;
mod tame;
#[cfg(test)]
mod tests;
mod update;
mod view;
mod writer;

pub use error::StoreError;
pub use intake::{Intake, Mark, NewSource, Part, Resumable};
pub use keeper::{DocumentGuard, Keeper};
pub use load::Dump;
pub use prefixes::PREFIXES;
pub use repair::Finding;
