//! Reads lines of unknown origin: bounded, and honest about bytes that are no text.
//!
//! A line without an end, or one in another encoding, must cost neither memory nor the lines after it.

use std::io::{self, BufRead};

/// The longest line that is read, in bytes. Room for the longest line of chat with every character escaped.
pub const LONGEST: usize = 1024 * 1024;

/// A line as it came.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// Text, without its line end.
    Text(String),
    /// Not UTF-8; the first bad byte's place, from 1.
    NotText(usize),
    /// Longer than [`LONGEST`]; it was skipped whole. Its length in bytes.
    TooLong(u64),
}

/// The next line; `None` at the end.
///
/// # Errors
/// What the input says.
pub fn next(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    let mut length: u64 = 0;
    let mut ended = false;
    while !ended {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            if length == 0 {
                return Ok(None);
            }
            break;
        }
        let end = chunk.iter().position(|&byte| byte == b'\n');
        ended = end.is_some();
        let used = end.map_or(chunk.len(), |at| at + 1);
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        if bytes.len() + part.len() <= LONGEST {
            bytes.extend_from_slice(part);
        }
        length += part.len() as u64 + u64::from(ended);
        input.consume(used);
    }
    let content = length - u64::from(ended);
    if content > LONGEST as u64 {
        return Ok(Some(Line::TooLong(content)));
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    Ok(Some(match String::from_utf8(bytes) {
        Ok(text) => Line::Text(text),
        Err(error) => Line::NotText(error.utf8_error().valid_up_to() + 1),
    }))
}

/// What is wrong with a line, for whoever sent it; `number` counts from 1.
#[must_use]
pub fn complaint(line: &Line, number: u64) -> Option<String> {
    match line {
        Line::Text(_) => None,
        Line::NotText(at) => Some(format!("line {number} is not valid UTF-8 at byte {at}; nothing of it was read")),
        Line::TooLong(length) => {
            Some(format!("line {number} is {length} bytes long and the limit is {LONGEST}; nothing of it was read"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read_all(bytes: &[u8], buffer: usize) -> Vec<Line> {
        let mut input = BufReader::with_capacity(buffer, bytes);
        std::iter::from_fn(|| next(&mut input).expect("memory does not fail")).collect()
    }

    #[test]
    fn every_line_is_one_of_three_kinds() {
        let text = |text: &str| Line::Text(text.to_owned());
        for buffer in [1, 3, 8192] {
            assert_eq!(read_all(b"one\ntwo\r\n\nlast", buffer), [text("one"), text("two"), text(""), text("last")]);
            assert_eq!(read_all(b"a\xffb\nok\n", buffer), [Line::NotText(2), text("ok")]);
            assert_eq!(read_all(b"", buffer), []);
        }
        let mut long = vec![b'x'; LONGEST];
        long.extend_from_slice(b"\n");
        assert!(matches!(read_all(&long, 4096).as_slice(), [Line::Text(whole)] if whole.len() == LONGEST));
        long.insert(0, b'x');
        long.extend_from_slice(b"next\n");
        assert_eq!(read_all(&long, 4096), [Line::TooLong(LONGEST as u64 + 1), text("next")]);
    }
}
