//! The same GGUF file in llama.cpp and here: the same logits, for every family.
//!
//! `QUID_LLAMA_PYTHON` names a Python that has the package `llama-cpp-python`; without it this is skipped.

mod common;

use std::process::Command;

use candle_core::quantized::GgmlDType;
use common::{DECODERS, Golden};
use quid_neural::decoder::{Cache, Decoder, Scratch, Wanted};
use quid_neural::files::{Gguf, GgufTensors, gguf_shape};
use quid_neural::kernel::{Precision, Workers};

/// Reads the tokens and prints the logits of the last.
const PEER: &str = "
import json, sys, llama_cpp as l
tokens = json.loads(sys.argv[2])
m = l.Llama(sys.argv[1], n_ctx=64, n_batch=64, n_threads=1, verbose=False, flash_attn=False, type_k=0, type_v=0)
array = (l.llama_token * len(tokens))(*tokens)
assert l.llama_decode(m.ctx, l.llama_batch_get_one(array, len(tokens))) == 0
logits = l.llama_get_logits_ith(m.ctx, -1)
print(json.dumps([logits[i] for i in range(m.n_vocab())]))
";

#[test]
fn llama_cpp_computes_the_same_from_the_same_file() {
    let Some(python) = std::env::var_os("QUID_LLAMA_PYTHON") else {
        println!("skipped: QUID_LLAMA_PYTHON does not name a Python with llama-cpp-python");
        return;
    };
    for name in DECODERS.into_iter().filter(|name| !["llama3", "phi3long"].contains(name)) {
        let mut golden = Golden::read(name);
        if name == "phi3" {
            // llama.cpp leaves out the window that Phi 3's own code has.
            golden.settings["sliding_window"] = serde_json::Value::Null;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = golden.gguf(folder.path(), GgmlDType::F32);
        let tokens = serde_json::to_string(&golden.tokens).expect("numbers");
        let peer = Command::new(&python).args(["-c", PEER]).arg(&path).arg(tokens).output().expect("it runs");
        assert!(peer.status.success(), "{name}: {}", String::from_utf8_lossy(&peer.stderr));
        let wanted: Vec<f32> = serde_json::from_slice(&peer.stdout).expect("logits");

        let file = Gguf::open(&path).expect("it opens");
        let shape = gguf_shape(&file).expect("a shape");
        let decoder =
            Decoder::load(shape.clone(), &GgufTensors::new(&file, &shape), Precision::Exact).expect("it loads");
        let workers = Workers::new(Some(1), 0).expect("a thread");
        let (mut cache, mut scratch) = (Cache::new(&shape, 64), Scratch::default());
        decoder.forward(&golden.tokens, Wanted::Last, None, &mut cache, &mut scratch, &workers).expect("it reads");
        let found = scratch.logits(0, shape.vocabulary);
        let off = found.iter().zip(&wanted).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max);
        println!("{name}: off by {off:e}");
        assert_eq!(found.len(), wanted.len());
        // llama.cpp looks GELU up in a table of 16-bit floats.
        let allowed = if shape.family.is_gemma() { 2e-2 } else { 1e-4 };
        assert!(off <= allowed, "{name}: off by {off}");
    }
}
