//! `quid model`: the language models of this home. They guess; nothing here lets them know anything.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use quid_core::Generator as _;
use quid_neural::device;
use quid_neural::generate::{Manner, Writer};
use quid_neural::kernel::Precision;
use quid_neural::library::{Entry, Library};
use quid_neural::model::{Described, Kind, Model, open_encoder, open_on_device};
use quid_neural::plot::short;
use quid_neural::words::{Message, Words};
use serde_json::{Value, json};

use crate::complaint::hinted;
use crate::data::Data;
use crate::home::Home;
use crate::models;
use crate::outcome::Outcome;
use crate::output::{Output, without_controls};

/// What is done with models.
#[derive(Debug, clap::Subcommand)]
pub enum Asked {
    /// List them
    #[command(after_help = "Example:\n  quid model list")]
    List,
    /// Take one in: a GGUF file, or a folder with config.json, safetensors and tokenizer.json
    #[command(after_help = "\
Families: llama, qwen2, qwen3, gemma, gemma2, gemma3, phi3 write; bert turns sentences into vectors. Files are linked
where the disk allows it, else copied.

Example:
  quid model add SmolLM2-135M-Instruct-Q8_0.gguf --name smol")]
    Add {
        /// Where it lies
        path: PathBuf,
        /// What it is called here; its file's name when absent
        #[arg(long)]
        name: Option<String>,
    },
    /// Read one whole and let it run: is it sound, how quick, how large
    #[command(after_help = "\
A server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama) is described in a file:

  address = \"http://localhost:11434/v1\"
  model = \"qwen3:0.6b\"
  # key_file = \"/path/to/key\"   or   key_variable = \"MODEL_KEY\"
  # seconds = 60, tokens = 100, weights = 600000000 (for the cost)

Example:
  quid model check smol --say 'What is tea?'")]
    Check {
        /// A model of this home, or a path, or a server's settings (NAME.toml); the one in use when absent
        model: Option<String>,
        /// Let it go on with this, and print that as the guess it is
        #[arg(long, value_name = "TEXT")]
        say: Option<String>,
        /// At most so many tokens
        #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
        tokens: u16,
        /// How many threads; as many as are worth it when absent
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
        threads: Option<u16>,
        /// Keep the weights as 32-bit floats instead of 8-bit integers
        #[arg(long)]
        exact: bool,
        /// Where tensors live: auto, cpu, cuda, metal
        #[arg(long, default_value = "auto", value_parser = |name: &str| name.parse::<device::Wanted>())]
        device: device::Wanted,
    },
    /// Use one from now on
    #[command(after_help = "\
Without one, the program's own generator speaks. What any model says is verified before it is told. The settings of a
server are described under `quid model check --help`; a key stands in a file or a variable, never among them.

Examples:
  quid model use smol
  quid model use --server ollama.toml
  quid model use --none")]
    Use {
        /// Its name, as the list has it
        #[arg(required_unless_present_any = ["none", "server"])]
        name: Option<String>,
        /// Use a server that speaks OpenAI's chat completions, by the settings in this file
        #[arg(long, value_name = "FILE", conflicts_with = "name")]
        server: Option<PathBuf>,
        /// Use none of them
        #[arg(long, conflicts_with_all = ["name", "server"])]
        none: bool,
    },
}

/// Does it.
///
/// # Errors
/// When a model is damaged, unknown or not there.
pub fn run(home: &Home, overlay: Option<&Path>, asked: &Asked, output: &mut Output) -> Result<Outcome> {
    let library = Library::new(home.models());
    match asked {
        Asked::List => list(&library, output),
        Asked::Add { path, name } => {
            home.create()?;
            let name = library.add(path, name.as_deref())?;
            let is_encoder =
                Described::read(&library.find(&name)?).is_ok_and(|one| matches!(one.kind, Kind::Encoder(_)));
            let told = if is_encoder {
                format!("{name} is here; `quid search` and `quid word` read with it")
            } else {
                format!("{name} is here; `quid model use {name}` uses it")
            };
            tell(output, &json!({ "added": name }), &told)
        }
        Asked::Use { server: Some(file), .. } => {
            let server = models::server(file, &Data::open(overlay)?)?;
            home.create()?;
            fs::create_dir_all(home.models()).with_context(|| home.models().display().to_string())?;
            let place = home.models().join(models::SERVER);
            fs::copy(file, &place).with_context(|| format!("cannot write {}", place.display()))?;
            tell(output, &json!({ "used": server.name() }), &format!("{} is used", server.name()))
        }
        Asked::Use { name, .. } => {
            library.choose(name.as_deref())?;
            let settings = home.models().join(models::SERVER);
            if settings.exists() {
                fs::remove_file(&settings).with_context(|| format!("cannot remove {}", settings.display()))?;
            }
            let line = name.as_ref().map_or_else(|| "no model is used".to_owned(), |name| format!("{name} is used"));
            tell(output, &json!({ "used": name }), &line)
        }
        Asked::Check { model, say, tokens, threads, exact, device } => {
            let Some(model) = model.clone().or(library.used()?) else {
                return Err(hinted("no model is in use", "name one, or a path: `quid model check PATH`").into());
            };
            let path = if Path::new(&model).exists() { PathBuf::from(&model) } else { library.find(&model)? };
            if path.extension().is_some_and(|ending| ending == "toml") {
                return check_server(&path, overlay, say.as_deref().unwrap_or("?"), output);
            }
            let (device, line) = device::choose(*device)?;
            tracing::info!("{line}");
            let precision = if *exact { Precision::Exact } else { Precision::Rounded };
            let described = Described::read(&path)?;
            let found = match &described.kind {
                Kind::Encoder(_) => check_encoder(&path, say.as_deref().unwrap_or_default(), &device)?,
                Kind::Decoder(_) if !device.is_cpu() => {
                    check_on_device(&path, say.as_deref(), usize::from(*tokens), &device)?
                }
                Kind::Decoder(_) => {
                    let most = usize::from(*tokens);
                    check_decoder(&path, say.as_deref(), most, threads.map(usize::from), precision)?
                }
            };
            let mut about = about(&described);
            if let (Some(about), Value::Object(found)) = (about.as_object_mut(), found) {
                about.insert("device".to_owned(), line.clone().into());
                about.extend(found);
            }
            if output.is_json() {
                output.json_line(&about)?;
            } else {
                output.line(&line)?;
                for (key, value) in about.as_object().into_iter().flatten() {
                    let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                    if key != "device" {
                        output.line(&without_controls(&format!("{key:10} {value}")))?;
                    }
                }
            }
            Ok(Outcome::Answered)
        }
    }
}

fn tell(output: &mut Output, object: &Value, line: &str) -> Result<Outcome> {
    if output.is_json() {
        output.json_line(object)?;
    } else {
        output.line(&without_controls(line))?;
    }
    Ok(Outcome::Answered)
}

fn list(library: &Library, output: &mut Output) -> Result<Outcome> {
    let entries = library.list()?;
    let width = entries.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0);
    for Entry { name, described, used } in &entries {
        if output.is_json() {
            let mut object = match described {
                Ok(described) => about(described),
                Err(why) => json!({ "problem": why.to_string() }),
            };
            if let Some(object) = object.as_object_mut() {
                object.insert("name".to_owned(), name.clone().into());
                object.insert("used".to_owned(), (*used).into());
            }
            output.json_line(&object)?;
            continue;
        }
        let mark = if *used { '*' } else { ' ' };
        let told = match described {
            Ok(described) => format!(
                "{:7} {:>7} weights, context {}, {}B",
                described.family(),
                short(described.weights() as f64),
                described.context(),
                short(described.bytes as f64)
            ),
            Err(why) => format!("cannot be used: {why}"),
        };
        output.line(&without_controls(&format!("{mark} {name:width$}  {told}")))?;
    }
    // Having none is an answer too.
    Ok(Outcome::Answered)
}

fn about(described: &Described) -> Value {
    json!({
        "family": described.family(),
        "format": format!("{:?}", described.format).to_lowercase(),
        "writes": matches!(described.kind, Kind::Decoder(_)),
        "weights": described.weights(),
        "context": described.context(),
        "bytes": described.bytes,
    })
}

/// Reads a decoder and lets it go on with something.
fn check_decoder(
    path: &Path,
    say: Option<&str>,
    most: usize,
    threads: Option<usize>,
    precision: Precision,
) -> Result<Value> {
    let started = Instant::now();
    let model = Model::open(path, precision)?;
    let loaded = started.elapsed();
    let prompt = prompt(&model.words, say, model.decoder.shape.vocabulary)?;
    let mut writer = Writer::new(&model.decoder, prompt.len() + most + 1, threads)?;
    let mut teller = model.words.teller(&prompt);
    let mut text = String::new();
    let manner = Manner { most, ..Manner::default() };
    let mut first = None;
    let started = Instant::now();
    let ends = |token: u32| say.is_some() && model.words.ends(token);
    let written = writer.write(&model.decoder, &prompt, manner, &ends, &mut |token| {
        first.get_or_insert_with(|| started.elapsed());
        text.push_str(&teller.tell(token));
        ControlFlow::Continue(())
    });
    let written = written.with_context(|| path.display().to_string())?;
    let whole = started.elapsed();
    let first = first.unwrap_or(whole);
    let rate = |tokens: usize, seconds: f64| if seconds > 0.0 { (tokens as f64 / seconds).round() } else { 0.0 };
    let mut found = json!({
        "template": model.words.has_template(),
        "memory": model.decoder.bytes(),
        "threads": writer.threads(),
        "load_ms": u64::try_from(loaded.as_millis()).unwrap_or(u64::MAX),
        "read": written.prompt,
        "read_per_second": rate(written.prompt, first.as_secs_f64()),
        "written": written.tokens,
        "written_per_second": rate(written.tokens.saturating_sub(1), (whole.saturating_sub(first)).as_secs_f64()),
        "flops": quid_neural::flops::flops(&model.decoder.shape, written.prompt as u64, written.tokens as u64),
    });
    if let (Some(_), Some(found)) = (say, found.as_object_mut()) {
        found.insert("guess".to_owned(), text.into());
    }
    Ok(found)
}

/// The tokens of what it is to go on with.
fn prompt(words: &Words, say: Option<&str>, vocabulary: usize) -> Result<Vec<u32>> {
    Ok(match say {
        Some(text) => words.chat(&[Message { role: "user", content: text.to_owned() }])?,
        // Any tokens will do to see that it runs.
        None => (0..32).map(|at| at % u32::try_from(vocabulary).unwrap_or(1)).collect(),
    })
}

/// Reads a decoder to a device and lets it go on with something there.
fn check_on_device(path: &Path, say: Option<&str>, most: usize, device: &quid_neural::Device) -> Result<Value> {
    let started = Instant::now();
    let (decoder, words) = open_on_device(path, device)?;
    let loaded = started.elapsed();
    let prompt = prompt(&words, say, decoder.shape.vocabulary)?;
    let mut tokens = Vec::new();
    let mut first = None;
    let started = Instant::now();
    let ends = |token: u32| say.is_some() && words.ends(token);
    let written = decoder.write(&prompt, most, &ends, &mut |token| {
        first.get_or_insert_with(|| started.elapsed());
        tokens.push(token);
    })?;
    let whole = started.elapsed();
    let mut found = json!({
        "template": words.has_template(),
        "load_ms": u64::try_from(loaded.as_millis()).unwrap_or(u64::MAX),
        "read": prompt.len(),
        "first_ms": u64::try_from(first.unwrap_or(whole).as_millis()).unwrap_or(u64::MAX),
        "written": written,
        "whole_ms": u64::try_from(whole.as_millis()).unwrap_or(u64::MAX),
        "flops": quid_neural::flops::flops(&decoder.shape, prompt.len() as u64, written as u64),
    });
    if let (Some(_), Some(found)) = (say, found.as_object_mut()) {
        found.insert("guess".to_owned(), words.told(&tokens).into());
    }
    Ok(found)
}

/// Asks a server, without facts.
fn check_server(path: &Path, overlay: Option<&Path>, say: &str, output: &mut Output) -> Result<Outcome> {
    let server = models::server(path, &Data::open(overlay)?)?;
    let started = Instant::now();
    let (guess, tokens) = server.ask(say, &[])?;
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let found = json!({ "server": server.name(), "millis": millis, "tokens": tokens, "guess": guess });
    tell(output, &found, &format!("{} answers in {millis} ms: {guess}", server.name()))
}

fn check_encoder(path: &Path, say: &str, device: &quid_neural::Device) -> Result<Value> {
    let started = Instant::now();
    let (encoder, words) = open_encoder(path, device)?;
    let loaded = started.elapsed();
    let tokens = words.framed(say)?;
    let started = Instant::now();
    let vector = encoder.sentence(&tokens)?;
    Ok(json!({
        "load_ms": u64::try_from(loaded.as_millis()).unwrap_or(u64::MAX),
        "read": tokens.len(),
        "micros": u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "flops": encoder.flops(tokens.len()),
        "vector": vector.len(),
    }))
}
