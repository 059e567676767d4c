//! The face every kind of dump shows to the loader: quads or problems, one after the other.
//!
//! One trait, so that progress, bad lines, resuming and the list of sources behave the same whatever is loaded.

use std::path::{Path, PathBuf};

use quid_core::Source;
use quid_core::oxrdf::{GraphName, NamedNode, Quad};
use sha2::{Digest as _, Sha256};

use crate::Problem;

/// How far a reading is, in bytes of the files as they lie on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Read.
    pub done: u64,
    /// Of all; 0 when it is not known (standard input).
    pub total: u64,
}

/// What is told about one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its short name, part of its graph's IRI (`conceptnet/wiktionary/en`).
    pub name: String,
    /// As people call it (`ConceptNet: Wiktionary (English)`).
    pub title: String,
    /// Under which licence it is given; empty when that is not known.
    pub licence: String,
}

/// A file that was read, known by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// Where it lies; `-` for standard input.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of it as it lies there, in hexadecimal.
    pub sha256: String,
}

impl FileRead {
    /// A file that is in memory.
    #[must_use]
    pub fn of(path: &Path, bytes: &[u8]) -> Self {
        let sha256 = hexadecimal(&Sha256::digest(bytes));
        Self { path: path.to_owned(), bytes: bytes.len() as u64, sha256 }
    }

    /// The hash of a file's first bytes: to see that it may be the same file.
    #[must_use]
    pub fn beginning(bytes: &[u8]) -> String {
        hexadecimal(&Sha256::digest(bytes.get(..4096).unwrap_or(bytes)))
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        for half in [byte >> 4, byte & 15] {
            out.push(char::from(b"0123456789abcdef"[usize::from(half)]));
        }
        out
    })
}

/// A dump being read: a stream of quads, and of what is wrong with it.
///
/// Every quad stands in the graph of its source ([`graph_of`]), whose name is the dump's own, or begins with it and a
/// slash when one dump is several sources. Blank nodes are made unique to the source by the reader. After a problem the reading goes on
/// where it can; a fault that ends it is the last item.
pub trait Dump: Send {
    /// The name of the dump as a whole: loading replaces every source of that name or below it.
    fn name(&self) -> String;

    /// What to tell of one of its sources; asked once, before its first quad is stored.
    fn about(&self, source: &str) -> About;

    /// The next quad, or the next thing that is wrong; `None` at the end.
    fn next(&mut self) -> Option<Result<Quad, Problem>>;

    /// What tells it from another dump of the same name and size before it is read: paths, first bytes.
    fn identity(&self) -> String {
        self.name()
    }

    /// What else is worth telling when it is loaded ("117659 synsets").
    fn summary(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// Whether its things may have no names but the ends of their IRIs.
    fn may_lack_names(&self) -> bool {
        false
    }

    /// How far it is.
    fn progress(&self) -> Progress;

    /// The files, with the hash of all their bytes, read or not.
    fn files(&self) -> Vec<FileRead>;

    /// About how many bytes the store will need for it, to compare with the free disk; 0 when there is no telling.
    fn size_stored(&self) -> u64 {
        self.progress().total.saturating_mul(4)
    }

    /// What [`Dump::resume`] must be told to go on after the quad given last; `None` when it cannot go on in the
    /// middle. A dump that can is stored part by part, another one whole or not at all.
    fn mark(&self) -> Option<String> {
        None
    }

    /// Goes on after the quad at which `mark` was made. Called once, before the first [`Dump::next`].
    ///
    /// # Errors
    /// A [`Problem`] when the mark does not fit the files: they are not the ones it was made from.
    fn resume(&mut self, mark: &str) -> Result<(), Problem> {
        let _ = mark;
        Err(Problem::of_file(Path::new(&self.name()), "cannot be gone on with", "a load from the start"))
    }
}

/// The graph of the source of this name, to put quads in.
#[must_use]
pub fn graph_of(source: &str) -> NamedNode {
    Source::Dump(source.to_owned()).graph()
}

/// The name of the source that a quad stands in; `None` for a quad that stands in none.
#[must_use]
pub fn source_of(quad: &Quad) -> Option<String> {
    let GraphName::NamedNode(graph) = &quad.graph_name else { return None };
    match Source::of_graph(graph.as_str()) {
        Some(Source::Dump(name)) => Some(name),
        _ => None,
    }
}
