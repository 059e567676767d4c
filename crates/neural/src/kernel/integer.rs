//! Products in 8-bit integers: one token costs what reading the weights costs, many cost half of what floats do.
//!
//! Weights and activations are rounded in groups of 32 numbers that share a scale, as GGUF's Q8_0 does, so that a
//! user's Q8_0 file is taken as it is. Sums are exact integers: a token has the same result alone or among others.

use pulp::{Arch, Simd, WithSimd};

use super::CHUNK;

/// Pairs of inputs in a chunk: what the vector units multiply and add in one go.
const PAIRS: usize = CHUNK / 2;

/// An activation rounded to 8 bits.
#[derive(Debug, Default)]
pub struct Rounded {
    /// `[chunks][rows]`: two neighbouring numbers each as 16 bits, in one word.
    pairs: Vec<[i32; PAIRS]>,
    /// `[chunks][rows]`: what 1 is worth.
    scales: Vec<f32>,
}

impl Rounded {
    /// Rounds an activation of `[chunks][rows][32]`; takes no memory once it has held one as large.
    pub fn take(&mut self, arch: Arch, values: &[f32]) {
        self.pairs.clear();
        self.scales.clear();
        arch.dispatch(Taking { values, pairs: &mut self.pairs, scales: &mut self.scales });
    }
}

/// What is done in vectors is a struct with its loop in an inlined method: a closure may stay a function of its own,
/// which knows nothing of vector units.
struct Taking<'a> {
    values: &'a [f32],
    pairs: &'a mut Vec<[i32; PAIRS]>,
    scales: &'a mut Vec<f32>,
}

impl WithSimd for Taking<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for values in self.values.as_chunks::<CHUNK>().0 {
            let (rounded, scale) = round(values);
            let mut words = [0; PAIRS];
            for (word, [left, right]) in words.iter_mut().zip(rounded.as_chunks::<2>().0) {
                // Little end first, as the vector units pair them.
                *word = i32::from(*left) & 0xFFFF | i32::from(*right) << 16;
            }
            self.pairs.push(words);
            self.scales.push(scale);
        }
    }
}

/// A chunk as integers in -127..=127 and what 1 is worth.
#[inline(always)]
pub fn round(values: &[f32; CHUNK]) -> ([i16; CHUNK], f32) {
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let scale = largest / 127.0;
    // Not a number and infinity end here too: such a chunk is worth nothing.
    if !(scale.is_normal()) {
        return ([0; CHUNK], 0.0);
    }
    let per = 1.0 / scale;
    // Adding and taking away 1.5 · 2^23 rounds to the nearest whole number, ties to even.
    let magic = 12_582_912.0_f32;
    let mut rounded = [0; CHUNK];
    for (rounded, value) in rounded.iter_mut().zip(values) {
        let bits = (value * per + magic).to_bits();
        #[expect(clippy::cast_possible_truncation, reason = "it is in -127..=127")]
        let whole = bits.wrapping_sub(magic.to_bits()) as i16;
        *rounded = whole;
    }
    (rounded, scale)
}

/// One panel: `[chunks][16 pairs][32 outputs][2]` weights with `[chunks][32]` scales.
#[derive(Clone, Copy)]
pub struct Panel<'a> {
    /// The weights.
    pub weights: &'a [[i8; CHUNK * CHUNK]],
    /// Their scales.
    pub scales: &'a [[f32; CHUNK]],
}

/// `output[row] = input[row] · panel` for all rows of `input`; `output` is `[rows][32]`.
pub fn multiply_panel(arch: Arch, input: &Rounded, rows: usize, panel: Panel<'_>, output: &mut [f32]) {
    let output = output.as_chunks_mut::<CHUNK>().0;
    let mut done = 0;
    while done < rows {
        let Some(output) = output.get_mut(done..) else { return };
        done += match rows - done {
            1 => tile::<1, 4>(arch, input, rows, done, panel, output),
            2 => tile::<2, 4>(arch, input, rows, done, panel, output),
            3 => tile::<3, 2>(arch, input, rows, done, panel, output),
            4 => tile::<4, 2>(arch, input, rows, done, panel, output),
            5 => tile::<5, 2>(arch, input, rows, done, panel, output),
            _ => tile::<6, 2>(arch, input, rows, done, panel, output),
        };
    }
}

/// `ROWS` rows against a panel, `QUARTERS` of it at a time: so many sums as fit the 16 registers of AVX2.
fn tile<const ROWS: usize, const QUARTERS: usize>(
    arch: Arch,
    input: &Rounded,
    rows: usize,
    at: usize,
    panel: Panel<'_>,
    output: &mut [[f32; CHUNK]],
) -> usize {
    let mut sums = [[0.0; CHUNK]; ROWS];
    match arch {
        #[cfg(target_arch = "x86_64")]
        Arch::V3(simd) => {
            simd.vectorize(wide::Tile::<ROWS, QUARTERS> { simd, input, rows, at, panel, sums: &mut sums });
        }
        _ => plain::<ROWS>(input, rows, at, panel, &mut sums),
    }
    for (output, sum) in output.iter_mut().zip(sums) {
        *output = sum;
    }
    ROWS
}

/// The words and scales of `ROWS` rows in a chunk.
#[inline(always)]
fn inputs<const ROWS: usize>(
    input: &Rounded,
    rows: usize,
    at: usize,
    chunk: usize,
) -> Option<(&[[i32; PAIRS]; ROWS], &[f32; ROWS])> {
    let from = chunk * rows + at;
    let words = input.pairs.get(from..from + ROWS)?;
    let scales = input.scales.get(from..from + ROWS)?;
    Some((words.try_into().ok()?, scales.try_into().ok()?))
}

/// For every machine; the same numbers bit for bit as the wide one, which the tests compare.
fn plain<const ROWS: usize>(
    input: &Rounded,
    rows: usize,
    at: usize,
    panel: Panel<'_>,
    sums: &mut [[f32; CHUNK]; ROWS],
) {
    for (chunk, (weights, scales)) in panel.weights.iter().zip(panel.scales).enumerate() {
        let Some((words, worth)) = inputs::<ROWS>(input, rows, at, chunk) else { return };
        for ((words, worth), sums) in words.iter().zip(worth).zip(sums.iter_mut()) {
            let mut whole = [0_i32; CHUNK];
            for (word, weights) in words.iter().zip(weights.as_chunks::<{ 2 * CHUNK }>().0) {
                #[expect(clippy::cast_possible_truncation, reason = "a word is two numbers of 16 bits")]
                let (first, second) = (i32::from(*word as i16), i32::from((*word >> 16) as i16));
                for (whole, [left, right]) in whole.iter_mut().zip(weights.as_chunks::<2>().0) {
                    *whole = whole
                        .wrapping_add(first.wrapping_mul(i32::from(*left)))
                        .wrapping_add(second.wrapping_mul(i32::from(*right)));
                }
            }
            for ((sum, whole), scale) in sums.iter_mut().zip(whole).zip(scales) {
                // Never more than 32 · 127².
                *sum = (whole as f32).mul_add(scale * worth, *sum);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    //! AVX2: 16 products and 8 sums an instruction.

    use pulp::x86::V3;
    use pulp::{NullaryFnOnce, cast, f32x8, i8x16, i16x16};

    use super::{CHUNK, Panel, Rounded, inputs};

    pub struct Tile<'a, const ROWS: usize, const QUARTERS: usize> {
        pub simd: V3,
        pub input: &'a Rounded,
        pub rows: usize,
        pub at: usize,
        pub panel: Panel<'a>,
        pub sums: &'a mut [[f32; CHUNK]; ROWS],
    }

    impl<const ROWS: usize, const QUARTERS: usize> NullaryFnOnce for Tile<'_, ROWS, QUARTERS> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            let Self { simd, input, rows, at, panel, sums: out } = self;
            for part in 0..4 / QUARTERS {
                let mut sums = [[simd.splat_f32x8(0.0); QUARTERS]; ROWS];
                for (chunk, (weights, scales)) in panel.weights.iter().zip(panel.scales).enumerate() {
                    let Some((words, worth)) = inputs::<ROWS>(input, rows, at, chunk) else { return };
                    let mut whole = [[simd.splat_i32x8(0); QUARTERS]; ROWS];
                    for (pair, weights) in weights.as_chunks::<{ 2 * CHUNK }>().0.iter().enumerate() {
                        let weights: &[[i8; 16]; 4] = cast_quarters(weights);
                        let mut wide = [simd.splat_i16x16(0); QUARTERS];
                        for (quarter, wide) in wide.iter_mut().enumerate() {
                            let weights = weights[part * QUARTERS + quarter];
                            *wide = simd.convert_i8x16_to_i16x16(cast::<[i8; 16], i8x16>(weights));
                        }
                        for (whole, words) in whole.iter_mut().zip(words) {
                            let word: i16x16 = cast(simd.splat_i32x8(words[pair]));
                            for (whole, wide) in whole.iter_mut().zip(wide) {
                                let products = simd.multiply_wrapping_add_adjacent_i16x16(wide, word);
                                *whole = simd.wrapping_add_i32x8(*whole, products);
                            }
                        }
                    }
                    let scales: &[[f32; 8]] = scales.as_chunks::<8>().0;
                    for ((sums, whole), worth) in sums.iter_mut().zip(whole).zip(worth) {
                        let worth = simd.splat_f32x8(*worth);
                        let scales = scales.iter().skip(part * QUARTERS);
                        for ((sum, whole), scale) in sums.iter_mut().zip(whole).zip(scales) {
                            let scale = simd.mul_f32x8(cast::<[f32; 8], f32x8>(*scale), worth);
                            *sum = simd.mul_add_f32x8(simd.convert_i32x8_to_f32x8(whole), scale, *sum);
                        }
                    }
                }
                for (out, sums) in out.iter_mut().zip(sums) {
                    let out = out.as_chunks_mut::<8>().0.iter_mut().skip(part * QUARTERS);
                    for (out, sum) in out.zip(sums) {
                        *out = cast::<f32x8, [f32; 8]>(sum);
                    }
                }
            }
        }
    }

    /// The weights of a pair of inputs, eight outputs each.
    #[inline(always)]
    fn cast_quarters(weights: &[i8; 2 * CHUNK]) -> &[[i8; 16]; 4] {
        let quarters = weights.as_chunks::<16>().0;
        quarters.try_into().expect("64 is four times 16")
    }
}
