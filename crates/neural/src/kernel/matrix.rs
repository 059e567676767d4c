//! A weight matrix in panels of 32 outputs, exact or rounded to 8 bits.

use pulp::Arch;

use super::float::{self, Rows};
use super::integer::{self, Panel, Rounded};
use super::{CHUNK, Workers, padded};

/// How exactly weights are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As 32-bit floats: what training and comparing want.
    Exact,
    /// As 8-bit integers, 32 to a scale: a quarter of the memory, and three times the speed of one token.
    Rounded,
}

/// Weights of `outputs × inputs`, both padded to chunks with zeros.
#[derive(Clone, Debug)]
pub struct Matrix {
    inputs: usize,
    outputs: usize,
    kept: Kept,
}

#[derive(Clone, Debug)]
enum Kept {
    /// `[outputs / 32][inputs][32]`.
    Exact(Vec<f32>),
    /// `[outputs / 32][inputs / 32]` squares of 16 pairs of inputs × 32 outputs × 2, and their scales.
    Rounded { weights: Vec<[i8; CHUNK * CHUNK]>, scales: Vec<[f32; CHUNK]> },
}

impl Matrix {
    /// From rows of weights, one for each output; `rows` holds `outputs · inputs` numbers. Missing ones count as 0.
    #[must_use]
    pub fn new(rows: &[f32], inputs: usize, precision: Precision) -> Self {
        let outputs = rows.len() / inputs.max(1);
        let (across, panels) = (padded(inputs), outputs.div_ceil(CHUNK));
        let row = |output: usize| rows.get(output * inputs..(output + 1) * inputs).unwrap_or(&[]);
        let kept = match precision {
            Precision::Exact => {
                let mut kept = vec![0.0; panels * across * CHUNK];
                for (panel, kept) in kept.chunks_exact_mut((across * CHUNK).max(1)).enumerate() {
                    for lane in 0..CHUNK {
                        for (kept, weight) in kept.iter_mut().skip(lane).step_by(CHUNK).zip(row(panel * CHUNK + lane)) {
                            *kept = *weight;
                        }
                    }
                }
                Kept::Exact(kept)
            }
            Precision::Rounded => {
                let chunks = across / CHUNK;
                let mut weights = vec![[0_i8; CHUNK * CHUNK]; panels * chunks];
                let mut scales = vec![[0.0; CHUNK]; panels * chunks];
                for panel in 0..panels {
                    for lane in 0..CHUNK {
                        for (chunk, values) in row(panel * CHUNK + lane).chunks(CHUNK).enumerate() {
                            let mut whole = [0.0; CHUNK];
                            for (whole, value) in whole.iter_mut().zip(values) {
                                *whole = *value;
                            }
                            let (rounded, scale) = integer::round(&whole);
                            let square = &mut weights[panel * chunks + chunk];
                            scales[panel * chunks + chunk][lane] = scale;
                            for (at, value) in rounded.iter().enumerate() {
                                #[expect(clippy::cast_possible_truncation, reason = "it is in -127..=127")]
                                let value = *value as i8;
                                square[(at / 2 * CHUNK + lane) * 2 + at % 2] = value;
                            }
                        }
                    }
                }
                Kept::Rounded { weights, scales }
            }
        };
        Self { inputs: across, outputs: panels * CHUNK, kept }
    }

    /// Numbers that go in, padding included.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Numbers that come out, padding included.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.kept {
            Kept::Exact(kept) => size_of_val(kept.as_slice()),
            Kept::Rounded { weights, scales } => size_of_val(weights.as_slice()) + size_of_val(scales.as_slice()),
        }
    }

    /// Whether it is multiplied in integers, and `rounded` must be the input.
    #[must_use]
    pub fn wants_rounded(&self) -> bool {
        matches!(self.kept, Kept::Rounded { .. })
    }

    /// `output = weights · input` for `rows` rows: `[outputs / 32][rows][32]`. Where [`Matrix::wants_rounded`] says
    /// so, `rounded` is read instead of `input`.
    pub fn multiply(&self, input: &[f32], rounded: &Rounded, rows: usize, output: &mut [f32], workers: &Workers) {
        let arch = workers.arch();
        let whole = Rows { values: input, stride: rows, first: 0, count: rows };
        match &self.kept {
            Kept::Exact(kept) => {
                let size = self.inputs * CHUNK;
                workers.pieces(output, rows * CHUNK, |panel, output| {
                    if let Some(panel) = kept.get(panel * size..(panel + 1) * size) {
                        float::multiply_panel(arch, whole, panel, output);
                    }
                });
            }
            Kept::Rounded { .. } => {
                workers.pieces(output, rows * CHUNK, |panel, output| {
                    if let Some(panel) = self.panel(panel) {
                        integer::multiply_panel(arch, rounded, rows, panel, output);
                    }
                });
            }
        }
    }

    /// As [`Matrix::multiply`] for one row and the named panels alone; what else stands in `output` stays.
    pub fn multiply_some(&self, input: &[f32], rounded: &Rounded, panels: &[usize], output: &mut [f32], arch: Arch) {
        let whole = Rows { values: input, stride: 1, first: 0, count: 1 };
        let size = self.inputs * CHUNK;
        for &at in panels {
            let Some(output) = output.get_mut(at * CHUNK..(at + 1) * CHUNK) else { continue };
            match &self.kept {
                Kept::Exact(kept) => {
                    if let Some(panel) = kept.get(at * size..(at + 1) * size) {
                        float::multiply_panel(arch, whole, panel, output);
                    }
                }
                Kept::Rounded { .. } => {
                    if let Some(panel) = self.panel(at) {
                        integer::multiply_panel(arch, rounded, 1, panel, output);
                    }
                }
            }
        }
    }

    /// The weights of one output as they are kept, into `[inputs]` numbers: a row of an embedding.
    pub fn row(&self, output: usize, mut into: impl FnMut(usize, f32)) {
        let (panel, lane) = (output / CHUNK, output % CHUNK);
        match &self.kept {
            Kept::Exact(kept) => {
                let size = self.inputs * CHUNK;
                let panel = kept.get(panel * size..(panel + 1) * size).unwrap_or(&[]);
                for (at, value) in panel.iter().skip(lane).step_by(CHUNK).enumerate() {
                    into(at, *value);
                }
            }
            Kept::Rounded { .. } => {
                let Some(panel) = self.panel(panel) else { return };
                for (chunk, (weights, scales)) in panel.weights.iter().zip(panel.scales).enumerate() {
                    for at in 0..CHUNK {
                        let weight = weights[(at / 2 * CHUNK + lane) * 2 + at % 2];
                        into(chunk * CHUNK + at, f32::from(weight) * scales[lane]);
                    }
                }
            }
        }
    }

    fn panel(&self, at: usize) -> Option<Panel<'_>> {
        let Kept::Rounded { weights, scales } = &self.kept else { return None };
        let chunks = self.inputs / CHUNK;
        let range = at * chunks..(at + 1) * chunks;
        Some(Panel { weights: weights.get(range.clone())?, scales: scales.get(range)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in -1..1 that look like chance and are the same everywhere.
    fn numbers(count: usize, mut seed: u64) -> Vec<f32> {
        (0..count)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
            })
            .collect()
    }

    /// `values` of `[rows][width]` in chunks.
    fn chunked(values: &[f32], width: usize, rows: usize) -> Vec<f32> {
        let mut chunked = vec![0.0; padded(width) * rows];
        for row in 0..rows {
            for column in 0..width {
                chunked[super::super::place(column, row, rows)] = values[row * width + column];
            }
        }
        chunked
    }

    fn product(matrix: &Matrix, values: &[f32], width: usize, rows: usize, workers: &Workers) -> Vec<f32> {
        let input = chunked(values, width, rows);
        let mut rounded = Rounded::default();
        rounded.take(workers.arch(), &input);
        let mut output = vec![0.0; matrix.outputs() * rows];
        matrix.multiply(&input, &rounded, rows, &mut output, workers);
        output
    }

    #[test]
    fn products_are_right_for_every_number_of_rows_and_odd_sizes() {
        for threads in [1, 3] {
            let workers = Workers::new(Some(threads), 0).expect("threads");
            for (inputs, outputs) in [(7, 5), (32, 32), (100, 70), (288, 33)] {
                let weights = numbers(inputs * outputs, 1);
                for rows in [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 40] {
                    let values = numbers(inputs * rows, 2);
                    for (precision, allowed) in [(Precision::Exact, 1e-6), (Precision::Rounded, 1e-2)] {
                        let matrix = Matrix::new(&weights, inputs, precision);
                        let found = product(&matrix, &values, inputs, rows, &workers);
                        for row in 0..rows {
                            for output in 0..outputs {
                                let pairs = weights[output * inputs..].iter().zip(&values[row * inputs..]);
                                let wanted: f32 = pairs.take(inputs).map(|(left, right)| left * right).sum();
                                let found = found[super::super::place(output, row, rows)];
                                let off = (found - wanted).abs() / (inputs as f32).sqrt();
                                assert!(off < allowed, "{inputs}×{outputs}, {rows} rows, {precision:?}: {off}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_row_has_the_same_product_bit_for_bit_alone_and_among_others_and_without_vector_units() {
        let workers = Workers::new(Some(1), 0).expect("one thread");
        let (inputs, outputs, rows) = (96, 64, 7);
        let matrix = Matrix::new(&numbers(inputs * outputs, 3), inputs, Precision::Rounded);
        let values = numbers(inputs * rows, 4);
        let together = product(&matrix, &values, inputs, rows, &workers);
        for row in 0..rows {
            let alone = product(&matrix, &values[row * inputs..(row + 1) * inputs], inputs, 1, &workers);
            let mut rounded = Rounded::default();
            rounded.take(Arch::Scalar, &chunked(&values[row * inputs..(row + 1) * inputs], inputs, 1));
            let mut plain = vec![0.0; outputs];
            matrix.multiply_some(&[], &rounded, &[0, 1], &mut plain, Arch::Scalar);
            for output in 0..outputs {
                let bits = together[super::super::place(output, row, rows)].to_bits();
                assert_eq!(alone[output].to_bits(), bits, "row {row}, output {output}");
                assert_eq!(plain[output].to_bits(), bits, "row {row}, output {output}");
            }
        }
    }

    #[test]
    fn what_is_eight_bits_already_stays_as_it_is() {
        // As Q8_0 has it: whole numbers up to 127 times a scale.
        let weights: Vec<f32> = (0..64).map(|at| (((at * 37) % 255) as f32 - 127.0) * 0.011).collect();
        let matrix = Matrix::new(&weights, 64, Precision::Rounded);
        matrix.row(0, |at, value| assert!((value - weights[at]).abs() < 1e-6, "{at}: {value} for {}", weights[at]));
    }
}
