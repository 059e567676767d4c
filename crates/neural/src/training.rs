//! Trains a generator on: lessons in, weights out, in candle on a processor.
//!
//! For the relations of somebody's own knowledge, a few minutes of lessons after the months of the shipped one. The
//! forward pass is written with operations that can be derived; candle's fused norms and softmax cannot.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use candle_core::{D, DType, Device, Tensor, Var};
use candle_nn::optim::{AdamW, Optimizer as _, ParamsAdamW};
use quid_core::Piece;

use crate::decoder::Tensors as _;
use crate::files::{Folder, Settings, decoder_shape};
use crate::local::Marks;
use crate::problem::{Problem, Result};
use crate::shape::Shape;
use crate::words::Words;

/// Files beside the weights, which stay as they are.
const BESIDE: [&str; 3] = ["config.json", "tokenizer.json", "answers.json"];

/// How it is trained.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Lessons of one step.
    pub batch: usize,
    /// The rate of AdamW.
    pub rate: f64,
    /// Tokens of prompt and answer beyond which a lesson is left out.
    pub longest: usize,
    /// Steps between checkpoints.
    pub checkpoint: usize,
}

impl Default for Manner {
    fn default() -> Self {
        Self { batch: 8, rate: 2e-4, longest: 320, checkpoint: 50 }
    }
}

/// A generator whose weights can change.
pub struct Trainer {
    shape: Shape,
    epsilon: f64,
    words: Words,
    marks: Marks,
    weights: BTreeMap<String, Var>,
    optimiser: AdamW,
    manner: Manner,
    from: PathBuf,
    turns: (Tensor, Tensor),
}

impl Trainer {
    /// Reads a generator of a folder: a Llama with slots, as the shipped one is.
    ///
    /// # Errors
    /// When it is damaged, or of another kind.
    pub fn open(from: &Path, manner: Manner) -> Result<Self> {
        let settings = Settings::read(&from.join("config.json"))?;
        let shape = decoder_shape(&settings)?;
        let kv_heads = settings.num_key_value_heads.unwrap_or(shape.heads);
        if settings.model_type != "llama" || kv_heads != shape.heads || settings.tie_word_embeddings == Some(false) {
            let what = format!("{}: training a {} on", from.display(), settings.model_type);
            let hint = "a generator is a Llama whose embedding is its head, with as many keys as heads".to_owned();
            return Err(Problem::Unsupported { what, hint });
        }
        let words = Words::folder(from)?;
        let marks = Marks::read(&words, from)?;
        let (width, inner) = (shape.width, shape.hidden);
        let folder = Folder::open(from)?;
        let mut wanted: Vec<(String, Vec<usize>)> = vec![
            ("model.embed_tokens.weight".to_owned(), vec![shape.vocabulary, width]),
            ("model.norm.weight".to_owned(), vec![width]),
        ];
        for layer in 0..settings.num_hidden_layers {
            for (name, sizes) in [
                ("input_layernorm", vec![width]),
                ("post_attention_layernorm", vec![width]),
                ("self_attn.q_proj", vec![shape.heads * shape.head, width]),
                ("self_attn.k_proj", vec![shape.heads * shape.head, width]),
                ("self_attn.v_proj", vec![shape.heads * shape.head, width]),
                ("self_attn.o_proj", vec![width, shape.heads * shape.head]),
                ("mlp.gate_proj", vec![inner, width]),
                ("mlp.up_proj", vec![inner, width]),
                ("mlp.down_proj", vec![width, inner]),
            ] {
                wanted.push((format!("model.layers.{layer}.{name}.weight"), sizes));
            }
        }
        let mut weights = BTreeMap::new();
        for (name, sizes) in wanted {
            let values = folder.read(&name, sizes.iter().product())?;
            weights.insert(name, Var::from_tensor(&Tensor::from_vec(values, sizes, &Device::Cpu)?)?);
        }
        let variables = weights.values().cloned().collect();
        let settings_of = ParamsAdamW { lr: manner.rate, weight_decay: 0.0, ..ParamsAdamW::default() };
        let optimiser = AdamW::new(variables, settings_of)?;
        let half = shape.head / 2;
        let theta = settings.rope_base();
        let angles: Vec<f32> = (0..manner.longest)
            .flat_map(|at| (0..half).map(move |pair| at as f32 / theta.powf(pair as f32 / half as f32)))
            .collect();
        let angles = Tensor::from_vec(angles, (manner.longest, half), &Device::Cpu)?;
        let turns = (angles.cos()?, angles.sin()?);
        let epsilon = f64::from(settings.rms_norm_eps.unwrap_or(1e-5));
        Ok(Self { shape, epsilon, words, marks, weights, optimiser, manner, from: from.to_owned(), turns })
    }

    fn weight(&self, name: &str) -> Result<&Tensor> {
        let missing = || Problem::Tensor { name: name.to_owned(), why: "not there".to_owned() };
        Ok(self.weights.get(name).ok_or_else(missing)?.as_tensor())
    }

    fn norm(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        let square = x.sqr()?.mean_keepdim(D::Minus1)?;
        Ok(x.broadcast_div(&(square + self.epsilon)?.sqrt()?)?.broadcast_mul(self.weight(name)?)?)
    }

    /// The hidden states of tokens that are given by their rows.
    fn states(&self, rows: &Tensor) -> Result<Tensor> {
        let length = rows.dim(0)?;
        let (heads, head) = (self.shape.heads, self.shape.head);
        let (cos, sin) = (self.turns.0.narrow(0, 0, length)?, self.turns.1.narrow(0, 0, length)?);
        let mask: Vec<f32> = (0..length)
            .flat_map(|row| (0..length).map(move |column| if column > row { f32::NEG_INFINITY } else { 0.0 }))
            .collect();
        let mask = Tensor::from_vec(mask, (length, length), &Device::Cpu)?;
        let turned = |x: &Tensor| -> Result<Tensor> {
            let (one, other) = (x.narrow(D::Minus1, 0, head / 2)?, x.narrow(D::Minus1, head / 2, head / 2)?);
            let first = (one.broadcast_mul(&cos)? - other.broadcast_mul(&sin)?)?;
            let second = (other.broadcast_mul(&cos)? + one.broadcast_mul(&sin)?)?;
            Ok(Tensor::cat(&[first, second], D::Minus1)?)
        };
        let mut x = rows.clone();
        let layers = self.weights.keys().filter(|name| name.ends_with("q_proj.weight")).count();
        for layer in 0..layers {
            let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
            let normed = self.norm(&x, &name("input_layernorm"))?;
            let split = |part: &str| -> Result<Tensor> {
                let projected = normed.matmul(&self.weight(&name(part))?.t()?)?;
                Ok(projected.reshape((length, heads, head))?.transpose(0, 1)?.contiguous()?)
            };
            let (q, k) = (turned(&split("self_attn.q_proj")?)?, turned(&split("self_attn.k_proj")?)?);
            let v = split("self_attn.v_proj")?;
            let scores = (q.matmul(&k.t()?.contiguous()?)? * (1.0 / (head as f64).sqrt()))?.broadcast_add(&mask)?;
            let attended = candle_nn::ops::softmax(&scores, D::Minus1)?.matmul(&v)?;
            let attended = attended.transpose(0, 1)?.reshape((length, heads * head))?;
            x = (x + attended.matmul(&self.weight(&name("self_attn.o_proj"))?.t()?)?)?;
            let normed = self.norm(&x, &name("post_attention_layernorm"))?;
            let gate = normed.matmul(&self.weight(&name("mlp.gate_proj"))?.t()?)?.silu()?;
            let up = normed.matmul(&self.weight(&name("mlp.up_proj"))?.t()?)?;
            x = (x + (gate * up)?.matmul(&self.weight(&name("mlp.down_proj"))?.t()?)?)?;
        }
        self.norm(&x, "model.norm.weight")
    }

    /// The loss of a lesson's answer over what may be written there; `None` where the lesson is too long.
    fn loss(&self, prompt: &[Piece], answer: &[Piece]) -> Result<Option<Tensor>> {
        let asked = self.marks.encode(&self.words, prompt)?;
        let wanted = self.marks.encode(&self.words, answer)?;
        let whole: Vec<u32> = asked.iter().chain(&wanted).copied().collect();
        if asked.is_empty() || wanted.is_empty() || whole.len() > self.manner.longest {
            return Ok(None);
        }
        // Only rows of what the lesson has, and what any answer may have, take part.
        let mut legal: Vec<u32> = whole.iter().chain(&self.marks.common).copied().collect();
        legal.sort_unstable();
        legal.dedup();
        let place = |token: &u32| legal.binary_search(token).ok().and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
        let inputs: Vec<u32> = whole.iter().take(whole.len() - 1).map(place).collect();
        let targets: Vec<u32> = wanted.iter().map(place).collect();
        let (inputs, targets) = (Tensor::new(inputs, &Device::Cpu)?, Tensor::new(targets, &Device::Cpu)?);
        let chosen = Tensor::new(legal, &Device::Cpu)?;
        let rows = self.weight("model.embed_tokens.weight")?.index_select(&chosen, 0)?;
        let states = self.states(&rows.index_select(&inputs, 0)?)?;
        let answering = states.narrow(0, asked.len() - 1, wanted.len())?;
        let logits = answering.matmul(&rows.t()?)?;
        Ok(Some(candle_nn::loss::cross_entropy(&logits, &targets)?))
    }

    /// One step over these lessons. The mean loss before it; `None` where all of them were too long.
    ///
    /// # Errors
    /// When the tensors or the tokenizer fail.
    pub fn step(&mut self, lessons: &[(Vec<Piece>, Vec<Piece>)]) -> Result<Option<f64>> {
        let mut sum: Option<Tensor> = None;
        let mut count = 0.0;
        for (prompt, answer) in lessons {
            if let Some(loss) = self.loss(prompt, answer)? {
                count += 1.0;
                sum = Some(match sum {
                    Some(sum) => (sum + loss)?,
                    None => loss,
                });
            }
        }
        let Some(sum) = sum else { return Ok(None) };
        let mean = (sum / count)?;
        let told = f64::from(mean.to_scalar::<f32>()?);
        self.optimiser.backward_step(&mean)?;
        Ok(Some(told))
    }

    /// Trains until `told` breaks, on lessons by their number; keeps checkpoints in `into`. The losses, step by step.
    ///
    /// # Errors
    /// When a checkpoint cannot be written, or the tensors fail.
    pub fn train(
        &mut self,
        into: &Path,
        lesson: &dyn Fn(u64) -> (Vec<Piece>, Vec<Piece>),
        told: &mut dyn FnMut(usize, f64) -> ControlFlow<()>,
    ) -> Result<Vec<f64>> {
        let (mut losses, mut number) = (Vec::new(), 0_u64);
        loop {
            let lessons: Vec<_> = (0..self.manner.batch)
                .map(|_| {
                    number += 1;
                    lesson(number)
                })
                .collect();
            let Some(loss) = self.step(&lessons)? else {
                // All too long: the next ones may be shorter, but not without end.
                if number > 10_000 && losses.is_empty() {
                    return Err(Problem::TooLong { asked: self.manner.longest + 1, context: self.manner.longest });
                }
                continue;
            };
            losses.push(loss);
            let over = told(losses.len(), loss).is_break();
            if over || losses.len().is_multiple_of(self.manner.checkpoint.max(1)) {
                self.save(into)?;
            }
            if over {
                return Ok(losses);
            }
        }
    }

    /// Writes the weights and what belongs to them; a folder that was whole stays whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, into: &Path) -> Result<()> {
        let failed = |why| Problem::File { path: into.to_owned(), why };
        fs::create_dir_all(into).map_err(failed)?;
        for name in BESIDE {
            if self.from != into {
                fs::copy(self.from.join(name), into.join(name)).map_err(failed)?;
            }
        }
        let mut tensors: HashMap<String, Tensor> = HashMap::new();
        for (name, weight) in &self.weights {
            tensors.insert(name.clone(), weight.as_tensor().to_dtype(DType::F16)?);
        }
        let making = into.join("model.safetensors.new");
        candle_core::safetensors::save(&tensors, &making)?;
        fs::rename(&making, into.join("model.safetensors")).map_err(failed)
    }
}
