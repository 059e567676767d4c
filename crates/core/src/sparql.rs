//! The port through which programs query and change everything that is known, as SPARQL 1.1 has it.
//!
//! Doors speak HTTP and know nothing of triples; the keeper has the parser, the evaluator and every serialisation.
//! Bytes go out as they are found, so that a large answer is never held whole.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use oxrdf::NamedNode;

use crate::{Audience, Regime, Scope, Speaker, Time, ports::Fault};

/// What kind of answer a query has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Rows: of SELECT.
    Solutions,
    /// Yes or no: of ASK.
    Boolean,
    /// Triples: of CONSTRUCT and DESCRIBE, and of a graph.
    Graph,
}

/// How answers and graphs are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// SPARQL 1.1 Query Results JSON.
    ResultsJson,
    /// SPARQL Query Results XML.
    ResultsXml,
    /// SPARQL 1.1 Query Results CSV.
    ResultsCsv,
    /// SPARQL 1.1 Query Results TSV.
    ResultsTsv,
    /// Turtle.
    Turtle,
    /// TriG.
    TriG,
    /// N-Triples.
    NTriples,
    /// N-Quads.
    NQuads,
    /// RDF/XML.
    RdfXml,
    /// JSON-LD.
    JsonLd,
    /// Notation3, read only.
    N3,
}

/// How much a query or a change may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How long.
    pub time: Duration,
    /// Bytes held at once, estimated.
    pub bytes: usize,
    /// Rows or triples given.
    pub rows: u64,
}

/// A query or an update, with whose eyes and over which graphs it is seen.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The text.
    pub text: String,
    /// What relative IRIs are relative to.
    pub base: Option<String>,
    /// `default-graph-uri` or `using-graph-uri`: in the place of what the text says.
    pub default_graphs: Vec<NamedNode>,
    /// `named-graph-uri` or `using-named-graph-uri`: in the place of what the text says.
    pub named_graphs: Vec<NamedNode>,
    /// Whether the default graph, where nothing else is said, holds what programs wrote into graphs of their own
    /// naming too, and not only what was loaded and taught.
    pub union: bool,
    /// What may be seen.
    pub audience: Audience,
    /// What counts as true beside what is stored.
    pub regime: Regime,
    /// How much it may take.
    pub bounds: Bounds,
    /// Raised to stop it.
    pub stop: Arc<AtomicBool>,
}

/// Who changes something, and for whom.
#[derive(Clone, Debug)]
pub struct Author {
    /// Who.
    pub speaker: Speaker,
    /// For whom what goes into the default graph is visible.
    pub scope: Scope,
    /// When.
    pub at: Time,
    /// Whether what others taught may be taken back too.
    pub of_all: bool,
}

/// A change that is durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Its place in the journal; `None` when nothing changed.
    pub seq: Option<u64>,
    /// Quads that are new.
    pub added: usize,
    /// Quads that are gone.
    pub removed: usize,
    /// Whether a graph is there that was not.
    pub created: bool,
}

/// A graph of the Graph Store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// What stands in no graph of a program's naming.
    Default,
    /// By its name.
    Named(NamedNode),
}

/// A document that is written into a graph.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its format.
    pub format: Format,
    /// What relative IRIs are relative to.
    pub base: Option<&'a str>,
}

/// Why something was not done.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Trouble {
    /// It is not understood, in the parser's words.
    #[error("{0}")]
    Malformed(String),
    /// It is never done here.
    #[error("{0}")]
    Refused(String),
    /// No format that the other side takes fits.
    #[error("{0}")]
    Unacceptable(String),
    /// There is no such graph.
    #[error("{0}")]
    Missing(String),
    /// It took more than it may.
    #[error("{0}")]
    TooMuch(String),
    /// It was stopped from outside.
    #[error("it was stopped")]
    Stopped,
    /// Nobody takes the answer any more.
    #[error("the other side is gone")]
    Gone,
    /// Reading or writing the store failed.
    #[error("{0}")]
    Storage(String),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(words) => Self::Refused(words),
            other => Self::Storage(other.to_string()),
        }
    }
}

/// Where an answer goes.
pub trait Outlet: std::io::Write {
    /// Told once, before the first byte, which kind of answer it is; says in which format it is wanted.
    ///
    /// # Errors
    /// [`Trouble::Unacceptable`].
    fn begin(&mut self, kind: Kind) -> Result<Format, Trouble>;
}

/// Everything that is known, to programs that speak SPARQL.
///
/// Every method works on the thread it is called on, which needs a stack of [`STACK`] bytes, and ends by its bounds.
pub trait Sparql: Send + Sync {
    /// Runs a read-only query; its answer goes out as it is found.
    ///
    /// # Errors
    /// [`Trouble`]; after the first byte has gone out too.
    fn query(&self, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble>;

    /// Runs an update, whole or not at all. When it returns, the change is durable and visible.
    ///
    /// # Errors
    /// [`Trouble`]; nothing was changed then.
    fn update(&self, asked: &Asked, by: &Author) -> Result<Changed, Trouble>;

    /// Writes a graph out.
    ///
    /// # Errors
    /// [`Trouble::Missing`], and as [`Sparql::query`].
    fn graph(&self, which: &Which, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble>;

    /// Whether there is such a graph.
    ///
    /// # Errors
    /// [`Trouble::Storage`].
    fn has_graph(&self, which: &Which, audience: &Audience) -> Result<bool, Trouble>;

    /// Puts documents into a graph, in the place of what it held when `replace` is set, else beside it.
    ///
    /// # Errors
    /// [`Trouble`]; nothing was changed then.
    fn put(
        &self,
        which: &Which,
        documents: &[Document<'_>],
        replace: bool,
        asked: &Asked,
        by: &Author,
    ) -> Result<Changed, Trouble>;

    /// Removes a graph.
    ///
    /// # Errors
    /// [`Trouble::Missing`] when there is none.
    fn remove(&self, which: &Which, asked: &Asked, by: &Author) -> Result<Changed, Trouble>;
}

/// The stack that reading and running the deepest query needs, in bytes.
pub const STACK: usize = 16 << 20;

impl Format {
    /// Every format with its media types, the usual one first.
    pub const MEDIA_TYPES: [(Self, &'static [&'static str]); 11] = [
        (Self::ResultsJson, &["application/sparql-results+json", "application/json", "text/json"]),
        (Self::ResultsXml, &["application/sparql-results+xml", "application/xml", "text/xml"]),
        (Self::ResultsCsv, &["text/csv"]),
        (Self::ResultsTsv, &["text/tab-separated-values"]),
        (Self::Turtle, &["text/turtle", "application/turtle", "application/x-turtle"]),
        (Self::TriG, &["application/trig", "application/x-trig"]),
        (Self::NTriples, &["application/n-triples", "text/plain"]),
        (Self::NQuads, &["application/n-quads", "text/x-nquads"]),
        (Self::RdfXml, &["application/rdf+xml", "application/xml", "text/xml"]),
        (Self::JsonLd, &["application/ld+json", "application/json"]),
        (Self::N3, &["text/n3"]),
    ];

    /// Its usual media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        let known = Self::MEDIA_TYPES.iter().find(|(format, _)| *format == self);
        known.and_then(|(_, types)| types.first()).copied().unwrap_or("application/octet-stream")
    }

    /// Whether an answer of this kind can be written so.
    #[must_use]
    pub fn writes(self, kind: Kind) -> bool {
        match self {
            Self::ResultsJson | Self::ResultsXml | Self::ResultsCsv | Self::ResultsTsv => kind != Kind::Graph,
            Self::N3 => false,
            _ => kind == Kind::Graph,
        }
    }

    /// The RDF format of a media type without its parameters; `None` for any other.
    #[must_use]
    pub fn of_rdf(media_type: &str) -> Option<Self> {
        let named = |types: &[&str]| types.iter().any(|known| known.eq_ignore_ascii_case(media_type));
        Self::MEDIA_TYPES
            .iter()
            .find(|(format, types)| (format.writes(Kind::Graph) || *format == Self::N3) && named(types))
            .map(|(format, _)| *format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_name_formats() {
        for (media_type, format) in [
            ("text/turtle", Some(Format::Turtle)),
            ("TEXT/Turtle", Some(Format::Turtle)),
            ("application/xml", Some(Format::RdfXml)),
            ("application/json", Some(Format::JsonLd)),
            ("text/n3", Some(Format::N3)),
            ("application/sparql-results+json", None),
            ("image/png", None),
        ] {
            assert_eq!(Format::of_rdf(media_type), format, "{media_type}");
        }
        for (format, types) in Format::MEDIA_TYPES {
            assert_eq!(Some(&format.media_type()), types.first());
        }
    }
}
