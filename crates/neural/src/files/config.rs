//! `config.json`: the description that comes with a folder of safetensors, in its older and newer spelling.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::kernel::elementwise::Activation;
use crate::problem::{Problem, Result};
use crate::shape::{Family, Shape, Sight, Turning};

use super::safetensors::text;

/// The settings that any model here asks for; what a family does not have is absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The family's name.
    pub model_type: String,
    /// Tokens it knows.
    pub vocab_size: usize,
    /// Numbers a token is.
    pub hidden_size: usize,
    /// Numbers between the halves of the network.
    pub intermediate_size: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// Heads.
    pub num_attention_heads: usize,
    /// Heads that are asked.
    pub num_key_value_heads: Option<usize>,
    /// Numbers in a head, where that is not the width by the heads.
    pub head_dim: Option<usize>,
    /// Tokens it reads at once.
    pub max_position_embeddings: usize,
    /// Kinds of token that BERT has.
    pub type_vocab_size: usize,
    /// For root-mean-square norms.
    pub rms_norm_eps: Option<f32>,
    /// For BERT's norms.
    pub layer_norm_eps: Option<f32>,
    /// How it bends: the older key.
    pub hidden_act: Option<String>,
    /// How it bends: Gemma's key, which holds where both are.
    pub hidden_activation: Option<String>,
    /// Whether the embedding is the head.
    pub tie_word_embeddings: Option<bool>,
    rope_theta: Option<f32>,
    rope_local_base_freq: Option<f32>,
    rope_scaling: Option<Value>,
    rope_parameters: Option<Value>,
    partial_rotary_factor: Option<f32>,
    original_max_position_embeddings: Option<usize>,
    sliding_window: Option<usize>,
    use_sliding_window: Option<bool>,
    max_window_layers: Option<usize>,
    layer_types: Option<Vec<String>>,
    sliding_window_pattern: Option<usize>,
    query_pre_attn_scalar: Option<f32>,
    attn_logit_softcapping: Option<f32>,
    final_logit_softcapping: Option<f32>,
    text_config: Option<Value>,
}

impl Settings {
    /// What the turning of positions is based on, where it is not scaled.
    #[must_use]
    pub fn rope_base(&self) -> f32 {
        self.rope_theta.unwrap_or(10_000.0)
    }

    /// Reads a `config.json`.
    ///
    /// # Errors
    /// When it cannot be read or is not one.
    pub fn read(path: &Path) -> Result<Self> {
        let damaged = |why: serde_json::Error| Problem::Damaged { path: path.to_owned(), why: why.to_string() };
        let read: Self = serde_json::from_str(&text(path)?).map_err(damaged)?;
        // Gemma 3 with eyes keeps the decoder's settings one level down.
        match read.text_config {
            Some(inner) if read.hidden_size == 0 => serde_json::from_value(inner).map_err(damaged),
            _ => Ok(read),
        }
    }
}

/// The shape of a decoder with these settings.
///
/// # Errors
/// When the family is not one of ours, or something in it is not.
pub fn decoder_shape(settings: &Settings) -> Result<Shape> {
    let kind = settings.model_type.as_str();
    let Some((family, ..)) = Family::ALL.into_iter().find(|(_, name, _)| *name == kind) else {
        return Err(Problem::Unsupported {
            what: format!("the model type `{kind}`"),
            hint: format!("known are {} and bert", Family::ALL.map(|(_, name, _)| name).join(", ")),
        });
    };
    let width = settings.hidden_size;
    let heads = settings.num_attention_heads;
    let gemma = family.is_gemma();
    let default_head = if gemma { 256 } else { width / heads.max(1) };
    let head = settings.head_dim.unwrap_or(default_head);
    let bend = settings.hidden_activation.as_deref().or(settings.hidden_act.as_deref());
    let activation = match bend {
        // The first Gemma says `gelu` and means this.
        _ if gemma => Activation::Gelu,
        Some("silu") | None => Activation::Silu,
        Some("gelu_pytorch_tanh") => Activation::Gelu,
        Some(other) => {
            let hint = "silu and gelu_pytorch_tanh are known".to_owned();
            return Err(Problem::Unsupported { what: format!("the activation `{other}`"), hint });
        }
    };
    if settings.num_hidden_layers > 1 << 10 || head == 0 {
        let why = format!("{} layers with heads of {head}", settings.num_hidden_layers);
        return Err(Problem::Unsupported { what: why, hint: "is this a configuration?".to_owned() });
    }
    let (turnings, layers) = positions(settings, family, head)?;
    let scalar = match family {
        Family::Gemma2 | Family::Gemma3 => settings.query_pre_attn_scalar.unwrap_or(256.0),
        _ => head as f32,
    };
    let gemma2 = family == Family::Gemma2;
    Ok(Shape {
        family,
        vocabulary: settings.vocab_size,
        width,
        heads,
        key_heads: settings.num_key_value_heads.unwrap_or(heads),
        head,
        hidden: settings.intermediate_size,
        context: context(settings),
        epsilon: settings.rms_norm_eps.unwrap_or(1e-6),
        activation,
        turnings,
        layers,
        score_scale: 1.0 / scalar.sqrt(),
        score_cap: settings.attn_logit_softcapping.or(gemma2.then_some(50.0)),
        logit_cap: settings.final_logit_softcapping.or(gemma2.then_some(30.0)),
        embedding_scale: if gemma { (width as f32).sqrt() } else { 1.0 },
        tied: settings.tie_word_embeddings.unwrap_or(gemma),
    })
}

/// Phi's longer contexts want other factors from the first token on; the original one is what is offered.
fn context(settings: &Settings) -> usize {
    let original = settings.original_max_position_embeddings;
    match original.filter(|_| settings.model_type == "phi3") {
        Some(original) => original.min(settings.max_position_embeddings),
        None => settings.max_position_embeddings,
    }
}

/// How positions are told, and what each layer sees.
fn positions(settings: &Settings, family: Family, head: usize) -> Result<(Vec<Turning>, Vec<Sight>)> {
    let told = settings.rope_parameters.as_ref().or(settings.rope_scaling.as_ref());
    // The newer spelling has one set for each kind of layer, where kinds differ.
    let of_kind = |kind: &str| told.map(|told| told.get(kind).unwrap_or(told));
    let real = |told: Option<&Value>, key: &str| told?.get(key)?.as_f64();
    let base = |told: Option<&Value>| real(told, "rope_theta").or(settings.rope_theta.map(f64::from));
    let partial = settings.partial_rotary_factor.map(f64::from).or_else(|| real(told, "partial_rotary_factor"));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a head")]
    let turned = (head as f64 * partial.unwrap_or(1.0).clamp(0.0, 1.0)) as usize;

    let global = of_kind("full_attention");
    #[expect(clippy::cast_possible_truncation, reason = "models compute in 32 bits")]
    let narrow = |base: Option<f64>, otherwise: f32| base.map_or(otherwise, |base| base as f32);
    let default_base = if family == Family::Gemma3 { 1_000_000.0 } else { 10_000.0 };
    let mut turning = Turning::plain(narrow(base(global), default_base), turned);
    stretch(&mut turning, global, settings)?;
    let mut turnings = vec![turning];
    if family == Family::Gemma3 {
        let local = told.and_then(|told| told.get("sliding_attention"));
        let base = real(local, "rope_theta").or(settings.rope_local_base_freq.map(f64::from));
        turnings.push(Turning::plain(narrow(base, 10_000.0), turned));
    }

    let window = settings.sliding_window.filter(|window| *window > 0);
    let pattern = settings.sliding_window_pattern.unwrap_or(6).max(1);
    let sights = (0..settings.num_hidden_layers).map(|at| {
        let kind = settings.layer_types.as_ref().and_then(|kinds| kinds.get(at));
        let near = match (kind, family) {
            (Some(kind), Family::Gemma2 | Family::Gemma3) => kind == "sliding_attention",
            (None, Family::Gemma2) => at.is_multiple_of(2),
            (None, Family::Gemma3) => !(at + 1).is_multiple_of(pattern),
            (_, Family::Phi3) => true,
            (kind, Family::Qwen2 | Family::Qwen3) if settings.use_sliding_window == Some(true) => match kind {
                Some(kind) => kind == "sliding_attention",
                None => at >= settings.max_window_layers.unwrap_or(28),
            },
            _ => false,
        };
        let turning = usize::from(near && family == Family::Gemma3);
        Sight { window: window.filter(|_| near), turning }
    });
    Ok((turnings, sights.collect()))
}

/// Contexts stretched beyond what was trained.
fn stretch(turning: &mut Turning, told: Option<&Value>, settings: &Settings) -> Result<()> {
    let Some(told) = told else { return Ok(()) };
    let kind = told.get("rope_type").or_else(|| told.get("type")).and_then(Value::as_str).unwrap_or("default");
    #[expect(clippy::cast_possible_truncation, reason = "models compute in 32 bits")]
    let real = |key: &str| told.get(key).and_then(Value::as_f64).map(|number| number as f32);
    let original =
        real("original_max_position_embeddings").or(settings.original_max_position_embeddings.map(|size| size as f32));
    match kind {
        "default" => {}
        "linear" => {
            for angle in &mut turning.angles {
                *angle /= real("factor").unwrap_or(1.0);
            }
        }
        "llama3" => {
            // Slow turns are stretched, quick ones kept, those between blended (Llama 3.1's own code).
            let (factor, low, high) = (real("factor"), real("low_freq_factor"), real("high_freq_factor"));
            let (factor, low, high) = (factor.unwrap_or(8.0), low.unwrap_or(1.0), high.unwrap_or(4.0));
            let original = original.unwrap_or(8192.0);
            for angle in &mut turning.angles {
                let wave = std::f32::consts::TAU / *angle;
                if wave > original / low {
                    *angle /= factor;
                } else if wave >= original / high {
                    let blend = (original / wave - low) / (high - low);
                    *angle = (1.0 - blend) * *angle / factor + blend * *angle;
                }
            }
        }
        "longrope" | "su" => {
            let factors = told.get("short_factor").and_then(Value::as_array);
            let factors = factors.filter(|factors| factors.len() >= turning.angles.len());
            let Some(factors) = factors else {
                let why = "no short factors for every pair".to_owned();
                return Err(Problem::Tensor { name: "rope_scaling".to_owned(), why });
            };
            for (angle, factor) in turning.angles.iter_mut().zip(factors) {
                #[expect(clippy::cast_possible_truncation, reason = "models compute in 32 bits")]
                let factor = factor.as_f64().unwrap_or(1.0) as f32;
                *angle /= factor;
            }
            let original = original.unwrap_or(4096.0);
            let longer = settings.max_position_embeddings as f32 / original;
            let stretched = if longer > 1.0 { (1.0 + longer.ln() / original.ln()).sqrt() } else { 1.0 };
            turning.scale = real("attention_factor").unwrap_or(stretched);
        }
        other => {
            return Err(Problem::Unsupported {
                what: format!("a context stretched by `{other}`"),
                hint: "use the model's version with its original context".to_owned(),
            });
        }
    }
    Ok(())
}
