//! The forward pass: tokens in, logits out, the cache filled.

use crate::kernel::elementwise::{add, add_to_columns, gated, norm, tanh};
use crate::kernel::{CHUNK, Matrix, Rounded, Workers, padded};
use crate::problem::{Problem, Result};

use super::attention::{self, Block, Turns};
use super::cache::Cache;
use super::weights::{Decoder, Layer};

/// Tokens of a prompt that are read at once: enough to be worth unpacking weights, few enough for the caches.
const BLOCK: usize = 256;

/// For which of the tokens logits are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The last.
    Last,
    /// Each.
    All,
}

/// Tokens that may come next: only their rows of the output head are computed.
#[derive(Clone, Debug)]
pub struct Legal {
    tokens: Vec<bool>,
    panels: Vec<usize>,
}

impl Legal {
    /// These and no others.
    #[must_use]
    pub fn new(tokens: &[u32], vocabulary: usize) -> Self {
        let mut legal = vec![false; padded(vocabulary)];
        for &token in tokens {
            if let Some(legal) = legal.get_mut(token as usize).filter(|_| (token as usize) < vocabulary) {
                *legal = true;
            }
        }
        let panels = legal.chunks(CHUNK).enumerate().filter(|(_, panel)| panel.contains(&true));
        Self { panels: panels.map(|(at, _)| at).collect(), tokens: legal }
    }

    /// Whether it may come.
    #[must_use]
    pub fn allows(&self, token: usize) -> bool {
        self.tokens.get(token).copied().unwrap_or(false)
    }

    /// The share of the head that is computed.
    #[must_use]
    pub fn share(&self) -> f64 {
        (self.panels.len() * CHUNK) as f64 / self.tokens.len().max(1) as f64
    }
}

/// Everything that a pass writes to, made once and used again: a token takes no memory.
#[derive(Debug, Default)]
pub struct Scratch {
    state: Vec<f32>,
    normed: Vec<f32>,
    projected: Vec<f32>,
    queries: Vec<f32>,
    head: Vec<f32>,
    heads: Vec<f32>,
    attended: Vec<f32>,
    hidden: Vec<f32>,
    given: Vec<f32>,
    rounded: Rounded,
    turns: Vec<Turns>,
    /// `[wanted rows][vocabulary]`.
    logits: Vec<f32>,
    panels: Vec<f32>,
}

impl Scratch {
    /// The logits of a wanted row: one for each token of the vocabulary. Minus infinity for what is not legal.
    #[must_use]
    pub fn logits(&self, row: usize, vocabulary: usize) -> &[f32] {
        let wide = padded(vocabulary);
        self.logits.get(row * wide..row * wide + vocabulary).unwrap_or(&[])
    }
}

/// Sets a buffer's length; it grows only when it never was as long.
fn sized(buffer: &mut Vec<f32>, length: usize) -> &mut [f32] {
    buffer.resize(length, 0.0);
    buffer
}

impl Decoder {
    /// Reads these tokens after what the cache holds. Logits are in `scratch` afterwards.
    ///
    /// # Errors
    /// When they do not fit the cache, or one is not of the vocabulary.
    pub fn forward(
        &self,
        tokens: &[u32],
        wanted: Wanted,
        legal: Option<&Legal>,
        cache: &mut Cache,
        scratch: &mut Scratch,
        workers: &Workers,
    ) -> Result<()> {
        let whole = cache.tokens().len() + tokens.len();
        if whole > cache.capacity() || whole > self.shape.context {
            let context = cache.capacity().min(self.shape.context);
            return Err(Problem::TooLong { asked: whole, context });
        }
        if let Some(token) = tokens.iter().find(|&&token| token as usize >= self.shape.vocabulary) {
            return Err(Problem::Words { why: format!("token {token} is beyond the vocabulary") });
        }
        let blocks = tokens.len().div_ceil(BLOCK);
        workers.run(|| {
            scratch.logits.clear();
            for (at, block) in tokens.chunks(BLOCK).enumerate() {
                let wanted = (wanted == Wanted::All || at + 1 == blocks).then_some(wanted);
                self.block(block, wanted, legal, cache, scratch, workers);
            }
        });
        Ok(())
    }

    fn block(
        &self,
        tokens: &[u32],
        wanted: Option<Wanted>,
        legal: Option<&Legal>,
        cache: &mut Cache,
        scratch: &mut Scratch,
        workers: &Workers,
    ) {
        let shape = &self.shape;
        let block = Block { past: cache.tokens().len(), rows: tokens.len() };
        let rows = block.rows;
        scratch.turns.resize_with(shape.turnings.len(), Turns::default);
        for (turns, turning) in scratch.turns.iter_mut().zip(&shape.turnings) {
            turns.take(turning, block);
        }
        let state = sized(&mut scratch.state, padded(shape.width) * rows);
        for (row, token) in tokens.iter().enumerate() {
            self.embedding.row(*token as usize, |column, value| {
                if let Some(state) = state.get_mut(crate::kernel::place(column, row, rows)) {
                    *state = value * shape.embedding_scale;
                }
            });
        }
        for (at, layer) in self.layers.iter().enumerate() {
            self.attention(at, layer, block, cache, scratch, workers);
            self.network(layer, rows, scratch, workers);
        }
        cache.read(tokens);
        if let Some(wanted) = wanted {
            self.logits(rows, wanted, legal, scratch, workers);
        }
    }

    fn attention(
        &self,
        at: usize,
        layer: &Layer,
        block: Block,
        cache: &mut Cache,
        scratch: &mut Scratch,
        workers: &Workers,
    ) {
        let (shape, rows, arch) = (&self.shape, block.rows, workers.arch());
        let Some(&sight) = shape.layers.get(at) else { return };
        let Scratch { state, normed, projected, queries, head, heads, attended, given, rounded, turns, .. } = scratch;
        let normed = sized(normed, padded(shape.width) * rows);
        norm(arch, state, rows, shape.width, &layer.norm, shape.epsilon, normed);
        let projected = sized(projected, layer.projection.outputs() * rows);
        multiply(&layer.projection, normed, rounded, rows, projected, workers);
        if let Some(bias) = &layer.projection_bias {
            add_to_columns(arch, projected, rows, bias);
        }
        let queries = sized(queries, shape.heads * padded(shape.head) * rows);
        let Some(turns) = turns.get(sight.turning) else { return };
        attention::take_apart(shape, layer, at, block, turns, projected, queries, head, cache);
        let size = attention::room(shape, rows, cache.capacity());
        let heads = sized(heads, shape.heads * size);
        let attended = sized(attended, layer.out.inputs() * rows);
        attention::attend(shape, sight, at, block, queries, cache, (size, heads), attended, workers);
        let given = sized(given, layer.out.outputs() * rows);
        multiply(&layer.out, attended, rounded, rows, given, workers);
        if let Some(bias) = &layer.out_bias {
            add_to_columns(arch, given, rows, bias);
        }
        self.join(layer.norm_after.as_deref(), rows, scratch, workers);
    }

    fn network(&self, layer: &Layer, rows: usize, scratch: &mut Scratch, workers: &Workers) {
        let (shape, arch) = (&self.shape, workers.arch());
        let Scratch { state, normed, hidden, given, rounded, .. } = scratch;
        let normed = sized(normed, padded(shape.width) * rows);
        norm(arch, state, rows, shape.width, &layer.network_norm, shape.epsilon, normed);
        let hidden = sized(hidden, layer.gate_up.outputs() * rows);
        multiply(&layer.gate_up, normed, rounded, rows, hidden, workers);
        let (gate, up) = hidden.split_at_mut(padded(shape.hidden) * rows);
        gated(arch, shape.activation, gate, up);
        let given = sized(given, layer.down.outputs() * rows);
        multiply(&layer.down, gate, rounded, rows, given, workers);
        self.join(layer.network_norm_after.as_deref(), rows, scratch, workers);
    }

    /// Adds what a half layer gave to the state.
    fn join(&self, norm_after: Option<&[f32]>, rows: usize, scratch: &mut Scratch, workers: &Workers) {
        let (shape, arch) = (&self.shape, workers.arch());
        let Scratch { state, normed, given, .. } = scratch;
        match norm_after {
            Some(weight) => {
                norm(arch, given, rows, shape.width, weight, shape.epsilon, normed);
                add(arch, state, normed);
            }
            None => add(arch, state, given),
        }
    }

    /// The head, over one row at a time: its product is wanted in the order of the vocabulary.
    fn logits(&self, rows: usize, wanted: Wanted, legal: Option<&Legal>, scratch: &mut Scratch, workers: &Workers) {
        let (shape, arch) = (&self.shape, workers.arch());
        let head = self.head.as_ref().unwrap_or(&self.embedding);
        let Scratch { state, normed, logits, rounded, panels, .. } = scratch;
        let width = padded(shape.width);
        norm(arch, state, rows, shape.width, &self.norm, shape.epsilon, normed);
        let first = if wanted == Wanted::Last { rows - 1 } else { 0 };
        let one = sized(panels, width);
        for row in first..rows {
            for (chunk, one) in one.as_chunks_mut::<CHUNK>().0.iter_mut().enumerate() {
                let from = (chunk * rows + row) * CHUNK;
                if let Some(values) = normed.get(from..from + CHUNK) {
                    one.copy_from_slice(values);
                }
            }
            let from = logits.len();
            logits.resize(from + head.outputs(), f32::NEG_INFINITY);
            let Some(logits) = logits.get_mut(from..) else { return };
            if head.wants_rounded() {
                rounded.take(arch, one);
            }
            match legal {
                None => head.multiply(one, rounded, 1, logits, workers),
                Some(legal) => {
                    head.multiply_some(one, rounded, &legal.panels, logits, arch);
                    for (token, logit) in logits.iter_mut().enumerate() {
                        if !legal.allows(token) {
                            *logit = f32::NEG_INFINITY;
                        }
                    }
                }
            }
            if let Some(cap) = shape.logit_cap {
                for logit in logits.iter_mut().filter(|logit| logit.is_finite()) {
                    *logit = cap * tanh(*logit / cap);
                }
            }
        }
    }
}

/// A product, its input rounded first where that is how it is made.
fn multiply(matrix: &Matrix, input: &[f32], rounded: &mut Rounded, rows: usize, output: &mut [f32], workers: &Workers) {
    if matrix.wants_rounded() {
        rounded.take(workers.arch(), input);
    }
    matrix.multiply(input, rounded, rows, output, workers);
}
