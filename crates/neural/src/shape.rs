//! The shape of a decoder: its sizes, and by which turns its family departs from Llama.
//!
//! One forward pass serves all families because they differ in a handful of places; these are named here, and no other
//! file asks which family a model is of.

use crate::kernel::elementwise::Activation;

/// Families of decoders that are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Llama 1 to 3, SmolLM2, Mistral without its window, and all that copy them.
    Llama,
    /// Qwen 2 and 2.5: biases on queries, keys and values.
    Qwen2,
    /// Qwen 3: norms on queries and keys.
    Qwen3,
    /// Gemma 1: norms around 1, scaled embeddings, GELU.
    Gemma,
    /// Gemma 2: norms after each half too, bent scores, every other layer sees a window.
    Gemma2,
    /// Gemma 3, text only: as Gemma 2 with norms on queries and keys instead of bent scores.
    Gemma3,
    /// Phi 3 and 4 mini: fused projections.
    Phi3,
}

impl Family {
    /// Every family with its name in configurations and in GGUF.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Llama, "llama", "llama"),
        (Self::Qwen2, "qwen2", "qwen2"),
        (Self::Qwen3, "qwen3", "qwen3"),
        (Self::Gemma, "gemma", "gemma"),
        (Self::Gemma2, "gemma2", "gemma2"),
        (Self::Gemma3, "gemma3_text", "gemma3"),
        (Self::Phi3, "phi3", "phi3"),
    ];

    /// Its name, for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(family, ..)| *family == self).map_or("llama", |(_, _, name)| name)
    }

    /// Whether queries and keys are normed before they are turned.
    #[must_use]
    pub fn norms_queries(self) -> bool {
        matches!(self, Self::Qwen3 | Self::Gemma3)
    }

    /// Whether what attention and the network give is normed before it is added.
    #[must_use]
    pub fn norms_after(self) -> bool {
        matches!(self, Self::Gemma2 | Self::Gemma3)
    }

    /// Whether it is one of the Gemmas, whose norms are kept around 0 in safetensors.
    #[must_use]
    pub fn is_gemma(self) -> bool {
        matches!(self, Self::Gemma | Self::Gemma2 | Self::Gemma3)
    }
}

/// How far each pair of a head's numbers is turned for each position (Su et al. 2021).
#[derive(Clone, Debug, PartialEq)]
pub struct Turning {
    /// Radians a position, one for each pair; pairs that are not here are not turned.
    pub angles: Vec<f32>,
    /// What sines and cosines are multiplied by (1 except for stretched contexts).
    pub scale: f32,
}

impl Turning {
    /// The plain frequencies: base^(-2i/d). Of more numbers than a head can have, only so many.
    #[must_use]
    pub fn plain(base: f32, turned: usize) -> Self {
        let turned = turned.min(LARGEST_HEAD);
        let angles = (0..turned / 2).map(|at| 1.0 / base.powf((2 * at) as f32 / turned as f32)).collect();
        Self { angles, scale: 1.0 }
    }
}

/// Numbers in a head, in any model that exists and some that do not.
const LARGEST_HEAD: usize = 1 << 12;

/// What a layer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// How many of the last tokens, itself included; all where there is none.
    pub window: Option<usize>,
    /// Which of the shape's [`Turning`]s it uses.
    pub turning: usize,
}

/// A decoder's description.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Where it departs from Llama.
    pub family: Family,
    /// Tokens it knows.
    pub vocabulary: usize,
    /// Numbers a token is.
    pub width: usize,
    /// Heads that ask.
    pub heads: usize,
    /// Heads that are asked; each serves `heads / key_heads`.
    pub key_heads: usize,
    /// Numbers in a head.
    pub head: usize,
    /// Numbers between the two halves of the network.
    pub hidden: usize,
    /// Tokens it can read at once.
    pub context: usize,
    /// What keeps norms from dividing by zero.
    pub epsilon: f32,
    /// How the network bends.
    pub activation: Activation,
    /// How positions are told.
    pub turnings: Vec<Turning>,
    /// One for each layer.
    pub layers: Vec<Sight>,
    /// What scores are multiplied by.
    pub score_scale: f32,
    /// To what scores are bent.
    pub score_cap: Option<f32>,
    /// To what logits are bent.
    pub logit_cap: Option<f32>,
    /// What embeddings are multiplied by.
    pub embedding_scale: f32,
    /// Whether the embedding is the output head too.
    pub tied: bool,
}

impl Shape {
    /// Why this cannot be a model, if it cannot: sizes that are zero, do not divide each other, or are beyond any
    /// that exists. Asked before anything is allocated.
    ///
    /// # Errors
    /// What does not fit.
    pub fn check(&self) -> Result<(), String> {
        let sizes = [
            ("vocabulary", self.vocabulary, 1 << 22),
            ("width", self.width, 1 << 16),
            ("heads", self.heads, 1 << 10),
            ("key heads", self.key_heads, 1 << 10),
            ("head size", self.head, LARGEST_HEAD),
            ("hidden size", self.hidden, 1 << 18),
            ("context", self.context, 1 << 24),
            ("layers", self.layers.len(), 1 << 10),
        ];
        for (what, size, most) in sizes {
            if size == 0 || size > most {
                return Err(format!("{what} is {size}, not in 1..={most}"));
            }
        }
        if !self.heads.is_multiple_of(self.key_heads) {
            return Err(format!("{} heads cannot share {} key heads", self.heads, self.key_heads));
        }
        for sight in &self.layers {
            let Some(turning) = self.turnings.get(sight.turning) else {
                return Err("a layer's positions are not described".to_owned());
            };
            if 2 * turning.angles.len() > self.head {
                return Err(format!("{} pairs are turned in a head of {}", turning.angles.len(), self.head));
            }
            if sight.window == Some(0) {
                return Err("a layer sees nothing".to_owned());
            }
        }
        let numbers = [self.epsilon, self.score_scale, self.embedding_scale];
        if !numbers.iter().all(|number| number.is_finite()) || self.epsilon < 0.0 {
            return Err("a constant is not a number".to_owned());
        }
        Ok(())
    }

    /// Weights of one layer that are multiplied with every token.
    #[must_use]
    pub fn layer_weights(&self) -> u64 {
        let size = |number: usize| number as u64;
        let attention = size(self.width) * size(self.head) * size(2 * self.heads + 2 * self.key_heads);
        attention + 3 * size(self.width) * size(self.hidden)
    }

    /// Weights of the output head.
    #[must_use]
    pub fn head_weights(&self) -> u64 {
        self.vocabulary as u64 * self.width as u64
    }

    /// All weights that are multiplied for a token, the head's included.
    #[must_use]
    pub fn weights(&self) -> u64 {
        self.layers.len() as u64 * self.layer_weights() + self.head_weights()
    }

    /// All weights that are kept: the embedding counts again where it is not the head.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.weights() + if self.tied { 0 } else { self.head_weights() }
    }
}
