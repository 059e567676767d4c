//! Opens a file or the standard input, and decompresses what is compressed, within bounds.
//!
//! What a file is called says little, so its first bytes decide; and since a few kilobytes can unpack to
//! terabytes, a file that grows beyond all proportion is refused.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::dump::hexadecimal;
use super::{FileRead, Progress};
use crate::Problem;

/// Bytes read at once.
const AT_ONCE: usize = 1 << 17;
/// The largest file that is read whole into memory by [`Input::text`].
const LARGEST_TEXT: u64 = 1 << 30;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    Plain,
    /// gzip (RFC 1952), one or more members.
    Gzip,
    /// bzip2, one or more streams.
    Bzip2,
    /// Zstandard (RFC 8878), one or more frames.
    Zstd,
}

/// How far a file may unpack.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// So many bytes are always allowed.
    pub free: u64,
    /// Beyond them, so many bytes for each compressed one. Text seldom reaches 50; a gzip bomb has 1,000.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { free: 256 << 20, ratio: 250 }
    }
}

/// An open dump, unpacked as it is read.
pub struct Input {
    reader: Box<dyn BufRead + Send>,
    gauge: Gauge,
    compression: Compression,
}

/// Tells how far an [`Input`] is, also after a parser has taken it.
#[derive(Clone)]
pub struct Gauge {
    path: PathBuf,
    meter: Arc<Meter>,
    total: u64,
}

impl Input {
    /// Opens a file; `-` is the standard input.
    ///
    /// # Errors
    /// A [`Problem`] when it cannot be read, or is compressed in a way that is not known.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        Self::open_within(path, Limits::default())
    }

    /// As [`Input::open`], with limits of one's own.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn open_within(path: &Path, limits: Limits) -> Result<Self, Problem> {
        if path == Path::new("-") {
            return Self::of(Box::new(io::stdin()), path, 0, limits);
        }
        let unreadable = |error: io::Error| Problem::of_file(path, error.to_string(), "a file that can be read");
        let file = File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if about.is_dir() {
            return Err(Problem::of_file(path, "this is a folder", "a file"));
        }
        Self::of(Box::new(file), path, about.len(), limits)
    }

    /// Reads from anything; `path` is what it is called in problems, `total` its size or 0.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn of(source: Box<dyn Read + Send>, path: &Path, total: u64, limits: Limits) -> Result<Self, Problem> {
        let meter = Arc::new(Meter::default());
        let metered = Metered { source, meter: Arc::clone(&meter) };
        let gauge = Gauge { path: path.to_owned(), meter: Arc::clone(&meter), total };
        let mut packed = BufReader::with_capacity(AT_ONCE, metered);
        let start =
            packed.fill_buf().map_err(|error| Problem::of_file(path, error.to_string(), "a file that can be read"))?;
        let compression = Self::compression_of(start).map_err(|how| {
            Problem::of_file(path, format!("this is compressed with {how}"), "gzip, bzip2, zstd or plain text")
        })?;
        let unpacked: Box<dyn Read + Send> = match compression {
            Compression::Plain => {
                return Ok(Self { reader: Box::new(packed), gauge, compression });
            }
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Compression::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
            Compression::Zstd => Box::new(
                zstd::stream::read::Decoder::with_buffer(packed)
                    .map_err(|error| Problem::of_file(path, error.to_string(), "a sound zstd file"))?,
            ),
        };
        let bounded = Bounded { unpacked, meter, limits, out: 0 };
        let reader = Box::new(BufReader::with_capacity(AT_ONCE, bounded));
        Ok(Self { reader, gauge, compression })
    }

    /// What the first bytes of a file say; the name of a compression that is not read.
    fn compression_of(start: &[u8]) -> Result<Compression, &'static str> {
        Ok(match start {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Compression::Bzip2,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => return Err("xz"),
            [b'P', b'K', 3, 4, ..] => return Err("zip"),
            [b'7', b'z', 0xbc, 0xaf, ..] => return Err("7-Zip"),
            _ => Compression::Plain,
        })
    }

    /// How it is compressed.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// What it is called in problems.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.gauge.path
    }

    /// How far it is, in bytes as they lie on the disk.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.gauge.progress()
    }

    /// The unpacked bytes that will be read next, without taking them: to recognise a format.
    ///
    /// # Errors
    /// What reading says, bombs included.
    pub fn peek(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    /// Everything as text, for formats that cannot be read line by line.
    ///
    /// # Errors
    /// A [`Problem`] when it cannot be read, is too large, or is not UTF-8 (with its line and column).
    pub fn text(&mut self) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(LARGEST_TEXT + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.failed(0, &error))?;
        if bytes.len() as u64 > LARGEST_TEXT {
            let expected = format!("at most {LARGEST_TEXT} bytes of text");
            return Err(Problem::of_file(&self.gauge.path, "this is too large to be read whole", expected));
        }
        String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..good).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            let column = good - before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) + 1;
            Problem::at(&self.gauge.path, line, column, "bytes that are not UTF-8", "text in UTF-8")
        })
    }

    /// Tells of this input also after it was given away.
    #[must_use]
    pub fn gauge(&self) -> Gauge {
        self.gauge.clone()
    }

    /// The file with its hash: see [`Gauge::file`].
    #[must_use]
    pub fn file(&self) -> FileRead {
        self.gauge.file()
    }

    /// Why reading failed at this line.
    pub(crate) fn failed(&self, line: usize, error: &io::Error) -> Problem {
        let (message, expected) = match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                ("the compressed file ends in the middle; what came before is kept".to_owned(), "the whole file")
            }
            _ if Bomb::is(error) => (error.to_string(), "a file that does not grow beyond all proportion"),
            _ => (format!("reading ended here: {error}"), "a sound file"),
        };
        Problem::at(&self.gauge.path, line, 0, message, expected)
    }
}

impl Gauge {
    /// How far it is, in bytes as they lie on the disk.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { done: self.meter.state().bytes, total: self.total }
    }

    /// The file with its hash. What was not read of it yet is read for that, if it is a file.
    #[must_use]
    pub fn file(&self) -> FileRead {
        let mut state = self.meter.state().clone();
        if let Ok(mut file) = File::open(&self.path)
            && self.total > state.bytes
            && file.seek(SeekFrom::Start(state.bytes)).is_ok()
        {
            let mut rest = vec![0; AT_ONCE];
            while let Ok(count @ 1..) = file.read(&mut rest) {
                state.take(rest.get(..count).unwrap_or_default());
            }
        }
        let sha256 = hexadecimal(&state.hash.finalize());
        FileRead { path: self.path.clone(), bytes: state.bytes, sha256 }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
    }
}

/// Counts and hashes what is read from the disk.
#[derive(Default)]
struct Meter(Mutex<Measured>);

impl Meter {
    fn state(&self) -> MutexGuard<'_, Measured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Default)]
struct Measured {
    bytes: u64,
    hash: Sha256,
}

impl Measured {
    fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
    }
}

struct Metered {
    source: Box<dyn Read + Send>,
    meter: Arc<Meter>,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.meter.state().take(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Refuses what unpacks beyond the limits.
struct Bounded {
    unpacked: Box<dyn Read + Send>,
    meter: Arc<Meter>,
    limits: Limits,
    out: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.unpacked.read(buffer)?;
        self.out += count as u64;
        if self.out > self.limits.free {
            let read = self.meter.state().bytes;
            if self.out > self.limits.free.saturating_add(read.saturating_mul(self.limits.ratio)) {
                return Err(io::Error::other(Bomb { read, out: self.out }));
            }
        }
        Ok(count)
    }
}

/// A file that unpacks to far more than any text would.
#[derive(Debug, thiserror::Error)]
#[error("{read} bytes unpack to more than {out}: this looks like a decompression bomb")]
struct Bomb {
    read: u64,
    out: u64,
}

impl Bomb {
    fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Self>)
    }
}
