//! Lines of a dump, each with its number, none of unbounded length.
//!
//! What is wrong with a line as a line (bytes that are not UTF-8, a NUL, a carriage return, a hundred megabytes
//! without an end) is named here and skipped, so that a format's reader sees sound text only.

use std::io::{self, BufRead as _, Read as _};

use super::{FileRead, Input, Progress};
use crate::Problem;

/// What a carriage return before the line feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carriage {
    /// Part of the line's end: what people wrote, on whichever system.
    Allowed,
    /// A fault: what programs wrote, which never do that.
    Refused,
}

/// A line of text, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// From 1.
    pub number: usize,
    /// What stands in it.
    pub text: &'a str,
}

/// The lines of an input.
pub struct Lines {
    input: Input,
    longest: usize,
    carriage: Carriage,
    number: usize,
    buffer: Vec<u8>,
    ended: bool,
}

impl Lines {
    /// Reads lines of at most `longest` bytes; longer ones are skipped and told.
    #[must_use]
    pub fn new(input: Input, longest: usize, carriage: Carriage) -> Self {
        Self { input, longest, carriage, number: 0, buffer: Vec::new(), ended: false }
    }

    /// The next line, or what is wrong with it; `None` at the end. A fault of the file itself is the last item.
    #[expect(clippy::should_implement_trait, reason = "a line is borrowed, which an iterator cannot say")]
    pub fn next(&mut self) -> Option<Result<Line<'_>, Problem>> {
        if self.ended {
            return None;
        }
        self.number += 1;
        match self.fill() {
            Ok(Filled::Whole) => Some(self.checked()),
            Ok(Filled::Nothing) => {
                self.ended = true;
                None
            }
            Ok(Filled::Cut { length }) => {
                let message = format!("a line of {length} bytes; it is skipped");
                Some(Err(self.problem(self.longest + 1, message, format!("at most {} bytes", self.longest))))
            }
            Err(error) => {
                self.ended = true;
                Some(Err(self.input.failed(self.number, &error)))
            }
        }
    }

    /// Takes the next line without looking at it; false at the end, or where the file cannot be read further.
    pub fn skip(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let skipped = self.input.skip_until(b'\n').unwrap_or(0) > 0;
        self.number += usize::from(skipped);
        skipped
    }

    /// The number of the line given last; 0 before the first.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// A problem in the line given last, at this byte of it (from 1; 0 for the line as a whole).
    pub fn problem(&self, column: usize, message: impl Into<String>, expected: impl Into<String>) -> Problem {
        Problem::at(self.input.path(), self.number, column, message, expected)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.input.progress()
    }

    /// Whether it is compressed.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        self.input.compression() != super::Compression::Plain
    }

    /// The file with its hash.
    #[must_use]
    pub fn file(&self) -> FileRead {
        self.input.file()
    }

    fn fill(&mut self) -> io::Result<Filled> {
        self.buffer.clear();
        let most = self.longest as u64 + 2;
        let count = self.input.by_ref().take(most).read_until(b'\n', &mut self.buffer)?;
        if count == 0 {
            return Ok(Filled::Nothing);
        }
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        } else if count as u64 == most {
            let rest = self.input.skip_until(b'\n')?;
            return Ok(Filled::Cut { length: (count + rest).saturating_sub(1) });
        }
        let text = self.buffer.strip_suffix(b"\r").unwrap_or(&self.buffer);
        if text.len() > self.longest {
            return Ok(Filled::Cut { length: text.len() });
        }
        if self.number == 1 && self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.buffer.drain(..3);
        }
        Ok(Filled::Whole)
    }

    fn checked(&mut self) -> Result<Line<'_>, Problem> {
        if self.buffer.last() == Some(&b'\r') {
            if self.carriage == Carriage::Refused {
                let message = "the line ends in a carriage return and a line feed";
                return Err(self.problem(self.buffer.len(), message, "a line feed alone"));
            }
            self.buffer.pop();
        }
        if let Some(at) = self.buffer.iter().position(|byte| *byte == 0) {
            return Err(self.problem(at + 1, "a NUL byte", "text"));
        }
        match std::str::from_utf8(&self.buffer) {
            Ok(text) => Ok(Line { number: self.number, text }),
            Err(error) => Err(self.problem(error.valid_up_to() + 1, "bytes that are not UTF-8", "text in UTF-8")),
        }
    }
}

enum Filled {
    Whole,
    Nothing,
    Cut { length: usize },
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;

    use super::super::Limits;
    use super::*;

    fn lines(bytes: Vec<u8>) -> Lines {
        within(bytes, Limits::default())
    }

    fn within(bytes: Vec<u8>, limits: Limits) -> Lines {
        let total = bytes.len() as u64;
        let input = Input::of(Box::new(io::Cursor::new(bytes)), Path::new("x.csv"), total, limits);
        Lines::new(input.expect("opens"), 10, Carriage::Refused)
    }

    /// Lines as they are, problems as they are told.
    fn told(mut lines: Lines) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(line) = lines.next() {
            all.push(match line {
                Ok(line) => format!("{} {}", line.number, line.text),
                Err(problem) => problem.to_string(),
            });
        }
        all
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(bytes).expect("written");
        packed.finish().expect("packed")
    }

    #[test]
    fn bad_lines_are_named_and_the_others_kept() {
        let mut bytes = b"\xef\xbb\xbfone\nt\0o\nthr\xffee\nfour\r\n".to_vec();
        bytes.extend(vec![b'a'; 5000]);
        bytes.extend(b"\n0123456789\n01234567890\nlast");
        assert_eq!(
            told(lines(bytes)),
            [
                "1 one",
                "x.csv:2:2: a NUL byte; expected text",
                "x.csv:3:4: bytes that are not UTF-8; expected text in UTF-8",
                "x.csv:4:5: the line ends in a carriage return and a line feed; expected a line feed alone",
                "x.csv:5:11: a line of 5000 bytes; it is skipped; expected at most 10 bytes",
                "6 0123456789",
                "x.csv:7:11: a line of 11 bytes; it is skipped; expected at most 10 bytes",
                "8 last",
            ]
        );
    }

    #[test]
    fn every_compression_is_read_and_a_cut_one_keeps_what_came() {
        let text = (0..2000).map(|n| n.to_string()).collect::<Vec<_>>().join("\n") + "\n";
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        bzip2.write_all(text.as_bytes()).expect("written");
        let packed = [
            gzip(text.as_bytes()),
            bzip2.finish().expect("packed"),
            zstd::encode_all(text.as_bytes(), 3).expect("packed"),
        ];
        for bytes in packed {
            assert_eq!(told(lines(bytes.clone())).len(), 2000);
            let cut = told(lines(bytes[..bytes.len() - 10].to_vec()));
            let last = cut.last().expect("something");
            assert!(last.contains("ends in the middle"), "{last}");
            assert!(cut.iter().rev().skip(1).enumerate().all(|(at, line)| {
                let n = cut.len() - 2 - at;
                *line == format!("{} {n}", n + 1)
            }));
        }
    }

    #[test]
    fn two_members_are_one_file_and_bombs_are_refused() {
        let mut two = gzip(b"one\n");
        two.extend(gzip(b"two\n"));
        assert_eq!(told(lines(two)), ["1 one", "2 two"]);
        let bomb = gzip(&vec![b'\n'; 3_000_000]);
        let told = told(within(bomb, Limits { free: 100_000, ratio: 100 }));
        assert!(told.last().expect("something").contains("decompression bomb"));
        assert!(told.len() < 1_000_000);
    }

    #[test]
    fn the_hash_is_of_the_file_as_it_lies_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.gz");
        let bytes = gzip(b"one\ntwo\n");
        std::fs::write(&path, &bytes).expect("written");
        let mut lines = Lines::new(Input::open(&path).expect("opens"), 10, Carriage::Refused);
        let before = lines.file();
        while lines.next().is_some() {}
        assert_eq!(lines.file(), before);
        assert_eq!(before.bytes, bytes.len() as u64);
        assert_eq!(before.sha256.len(), 64);
        assert_eq!(lines.progress(), Progress { done: before.bytes, total: before.bytes });
    }
}
