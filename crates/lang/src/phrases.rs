//! What the bot says: phrases with variants and slots, from `data/phrases/`.
//!
//! Slot values come from people and dumps, so they are inserted as they are and never looked at again.

use std::collections::BTreeMap;

use crate::LangError;
use crate::chance::Chance;
use crate::data::{File, Rows};

/// The phrases by key.
#[derive(Debug, Default)]
pub(crate) struct Phrases(BTreeMap<String, Vec<String>>);

impl Phrases {
    /// Adds a file. Tables nest by a dot: `[learn] ok = "Okay."` is the phrase `learn.ok`.
    pub(crate) fn read(&mut self, file: &File<'_>) -> Result<(), LangError> {
        self.read_rows("", file.rows())
    }

    fn read_rows(&mut self, prefix: &str, rows: Rows<'_, '_>) -> Result<(), LangError> {
        for (name, item) in rows.entries() {
            let key = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
            if item.is_table() {
                self.read_rows(&key, item.rows()?)?;
                continue;
            }
            let variants = if item.is_text() { vec![item.text()?.to_owned()] } else { item.texts()? };
            if variants.is_empty() {
                return Err(item.error(format!("phrase `{key}` has no words")));
            }
            if let Some(slots) = variants.first().map(|first| slots(first)) {
                let strange = |variant: &String| self::slots(variant).iter().any(|slot| !slots.contains(slot));
                if let Some(variant) = variants.iter().find(|variant| strange(variant)) {
                    let what = format!("phrase `{key}`: \"{variant}\" has a slot that the first variant has not");
                    return Err(item.error(what));
                }
            }
            if self.0.insert(key.clone(), variants).is_some() {
                return Err(item.error(format!("phrase `{key}` exists already; every key stands in one file only")));
            }
        }
        Ok(())
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The phrase with its slots filled; a slot without a value stays as it is.
    pub(crate) fn say(&self, key: &str, values: &[(&str, &str)], chance: u64) -> String {
        let Some(words) = self.0.get(key).and_then(|variants| Chance::new(chance).pick(variants)) else {
            return format!("[{key}]");
        };
        let mut out = String::new();
        let mut rest = words.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let slot = after.split_once('}');
            let filled = slot.and_then(|(name, tail)| {
                values.iter().find(|(slot, _)| *slot == name).map(|(_, value)| (*value, tail))
            });
            if let Some((value, tail)) = filled {
                out.push_str(value);
                rest = tail;
            } else {
                out.push('{');
                rest = after;
            }
        }
        out.push_str(rest);
        out
    }
}

/// The names of the slots.
fn slots(words: &str) -> Vec<&str> {
    words.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
}
