//! Attention over the cache: turn, score, softmax, sum (Vaswani et al. 2017; heads in groups, Ainslie et al. 2023).

use crate::kernel::elementwise::{Bend, softmax};
use crate::kernel::{CHUNK, Rows, Workers, multiply_panel, padded, place};
use crate::shape::{Shape, Sight, Turning};

use super::cache::Cache;
use super::weights::Layer;

/// Rows whose scores are held at once.
pub const TOGETHER: usize = 32;

/// Where a block of tokens stands.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Tokens before it.
    pub past: usize,
    /// Tokens in it.
    pub rows: usize,
}

/// Sines and cosines of every row: `[rows][pairs]` each.
#[derive(Debug, Default)]
pub struct Turns {
    pairs: usize,
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

impl Turns {
    /// Those of a block.
    pub fn take(&mut self, turning: &Turning, block: Block) {
        self.pairs = turning.angles.len();
        self.cosines.clear();
        self.sines.clear();
        for row in 0..block.rows {
            let position = (block.past + row) as f32;
            for angle in &turning.angles {
                let (sine, cosine) = (position * angle).sin_cos();
                self.cosines.push(cosine * turning.scale);
                self.sines.push(sine * turning.scale);
            }
        }
    }
}

/// One head of one row, taken out of the fused projection, normed and turned where that is due.
struct Head<'a> {
    shape: &'a Shape,
    norm: Option<&'a [f32]>,
    turns: Option<&'a Turns>,
}

impl Head<'_> {
    /// `values` gives the head's numbers, `keep` gets them.
    fn turn(&self, row: usize, head: &mut [f32], mut keep: impl FnMut(usize, f32)) {
        if let Some(norm) = self.norm {
            let mean = head.iter().map(|value| value * value).sum::<f32>() / self.shape.head as f32;
            let scale = 1.0 / (mean + self.shape.epsilon).sqrt();
            for (value, weight) in head.iter_mut().zip(norm) {
                *value *= scale * weight;
            }
        }
        if let Some(turns) = self.turns {
            let (pairs, from) = (turns.pairs, row * turns.pairs);
            let (first, second) = head.split_at_mut(pairs);
            let angles = turns.cosines.iter().zip(&turns.sines).skip(from);
            for ((first, second), (cosine, sine)) in first.iter_mut().zip(second).zip(angles) {
                (*first, *second) = (*first * cosine - *second * sine, *second * cosine + *first * sine);
            }
        }
        for (at, value) in head.iter().enumerate() {
            keep(at, *value);
        }
    }
}

/// Takes queries, keys and values out of the fused projection `[chunks][rows][32]`: keys and values go to the cache,
/// queries to `[heads][head / 32][rows][32]`.
#[expect(clippy::too_many_arguments, reason = "the state of one layer, named once")]
pub fn take_apart(
    shape: &Shape,
    layer: &Layer,
    at: usize,
    block: Block,
    turns: &Turns,
    projected: &[f32],
    queries: &mut [f32],
    head: &mut Vec<f32>,
    cache: &mut Cache,
) {
    let (size, wide) = (shape.head, padded(shape.head));
    head.resize(size, 0.0);
    let norms = layer.head_norms.as_ref();
    for row in 0..block.rows {
        let fetch = |from: usize, head: &mut [f32]| {
            for (column, value) in (from..).zip(head) {
                *value = projected.get(place(column, row, block.rows)).copied().unwrap_or(0.0);
            }
        };
        let asking = Head { shape, norm: norms.map(|norms| norms[0].as_slice()), turns: Some(turns) };
        for asked in 0..shape.heads {
            fetch(asked * size, head);
            let Some(queries) = queries.get_mut(asked * wide * block.rows..) else { return };
            asking.turn(row, head, |at, value| {
                if let Some(query) = queries.get_mut(place(at, row, block.rows)) {
                    *query = value;
                }
            });
        }
        let token = block.past + row;
        let kept = Head { norm: norms.map(|norms| norms[1].as_slice()), ..asking };
        for key in 0..shape.key_heads {
            fetch((shape.heads + key) * size, head);
            kept.turn(row, head, |number, value| cache.set_key(at, key, token, number, value));
            fetch((shape.heads + shape.key_heads + key) * size, head);
            for (number, value) in head.iter().enumerate() {
                cache.set_value(at, key, token, number, *value);
            }
        }
    }
}

/// Floats that one head needs: what it gives, and its scores.
#[must_use]
pub fn room(shape: &Shape, rows: usize, capacity: usize) -> usize {
    padded(shape.head) * rows + padded(capacity) * rows.min(TOGETHER)
}

/// Attends with every head. `room` is `[heads]` of [`room`] floats; `output` becomes `[heads · head / 32][rows][32]`.
#[expect(clippy::too_many_arguments, reason = "the state of one layer, named once")]
pub fn attend(
    shape: &Shape,
    sight: Sight,
    at: usize,
    block: Block,
    queries: &[f32],
    cache: &Cache,
    room: (usize, &mut [f32]),
    output: &mut [f32],
    workers: &Workers,
) {
    let wide = padded(shape.head);
    let group = shape.heads / shape.key_heads;
    let (size, room) = room;
    let gives = wide * block.rows;
    workers.pieces(room, size, |head, room| {
        let (attended, scores) = room.split_at_mut(gives);
        let Some(queries) = queries.get(head * gives..(head + 1) * gives) else { return };
        one_head(shape, sight, (at, head / group), block, queries, cache, (attended, scores), workers);
    });
    for (head, room) in room.chunks_exact(size).enumerate() {
        for row in 0..block.rows {
            for number in 0..shape.head {
                let to = place(head * shape.head + number, row, block.rows);
                if let (Some(to), Some(from)) = (output.get_mut(to), room.get(place(number, row, block.rows))) {
                    *to = *from;
                }
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the state of one layer, named once")]
fn one_head(
    shape: &Shape,
    sight: Sight,
    (layer, key_head): (usize, usize),
    block: Block,
    queries: &[f32],
    cache: &Cache,
    (given, scores): (&mut [f32], &mut [f32]),
    workers: &Workers,
) {
    let arch = workers.arch();
    let bend = Bend { scale: shape.score_scale, cap: shape.score_cap };
    let mut first = 0;
    while first < block.rows {
        let count = (block.rows - first).min(TOGETHER);
        // All that the last of these rows sees.
        let chunks = (block.past + first + count).div_ceil(CHUNK);
        let Some(scores) = scores.get_mut(..chunks * count * CHUNK) else { return };
        let asked = Rows { values: queries, stride: block.rows, first, count };
        for (chunk, scores) in scores.chunks_exact_mut(count * CHUNK).enumerate() {
            multiply_panel(arch, asked, cache.keys(layer, key_head, chunk), scores);
        }
        for row in 0..count {
            let end = block.past + first + row + 1;
            let begin = sight.window.map_or(0, |window| end.saturating_sub(window));
            softmax(arch, scores, count, row, (begin, end), bend);
        }
        let weights = Rows { values: scores, stride: count, first: 0, count };
        for (part, given) in given.chunks_exact_mut(block.rows * CHUNK).enumerate() {
            let Some(given) = given.get_mut(first * CHUNK..(first + count) * CHUNK) else { return };
            multiply_panel(arch, weights, cache.values(layer, key_head, part, chunks), given);
        }
        first += count;
    }
}
