//! A user's model: what a file or folder holds, told before its weights are read, and ready to run after.

use std::fs;
use std::path::{Path, PathBuf};

use candle_core::Device;

use crate::decoder::{Decoder, Tensors};
use crate::encoder::{Encoder, EncoderShape};
use crate::files::{Folder, Gguf, GgufTensors, Settings, Tale, decoder_shape, gguf_shape};
use crate::kernel::Precision;
use crate::problem::{Problem, Result};
use crate::shape::Shape;
use crate::tensors::TensorDecoder;
use crate::words::Words;

/// How a model lies on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One file of llama.cpp's kind.
    Gguf,
    /// A folder with `config.json`, safetensors and `tokenizer.json`.
    Folder,
    /// llama2.c's checkpoint with a file of tokens beside it.
    Tale,
}

impl Format {
    /// What lies at a path, by its first bytes, not its name.
    ///
    /// # Errors
    /// When nothing is there, or nothing that is known.
    pub fn of(path: &Path) -> Result<Self> {
        let file = |why| Problem::File { path: path.to_owned(), why };
        if fs::metadata(path).map_err(file)?.is_dir() {
            if path.join("config.json").exists() {
                return Ok(Self::Folder);
            }
            let why = "no config.json: not the folder of a model".to_owned();
            return Err(Problem::Damaged { path: path.to_owned(), why });
        }
        let mut first = [0_u8; 4];
        let read =
            fs::File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut first)).map_err(file)?;
        if read == 4 && first == *b"GGUF" {
            return Ok(Self::Gguf);
        }
        if path.extension().is_some_and(|ending| ending == "bin") && tokens_beside(path).is_some() {
            return Ok(Self::Tale);
        }
        let why = "neither a GGUF file nor the folder of a model".to_owned();
        Err(Problem::Damaged { path: path.to_owned(), why })
    }
}

/// llama2.c's file of tokens beside a checkpoint.
fn tokens_beside(path: &Path) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("tok") && Path::new(name).extension().is_some_and(|ending| ending == "bin")
        })
        .collect();
    found.sort();
    found.into_iter().next()
}

/// What a model is, by its own description.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Writes.
    Decoder(Box<Shape>),
    /// Turns sentences into vectors.
    Encoder(EncoderShape),
}

/// What is told of a model before its weights are read.
#[derive(Clone, Debug)]
pub struct Described {
    /// Where it lies.
    pub path: PathBuf,
    /// How.
    pub format: Format,
    /// What it is.
    pub kind: Kind,
    /// Bytes on the disk.
    pub bytes: u64,
}

impl Described {
    /// Reads a model's description and checks that its files are whole.
    ///
    /// # Errors
    /// When there is no model, it is damaged, or of a kind that is not run.
    pub fn read(path: &Path) -> Result<Self> {
        let format = Format::of(path)?;
        let kind = match format {
            Format::Gguf => Kind::Decoder(Box::new(gguf_shape(&Gguf::open(path)?)?)),
            Format::Tale => Kind::Decoder(Box::new(Tale::open(path)?.shape().clone())),
            Format::Folder => {
                let settings = Settings::read(&path.join("config.json"))?;
                Folder::open(path)?;
                if settings.model_type == "bert" {
                    Kind::Encoder(EncoderShape::new(&settings))
                } else {
                    Kind::Decoder(Box::new(decoder_shape(&settings)?))
                }
            }
        };
        let damaged = |why: String| Problem::Damaged { path: path.to_owned(), why };
        match &kind {
            Kind::Decoder(shape) => shape.check().map_err(damaged)?,
            Kind::Encoder(shape) => shape.check().map_err(damaged)?,
        }
        Ok(Self { path: path.to_owned(), format, kind, bytes: size(path) })
    }

    /// The family's name.
    #[must_use]
    pub fn family(&self) -> &'static str {
        match &self.kind {
            Kind::Decoder(shape) => shape.family.name(),
            Kind::Encoder(_) => "bert",
        }
    }

    /// Weights, all of them.
    #[must_use]
    pub fn weights(&self) -> u64 {
        match &self.kind {
            Kind::Decoder(shape) => shape.kept(),
            Kind::Encoder(shape) => shape.kept(),
        }
    }

    /// Tokens that it reads at once.
    #[must_use]
    pub fn context(&self) -> usize {
        match &self.kind {
            Kind::Decoder(shape) => shape.context,
            Kind::Encoder(shape) => shape.context,
        }
    }
}

/// Bytes of a file, or of a folder's files.
fn size(path: &Path) -> u64 {
    let Ok(about) = fs::metadata(path) else { return 0 };
    if !about.is_dir() {
        return about.len();
    }
    let files = fs::read_dir(path).into_iter().flatten().filter_map(std::result::Result::ok);
    files.filter_map(|file| fs::metadata(file.path()).ok()).filter(fs::Metadata::is_file).map(|file| file.len()).sum()
}

/// A model that writes, with its words.
#[derive(Debug)]
pub struct Model {
    /// Its weights.
    pub decoder: Decoder,
    /// Its words.
    pub words: Words,
}

impl Model {
    /// Reads a model's weights and words.
    ///
    /// # Errors
    /// When it is damaged, or does not write.
    pub fn open(path: &Path, precision: Precision) -> Result<Self> {
        let (decoder, words) = read(path, |shape, tensors| Decoder::load(shape, tensors, precision))?;
        Ok(Self { decoder, words })
    }
}

/// A model that writes on a device's tensors, with its words.
///
/// # Errors
/// When it is damaged, does not write, or the device has no room.
pub fn open_on_device(path: &Path, device: &Device) -> Result<(TensorDecoder, Words)> {
    read(path, |shape, tensors| TensorDecoder::load(shape, tensors, device))
}

/// Opens a decoder's files and lets its weights be loaded.
fn read<T>(path: &Path, load: impl FnOnce(Shape, &dyn Tensors) -> Result<T>) -> Result<(T, Words)> {
    let described = Described::read(path)?;
    let Kind::Decoder(shape) = described.kind else {
        let what = format!("{}: writing with an encoder", path.display());
        let hint = "an encoder finds; give a decoder (llama, qwen2, qwen3, gemma, phi3)".to_owned();
        return Err(Problem::Unsupported { what, hint });
    };
    let shape = *shape;
    let vocabulary = shape.vocabulary;
    let fits = |words: Words| {
        if words.size() <= vocabulary.next_multiple_of(256) {
            return Ok(words);
        }
        let why = format!("{} tokens in the tokenizer, {vocabulary} in the model", words.size());
        Err(Problem::Damaged { path: path.to_owned(), why })
    };
    match described.format {
        Format::Gguf => {
            let file = Gguf::open(path)?;
            let words = fits(Words::gguf(&file)?)?;
            Ok((load(shape.clone(), &GgufTensors::new(&file, &shape))?, words))
        }
        Format::Tale => {
            let tokens = tokens_beside(path).ok_or_else(|| Problem::Damaged {
                path: path.to_owned(),
                why: "no file of tokens (tok….bin) beside it".to_owned(),
            })?;
            let words = fits(Words::tale(&tokens)?)?;
            Ok((load(shape, &Tale::open(path)?)?, words))
        }
        Format::Folder => {
            let words = fits(Words::folder(path)?)?;
            let mut tensors = Folder::open(path)?;
            if shape.family.is_gemma() {
                tensors = tensors.with_norms_around_one();
            }
            Ok((load(shape, &tensors)?, words))
        }
    }
}

/// An encoder with its words.
///
/// # Errors
/// When it is damaged, or is no encoder.
pub fn open_encoder(path: &Path, device: &Device) -> Result<(Encoder, Words)> {
    let described = Described::read(path)?;
    let Kind::Encoder(shape) = described.kind else {
        let what = format!("{}: vectors from a decoder", path.display());
        return Err(Problem::Unsupported { what, hint: "give an encoder (bert), such as all-MiniLM-L6-v2".to_owned() });
    };
    let encoder = Encoder::load(shape, &Folder::open(path)?, device)?;
    Ok((encoder, Words::folder(path)?))
}
