//! What every reader of dumps stands on: opening, decompressing, lines, and the face the loader sees.
//!
//! A dump may be a bomb, cut short, or have a bad line in a million; each of these is met here once, so that a
//! format's reader only knows its format.

mod dump;
mod input;
mod lines;

pub(crate) use dump::hexadecimal;
pub use dump::{About, Dump, FileRead, Progress, graph_of, source_of};
pub use input::{Compression, Gauge, Input, Limits};
pub use lines::{Carriage, Line, Lines};
