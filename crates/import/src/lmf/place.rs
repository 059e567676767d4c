//! Counts lines and columns while XML is read.
//!
//! The XML reader knows only how many bytes it has taken, and nobody finds the 80-millionth byte of a file in an
//! editor; line and column are found at once.

use std::io::{self, BufRead, Read};

/// A reader that knows where it is.
pub(super) struct Placed<R> {
    inner: R,
    /// Line and byte in the line, both from 1, of what is read next.
    place: (usize, usize),
}

impl<R: BufRead> Placed<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, place: (1, 1) }
    }

    pub(super) fn place(&self) -> (usize, usize) {
        self.place
    }
}

impl<R: BufRead> Read for Placed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.inner.fill_buf()?;
        let count = available.len().min(into.len());
        for (to, from) in into.iter_mut().zip(available) {
            *to = *from;
        }
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Placed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed was filled before, so this reads nothing new and cannot fail.
        if let Ok(filled) = self.inner.fill_buf() {
            let taken = filled.get(..amount).unwrap_or(filled);
            match taken.iter().rposition(|byte| *byte == b'\n') {
                Some(last) => {
                    self.place.0 += taken.split(|byte| *byte == b'\n').count() - 1;
                    self.place.1 = taken.len() - last;
                }
                None => self.place.1 += taken.len(),
            }
        }
        self.inner.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_bytes_are_counted_from_one_however_they_are_read() {
        let text = "ab\ncdé\n\nf";
        for size in 1..=text.len() {
            let mut reader = Placed::new(io::BufReader::with_capacity(size, text.as_bytes()));
            let mut expected = (1, 1);
            let mut one = [0];
            for byte in text.bytes() {
                assert_eq!(reader.place(), expected, "before {:?} with {size}", char::from(byte));
                assert_eq!(reader.read(&mut one).expect("in memory"), 1);
                expected = if byte == b'\n' { (expected.0 + 1, 1) } else { (expected.0, expected.1 + 1) };
            }
            assert_eq!((reader.place(), reader.read(&mut one).expect("in memory")), ((4, 2), 0));
        }
    }
}
