//! Terms as 32-bit numbers, and back.
//!
//! Joins compare and hash numbers, never text. Terms are kept as bytes without what their IRIs begin with, so that
//! a dictionary of a hundred thousand synsets costs a few megabytes, not a hundred.

use std::hash::Hasher;

use quid_core::oxrdf::{BlankNode, Literal, NamedNode, Term};
use rustc_hash::{FxHashMap, FxHasher};

/// No term: an open argument, an unbound variable.
pub(crate) const NONE: u32 = u32::MAX;

/// So many different beginnings are kept; IRIs with others are written out.
const MOST_BEGINNINGS: usize = 60_000;

/// A dictionary of terms.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    bytes: Vec<u8>,
    /// Where each term's bytes end.
    ends: Vec<u32>,
    /// Open addressing: numbers of terms plus one, 0 for a free place.
    places: Vec<u32>,
    /// Beginnings of IRIs, languages and datatypes.
    beginnings: Vec<Box<str>>,
    numbers: FxHashMap<Box<str>, u16>,
    /// Terms that are no IRI, blank node or literal, by their place in `bytes`.
    odd: Vec<Term>,
    odd_numbers: FxHashMap<Term, u32>,
    scratch: Vec<u8>,
}

const IRI: u8 = 0;
const BLANK: u8 = 1;
const TEXT: u8 = 2;
const TAGGED: u8 = 3;
const TYPED: u8 = 4;
const ODD: u8 = 5;

impl Terms {
    /// How many terms there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How much memory it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.bytes.capacity() + 4 * self.ends.capacity() + 4 * self.places.capacity() + 128 * self.odd.len()
    }

    /// Gives back what was set aside for more terms, when that is much.
    pub(crate) fn settle(&mut self) {
        if self.bytes.capacity() > self.bytes.len() + self.bytes.len() / 8 {
            self.bytes.shrink_to_fit();
            self.ends.shrink_to_fit();
        }
    }

    /// The number of a term, a new one when it has none yet.
    pub(crate) fn intern(&mut self, term: &Term) -> u32 {
        let mut code = std::mem::take(&mut self.scratch);
        code.clear();
        self.encode(term, &mut code);
        let number = self.find(&code).unwrap_or_else(|| self.insert(&code));
        self.scratch = code;
        number
    }

    /// The term of a number; `None` when there is no such number.
    pub(crate) fn term(&self, number: u32) -> Option<Term> {
        let code = self.code(number)?;
        let (&kind, rest) = code.split_first()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let split = |bytes: &[u8]| {
            let (head, rest) = bytes.split_at_checked(2)?;
            let number = u16::from_le_bytes([*head.first()?, *head.get(1)?]);
            Some((self.beginnings.get(usize::from(number))?, text(rest)))
        };
        Some(match kind {
            IRI => {
                let (beginning, rest) = split(rest)?;
                NamedNode::new_unchecked(format!("{beginning}{rest}")).into()
            }
            BLANK => BlankNode::new_unchecked(text(rest)).into(),
            TEXT => Literal::new_simple_literal(text(rest)).into(),
            TAGGED => {
                let (language, value) = split(rest)?;
                Literal::new_language_tagged_literal_unchecked(value, language.as_ref()).into()
            }
            TYPED => {
                let (datatype, value) = split(rest)?;
                Literal::new_typed_literal(value, NamedNode::new_unchecked(datatype.as_ref())).into()
            }
            _ => {
                let at = u32::from_le_bytes(rest.try_into().ok()?);
                self.odd.get(usize::try_from(at).ok()?)?.clone()
            }
        })
    }

    fn code(&self, number: u32) -> Option<&[u8]> {
        let number = number as usize;
        let end = *self.ends.get(number)?;
        let start = if number == 0 { 0 } else { *self.ends.get(number - 1)? };
        self.bytes.get(start as usize..end as usize)
    }

    fn encode(&mut self, term: &Term, code: &mut Vec<u8>) {
        match term {
            Term::NamedNode(node) => {
                let text = node.as_str();
                let split = text.rfind(['/', '#']).or_else(|| text.rfind(':')).map_or(0, |at| at + 1);
                let (beginning, rest) = text.split_at(split);
                if let Some(number) = self.beginning(beginning) {
                    code.push(IRI);
                    code.extend_from_slice(&number.to_le_bytes());
                    code.extend_from_slice(rest.as_bytes());
                    return;
                }
            }
            Term::BlankNode(node) => {
                code.push(BLANK);
                code.extend_from_slice(node.as_str().as_bytes());
                return;
            }
            Term::Literal(literal) if literal.direction().is_none() => {
                let (kind, beginning) = match literal.language() {
                    Some(language) => (TAGGED, Some(language.to_owned())),
                    None if literal.datatype() == quid_core::oxrdf::vocab::xsd::STRING => (TEXT, None),
                    None => (TYPED, Some(literal.datatype().as_str().to_owned())),
                };
                let number = beginning.map(|text| self.beginning(&text));
                if number != Some(None) {
                    code.push(kind);
                    if let Some(number) = number.flatten() {
                        code.extend_from_slice(&number.to_le_bytes());
                    }
                    code.extend_from_slice(literal.value().as_bytes());
                    return;
                }
            }
            _ => {}
        }
        code.push(ODD);
        let number = match self.odd_numbers.get(term) {
            Some(&known) => known,
            None => {
                let number = u32::try_from(self.odd.len()).unwrap_or(NONE);
                self.odd.push(term.clone());
                self.odd_numbers.insert(term.clone(), number);
                number
            }
        };
        code.extend_from_slice(&number.to_le_bytes());
    }

    fn beginning(&mut self, text: &str) -> Option<u16> {
        if let Some(&known) = self.numbers.get(text) {
            return Some(known);
        }
        if self.beginnings.len() >= MOST_BEGINNINGS {
            return None;
        }
        let number = u16::try_from(self.beginnings.len()).ok()?;
        self.beginnings.push(text.into());
        self.numbers.insert(text.into(), number);
        Some(number)
    }

    fn find(&self, code: &[u8]) -> Option<u32> {
        let mask = self.places.len().checked_sub(1)?;
        let mut at = hash(code) & mask;
        loop {
            let number = self.places.get(at)?.checked_sub(1)?;
            if self.code(number) == Some(code) {
                return Some(number);
            }
            at = (at + 1) & mask;
        }
    }

    fn insert(&mut self, code: &[u8]) -> u32 {
        if (self.ends.len() + 1) * 4 > self.places.len() * 3 {
            self.grow();
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(NONE);
        self.bytes.extend_from_slice(code);
        // Four gigabytes of terms are more than any budget allows.
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        self.place(number, hash(code));
        number
    }

    fn place(&mut self, number: u32, hash: usize) {
        let mask = self.places.len() - 1;
        let mut at = hash & mask;
        while let Some(place) = self.places.get_mut(at) {
            if *place == 0 {
                *place = number + 1;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let size = (self.places.len() * 2).max(64);
        self.places = vec![0; size];
        for number in 0..self.ends.len() {
            let number = u32::try_from(number).unwrap_or(NONE);
            let hash = hash(self.code(number).unwrap_or_default());
            self.place(number, hash);
        }
    }
}

fn hash(code: &[u8]) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(code);
    usize::try_from(hasher.finish() & 0xffff_ffff).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use quid_core::oxrdf::{NamedNodeRef, Triple};

    use super::*;

    #[test]
    fn every_term_comes_back_as_it_was() {
        let node = |text: &str| Term::from(NamedNode::new_unchecked(text));
        let typed = NamedNodeRef::new_unchecked("urn:type");
        let a = NamedNode::new_unchecked("urn:a");
        let terms = [
            node("http://example.org/a#b"),
            node("http://example.org/a#"),
            node("urn:x"),
            node("odd"),
            node(""),
            BlankNode::new_unchecked("b0").into(),
            Literal::from("").into(),
            Literal::from("é").into(),
            Literal::from(1).into(),
            Literal::new_typed_literal("1", typed).into(),
            Literal::new_language_tagged_literal_unchecked("x", "en").into(),
            Triple::new(a.clone(), a.clone(), a).into(),
        ];
        let mut dictionary = Terms::default();
        let numbers: Vec<u32> = terms.iter().map(|term| dictionary.intern(term)).collect();
        for (term, &number) in terms.iter().zip(&numbers) {
            assert_eq!(dictionary.term(number).as_ref(), Some(term));
            assert_eq!(dictionary.intern(term), number);
        }
        for number in 0..1000_u32 {
            dictionary.intern(&node(&format!("urn:many:{number}")));
        }
        assert_eq!(dictionary.len(), terms.len() + 1000);
        assert_eq!(dictionary.term(5000), None);
    }
}
