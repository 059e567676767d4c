//! An encoder of BERT's shape (Devlin et al. 2018) on candle: a sentence becomes one vector.
//!
//! Sentence encoders such as all-MiniLM-L6-v2 take the mean of the last layer's tokens, of length one (Reimers &
//! Gurevych 2019), so that the product of two vectors is their likeness.

use candle_core::{D, Device, Tensor};

use crate::decoder::Tensors;
use crate::files::Settings;
use crate::problem::{Problem, Result};

/// An encoder's sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderShape {
    /// Tokens it knows.
    pub vocabulary: usize,
    /// Kinds of token.
    pub kinds: usize,
    /// Numbers a token is.
    pub width: usize,
    /// Heads.
    pub heads: usize,
    /// Numbers between the halves of the network.
    pub hidden: usize,
    /// Layers.
    pub layers: usize,
    /// Tokens it can read.
    pub context: usize,
    /// What keeps norms from dividing by zero.
    pub epsilon: f64,
}

impl EncoderShape {
    /// The shape with these settings.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            vocabulary: settings.vocab_size,
            kinds: settings.type_vocab_size.max(1),
            width: settings.hidden_size,
            heads: settings.num_attention_heads,
            hidden: settings.intermediate_size,
            layers: settings.num_hidden_layers,
            context: settings.max_position_embeddings,
            epsilon: f64::from(settings.layer_norm_eps.unwrap_or(1e-12)),
        }
    }

    /// Why this cannot be an encoder, if it cannot.
    ///
    /// # Errors
    /// What does not fit.
    pub fn check(&self) -> std::result::Result<(), String> {
        let sizes = [
            ("vocabulary", self.vocabulary, 1 << 22),
            ("width", self.width, 1 << 16),
            ("heads", self.heads, 1 << 10),
            ("hidden size", self.hidden, 1 << 18),
            ("layers", self.layers, 1 << 10),
            ("context", self.context, 1 << 20),
            ("kinds of token", self.kinds, 1 << 10),
        ];
        for (what, size, most) in sizes {
            if size == 0 || size > most {
                return Err(format!("{what} is {size}, not in 1..={most}"));
            }
        }
        if !self.width.is_multiple_of(self.heads) {
            return Err(format!("{} numbers cannot be shared by {} heads", self.width, self.heads));
        }
        Ok(())
    }

    /// Weights that are multiplied for a token.
    #[must_use]
    pub fn weights(&self) -> u64 {
        let (width, hidden) = (self.width as u64, self.hidden as u64);
        self.layers as u64 * (4 * width * width + 2 * width * hidden)
    }

    /// All weights that are kept, but norms and biases.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.weights() + (self.vocabulary + self.context + self.kinds) as u64 * self.width as u64
    }
}

#[derive(Debug)]
struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

impl Norm {
    fn of(&self, input: &Tensor) -> Result<Tensor> {
        let centred = input.broadcast_sub(&input.mean_keepdim(D::Minus1)?)?;
        let spread = (centred.sqr()?.mean_keepdim(D::Minus1)? + self.epsilon)?.sqrt()?;
        Ok(centred.broadcast_div(&spread)?.broadcast_mul(&self.weight)?.broadcast_add(&self.bias)?)
    }
}

#[derive(Debug)]
struct Linear {
    /// Inputs first, so that nothing is turned for each sentence.
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    fn of(&self, input: &Tensor) -> Result<Tensor> {
        Ok(input.matmul(&self.weight)?.broadcast_add(&self.bias)?)
    }
}

#[derive(Debug)]
struct Layer {
    /// Queries, keys and values in one.
    projection: Linear,
    out: Linear,
    norm: Norm,
    up: Linear,
    down: Linear,
    network_norm: Norm,
}

/// An encoder, ready to run.
#[derive(Debug)]
pub struct Encoder {
    /// Its sizes.
    pub shape: EncoderShape,
    words: Tensor,
    positions: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
    device: Device,
}

impl Encoder {
    /// Reads all weights. Names are those of `BertModel`, with or without `bert.` before them.
    ///
    /// # Errors
    /// When a tensor is missing or does not fit.
    pub fn load(shape: EncoderShape, tensors: &dyn Tensors, device: &Device) -> Result<Self> {
        shape.check().map_err(|why| Problem::Tensor { name: "the model's description".to_owned(), why })?;
        let source = Source { tensors, device };
        let (width, hidden) = (shape.width, shape.hidden);
        let words = source.tensor("embeddings.word_embeddings.weight", (shape.vocabulary, width))?;
        let positions = source.tensor("embeddings.position_embeddings.weight", (shape.context, width))?;
        let kinds = source.tensor("embeddings.token_type_embeddings.weight", (shape.kinds, width))?;
        // Every token is of the first kind.
        let positions = positions.broadcast_add(&kinds.narrow(0, 0, 1)?)?;
        let norm = |name: &str| source.norm(name, width, shape.epsilon);
        let layers = (0..shape.layers)
            .map(|at| {
                let name = |part: &str| format!("encoder.layer.{at}.{part}");
                let parts = ["query", "key", "value"]
                    .map(|part| source.linear(&name(&format!("attention.self.{part}")), width, width));
                let [query, key, value] = parts;
                let (query, key, value) = (query?, key?, value?);
                let projection = Linear {
                    weight: Tensor::cat(&[&query.weight, &key.weight, &value.weight], 1)?.contiguous()?,
                    bias: Tensor::cat(&[&query.bias, &key.bias, &value.bias], 0)?,
                };
                Ok(Layer {
                    projection,
                    out: source.linear(&name("attention.output.dense"), width, width)?,
                    norm: norm(&name("attention.output.LayerNorm"))?,
                    up: source.linear(&name("intermediate.dense"), hidden, width)?,
                    down: source.linear(&name("output.dense"), width, hidden)?,
                    network_norm: norm(&name("output.LayerNorm"))?,
                })
            })
            .collect::<Result<_>>()?;
        let norm = norm("embeddings.LayerNorm")?;
        Ok(Self { words, positions, norm, layers, device: device.clone(), shape })
    }

    /// The last layer's vector of every token: `[tokens, width]`.
    ///
    /// # Errors
    /// When there are none, or more than fit.
    pub fn states(&self, tokens: &[u32]) -> Result<Tensor> {
        let shape = &self.shape;
        if tokens.is_empty() || tokens.len() > shape.context {
            return Err(Problem::TooLong { asked: tokens.len(), context: shape.context });
        }
        if let Some(token) = tokens.iter().find(|&&token| token as usize >= shape.vocabulary) {
            return Err(Problem::Words { why: format!("token {token} is beyond the vocabulary") });
        }
        let (rows, head) = (tokens.len(), shape.width / shape.heads);
        let ids = Tensor::from_slice(tokens, rows, &self.device)?;
        let state = self.words.index_select(&ids, 0)?.add(&self.positions.narrow(0, 0, rows)?)?;
        let mut state = self.norm.of(&state)?;
        for layer in &self.layers {
            // [rows, 3, heads, head] -> [3, heads, rows, head]
            let parts = layer.projection.of(&state)?.reshape((rows, 3, shape.heads, head))?;
            let parts = parts.permute((1, 2, 0, 3))?.contiguous()?;
            let (query, key, value) = (parts.get(0)?, parts.get(1)?, parts.get(2)?);
            let scores = (query.matmul(&key.transpose(1, 2)?.contiguous()?)? / (head as f64).sqrt())?;
            let largest = scores.max_keepdim(D::Minus1)?;
            let weights = scores.broadcast_sub(&largest)?.exp()?;
            let weights = weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)?;
            let seen = weights.matmul(&value)?.transpose(0, 1)?.reshape((rows, shape.width))?;
            state = layer.norm.of(&(layer.out.of(&seen)? + state)?)?;
            let network = layer.down.of(&layer.up.of(&state)?.gelu_erf()?)?;
            state = layer.network_norm.of(&(network + state)?)?;
        }
        Ok(state)
    }

    /// The sentence's vector: the mean of its tokens, of length one.
    ///
    /// # Errors
    /// As [`Encoder::states`].
    pub fn sentence(&self, tokens: &[u32]) -> Result<Vec<f32>> {
        let mut mean = self.states(tokens)?.mean(0)?.to_vec1::<f32>()?;
        let length = mean.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "vectors are kept in 32 bits")]
        let per = if length > 0.0 { (1.0 / length) as f32 } else { 0.0 };
        for number in &mut mean {
            *number *= per;
        }
        Ok(mean)
    }

    /// Floating-point operations for so many tokens.
    #[must_use]
    pub fn flops(&self, tokens: usize) -> u64 {
        let shape = &self.shape;
        crate::flops::encoder(shape.weights(), shape.layers as u64, shape.width as u64, tokens as u64)
    }
}

struct Source<'a> {
    tensors: &'a dyn Tensors,
    device: &'a Device,
}

impl Source<'_> {
    fn tensor(&self, name: &str, (rows, across): (usize, usize)) -> Result<Tensor> {
        let values = self.tensors.read(&self.name(name), rows * across)?;
        Ok(Tensor::from_vec(values, (rows, across), self.device)?)
    }

    fn vector(&self, name: &str, size: usize) -> Result<Tensor> {
        Ok(Tensor::from_vec(self.tensors.read(&self.name(name), size)?, size, self.device)?)
    }

    fn linear(&self, name: &str, outputs: usize, inputs: usize) -> Result<Linear> {
        let weight = self.tensor(&format!("{name}.weight"), (outputs, inputs))?.t()?.contiguous()?;
        Ok(Linear { weight, bias: self.vector(&format!("{name}.bias"), outputs)? })
    }

    fn norm(&self, name: &str, width: usize, epsilon: f64) -> Result<Norm> {
        let weight = self.vector(&format!("{name}.weight"), width)?;
        Ok(Norm { weight, bias: self.vector(&format!("{name}.bias"), width)?, epsilon })
    }

    fn name(&self, name: &str) -> String {
        let whole = format!("bert.{name}");
        if self.tensors.has(&whole) { whole } else { name.to_owned() }
    }
}
