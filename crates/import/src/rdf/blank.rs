//! Renames blank nodes so that two files never share one, and the same file always gives the same ones.
//!
//! The parsers draw names by chance for nodes without a label, so nodes are numbered in the order they come; labels of
//! line formats are kept as they are, since a billion of them need not be remembered.

use std::collections::HashMap;

use quid_core::oxrdf::{BlankNode, NamedOrBlankNode, Term, Triple};
use sha2::{Digest as _, Sha256};

/// Names for the blank nodes of one file.
pub(crate) struct Blanks {
    prefix: String,
    /// The numbers given so far; `None` when labels are kept.
    given: Option<HashMap<String, u64>>,
}

impl Blanks {
    /// For a file, by the source it belongs to and its place among the source's files.
    pub(crate) fn new(source: &str, file: usize, is_remembered: bool) -> Self {
        let hash = Sha256::digest(source.as_bytes());
        let hash = crate::source::hexadecimal(hash.get(..6).unwrap_or_default());
        Self { prefix: format!("b{hash}f{file}"), given: is_remembered.then(HashMap::new) }
    }

    fn node(&mut self, node: &BlankNode) -> BlankNode {
        let Some(given) = &mut self.given else {
            return BlankNode::new_unchecked(format!("{}x{}", self.prefix, node.as_str()));
        };
        let next = given.len() as u64;
        let number = *given.entry(node.as_str().to_owned()).or_insert(next);
        BlankNode::new_unchecked(format!("{}n{number}", self.prefix))
    }

    pub(crate) fn subject(&mut self, subject: NamedOrBlankNode) -> NamedOrBlankNode {
        match subject {
            NamedOrBlankNode::BlankNode(node) => self.node(&node).into(),
            named @ NamedOrBlankNode::NamedNode(_) => named,
        }
    }

    pub(crate) fn term(&mut self, term: Term) -> Term {
        match term {
            Term::BlankNode(node) => self.node(&node).into(),
            // As deep as the guard lets triple terms be.
            Term::Triple(triple) => {
                let Triple { subject, predicate, object } = *triple;
                Triple { subject: self.subject(subject), predicate, object: self.term(object) }.into()
            }
            other => other,
        }
    }

    /// A blank node as a text, for graphs that have no name.
    pub(crate) fn label(&mut self, node: &BlankNode) -> String {
        self.node(node).as_str().to_owned()
    }
}
