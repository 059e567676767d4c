//! Where a fact comes from: the named graph it is stored in.
//!
//! A dump is one graph. Every statement a person made is a graph of its own, whose name already says for whom
//! it is visible, so that hiding a private fact costs no look-up.

use oxrdf::NamedNode;
use serde::{Deserialize, Serialize};

use crate::{
    Place, Time,
    text::{percent_decode, percent_encode},
    vocabulary::{DUMP, SAID},
};

/// For whom a statement is visible.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// For everybody.
    Global,
    /// Taught in a channel: the answer there comes from here first.
    Channel(String),
    /// Taught in private by this account: for nobody else.
    Private(String),
    /// Overheard in this channel, never confirmed: never an answer.
    Quarantine(String),
}

impl Scope {
    /// The scope of what `speaker` teaches in `place`.
    #[must_use]
    pub fn of(place: &Place, speaker: &str) -> Self {
        match place {
            Place::Global => Self::Global,
            Place::Private => Self::Private(speaker.to_owned()),
            Place::Channel(name) => Self::Channel(name.clone()),
        }
    }
}

/// What a graph name says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A loaded dump or ontology, by its name (`wordnet-3.0`).
    Dump(String),
    /// A statement somebody made: its place in the journal and for whom it is visible.
    Said {
        /// The sequence number of the journal's record.
        seq: u64,
        /// For whom.
        scope: Scope,
    },
    /// A graph that programs write, by the name they gave it: public, and its own source.
    Graph(NamedNode),
}

impl Source {
    /// The graph's IRI: `urn:quid:dump:wordnet-3.0`, `urn:quid:said:17:channel:%23rust`.
    #[must_use]
    pub fn graph(&self) -> NamedNode {
        NamedNode::new_unchecked(match self {
            Self::Dump(name) => format!("{DUMP}{}", percent_encode(name)),
            Self::Said { seq, scope } => match scope {
                Scope::Global => format!("{SAID}{seq}:global:"),
                Scope::Channel(name) => format!("{SAID}{seq}:channel:{}", percent_encode(name)),
                Scope::Private(name) => format!("{SAID}{seq}:private:{}", percent_encode(name)),
                Scope::Quarantine(name) => format!("{SAID}{seq}:quarantine:{}", percent_encode(name)),
            },
            Self::Graph(name) => return name.clone(),
        })
    }

    /// Reads a graph's IRI; `None` for the bot's own book-keeping graphs.
    #[must_use]
    pub fn of_graph(graph: &str) -> Option<Self> {
        if is_foreign(graph) {
            return Some(Self::Graph(NamedNode::new_unchecked(graph)));
        }
        if let Some(name) = graph.strip_prefix(DUMP) {
            return Some(Self::Dump(percent_decode(name)));
        }
        let mut parts = graph.strip_prefix(SAID)?.splitn(3, ':');
        let seq = parts.next()?.parse().ok()?;
        let kind = parts.next()?;
        let name = percent_decode(parts.next()?);
        let scope = match kind {
            "global" => Scope::Global,
            "channel" => Scope::Channel(name),
            "private" => Scope::Private(name),
            "quarantine" => Scope::Quarantine(name),
            _ => return None,
        };
        Some(Self::Said { seq, scope })
    }
}

/// Whether a graph's name is none of ours: programs gave it.
///
/// ```
/// assert!(quid_core::source::is_foreign("http://example.org/people"));
/// assert!(!quid_core::source::is_foreign("urn:quid:dump:wordnet-3.0"));
/// ```
#[must_use]
pub fn is_foreign(graph: &str) -> bool {
    !graph.get(..OURS.len()).is_some_and(|start| start.eq_ignore_ascii_case(OURS))
}

/// How all names of ours begin.
const OURS: &str = "urn:quid:";

/// The prefix of people who said something elsewhere, to another bot; they are nobody's account here.
const AUTHOR: &str = "urn:quid:author:";

/// The node of somebody who said what a dump holds.
///
/// ```
/// # use quid_core::source::{author, author_of};
/// assert_eq!(author_of(author("old bot", "ann!a@b").as_str()).as_deref(), Some("ann!a@b"));
/// ```
#[must_use]
pub fn author(dump: &str, name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{AUTHOR}{}:{}", percent_encode(dump), percent_encode(name)))
}

/// The name behind such a node; `None` for any other.
#[must_use]
pub fn author_of(node: &str) -> Option<String> {
    let (_, name) = node.strip_prefix(AUTHOR)?.split_once(':')?;
    Some(percent_decode(name))
}

/// Whether everybody may see what stands in a graph of this name: dumps, and what was said for all or in a channel.
///
/// ```
/// assert!(quid_core::source::is_public("urn:quid:said:17:channel:%23rust"));
/// assert!(!quid_core::source::is_public("urn:quid:said:17:private:ann"));
/// ```
#[must_use]
pub fn is_public(graph: &str) -> bool {
    let scope = |rest: &str| matches!(rest.split(':').nth(1), Some("global" | "channel"));
    is_foreign(graph) || graph.starts_with(DUMP) || graph.strip_prefix(SAID).is_some_and(scope)
}

/// A source as it is told to people: who, when, where, in which words; or which dump.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Citation {
    /// A loaded dump.
    Dump {
        /// Its name (`wordnet-3.0`).
        name: String,
        /// As people call it (`WordNet 3.0`).
        title: String,
    },
    /// Something a person said.
    Said {
        /// The statement's graph.
        statement: String,
        /// The nick they wore.
        nick: String,
        /// The account, when there was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        account: Option<String>,
        /// Where they said it (`#rust`, `private`, `global`).
        place: String,
        /// When.
        at: Time,
        /// The line, word for word.
        line: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_name_says_what_it_is() {
        let mut sources = vec![Source::Dump("wordnet-3.0".into()), Source::Dump("odd name/é".into())];
        for (seq, scope) in [
            Scope::Global,
            Scope::Channel("#rust:de".into()),
            Scope::Private("ann".into()),
            Scope::Quarantine("#b".into()),
        ]
        .into_iter()
        .enumerate()
        {
            sources.push(Source::Said { seq: seq as u64, scope });
        }
        sources.push(Source::Graph(NamedNode::new_unchecked("http://example.org/people")));
        for source in sources {
            assert_eq!(Source::of_graph(source.graph().as_str()), Some(source));
        }
        for foreign in ["urn:quid:graph:state", "URN:quid:x", "urn:quid:said:x:global:", "urn:quid:said:1:other:a"] {
            assert_eq!(Source::of_graph(foreign), None, "{foreign}");
        }
    }
}
