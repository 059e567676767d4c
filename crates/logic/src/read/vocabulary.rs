//! Which names of a program mean which IRIs: prefixes, and relations by name and number of arguments.
//!
//! A question typed in chat has no directives, so it is read with the vocabularies of all programs that are loaded.

use std::collections::BTreeMap;

use quid_core::columns;
use quid_core::oxrdf::NamedNode;

/// Names and what they mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// `wn` -> `https://globalwordnet.github.io/schemas/wn#`
    pub prefixes: BTreeMap<String, String>,
    /// `hypernym`, 2 -> the relation or class.
    pub relations: BTreeMap<(String, usize), NamedNode>,
    /// Operators beside the standard ones: kind (`xfx`) and name, with how strongly they bind.
    pub operators: BTreeMap<(String, String), u32>,
}

/// How far a name may be from what was meant, in single edits.
const NEAR: usize = 2;

impl Vocabulary {
    /// The IRI of a prefixed name.
    ///
    /// # Errors
    /// In words: the prefix is not declared, or the IRI would not be one.
    pub fn resolve(&self, prefix: &str, local: &str) -> Result<NamedNode, String> {
        let Some(base) = self.prefixes.get(prefix) else {
            let near = nearest(prefix, self.prefixes.keys().map(String::as_str));
            let meant = near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("the prefix `{prefix}` is not declared (`:- prefix({prefix}, \"…\").`){meant}"));
        };
        NamedNode::new(format!("{base}{local}")).map_err(|why| format!("expected an IRI: {why}"))
    }

    /// The relation of a name with so many arguments.
    #[must_use]
    pub fn relation(&self, name: &str, width: usize) -> NamedNode {
        self.relations.get(&(name.to_owned(), width)).cloned().unwrap_or_else(|| columns::relation(name))
    }

    /// The name and number of arguments of a relation, when a program gave it one.
    #[must_use]
    pub fn name_of(&self, relation: &NamedNode) -> Option<&str> {
        self.relations.iter().find(|(_, iri)| *iri == relation).map(|((name, _), _)| name.as_str())
    }

    /// An IRI as `prefix:local`, where that can be read again.
    #[must_use]
    pub fn shortened(&self, iri: &str) -> Option<String> {
        let is_local = |local: &str| {
            local.starts_with(|letter: char| letter == '_' || letter.is_alphanumeric())
                && local.chars().all(|letter| matches!(letter, '_' | '-' | '%') || letter.is_alphanumeric())
        };
        self.prefixes
            .iter()
            .filter_map(|(prefix, base)| Some((prefix, base, iri.strip_prefix(base.as_str())?)))
            .filter(|(_, _, local)| is_local(local))
            .max_by_key(|(_, base, _)| base.len())
            .map(|(prefix, _, local)| format!("{prefix}:{local}"))
    }

    /// Takes in another's names; what is named here already stays.
    pub fn extend(&mut self, other: &Self) {
        for (prefix, base) in &other.prefixes {
            self.prefixes.entry(prefix.clone()).or_insert_with(|| base.clone());
        }
        for (name, priority) in &other.operators {
            self.operators.entry(name.clone()).or_insert(*priority);
        }
        for (name, iri) in &other.relations {
            self.relations.entry(name.clone()).or_insert_with(|| iri.clone());
        }
    }
}

/// The names most like this one, the nearest first: at most two edits away (Damerau-Levenshtein, optimal string
/// alignment), and fewer for short names.
#[must_use]
pub fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let name: Vec<char> = name.chars().collect();
    if name.len() > 64 {
        return Vec::new();
    }
    let most = NEAR.min(name.len() / 3).max(1);
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|other| {
            let letters: Vec<char> = other.chars().take(65).collect();
            (letters.len().abs_diff(name.len()) <= most).then(|| (edits(&name, &letters), other))
        })
        .filter(|(edits, _)| *edits <= most)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(3).map(|(_, other)| other.to_owned()).collect()
}

fn edits(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, found) in other.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX / 2);
            let mut fewest = (at(&last, column + 1) + 1)
                .min(at(&line, column) + 1)
                .min(at(&last, column) + usize::from(letter != found));
            let is_swapped =
                row > 0 && column > 0 && one.get(row - 1) == Some(found) && other.get(column - 1) == Some(letter);
            if is_swapped {
                fewest = fewest.min(at(&before, column - 1) + 1);
            }
            line.push(fewest);
        }
        before = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_offered() {
        for (name, expected) in
            [("hypernim", &["hypernym"][..]), ("hyponim", &["hyponym"]), ("cat", &["cot"]), ("zebra", &[])]
        {
            assert_eq!(nearest(name, ["cot", "hyponym", "hypernym", "dog"]), expected, "{name}");
        }
    }
}
