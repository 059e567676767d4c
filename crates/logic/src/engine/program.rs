//! The rules in force, found by what they conclude.
//!
//! A question touches few of them, so only those are made ready for it; a program can be extended for one question
//! without being copied.

use std::collections::BTreeSet;
use std::sync::Arc;

use quid_core::oxrdf::NamedNode;
use quid_core::{Rule, Rulebook};
use rustc_hash::FxHashMap;

/// Rules, and relations that may be asked for though nothing is known of them. Cloning shares the rules.
#[derive(Clone, Debug, Default)]
pub struct Program {
    layers: Vec<Arc<Layer>>,
}

#[derive(Debug, Default)]
struct Layer {
    rules: Vec<Rule>,
    concluding: FxHashMap<String, Vec<usize>>,
    known: BTreeSet<(String, usize)>,
}

impl Program {
    /// The rules of a book.
    #[must_use]
    pub fn new(rules: &Rulebook) -> Self {
        Self::default().with(rules.rules.iter().cloned())
    }

    /// This program and more rules.
    #[must_use]
    pub fn with(&self, rules: impl IntoIterator<Item = Rule>) -> Self {
        let mut layer = Layer { rules: rules.into_iter().collect(), ..Layer::default() };
        for (at, rule) in layer.rules.iter().enumerate() {
            layer.concluding.entry(rule.head.predicate.as_str().to_owned()).or_default().push(at);
        }
        let mut layers = self.layers.clone();
        if !layer.rules.is_empty() {
            layers.push(Arc::new(layer));
        }
        Self { layers }
    }

    /// Takes note of a relation that may be asked for even when nothing is stored or derived.
    pub fn know(&mut self, relation: &NamedNode, arguments: usize) {
        let entry = (relation.as_str().to_owned(), arguments);
        if let Some(layer) = self.layers.last_mut().and_then(Arc::get_mut) {
            layer.known.insert(entry);
        } else {
            self.layers.push(Arc::new(Layer { known: BTreeSet::from([entry]), ..Layer::default() }));
        }
    }

    /// Whether [`Program::know`] was told of it.
    #[must_use]
    pub fn knows(&self, relation: &NamedNode, arguments: usize) -> bool {
        let entry = (relation.as_str().to_owned(), arguments);
        self.layers.iter().any(|layer| layer.known.contains(&entry))
    }

    /// All rules, in the order they were given.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.layers.iter().flat_map(|layer| &layer.rules)
    }

    /// The rules that conclude a relation, whatever its width.
    pub fn concluding(&self, relation: &NamedNode) -> impl Iterator<Item = &Rule> {
        self.layers.iter().flat_map(|layer| {
            let found = layer.concluding.get(relation.as_str()).map(Vec::as_slice).unwrap_or_default();
            found.iter().filter_map(|&at| layer.rules.get(at))
        })
    }

    /// The lists of rules, for the checker.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &[Rule]> {
        self.layers.iter().map(|layer| layer.rules.as_slice())
    }

    /// A copy of the rules, for the checker of proofs.
    #[must_use]
    pub fn rulebook(&self) -> Rulebook {
        Rulebook { rules: self.rules().cloned().collect() }
    }

    /// All relations that are concluded, asked for in bodies, or known, with their widths, sorted.
    #[must_use]
    pub fn relations(&self) -> Vec<(NamedNode, usize)> {
        let mut all: BTreeSet<(&str, usize)> = BTreeSet::new();
        for rule in self.rules() {
            for literal in std::iter::once(&rule.head).chain(rule.body.iter().map(quid_core::Goal::literal)) {
                all.insert((literal.predicate.as_str(), literal.arguments.len()));
            }
        }
        for layer in &self.layers {
            all.extend(layer.known.iter().map(|(relation, arguments)| (relation.as_str(), *arguments)));
        }
        all.into_iter().map(|(relation, arguments)| (NamedNode::new_unchecked(relation), arguments)).collect()
    }
}
