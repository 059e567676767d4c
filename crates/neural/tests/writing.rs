//! Writing with a real model: the smallest Llama there is, and what its own program wrote.

mod common;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use common::Golden;
use quid_neural::Device;
use quid_neural::decoder::{Decoder, Legal};
use quid_neural::files::{Folder, Settings, Tale, decoder_shape};
use quid_neural::generate::{Manner, Writer, Written};
use quid_neural::kernel::Precision;
use quid_neural::model::open_on_device;
use quid_neural::words::Words;

/// The model, where its data lies beside the repository.
fn stories() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/weights/stories260K");
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not here", path.display());
    None
}

fn write(decoder: &Decoder, prompt: &[u32], manner: Manner<'_>) -> (Vec<u32>, Written) {
    let mut writer = Writer::new(decoder, 512, Some(1)).expect("a thread");
    let mut tokens = Vec::new();
    let written = writer
        .write(decoder, prompt, manner, &|_| false, &mut |token| {
            tokens.push(token);
            ControlFlow::Continue(())
        })
        .expect("it writes");
    (tokens, written)
}

#[test]
fn a_real_model_writes_what_its_own_program_writes_byte_for_byte() {
    let Some(folder) = stories() else { return };
    let tale = Tale::open(&folder.join("stories260K.bin")).expect("it opens");
    let words = Words::tale(&folder.join("tok512.bin")).expect("tokens");
    let wanted = std::fs::read_to_string(folder.join("reference-greedy-n200.txt")).expect("the reference");
    let decoder = Decoder::load(tale.shape().clone(), &tale, Precision::Exact).expect("it loads");
    for guess in [false, true] {
        let mut writer = Writer::new(&decoder, 256, None).expect("threads");
        let prompt = words.prompt("").expect("it begins");
        let mut teller = words.teller(&prompt);
        let mut text = String::new();
        let manner = Manner { most: 200, guess, ..Manner::default() };
        let written = writer.write(&decoder, &prompt, manner, &|token| words.ends(token), &mut |token| {
            text.push_str(&teller.tell(token));
            ControlFlow::Continue(())
        });
        let written = written.expect("it writes");
        // Its program ends with the end of a line.
        assert_eq!(format!("{text}\n"), wanted, "guessing: {guess}");
        assert_eq!(written.tokens, 200);
        assert!(if guess { written.passes < 199 } else { written.passes == 199 }, "{written:?}");
    }
}

#[test]
fn a_real_model_writes_the_same_on_tensors() {
    let Some(folder) = stories() else { return };
    let (decoder, words) = open_on_device(&folder.join("stories260K.bin"), &Device::Cpu).expect("it opens");
    let wanted = std::fs::read_to_string(folder.join("reference-greedy-n200.txt")).expect("the reference");
    let mut tokens = Vec::new();
    let prompt = words.prompt("").expect("it begins");
    let written = decoder.write(&prompt, 60, &|token| words.ends(token), &mut |token| tokens.push(token));
    assert_eq!(written.expect("it writes"), 60);
    assert!(wanted.starts_with(&words.told(&tokens)), "{}", words.told(&tokens));
}

#[test]
fn a_text_comes_back_from_its_tokens() {
    let Some(folder) = stories() else { return };
    let words = Words::tale(&folder.join("tok512.bin")).expect("tokens");
    for text in ["Once upon a time, there was a dog.", "two  spaces", "ü, €, 🙂 and \n lines", "<s> is no control", ""]
    {
        let tokens = words.text(text).expect("it is encoded");
        assert_eq!(words.told(&tokens), text, "{tokens:?}");
        assert!(!tokens.contains(&1), "{text:?} holds a control token: {tokens:?}");
        let prompt = words.prompt("Hello").expect("it is encoded");
        let mut teller = words.teller(&prompt);
        let told: String = tokens.iter().map(|token| teller.tell(*token)).collect();
        assert_eq!(told.trim_start(), text.trim_start(), "one by one");
    }
}

fn tiny(precision: Precision) -> (Decoder, Vec<u32>) {
    let golden = Golden::read("llama");
    let folder = tempfile::tempdir().expect("a folder");
    golden.folder(folder.path(), &golden.settings);
    let shape = decoder_shape(&Settings::read(&folder.path().join("config.json")).expect("settings")).expect("a shape");
    let tensors = Folder::open(folder.path()).expect("tensors");
    (Decoder::load(shape, &tensors, precision).expect("it loads"), golden.tokens)
}

#[test]
fn guessing_changes_nothing_but_the_passes() {
    let (decoder, _) = tiny(Precision::Rounded);
    let prompt = [5, 6, 7, 8, 9, 10, 5, 6, 7, 8, 9, 10, 5, 6, 7];
    let (plain, one_by_one) = write(&decoder, &prompt, Manner { most: 40, guess: false, ..Manner::default() });
    let (guessed, few) = write(&decoder, &prompt, Manner { most: 40, guess: true, ..Manner::default() });
    assert_eq!(plain, guessed);
    assert_eq!(plain.len(), 40);
    assert!((one_by_one.probability - few.probability).abs() < 1e-12);
    assert!(few.passes <= one_by_one.passes);
}

#[test]
fn only_legal_tokens_are_written_and_only_their_rows_computed() {
    let (decoder, tokens) = tiny(Precision::Rounded);
    let legal = Legal::new(&[3, 4, 70, 9999], decoder.shape.vocabulary);
    assert!(legal.share() < 0.7, "two of three panels hold a legal token: {}", legal.share());
    for temperature in [0.0, 3.0] {
        let manner = Manner { most: 30, legal: Some(&legal), temperature, ..Manner::default() };
        let (written, _) = write(&decoder, &tokens, manner);
        assert_eq!(written.len(), 30);
        assert!(written.iter().all(|token| [3, 4, 70].contains(token)), "{written:?}");
        assert!(written.iter().any(|token| *token != written[0]) || temperature == 0.0, "nothing is drawn");
    }
    let none = Legal::new(&[], decoder.shape.vocabulary);
    assert!(write(&decoder, &tokens, Manner { legal: Some(&none), ..Manner::default() }).0.is_empty());
}

#[test]
fn what_prompts_have_in_common_is_read_once() {
    let (decoder, tokens) = tiny(Precision::Exact);
    let mut writer = Writer::new(&decoder, 64, Some(1)).expect("a thread");
    let mut ask = |prompt: &[u32]| {
        let mut found = Vec::new();
        let manner = Manner { most: 4, ..Manner::default() };
        let written = writer.write(&decoder, prompt, manner, &|_| false, &mut |token| {
            found.push(token);
            ControlFlow::Continue(())
        });
        (found, written.expect("it writes").known)
    };
    let other: Vec<u32> = tokens[..20].iter().copied().chain([1, 2, 3]).collect();
    let (first, known) = ask(&tokens);
    assert_eq!(known, 0);
    let (second, known) = ask(&other);
    assert_eq!(known, 20, "the first twenty tokens are the same");
    let (again, known) = ask(&tokens);
    assert_eq!((again, known), (first, 20));
    assert_eq!(second, write(&decoder, &other, Manner { most: 4, ..Manner::default() }).0);
}

#[test]
fn a_prompt_that_is_too_long_is_refused_and_an_answer_ends_where_the_room_does() {
    let (decoder, tokens) = tiny(Precision::Exact);
    let mut writer = Writer::new(&decoder, 32, Some(1)).expect("a thread");
    let long: Vec<u32> = tokens.iter().chain(&tokens).copied().collect();
    let mut ignore = |_| ControlFlow::Continue(());
    let refused = writer.write(&decoder, &long, Manner::default(), &|_| false, &mut ignore);
    let why = refused.expect_err("it does not fit").to_string();
    assert_eq!(why, "49 tokens do not fit the context of 32: ask for less");
    let written = writer.write(&decoder, &tokens, Manner::default(), &|_| false, &mut ignore).expect("it writes");
    assert_eq!(written.tokens, 8, "32 less the prompt of 24");
    let beyond = writer.write(&decoder, &[96], Manner::default(), &|_| false, &mut ignore);
    assert_eq!(beyond.expect_err("no such token").to_string(), "tokenizer: token 96 is beyond the vocabulary");
}
