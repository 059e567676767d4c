//! Reads questions about common-sense relations: which relation, which of its two ends is given, which is asked for.
//!
//! The shapes are patterns of the stage `relation`; the first word of a pattern's id is the relation.

use crate::Language;

/// A question about a relation, as one pattern reads it. An end that is `None` is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationAsked {
    /// Its name (`UsedFor`).
    pub relation: String,
    /// What it starts from, as typed.
    pub start: Option<String>,
    /// What it leads to, as typed.
    pub end: Option<String>,
}

impl Language {
    /// Every way in which a line asks about a relation, the likeliest first.
    #[must_use]
    pub fn relations_asked(&self, line: &str) -> Vec<RelationAsked> {
        let patterns = self.patterns.stage("relation").iter();
        patterns
            .filter_map(|pattern| {
                let groups = pattern.groups(line.trim())?;
                let end = |names: [&str; 2]| {
                    let text = names.iter().find_map(|name| groups.get(*name))?;
                    let text = text.trim_matches([' ', '?', '!', '.', ',']);
                    (!text.is_empty()).then(|| text.to_owned())
                };
                let relation = pattern.id.split(' ').next()?.to_owned();
                Some(RelationAsked { relation, start: end(["start", "start2"]), end: end(["end", "end2"]) })
            })
            .filter(|asked| asked.start.is_some() || asked.end.is_some())
            .collect()
    }
}
