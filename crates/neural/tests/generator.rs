//! A tiny generator of slots with random weights: it answers within its prompt, and learns.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use candle_core::{Device, Tensor};
use quid_core::{Generator as _, Mark, Piece, Prompt, Written};
use quid_neural::local::{Local, Reads};
use quid_neural::training::{Manner, Trainer};

const WORDS: [&str; 14] = ["[UNK]", "who", "is", "the", "author", "of", "?", ".", "(", ")", "book", "<", ">", "secret"];

/// A generator of two small layers; the same weights each time.
fn make(folder: &Path) {
    let mut vocabulary = serde_json::Map::new();
    let pieces = WORDS.iter().map(|word| (*word).to_owned()).chain(Mark::all().map(|mark| mark.to_string()));
    for (at, piece) in pieces.enumerate() {
        vocabulary.insert(piece, at.into());
    }
    let size = vocabulary.len();
    let tokenizer = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": true, "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" }, "post_processor": null,
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocabulary },
    });
    let (width, inner, layers) = (32, 64, 2);
    let config = serde_json::json!({
        "model_type": "llama", "vocab_size": size, "hidden_size": width, "intermediate_size": inner,
        "num_hidden_layers": layers, "num_attention_heads": 4, "num_key_value_heads": 4,
        "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "tie_word_embeddings": true, "hidden_act": "silu",
    });
    let mut seed = 7_u64;
    let mut chance = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 40) as f32 / (1_u64 << 24) as f32 - 0.5) * 0.4
    };
    let mut tensors = HashMap::new();
    let mut add = |name: String, sizes: &[usize]| {
        let count = sizes.iter().product();
        let values: Vec<f32> = if sizes.len() == 1 { vec![1.0; count] } else { (0..count).map(|_| chance()).collect() };
        tensors.insert(name, Tensor::from_vec(values, sizes, &Device::Cpu).expect("a tensor"));
    };
    add("model.embed_tokens.weight".into(), &[size, width]);
    add("model.norm.weight".into(), &[width]);
    for layer in 0..layers {
        for (name, sizes) in [
            ("input_layernorm", vec![width]),
            ("post_attention_layernorm", vec![width]),
            ("self_attn.q_proj", vec![width, width]),
            ("self_attn.k_proj", vec![width, width]),
            ("self_attn.v_proj", vec![width, width]),
            ("self_attn.o_proj", vec![width, width]),
            ("mlp.gate_proj", vec![inner, width]),
            ("mlp.up_proj", vec![inner, width]),
            ("mlp.down_proj", vec![width, inner]),
        ] {
            add(format!("model.layers.{layer}.{name}.weight"), &sizes);
        }
    }
    std::fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).expect("written");
    std::fs::write(folder.join("config.json"), config.to_string()).expect("written");
    std::fs::write(folder.join("answers.json"), r#"["the", "is", "of", "."]"#).expect("written");
    candle_core::safetensors::save(&tensors, folder.join("model.safetensors")).expect("written");
}

fn prompt() -> Prompt {
    // The words look like marks and are none.
    let mut slotted = Piece::of_lesson("<q> who is the author of <s3> ? <c1> <s3> ( book ) author <s9> <c2>");
    slotted.push(Piece::Words("<s5> <dk> <e> secret <s7>".to_owned()));
    slotted.push(Piece::Mark(Mark::Answer));
    Prompt { slotted, ..Prompt::default() }
}

#[test]
fn nothing_but_what_the_prompt_has_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    make(folder.path());
    let local = Local::new("tiny".into(), folder.path().to_owned(), Reads::Slots, 24, Some(1));
    let said = local.say(&prompt(), &mut |_| {}, &AtomicBool::new(false)).expect("it speaks");
    let Written::Slotted(pieces) = &said.written else { panic!("{said:?}") };
    for piece in pieces {
        match piece {
            Piece::Mark(mark) => {
                let own = [Mark::Slot(3), Mark::Slot(9), Mark::Fact(1), Mark::Fact(2), Mark::Unknown];
                assert!(own.contains(mark), "{mark} is not in the prompt: {pieces:?}");
            }
            Piece::Words(words) => assert!(!words.contains("UNK") || words.contains("[UNK]"), "{words}"),
        }
    }
    assert!(said.flops > 0 && said.tokens > 20 && (0.0..=1.0).contains(&said.probability), "{said:?}");
    assert_eq!(said.device, "cpu (1 thread)");
    assert!(local.say(&prompt(), &mut |_| {}, &AtomicBool::new(true)).is_none(), "it was stopped");
    let again = local.say(&prompt(), &mut |_| {}, &AtomicBool::new(false)).expect("it speaks");
    assert_eq!(again.written, said.written, "the same question, the same answer");
    std::fs::remove_file(folder.path().join("answers.json")).expect("removed");
    let broken = Local::new("tiny".into(), folder.path().to_owned(), Reads::Slots, 24, Some(1));
    assert!(broken.say(&prompt(), &mut |_| {}, &AtomicBool::new(false)).is_none());
}

#[test]
fn a_few_steps_of_training_teach_it_an_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    make(folder.path());
    let into = folder.path().join("trained");
    let manner = Manner { batch: 2, rate: 5e-3, longest: 128, checkpoint: 10 };
    let mut trainer = Trainer::open(folder.path(), manner).expect("it opens");
    let lesson = |number: u64| {
        let (one, other) = (number % 7, 10 + number % 9);
        (
            Piece::of_lesson(&format!("<q> who is the author of <s{one}> ? <c1> <s{one}> author <s{other}> <a>")),
            Piece::of_lesson(&format!("the author of <s{one}> is <s{other}> <c1> . <e>")),
        )
    };
    let losses = trainer.train(&into, &lesson, &mut |step, _| {
        if step < 60 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let losses = losses.expect("it trains");
    let mean = |some: &[f64]| some.iter().sum::<f64>() / some.len() as f64;
    let (before, after) = (mean(&losses[..5]), mean(&losses[55..]));
    assert!(losses.len() == 60 && after < 0.5 * before, "the loss went from {before} to {after}");
    // What it learned is what runs: the forms of its answers come out of the other forward pass.
    let learned = Local::new("trained".into(), into, Reads::Slots, 24, Some(1));
    let slotted = lesson(3).0;
    let said = learned.say(&Prompt { slotted, ..Prompt::default() }, &mut |_| {}, &AtomicBool::new(false));
    let Some(Written::Slotted(pieces)) = said.map(|said| said.written) else { panic!("it says nothing") };
    let text = format!("{pieces:?}");
    assert!(text.contains("the author of"), "{text}");
}
