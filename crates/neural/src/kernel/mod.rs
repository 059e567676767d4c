//! The arithmetic of a transformer on a CPU: few shapes, each in one loop that the vector units fill.
//!
//! Everything is laid out in columns of 32 ("chunks"): an activation of `rows` tokens and `width` numbers is
//! `[width / 32][rows][32]`, a weight matrix is `[outputs / 32][inputs][32]` ("panels"). So one token's activation is
//! an ordinary vector, a product never sums across a register, the weights of 32 outputs are read in one stream,
//! and what one thread writes is one contiguous piece.

#![allow(clippy::inline_always, reason = "what is not inlined knows nothing of vector units, and is ten times slower")]

pub mod elementwise;
mod float;
mod integer;
mod matrix;
mod workers;

pub use integer::Rounded;
pub use matrix::{Matrix, Precision};
pub use workers::Workers;

pub use float::{Rows, multiply_panel};

/// Numbers in a chunk.
pub const CHUNK: usize = 32;

/// The next multiple of a chunk.
#[must_use]
pub const fn padded(width: usize) -> usize {
    width.div_ceil(CHUNK) * CHUNK
}

/// Where the number of that column and row stands in an activation of `rows` rows.
#[must_use]
pub const fn place(column: usize, row: usize, rows: usize) -> usize {
    (column / CHUNK * rows + row) * CHUNK + column % CHUNK
}
