//! A journal line and back: JSON for people, a hash for the chain.
//!
//! The line ends in `,"prev":"…","hash":"…"}` at a fixed distance from its end, so that the chain of a million
//! records is verified without parsing JSON. `hash` is the SHA-256 of the line without its `hash` member;
//! `prev` is the `hash` of the line before (64 zeros for the first).

use std::fmt::Write as _;

use oxigraph::io::{RdfFormat, RdfParser};
use quid_core::{
    Act, Place, Record, Scope, Speaker, Time,
    oxrdf::{NamedNode, Quad},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What comes before the first record.
pub(crate) const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const PREV: &[u8] = b",\"prev\":\"";
const HASH: &[u8] = b",\"hash\":\"";
const DIGITS: usize = 64;

/// The members of a line, in this order, without `hash`.
#[derive(Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of the file's members")]
struct Line {
    seq: u64,
    at: Time,
    act: Act,
    by: Speaker,
    place: Place,
    line: String,
    scope: Scope,
    add: Vec<String>,
    remove: Vec<String>,
    about: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undoes: Option<u64>,
    prev: String,
}

/// A record as it is written: the bytes with their line end, and its hash.
pub(crate) struct Sealed {
    /// The line, newline included.
    pub(crate) bytes: Vec<u8>,
    /// Its hash, for the next one's `prev`.
    pub(crate) hash: String,
}

/// Writes a record as a line that follows the one with the hash `prev`.
pub(crate) fn seal(record: &Record, prev: &str) -> Result<Sealed, String> {
    let line = Line {
        seq: record.seq,
        at: record.at,
        act: record.act,
        by: record.by.clone(),
        place: record.place.clone(),
        line: record.line.clone(),
        scope: record.scope.clone(),
        add: record.added.iter().map(Quad::to_string).collect(),
        remove: record.removed.iter().map(Quad::to_string).collect(),
        about: record.about.iter().map(|thing| thing.as_str().to_owned()).collect(),
        undoes: record.undoes,
        prev: prev.to_owned(),
    };
    let mut bytes = serde_json::to_vec(&line).map_err(|why| why.to_string())?;
    let hash = digest(&[&bytes]);
    bytes.pop();
    bytes.extend_from_slice(HASH);
    bytes.extend_from_slice(hash.as_bytes());
    bytes.extend_from_slice(b"\"}\n");
    Ok(Sealed { bytes, hash })
}

/// The chain's part of a line (without its newline), read without parsing the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seal<'a> {
    /// The number.
    pub(crate) seq: u64,
    /// The hash of the line before.
    pub(crate) prev: &'a str,
    /// Its own.
    pub(crate) hash: &'a str,
}

/// Reads the seal and verifies it; `None` for a line that was changed since it was written.
pub(crate) fn verify(line: &[u8]) -> Option<Seal<'_>> {
    let seal = read_seal(line)?;
    let body = line.get(..line.len().checked_sub(HASH.len() + DIGITS + 2)?)?;
    (digest(&[body, b"}"]) == seal.hash).then_some(seal)
}

/// Reads the seal without verifying it.
pub(crate) fn read_seal(line: &[u8]) -> Option<Seal<'_>> {
    let rest = line.strip_suffix(b"\"}")?;
    let (rest, hash) = rest.split_at_checked(rest.len().checked_sub(DIGITS)?)?;
    let rest = rest.strip_suffix(HASH)?.strip_suffix(b"\"")?;
    let (rest, prev) = rest.split_at_checked(rest.len().checked_sub(DIGITS)?)?;
    rest.strip_suffix(PREV)?;
    let number = line.strip_prefix(br#"{"seq":"#)?;
    let end = number.iter().position(|byte| !byte.is_ascii_digit())?;
    Some(Seal {
        seq: std::str::from_utf8(number.get(..end)?).ok()?.parse().ok()?,
        prev: std::str::from_utf8(prev).ok()?,
        hash: std::str::from_utf8(hash).ok()?,
    })
}

/// Reads a whole line (with or without its newline). The seal is not verified here.
pub(crate) fn read(line: &[u8]) -> Result<Record, String> {
    let line: Line = serde_json::from_slice(line).map_err(|why| why.to_string())?;
    Ok(Record {
        seq: line.seq,
        act: line.act,
        by: line.by,
        place: line.place,
        at: line.at,
        line: line.line,
        scope: line.scope,
        added: read_quads(&line.add)?,
        removed: read_quads(&line.remove)?,
        about: line
            .about
            .into_iter()
            .map(|iri| NamedNode::new(&iri).map_err(|why| format!("`{iri}`: {why}")))
            .collect::<Result<_, _>>()?,
        undoes: line.undoes,
    })
}

/// Parses quads written by their `Display`.
fn read_quads(lines: &[String]) -> Result<Vec<Quad>, String> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let mut text = String::with_capacity(lines.iter().map(|line| line.len() + 3).sum());
    for line in lines {
        text.push_str(line);
        text.push_str(" .\n");
    }
    let quads = RdfParser::from_format(RdfFormat::NQuads)
        .for_slice(text.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|why| why.to_string())?;
    if quads.len() == lines.len() { Ok(quads) } else { Err("a quad is not on one line".to_owned()) }
}

/// SHA-256 of the parts one after the other, in hexadecimal.
pub(crate) fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let mut text = String::with_capacity(DIGITS);
    for byte in hasher.finalize() {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
