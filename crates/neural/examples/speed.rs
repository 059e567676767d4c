//! Measures reading and writing: tokens a second of processor time, for models of real shapes with random weights.
//!
//! ```text
//! cargo run --release -p quid-neural --example speed -- [THREADS] [FOLDER]
//! ```
//!
//! With a folder, the same models are written there as GGUF (Q8_0), for `speed.py` to measure llama.cpp with. Processor
//! time of all threads is counted, so that a busy machine is no excuse.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use candle_core::quantized::{GgmlDType, QMatMul, QTensor, gguf_file};
use candle_core::{Device, Module as _, Tensor};
use quid_neural::decoder::{Cache, Decoder, Scratch, Tensors, Wanted};
use quid_neural::kernel::elementwise::Activation;
use quid_neural::kernel::{Precision, Workers};
use quid_neural::shape::{Family, Shape, Sight, Turning};

/// Tokens of the prompt, and tokens written after it.
const PROMPT: u32 = 256;
const WRITTEN: u32 = 64;

struct Sizes {
    name: &'static str,
    width: usize,
    layers: usize,
    heads: usize,
    key_heads: usize,
    hidden: usize,
    vocabulary: usize,
}

const MODELS: [Sizes; 3] = [
    Sizes { name: "15M", width: 288, layers: 6, heads: 6, key_heads: 6, hidden: 768, vocabulary: 32_000 },
    Sizes { name: "17M", width: 384, layers: 8, heads: 6, key_heads: 6, hidden: 1024, vocabulary: 8_192 },
    Sizes { name: "135M", width: 576, layers: 30, heads: 9, key_heads: 3, hidden: 1536, vocabulary: 49_152 },
];

fn shape(sizes: &Sizes) -> Shape {
    let head = sizes.width / sizes.heads;
    Shape {
        family: Family::Llama,
        vocabulary: sizes.vocabulary,
        width: sizes.width,
        heads: sizes.heads,
        key_heads: sizes.key_heads,
        head,
        hidden: sizes.hidden,
        context: 1024,
        epsilon: 1e-5,
        activation: Activation::Silu,
        turnings: vec![Turning::plain(10_000.0, head)],
        layers: vec![Sight { window: None, turning: 0 }; sizes.layers],
        score_scale: 1.0 / (head as f32).sqrt(),
        score_cap: None,
        logit_cap: None,
        embedding_scale: 1.0,
        tied: true,
    }
}

/// Weights by chance; norms are 1.
struct Chance;

impl Tensors for Chance {
    fn has(&self, name: &str) -> bool {
        !name.contains("qkv") && !name.contains("gate_up") && !name.contains("bias")
    }

    fn read(&self, name: &str, wanted: usize) -> quid_neural::Result<Vec<f32>> {
        if name.contains("norm") {
            return Ok(vec![1.0; wanted]);
        }
        let mut seed = name.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let number = |_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((seed >> 40) as f32 / (1_u64 << 23) as f32 - 1.0) * 0.05
        };
        Ok((0..wanted).map(number).collect())
    }
}

/// Processor time of all threads so far, in seconds.
fn processor() -> f64 {
    let of = |path: PathBuf| -> Option<f64> {
        fs::read_to_string(path.join("schedstat")).ok()?.split_whitespace().next()?.parse().ok()
    };
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().filter_map(std::result::Result::ok);
    threads.filter_map(|thread| of(thread.path())).sum::<f64>() / 1e9
}

/// The medians of three: tokens a processor second, and a second of the clock.
fn rate(tokens: u32, mut act: impl FnMut()) -> (f64, f64) {
    let mut rates: Vec<(f64, f64)> = (0..3)
        .map(|_| {
            let (clock, before) = (Instant::now(), processor());
            act();
            let spent = processor() - before;
            (f64::from(tokens) / spent, f64::from(tokens) / clock.elapsed().as_secs_f64())
        })
        .collect();
    rates.sort_by(|one, other| one.0.total_cmp(&other.0));
    rates[1]
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let threads = arguments.next().and_then(|threads| threads.parse().ok()).unwrap_or(1);
    let folder = arguments.next().map(PathBuf::from);
    println!("{threads} thread(s); tokens a processor second (a second of the clock)");
    for sizes in &MODELS {
        let shape = shape(sizes);
        if let Some(folder) = &folder {
            write(&shape, &folder.join(format!("{}.gguf", sizes.name)));
        }
        let loading = Instant::now();
        let decoder = Decoder::load(shape.clone(), &Chance, Precision::Rounded).expect("it loads");
        println!(
            "{}: {} M weights, {} MiB, made and packed in {} ms",
            sizes.name,
            shape.kept() / 1_000_000,
            decoder.bytes() >> 20,
            loading.elapsed().as_millis()
        );
        let workers = Workers::new(Some(threads), 0).expect("threads");
        let (mut cache, mut scratch) = (Cache::new(&shape, 512), Scratch::default());
        let vocabulary = u32::try_from(sizes.vocabulary).expect("it is small");
        let prompt: Vec<u32> = (0..PROMPT).map(|at| at * 97 % vocabulary).collect();
        let mut read = |tokens: &[u32], cache: &mut Cache| {
            decoder.forward(tokens, Wanted::Last, None, cache, &mut scratch, &workers).expect("it reads");
        };
        let (prefill, clock) = rate(PROMPT, || {
            cache.rewind(0);
            read(&prompt, &mut cache);
        });
        println!("  read {PROMPT}: {prefill:.0} ({clock:.0})");
        let (decode, clock) = rate(WRITTEN, || {
            cache.rewind(PROMPT as usize);
            for token in 0..WRITTEN {
                read(&[token], &mut cache);
            }
        });
        println!("  write {WRITTEN}: {decode:.0} ({clock:.0})");
        let (guessed, clock) = rate(WRITTEN, || {
            cache.rewind(PROMPT as usize);
            for token in 0..WRITTEN / 4 {
                read(&[token; 4], &mut cache);
            }
        });
        println!("  write {WRITTEN}, all guesses right: {guessed:.0} ({clock:.0})");
        if threads == 1 {
            candle(&shape);
        }
    }
}

/// Candle's own quantised products of the same sizes and nothing else: the least that it would take.
fn candle(shape: &Shape) {
    let (width, wide) = (shape.width, (shape.heads + 2 * shape.key_heads) * shape.head);
    let layer = [(wide, width), (width, width), (2 * shape.hidden, width), (width, shape.hidden)];
    let matrix = |(outputs, inputs): (usize, usize)| {
        let weights = Tensor::rand(-0.05_f32, 0.05, (outputs, inputs), &Device::Cpu).expect("numbers");
        QMatMul::from_qtensor(QTensor::quantize(&weights, GgmlDType::Q8_0).expect("it fits")).expect("a matrix")
    };
    let layers: Vec<_> = (0..shape.layers.len()).flat_map(|_| layer.map(|sizes| (matrix(sizes), sizes.1))).collect();
    let head = matrix((shape.vocabulary, width));
    for (what, rows, times) in [("read", PROMPT, 1), ("write", 1, WRITTEN)] {
        let inputs: Vec<Tensor> = layers
            .iter()
            .map(|(_, inputs)| {
                Tensor::ones((rows as usize, *inputs), candle_core::DType::F32, &Device::Cpu).expect("ones")
            })
            .collect();
        let last = Tensor::ones((1, width), candle_core::DType::F32, &Device::Cpu).expect("ones");
        let (products, clock) = rate(rows * times, || {
            for _ in 0..times {
                for ((matrix, _), input) in layers.iter().zip(&inputs) {
                    matrix.forward(input).expect("a product");
                }
                head.forward(&last).expect("a product");
            }
        });
        println!("  candle's quantised products alone, {what}: {products:.0} ({clock:.0})");
    }
}

/// The same model as a GGUF file without words.
fn write(shape: &Shape, path: &std::path::Path) {
    let size = |size: usize| gguf_file::Value::U32(u32::try_from(size).expect("it is small"));
    let text = |text: &str| gguf_file::Value::String(text.to_owned());
    let values = [
        ("general.architecture", text("llama")),
        ("tokenizer.ggml.model", text("no_vocab")),
        ("llama.vocab_size", size(shape.vocabulary)),
        ("llama.block_count", size(shape.layers.len())),
        ("llama.context_length", size(shape.context)),
        ("llama.embedding_length", size(shape.width)),
        ("llama.feed_forward_length", size(shape.hidden)),
        ("llama.attention.head_count", size(shape.heads)),
        ("llama.attention.head_count_kv", size(shape.key_heads)),
        ("llama.rope.dimension_count", size(shape.head)),
        ("llama.attention.layer_norm_rms_epsilon", gguf_file::Value::F32(shape.epsilon)),
    ];
    let (width, asked, kept) = (shape.width, shape.heads * shape.head, shape.key_heads * shape.head);
    let mut wanted =
        vec![("token_embd.weight".to_owned(), shape.vocabulary, width), ("output_norm.weight".to_owned(), 0, width)];
    for layer in 0..shape.layers.len() {
        for (name, outputs, inputs) in [
            ("attn_norm", 0, width),
            ("ffn_norm", 0, width),
            ("attn_q", asked, width),
            ("attn_k", kept, width),
            ("attn_v", kept, width),
            ("attn_output", width, asked),
            ("ffn_gate", shape.hidden, width),
            ("ffn_up", shape.hidden, width),
            ("ffn_down", width, shape.hidden),
        ] {
            wanted.push((format!("blk.{layer}.{name}.weight"), outputs, inputs));
        }
    }
    let tensors: Vec<(String, QTensor)> = wanted
        .into_iter()
        .map(|(name, outputs, inputs)| {
            let numbers = Chance.read(&name, outputs.max(1) * inputs).expect("numbers");
            let (tensor, kind) = if outputs == 0 {
                (Tensor::from_vec(numbers, inputs, &Device::Cpu), GgmlDType::F32)
            } else {
                (Tensor::from_vec(numbers, (outputs, inputs), &Device::Cpu), GgmlDType::Q8_0)
            };
            (name, QTensor::quantize(&tensor.expect("a tensor"), kind).expect("it fits"))
        })
        .collect();
    let values: Vec<_> = values.iter().map(|(key, value)| (*key, value)).collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let mut file = fs::File::create(path).expect("a file");
    gguf_file::write(&mut file, &values, &tensors).expect("it is written");
}
