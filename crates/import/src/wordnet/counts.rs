//! Reads `cntlist.rev`, cntlist(5): how often senses were tagged in the semantic concordances.
//!
//! The sense index carries the same counts, made of a newer list. Only where the two differ is something kept.

use std::collections::HashSet;

use super::fields::Fields;
use super::files::File;
use super::index::Index;
use crate::problem::{Damage, Problems};

/// A sense key for which `cntlist.rev` says something else than `index.sense`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Deviation<'a> {
    pub(crate) key: &'a str,
    /// The number and count there; `None` when the list lacks a sense that has tags in the index.
    pub(crate) says: Option<(u32, u32)>,
}

pub(crate) fn read<'a>(file: &'a File, index: &Index<'a>, problems: &mut Problems) -> Vec<Deviation<'a>> {
    let mut deviations = Vec::new();
    let mut seen = HashSet::new();
    for (at, line) in file.text.lines().enumerate() {
        match count(line) {
            Ok((key, number, tags)) => {
                let known = index.by_key.get(key).and_then(|sense| index.senses.get(*sense as usize));
                if known.is_none_or(|sense| sense.number != number || sense.tags != tags) {
                    deviations.push(Deviation { key, says: Some((number, tags)) });
                }
                if !seen.insert(key) {
                    problems.add(&file.path, at + 1, Damage::new("a key that comes twice", "every key once"));
                }
            }
            Err(damage) => problems.add(&file.path, at + 1, damage),
        }
    }
    let missing = index.senses.iter().filter(|sense| sense.tags > 0 && !seen.contains(sense.key));
    deviations.extend(missing.map(|sense| Deviation { key: sense.key, says: None }));
    deviations
}

fn count(line: &str) -> Result<(&str, u32, u32), Damage> {
    let mut fields = Fields::new(line);
    let key = fields.word("a sense key")?;
    let number = fields.decimal(None, "a sense number")?;
    let tags = fields.decimal(None, "a count of tags")?;
    fields.end()?;
    Ok((key, number, tags))
}
