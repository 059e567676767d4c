//! A decoder in a GGUF file: its shape by the header's keys, its tensors under the names of safetensors.

use crate::decoder::Tensors;
use crate::kernel::elementwise::Activation;
use crate::problem::{Problem, Result};
use crate::shape::{Family, Shape, Sight, Turning};

use super::gguf::Gguf;

/// The shape that the header describes.
///
/// # Errors
/// When the family is not one of ours, or a value is missing.
pub fn gguf_shape(file: &Gguf) -> Result<Shape> {
    let damaged = |why: String| Problem::Damaged { path: file.path().to_owned(), why };
    let architecture = file.text("general.architecture").ok_or_else(|| damaged("no architecture is named".into()))?;
    let Some((family, ..)) = Family::ALL.into_iter().find(|(.., name)| *name == architecture) else {
        return Err(Problem::Unsupported {
            what: format!("the architecture `{architecture}`"),
            hint: format!("known are {}", Family::ALL.map(|(.., name)| name).join(", ")),
        });
    };
    let key = |name: &str| format!("{architecture}.{name}");
    let size = |name: &str| file.size(&key(name)).ok_or_else(|| damaged(format!("no `{}`", key(name))));
    let width = size("embedding_length")?;
    let heads = size("attention.head_count")?;
    let head = file.size(&key("attention.key_length")).unwrap_or(width / heads.max(1));
    if file.size(&key("attention.value_length")).is_some_and(|value| value != head) {
        return Err(damaged("keys and values of different sizes".into()));
    }
    let vocabulary = file.sizes("token_embd.weight").and_then(|sizes| sizes.first().copied());
    let layers = size("block_count")?;
    if layers > 1 << 10 || head == 0 {
        return Err(damaged(format!("{layers} layers with heads of {head}")));
    }
    let turned = file.size(&key("rope.dimension_count")).unwrap_or(head).min(head);
    let base = file.real(&key("rope.freq_base")).unwrap_or(10_000.0);
    let context = size("context_length")?;
    let mut turning = Turning::plain(base, turned);
    stretch(file, &key, &mut turning, context)?;
    let mut turnings = vec![turning];
    let window = file.size(&key("attention.sliding_window")).filter(|window| *window > 0);
    let sees = |at: usize| match family {
        Family::Gemma2 => Sight { window: window.filter(|_| at.is_multiple_of(2)), turning: 0 },
        Family::Gemma3 if !(at + 1).is_multiple_of(6) => Sight { window, turning: 1 },
        Family::Phi3 => Sight { window, turning: 0 },
        _ => Sight { window: None, turning: 0 },
    };
    let sights = (0..layers).map(sees).collect();
    if family == Family::Gemma3 {
        let base = file.real(&key("rope.freq_base_swa")).unwrap_or(10_000.0);
        turnings.push(Turning::plain(base, turned));
    }
    // The largest of Gemma 2 and 3 scale by what a head would be if heads filled the width.
    let per_head = match (family, layers) {
        (Family::Gemma2, 46) | (Family::Gemma3, 62) => width / heads.max(1),
        _ => head,
    };
    let caps = |name: &str| file.real(&key(name)).filter(|cap| *cap > 0.0);
    let gemma2 = family == Family::Gemma2;
    Ok(Shape {
        family,
        vocabulary: vocabulary.ok_or_else(|| damaged("no tensor `token_embd.weight`".into()))?,
        width,
        heads,
        key_heads: file.size(&key("attention.head_count_kv")).unwrap_or(heads),
        head,
        hidden: size("feed_forward_length")?,
        context,
        epsilon: file.real(&key("attention.layer_norm_rms_epsilon")).unwrap_or(1e-6),
        activation: if family.is_gemma() { Activation::Gelu } else { Activation::Silu },
        turnings,
        layers: sights,
        score_scale: 1.0 / (per_head as f32).sqrt(),
        score_cap: caps("attn_logit_softcapping").or(gemma2.then_some(50.0)),
        logit_cap: caps("final_logit_softcapping").or(gemma2.then_some(30.0)),
        embedding_scale: if family.is_gemma() { (width as f32).sqrt() } else { 1.0 },
        tied: file.sizes("output.weight").is_none(),
    })
}

/// Contexts stretched beyond what was trained: by a factor, by factors in a tensor (Llama 3, Phi 3).
fn stretch(file: &Gguf, key: &dyn Fn(&str) -> String, turning: &mut Turning, context: usize) -> Result<()> {
    let original = file.size(&key("rope.scaling.original_context_length")).unwrap_or(context);
    let tensor = if file.sizes("rope_freqs.weight").is_some() {
        Some("rope_freqs.weight")
    } else if file.sizes("rope_factors_short.weight").is_some() {
        turning.scale = file.real(&key("rope.scaling.attn_factor")).unwrap_or(1.0);
        // The long factors would be right only beyond the original context, which `decoder_shape` keeps us from.
        Some("rope_factors_short.weight")
    } else {
        None
    };
    if let Some(name) = tensor {
        let factors = file.read(name)?;
        if factors.len() < turning.angles.len() {
            let why = format!("{} factors for {} pairs", factors.len(), turning.angles.len());
            return Err(Problem::Tensor { name: name.to_owned(), why });
        }
        for (angle, factor) in turning.angles.iter_mut().zip(factors) {
            *angle /= factor;
        }
    }
    match file.text(&key("rope.scaling.type")) {
        Some("linear") => {
            let factor = file.real(&key("rope.scaling.factor")).unwrap_or(1.0);
            for angle in &mut turning.angles {
                *angle /= factor;
            }
        }
        Some(kind @ ("yarn" | "dynamic")) if original < context => {
            return Err(Problem::Unsupported {
                what: format!("a context stretched by `{kind}`"),
                hint: "use the model's version with its original context".to_owned(),
            });
        }
        _ => {}
    }
    Ok(())
}

/// The tensors of a GGUF decoder under the names of safetensors.
#[derive(Debug)]
pub struct GgufTensors<'a> {
    file: &'a Gguf,
    shape: &'a Shape,
}

impl<'a> GgufTensors<'a> {
    /// Those of that file.
    #[must_use]
    pub fn new(file: &'a Gguf, shape: &'a Shape) -> Self {
        Self { file, shape }
    }

    /// `model.layers.0.self_attn.q_proj.weight` -> `blk.0.attn_q.weight`
    fn name(&self, name: &str) -> String {
        let after = self.shape.family.norms_after();
        let whole = match name {
            "model.embed_tokens.weight" => "token_embd.weight",
            "model.norm.weight" => "output_norm.weight",
            "lm_head.weight" => "output.weight",
            _ => "",
        };
        if !whole.is_empty() {
            return whole.to_owned();
        }
        let Some((layer, part)) = name.strip_prefix("model.layers.").and_then(|rest| rest.split_once('.')) else {
            return name.to_owned();
        };
        let (part, kind) = part.rsplit_once('.').unwrap_or((part, "weight"));
        let part = match part {
            "input_layernorm" => "attn_norm",
            "self_attn.q_proj" => "attn_q",
            "self_attn.k_proj" => "attn_k",
            "self_attn.v_proj" => "attn_v",
            "self_attn.qkv_proj" => "attn_qkv",
            "self_attn.q_norm" => "attn_q_norm",
            "self_attn.k_norm" => "attn_k_norm",
            "self_attn.o_proj" => "attn_output",
            "post_attention_layernorm" if after => "post_attention_norm",
            "pre_feedforward_layernorm" | "post_attention_layernorm" => "ffn_norm",
            "post_feedforward_layernorm" => "post_ffw_norm",
            "mlp.gate_proj" => "ffn_gate",
            // Where there is no gate of its own, it stands before the rows of `up`.
            "mlp.up_proj" | "mlp.gate_up_proj" => "ffn_up",
            "mlp.down_proj" => "ffn_down",
            other => other,
        };
        format!("blk.{layer}.{part}.{kind}")
    }
}

impl Tensors for GgufTensors<'_> {
    fn has(&self, name: &str) -> bool {
        let fused = name.ends_with("mlp.gate_up_proj.weight");
        let gate = fused && self.file.sizes(&self.name(&name.replace("gate_up_proj", "gate_proj"))).is_some();
        !gate && self.file.sizes(&self.name(name)).is_some()
    }

    fn read(&self, name: &str, wanted: usize) -> Result<Vec<f32>> {
        let own = self.name(name);
        let count = self.file.sizes(&own).map(|sizes| sizes.iter().product::<usize>());
        if let Some(count) = count.filter(|count| *count != wanted) {
            return Err(Problem::Tensor { name: own, why: format!("{count} numbers where {wanted} are wanted") });
        }
        let values = self.file.read(&own)?;
        // llama.cpp keeps Llama's queries and keys so that neighbours are turned, not halves.
        let heads = match self.shape.family {
            Family::Llama if name.contains("self_attn.q_proj") => self.shape.heads,
            Family::Llama if name.contains("self_attn.k_proj") => self.shape.key_heads,
            _ => return Ok(values),
        };
        Ok(halves_apart(&values, heads, self.shape.head))
    }
}

/// Rows of every head from `0 0' 1 1' …` to `0 1 … 0' 1' …`.
#[must_use]
pub fn halves_apart(values: &[f32], heads: usize, head: usize) -> Vec<f32> {
    let across = (values.len() / (heads * head).max(1)).max(1);
    let mut apart = Vec::with_capacity(values.len());
    for rows in values.chunks(head * across) {
        for half in 0..2 {
            apart.extend(rows.chunks(across).skip(half).step_by(2).flatten());
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_halves_in_every_head() {
        // Two heads of four rows of two.
        let rows: Vec<f32> = [0, 0, 2, 2, 1, 1, 3, 3, 4, 4, 6, 6, 5, 5, 7, 7].map(|row| row as f32).to_vec();
        let apart = halves_apart(&rows, 2, 4);
        let wanted: Vec<f32> = (0..16).map(|at| (at / 2) as f32).collect();
        assert_eq!(apart, wanted);
    }
}
