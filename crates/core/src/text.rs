//! Cleans what people type, and folds it into keys that compare as people expect.
//!
//! "Straße", "STRASSE" and "strasse" name one thing; a zero-width space or a colour code never makes a
//! second one. The original spelling is kept beside the key, so nothing is lost by folding.

use oxrdf::NamedNode;
use unicode_normalization::UnicodeNormalization;

use crate::vocabulary::THING;

/// The longest line that is looked at, in bytes of UTF-8; a longer one is refused whole, never cut.
pub const LONGEST_LINE: usize = 64 * 1024;

/// A name folded for comparison: NFC, full case folding (Unicode `CaseFolding.txt`, status C and F),
/// white space collapsed, controls, formatting codes and zero-width characters gone.
///
/// Turkish dotted capital İ folds to `i` + U+0307, as full folding without a locale says, so
/// "İstanbul" and "istanbul" stay two keys; near misses are offered by fuzzy search instead.
///
/// ```
/// use quid_core::Key;
/// assert_eq!(Key::of("  STRASSE "), Key::of("straße"));
/// assert_eq!(Key::of("foo\u{200b}\u{3}04 bar").as_str(), "foo bar");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Folds `text`; the key is empty when nothing visible is left.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let plain: String = clean(text).nfc().collect();
        let folded: String = caseless::default_case_fold_str(&plain).nfc().collect();
        Self(folded.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when no visible character was left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The IRI of the thing so named: `urn:quid:thing:` and the key, percent-encoded.
    #[must_use]
    pub fn thing(&self) -> NamedNode {
        NamedNode::new_unchecked(format!("{THING}{}", percent_encode(&self.0)))
    }

    /// The key in a thing's IRI; `None` for any other IRI.
    #[must_use]
    pub fn of_thing(thing: &NamedNode) -> Option<Self> {
        thing.as_str().strip_prefix(THING).map(|name| Self(percent_decode(name)))
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes a line safe to keep and to say: controls (NUL, CR, LF, IRC formatting with its colour digits,
/// \x01) and invisible characters (zero-width, bidi controls, BOM, U+00AD) are removed; tabs, line ends and
/// odd spaces become one space each; runs of spaces stay, since a value is kept as it was typed.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{3}' => {
                // mIRC colour: up to two digits, then optionally a comma and up to two digits.
                let mut digits = 0;
                while digits < 2 && rest.next_if(char::is_ascii_digit).is_some() {
                    digits += 1;
                }
                if digits > 0 {
                    let mut ahead = rest.clone();
                    if ahead.next() == Some(',') && ahead.peek().is_some_and(char::is_ascii_digit) {
                        rest.next();
                        let mut more = 0;
                        while more < 2 && rest.next_if(char::is_ascii_digit).is_some() {
                            more += 1;
                        }
                    }
                }
            }
            '\t' | '\n' | '\r' | '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if is_invisible(c) => {}
            c if c != ' ' && c.is_whitespace() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Percent-encodes everything but RFC 3987 `iunreserved` characters, so that any key is a legal IRI part.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = c.is_ascii_alphanumeric()
            || matches!(c, '-' | '.' | '_' | '~')
            || (c as u32 >= 0xa0 && c.is_alphanumeric());
        if plain {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push('%');
                out.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
                out.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
            }
        }
    }
    out
}

/// Undoes [`percent_encode`]; a malformed escape stays as it is, invalid UTF-8 becomes U+FFFD.
#[must_use]
pub fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        if let Some(value) = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(value);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The words in the last part of an IRI, for things that nobody labelled: `…#MozzarellaTopping` is "Mozzarella
/// Topping". `None` for codes (`DOID_162`) and anything else that no person would say.
#[must_use]
pub fn words_of_iri(iri: &str) -> Option<String> {
    let last = iri.rsplit(['/', '#', ':']).next().map(percent_decode)?;
    if last.chars().count() < 2 || !last.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | ' ')) {
        return None;
    }
    let mut words = String::with_capacity(last.len() + 8);
    let mut before = ' ';
    for c in last.chars() {
        if c == '_' {
            words.push(' ');
        } else {
            if c.is_uppercase() && before.is_lowercase() {
                words.push(' ');
            }
            words.push(c);
        }
        before = c;
    }
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

/// The name that the end of an IRI is, for a thing that has no other: `…/Alan_PULIDO` is "Alan PULIDO", `…/tomHanks`
/// "tom Hanks"; `None` for codes (`Q42`), numbers and sentences.
#[must_use]
pub fn name_of_iri(iri: &str) -> Option<String> {
    let last = iri.trim_end_matches('/').rsplit(['/', '#', ':']).next().map(percent_decode)?;
    if last.len() > LONGEST_LOCAL_NAME {
        return None;
    }
    let words = local_words(&last);
    let mut letters = 0;
    let is_name = words.chars().any(|c| {
        letters = if c.is_alphabetic() { letters + 1 } else { 0 };
        letters > 1
    });
    is_name.then_some(words)
}

/// A name as programs write it, as words: underscores are spaces; without any, a capital begins a word.
#[must_use]
pub fn local_words(name: &str) -> String {
    let is_camel = !name.contains(['_', ' ']);
    let mut words = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for c in name.chars() {
        if c == '_' || c.is_whitespace() || c.is_control() {
            words.push(' ');
        } else {
            if is_camel && c.is_uppercase() && before.is_lowercase() {
                words.push(' ');
            }
            words.push(c);
        }
        before = c;
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The property that statements use, of the entity that a Wikibase describes and labels it by: `…/entity/P19` is used
/// as `…/prop/direct/P19` (the mapping's own layout, <https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format>).
#[must_use]
pub fn wikibase_property(entity: &str) -> Option<String> {
    let (base, id) = entity.rsplit_once(WIKIBASE.0)?;
    is_property_id(id).then(|| format!("{base}{}{id}", WIKIBASE.1))
}

/// The entity that describes a property of a Wikibase: [`wikibase_property`] the other way round.
#[must_use]
pub fn wikibase_entity(property: &str) -> Option<String> {
    let (base, id) = property.rsplit_once(WIKIBASE.1)?;
    is_property_id(id).then(|| format!("{base}{}{id}", WIKIBASE.0))
}

fn is_property_id(id: &str) -> bool {
    id.strip_prefix('P').is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
}

/// What stands before the number of a Wikibase's property: as an entity, and in statements.
const WIKIBASE: (&str, &str) = ("/entity/", "/prop/direct/");

/// The longest end of an IRI, in bytes, that is taken for a name.
const LONGEST_LOCAL_NAME: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wikibase_names_its_properties_twice() {
        for (entity, property) in [
            ("http://www.wikidata.org/entity/P19", Some("http://www.wikidata.org/prop/direct/P19")),
            ("https://my.example/base/entity/P1", Some("https://my.example/base/prop/direct/P1")),
            ("http://www.wikidata.org/entity/Q19", None),
            ("http://www.wikidata.org/entity/P", None),
            ("http://www.wikidata.org/entity/P19x", None),
            ("urn:P19", None),
        ] {
            assert_eq!(wikibase_property(entity).as_deref(), property, "{entity}");
            if let Some(property) = property {
                assert_eq!(wikibase_entity(property).as_deref(), Some(entity));
            }
            assert_eq!(wikibase_entity(entity), None);
        }
    }

    #[test]
    fn keys_compare_as_people_expect() {
        for (one, other) in [
            ("Straße", "STRASSE"),
            ("λ\u{200b}", "Λ"),
            ("foo\u{a0}bar", "foo  bar"),
            ("\u{3}04foo\u{3}", "foo"),
            ("\u{3}4,12foo", "foo"),
            ("cafe\u{301}", "café"),
            ("\u{2}bold\u{f}", "bold"),
            ("a\0b", "ab"),
        ] {
            assert_eq!(Key::of(one), Key::of(other), "{one:?} {other:?}");
        }
        assert_ne!(Key::of("аdmin"), Key::of("admin"), "Cyrillic and Latin stay apart");
        assert_ne!(Key::of("c++"), Key::of("c"));
    }

    #[test]
    fn an_iri_may_say_a_name() {
        for (iri, expected) in [
            ("http://x/pizza.owl#MozzarellaTopping", Some("Mozzarella Topping")),
            ("http://x/Evaluation_of_situations", Some("Evaluation of situations")),
            ("http://x/DNAPolymerase", Some("DNAPolymerase")),
            ("http://x/caf%C3%A9", Some("caf\u{e9}")),
            ("http://x/DOID_162", None),
            ("http://x/Q42", None),
            ("http://x/", None),
            ("urn:x:a", None),
        ] {
            assert_eq!(words_of_iri(iri).as_deref(), expected, "{iri}");
        }
    }

    #[test]
    fn a_key_survives_its_iri() {
        for text in ["foo bar", "50%", "a\"b>c", "λ", "?s", "<http://evil/>", "..", "\u{1f600}"] {
            let key = Key::of(text);
            let thing = key.thing();
            assert_eq!(Key::of_thing(&thing), Some(key), "{text:?}");
            assert!(NamedNode::new(thing.as_str()).is_ok(), "{thing}");
        }
    }
}
