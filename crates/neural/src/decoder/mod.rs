//! A decoder on the processor: weights in panels, a cache of keys and values, a forward pass over any number of tokens.
//!
//! ```text
//! tokens -> embedding -> [ norm -> q,k,v -> turn -> attention -> out -> + -> norm -> gate,up -> bend -> down -> + ]… -> norm -> head
//! ```

mod attention;
mod cache;
mod forward;
mod weights;

pub use cache::Cache;
pub use forward::{Legal, Scratch, Wanted};
pub use weights::{Decoder, Layer, Tensors};
