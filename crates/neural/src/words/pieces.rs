//! Vocabularies that stand in other files than `tokenizer.json`, made into tokenizers of the same library.
//!
//! Two kinds cover the families here: SentencePiece's pairs by score (Llama 1 and 2, Gemma, Phi 3; Kudo & Richardson
//! 2018) and GPT-2's pairs of bytes by rank (Llama 3, Qwen, SmolLM; Radford et al. 2019).

use std::fs;
use std::path::Path;

use tokenizers::decoders::byte_fallback::ByteFallback;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::decoders::sequence::Sequence as Decoders;
use tokenizers::decoders::strip::Strip;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::{Prepend, Replace, Sequence as Normalizers};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;
use tokenizers::{AddedToken, Tokenizer};

use crate::files::{Gguf, Value};
use crate::problem::{Problem, Result};

/// How the vocabularies write a space.
const SPACE: &str = "▁";

fn wrong(why: impl std::fmt::Display) -> Problem {
    Problem::Words { why: format!("{why}") }
}

/// From a GGUF file's vocabulary.
pub fn from_gguf(file: &Gguf) -> Result<Tokenizer> {
    let tokens = file.texts("tokenizer.ggml.tokens").ok_or_else(|| wrong("the file has no vocabulary"))?;
    let mut tokenizer = match file.text("tokenizer.ggml.model") {
        Some("llama") => {
            let Some(Value::Reals(scores)) = file.value("tokenizer.ggml.scores") else {
                return Err(wrong("the vocabulary has no scores"));
            };
            let prefix = file.truth("tokenizer.ggml.add_space_prefix").unwrap_or(true);
            by_score(tokens, scores, prefix)?
        }
        Some("gpt2") => {
            let merges = file.texts("tokenizer.ggml.merges").ok_or_else(|| wrong("the vocabulary has no merges"))?;
            by_rank(tokens, merges, file.text("tokenizer.ggml.pre").unwrap_or("default"))?
        }
        other => {
            let what = format!("the vocabulary `{}`", other.unwrap_or(""));
            let hint = "put the model's tokenizer.json beside the file".to_owned();
            return Err(Problem::Unsupported { what, hint });
        }
    };
    // Kinds of tokens: 3 controls, 4 what users added.
    if let Some(Value::Wholes(kinds)) = file.value("tokenizer.ggml.token_type") {
        let of =
            |kind: i64| tokens.iter().zip(kinds).filter(move |(_, of)| **of == kind).map(|(token, _)| token.clone());
        let controls: Vec<_> = of(3).map(|token| AddedToken::from(token, true)).collect();
        let added: Vec<_> = of(4).map(|token| AddedToken::from(token, false).normalized(false)).collect();
        tokenizer.add_special_tokens(controls).map_err(wrong)?;
        tokenizer.add_tokens(added).map_err(wrong)?;
    }
    Ok(tokenizer)
}

/// From llama2.c's file: the longest token's length, then a score, a length and bytes for each.
pub fn from_tale(path: &Path) -> Result<Tokenizer> {
    let bytes = fs::read(path).map_err(|why| Problem::File { path: path.to_owned(), why })?;
    let damaged = |why: &str| Problem::Damaged { path: path.to_owned(), why: why.to_owned() };
    let mut rest = bytes.get(4..).ok_or_else(|| damaged("too short for a file of tokens"))?;
    let (mut tokens, mut scores) = (Vec::new(), Vec::new());
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let [score, length] = [[head[0], head[1], head[2], head[3]], [head[4], head[5], head[6], head[7]]];
        let length = usize::try_from(i32::from_le_bytes(length)).map_err(|_| damaged("a negative length"))?;
        let (token, after) = after.split_at_checked(length).ok_or_else(|| damaged("it ends within a token"))?;
        let token = str::from_utf8(token).map_err(|_| damaged("a token that is no text"))?;
        // It keeps spaces as they are, and ends between lines.
        tokens.push(match tokens.len() {
            1 => "<s>".to_owned(),
            2 => "</s>".to_owned(),
            _ => token.replace(' ', SPACE),
        });
        scores.push(f32::from_le_bytes(score));
        rest = after;
    }
    if tokens.len() < 3 || !rest.is_empty() {
        return Err(damaged("not a file of tokens"));
    }
    let mut tokenizer = by_score(&tokens, &scores, true)?;
    let controls: Vec<_> = tokens.iter().take(3).map(|token| AddedToken::from(token.clone(), true)).collect();
    tokenizer.add_special_tokens(controls).map_err(wrong)?;
    Ok(tokenizer)
}

/// SentencePiece: of two neighbours that are a token together, those with the best score first.
fn by_score(tokens: &[String], scores: &[f32], prefix: bool) -> Result<Tokenizer> {
    if tokens.len() != scores.len() {
        return Err(wrong(format!("{} tokens with {} scores", tokens.len(), scores.len())));
    }
    let vocabulary = vocabulary(tokens);
    let mut merges: Vec<(f32, u32, &str, &str)> = Vec::new();
    for (token, score) in tokens.iter().zip(scores) {
        let Some(&id) = vocabulary.get(token) else { continue };
        for (at, _) in token.char_indices().skip(1) {
            let (left, right) = token.split_at(at);
            if vocabulary.contains_key(left) && vocabulary.contains_key(right) {
                merges.push((*score, id, left, right));
            }
        }
    }
    merges.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let merges = merges.into_iter().map(|(.., left, right)| (left.to_owned(), right.to_owned())).collect::<Vec<_>>();
    let unknown = tokens.iter().find(|token| *token == "<unk>").cloned();
    let mut builder = BPE::builder().vocab_and_merges(vocabulary, merges).byte_fallback(true).fuse_unk(true);
    if let Some(unknown) = unknown {
        builder = builder.unk_token(unknown);
    }
    let mut tokenizer = Tokenizer::new(builder.build().map_err(wrong)?);
    let spaces = Replace::new(" ", SPACE).map_err(wrong)?;
    let mut normalizers = Vec::new();
    if prefix {
        normalizers.push(Prepend::new(SPACE.to_owned()).into());
    }
    normalizers.push(spaces.into());
    tokenizer.with_normalizer(Some(Normalizers::new(normalizers))).map_err(wrong)?;
    let mut decoders =
        vec![Replace::new(SPACE, " ").map_err(wrong)?.into(), ByteFallback::new().into(), Fuse::new().into()];
    if prefix {
        decoders.push(Strip::new(' ', 1, 0).into());
    }
    tokenizer.with_decoder(Some(Decoders::new(decoders)));
    Ok(tokenizer)
}

/// How texts are cut before pairs are joined: the expressions of the models' own tokenizers.
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// GPT-2: bytes as letters, pairs joined by rank.
fn by_rank(tokens: &[String], merges: &[String], cut: &str) -> Result<Tokenizer> {
    let merges = merges
        .iter()
        .map(|merge| merge.split_once(' ').map(|(left, right)| (left.to_owned(), right.to_owned())))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| wrong("a merge that is not of two tokens"))?;
    let llama3 = matches!(cut, "llama-bpe" | "llama3" | "llama-v3" | "smaug-bpe");
    let expression = match cut {
        _ if llama3 => LLAMA3,
        "qwen2" | "deepseek-r1-qwen" => QWEN2,
        "gpt-2" | "default" | "smollm" => GPT2,
        other => {
            let what = format!("the way `{other}` of cutting texts");
            let hint = "put the model's tokenizer.json beside the file".to_owned();
            return Err(Problem::Unsupported { what, hint });
        }
    };
    let builder = BPE::builder().vocab_and_merges(vocabulary(tokens), merges).ignore_merges(llama3);
    let mut tokenizer = Tokenizer::new(builder.build().map_err(wrong)?);
    let split = Split::new(SplitPattern::Regex(expression.to_owned()), SplitDelimiterBehavior::Isolated, false);
    let mut steps = Vec::new();
    if cut == "smollm" {
        steps.push(Digits::new(true).into());
    }
    steps.push(split.map_err(wrong)?.into());
    steps.push(ByteLevel::new(false, true, false).into());
    tokenizer.with_pre_tokenizer(Some(Sequence::new(steps)));
    tokenizer.with_decoder(Some(ByteLevel::default()));
    Ok(tokenizer)
}

fn vocabulary(tokens: &[String]) -> Vocab {
    (0_u32..).zip(tokens).map(|(id, token)| (token.clone(), id)).collect()
}
