//! Our forward passes against the reference's, for every family, from folders and from GGUF files.
//!
//! `golden.py` says where the logits come from.

mod common;

use candle_core::Device;
use candle_core::quantized::GgmlDType;
use common::{DECODERS, Golden};
use quid_neural::decoder::{Cache, Decoder, Scratch, Wanted};
use quid_neural::files::{Folder, Gguf, GgufTensors, Settings, decoder_shape, gguf_shape};
use quid_neural::kernel::{Precision, Workers};
use quid_neural::shape::Shape;
use quid_neural::tensors::{TensorCache, TensorDecoder};

fn from_folder(golden: &Golden, older: bool, precision: Precision) -> Decoder {
    let folder = tempfile::tempdir().expect("a folder");
    golden.folder(folder.path(), if older { &golden.older } else { &golden.settings });
    let shape = decoder_shape(&Settings::read(&folder.path().join("config.json")).expect("settings")).expect("a shape");
    let mut tensors = Folder::open(folder.path()).expect("tensors");
    if shape.family.is_gemma() {
        tensors = tensors.with_norms_around_one();
    }
    Decoder::load(shape, &tensors, precision).expect("it loads")
}

fn from_gguf(golden: &Golden, kind: GgmlDType, precision: Precision) -> Decoder {
    let folder = tempfile::tempdir().expect("a folder");
    let file = Gguf::open(&golden.gguf(folder.path(), kind)).expect("it opens");
    let shape = gguf_shape(&file).expect("a shape");
    Decoder::load(shape.clone(), &GgufTensors::new(&file, &shape), precision).expect("it loads")
}

/// Logits of every token, read in pieces of so many.
fn logits(decoder: &Decoder, tokens: &[u32], together: usize, threads: usize) -> Vec<Vec<f32>> {
    let workers = Workers::new(Some(threads), 0).expect("threads");
    let mut cache = Cache::new(&decoder.shape, 64);
    let mut scratch = Scratch::default();
    let mut all = Vec::new();
    for piece in tokens.chunks(together) {
        decoder.forward(piece, Wanted::All, None, &mut cache, &mut scratch, &workers).expect("it reads");
        all.extend((0..piece.len()).map(|row| scratch.logits(row, decoder.shape.vocabulary).to_vec()));
    }
    all
}

/// The largest difference from the reference's.
fn off(golden: &Golden, found: &[Vec<f32>]) -> f32 {
    let pairs = golden.logits.iter().flat_map(|(row, wanted)| wanted.iter().zip(&found[*row]));
    pairs.map(|(wanted, found)| (wanted - found).abs()).fold(0.0, f32::max)
}

#[test]
fn every_family_computes_what_the_reference_computes() {
    for name in DECODERS {
        let golden = Golden::read(name);
        for older in [false, true] {
            let decoder = from_folder(&golden, older, Precision::Exact);
            for (together, threads) in [(24, 1), (1, 1), (7, 2)] {
                let off = off(&golden, &logits(&decoder, &golden.tokens, together, threads));
                assert!(off <= 1e-3, "{name}, older spelling {older}, {together} at once: logits are off by {off}");
            }
        }
    }
}

#[test]
fn the_same_is_computed_on_tensors() {
    for name in DECODERS {
        let golden = Golden::read(name);
        let folder = tempfile::tempdir().expect("a folder");
        golden.folder(folder.path(), &golden.settings);
        let settings = Settings::read(&folder.path().join("config.json")).expect("settings");
        let shape = decoder_shape(&settings).expect("a shape");
        let mut tensors = Folder::open(folder.path()).expect("tensors");
        if shape.family.is_gemma() {
            tensors = tensors.with_norms_around_one();
        }
        let decoder = TensorDecoder::load(shape, &tensors, &Device::Cpu).expect("it loads");
        for together in [24, 5] {
            let mut cache = TensorCache::default();
            let mut found = Vec::new();
            for piece in golden.tokens.chunks(together) {
                let logits = decoder.forward(piece, &mut cache).expect("it reads");
                found.extend(logits.to_vec2::<f32>().expect("rows"));
            }
            assert_eq!(cache.tokens(), golden.tokens.len());
            let off = off(&golden, &found);
            assert!(off <= 1e-3, "{name}, {together} at once: logits are off by {off}");
        }
    }
}

#[test]
fn eight_bits_stay_near_the_reference_however_they_are_read() {
    for name in DECODERS {
        let golden = Golden::read(name);
        let largest = golden.logits.values().flatten().fold(0.0_f32, |largest, logit| largest.max(logit.abs()));
        let decoder = from_folder(&golden, false, Precision::Rounded);
        for together in [24, 8, 1] {
            let off = off(&golden, &logits(&decoder, &golden.tokens, together, 1));
            assert!(off <= largest * 0.06, "{name}, {together} at once: logits up to {largest} are off by {off}");
        }
    }
}

#[test]
fn a_token_has_the_same_logits_bit_for_bit_alone_and_among_a_few() {
    let decoder = from_folder(&Golden::read("llama3"), false, Precision::Rounded);
    let tokens = Golden::read("llama3").tokens;
    let alone = logits(&decoder, &tokens, 1, 1);
    for together in [2, 3, 4, 8] {
        for (row, (found, wanted)) in logits(&decoder, &tokens, together, 1).iter().zip(&alone).enumerate() {
            let same = found.iter().zip(wanted).all(|(left, right)| left.to_bits() == right.to_bits());
            assert!(same, "token {row} differs, {together} at once");
        }
    }
}

#[test]
fn gguf_files_of_every_family_are_read_by_their_own_rules() {
    // What the writer of the tests cannot say in a header: tensors of factors.
    for name in DECODERS.into_iter().filter(|name| !["llama3", "phi3long"].contains(name)) {
        let golden = Golden::read(name);
        let decoder = from_gguf(&golden, GgmlDType::F32, Precision::Exact);
        let mut wanted = from_folder(&golden, false, Precision::Exact);
        if name == "gemma2" || name == "gemma3" {
            // The header has no word for what the tiny one scales its scores by, nor for its pattern of layers.
            wanted = with_shape(&golden, &decoder.shape);
        } else {
            assert_eq!(decoder.shape, wanted.shape, "{name}");
        }
        let found = logits(&decoder, &golden.tokens, 24, 1);
        let wanted = logits(&wanted, &golden.tokens, 24, 1);
        let off = found.iter().flatten().zip(wanted.iter().flatten()).map(|(left, right)| (left - right).abs());
        let off = off.fold(0.0, f32::max);
        assert!(off <= 1e-4, "{name}: off by {off}");
    }
}

fn with_shape(golden: &Golden, shape: &Shape) -> Decoder {
    let folder = tempfile::tempdir().expect("a folder");
    golden.folder(folder.path(), &golden.settings);
    let tensors = Folder::open(folder.path()).expect("tensors").with_norms_around_one();
    Decoder::load(shape.clone(), &tensors, Precision::Exact).expect("it loads")
}

#[test]
fn packed_gguf_files_stay_near_the_reference() {
    let golden = Golden::read("llama");
    let largest = golden.logits.values().flatten().fold(0.0_f32, |largest, logit| largest.max(logit.abs()));
    for (kind, allowed) in [
        (GgmlDType::F16, 0.002),
        (GgmlDType::BF16, 0.02),
        (GgmlDType::Q8_0, 0.03),
        (GgmlDType::Q5_1, 0.2),
        (GgmlDType::Q5_0, 0.2),
        (GgmlDType::Q4_1, 0.4),
        (GgmlDType::Q4_0, 0.4),
    ] {
        let off = off(&golden, &logits(&from_gguf(&golden, kind, Precision::Exact), &golden.tokens, 24, 1));
        assert!(off <= largest * allowed, "{kind:?}: logits up to {largest} are off by {off}");
        assert!(off > 0.0, "{kind:?} was not packed at all");
    }
}
