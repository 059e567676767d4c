//! Writing: one token after the other, or a few at once where the text repeats itself.
//!
//! What a model answers from its prompt is mostly copied from it. So the words that followed the same words before are
//! guessed and read together with the last token, which costs hardly more than reading that one alone; as many as the
//! model would have written are kept (Leviathan et al. 2023; Saxena 2023, "prompt lookup"). The text is the same as
//! without guessing, bit for bit, since a token's logits do not depend on what is read beside it.

use std::ops::ControlFlow;

use crate::decoder::{Cache, Decoder, Legal, Scratch, Wanted};
use crate::kernel::Workers;
use crate::problem::{Problem, Result};

/// How something is written.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// At most so many tokens.
    pub most: usize,
    /// Only these tokens.
    pub legal: Option<&'a Legal>,
    /// 0: always the likeliest. Else logits are divided by it before one is drawn.
    pub temperature: f32,
    /// Where the chance of drawing begins; the same seed draws the same.
    pub seed: u64,
    /// Whether repetitions are guessed. Only where nothing is drawn.
    pub guess: bool,
}

impl Default for Manner<'_> {
    fn default() -> Self {
        Self { most: 256, legal: None, temperature: 0.0, seed: 0, guess: true }
    }
}

/// What it took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Written {
    /// Tokens of the prompt.
    pub prompt: usize,
    /// Of these, how many were still known from the prompt before.
    pub known: usize,
    /// Tokens written, without the one that ended it.
    pub tokens: usize,
    /// Passes over the weights that they took; fewer than tokens where guesses were right.
    pub passes: usize,
    /// Tokens that were read: the prompt's unknown ones, those written, and guesses that were wrong.
    pub read: usize,
    /// The mean probability of the written tokens, in 0..=1 (the geometric mean).
    pub probability: f64,
}

/// A decoder at work: its cache and the room it computes in.
#[derive(Debug)]
pub struct Writer {
    cache: Cache,
    scratch: Scratch,
    workers: Workers,
}

/// Words that must have come before for what followed them to be guessed.
const GRAM: usize = 3;
/// Words that are guessed at once: four tokens cost hardly more than one to read.
const GUESSES: usize = 3;

impl Writer {
    /// One for that decoder, with room for so many tokens of prompt and answer.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(decoder: &Decoder, tokens: usize, threads: Option<usize>) -> Result<Self> {
        let workers = Workers::new(threads, decoder.shape.weights())?;
        Ok(Self { cache: Cache::new(&decoder.shape, tokens), scratch: Scratch::default(), workers })
    }

    /// How many threads work.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.workers.count()
    }

    /// How many tokens of prompt and answer fit.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.cache.capacity()
    }

    /// Continues a prompt until `ends` says that a token ends it, `most` is reached, the room is full, or `tell` breaks.
    ///
    /// # Errors
    /// When the prompt does not fit.
    pub fn write(
        &mut self,
        decoder: &Decoder,
        prompt: &[u32],
        manner: Manner<'_>,
        ends: &dyn Fn(u32) -> bool,
        tell: &mut dyn FnMut(u32) -> ControlFlow<()>,
    ) -> Result<Written> {
        if prompt.is_empty() {
            return Err(Problem::Words { why: "nothing to go on from".to_owned() });
        }
        if prompt.len() >= self.cache.capacity() {
            return Err(Problem::TooLong { asked: prompt.len() + 1, context: self.cache.capacity() });
        }
        let Self { cache, scratch, workers } = self;
        let vocabulary = decoder.shape.vocabulary;
        let mut written = Written { prompt: prompt.len(), known: cache.keep_common(prompt), ..Written::default() };
        let fresh = prompt.get(written.known..).unwrap_or_default();
        decoder.forward(fresh, Wanted::Last, manner.legal, cache, scratch, workers)?;
        written.read = fresh.len();

        let mut chance = manner.seed;
        let mut told = prompt.to_vec();
        let mut likelihood = 0.0;
        let mut next = pick(scratch.logits(0, vocabulary), manner, &mut chance);
        let mut ahead: Vec<u32> = Vec::with_capacity(GUESSES + 1);
        while let Some((token, probability)) = next {
            if ends(token) || written.tokens == manner.most {
                break;
            }
            likelihood += probability.max(f64::MIN_POSITIVE).ln();
            written.tokens += 1;
            told.push(token);
            if tell(token).is_break() || told.len() >= cache.capacity() || written.tokens == manner.most {
                break;
            }
            // The token itself, and what followed when the last words stood here before.
            ahead.clear();
            ahead.push(token);
            if manner.guess && manner.temperature <= 0.0 {
                let room = (cache.capacity() - told.len()).min(manner.most - written.tokens).min(GUESSES);
                ahead.extend(repeated(&told, room));
            }
            let wanted = if ahead.len() == 1 { Wanted::Last } else { Wanted::All };
            decoder.forward(&ahead, wanted, manner.legal, cache, scratch, workers)?;
            written.passes += 1;
            written.read += ahead.len();
            next = pick(scratch.logits(0, vocabulary), manner, &mut chance);
            let mut right = 1;
            let mut stopped = false;
            for guess in ahead.iter().skip(1) {
                let Some((token, probability)) = next else { break };
                if token != *guess || ends(token) {
                    break;
                }
                likelihood += probability.max(f64::MIN_POSITIVE).ln();
                written.tokens += 1;
                told.push(token);
                right += 1;
                stopped = tell(token).is_break();
                next = pick(scratch.logits(right - 1, vocabulary), manner, &mut chance);
                if stopped {
                    break;
                }
            }
            // Guesses that were wrong are forgotten.
            cache.rewind(cache.tokens().len() - (ahead.len() - right));
            if stopped {
                break;
            }
        }
        if written.tokens > 0 {
            written.probability = (likelihood / written.tokens as f64).exp();
        }
        Ok(written)
    }
}

/// What followed the last words when they stood in the text before, the latest time: at most so many.
fn repeated(text: &[u32], most: usize) -> impl Iterator<Item = u32> {
    let gram = text.len().checked_sub(GRAM).and_then(|from| text.get(from..)).unwrap_or_default();
    let before = text.len().saturating_sub(1);
    let found = if gram.is_empty() || most == 0 {
        None
    } else {
        text.get(..before).and_then(|before| before.windows(GRAM).rposition(|words| words == gram))
    };
    let after = found.and_then(|at| text.get(at + GRAM..)).unwrap_or_default();
    after.iter().copied().take(most)
}

/// The likeliest token, or one drawn by chance; with its probability. Nothing where no token is legal.
fn pick(logits: &[f32], manner: Manner<'_>, chance: &mut u64) -> Option<(u32, f64)> {
    let mut best = (0, f32::NEG_INFINITY);
    for (token, logit) in (0_u32..).zip(logits) {
        if *logit > best.1 {
            best = (token, *logit);
        }
    }
    if best.1 == f32::NEG_INFINITY {
        return None;
    }
    let warmth = if manner.temperature > 0.0 { f64::from(manner.temperature) } else { 1.0 };
    let weight = |logit: f32| (f64::from(logit - best.1) / warmth).exp();
    // Logits far below the best weigh nothing, and are most: they are not worth an exponential.
    let near = |logit: &&f32| f64::from(best.1 - **logit) < 30.0 * warmth;
    let sum: f64 = logits.iter().filter(near).map(|logit| weight(*logit)).sum();
    if manner.temperature <= 0.0 {
        return Some((best.0, 1.0 / sum));
    }
    // SplitMix64 (Steele et al. 2014).
    *chance = chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*chance ^ (*chance >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let mut left = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 * sum;
    for (token, logit) in (0_u32..).zip(logits).filter(|(_, logit)| near(logit)) {
        left -= weight(*logit);
        if left <= 0.0 {
            return Some((token, weight(*logit) / sum));
        }
    }
    Some((best.0, 1.0 / sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_followed_the_same_words_is_guessed() {
        for (text, most, wanted) in [
            (&[1, 2, 3, 4, 5, 1, 2, 3][..], 3, &[4, 5, 1][..]),
            (&[1, 2, 3, 4, 5, 1, 2, 3], 1, &[4]),
            // The latest time counts.
            (&[1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3], 1, &[5]),
            (&[1, 2, 3, 4, 5], 3, &[]),
            (&[7, 7, 7, 7, 7], 3, &[7]),
            (&[1, 2], 3, &[]),
            (&[1, 2, 3, 4, 5, 1, 2, 3], 0, &[]),
        ] {
            assert_eq!(repeated(text, most).collect::<Vec<_>>(), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_token_is_drawn_as_often_as_it_is_likely_and_the_same_for_the_same_seed() {
        let logits = [0.0, 2.0_f32.ln(), f32::NEG_INFINITY, 5.0_f32.ln()];
        let manner = Manner { temperature: 1.0, ..Manner::default() };
        let mut counts = [0; 4];
        let mut chance = 1;
        for _ in 0..8000 {
            counts[pick(&logits, manner, &mut chance).expect("one is legal").0 as usize] += 1;
        }
        assert!((counts[0] - 1000_i32).abs() < 150 && (counts[1] - 2000).abs() < 200 && counts[2] == 0, "{counts:?}");
        let (mut one, mut other) = (9, 9);
        assert_eq!(pick(&logits, manner, &mut one), pick(&logits, manner, &mut other));
        let (token, probability) = pick(&logits, Manner::default(), &mut 0).expect("one is legal");
        assert!(token == 3 && (probability - 5.0 / 8.0).abs() < 1e-6, "{token} with {probability}");
        assert_eq!(pick(&[f32::NEG_INFINITY; 2], manner, &mut 0), None);
    }
}
