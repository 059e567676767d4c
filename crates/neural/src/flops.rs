//! What an answer costs in floating-point operations, by formulas that hold for any decoder.
//!
//! A multiplication and an addition are two. For N weights that are multiplied (the head with them), L layers and A
//! numbers in all heads together, a token at position t costs `2·N + 4·L·A·t`: each weight once, and each earlier
//! token's key and value once in every layer. A prompt of S tokens costs `2·(N − V·d)·S + 2·V·d + 2·L·A·S·(S+1)`,
//! because its positions sum up and only its last token passes the head (Kaplan et al. 2020, appendix B, with attention
//! counted as it is and not left out).

use crate::shape::Shape;

/// The terms of the formulas for one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Weights that are multiplied for a token, the output head's included.
    pub weights: u64,
    /// Those of the output head.
    pub head: u64,
    /// Layers.
    pub layers: u64,
    /// Numbers of all heads together.
    pub attention: u64,
}

impl From<&Shape> for Terms {
    fn from(shape: &Shape) -> Self {
        Self {
            weights: shape.weights(),
            head: shape.head_weights(),
            layers: shape.layers.len() as u64,
            attention: shape.heads as u64 * shape.head as u64,
        }
    }
}

impl Terms {
    /// A token that is generated at this position, counted from 1: it sees so many, itself included.
    #[must_use]
    pub fn token(self, position: u64) -> u64 {
        let seen = 4_u64.saturating_mul(self.layers).saturating_mul(self.attention).saturating_mul(position);
        self.weights.saturating_mul(2).saturating_add(seen)
    }

    /// A prompt of so many tokens, of which only the last passes the head.
    #[must_use]
    pub fn prompt(self, tokens: u64) -> u64 {
        if tokens == 0 {
            return 0;
        }
        let body = 2_u64.saturating_mul(self.weights.saturating_sub(self.head)).saturating_mul(tokens);
        let seen = 2_u64
            .saturating_mul(self.layers)
            .saturating_mul(self.attention)
            .saturating_mul(tokens)
            .saturating_mul(tokens.saturating_add(1));
        body.saturating_add(self.head.saturating_mul(2)).saturating_add(seen)
    }

    /// A prompt and what is generated after it. The first generated token comes with the prompt; each further one is
    /// read at the next position.
    #[must_use]
    pub fn answer(self, prompt: u64, generated: u64) -> u64 {
        if generated <= 1 {
            return self.prompt(prompt);
        }
        let more = generated - 1;
        // The positions prompt+1 ..= prompt+more, summed.
        let positions = more.saturating_mul(prompt).saturating_add(more.saturating_mul(more.saturating_add(1)) / 2);
        let seen = 4_u64.saturating_mul(self.layers).saturating_mul(self.attention).saturating_mul(positions);
        let weights = self.weights.saturating_mul(2).saturating_mul(more);
        self.prompt(prompt).saturating_add(weights).saturating_add(seen)
    }
}

/// Model FLOPs of an answer: `prompt` tokens read and `generated` written.
///
/// ```
/// use quid_neural::flops::Terms;
/// // Llama 3.1 8B: 7.5 billion weights are multiplied for a token, whatever the context.
/// let llama = Terms { weights: 7_504_658_432, head: 525_336_576, layers: 32, attention: 4096 };
/// assert_eq!(llama.token(0), 15_009_316_864);
/// assert_eq!(llama.token(8192) - llama.token(0), 4 * 32 * 4096 * 8192);
/// ```
#[must_use]
pub fn flops(shape: &Shape, prompt: u64, generated: u64) -> u64 {
    Terms::from(shape).answer(prompt, generated)
}

/// An encoder over a text of so many tokens: `2·N·S + 4·L·A·S²`, as every token sees every other.
#[must_use]
pub fn encoder(weights: u64, layers: u64, attention: u64, tokens: u64) -> u64 {
    let body = 2_u64.saturating_mul(weights).saturating_mul(tokens);
    let seen = 4_u64.saturating_mul(layers).saturating_mul(attention).saturating_mul(tokens).saturating_mul(tokens);
    body.saturating_add(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Terms = Terms { weights: 1000, head: 300, layers: 2, attention: 8 };

    #[test]
    fn an_answer_is_its_prompt_and_each_further_token() {
        for prompt in [1, 2, 17, 300] {
            for generated in [1, 2, 3, 40] {
                let one_by_one: u64 = (1..generated).map(|more| SMALL.token(prompt + more)).sum();
                assert_eq!(SMALL.answer(prompt, generated), SMALL.prompt(prompt) + one_by_one);
            }
        }
    }

    #[test]
    fn a_prompt_is_its_tokens_without_all_heads_but_the_last() {
        for prompt in [1, 2, 17, 300] {
            let tokens: u64 = (1..=prompt).map(|at| SMALL.token(at)).sum();
            assert_eq!(SMALL.prompt(prompt), tokens - 2 * SMALL.head * (prompt - 1));
        }
        assert_eq!(SMALL.prompt(0), 0);
    }

    #[test]
    fn what_nobody_could_compute_ends_at_the_largest_number() {
        let vast = Terms { weights: u64::MAX, head: 0, layers: u64::MAX, attention: u64::MAX };
        assert_eq!(vast.answer(u64::MAX, u64::MAX), u64::MAX);
    }
}
