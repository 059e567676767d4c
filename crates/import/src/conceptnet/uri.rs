//! ConceptNet's URIs as IRIs, and back.
//!
//! `/c/en/dog/n/wn/animal` becomes `http://conceptnet.io/c/en/dog/n/wn/animal`. What may not stand in an IRI is
//! percent-encoded, the percent sign included, so that every URI comes back as it was.

use std::borrow::Cow;

use quid_core::oxrdf::NamedNode;
use quid_core::text::percent_decode;
use quid_core::vocabulary::CONCEPTNET;

/// What is wrong with a URI: the byte of it (from 0), what is there, what should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadUri {
    pub(crate) at: usize,
    pub(crate) message: String,
    pub(crate) expected: &'static str,
}

impl BadUri {
    fn new(at: usize, message: impl Into<String>, expected: &'static str) -> Self {
        Self { at, message: message.into(), expected }
    }
}

const CONCEPT: &str = "a concept (/c/LANGUAGE/WORDS…) or an address (http://…)";
const RELATION: &str = "a relation (/r/NAME)";

/// Checks an end of an assertion and makes an IRI of it. The second value says whether the IRI gives the URI back;
/// an address with odd characters in it may not.
pub(crate) fn end(uri: &str) -> Result<(NamedNode, bool), BadUri> {
    if let Some(rest) = uri.strip_prefix("/c/") {
        let (language, words) =
            rest.split_once('/').ok_or_else(|| BadUri::new(uri.len(), "a concept without words", CONCEPT))?;
        if language.is_empty() || !language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(BadUri::new(3, format!("`{}` is no language", shown(language)), CONCEPT));
        }
        if words.is_empty() || words.starts_with('/') {
            return Err(BadUri::new(4 + language.len(), "a concept without words", CONCEPT));
        }
        return Ok((own(uri)?, true));
    }
    if uri.contains("://") {
        return address(uri);
    }
    Err(BadUri::new(0, format!("`{}` is neither a concept nor an address", shown(uri)), CONCEPT))
}

/// Checks a relation and makes an IRI of it.
pub(crate) fn relation(uri: &str) -> Result<NamedNode, BadUri> {
    match uri.strip_prefix("/r/") {
        Some(name) if !name.is_empty() && !name.split('/').any(str::is_empty) => own(uri),
        _ => Err(BadUri::new(0, format!("`{}` is no relation", shown(uri)), RELATION)),
    }
}

/// An IRI for any of ConceptNet's own URIs.
pub(crate) fn own(uri: &str) -> Result<NamedNode, BadUri> {
    if let Some(at) = uri.find(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(BadUri::new(at, "a space or a control character in a URI", "underscores for spaces"));
    }
    let mut iri = String::with_capacity(CONCEPTNET.len() + uri.len());
    iri.push_str(CONCEPTNET);
    encode(uri, "%?#", &mut iri);
    Ok(NamedNode::new_unchecked(iri))
}

/// ConceptNet's URI for an IRI that stands for one; any other IRI is an address, and stays as it is.
#[must_use]
pub fn uri_of(iri: &str) -> Cow<'_, str> {
    match iri.strip_prefix(CONCEPTNET) {
        Some(uri) if uri.starts_with('/') => {
            if uri.contains('%') {
                Cow::Owned(percent_decode(uri))
            } else {
                Cow::Borrowed(uri)
            }
        }
        _ => Cow::Borrowed(iri),
    }
}

fn address(uri: &str) -> Result<(NamedNode, bool), BadUri> {
    let expected = "an address (http://…) without spaces";
    if let Some(at) = uri.find(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(BadUri::new(at, "a space or a control character in an address", expected));
    }
    let mut iri = String::with_capacity(uri.len());
    encode(uri, "", &mut iri);
    let same = iri == uri && !iri.starts_with(CONCEPTNET);
    match NamedNode::new(iri) {
        Ok(node) => Ok((node, same)),
        Err(error) => Err(BadUri::new(0, format!("`{}` is no IRI: {error}", shown(uri)), expected)),
    }
}

/// Writes text into an IRI, with what may not stand there, and the characters of `also`, percent-encoded.
fn encode(text: &str, also: &str, iri: &mut String) {
    for c in text.chars() {
        if may_stand(c) && !also.contains(c) {
            iri.push(c);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in c.encode_utf8(&mut bytes).bytes() {
            iri.push('%');
            for half in [byte >> 4, byte & 15] {
                iri.push(char::from(b"0123456789ABCDEF"[usize::from(half)]));
            }
        }
    }
}

/// RFC 3987, section 2.2: `iunreserved`, `sub-delims`, `ucschar` and what divides an IRI, brackets aside.
fn may_stand(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%?#".contains(c),
        '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}' => true,
        '\u{10000}'..='\u{efffd}' => (c as u32) & 0xffff < 0xfffe && !matches!(c, '\u{e0000}'..='\u{e0fff}'),
        _ => false,
    }
}

/// The beginning of a text, for a message.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn uris_become_iris_and_come_back() {
        for (uri, iri) in [
            ("/c/en/dog", "http://conceptnet.io/c/en/dog"),
            ("/c/en/dog/n/wn/animal", "http://conceptnet.io/c/en/dog/n/wn/animal"),
            ("/c/ja/明かん/n", "http://conceptnet.io/c/ja/明かん/n"),
            ("/c/en/100%", "http://conceptnet.io/c/en/100%25"),
            ("/c/en/what?", "http://conceptnet.io/c/en/what%3F"),
            ("/c/en/c#", "http://conceptnet.io/c/en/c%23"),
            ("/c/en/\"<[|]>", "http://conceptnet.io/c/en/%22%3C%5B%7C%5D%3E"),
            ("/c/mul/👍", "http://conceptnet.io/c/mul/👍"),
            ("http://dbpedia.org/resource/0_(number)", "http://dbpedia.org/resource/0_(number)"),
        ] {
            let (node, same) = end(uri).expect(uri);
            assert_eq!(node.as_str(), iri);
            assert!(same);
            assert_eq!(uri_of(iri), uri);
            assert!(NamedNode::new(iri).is_ok(), "{iri}");
        }
        let (node, same) = end("http://x.org/\"Weird\"").expect("odd, but legal once encoded");
        assert_eq!((node.as_str(), same), ("http://x.org/%22Weird%22", false));
    }

    #[test]
    fn bad_uris_are_named_with_their_place() {
        for (uri, at) in [
            ("/c/en", 5),
            ("/c/en/", 6),
            ("/c//dog", 3),
            ("dog", 0),
            ("/x/en/dog", 0),
            ("/c/en/a dog", 7),
            ("http://x.org/a b", 14),
            ("://", 0),
            ("", 0),
        ] {
            assert_eq!(end(uri).expect_err(uri).at, at, "{uri}");
        }
        for uri in ["/r/", "/r//x", "UsedFor", "/r/Is A", ""] {
            assert!(relation(uri).is_err(), "{uri}");
        }
        assert!(relation("/r/dbpedia/genre").is_ok());
    }

    proptest! {
        #[test]
        fn every_accepted_uri_is_a_legal_iri_that_gives_it_back(text in "/c/[a-z]{2}/\\PC{1,20}") {
            if let Ok((node, true)) = end(&text) {
                prop_assert!(NamedNode::new(node.as_str()).is_ok(), "{node}");
                prop_assert_eq!(uri_of(node.as_str()), text);
            }
        }
    }
}
