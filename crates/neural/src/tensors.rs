//! The same decoder on candle's tensors: for a GPU, for training, and to keep the kernels honest.
//!
//! It is made of operations that candle can follow back to the weights, and of no fused ones. On a processor the kernels are several times quicker; their tests compare the two.

use candle_core::{D, DType, Device, Tensor};

use crate::decoder::Tensors;
use crate::kernel::elementwise::Activation;
use crate::problem::{Problem, Result};
use crate::shape::Shape;

/// Weights of one layer.
#[derive(Debug)]
struct Layer {
    norm: Tensor,
    query: Linear,
    key: Linear,
    value: Linear,
    head_norms: Option<[Tensor; 2]>,
    out: Linear,
    norm_after: Option<Tensor>,
    network_norm: Tensor,
    gate: Tensor,
    up: Tensor,
    down: Tensor,
    network_norm_after: Option<Tensor>,
}

#[derive(Debug)]
struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    fn of(&self, input: &Tensor) -> Result<Tensor> {
        let product = input.matmul(&self.weight.t()?)?;
        Ok(match &self.bias {
            Some(bias) => product.broadcast_add(bias)?,
            None => product,
        })
    }
}

/// A decoder on a device.
#[derive(Debug)]
pub struct TensorDecoder {
    /// Its description.
    pub shape: Shape,
    device: Device,
    embedding: Tensor,
    head: Option<Tensor>,
    norm: Tensor,
    layers: Vec<Layer>,
}

/// Keys and values read so far, one pair for each layer: `[key heads, tokens, head]`.
#[derive(Debug, Default)]
pub struct TensorCache {
    layers: Vec<(Tensor, Tensor)>,
    read: usize,
}

impl TensorCache {
    /// How many tokens were read.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.read
    }
}

impl TensorDecoder {
    /// Reads all weights to a device.
    ///
    /// # Errors
    /// When a tensor is missing or does not fit the shape, or the device has no room.
    pub fn load(shape: Shape, tensors: &dyn Tensors, device: &Device) -> Result<Self> {
        shape.check().map_err(|why| Problem::Tensor { name: "the model's description".to_owned(), why })?;
        let source = Source { tensors, device };
        let width = shape.width;
        let layers = (0..shape.layers.len())
            .map(|at| source.layer(&shape, &format!("model.layers.{at}")))
            .collect::<Result<_>>()?;
        let embedding = source.matrix("model.embed_tokens.weight", shape.vocabulary, width)?;
        let head = if shape.tied { None } else { Some(source.matrix("lm_head.weight", shape.vocabulary, width)?) };
        let norm = source.vector("model.norm.weight", width)?;
        Ok(Self { shape, device: device.clone(), embedding, head, norm, layers })
    }

    /// Reads these tokens after those of the cache: the logits of each, `[tokens, vocabulary]`.
    ///
    /// # Errors
    /// When they are too many, or one is not of the vocabulary.
    pub fn forward(&self, tokens: &[u32], cache: &mut TensorCache) -> Result<Tensor> {
        let shape = &self.shape;
        let (rows, past) = (tokens.len(), cache.read);
        if rows == 0 || past + rows > shape.context {
            return Err(Problem::TooLong { asked: past + rows, context: shape.context });
        }
        if let Some(token) = tokens.iter().find(|&&token| token as usize >= shape.vocabulary) {
            return Err(Problem::Words { why: format!("token {token} is beyond the vocabulary") });
        }
        let ids = Tensor::from_slice(tokens, rows, &self.device)?;
        let mut state = (self.embedding.index_select(&ids, 0)? * f64::from(shape.embedding_scale))?;
        for (at, layer) in self.layers.iter().enumerate() {
            let given = self.attention(at, layer, &self.normed(&state, &layer.norm)?, past, cache)?;
            state = (state + self.after(given, layer.norm_after.as_ref())?)?;
            let input = self.normed(&state, &layer.network_norm)?;
            let gate = input.matmul(&layer.gate.t()?)?;
            let bent = match shape.activation {
                Activation::Silu => gate.silu()?,
                Activation::Gelu => gate.gelu()?,
            };
            let given = (bent * input.matmul(&layer.up.t()?)?)?.matmul(&layer.down.t()?)?;
            state = (state + self.after(given, layer.network_norm_after.as_ref())?)?;
        }
        cache.read += rows;
        let head = self.head.as_ref().unwrap_or(&self.embedding);
        let logits = self.normed(&state, &self.norm)?.matmul(&head.t()?)?;
        capped(logits, shape.logit_cap)
    }

    /// Continues a prompt with the likeliest tokens, until `ends` says that one ends it or there are `most`.
    ///
    /// # Errors
    /// As [`TensorDecoder::forward`].
    pub fn write(
        &self,
        prompt: &[u32],
        most: usize,
        ends: &dyn Fn(u32) -> bool,
        tell: &mut dyn FnMut(u32),
    ) -> Result<usize> {
        let mut cache = TensorCache::default();
        let mut logits = self.forward(prompt, &mut cache)?;
        let mut written = 0;
        loop {
            let last = logits.get(logits.dim(0)? - 1)?;
            let token = last.argmax(D::Minus1)?.to_scalar::<u32>()?;
            if ends(token) || written == most {
                return Ok(written);
            }
            tell(token);
            written += 1;
            if written == most || cache.read == self.shape.context {
                return Ok(written);
            }
            logits = self.forward(&[token], &mut cache)?;
        }
    }

    fn after(&self, given: Tensor, norm: Option<&Tensor>) -> Result<Tensor> {
        match norm {
            Some(norm) => self.normed(&given, norm),
            None => Ok(given),
        }
    }

    fn normed(&self, input: &Tensor, weight: &Tensor) -> Result<Tensor> {
        let mean = (input.sqr()?.mean_keepdim(D::Minus1)? + f64::from(self.shape.epsilon))?;
        Ok(input.broadcast_div(&mean.sqrt()?)?.broadcast_mul(weight)?)
    }

    fn attention(
        &self,
        at: usize,
        layer: &Layer,
        input: &Tensor,
        past: usize,
        cache: &mut TensorCache,
    ) -> Result<Tensor> {
        let shape = &self.shape;
        let rows = input.dim(0)?;
        let Some(sight) = shape.layers.get(at) else {
            return Err(Problem::Tensor { name: format!("layer {at}"), why: "is not described".to_owned() });
        };
        let heads = |flat: Tensor, count: usize| flat.reshape((rows, count, shape.head))?.transpose(0, 1);
        let mut query = heads(layer.query.of(input)?, shape.heads)?;
        let mut key = heads(layer.key.of(input)?, shape.key_heads)?;
        let mut value = heads(layer.value.of(input)?, shape.key_heads)?.contiguous()?;
        if let Some([query_norm, key_norm]) = &layer.head_norms {
            query = self.normed(&query, query_norm)?;
            key = self.normed(&key, key_norm)?;
        }
        let (query, mut key) = (self.turned(&query, sight.turning, past)?, self.turned(&key, sight.turning, past)?);
        match cache.layers.get_mut(at) {
            Some(kept) => {
                key = Tensor::cat(&[&kept.0, &key], 1)?;
                value = Tensor::cat(&[&kept.1, &value], 1)?;
                *kept = (key.clone(), value.clone());
            }
            None => cache.layers.push((key.clone(), value.clone())),
        }
        // Heads that share a key stand together: [key heads, group · rows, head].
        let (group, whole) = (shape.heads / shape.key_heads, past + rows);
        let query = query.contiguous()?.reshape((shape.key_heads, group * rows, shape.head))?;
        let scores = (query.matmul(&key.transpose(1, 2)?.contiguous()?)? * f64::from(shape.score_scale))?;
        let scores = capped(scores, shape.score_cap)?.reshape((shape.heads, rows, whole))?;
        let mask: Vec<f32> = (0..rows)
            .flat_map(|row| {
                let end = past + row + 1;
                let begin = sight.window.map_or(0, |window| end.saturating_sub(window));
                (0..whole).map(move |seen| if (begin..end).contains(&seen) { 0.0 } else { -1e30 })
            })
            .collect();
        let scores = scores.broadcast_add(&Tensor::from_vec(mask, (1, rows, whole), &self.device)?)?;
        let largest = scores.max_keepdim(D::Minus1)?.detach();
        let weights = scores.broadcast_sub(&largest)?.exp()?;
        let weights = weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)?;
        let weights = weights.reshape((shape.key_heads, group * rows, whole))?;
        let given = weights.matmul(&value)?.reshape((shape.heads, rows, shape.head))?;
        let given = given.transpose(0, 1)?.contiguous()?.reshape((rows, shape.heads * shape.head))?;
        layer.out.of(&given)
    }

    /// Positions told by turning half against half.
    fn turned(&self, input: &Tensor, turning: usize, past: usize) -> Result<Tensor> {
        let Some(turning) = self.shape.turnings.get(turning) else { return Ok(input.clone()) };
        let (rows, pairs) = (input.dim(1)?, turning.angles.len());
        let angles: Vec<f32> = (past..past + rows)
            .flat_map(|position| turning.angles.iter().map(move |angle| position as f32 * angle))
            .collect();
        let angles = Tensor::from_vec(angles, (1, rows, pairs), &self.device)?;
        let scale = f64::from(turning.scale);
        let (cosines, sines) = ((angles.cos()? * scale)?, (angles.sin()? * scale)?);
        let (first, second) = (input.narrow(2, 0, pairs)?, input.narrow(2, pairs, pairs)?);
        let left = (first.broadcast_mul(&cosines)? - second.broadcast_mul(&sines)?)?;
        let right = (second.broadcast_mul(&cosines)? + first.broadcast_mul(&sines)?)?;
        let rest = self.shape.head - 2 * pairs;
        Ok(if rest == 0 {
            Tensor::cat(&[&left, &right], 2)?
        } else {
            Tensor::cat(&[&left, &right, &input.narrow(2, 2 * pairs, rest)?], 2)?
        })
    }
}

fn capped(input: Tensor, cap: Option<f32>) -> Result<Tensor> {
    Ok(match cap.map(f64::from) {
        Some(cap) => ((input / cap)?.tanh()? * cap)?,
        None => input,
    })
}

struct Source<'a> {
    tensors: &'a dyn Tensors,
    device: &'a Device,
}

impl Source<'_> {
    fn matrix(&self, name: &str, outputs: usize, inputs: usize) -> Result<Tensor> {
        let values = self.tensors.read(name, outputs * inputs)?;
        Ok(Tensor::from_vec(values, (outputs, inputs), self.device)?.to_dtype(DType::F32)?)
    }

    fn vector(&self, name: &str, size: usize) -> Result<Tensor> {
        Ok(Tensor::from_vec(self.tensors.read(name, size)?, size, self.device)?)
    }

    fn layer(&self, shape: &Shape, at: &str) -> Result<Layer> {
        let (width, hidden) = (shape.width, shape.hidden);
        let (asked, kept) = (shape.heads * shape.head, shape.key_heads * shape.head);
        let name = |part: &str| format!("{at}.{part}");
        let has = |part: &str| self.tensors.has(&name(part));
        let norm = |part: &str, size: usize| self.vector(&name(part), size);
        let bias = |part: &str, size: usize| has(part).then(|| norm(part, size)).transpose();
        let part = |kind: &str, outputs: usize, inputs: usize| -> Result<Linear> {
            let weight = self.matrix(&name(&format!("self_attn.{kind}_proj.weight")), outputs, inputs)?;
            Ok(Linear { weight, bias: bias(&format!("self_attn.{kind}_proj.bias"), outputs)? })
        };
        let [query, key, value] = if has("self_attn.qkv_proj.weight") {
            let whole = self.matrix(&name("self_attn.qkv_proj.weight"), asked + 2 * kept, width)?;
            let cut = |from, size| -> Result<Linear> {
                Ok(Linear { weight: whole.narrow(0, from, size)?.contiguous()?, bias: None })
            };
            [cut(0, asked)?, cut(asked, kept)?, cut(asked + kept, kept)?]
        } else {
            [part("q", asked, width)?, part("k", kept, width)?, part("v", kept, width)?]
        };
        let (gate, up) = if has("mlp.gate_up_proj.weight") {
            let whole = self.matrix(&name("mlp.gate_up_proj.weight"), 2 * hidden, width)?;
            (whole.narrow(0, 0, hidden)?.contiguous()?, whole.narrow(0, hidden, hidden)?.contiguous()?)
        } else {
            let one = |kind: &str| self.matrix(&name(&format!("mlp.{kind}_proj.weight")), hidden, width);
            (one("gate")?, one("up")?)
        };
        let after = shape.family.norms_after();
        let when = |wanted: bool, part: &str| wanted.then(|| norm(part, width)).transpose();
        let head_norms = if shape.family.norms_queries() {
            Some([norm("self_attn.q_norm.weight", shape.head)?, norm("self_attn.k_norm.weight", shape.head)?])
        } else {
            None
        };
        let before = if after { "pre_feedforward_layernorm.weight" } else { "post_attention_layernorm.weight" };
        Ok(Layer {
            norm: norm("input_layernorm.weight", width)?,
            query,
            key,
            value,
            head_norms,
            out: part("o", width, asked)?,
            norm_after: when(after, "post_attention_layernorm.weight")?,
            network_norm: norm(before, width)?,
            gate,
            up,
            down: self.matrix(&name("mlp.down_proj.weight"), width, hidden)?,
            network_norm_after: when(after, "post_feedforward_layernorm.weight")?,
        })
    }
}
