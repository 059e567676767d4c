//! Reads dumps into quads: one module per kind of dump, a stream of facts out, every error with its file and line.
//!
//! A dump is somebody else's work: it is read strictly, kept whole, and nothing of it is stored half.
//!
//! ```text
//!  floor 2   import   <- you are here: a door, it may read files
//!  floor 0   core     vocabulary, sources, text
//! ```
//!
//! ```no_run
//! use quid_import::wordnet::{self, Files, Lexicon};
//!
//! let directory = wordnet::find(None).map_err(|problem| vec![problem])?;
//! let files = Files::open(&directory)?;
//! let lexicon = Lexicon::read(&files)?; // checked whole before the first quad
//! for quad in lexicon.quads() {
//!     println!("{quad} .");
//! }
//! # Ok::<(), Vec<quid_import::Problem>>(())
//! ```

pub mod brain;
pub mod conceptnet;
pub mod lmf;
pub mod obo;
pub mod problem;
pub mod rdf;
pub mod source;
pub mod wordnet;

pub use problem::Problem;
