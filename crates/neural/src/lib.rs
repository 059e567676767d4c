//! System 1: encoders and decoders on candle, with our own forward passes.
//!
//! What a model says is never knowledge: it leaves this room through the `Generator` port, of which the mind can
//! make a guess and nothing else.
//!
//! ```text
//!  floor 3   quid
//!  floor 2   irc  serve  import | store  search  neural  <- you are here | mind
//!  floor 1   lang  logic
//!  floor 0   core
//! ```

pub mod decoder;
pub mod device;
pub mod encoder;
pub mod files;
pub mod flops;
pub mod framing;
pub mod generate;
pub mod kernel;
pub mod library;
pub mod local;
pub mod model;
pub mod plot;
mod problem;
pub mod sentences;
pub mod server;
pub mod shape;
mod table;
pub mod tensors;
pub mod training;
pub mod words;

/// Where candle's tensors live; [`device::choose`] chooses it.
pub use candle_core::Device;
pub use problem::{Problem, Result};
pub use table::{OwnVectors, StaticTable};
