//! llama2.c's checkpoints: a header of seven numbers, then all weights as floats; and its file of tokens.
//!
//! The smallest real Llamas that there are come in it (karpathy/tinyllamas), which makes them good company for tests.

use std::fs;
use std::path::Path;

use crate::decoder::Tensors;
use crate::kernel::elementwise::Activation;
use crate::problem::{Problem, Result};
use crate::shape::{Family, Shape, Sight, Turning};

use super::gguf_model::halves_apart;

/// A checkpoint, whole: the largest that was published has 110 million weights.
#[derive(Debug)]
pub struct Tale {
    shape: Shape,
    numbers: Vec<f32>,
    name: String,
}

/// Longer files are not of this kind.
const LONGEST: u64 = 1 << 30;

impl Tale {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// When it cannot be read or its length is not what its header says.
    pub fn open(path: &Path) -> Result<Self> {
        let file = |why| Problem::File { path: path.to_owned(), why };
        let damaged = |why: String| Problem::Damaged { path: path.to_owned(), why };
        let length = fs::metadata(path).map_err(file)?.len();
        if length > LONGEST {
            return Err(damaged(format!("{length} bytes are too many for a llama2.c checkpoint")));
        }
        let bytes = fs::read(path).map_err(file)?;
        let (header, numbers) =
            bytes.split_at_checked(28).ok_or_else(|| damaged("too short for a llama2.c checkpoint".to_owned()))?;
        let mut sizes = header.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes));
        let mut size = || sizes.next().unwrap_or(0);
        let (width, hidden, layers, heads, key_heads) = (size(), size(), size(), size(), size());
        let (vocabulary, context) = (size(), size());
        // A negative vocabulary says that the head has weights of its own.
        let tied = vocabulary > 0;
        let whole = |number: i32| usize::try_from(number).unwrap_or(0);
        let (width, heads, layers) = (whole(width), whole(heads), whole(layers));
        let head = width / heads.max(1);
        if layers > 1 << 10 {
            return Err(damaged(format!("{layers} layers cannot be")));
        }
        let shape = Shape {
            family: Family::Llama,
            vocabulary: vocabulary.unsigned_abs() as usize,
            width,
            heads,
            key_heads: whole(key_heads),
            head,
            hidden: whole(hidden),
            context: whole(context),
            epsilon: 1e-5,
            activation: Activation::Silu,
            turnings: vec![Turning::plain(10_000.0, head)],
            layers: vec![Sight { window: None, turning: 0 }; layers],
            score_scale: 1.0 / (head as f32).sqrt(),
            score_cap: None,
            logit_cap: None,
            embedding_scale: 1.0,
            tied,
        };
        shape.check().map_err(damaged)?;
        let numbers: Vec<f32> = numbers.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let name = path.display().to_string();
        let tale = Self { shape, numbers, name };
        let wanted = tale.parts().last().map_or(0, |(_, from, size)| from + size);
        if wanted != tale.numbers.len() {
            return Err(damaged(format!("{} numbers where its header wants {wanted}", tale.numbers.len())));
        }
        Ok(tale)
    }

    /// The shape that the header describes.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Every tensor's name after its layer's, where the first of them begins, and the size of one.
    fn parts(&self) -> Vec<(&'static str, usize, usize)> {
        let shape = &self.shape;
        let (width, layers) = (shape.width, shape.layers.len());
        let (asked, kept) = (shape.heads * shape.head, shape.key_heads * shape.head);
        let mut parts = Vec::new();
        let mut at = 0;
        for (name, size, count) in [
            ("model.embed_tokens.weight", shape.vocabulary * width, 1),
            ("input_layernorm.weight", width, layers),
            ("self_attn.q_proj.weight", asked * width, layers),
            ("self_attn.k_proj.weight", kept * width, layers),
            ("self_attn.v_proj.weight", kept * width, layers),
            ("self_attn.o_proj.weight", width * asked, layers),
            ("post_attention_layernorm.weight", width, layers),
            ("mlp.gate_proj.weight", shape.hidden * width, layers),
            ("mlp.down_proj.weight", width * shape.hidden, layers),
            ("mlp.up_proj.weight", shape.hidden * width, layers),
            ("model.norm.weight", width, 1),
            // Sines and cosines, which are computed here.
            ("", shape.context * shape.head, 1),
            ("lm_head.weight", if shape.tied { 0 } else { shape.vocabulary * width }, 1),
        ] {
            parts.push((name, at, size));
            at += size * count;
        }
        parts.push(("", at, 0));
        parts
    }
}

impl Tensors for Tale {
    fn has(&self, name: &str) -> bool {
        let part =
            name.strip_prefix("model.layers.").and_then(|rest| rest.split_once('.')).map_or(name, |(_, part)| part);
        self.parts().iter().any(|(known, _, size)| *known == part && *size > 0)
    }

    fn read(&self, name: &str, wanted: usize) -> Result<Vec<f32>> {
        let wrong = |why: String| Problem::Tensor { name: name.to_owned(), why };
        let (layer, part) = match name.strip_prefix("model.layers.").and_then(|rest| rest.split_once('.')) {
            Some((layer, part)) => (layer.parse::<usize>().unwrap_or(usize::MAX), part),
            None => (0, name),
        };
        let found = self.parts().into_iter().find(|(known, ..)| *known == part && !part.is_empty());
        let (_, from, size) = found.ok_or_else(|| wrong(format!("not in {}", self.name)))?;
        if size != wanted {
            return Err(wrong(format!("{size} numbers where {wanted} are wanted")));
        }
        let from = layer.checked_mul(size).and_then(|skip| skip.checked_add(from));
        let range = from.and_then(|from| Some(from..from.checked_add(size)?));
        let values =
            range.and_then(|range| self.numbers.get(range)).ok_or_else(|| wrong("no such layer".to_owned()))?;
        // Neighbours are turned here, halves in the kernels.
        let heads = match part {
            "self_attn.q_proj.weight" => self.shape.heads,
            "self_attn.k_proj.weight" => self.shape.key_heads,
            _ => return Ok(values.to_vec()),
        };
        Ok(halves_apart(values, heads, self.shape.head))
    }
}
