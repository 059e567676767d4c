//! A decoder's weights, fused and packed for the kernels, from wherever they come.

use crate::kernel::{Matrix, Precision, padded};
use crate::problem::{Problem, Result};
use crate::shape::Shape;

/// Where weights come from: a file of some kind, or a random one in a test.
///
/// Names are those of `safetensors` files (`model.layers.0.self_attn.q_proj.weight`); a file of another kind
/// translates. Heads are turned half against half, and norms are factors, not offsets from 1.
pub trait Tensors {
    /// Whether there is one of that name.
    fn has(&self, name: &str) -> bool;

    /// All its numbers, rows first.
    ///
    /// # Errors
    /// When it is missing, damaged, or has not as many numbers as wanted.
    fn read(&self, name: &str, wanted: usize) -> Result<Vec<f32>>;
}

/// One layer.
#[derive(Debug)]
pub struct Layer {
    /// Before attention.
    pub norm: Vec<f32>,
    /// Queries, keys and values in one.
    pub projection: Matrix,
    /// Added to them.
    pub projection_bias: Option<Vec<f32>>,
    /// Of each head's queries and keys.
    pub head_norms: Option<[Vec<f32>; 2]>,
    /// After attention.
    pub out: Matrix,
    /// Added to it.
    pub out_bias: Option<Vec<f32>>,
    /// Of what attention gave.
    pub norm_after: Option<Vec<f32>>,
    /// Before the network.
    pub network_norm: Vec<f32>,
    /// Gate and up in one, each padded to a chunk.
    pub gate_up: Matrix,
    /// Back to the width.
    pub down: Matrix,
    /// Of what the network gave.
    pub network_norm_after: Option<Vec<f32>>,
}

/// A decoder, ready to run.
#[derive(Debug)]
pub struct Decoder {
    /// Its description.
    pub shape: Shape,
    /// A row for each token.
    pub embedding: Matrix,
    /// The output head; the embedding when there is none.
    pub head: Option<Matrix>,
    /// Before the head.
    pub norm: Vec<f32>,
    /// The layers.
    pub layers: Vec<Layer>,
}

impl Decoder {
    /// Reads, fuses and packs all weights.
    ///
    /// # Errors
    /// When a tensor is missing or does not fit the shape, or the shape itself cannot be.
    pub fn load(shape: Shape, tensors: &dyn Tensors, precision: Precision) -> Result<Self> {
        shape.check().map_err(|why| Problem::Tensor { name: "the model's description".to_owned(), why })?;
        let width = shape.width;
        let matrix = |name: &str, outputs: usize, inputs: usize| -> Result<Matrix> {
            Ok(Matrix::new(&tensors.read(name, outputs * inputs)?, inputs, precision))
        };
        let embedding = matrix("model.embed_tokens.weight", shape.vocabulary, width)?;
        let head = if shape.tied { None } else { Some(matrix("lm_head.weight", shape.vocabulary, width)?) };
        let layers = (0..shape.layers.len())
            .map(|at| Layer::load(&shape, tensors, &format!("model.layers.{at}"), precision))
            .collect::<Result<_>>()?;
        let norm = vector(tensors, "model.norm.weight", width)?;
        Ok(Self { shape, embedding, head, norm, layers })
    }

    /// Bytes that the weights take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let layers = self.layers.iter().flat_map(|layer| [&layer.projection, &layer.out, &layer.gate_up, &layer.down]);
        layers.chain([&self.embedding]).chain(&self.head).map(Matrix::bytes).sum()
    }
}

impl Layer {
    fn load(shape: &Shape, tensors: &dyn Tensors, at: &str, precision: Precision) -> Result<Self> {
        let (width, hidden) = (shape.width, shape.hidden);
        let (asked, kept) = (shape.heads * shape.head, shape.key_heads * shape.head);
        let read = |name: &str, wanted: usize| tensors.read(&format!("{at}.{name}"), wanted);
        let norm = |name: &str, wanted: usize| vector(tensors, &format!("{at}.{name}"), wanted);
        let when = |wanted: bool, name: &str, size: usize| wanted.then(|| norm(name, size)).transpose();

        let fused = format!("{at}.self_attn.qkv_proj.weight");
        let projection = if tensors.has(&fused) {
            tensors.read(&fused, (asked + 2 * kept) * width)?
        } else {
            let mut rows = read("self_attn.q_proj.weight", asked * width)?;
            rows.extend(read("self_attn.k_proj.weight", kept * width)?);
            rows.extend(read("self_attn.v_proj.weight", kept * width)?);
            rows
        };
        let projection_bias = if tensors.has(&format!("{at}.self_attn.q_proj.bias")) {
            let mut bias = read("self_attn.q_proj.bias", asked)?;
            bias.extend(read("self_attn.k_proj.bias", kept)?);
            bias.extend(read("self_attn.v_proj.bias", kept)?);
            bias.resize(padded(bias.len()), 0.0);
            Some(bias)
        } else {
            None
        };
        let out_bias = tensors.has(&format!("{at}.self_attn.o_proj.bias"));

        let fused = format!("{at}.mlp.gate_up_proj.weight");
        let (mut gate, up) = if tensors.has(&fused) {
            let mut both = tensors.read(&fused, 2 * hidden * width)?;
            let up = both.split_off(hidden * width);
            (both, up)
        } else {
            (read("mlp.gate_proj.weight", hidden * width)?, read("mlp.up_proj.weight", hidden * width)?)
        };
        gate.resize(padded(hidden) * width, 0.0);
        gate.extend(up);

        let after = shape.family.norms_after();
        let network_norm =
            norm(if after { "pre_feedforward_layernorm.weight" } else { "post_attention_layernorm.weight" }, width)?;
        let head_norms = if shape.family.norms_queries() {
            Some([norm("self_attn.q_norm.weight", shape.head)?, norm("self_attn.k_norm.weight", shape.head)?])
        } else {
            None
        };
        Ok(Self {
            norm: norm("input_layernorm.weight", width)?,
            projection: Matrix::new(&projection, width, precision),
            projection_bias,
            head_norms,
            out: Matrix::new(&read("self_attn.o_proj.weight", width * asked)?, asked, precision),
            out_bias: when(out_bias, "self_attn.o_proj.bias", width)?,
            norm_after: when(after, "post_attention_layernorm.weight", width)?,
            network_norm,
            gate_up: Matrix::new(&gate, width, precision),
            down: Matrix::new(&read("mlp.down_proj.weight", width * hidden)?, hidden, precision),
            network_norm_after: when(after, "post_feedforward_layernorm.weight", width)?,
        })
    }
}

/// A vector, padded to a chunk with zeros.
fn vector(tensors: &dyn Tensors, name: &str, wanted: usize) -> Result<Vec<f32>> {
    let mut values = tensors.read(name, wanted)?;
    values.resize(padded(wanted), 0.0);
    Ok(values)
}
