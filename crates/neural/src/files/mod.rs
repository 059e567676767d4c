//! Models in files: GGUF, a folder of safetensors, llama2.c's checkpoints.
//!
//! A file is somebody else's: every size is compared with the length of the file before memory is taken for it, and
//! what does not fit is told with its name.

mod config;
mod gguf;
mod gguf_model;
mod safetensors;
mod tale;

pub use config::{Settings, decoder_shape};
pub use gguf::{Gguf, Value};
pub use gguf_model::{GgufTensors, gguf_shape};
pub use safetensors::{Folder, text as read_text};
pub use tale::Tale;
