//! Names that begin so, and names that are nearly so.
//!
//! Both walk the sorted dictionary of folded names, so their cost is that of the names found, not of the names
//! stored.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use quid_core::text::LONGEST_LINE;
use quid_core::{Audience, Key, Place};
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, Searcher, SegmentReader, TERMINATED, TantivyDocument, Term};

use crate::document::{Entry, LONGEST_NAME};
use crate::fresh::Fresh;
use crate::recall::may_see;
use crate::schema::owned_by;
use crate::{Index, SearchError};

/// Names up to this many characters may differ by one edit only: with two, "cat" is like every third short word.
const SHORT_NAME: usize = 4;

/// Names returned at most.
const MOST_NAMES: usize = 100_000;

/// Spellings of one name compared at most, to choose the one shown.
const MOST_SPELLINGS: usize = 8;

impl Index {
    /// Names within two edits of `name` (one for short names), nearest first, then sorted.
    pub(crate) fn near(&self, name: &str, audience: &Audience, limit: usize) -> Result<Vec<String>, SearchError> {
        if name.len() > LONGEST_LINE {
            return Ok(Vec::new());
        }
        let key = Key::of(name);
        let length = key.as_str().chars().count();
        if key.is_empty() || length > LONGEST_NAME {
            return Ok(Vec::new());
        }
        let most: u8 = if length <= SHORT_NAME { 1 } else { 2 };
        let fresh = self.fresh();
        let searcher = self.searcher();
        let mut keys = BTreeSet::new();
        let mut take = |candidate: &str| {
            let edits = edits(key.as_str(), candidate);
            if edits <= usize::from(most) {
                keys.insert((edits, candidate.to_owned()));
            }
        };
        let failed = || SearchError::failed("looking for names");
        let automaton = FuzzyTermQuery::new(Term::from_field_text(self.fields.name, key.as_str()), most, true);
        for segment in searcher.segment_readers() {
            let names = segment.inverted_index(self.fields.name).map_err(failed())?;
            let automaton = automaton.automaton().map_err(failed())?;
            let mut stream = names.terms().search(automaton).into_stream().map_err(|error| failed()(error.into()))?;
            while stream.advance() {
                if let Ok(candidate) = std::str::from_utf8(stream.key()) {
                    take(candidate);
                }
            }
        }
        for (entry, _) in fresh.added() {
            if let Some(candidate) = &entry.name {
                take(candidate);
            }
        }
        let mut found = Vec::new();
        for (_, candidate) in keys {
            if found.len() >= limit.min(MOST_NAMES) {
                break;
            }
            found.extend(self.spelling(&fresh, &searcher, &candidate, audience)?);
        }
        Ok(found)
    }

    /// Names that begin with `prefix`, sorted by their folded form.
    pub(crate) fn beginning(
        &self,
        prefix: &str,
        audience: &Audience,
        limit: usize,
    ) -> Result<Vec<String>, SearchError> {
        if prefix.len() > LONGEST_LINE {
            return Ok(Vec::new());
        }
        let limit = limit.min(MOST_NAMES);
        let prefix = Key::of(prefix);
        let fresh = self.fresh();
        let searcher = self.searcher();
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        let failed = || SearchError::failed("looking for names");
        for segment in searcher.segment_readers() {
            let names = segment.inverted_index(self.fields.name).map_err(failed())?;
            let range = names.terms().range().ge(prefix.as_str().as_bytes());
            let mut stream = range.into_stream().map_err(|error| failed()(error.into()))?;
            let mut taken = 0;
            while taken < limit && stream.advance() && stream.key().starts_with(prefix.as_str().as_bytes()) {
                let Ok(key) = std::str::from_utf8(stream.key()) else { continue };
                if found.contains_key(key) {
                    taken += 1;
                } else if let Some(spelling) = self.spelling(&fresh, &searcher, key, audience)? {
                    found.insert(key.to_owned(), spelling);
                    taken += 1;
                }
            }
        }
        for (entry, _) in fresh.added() {
            let Some(key) = entry.name.as_ref().filter(|key| key.starts_with(prefix.as_str())) else { continue };
            if !found.contains_key(key)
                && let Some(spelling) = self.spelling(&fresh, &searcher, key, audience)?
            {
                found.insert(key.clone(), spelling);
            }
        }
        Ok(found.into_values().take(limit).collect())
    }

    /// How a name is written where the audience may see it; `None` when they may not.
    fn spelling(
        &self,
        fresh: &Fresh,
        searcher: &Searcher,
        key: &str,
        audience: &Audience,
    ) -> Result<Option<String>, SearchError> {
        let mut spellings: Vec<String> = fresh
            .added()
            .filter(|(entry, _)| entry.name.as_deref() == Some(key) && shows(entry, audience))
            .map(|(entry, _)| entry.value.clone())
            .take(MOST_SPELLINGS)
            .collect();
        let term = Term::from_field_text(self.fields.name, key);
        let mut each = |document: &TantivyDocument| {
            if let Some((identity, _, value)) = self.fields.stored(document)
                && !fresh.overrides(&identity)
                && may_see(&identity.graph, audience)
            {
                spellings.push(value);
            }
            if spellings.len() < MOST_SPELLINGS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        for (number, segment) in (0..).zip(searcher.segment_readers()) {
            let visible = Visible::of(segment, audience).map_err(SearchError::failed("looking for names"))?;
            let names = segment.inverted_index(self.fields.name).map_err(SearchError::failed("looking for names"))?;
            let postings = names.read_postings(&term, IndexRecordOption::Basic);
            let Some(mut postings) =
                postings.map_err(|error| SearchError::failed("looking for names")(error.into()))?
            else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                postings.advance();
                if segment.is_deleted(doc) || !visible.shows(doc) {
                    continue;
                }
                let document =
                    searcher.doc(DocAddress::new(number, doc)).map_err(SearchError::failed("reading a name"))?;
                if each(&document).is_break() {
                    break;
                }
            }
        }
        Ok(spellings.into_iter().min())
    }
}

fn shows(entry: &Entry, audience: &Audience) -> bool {
    may_see(&entry.identity.graph, audience)
}

/// Tells without reading a document whether the audience may see it.
pub(crate) struct Visible {
    owners: Option<tantivy::columnar::StrColumn>,
    me: Option<u64>,
}

impl Visible {
    pub fn of(segment: &SegmentReader, audience: &Audience) -> tantivy::Result<Self> {
        let owners = segment.fast_fields().str("owner")?;
        let me = match (&owners, &audience.place) {
            (Some(owners), Place::Private | Place::Global) => owners.dictionary().term_ord(owned_by(&audience.name))?,
            _ => None,
        };
        Ok(Self { owners, me })
    }

    pub fn shows(&self, doc: DocId) -> bool {
        let Some(owners) = &self.owners else { return true };
        let mut hidden = false;
        for owner in owners.term_ords(doc) {
            if Some(owner) == self.me {
                return true;
            }
            hidden = true;
        }
        !hidden
    }
}

/// The number of insertions, deletions, replacements and swaps of neighbours between two words, no part edited
/// twice (optimal string alignment, the form of Damerau-Levenshtein that the automaton computes).
fn edits(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut line = Vec::with_capacity(above.len());
        line.push(row + 1);
        for (column, b) in other.iter().enumerate() {
            let at = |cells: &[usize], column: usize| cells.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut least =
                (at(&above, column) + usize::from(a != b)).min(at(&above, column + 1) + 1).min(at(&line, column) + 1);
            let swapped = row > 0 && column > 0 && one.get(row - 1) == Some(b) && other.get(column - 1) == Some(a);
            if swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn edits_are_counted() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("pepsi", "pepsi", 0),
            ("pepsi", "pespi", 1),
            ("pepsi", "pepis", 1),
            ("ca", "abc", 3),
            ("kitten", "sitting", 3),
            ("ä", "a", 1),
        ] {
            assert_eq!(edits(one, other), expected, "{one} {other}");
            assert_eq!(edits(other, one), expected, "{other} {one}");
        }
    }
}
