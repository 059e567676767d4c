//! What happens to every number by itself or along one row: norms, activations, softmax.

use pulp::{Arch, Simd, WithSimd};

use super::{CHUNK, padded};

/// Runs a block in the vector instructions of `arch`: the block becomes an inlined method of a struct that holds the
/// named values. A closure would do, were it always inlined; where it is not, it knows nothing of vector units.
macro_rules! in_vectors {
    ($arch:expr, ($($name:ident: $kind:ty),* $(,)?), $body:block) => {{
        struct Act<'a> { $($name: $kind,)* of: std::marker::PhantomData<&'a ()> }
        impl WithSimd for Act<'_> {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) {
                let Self { $($name,)* .. } = self;
                $body
            }
        }
        $arch.dispatch(Act { $($name,)* of: std::marker::PhantomData });
    }};
}

/// `e^x` to seven digits, in operations that vector units have: 2^n · 2^f with a polynomial for the fraction.
#[inline(always)]
#[must_use]
pub fn exp(x: f32) -> f32 {
    // Beyond these the result is not a normal float.
    let x = x.clamp(-87.0, 88.0);
    // Adding and taking away 1.5 · 2^23 rounds to the nearest whole number.
    let magic = 12_582_912.0_f32;
    let shifted = x.mul_add(std::f32::consts::LOG2_E, magic);
    let whole = shifted - magic;
    // ln 2 in two parts (Cody & Waite 1980): the first has few bits, so that the product is exact.
    let rest = whole.mul_add(-0.693_359_4, x);
    let rest = whole.mul_add(2.121_944_4e-4, rest);
    // The Taylor series to the seventh power, within one unit in the last place for |rest| <= ln 2 / 2.
    let mut sum = 1.0 / 5040.0;
    for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = rest.mul_add(sum, factor);
    }
    let power = (shifted.to_bits().wrapping_sub(magic.to_bits())).wrapping_add(127) << 23;
    sum * f32::from_bits(power)
}

/// The hyperbolic tangent by [`exp`].
#[inline(always)]
#[must_use]
pub fn tanh(x: f32) -> f32 {
    let power = exp(-2.0 * x.abs());
    ((1.0 - power) / (1.0 + power)).copysign(x)
}

/// What a network bends its numbers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x · sigmoid(x) (Elfwing et al. 2017): Llama, Qwen, Phi.
    Silu,
    /// x · Φ(x) by the hyperbolic tangent (Hendrycks & Gimpel 2016): Gemma.
    Gelu,
}

impl Activation {
    #[inline(always)]
    fn of(self, x: f32) -> f32 {
        match self {
            Self::Silu => x / (1.0 + exp(-x)),
            Self::Gelu => {
                let inner = 0.797_884_6 * (0.044_715 * x * x).mul_add(x, x);
                0.5 * x * (1.0 + tanh(inner))
            }
        }
    }
}

/// `gate = activation(gate) · up`.
pub fn gated(arch: Arch, activation: Activation, gate: &mut [f32], up: &[f32]) {
    in_vectors!(arch, (activation: Activation, gate: &'a mut [f32], up: &'a [f32]), {
        for (gate, up) in gate.iter_mut().zip(up) {
            *gate = activation.of(*gate) * up;
        }
    });
}

/// `sum += addend`.
pub fn add(arch: Arch, sum: &mut [f32], addend: &[f32]) {
    in_vectors!(arch, (sum: &'a mut [f32], addend: &'a [f32]), {
        for (sum, addend) in sum.iter_mut().zip(addend) {
            *sum += addend;
        }
    });
}

/// Adds a number to each column of `[chunks][rows][32]`.
pub fn add_to_columns(arch: Arch, values: &mut [f32], rows: usize, bias: &[f32]) {
    in_vectors!(arch, (values: &'a mut [f32], rows: usize, bias: &'a [f32]), {
        for (values, bias) in values.chunks_exact_mut((rows * CHUNK).max(1)).zip(bias.as_chunks::<CHUNK>().0) {
            for values in values.as_chunks_mut::<CHUNK>().0 {
                for (value, bias) in values.iter_mut().zip(bias) {
                    *value += bias;
                }
            }
        }
    });
}

/// Root-mean-square norm (Zhang & Sennrich 2019) of every row of `[chunks][rows][32]` over its first `width` columns,
/// times `weight`, which is padded with zeros.
pub fn norm(arch: Arch, input: &[f32], rows: usize, width: usize, weight: &[f32], epsilon: f32, output: &mut [f32]) {
    in_vectors!(arch, (input: &'a [f32], rows: usize, width: usize, weight: &'a [f32], epsilon: f32, output: &'a mut [f32]), {
        let chunks = padded(width) / CHUNK;
        let (input, output) = (input.as_chunks::<CHUNK>().0, output.as_chunks_mut::<CHUNK>().0);
        let weight = weight.as_chunks::<CHUNK>().0;
        for row in 0..rows {
            // Lane by lane, so that the sum is made in vectors; padding is 0 and adds nothing.
            let mut lanes = [0.0_f32; CHUNK];
            for chunk in 0..chunks {
                for (lane, value) in lanes.iter_mut().zip(input[chunk * rows + row]) {
                    *lane = value.mul_add(value, *lane);
                }
            }
            let mean = lanes.iter().sum::<f32>() / width as f32;
            let scale = 1.0 / (mean + epsilon).sqrt();
            for (chunk, weight) in weight.iter().enumerate().take(chunks) {
                let at = chunk * rows + row;
                for ((output, value), weight) in output[at].iter_mut().zip(input[at]).zip(weight) {
                    *output = value * scale * weight;
                }
            }
        }
    });
}

/// Softmax of one row of `[chunks][rows][32]` over the columns `from..to`; the others become 0. Before it every number
/// is scaled, and bent to ±`cap` where there is one.
pub fn softmax(arch: Arch, values: &mut [f32], rows: usize, row: usize, (from, to): (usize, usize), bend: Bend) {
    in_vectors!(arch, (values: &'a mut [f32], rows: usize, row: usize, from: usize, to: usize, bend: Bend), {
        let values = values.as_chunks_mut::<CHUNK>().0;
        let mut largest = [f32::NEG_INFINITY; CHUNK];
        for (chunk, values) in values.iter_mut().skip(row).step_by(rows).enumerate() {
            // The columns of this chunk that count.
            let (begin, end) = (from.saturating_sub(chunk * CHUNK), to.saturating_sub(chunk * CHUNK).min(CHUNK));
            for value in values.iter_mut() {
                *value *= bend.scale;
            }
            if let Some(cap) = bend.cap {
                for value in values.iter_mut() {
                    *value = cap * tanh(*value / cap);
                }
            }
            if begin > 0 || end < CHUNK {
                for (at, value) in values.iter_mut().enumerate() {
                    if at < begin || at >= end {
                        *value = f32::NEG_INFINITY;
                    }
                }
            }
            for (largest, value) in largest.iter_mut().zip(values.iter()) {
                *largest = largest.max(*value);
            }
        }
        let largest = largest.iter().fold(f32::NEG_INFINITY, |largest, lane| largest.max(*lane));
        let mut sums = [0.0_f32; CHUNK];
        for values in values.iter_mut().skip(row).step_by(rows) {
            for (sum, value) in sums.iter_mut().zip(values.iter_mut()) {
                // Columns that do not count are infinitely far below: `exp` would give them a trifle.
                *value = if *value == f32::NEG_INFINITY { 0.0 } else { exp(*value - largest) };
                *sum += *value;
            }
        }
        let sum = sums.iter().sum::<f32>();
        let per = if sum > 0.0 { 1.0 / sum } else { 0.0 };
        for values in values.iter_mut().skip(row).step_by(rows) {
            for value in values.iter_mut() {
                *value *= per;
            }
        }
    });
}

/// What is done to scores before a softmax.
#[derive(Clone, Copy, Debug)]
pub struct Bend {
    /// They are multiplied by this.
    pub scale: f32,
    /// And bent to ± this (Gemma 2).
    pub cap: Option<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_tanh_agree_with_the_standard_library() {
        for at in -8_000..=8_000 {
            let x = at as f32 / 100.0;
            let off = (exp(x) / x.exp() - 1.0).abs();
            assert!(off < 3e-7, "exp({x}) is off by {off}");
            let off = (tanh(x) - x.tanh()).abs();
            assert!(off < 3e-7, "tanh({x}) is off by {off}");
        }
        assert!(exp(-1e30) < 1e-37 && exp(f32::NEG_INFINITY) < 1e-37 && exp(1e30).is_finite());
    }

    #[test]
    fn softmax_counts_only_the_columns_it_is_given() {
        let rows = 2;
        let mut values: Vec<f32> = (0..64 * rows).map(|at| at as f32 % 7.0).collect();
        let before = values.clone();
        let (from, to) = (5, 40);
        softmax(Arch::new(), &mut values, rows, 1, (from, to), Bend { scale: 0.5, cap: Some(3.0) });
        let wanted: Vec<f64> = (0..64)
            .map(|column| {
                let score = f64::from(before[super::super::place(column, 1, rows)]) * 0.5;
                if (from..to).contains(&column) { (3.0 * (score / 3.0).tanh()).exp() } else { 0.0 }
            })
            .collect();
        let sum: f64 = wanted.iter().sum();
        for (column, wanted) in wanted.iter().enumerate() {
            let found = f64::from(values[super::super::place(column, 1, rows)]);
            assert!((found - wanted / sum).abs() < 1e-6, "column {column}: {found} for {}", wanted / sum);
            let other = super::super::place(column, 0, rows);
            assert_eq!(values[other].to_bits(), before[other].to_bits(), "the other row was touched");
        }
    }
}
