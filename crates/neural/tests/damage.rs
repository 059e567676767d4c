//! Damaged and foreign files: a clear error, never a panic, never more memory than the file is long.

mod common;

use std::fs;
use std::path::Path;

use candle_core::quantized::GgmlDType;
use common::Golden;
use proptest::prelude::*;
use quid_neural::files::{Folder, Gguf, Tale};
use quid_neural::kernel::Precision;
use quid_neural::library::Library;
use quid_neural::model::{Described, Model};

fn why(path: &Path) -> String {
    Described::read(path).expect_err("it is no model").to_string()
}

#[test]
fn what_is_no_model_is_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let put = |name: &str, bytes: &[u8]| fs::write(path(name), bytes).expect("a file");
    put("empty.gguf", b"");
    put("text.gguf", b"this is a text, and no model at all");
    put("short.gguf", b"GGUF\x03\0\0\0");
    put("old.gguf", b"GGUF\x01\0\0\0aaaaaaaaaaaaaaaaaaaa");
    // A header that promises 2^60 tensors, and a name of 2^62 bytes.
    put("many.gguf", &[b"GGUF\x03\0\0\0".as_slice(), &(1_u64 << 60).to_le_bytes(), &[0; 8]].concat());
    let name = [b"GGUF\x03\0\0\0".as_slice(), &[0; 8], &1_u64.to_le_bytes(), &(1_u64 << 62).to_le_bytes()].concat();
    put("name.gguf", &name);
    fs::create_dir(path("bare")).expect("a folder");
    fs::create_dir(path("odd")).expect("a folder");
    put("odd/config.json", br#"{"model_type": "mamba"}"#);
    put("odd/model.safetensors", b"\x02\0\0\0\0\0\0\0{}");
    fs::create_dir(path("long")).expect("a folder");
    put("long/config.json", br#"{"model_type": "llama"}"#);
    put("long/model.safetensors", &[&(1_u64 << 40).to_le_bytes(), b"{}".as_slice()].concat());
    fs::create_dir(path("vast")).expect("a folder");
    put("vast/config.json", br#"{"model_type": "llama", "vocab_size": 1000000000000, "hidden_size": 1000000000000}"#);
    put("vast/model.safetensors", b"\x02\0\0\0\0\0\0\0{}");
    for (name, wanted) in [
        ("none.gguf", "No such file"),
        ("empty.gguf", "neither a GGUF file nor the folder of a model"),
        ("text.gguf", "neither a GGUF file nor the folder of a model"),
        ("short.gguf", "too short to be a GGUF file"),
        ("old.gguf", "GGUF version 1 is not known"),
        ("many.gguf", "tensors and 0 values cannot be"),
        ("name.gguf", "a name of 4611686018427387904 bytes cannot be"),
        ("bare", "no config.json"),
        ("odd", "the model type `mamba` is not supported"),
        ("long", "not a safetensors file, or cut"),
        ("vast", "vocabulary is 1000000000000"),
    ] {
        let found = why(&path(name));
        assert!(found.contains(wanted), "{name}: {found}");
    }
}

#[test]
fn a_copy_that_was_cut_short_is_told_of() {
    let golden = Golden::read("llama");
    let folder = tempfile::tempdir().expect("a folder");
    let path = golden.gguf(folder.path(), GgmlDType::F32);
    let bytes = fs::read(&path).expect("it is there");
    fs::write(&path, &bytes[..bytes.len() - 100]).expect("it is cut");
    assert!(why(&path).contains("was the copy cut short?"), "{}", why(&path));
    golden.folder(folder.path(), &golden.settings);
    let weights = folder.path().join("model.safetensors");
    let bytes = fs::read(&weights).expect("it is there");
    fs::write(&weights, &bytes[..bytes.len() - 100]).expect("it is cut");
    assert!(why(folder.path()).contains("was the copy cut short?"), "{}", why(folder.path()));
}

#[test]
fn sizes_that_do_not_fit_the_description_are_told_of_by_the_tensors_name() {
    let golden = Golden::read("llama");
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = golden.settings.clone();
    settings["intermediate_size"] = 64.into();
    golden.folder(folder.path(), &settings);
    let found = Model::open(folder.path(), Precision::Rounded).expect_err("it does not fit").to_string();
    assert!(
        found.contains("tokenizer.json") || found.contains("mlp.gate_proj.weight`: 1536 numbers where 2048"),
        "{found}"
    );
}

#[test]
fn models_are_kept_by_name_and_only_whole() {
    let golden = Golden::read("qwen3");
    let folder = tempfile::tempdir().expect("a folder");
    let path = golden.gguf(folder.path(), GgmlDType::Q8_0);
    let library = Library::new(folder.path().join("home/models"));
    assert!(library.list().expect("it is empty").is_empty());
    assert_eq!(library.add(&path, Some("tiny")).expect("it is taken"), "tiny");
    assert!(library.add(&path, Some("tiny")).is_err(), "a second of that name");
    for name in ["../tiny", "a/b", "..", "in-use", ""] {
        assert!(library.add(&path, Some(name)).is_err(), "{name}");
        assert!(library.find(name).is_err(), "{name}");
    }
    let text = folder.path().join("text.gguf");
    fs::write(&text, "no model").expect("a file");
    assert!(library.add(&text, None).is_err());
    library.choose(Some("tiny")).expect("it is there");
    assert!(library.choose(Some("other")).is_err());
    let listed = library.list().expect("it is read");
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert!(listed[0].used && listed[0].described.is_ok());
    library.choose(None).expect("none is used");
    assert_eq!(library.used().expect("it is read"), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes changed anywhere in the header, and the file cut anywhere.
    #[test]
    fn no_damage_makes_a_file_panic(
        changes in prop::collection::vec((0_usize..4000, any::<u8>()), 1..6),
        kept in 0.0_f64..1.2,
        numbers in any::<bool>(),
    ) {
        thread_local! {
            static WHOLE: (Vec<u8>, Vec<u8>) = {
                let golden = Golden::read("gemma2");
                let folder = tempfile::tempdir().expect("a folder");
                let gguf = fs::read(golden.gguf(folder.path(), GgmlDType::Q8_0)).expect("it is there");
                golden.folder(folder.path(), &golden.settings);
                (gguf, fs::read(folder.path().join("model.safetensors")).expect("it is there"))
            };
        }
        let folder = tempfile::tempdir().expect("a folder");
        let golden = Golden::read("gemma2");
        fs::write(folder.path().join("config.json"), golden.settings.to_string()).expect("a file");
        WHOLE.with(|(gguf, safetensors)| {
            for (whole, name) in [(gguf, "model.gguf"), (safetensors, "model.safetensors")] {
                let mut bytes = whole.clone();
                for (at, byte) in &changes {
                    let at = if numbers { *at } else { at % 64 };
                    if let Some(changed) = bytes.get_mut(at) {
                        *changed = *byte;
                    }
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length")]
                bytes.truncate((bytes.len() as f64 * kept) as usize);
                fs::write(folder.path().join(name), bytes).expect("a file");
            }
        });
        let path = folder.path().join("model.gguf");
        if let Ok(file) = Gguf::open(&path) {
            for name in file.names() {
                let _ = file.read(name);
            }
        }
        let _ = Model::open(&path, Precision::Rounded).map_err(|why| why.to_string());
        let _ = Folder::open(folder.path()).map_err(|why| why.to_string());
        let _ = Model::open(folder.path(), Precision::Rounded).map_err(|why| why.to_string());
        let _ = Tale::open(&path).map_err(|why| why.to_string());
    }
}
