//! `quid flops`: what an answer of a model costs, term by term, and as a picture.
//!
//! The same formulas put the figure on every reply of the neural half; here they are explained.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use quid_neural::flops::Terms;
use quid_neural::library::Library;
use quid_neural::model::{Described, Kind};
use quid_neural::plot::{self, Curve, Frame, short};
use serde::Deserialize;
use serde_json::json;

use crate::complaint::hinted;
use crate::data::Data;
use crate::home::Home;
use crate::outcome::Outcome;
use crate::output::Output;

/// What was asked for.
#[derive(Debug, clap::Args)]
pub struct Asked {
    /// A model of this home, a file or folder, or a well-known one (`quid flops --known` lists them); the model in use
    /// when absent
    pub model: Option<String>,
    /// Tokens of the prompt
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1 << 32))]
    pub prompt: u64,
    /// Tokens of the answer
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(0..=1 << 32))]
    pub generated: u64,
    /// Write a picture of the cost against the context's length to this file (SVG)
    #[arg(long, value_name = "PATH")]
    pub plot: Option<PathBuf>,
    /// List the well-known models
    #[arg(long, conflicts_with_all = ["model", "plot"])]
    pub known: bool,
}

/// A well-known model's sizes, as `data/models/` has them.
#[derive(Deserialize)]
struct Known {
    name: String,
    width: u64,
    layers: u64,
    heads: u64,
    key_heads: u64,
    head: u64,
    hidden: u64,
    vocabulary: u64,
    context: u64,
    tied: bool,
    #[serde(default = "yes")]
    gated: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct Shapes {
    #[serde(default)]
    model: Vec<Known>,
}

/// A model to be explained.
struct Subject {
    name: String,
    terms: Terms,
    kept: u64,
    context: u64,
}

impl From<Known> for Subject {
    fn from(known: Known) -> Self {
        let attention = known.heads * known.head;
        let projections = known.width * known.head * (2 * known.heads + 2 * known.key_heads);
        let network = known.width * known.hidden * if known.gated { 3 } else { 2 };
        let head = known.vocabulary * known.width;
        let weights = known.layers * (projections + network) + head;
        let kept = weights + if known.tied { 0 } else { head };
        let terms = Terms { weights, head, layers: known.layers, attention };
        Self { name: known.name, terms, kept, context: known.context }
    }
}

/// Explains.
///
/// # Errors
/// When there is no such model, or the picture cannot be written.
pub fn run(home: &Home, overlay: Option<&Path>, asked: &Asked, output: &mut Output) -> Result<Outcome> {
    let known = known(&Data::open(overlay)?)?;
    if asked.known {
        for subject in known {
            let weights = short(subject.kept as f64);
            if output.is_json() {
                output
                    .json_line(&json!({ "name": subject.name, "weights": subject.kept, "context": subject.context }))?;
            } else {
                output.line(&format!("{:16} {weights:>7} weights, context {}", subject.name, subject.context))?;
            }
        }
        return Ok(Outcome::Answered);
    }
    let subject = subject(home, asked.model.as_deref(), known)?;
    if output.is_json() {
        tell_json(&subject, asked, output)?;
    } else {
        tell(&subject, asked, output)?;
    }
    if let Some(path) = &asked.plot {
        let picture = picture(&subject, asked.prompt.saturating_add(asked.generated));
        fs::write(path, picture).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Answered)
}

fn known(data: &Data) -> Result<Vec<Subject>> {
    let mut all = Vec::new();
    for (name, text) in data.under("data/models/", ".toml") {
        let shapes: Shapes = toml::from_str(text).with_context(|| name.to_owned())?;
        all.extend(shapes.model.into_iter().map(Subject::from));
    }
    Ok(all)
}

fn subject(home: &Home, asked: Option<&str>, known: Vec<Subject>) -> Result<Subject> {
    let library = Library::new(home.models());
    let Some(name) = asked.map(ToOwned::to_owned).or(library.used()?) else {
        let hint = "name one: `quid flops llama-3.1-8b`; `quid flops --known` lists the well-known";
        return Err(hinted("no model is in use", hint).into());
    };
    if let Some(subject) = known.into_iter().find(|subject| subject.name == name) {
        return Ok(subject);
    }
    let path = if Path::new(&name).exists() { PathBuf::from(&name) } else { library.find(&name)? };
    let described = Described::read(&path)?;
    let terms = match &described.kind {
        Kind::Decoder(shape) => Terms::from(shape.as_ref()),
        Kind::Encoder(_) => {
            return Err(hinted(format!("{name} is an encoder"), "decoders are explained: llama, qwen2, gemma …").into());
        }
    };
    Ok(Subject { name, terms, kept: described.weights(), context: described.context() as u64 })
}

fn tell_json(subject: &Subject, asked: &Asked, output: &mut Output) -> Result<()> {
    let terms = subject.terms;
    output.json_line(&json!({
        "model": subject.name,
        "weights": subject.kept,
        "multiplied": terms.weights,
        "head": terms.head,
        "layers": terms.layers,
        "attention": terms.attention,
        "prompt": asked.prompt,
        "generated": asked.generated,
        "prompt_flops": terms.prompt(asked.prompt),
        "flops": terms.answer(asked.prompt, asked.generated),
        "token_flops": terms.token(asked.prompt.saturating_add(asked.generated)),
    }))?;
    Ok(())
}

fn tell(subject: &Subject, asked: &Asked, output: &mut Output) -> Result<()> {
    let Terms { weights, head, layers, attention } = subject.terms;
    let terms = subject.terms;
    let figure = |flops: u64| format!("{}FLOP", short(flops as f64));
    output.line(&format!("{}: {} weights, context {}", subject.name, short(subject.kept as f64), subject.context))?;
    output.line(&format!(
        "  N = {weights} weights are multiplied for a token, the output head's V·d = {head} with them"
    ))?;
    output.line(&format!("  L = {layers} layers, A = {attention} numbers in all heads together"))?;
    output.line("a token at position t: 2·N + 4·L·A·t  (a multiplication and an addition for each weight; the key and the value of each token before, in every layer)")?;
    let mut position = 1;
    let mut positions = vec![1];
    while position < subject.context {
        position = position.saturating_mul(8).min(subject.context);
        positions.push(position);
    }
    for position in positions {
        let (all, share) = (terms.token(position), 4.0 * (layers * attention) as f64 * position as f64);
        let share = 100.0 * share / all as f64;
        output.line(&format!("  t = {position:>7}: {:>10}, of which attention {share:.1}%", figure(all)))?;
    }
    let even = weights / (2 * layers * attention).max(1);
    output.line(&format!("  attention costs as much as the weights from t = N / (2·L·A) = {even} on"))?;
    output.line(&format!(
        "a prompt of S = {}: 2·(N − V·d)·S + 2·V·d + 2·L·A·S·(S+1) = {}",
        asked.prompt,
        figure(terms.prompt(asked.prompt))
    ))?;
    output.line(&format!(
        "with an answer of {} tokens: {}",
        asked.generated,
        figure(terms.answer(asked.prompt, asked.generated))
    ))?;
    Ok(())
}

/// The cost of a token and of the whole prompt against the context's length.
fn picture(subject: &Subject, least: u64) -> String {
    let terms = subject.terms;
    let end = subject.context.max(least).max(2);
    let mut lengths = Vec::new();
    let mut length = 1_u64;
    while length < end {
        lengths.push(length);
        length = length.saturating_mul(2);
    }
    lengths.push(end);
    let curve = |name: &str, of: &dyn Fn(u64) -> u64| Curve {
        name: name.to_owned(),
        points: lengths.iter().map(|length| (*length as f64, of(*length) as f64)).collect(),
    };
    let seen = |length: u64| terms.token(length).saturating_sub(terms.token(0));
    let frame = Frame {
        title: format!("{}: model FLOPs against context", subject.name),
        right: "tokens of context".to_owned(),
        up: "FLOP".to_owned(),
    };
    let curves = [
        curve("the whole prompt", &|length| terms.prompt(length)),
        curve("one more token", &|length| terms.token(length)),
        curve("… its weights", &|_| terms.token(0)),
        curve("… its attention", &seen),
    ];
    plot::svg(&frame, &curves)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_models_have_as_many_weights_as_their_names_say() {
        let known = known(&Data::open(None).expect("the data")).expect("it is read");
        for (name, least, most) in [
            ("smollm2-135m", 0.134e9, 0.136e9),
            ("qwen3-0.6b", 0.59e9, 0.61e9),
            ("llama-3.2-1b", 1.2e9, 1.3e9),
            ("llama-3.1-8b", 8.0e9, 8.1e9),
            ("llama-3.1-70b", 70e9, 71e9),
            ("llama-3.1-405b", 405e9, 407e9),
            ("gpt-3-175b", 174e9, 176e9),
        ] {
            let found = known.iter().find(|subject| subject.name == name).expect("it is listed");
            assert!((least..most).contains(&(found.kept as f64)), "{name}: {}", found.kept);
        }
    }
}
