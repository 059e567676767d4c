//! Takes a `multipart/form-data` body apart (RFC 7578): the Graph Store takes several documents in one POST.
//!
//! Bodies are bounded before they come here; what is cut out is not copied.

use crate::error::Problem;

/// The most parts of a body.
const MOST_PARTS: usize = 256;

/// A part of a body: its media type, and its bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) media_type: Option<String>,
    pub(super) bytes: &'a [u8],
}

/// The boundary that a `Content-Type` names.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let boundary = content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    })?;
    (!boundary.is_empty() && boundary.len() <= 70).then_some(boundary)
}

/// The parts between the boundaries.
pub(super) fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, Problem> {
    let broken = || Problem::bad("the parts of the body are not as multipart/form-data has them");
    let delimiter = format!("--{boundary}");
    let start = find(body, delimiter.as_bytes()).ok_or_else(broken)?;
    let mut rest = body.get(start + delimiter.len()..).unwrap_or_default();
    let closing = format!("\r\n--{boundary}");
    let mut found = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(found);
        }
        rest = rest.strip_prefix(b"\r\n").ok_or_else(broken)?;
        let end = find(rest, closing.as_bytes()).ok_or_else(broken)?;
        if found.len() == MOST_PARTS {
            return Err(Problem::bad(format!("more than {MOST_PARTS} parts")));
        }
        found.push(part(rest.get(..end).unwrap_or_default()).ok_or_else(broken)?);
        rest = rest.get(end + closing.len()..).unwrap_or_default();
    }
}

fn part(text: &[u8]) -> Option<Part<'_>> {
    // A part without headers begins with the empty line.
    let (headers, bytes) = match text.strip_prefix(b"\r\n") {
        Some(bytes) => (&b""[..], bytes),
        None => {
            let end = find(text, b"\r\n\r\n")?;
            (text.get(..end)?, text.get(end + 4..)?)
        }
    };
    let headers = std::str::from_utf8(headers).ok()?;
    let media_type = headers.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let value = value.split(';').next().unwrap_or(value);
        name.trim().eq_ignore_ascii_case("content-type").then(|| value.trim().to_ascii_lowercase())
    });
    Some(Part { media_type, bytes })
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len().max(1)).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_out() {
        let body =
            b"--x\r\nContent-Type: text/turtle; charset=utf-8\r\n\r\n<a> <b> <c> .\r\n--x\r\n\r\nplain\r\n--x--\r\n";
        let found = parts(body, "x").expect("parts");
        let expected = [(Some("text/turtle"), "<a> <b> <c> ."), (None, "plain")];
        assert_eq!(found.len(), expected.len());
        for (part, (media_type, bytes)) in found.iter().zip(expected) {
            assert_eq!((part.media_type.as_deref(), part.bytes), (media_type, bytes.as_bytes()));
        }
        for broken in [&b"--x\r\nfoo"[..], b"", b"--x", b"--x\r\n\r\nbody", b"--y\r\n\r\nbody\r\n--y--"] {
            assert!(parts(broken, "x").is_err(), "{broken:?}");
        }
        assert_eq!(boundary("multipart/form-data; boundary=\"abc\""), Some("abc"));
        assert_eq!(boundary("multipart/form-data"), None);
    }
}
