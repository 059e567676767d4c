//! Writes lessons for the generator, one a line: family, prompt and answer, with tabs between them.
//!
//! ```text
//! cargo run --release -p quid-mind --example lessons -- COUNT [FIRST] [unseen] [nouns=FILE]
//! ```
//! The file has a noun a line; `cut -d' ' -f1 index.noun` of a WordNet is one.

// An example reads the data as the program would; only the crate itself is pure.
#![allow(clippy::disallowed_methods)]

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quid_lang::Language;
use quid_mind::lessons::Teacher;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().unwrap_or_else(|| "1000".to_owned()).parse()?;
    let first: u64 = arguments.next().unwrap_or_else(|| "0".to_owned()).parse()?;
    let (mut unseen, mut nouns) = (false, Vec::new());
    for argument in arguments {
        match argument.strip_prefix("nouns=") {
            Some(file) => nouns = words(&std::fs::read_to_string(file)?),
            None => unseen = argument == "unseen",
        }
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut files = Vec::new();
    for folder in ["grammar", "patterns", "phrases", "words"] {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(data.join(folder))?.map(|entry| Ok(entry?.path())).collect::<Result<_, Failed>>()?;
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((format!("data/{folder}/{name}"), std::fs::read_to_string(&path)?));
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let language = Arc::new(Language::load_proved(&files)?);
    let relations = std::fs::read_to_string(data.join("lessons/relations.toml"))?;
    let kinds = std::fs::read_to_string(data.join("lessons/kinds.toml"))?;
    let teacher = Teacher::read(language, &relations, &kinds, nouns)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for number in first..first.saturating_add(count) {
        let lesson = teacher.lesson(number, unseen);
        writeln!(out, "{}\t{}\t{}", lesson.family, lesson.prompt, lesson.answer)?;
    }
    out.flush()?;
    Ok(())
}

/// Plain words of a list, underscores as spaces.
fn words(text: &str) -> Vec<String> {
    let is_plain =
        |line: &&str| !line.is_empty() && line.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
    text.lines().map(str::trim).filter(is_plain).map(|line| line.replace('_', " ")).collect()
}
