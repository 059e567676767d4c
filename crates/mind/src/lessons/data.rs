//! Reads what lessons are made of: groups of relations, sorts of things, and how people talk around a question.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What is wrong with the data.
#[derive(Debug, thiserror::Error)]
pub enum LessonsError {
    /// It is no TOML, or something is missing in it.
    #[error("{file}: {why}")]
    Malformed {
        /// Which file.
        file: &'static str,
        /// The parser's words, with the line.
        why: String,
    },
    /// A group names a sort that is not there.
    #[error("data/lessons/relations.toml: the sort `{0}` is not in kinds.toml")]
    UnknownSort(String),
}

/// Relations that say one thing in several ways.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) labels: Vec<String>,
    #[serde(default)]
    pub(super) back: Vec<String>,
    #[serde(default)]
    pub(super) one: bool,
    #[serde(default)]
    pub(super) both: bool,
}

/// A sort of things.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sort {
    pub(super) kinds: Vec<String>,
    #[serde(default)]
    pub(super) asked: Option<String>,
    #[serde(default)]
    pub(super) literal: bool,
}

/// What surrounds a question, and the answers that no relation gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Talk {
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
    pub(super) describe: Vec<String>,
    pub(super) count: Vec<String>,
    pub(super) defines: Vec<String>,
    pub(super) syllables: Vec<String>,
    pub(super) numbers: Vec<String>,
    pub(super) yes: String,
    pub(super) both: String,
    pub(super) counted: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    group: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kinds {
    sort: BTreeMap<String, Sort>,
    talk: Talk,
}

/// Everything of `data/lessons/`.
#[derive(Clone, Debug)]
pub(super) struct Stuff {
    pub(super) groups: Vec<Group>,
    pub(super) sorts: BTreeMap<String, Sort>,
    pub(super) talk: Talk,
    /// Words that a relation may be called by.
    pub(super) nouns: Vec<String>,
}

impl Stuff {
    pub(super) fn read(relations: &str, kinds: &str) -> Result<Self, LessonsError> {
        let malformed = |file| move |why: toml::de::Error| LessonsError::Malformed { file, why: why.to_string() };
        let groups: Groups = toml::from_str(relations).map_err(malformed("data/lessons/relations.toml"))?;
        let kinds: Kinds = toml::from_str(kinds).map_err(malformed("data/lessons/kinds.toml"))?;
        for group in &groups.group {
            for sort in [&group.from, &group.to] {
                if !kinds.sort.contains_key(sort) {
                    return Err(LessonsError::UnknownSort(sort.clone()));
                }
            }
        }
        Ok(Self { groups: groups.group, sorts: kinds.sort, talk: kinds.talk, nouns: Vec::new() })
    }
}
