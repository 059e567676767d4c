//! Compares how relations are worded with how people word them, and prints samples for reading.
//!
//! The labels are all that the wording is given; the patterns of `../shared/data/phrases/pararel` are the references.
//! A number says little of good English, so a hundred sentences of real triples are printed beside it.
//!
//! `cargo run -p quid-lang --example say [FOLDER]`

// An example is a program: it reads files and prints.
#![allow(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types, clippy::cast_precision_loss)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use quid_lang::Language;

/// The longest run of words that BLEU counts (Papineni et al. 2002).
const WORDS: usize = 4;
/// The longest run of characters that chrF counts, and how much recall weighs (Popović 2015).
const CHARACTERS: usize = 6;
const RECALL_SQUARED: f64 = 4.0;
/// Sentences printed.
const SAMPLES: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::args().nth(1).map_or_else(|| root.join("../shared/data/phrases/pararel"), PathBuf::from);
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return Ok(());
    }
    let language = language(&root.join("data"))?;
    let (mut all, mut first) = (Bleu::default(), Bleu::default());
    let (mut all_characters, mut first_characters) = (Vec::new(), Vec::new());
    let mut samples = Vec::new();
    println!("{:8} {:28} {:10} {:>5} {:>5}  said first", "relation", "label", "shape", "BLEU", "chrF");
    let labels = include_str!("labels.tsv").lines().filter_map(|line| line.split_once('\t'));
    for (relation, label) in labels {
        let references = references(&folder.join(format!("patterns-{relation}.jsonl")))?;
        let wording = language.wording(label);
        let mut own = Bleu::default();
        let mut characters = Vec::new();
        let said = language.statements(&wording, "[X]", "[Y]");
        for (place, sentence) in said.iter().enumerate() {
            own.add(sentence, &references);
            all.add(sentence, &references);
            let score = chrf(sentence, &references);
            characters.push(score);
            if place == 0 {
                first.add(sentence, &references);
                first_characters.push(score);
            }
        }
        let said = said.first().map_or("", String::as_str);
        println!(
            "{relation:8} {label:28} {:10} {:5.1} {:5.1}  {said}",
            wording.shape,
            own.score() * 100.0,
            mean(&characters) * 100.0
        );
        all_characters.extend(characters);
        for (subject, object) in triples(&folder.join(format!("triples-{relation}.jsonl.gz"))) {
            samples.extend(language.statements(&wording, &subject, &object).into_iter().next());
        }
    }
    println!("\nfirst wording  BLEU {:.1}, chrF {:.1}", first.score() * 100.0, mean(&first_characters) * 100.0);
    println!("all wordings   BLEU {:.1}, chrF {:.1}\n", all.score() * 100.0, mean(&all_characters) * 100.0);
    for sample in samples.iter().take(SAMPLES) {
        println!("{sample}");
    }
    Ok(())
}

fn language(data: &Path) -> Result<Language, Box<dyn Error>> {
    let mut files = Vec::new();
    for folder in ["grammar", "patterns", "phrases", "words"] {
        for entry in fs::read_dir(data.join(folder))? {
            let path = entry?.path();
            let name = format!("data/{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy());
            files.push((name, fs::read_to_string(&path)?));
        }
    }
    files.sort();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(Language::load_proved(&files)?)
}

/// What stands between the quotation marks behind a key, in a file of one object a line without escapes.
fn field<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let (_, rest) = line.split_once(&format!("\"{key}\": \""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn references(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.lines().filter_map(|line| field(line, "pattern")).map(ToOwned::to_owned).collect())
}

/// A few triples, where the program that unpacks them is installed.
fn triples(path: &Path) -> Vec<(String, String)> {
    let unpacked = Command::new("gzip").arg("-dc").arg(path).output().map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&unpacked);
    let pairs = text.lines().filter_map(|line| {
        Some((field(line, "sub_label")?, field(line, "obj_label")?))
            .filter(|(one, other)| !(one.contains('\\') || other.contains('\\')))
    });
    // Spread over the file: neighbours in it resemble each other.
    let pairs: Vec<_> = pairs.collect();
    let step = (pairs.len() / 4).max(1);
    pairs.into_iter().step_by(step).take(4).map(|(one, other)| (one.to_owned(), other.to_owned())).collect()
}

/// Words in lower case, without the full stop.
fn tokens(sentence: &str) -> Vec<String> {
    let spaced = sentence.to_lowercase().replace("'s", " 's").replace(',', " ,");
    spaced
        .split_whitespace()
        .map(|word| word.trim_end_matches('.').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

fn counted<T: Clone + Ord>(items: &[T], length: usize) -> BTreeMap<Vec<T>, usize> {
    let mut counts = BTreeMap::new();
    for run in items.windows(length) {
        *counts.entry(run.to_vec()).or_default() += 1;
    }
    counts
}

/// BLEU of many sentences, each with several references.
#[derive(Default)]
struct Bleu {
    right: [usize; WORDS],
    all: [usize; WORDS],
    said: usize,
    wanted: usize,
}

impl Bleu {
    fn add(&mut self, sentence: &str, references: &[String]) {
        let said = tokens(sentence);
        let references: Vec<Vec<String>> = references.iter().map(|reference| tokens(reference)).collect();
        for length in 1..=WORDS {
            let wanted: Vec<_> = references.iter().map(|reference| counted(reference, length)).collect();
            for (run, count) in counted(&said, length) {
                let most = wanted.iter().filter_map(|counts| counts.get(&run)).max().copied().unwrap_or(0);
                self.right[length - 1] += count.min(most);
                self.all[length - 1] += count;
            }
        }
        self.said += said.len();
        let nearest = references.iter().map(Vec::len).min_by_key(|length| (length.abs_diff(said.len()), *length));
        self.wanted += nearest.unwrap_or(0);
    }

    fn score(&self) -> f64 {
        if self.right.contains(&0) {
            return 0.0;
        }
        let logs = self.right.iter().zip(&self.all).map(|(right, all)| (*right as f64 / *all as f64).ln());
        let brevity = (1.0 - self.wanted as f64 / self.said as f64).min(0.0);
        (logs.sum::<f64>() / WORDS as f64 + brevity).exp()
    }
}

/// chrF against the reference that fits best.
fn chrf(sentence: &str, references: &[String]) -> f64 {
    let characters = |text: &str| -> Vec<char> { tokens(text).concat().chars().collect() };
    let said = characters(sentence);
    let best = references.iter().map(|reference| {
        let wanted = characters(reference);
        let (mut precision, mut recall) = (Vec::new(), Vec::new());
        for length in 1..=CHARACTERS.min(said.len()).min(wanted.len()) {
            let (one, other) = (counted(&said, length), counted(&wanted, length));
            let right: usize = one.iter().map(|(run, count)| (*count).min(other.get(run).copied().unwrap_or(0))).sum();
            precision.push(right as f64 / (said.len() + 1 - length) as f64);
            recall.push(right as f64 / (wanted.len() + 1 - length) as f64);
        }
        let (precision, recall) = (mean(&precision), mean(&recall));
        let below = RECALL_SQUARED * precision + recall;
        if below > 0.0 { (1.0 + RECALL_SQUARED) * precision * recall / below } else { 0.0 }
    });
    best.fold(0.0, f64::max)
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}
