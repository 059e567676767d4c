//! The pairs of one relation, from either side.
//!
//! Compressed sparse rows: all neighbours of a node lie side by side, and finding them is one subtraction and two
//! reads. What changes later lies beside, until there is so much of it that the rows are made anew.

use rustc_hash::{FxHashMap, FxHashSet};

/// The neighbours of nodes, in one direction.
#[derive(Debug, Default)]
struct Rows {
    /// The first node, when nodes lie close together; else all nodes in order.
    first: u32,
    nodes: Option<Vec<u32>>,
    /// Where each node's neighbours begin.
    starts: Vec<u32>,
    neighbours: Vec<u32>,
}

impl Rows {
    fn new(pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let (mut least, mut most, mut count) = (u32::MAX, 0, 0_usize);
        for (node, _) in pairs.clone() {
            (least, most, count) = (least.min(node), most.max(node), count + 1);
        }
        if count == 0 {
            return Self::default();
        }
        let close = (most - least) as usize <= 4 * count + 64;
        let nodes = (!close).then(|| {
            let mut nodes: Vec<u32> = pairs.clone().map(|(node, _)| node).collect();
            nodes.sort_unstable();
            nodes.dedup();
            nodes.shrink_to_fit();
            nodes
        });
        let mut rows = Self { first: least, nodes, starts: Vec::new(), neighbours: vec![0; count] };
        let places = rows.nodes.as_ref().map_or((most - least) as usize + 1, Vec::len);
        let mut starts = vec![0_u32; places + 1];
        for (node, _) in pairs.clone() {
            if let Some(count) = rows.place(node).and_then(|at| starts.get_mut(at + 1)) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        for (node, neighbour) in pairs {
            if let Some(at) = rows.place(node).and_then(|at| next.get_mut(at)) {
                if let Some(place) = rows.neighbours.get_mut(*at as usize) {
                    *place = neighbour;
                }
                *at += 1;
            }
        }
        rows.starts = starts;
        rows
    }

    fn place(&self, node: u32) -> Option<usize> {
        match &self.nodes {
            None => node.checked_sub(self.first).map(|at| at as usize),
            Some(nodes) => nodes.binary_search(&node).ok(),
        }
    }

    #[inline]
    fn of(&self, node: u32) -> &[u32] {
        let Some(at) = self.place(node) else { return &[] };
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&from), Some(&to)) => self.neighbours.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    fn nodes(&self) -> impl Iterator<Item = u32> + '_ {
        let count = self.starts.len().saturating_sub(1);
        (0..count).filter_map(|at| match &self.nodes {
            None => u32::try_from(at).ok().map(|at| self.first + at),
            Some(nodes) => nodes.get(at).copied(),
        })
    }

    fn size(&self) -> usize {
        4 * (self.starts.capacity() + self.neighbours.capacity() + self.nodes.as_ref().map_or(0, Vec::capacity))
    }
}

/// All pairs of a relation.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    forward: Rows,
    backward: Rows,
    count: usize,
    /// Pairs that came later.
    added: FxHashSet<(u32, u32)>,
    added_forward: FxHashMap<u32, Vec<u32>>,
    added_backward: FxHashMap<u32, Vec<u32>>,
    /// Pairs of the rows that are no more.
    removed: FxHashSet<(u32, u32)>,
}

impl Pairs {
    /// Pairs one after another; each once.
    pub(crate) fn new(flat: &[u32]) -> Self {
        let pairs = flat.as_chunks::<2>().0.iter();
        Self {
            forward: Rows::new(pairs.clone().map(|&[from, to]| (from, to))),
            backward: Rows::new(pairs.map(|&[from, to]| (to, from))),
            count: flat.len() / 2,
            ..Self::default()
        }
    }

    /// How many pairs there are, about.
    pub(crate) fn len(&self) -> usize {
        (self.count + self.added.len()).saturating_sub(self.removed.len())
    }

    /// Whether so much changed that the rows should be made anew.
    pub(crate) fn is_worn(&self) -> bool {
        self.added.len() + self.removed.len() > 1024 + self.count / 4
    }

    pub(crate) fn size(&self) -> usize {
        self.forward.size() + self.backward.size() + 48 * (self.added.len() + self.removed.len())
    }

    /// The neighbours of a node when nothing near it changed: a slice, nothing copied.
    #[inline]
    pub(crate) fn slice(&self, node: u32, backward: bool) -> Option<&[u32]> {
        let (rows, added) =
            if backward { (&self.backward, &self.added_backward) } else { (&self.forward, &self.added_forward) };
        (self.removed.is_empty() && (added.is_empty() || !added.contains_key(&node))).then(|| rows.of(node))
    }

    /// How many neighbours a node has, about.
    #[inline]
    pub(crate) fn degree(&self, node: u32, backward: bool) -> usize {
        let (rows, added) =
            if backward { (&self.backward, &self.added_backward) } else { (&self.forward, &self.added_forward) };
        rows.of(node).len() + if added.is_empty() { 0 } else { added.get(&node).map_or(0, Vec::len) }
    }

    /// Visits the neighbours of a node.
    pub(crate) fn each(&self, node: u32, backward: bool, mut visit: impl FnMut(u32)) {
        let (rows, added) =
            if backward { (&self.backward, &self.added_backward) } else { (&self.forward, &self.added_forward) };
        for &other in rows.of(node) {
            let pair = if backward { (other, node) } else { (node, other) };
            if self.removed.is_empty() || !self.removed.contains(&pair) {
                visit(other);
            }
        }
        if !added.is_empty() {
            added.get(&node).into_iter().flatten().for_each(|other| visit(*other));
        }
    }

    pub(crate) fn contains(&self, from: u32, to: u32) -> bool {
        if self.added.contains(&(from, to)) {
            return true;
        }
        // From the side with fewer.
        let (out, back) = (self.forward.of(from), self.backward.of(to));
        let there = if out.len() <= back.len() { out.contains(&to) } else { back.contains(&from) };
        there && (self.removed.is_empty() || !self.removed.contains(&(from, to)))
    }

    /// All pairs, those that came later last.
    pub(crate) fn all(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let mut added: Vec<(u32, u32)> = self.added.iter().copied().collect();
        added.sort_unstable();
        self.forward
            .nodes()
            .flat_map(|node| self.forward.of(node).iter().map(move |&other| (node, other)))
            .filter(|pair| self.removed.is_empty() || !self.removed.contains(pair))
            .chain(added)
    }

    /// Makes a pair be there or not.
    pub(crate) fn set(&mut self, from: u32, to: u32, there: bool) {
        if self.contains(from, to) == there {
            return;
        }
        let in_rows = self.forward.of(from).contains(&to);
        match (there, in_rows) {
            (true, true) => {
                self.removed.remove(&(from, to));
            }
            (false, true) => {
                self.removed.insert((from, to));
            }
            (true, false) => {
                self.added.insert((from, to));
                self.added_forward.entry(from).or_default().push(to);
                self.added_backward.entry(to).or_default().push(from);
            }
            (false, false) => {
                self.added.remove(&(from, to));
                for (map, key, value) in [(&mut self.added_forward, from, to), (&mut self.added_backward, to, from)] {
                    if let Some(others) = map.get_mut(&key) {
                        others.retain(|other| *other != value);
                        if others.is_empty() {
                            map.remove(&key);
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pairs_are_found_from_either_side_after_any_changes(
            start in prop::collection::btree_set((0_u32..9, 0_u32..9), 0..20),
            far in any::<bool>(),
            changes in prop::collection::vec((0_u32..9, 0_u32..9, any::<bool>()), 0..30),
        ) {
            let scale = if far { 1_000_000 } else { 1 };
            let mut expected: BTreeSet<(u32, u32)> = start.into_iter().map(|(a, b)| (a * scale, b * scale)).collect();
            let flat: Vec<u32> = expected.iter().flat_map(|(a, b)| [*a, *b]).collect();
            let mut pairs = Pairs::new(&flat);
            for (a, b, there) in changes {
                let (a, b) = (a * scale, b * scale);
                pairs.set(a, b, there);
                if there { expected.insert((a, b)); } else { expected.remove(&(a, b)); }
            }
            prop_assert_eq!(pairs.all().collect::<BTreeSet<_>>(), expected.clone());
            prop_assert_eq!(pairs.len(), expected.len());
            for node in (0..10).map(|node| node * scale) {
                let mut found = Vec::new();
                pairs.each(node, false, |other| found.push(other));
                prop_assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), expected.iter().filter(|pair| pair.0 == node).map(|pair| pair.1).collect::<BTreeSet<_>>());
                if let Some(slice) = pairs.slice(node, false) {
                    prop_assert_eq!(slice, found.as_slice());
                }
                let mut back = BTreeSet::new();
                pairs.each(node, true, |other| { back.insert(other); });
                prop_assert_eq!(&back, &expected.iter().filter(|pair| pair.1 == node).map(|pair| pair.0).collect::<BTreeSet<_>>());
                for other in back {
                    prop_assert!(pairs.contains(other, node));
                }
            }
        }
    }
}
