//! The automaton's neighbours are those that a search through all names finds.
//!
//! Short words over three letters, so that nearly everything is near something.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use quid_core::oxrdf::{Literal, Quad};
use quid_core::vocabulary::LABEL;
use quid_core::{Audience, Key, Place, Recall, Scope, Source};
use quid_search::Index;

/// The definition, word for word: the least of what remains after one edit at the front.
fn edits(one: &[char], other: &[char]) -> usize {
    match (one, other) {
        ([], rest) | (rest, []) => rest.len(),
        ([a, one_rest @ ..], [b, other_rest @ ..]) => {
            let mut least = if a == b { edits(one_rest, other_rest) } else { 1 + edits(one_rest, other_rest) };
            least = least.min(1 + edits(one_rest, other)).min(1 + edits(one, other_rest));
            if let ([_, c, one_rest @ ..], [_, d, other_rest @ ..]) = (one, other)
                && a == d
                && b == c
            {
                least = least.min(1 + edits(one_rest, other_rest));
            }
            least
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_like_finds_what_a_naive_search_finds(
        names in proptest::collection::btree_set("[abé]{1,7}", 1..24),
        asked in proptest::collection::vec("[abé]{1,7}", 8),
        committed in 0_usize..24,
        limit in 1_usize..30,
    ) {
        let index = Index::in_memory().unwrap();
        let audience = Audience { name: "ann".to_owned(), place: Place::Private };
        for (seq, name) in (1..).zip(&names) {
            let graph = Source::Said { seq, scope: Scope::Global }.graph();
            let label = Quad::new(Key::of(name).thing(), LABEL.into_owned(), Literal::new_simple_literal(name), graph);
            index.note(seq, &[label], &[]).unwrap();
            if usize::try_from(seq) == Ok(committed) {
                index.flush().unwrap();
            }
        }
        for name in &asked {
            let letters: Vec<char> = name.chars().collect();
            let most = if letters.len() <= 4 { 1 } else { 2 };
            let expected: BTreeSet<(usize, &String)> = names
                .iter()
                .map(|other| (edits(&letters, &other.chars().collect::<Vec<_>>()), other))
                .filter(|(edits, _)| *edits <= most)
                .collect();
            let expected: Vec<_> = expected.into_iter().map(|(_, name)| name.clone()).take(limit).collect();
            prop_assert_eq!(index.names_like(name, &audience, limit).unwrap(), expected);
        }
    }
}
