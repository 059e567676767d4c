//! A breadth-first kernel for transitive relations: shortest chains, reading only the nodes it passes.
//!
//! A hypernym chain through the general engine would open a table for every node; here a node costs the two or
//! three look-ups that its links need. Cycles are cut by the set of nodes reached.

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::{Atom, Proof, Rulebook};
use rustc_hash::FxHashMap;

use crate::{append, conclude, memo::Halt};

/// One step up: where it leads, and the proof of the relation it goes along.
#[derive(Clone, Debug)]
pub struct Link {
    /// The node it leads to.
    pub to: Term,
    /// Why it holds; its conclusion relates the two nodes, in either direction.
    pub proof: Proof,
}

#[derive(Clone, Debug)]
struct Node {
    term: Term,
    depth: usize,
    from: Option<(usize, Proof)>,
}

/// What can be reached from a node, nearest first, with one shortest way to each.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    nodes: Vec<Node>,
    index: FxHashMap<Term, usize>,
}

impl Reach {
    /// The nodes, nearest first; the start is the first, at depth 0.
    pub fn nodes(&self) -> impl Iterator<Item = (&Term, usize)> {
        self.nodes.iter().map(|node| (&node.term, node.depth))
    }

    /// How many links away a node is; `None` when it was not reached.
    #[must_use]
    pub fn depth(&self, term: &Term) -> Option<usize> {
        self.index.get(term).and_then(|&at| self.nodes.get(at)).map(|node| node.depth)
    }

    /// The nodes on the way to `term`, the start first.
    #[must_use]
    pub fn way(&self, term: &Term) -> Vec<&Term> {
        let mut way = Vec::new();
        let mut at = self.index.get(term).copied();
        while let Some(node) = at.and_then(|index| self.nodes.get(index)) {
            way.push(&node.term);
            at = node.from.as_ref().map(|(before, _)| *before);
        }
        way.reverse();
        way
    }

    /// Proves `relation(start, term)`: each link lifted by a rule, then joined by transitivity. `None` when it was
    /// not reached, is the start itself, or the rules do not allow it.
    #[must_use]
    pub fn proof(&self, term: &Term, relation: &NamedNode, rules: &Rulebook) -> Option<Proof> {
        let mut links = Vec::new();
        let mut at = *self.index.get(term)?;
        while let Some(node) = self.nodes.get(at) {
            let Some((before, link)) = &node.from else { break };
            links.push((&self.nodes.get(*before)?.term, &node.term, link));
            at = *before;
        }
        let start = &self.nodes.first()?.term;
        let mut proof = Proof::default();
        let mut whole = None;
        for (from, to, link) in links.into_iter().rev() {
            let leaf = append(&mut proof, link)?;
            let claim = Atom::binary(relation.clone(), from.clone(), to.clone());
            let step = if proof.steps.get(leaf).is_some_and(|step| step.claim == claim) {
                leaf
            } else {
                conclude(&mut proof, rules, &claim, &[leaf])?
            };
            whole = Some(match whole {
                None => step,
                Some(before) => {
                    let claim = Atom::binary(relation.clone(), start.clone(), to.clone());
                    conclude(&mut proof, rules, &claim, &[before, step])?
                }
            });
        }
        proof.steps.truncate(whole? + 1);
        Some(proof)
    }
}

/// Goes up from `start` along `links` until `enough` says so of a node, nothing is left, or `most` nodes are seen.
///
/// # Errors
/// Whatever `links` reports.
pub fn explore(
    start: &Term,
    most: usize,
    links: &mut dyn FnMut(&Term) -> Result<Vec<Link>, Halt>,
    enough: &mut dyn FnMut(&Term) -> bool,
) -> Result<Reach, Halt> {
    let mut reach = Reach::default();
    reach.nodes.push(Node { term: start.clone(), depth: 0, from: None });
    reach.index.insert(start.clone(), 0);
    let mut at = 0;
    while let Some(node) = reach.nodes.get(at) {
        let (term, depth) = (node.term.clone(), node.depth);
        if enough(&term) {
            break;
        }
        for link in links(&term)? {
            if reach.nodes.len() >= most {
                return Ok(reach);
            }
            if !reach.index.contains_key(&link.to) {
                reach.index.insert(link.to.clone(), reach.nodes.len());
                reach.nodes.push(Node { term: link.to, depth: depth + 1, from: Some((at, link.proof)) });
            }
        }
        at += 1;
    }
    Ok(reach)
}
