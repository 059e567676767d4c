//! Princeton sense keys, senseidx(5): `dog%1:05:00::`, `hot%5:00:00:warm:03`.
//!
//! The key outlives versions of WordNet, so it names the sense; here it is taken apart to check that it says
//! what the data files say.

use quid_core::text::percent_encode;
use quid_core::vocabulary::WN30;

use super::Kind;
use super::fields::{number, shown};
use crate::problem::Damage;

/// A sense key in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenseKey<'a> {
    /// Lower case, words joined by `_`.
    pub lemma: &'a str,
    /// Noun, verb, adjective, adverb or satellite.
    pub kind: Kind,
    /// Number of the lexicographer file.
    pub lexfile: u8,
    /// Tells equal lemmas of one lexicographer file apart.
    pub lex_id: u8,
    /// Of a satellite: the lemma and the lex id of its head.
    pub head: Option<(&'a str, u8)>,
}

impl<'a> SenseKey<'a> {
    /// Takes a key apart.
    pub(crate) fn parse(key: &'a str) -> Result<Self, Damage> {
        let wrong = || Damage::new(format!("`{}` is not a sense key", shown(key)), "lemma%type:file:id:head:id");
        let (lemma, rest) = key.rsplit_once('%').ok_or_else(wrong)?;
        let mut parts = rest.split(':');
        let mut next = || parts.next().ok_or_else(wrong);
        let (kind, lexfile, lex_id, head, head_id) = (next()?, next()?, next()?, next()?, next()?);
        if lemma.is_empty() || parts.next().is_some() {
            return Err(wrong());
        }
        let small =
            |field: &str, what| number(field, 10, Some(2), what).map(|value| u8::try_from(value).unwrap_or(u8::MAX));
        Ok(Self {
            lemma,
            kind: Kind::of_digit(kind).ok_or_else(wrong)?,
            lexfile: small(lexfile, "the number of a lexicographer file")?,
            lex_id: small(lex_id, "a lex id")?,
            head: match (head, head_id) {
                ("", "") => None,
                (head, id) => Some((head, small(id, "the lex id of the head")?)),
            },
        })
    }
}

/// The IRI of the sense with that key.
#[must_use]
pub fn sense_iri(key: &str) -> String {
    // The colon is legal in a path (RFC 3987), and keys are easier to read with it; a `%3A` of the key itself
    // would have become `%253A`, so nothing is confused.
    format!("{WN30}sense/{}", percent_encode(key).replace("%3A", ":"))
}

#[cfg(test)]
mod tests {
    use quid_core::text::percent_decode;

    use super::*;

    #[test]
    fn keys_are_taken_apart() {
        for (key, lemma, kind, lexfile, lex_id, head) in [
            ("dog%1:05:00::", "dog", Kind::Noun, 5, 0, None),
            ("hot%5:00:02:warm:03", "hot", Kind::Satellite, 0, 2, Some(("warm", 3))),
            ("100%_pure%3:00:00::", "100%_pure", Kind::Adjective, 0, 0, None),
        ] {
            let parsed = SenseKey::parse(key).unwrap();
            assert_eq!(parsed, SenseKey { lemma, kind, lexfile, lex_id, head }, "{key}");
            assert_eq!(percent_decode(sense_iri(key).strip_prefix(&format!("{WN30}sense/")).unwrap()), key);
        }
        for key in [
            "",
            "dog",
            "dog%",
            "dog%6:05:00::",
            "%1:05:00::",
            "dog%1:5:00::",
            "dog%1:05:00",
            "dog%1:05:00:::",
            "dog%1:05:xx::",
        ] {
            assert!(SenseKey::parse(key).is_err(), "{key}");
        }
    }

    #[test]
    fn the_iri_reads_as_the_vocabulary_says() {
        assert_eq!(sense_iri("dog%1:05:00::"), format!("{WN30}sense/dog%251:05:00::"));
    }
}
