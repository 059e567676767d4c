//! Finds stored texts by their words and by their meaning, and names by how they begin or nearly sound.
//!
//! When nothing can be proved, the nearest texts are quoted; and a mistyped name deserves a "did you mean".
//!
//! ```text
//!  floor 2   store  search <- you are here  neural | mind
//!  floor 1   lang  logic
//!  floor 0   core: declares the port `Recall`, which `Index` implements
//! ```
//!
//! The index is derived from the store: it may lag behind by the changes since the last commit ([`Index::seq`]
//! says how far it is, the program replays the rest), and a damaged one is wiped and built again.

mod bulk;
mod document;
mod error;
mod files;
mod fresh;
mod index;
mod local_names;
mod meaning;
mod named;
mod names;
mod recall;
mod schema;
mod words;

pub use bulk::Bulk;
pub use document::is_found;
pub use error::SearchError;
pub use index::Index;
pub use local_names::LocalNames;
