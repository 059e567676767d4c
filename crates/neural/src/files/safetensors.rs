//! A model as a folder: `config.json`, `model.safetensors` or several with an index, `tokenizer.json`.
//!
//! Read after the format's own page (huggingface/safetensors): eight bytes of length, a JSON header, numbers. Tensors
//! are read when they are asked for, each by itself.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::decoder::Tensors;
use crate::problem::{Problem, Result};

/// The header of the largest models has a few million bytes.
const LONGEST_HEADER: u64 = 100 << 20;
/// Configurations and indexes.
const LONGEST_TEXT: u64 = 64 << 20;

/// A folder whose files' headers fit their lengths.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    tensors: BTreeMap<String, Place>,
    files: Vec<PathBuf>,
    /// What norms are apart from: 1 for Gemma, whose files keep the difference.
    norms_from: f32,
}

#[derive(Debug)]
struct Place {
    file: usize,
    kind: Kind,
    start: u64,
    count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    F32,
    F16,
    BF16,
}

#[derive(Deserialize)]
struct Told {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

impl Folder {
    /// Reads and checks all headers.
    ///
    /// # Errors
    /// When there is no model, or a file is not what it should be.
    pub fn open(path: &Path) -> Result<Self> {
        let index = path.join("model.safetensors.index.json");
        let files = if index.exists() {
            let told: Index = serde_json::from_str(&text(&index)?)
                .map_err(|why| Problem::Damaged { path: index.clone(), why: why.to_string() })?;
            let mut names: Vec<String> = told.weight_map.into_values().collect();
            names.sort();
            names.dedup();
            // A name is a file beside the index and nothing else.
            if let Some(name) = names.iter().find(|name| Path::new(name).file_name() != Some(name.as_ref())) {
                return Err(Problem::Damaged { path: index, why: format!("`{name}` is not a file of this folder") });
            }
            names.into_iter().map(|name| path.join(name)).collect()
        } else {
            vec![path.join("model.safetensors")]
        };
        let mut tensors = BTreeMap::new();
        for (at, file) in files.iter().enumerate() {
            header(file, at, &mut tensors)?;
        }
        Ok(Self { path: path.to_owned(), tensors, files, norms_from: 0.0 })
    }

    /// Takes norms as differences from 1.
    #[must_use]
    pub fn with_norms_around_one(mut self) -> Self {
        self.norms_from = 1.0;
        self
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many numbers a tensor has.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<usize> {
        self.place(name).map(|place| place.count)
    }

    /// The tensor of that name; some models leave out the `model.` or `bert.` before all names, or have one more.
    fn place(&self, name: &str) -> Option<&Place> {
        let bare = name.split_once('.').map_or(name, |(_, rest)| rest);
        let more = format!("language_model.{name}");
        self.tensors.get(name).or_else(|| self.tensors.get(bare)).or_else(|| self.tensors.get(&more))
    }
}

impl Tensors for Folder {
    fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    fn read(&self, name: &str, wanted: usize) -> Result<Vec<f32>> {
        let wrong = |why: String| Problem::Tensor { name: name.to_owned(), why };
        let place = self.place(name).ok_or_else(|| wrong(format!("not in {}", self.path.display())))?;
        if place.count != wanted {
            return Err(wrong(format!("{} numbers where {wanted} are wanted", place.count)));
        }
        let path = self.files.get(place.file).ok_or_else(|| wrong("its file is gone".to_owned()))?;
        let width = if place.kind == Kind::F32 { 4 } else { 2 };
        let mut packed = vec![0_u8; place.count * width];
        File::open(path)
            .and_then(|mut file| {
                file.seek(SeekFrom::Start(place.start))?;
                file.read_exact(&mut packed)
            })
            .map_err(|why| Problem::File { path: path.clone(), why })?;
        let mut values: Vec<f32> = match place.kind {
            Kind::F32 => packed.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
            Kind::F16 => packed.as_chunks::<2>().0.iter().map(|bytes| half(u16::from_le_bytes(*bytes))).collect(),
            Kind::BF16 => packed
                .as_chunks::<2>()
                .0
                .iter()
                .map(|bytes| f32::from_bits(u32::from(u16::from_le_bytes(*bytes)) << 16))
                .collect(),
        };
        if self.norms_from != 0.0 && name.ends_with("norm.weight") {
            for value in &mut values {
                *value += self.norms_from;
            }
        }
        Ok(values)
    }
}

/// A 16-bit float (IEEE 754 binary16) as one of 32 bits.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let (power, rest) = (u32::from(bits >> 10) & 0x1F, u32::from(bits & 0x3FF));
    match power {
        // Too small to be normal: so many times 2^-24.
        0 => f32::from_bits(sign | (rest as f32 * 2.0_f32.powi(-24)).to_bits()),
        0x1F => f32::from_bits(sign | 0x7F80_0000 | rest << 13),
        _ => f32::from_bits(sign | (power + 112) << 23 | rest << 13),
    }
}

/// A file's text, if it is not far too long to be one.
///
/// # Errors
/// When it cannot be read, or is too long.
pub fn text(path: &Path) -> Result<String> {
    let file = |why| Problem::File { path: path.to_owned(), why };
    let length = fs::metadata(path).map_err(file)?.len();
    if length > LONGEST_TEXT {
        return Err(Problem::Damaged { path: path.to_owned(), why: format!("{length} bytes are too many") });
    }
    fs::read_to_string(path).map_err(file)
}

fn header(path: &Path, at: usize, tensors: &mut BTreeMap<String, Place>) -> Result<()> {
    let failed = |why| Problem::File { path: path.to_owned(), why };
    let damaged = |why: String| Problem::Damaged { path: path.to_owned(), why };
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut size = [0_u8; 8];
    file.read_exact(&mut size).map_err(|_| damaged("too short to be a safetensors file".to_owned()))?;
    let size = u64::from_le_bytes(size);
    if size > LONGEST_HEADER || size > length - 8 {
        return Err(damaged(format!("a header of {size} bytes in a file of {length}: not a safetensors file, or cut")));
    }
    let mut json = Vec::new();
    (&mut file).take(size).read_to_end(&mut json).map_err(failed)?;
    let told: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&json).map_err(|why| damaged(format!("its header: {why}")))?;
    let data = 8 + size;
    for (name, told) in told.into_iter().filter(|(name, _)| name != "__metadata__") {
        let told: Told = serde_json::from_value(told).map_err(|why| damaged(format!("tensor `{name}`: {why}")))?;
        let (kind, width) = match told.dtype.as_str() {
            "F32" => (Kind::F32, 4),
            "F16" => (Kind::F16, 2),
            "BF16" => (Kind::BF16, 2),
            // Positions and masks, which are known without being told.
            "I64" | "I32" | "U8" | "BOOL" => continue,
            other => {
                return Err(Problem::Unsupported {
                    what: format!("a tensor of {other}"),
                    hint: "F32, F16 and BF16 are read; quantised models as GGUF".to_owned(),
                });
            }
        };
        let count = told.shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
        let bytes = count.and_then(|count| count.checked_mul(width));
        let (from, to) = told.data_offsets;
        let fits = to.checked_sub(from).is_some_and(|span| bytes.is_some_and(|bytes| bytes as u64 == span));
        let end = data.checked_add(to);
        let (Some(count), true, Some(end)) = (count, fits, end) else {
            return Err(damaged(format!("tensor `{name}`: its sizes do not fit its bytes")));
        };
        if end > length {
            return Err(damaged(format!(
                "tensor `{name}` ends at byte {end} of a file of {length}: was the copy cut short?"
            )));
        }
        tensors.insert(name, Place { file: at, kind, start: data + from, count });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read_as_they_are() {
        for (bits, value) in [
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65_504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x8000, -0.0),
            (0x7C00, f32::INFINITY),
        ] {
            assert_eq!(half(bits).to_bits(), value.to_bits(), "{bits:#06x}");
        }
        assert!(half(0x7E00).is_nan());
    }
}
