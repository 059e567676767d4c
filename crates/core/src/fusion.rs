//! Joins ranked lists into one by places alone, since the scores of one way of searching say nothing beside another's.
//!
//! Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009): a hit is worth 1 / (60 + its place) in each list that has
//! it, so what two ways find stands before what one of them finds.

use std::collections::HashMap;

use serde::Serialize;

use crate::ports::Hit;

/// What dampens the lead of the first places; the authors' value.
const DAMPER: f64 = 60.0;

/// Where a hit comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Origin {
    /// Which way it was found: "words", "meaning".
    pub way: &'static str,
    /// Its place there, from 1.
    pub place: usize,
    /// Its score there.
    pub score: f32,
}

/// A hit with all its origins.
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    /// The hit.
    pub hit: Hit,
    /// The sum over the lists.
    pub score: f64,
    /// Where it was found, in the order of the lists.
    pub origins: Vec<Origin>,
}

/// Joins lists, each best first and with the name of its way: at most `limit` hits, best first, ties in the order of
/// the lists.
///
/// ```
/// use quid_core::{fusion::fuse, oxrdf::NamedNode, ports::Hit};
/// let node = || NamedNode::new_unchecked("urn:x");
/// let hit = |text: &str| Hit { subject: node(), predicate: node(), text: text.into(), graph: node(), score: 1.0 };
/// let fused = fuse(vec![("words", vec![hit("a"), hit("b")]), ("meaning", vec![hit("b"), hit("c")])], 9);
/// assert_eq!(fused.iter().map(|one| one.hit.text.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
/// ```
#[must_use]
pub fn fuse(lists: Vec<(&'static str, Vec<Hit>)>, limit: usize) -> Vec<Fused> {
    let mut places: HashMap<[String; 4], usize> = HashMap::new();
    let mut fused: Vec<Fused> = Vec::new();
    for (way, hits) in lists {
        for (place, hit) in (1..).zip(hits) {
            let identity = [hit.subject.as_str(), hit.predicate.as_str(), &hit.text, hit.graph.as_str()];
            let at = *places.entry(identity.map(str::to_owned)).or_insert(fused.len());
            let origin = Origin { way, place, score: hit.score };
            if fused.get(at).is_none() {
                fused.push(Fused { hit, score: 0.0, origins: Vec::new() });
            }
            if let Some(known) = fused.get_mut(at)
                && known.origins.last().is_none_or(|last| last.way != way)
            {
                known.score += 1.0 / (DAMPER + place as f64);
                known.origins.push(origin);
            }
        }
    }
    fused.sort_by(|one, other| other.score.total_cmp(&one.score));
    fused.truncate(limit);
    fused
}

#[cfg(test)]
mod tests {
    use oxrdf::NamedNode;

    use super::*;

    #[test]
    fn what_two_ways_find_comes_first() {
        let hits = |texts: &str| -> Vec<Hit> {
            let node = || NamedNode::new_unchecked("urn:x");
            let hit = |text: &str| Hit {
                subject: node(),
                predicate: node(),
                text: text.to_owned(),
                graph: node(),
                score: 1.0,
            };
            texts.split_whitespace().map(hit).collect()
        };
        for (words, meaning, limit, expected) in [
            ("a b", "b c", 9, "b a c"),
            ("a b", "", 9, "a b"),
            ("", "", 9, ""),
            ("a b c", "c b a", 2, "a c"),
            ("a a", "", 9, "a"),
        ] {
            let fused = fuse(vec![("words", hits(words)), ("meaning", hits(meaning))], limit);
            let texts: Vec<&str> = fused.iter().map(|one| one.hit.text.as_str()).collect();
            assert_eq!(texts.join(" "), expected, "{words} | {meaning}");
        }
        let both = fuse(vec![("words", hits("a b")), ("meaning", hits("b"))], 1);
        let origins: Vec<(&str, usize)> = both[0].origins.iter().map(|origin| (origin.way, origin.place)).collect();
        assert_eq!(origins, [("words", 2), ("meaning", 1)]);
    }
}
