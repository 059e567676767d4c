//! Tiny models of every family, made from the names of their weights, as folders and as GGUF files.
//!
//! `golden.py` makes the same weights for the reference; so what is kept of each model is a description and some logits.

#![allow(dead_code, reason = "each test uses a part")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::quantized::{GgmlDType, QTensor, gguf_file};
use candle_core::{Device, Tensor};
use serde::Deserialize;
use serde_json::Value;

/// What `golden.py` wrote about one model.
#[derive(Clone, Debug, Deserialize)]
pub struct Golden {
    pub settings: Value,
    #[serde(default)]
    pub older: Value,
    pub norms_around: f32,
    pub tensors: BTreeMap<String, Vec<usize>>,
    pub tokens: Vec<u32>,
    #[serde(default)]
    pub logits: BTreeMap<usize, Vec<f32>>,
    #[serde(default)]
    pub states: BTreeMap<usize, Vec<f32>>,
    #[serde(default)]
    pub mean: Vec<f32>,
}

pub const DECODERS: [&str; 9] = ["llama", "llama3", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "phi3long"];

impl Golden {
    pub fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.json"));
        let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    }

    /// The weights, by name.
    pub fn weights(&self) -> BTreeMap<String, (Vec<usize>, Vec<f32>)> {
        let tied = self.settings["tie_word_embeddings"] == true;
        self.tensors
            .iter()
            .filter(|(name, _)| !(tied && *name == "lm_head.weight"))
            .map(|(name, sizes)| (name.clone(), (sizes.clone(), filled(name, sizes, self.norms_around))))
            .collect()
    }

    /// Writes a folder as people have it.
    pub fn folder(&self, into: &Path, settings: &Value) {
        fs::create_dir_all(into).expect("a folder");
        fs::write(into.join("config.json"), settings.to_string()).expect("a file");
        let tensors: HashMap<String, Tensor> = self
            .weights()
            .into_iter()
            .map(|(name, (sizes, values))| (name, Tensor::from_vec(values, sizes, &Device::Cpu).expect("a tensor")))
            .collect();
        candle_core::safetensors::save(&tensors, into.join("model.safetensors")).expect("a file");
    }

    /// Writes a GGUF file by llama.cpp's rules.
    pub fn gguf(&self, into: &Path, kind: GgmlDType) -> PathBuf {
        let path = into.join("model.gguf");
        let get = |key: &str| self.settings[key].as_u64().map(|size| u32::try_from(size).expect("a size"));
        let family = self.settings["model_type"].as_str().expect("a family").trim_end_matches("_text").to_owned();
        let heads = get("num_attention_heads").expect("heads");
        let width = get("hidden_size").expect("a width");
        let head = get("head_dim").unwrap_or(width / heads);
        let mut values = vec![
            ("general.architecture".to_owned(), gguf_file::Value::String(family.clone())),
            ("tokenizer.ggml.model".to_owned(), gguf_file::Value::String("none".to_owned())),
        ];
        for (key, value) in [
            ("block_count", get("num_hidden_layers")),
            ("context_length", get("max_position_embeddings")),
            ("embedding_length", Some(width)),
            ("feed_forward_length", get("intermediate_size")),
            ("attention.head_count", Some(heads)),
            ("attention.head_count_kv", get("num_key_value_heads")),
            ("attention.key_length", Some(head)),
            ("attention.value_length", Some(head)),
            ("attention.sliding_window", get("sliding_window")),
            ("rope.dimension_count", Some(head)),
            ("rope.scaling.original_context_length", get("original_max_position_embeddings")),
            ("vocab_size", get("vocab_size")),
        ] {
            if let Some(value) = value {
                values.push((format!("{family}.{key}"), gguf_file::Value::U32(value)));
            }
        }
        let rope = &self.settings["rope_parameters"];
        let rope = if rope["full_attention"].is_object() { &rope["full_attention"] } else { rope };
        let mut reals = vec![("attention.layer_norm_rms_epsilon", self.settings["rms_norm_eps"].as_f64())];
        reals.push(("rope.freq_base", rope["rope_theta"].as_f64()));
        reals.push(("attn_logit_softcapping", self.settings["attn_logit_softcapping"].as_f64()));
        reals.push(("final_logit_softcapping", self.settings["final_logit_softcapping"].as_f64()));
        for (key, value) in reals {
            if let Some(value) = value {
                #[expect(clippy::cast_possible_truncation, reason = "as files have it")]
                values.push((format!("{family}.{key}"), gguf_file::Value::F32(value as f32)));
            }
        }
        let mut tensors = Vec::new();
        for (name, (sizes, mut numbers)) in self.weights() {
            if name.contains("norm") && self.norms_around == 0.0 {
                for number in &mut numbers {
                    *number += 1.0;
                }
            }
            let count = if name.contains("q_proj") { heads } else { get("num_key_value_heads").unwrap_or(heads) };
            if family == "llama" && (name.contains("q_proj") || name.contains("k_proj")) {
                numbers = neighbours(&numbers, count as usize, head as usize);
            }
            let one = sizes.len() == 1;
            let tensor = Tensor::from_vec(numbers, sizes, &Device::Cpu).expect("a tensor");
            let kind = if one || !tensor.dims()[1].is_multiple_of(kind.block_size()) { GgmlDType::F32 } else { kind };
            tensors.push((own_name(&name, &family), QTensor::quantize(&tensor, kind).expect("it fits")));
        }
        let values: Vec<(&str, &gguf_file::Value)> = values.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        let mut file = fs::File::create(&path).expect("a file");
        gguf_file::write(&mut file, &values, &tensors).expect("it is written");
        path
    }
}

/// llama.cpp's order of Llama's query and key rows.
fn neighbours(values: &[f32], heads: usize, head: usize) -> Vec<f32> {
    let across = values.len() / (heads * head);
    let mut out = vec![0.0; values.len()];
    for row in 0..heads * head {
        let (of, at) = (row / head, row % head);
        let to = of * head + if at < head / 2 { 2 * at } else { 2 * (at - head / 2) + 1 };
        out[to * across..(to + 1) * across].copy_from_slice(&values[row * across..(row + 1) * across]);
    }
    out
}

/// llama.cpp's names.
fn own_name(name: &str, family: &str) -> String {
    let after = family == "gemma2" || family == "gemma3";
    let name = name.replace("model.embed_tokens", "token_embd").replace("lm_head", "output");
    let name = name.replace("model.norm", "output_norm").replace("model.layers.", "blk.");
    let name =
        name.replace("pre_feedforward_layernorm", "ffn_norm").replace("post_feedforward_layernorm", "post_ffw_norm");
    let name = name
        .replace("post_attention_layernorm", if after { "post_attention_norm" } else { "ffn_norm" })
        .replace("input_layernorm", "attn_norm");
    [
        ("self_attn.qkv_proj", "attn_qkv"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.q_norm", "attn_q_norm"),
        ("self_attn.k_norm", "attn_k_norm"),
        ("self_attn.o_proj", "attn_output"),
        ("mlp.gate_up_proj", "ffn_up"),
        ("mlp.gate_proj", "ffn_gate"),
        ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
    ]
    .iter()
    .fold(name, |name, (theirs, own)| name.replace(theirs, own))
}

/// As `filled` in golden.py.
pub fn filled(name: &str, sizes: &[usize], around: f32) -> Vec<f32> {
    let values = numbers(name, sizes.iter().product());
    let lower = name.to_lowercase();
    let change: Box<dyn Fn(f32) -> f32> = if lower.contains("norm") && name.ends_with("weight") {
        Box::new(move |value| around + value * 0.25)
    } else if sizes.len() == 1 {
        Box::new(|value| value * 0.25)
    } else if lower.contains("embed") {
        Box::new(|value| value)
    } else {
        let scale = 2.0 / (sizes[1] as f32).sqrt();
        Box::new(move |value| value * scale)
    };
    values.into_iter().map(change).collect()
}

/// As `numbers` in golden.py.
pub fn numbers(name: &str, count: usize) -> Vec<f32> {
    let seed = name
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |seed, byte| (seed ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3));
    (1..=count as u64)
        .map(|at| {
            let x = seed.wrapping_add(at.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((x ^ (x >> 31)) >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
        })
        .collect()
}
