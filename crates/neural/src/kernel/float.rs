//! Products in 32-bit floats: a tile of rows against half a panel stays in registers over the whole sum.
//!
//! Goto & van de Geijn (2008), "Anatomy of high-performance matrix multiplication": the panel streams from the
//! second-level cache, the rows' numbers are broadcast from the first.

use pulp::{Arch, Simd, WithSimd};

use super::CHUNK;

/// `output[row][0..32] = input[row] · panel` for every row.
///
/// `input` is `[chunks][stride][32]` of which rows `first..first + rows` are taken; `panel` is
/// `[chunks · 32][32]`; `output` is `[rows][32]`.
pub fn multiply_panel(arch: Arch, input: Rows<'_>, panel: &[f32], output: &mut [f32]) {
    arch.dispatch(Product { input, panel, output });
}

/// Some rows of an activation.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// `[chunks][stride][32]`.
    pub values: &'a [f32],
    /// Rows that the activation has.
    pub stride: usize,
    /// The first row taken.
    pub first: usize,
    /// How many are taken.
    pub count: usize,
}

struct Product<'a> {
    input: Rows<'a>,
    panel: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { input, panel, output } = self;
        let panel = panel.as_chunks::<CHUNK>().0.as_chunks::<CHUNK>().0;
        let output = output.as_chunks_mut::<CHUNK>().0;
        let mut done = 0;
        while done < input.count {
            let at = input.first + done;
            let Some(output) = output.get_mut(done..) else { return };
            done += match input.count - done {
                // One row alone has too few sums to hide how long each takes: all columns at once.
                1 if 4 * S::F32_LANES <= CHUNK => tile::<S, 1, 4>(simd, input, at, panel, output),
                1 => tile::<S, 1, 2>(simd, input, at, panel, output),
                2 if 4 * S::F32_LANES <= CHUNK => tile::<S, 2, 4>(simd, input, at, panel, output),
                2 => tile::<S, 2, 2>(simd, input, at, panel, output),
                3 => tile::<S, 3, 2>(simd, input, at, panel, output),
                4 => tile::<S, 4, 2>(simd, input, at, panel, output),
                5 => tile::<S, 5, 2>(simd, input, at, panel, output),
                _ => tile::<S, 6, 2>(simd, input, at, panel, output),
            };
        }
    }
}

/// `ROWS` rows against a panel, `WIDE` registers of columns at a time: at most 12 sums, which fit the 16 registers of
/// AVX2. A sum is made in the same order whatever stands beside it.
#[inline(always)]
fn tile<S: Simd, const ROWS: usize, const WIDE: usize>(
    simd: S,
    input: Rows<'_>,
    at: usize,
    panel: &[[[f32; CHUNK]; CHUNK]],
    output: &mut [[f32; CHUNK]],
) -> usize {
    let zero = simd.splat_f32s(0.0);
    for part in 0..CHUNK / (WIDE * S::F32_LANES) {
        let mut sums = [[zero; WIDE]; ROWS];
        for (chunk, weights) in panel.iter().enumerate() {
            let from = (chunk * input.stride + at) * CHUNK;
            let Some(values) = input.values.get(from..from + ROWS * CHUNK) else { return ROWS };
            let Ok(values) = <&[[f32; CHUNK]; ROWS]>::try_from(values.as_chunks::<CHUNK>().0) else { return ROWS };
            for (k, weights) in weights.iter().enumerate() {
                let weights = &S::as_simd_f32s(weights).0[part * WIDE..(part + 1) * WIDE];
                for (sums, values) in sums.iter_mut().zip(values) {
                    let value = simd.splat_f32s(values[k]);
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = simd.mul_add_f32s(value, *weights, *sum);
                    }
                }
            }
        }
        for (sums, output) in sums.iter().zip(output.iter_mut()) {
            let output = S::as_mut_simd_f32s(output).0.iter_mut().skip(part * WIDE);
            for (output, sum) in output.zip(sums) {
                *output = *sum;
            }
        }
    }
    ROWS
}
