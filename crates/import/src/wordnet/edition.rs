//! Which WordNet it is: 3.0, a later one, or somebody else's in the same files.
//!
//! Offsets mean something else in each edition, so each has IRIs and a source of its own. The reader makes those of
//! 3.0; [`Edition::own`] gives the others theirs.

use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Quad, Term};
use quid_core::text::percent_encode;
use quid_core::vocabulary::WN30;

use super::{NAME, TITLE};
use crate::source::graph_of;

/// Where Princeton's later edition has its IRIs.
const WN31: &str = "http://wordnet-rdf.princeton.edu/wn31/";

/// An edition: what its source is called and where its IRIs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The source's name.
    pub name: String,
    /// As people call it.
    pub title: String,
    base: String,
}

impl Edition {
    /// What the first lines of a data file say.
    #[must_use]
    pub fn of_header(text: &str) -> Self {
        let header: Vec<&str> = text.lines().take_while(|line| line.starts_with("  ")).collect();
        let header = header.join("\n");
        let version = header.split("WordNet ").skip(1).find_map(|rest| {
            let version: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let version = version.trim_end_matches('.').to_owned();
            (!version.is_empty()).then_some(version)
        });
        let open = header.to_lowercase().contains("open english wordnet");
        match version.as_deref() {
            _ if open => {
                let year = header.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.starts_with("20"));
                let year = year.filter(|year| year.len() == 4).map(|year| format!("-{year}")).unwrap_or_default();
                Self::named(&format!("oewn{year}"), &format!("Open English WordNet{}", year.replace('-', " ")))
            }
            None | Some("3.0") => Self { name: NAME.to_owned(), title: TITLE.to_owned(), base: WN30.to_owned() },
            Some(version) => Self::named(&format!("wordnet-{version}"), &format!("WordNet {version}")),
        }
    }

    /// An edition under a name of its own.
    #[must_use]
    pub fn named(name: &str, title: &str) -> Self {
        let base = match name {
            NAME => WN30.to_owned(),
            "wordnet-3.1" => WN31.to_owned(),
            name => format!("urn:quid:lexicon:{}:", percent_encode(name)),
        };
        Self { name: name.to_owned(), title: title.to_owned(), base }
    }

    /// A quad of the reader as one of this edition.
    #[must_use]
    pub fn own(&self, mut quad: Quad) -> Quad {
        if self.name == NAME {
            return quad;
        }
        let (graph, before) = (graph_of(&self.name), graph_of(NAME));
        let own = |node: &NamedNode| {
            if *node == before {
                return Some(graph.clone());
            }
            node.as_str().strip_prefix(WN30).map(|rest| NamedNode::new_unchecked(format!("{}{rest}", self.base)))
        };
        if let NamedOrBlankNode::NamedNode(subject) = &quad.subject
            && let Some(node) = own(subject)
        {
            quad.subject = node.into();
        }
        if let Term::NamedNode(object) = &quad.object
            && let Some(node) = own(object)
        {
            quad.object = node.into();
        }
        quad.graph_name = graph.into();
        quad
    }
}

#[cfg(test)]
mod tests {
    use quid_core::vocabulary::HYPERNYM;

    use super::*;

    #[test]
    fn an_edition_says_its_name() {
        for (header, name) in [
            ("  1 WordNet 3.0 Copyright 2006 by Princeton University.", "wordnet-3.0"),
            ("  1 x\n  2 WordNet 3.1 Copyright 2011 by Princeton University.\n00001740 WordNet 9.9", "wordnet-3.1"),
            ("  1 Open English WordNet 2024, derived from WordNet 3.1", "oewn-2024"),
            ("00001740 03 n", "wordnet-3.0"),
            ("", "wordnet-3.0"),
        ] {
            assert_eq!(Edition::of_header(header).name, name, "{header}");
        }
    }

    #[test]
    fn editions_never_share_a_node() {
        let node = |id: &str| NamedNode::new_unchecked(format!("{WN30}{id}"));
        let quad = Quad::new(node("1-n"), HYPERNYM.into_owned(), node("2-n"), graph_of(NAME));
        let own = Edition::named("wordnet-3.1", "").own(quad.clone());
        assert_eq!(own.to_string(), quad.to_string().replace("wn30", "wn31").replace("wordnet-3.0", "wordnet-3.1"));
        assert_eq!(Edition::named(NAME, TITLE).own(quad.clone()), quad);
    }
}
