//! Keys and values of the tokens read so far, laid out as panels, so that scores are products like any other.
//!
//! Its size is fixed when it is made. A new prompt that begins as the last one did is read only from where it differs:
//! the instructions before every question cost once.

use crate::kernel::{CHUNK, padded};
use crate::shape::Shape;

/// What a decoder remembers of the tokens before.
#[derive(Clone, Debug)]
pub struct Cache {
    tokens: Vec<u32>,
    capacity: usize,
    head: usize,
    layers: Vec<Kept>,
}

/// One layer's.
#[derive(Clone, Debug)]
struct Kept {
    /// `[key head][tokens / 32][head][32]`: a panel of 32 tokens each.
    keys: Vec<f32>,
    /// `[key head][head / 32][tokens][32]`: a panel of 32 numbers each.
    values: Vec<f32>,
}

impl Cache {
    /// Room for so many tokens, or the model's context if that is less.
    #[must_use]
    pub fn new(shape: &Shape, tokens: usize) -> Self {
        let capacity = padded(tokens.clamp(1, shape.context));
        let head = padded(shape.head);
        let size = shape.key_heads * head * capacity;
        let layers = shape.layers.iter().map(|_| Kept { keys: vec![0.0; size], values: vec![0.0; size] }).collect();
        Self { tokens: Vec::with_capacity(capacity), capacity, head, layers }
    }

    /// How many tokens fit.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The tokens read.
    #[must_use]
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Forgets all but the first tokens.
    pub fn rewind(&mut self, length: usize) {
        self.tokens.truncate(length);
    }

    /// Forgets what does not begin as this prompt does, and at least its last token, whose logits are wanted. How many
    /// are left.
    pub fn keep_common(&mut self, prompt: &[u32]) -> usize {
        let common = self.tokens.iter().zip(prompt).take_while(|(left, right)| left == right).count();
        self.rewind(common.min(prompt.len().saturating_sub(1)));
        self.tokens.len()
    }

    /// Notes that these were read.
    pub(super) fn read(&mut self, tokens: &[u32]) {
        self.tokens.extend_from_slice(tokens);
    }

    /// Keeps one number of a token's key.
    pub(super) fn set_key(&mut self, layer: usize, head: usize, token: usize, at: usize, value: f32) {
        let place = ((head * self.capacity / CHUNK + token / CHUNK) * self.head + at) * CHUNK + token % CHUNK;
        if let Some(kept) = self.layers.get_mut(layer).and_then(|layer| layer.keys.get_mut(place)) {
            *kept = value;
        }
    }

    /// Keeps one number of a token's value.
    pub(super) fn set_value(&mut self, layer: usize, head: usize, token: usize, at: usize, value: f32) {
        let place = ((head * self.head / CHUNK + at / CHUNK) * self.capacity + token) * CHUNK + at % CHUNK;
        if let Some(kept) = self.layers.get_mut(layer).and_then(|layer| layer.values.get_mut(place)) {
            *kept = value;
        }
    }

    /// The keys of 32 tokens as a panel.
    pub(super) fn keys(&self, layer: usize, head: usize, chunk: usize) -> &[f32] {
        let size = self.head * CHUNK;
        let from = (head * self.capacity / CHUNK + chunk) * size;
        self.layers.get(layer).and_then(|layer| layer.keys.get(from..from + size)).unwrap_or(&[])
    }

    /// 32 numbers of all values up to that chunk of tokens as a panel.
    pub(super) fn values(&self, layer: usize, head: usize, part: usize, chunks: usize) -> &[f32] {
        let from = (head * self.head / CHUNK + part) * self.capacity * CHUNK;
        let size = (chunks * CHUNK).min(self.capacity) * CHUNK;
        self.layers.get(layer).and_then(|layer| layer.values.get(from..from + size)).unwrap_or(&[])
    }
}
