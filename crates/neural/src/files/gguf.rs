//! The GGUF container: its values, and tensors of any quantisation as floats.
//!
//! Read after the format's own page (ggml-org/ggml, docs/gguf.md). Values that are not wanted are skipped, so that a
//! file cannot make us hold more than it is long.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use candle_core::Device;
use candle_core::quantized::{GgmlDType, ggml_file::qtensor_from_ggml};

use crate::problem::{Problem, Result};

/// A value of the header.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Any whole number.
    Whole(i64),
    /// Any number with a fraction.
    Real(f64),
    /// Yes or no.
    Truth(bool),
    /// A text.
    Text(String),
    /// Texts: the vocabulary, its merges.
    Texts(Vec<String>),
    /// Whole numbers: kinds of tokens, heads of each layer.
    Wholes(Vec<i64>),
    /// Numbers: scores of tokens.
    Reals(Vec<f32>),
    /// Something that no model here asks for.
    Other,
}

#[derive(Clone, Debug)]
struct Place {
    kind: u32,
    /// Rows first.
    sizes: Vec<usize>,
    offset: u64,
}

/// A file that was opened and whose header fits its length.
#[derive(Debug)]
pub struct Gguf {
    path: PathBuf,
    file: Mutex<File>,
    length: u64,
    data: u64,
    values: BTreeMap<String, Value>,
    tensors: BTreeMap<String, Place>,
}

/// Entries of a header; the largest models have some thousands.
const MOST_ENTRIES: u64 = 1 << 20;
/// Bytes of a name.
const LONGEST_NAME: u64 = 1 << 12;

impl Gguf {
    /// Reads and checks the header.
    ///
    /// # Errors
    /// When the file cannot be read, is something else, or says of itself what cannot be.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|why| Problem::File { path: path.to_owned(), why })?;
        let length = file.metadata().map_err(|why| Problem::File { path: path.to_owned(), why })?.len();
        let damaged = |why: String| Problem::Damaged { path: path.to_owned(), why };
        let mut header = Header { reader: BufReader::new(&file), at: 0, length };
        let (data, values, tensors) = header.read().map_err(damaged)?;
        let opened = Self { path: path.to_owned(), file: Mutex::new(file), length, data, values, tensors };
        for (name, place) in &opened.tensors {
            opened.bytes(place).map_err(|why| damaged(format!("tensor `{name}`: {why}")))?;
        }
        Ok(opened)
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A value of the header.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// A text of the header.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.value(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Texts of the header.
    #[must_use]
    pub fn texts(&self, key: &str) -> Option<&[String]> {
        match self.value(key) {
            Some(Value::Texts(texts)) => Some(texts),
            _ => None,
        }
    }

    /// A whole number that is not negative. Of numbers that each layer has its own of, the first where all are the same.
    #[must_use]
    pub fn size(&self, key: &str) -> Option<usize> {
        match self.value(key) {
            Some(Value::Whole(number)) => usize::try_from(*number).ok(),
            Some(Value::Wholes(numbers)) => {
                let first = numbers.first()?;
                numbers.iter().all(|number| number == first).then(|| usize::try_from(*first).ok())?
            }
            _ => None,
        }
    }

    /// A number.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "models compute in 32 bits")]
    pub fn real(&self, key: &str) -> Option<f32> {
        match self.value(key) {
            Some(Value::Real(number)) => Some(*number as f32),
            Some(Value::Whole(number)) => Some(*number as f32),
            _ => None,
        }
    }

    /// Yes or no.
    #[must_use]
    pub fn truth(&self, key: &str) -> Option<bool> {
        match self.value(key) {
            Some(Value::Truth(truth)) => Some(*truth),
            _ => None,
        }
    }

    /// A tensor's sizes, rows first.
    #[must_use]
    pub fn sizes(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|place| place.sizes.as_slice())
    }

    /// The names of all tensors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// A tensor's numbers, unpacked.
    ///
    /// # Errors
    /// When there is none of that name, its kind is not known, or the file cannot be read any more.
    pub fn read(&self, name: &str) -> Result<Vec<f32>> {
        let wrong = |why: String| Problem::Tensor { name: name.to_owned(), why };
        let place = self.tensors.get(name).ok_or_else(|| wrong(format!("not in {}", self.path.display())))?;
        let (start, bytes, kind) = self.bytes(place).map_err(wrong)?;
        let mut packed = vec![0_u8; bytes];
        {
            let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            file.seek(SeekFrom::Start(start))
                .and_then(|_| file.read_exact(&mut packed))
                .map_err(|why| Problem::File { path: self.path.clone(), why })?;
        }
        // Candle panics or refuses on blocks that do not fill; `bytes` has checked that they do.
        let tensor = qtensor_from_ggml(kind, &packed, place.sizes.clone(), &Device::Cpu)?;
        Ok(tensor.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1::<f32>()?)
    }

    /// Where a tensor's bytes begin, how many they are, and how they are packed.
    fn bytes(&self, place: &Place) -> std::result::Result<(u64, usize, GgmlDType), String> {
        let kind = kind(place.kind)?;
        let count = place.sizes.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
        let count = count.filter(|count| *count > 0).ok_or("its sizes cannot be")?;
        let across = place.sizes.last().copied().unwrap_or(1);
        if !across.is_multiple_of(kind.block_size()) {
            return Err(format!("rows of {across} do not fill blocks of {}", kind.block_size()));
        }
        let bytes = (count / kind.block_size()).checked_mul(kind.type_size()).ok_or("its sizes cannot be")?;
        let start = self.data.checked_add(place.offset).ok_or("it begins beyond the file")?;
        let end = start.checked_add(bytes as u64).ok_or("it ends beyond the file")?;
        if end > self.length {
            return Err(format!("it ends at byte {end} of a file of {}: was the copy cut short?", self.length));
        }
        Ok((start, bytes, kind))
    }
}

/// The packings that are known.
fn kind(number: u32) -> std::result::Result<GgmlDType, String> {
    Ok(match number {
        0 => GgmlDType::F32,
        1 => GgmlDType::F16,
        2 => GgmlDType::Q4_0,
        3 => GgmlDType::Q4_1,
        6 => GgmlDType::Q5_0,
        7 => GgmlDType::Q5_1,
        8 => GgmlDType::Q8_0,
        10 => GgmlDType::Q2K,
        11 => GgmlDType::Q3K,
        12 => GgmlDType::Q4K,
        13 => GgmlDType::Q5K,
        14 => GgmlDType::Q6K,
        30 => GgmlDType::BF16,
        other => {
            return Err(format!("it is packed in a way (number {other}) that is not known: use Q8_0 or Q4_K_M"));
        }
    })
}

type Parts = (u64, BTreeMap<String, Value>, BTreeMap<String, Place>);

struct Header<R> {
    reader: R,
    at: u64,
    length: u64,
}

impl<R: Read> Header<R> {
    fn read(&mut self) -> std::result::Result<Parts, String> {
        if self.length < 24 {
            return Err("too short to be a GGUF file".to_owned());
        }
        if self.bytes::<4>()? != *b"GGUF" {
            return Err("not a GGUF file: it does not begin with GGUF".to_owned());
        }
        let version = self.whole(4)?;
        if !(2..=3).contains(&version) {
            return Err(format!("GGUF version {version} is not known: 2 and 3 are"));
        }
        let (tensors, values) = (self.whole(8)?, self.whole(8)?);
        if tensors > MOST_ENTRIES || values > MOST_ENTRIES {
            return Err(format!("{tensors} tensors and {values} values cannot be"));
        }
        let mut kept = BTreeMap::new();
        for _ in 0..values {
            let name = self.name()?;
            let kind = self.whole(4)?;
            let value = self.value(kind, 0).map_err(|why| format!("value `{name}`: {why}"))?;
            kept.insert(name, value);
        }
        let mut places = BTreeMap::new();
        for _ in 0..tensors {
            let name = self.name()?;
            let count = self.whole(4)?;
            if !(1..=4).contains(&count) {
                return Err(format!("tensor `{name}` has {count} dimensions"));
            }
            let mut sizes = Vec::new();
            for _ in 0..count {
                let size = usize::try_from(self.whole(8)?).map_err(|_| format!("tensor `{name}` is too large"))?;
                sizes.push(size);
            }
            sizes.reverse();
            let kind = u32::try_from(self.whole(4)?).map_err(|_| format!("tensor `{name}`: its kind cannot be"))?;
            let place = Place { kind, sizes, offset: self.whole(8)? };
            if places.insert(name.clone(), place).is_some() {
                return Err(format!("tensor `{name}` is there twice"));
            }
        }
        let alignment = match kept.get("general.alignment") {
            None => 32,
            Some(Value::Whole(alignment @ 1..=65_536)) => alignment.unsigned_abs(),
            Some(other) => return Err(format!("an alignment of {other:?} cannot be")),
        };
        Ok((self.at.next_multiple_of(alignment), kept, places))
    }

    fn bytes<const COUNT: usize>(&mut self) -> std::result::Result<[u8; COUNT], String> {
        let mut bytes = [0; COUNT];
        self.reader.read_exact(&mut bytes).map_err(|why| format!("byte {}: {why}", self.at))?;
        self.at += COUNT as u64;
        Ok(bytes)
    }

    /// An unsigned number of so many bytes, the least first.
    fn whole(&mut self, bytes: usize) -> std::result::Result<u64, String> {
        Ok(match bytes {
            1 => u64::from(u8::from_le_bytes(self.bytes()?)),
            2 => u64::from(u16::from_le_bytes(self.bytes()?)),
            4 => u64::from(u32::from_le_bytes(self.bytes()?)),
            _ => u64::from_le_bytes(self.bytes()?),
        })
    }

    fn name(&mut self) -> std::result::Result<String, String> {
        let place = self.at;
        let length = self.whole(8)?;
        if length > LONGEST_NAME {
            return Err(format!("byte {place}: a name of {length} bytes cannot be"));
        }
        self.text_of(length)
    }

    fn text(&mut self) -> std::result::Result<String, String> {
        let length = self.whole(8)?;
        self.text_of(length)
    }

    fn text_of(&mut self, length: u64) -> std::result::Result<String, String> {
        if length > self.length.saturating_sub(self.at) {
            return Err(format!("byte {}: a text of {length} bytes in a file of {}", self.at, self.length));
        }
        let mut bytes = Vec::new();
        (&mut self.reader).take(length).read_to_end(&mut bytes).map_err(|why| format!("byte {}: {why}", self.at))?;
        if bytes.len() as u64 != length {
            return Err(format!("byte {}: the file ends within a text", self.at));
        }
        self.at += length;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn value(&mut self, kind: u64, depth: u8) -> std::result::Result<Value, String> {
        Ok(match kind {
            4 => Value::Whole(i64::from(u32::from_le_bytes(self.bytes()?))),
            0 => Value::Whole(i64::from(u8::from_le_bytes(self.bytes()?))),
            1 => Value::Whole(i64::from(i8::from_le_bytes(self.bytes()?))),
            2 => Value::Whole(i64::from(u16::from_le_bytes(self.bytes()?))),
            3 => Value::Whole(i64::from(i16::from_le_bytes(self.bytes()?))),
            5 => Value::Whole(i64::from(i32::from_le_bytes(self.bytes()?))),
            6 => Value::Real(f64::from(f32::from_le_bytes(self.bytes()?))),
            7 => Value::Truth(self.bytes::<1>()? != [0]),
            8 => Value::Text(self.text()?),
            9 => self.array(depth)?,
            10 => Value::Whole(i64::try_from(self.whole(8)?).unwrap_or(i64::MAX)),
            11 => Value::Whole(i64::from_le_bytes(self.bytes()?)),
            12 => Value::Real(f64::from_le_bytes(self.bytes()?)),
            other => return Err(format!("a value of kind {other} is not known")),
        })
    }

    fn array(&mut self, depth: u8) -> std::result::Result<Value, String> {
        if depth > 3 {
            return Err("lists within lists within lists".to_owned());
        }
        let (kind, count) = (self.whole(4)?, self.whole(8)?);
        let least = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            9 => 12,
            other => return Err(format!("a list of kind {other} is not known")),
        };
        if count.saturating_mul(least) > self.length.saturating_sub(self.at) {
            return Err(format!("a list of {count} in a file of {} bytes", self.length));
        }
        let (mut texts, mut wholes, mut reals) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            match self.value(kind, depth + 1)? {
                Value::Text(text) => texts.push(text),
                // Lists of single bytes are no model's, and would be held at eight times their length.
                Value::Whole(whole) if !matches!(kind, 0 | 1) => wholes.push(whole),
                #[expect(clippy::cast_possible_truncation, reason = "scores are kept in 32 bits")]
                Value::Real(real) => reals.push(real as f32),
                _ => {}
            }
        }
        Ok(match kind {
            8 => Value::Texts(texts),
            6 | 12 => Value::Reals(reals),
            2..=5 | 10 | 11 => Value::Wholes(wholes),
            _ => Value::Other,
        })
    }
}
