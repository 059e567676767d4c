//! Reads ConceptNet 5's assertions (5.5 to 5.7): five columns between tabs, the fifth JSON.
//!
//! One graph is one of ConceptNet's datasets. What is the same for nearly all of its assertions is said once, of the
//! graph; an assertion that differs gets a reifier (RDF 1.2) with what differs. So most assertions are one quad, and
//! every line can be given back ([`export`]).
//!
//! | in the file | in the graph `urn:quid:dump:conceptnet%2Fwiktionary%2Fen` |
//! |---|---|
//! | relation, start, end | one quad; `/c/en/dog` is `http://conceptnet.io/c/en/dog`, an address stays as it is |
//! | dataset | the graph; `quid:dataset` on it |
//! | weight, license, sources as most have them | `quid:weight`, `dcterms:license`, `quid:sources` (JSON), and `prov:wasAttributedTo` the contributors, on the graph |
//! | the same, otherwise | on the reifier `urn:quid:edge:HASH`, sources by `prov:wasDerivedFrom` a list of sources `urn:quid:edge:sources:HASH`, which has `quid:sources` and `prov:wasAttributedTo` |
//! | surfaceText | `quid:surfaceText` on the reifier, in the language of the start |
//! | surfaceStart, surfaceEnd | `quid:surfaceStart`, `quid:surfaceEnd`, unless they are the first and second bracketed words |
//! | a URI that does not follow from the columns | `quid:edgeUri` |
//! | ends that are no IRIs as they stand | `quid:edgeEnds` |
//! | members and types that are not ConceptNet's | `quid:edgeJson`, the whole column |
//! | the same assertion again, with other values | a reifier each |
//!
//! What most assertions of a dataset have is decided from its first [`LOOKED_AT`] ones, so the same file always
//! gives the same quads.
//!
//! Sources: <https://github.com/commonsense/conceptnet5/wiki/Downloads>, …/wiki/URI-hierarchy, …/wiki/Edges.

mod edge;
mod emit;
pub mod export;
mod line;
mod uri;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use quid_core::oxrdf::{Quad, Triple};

use crate::Problem;
use crate::source::{About, Carriage, Dump, FileRead, Input, Lines, Progress};
use edge::{Edge, Edges};
use emit::Emitter;
use line::Columns;

pub use uri::uri_of;

/// The name under which it is loaded unless another is given.
pub const NAME: &str = "conceptnet";
/// How many assertions of a dataset are looked at to see what most of them have.
pub const LOOKED_AT: usize = 2000;
/// The longest line that is read; the longest of the real file has some 20,000 bytes.
const LONGEST: usize = 1 << 20;

const DATASETS: &str = include_str!("../../../../data/conceptnet/datasets.tsv");
const LANGUAGES: &str = include_str!("../../../../data/conceptnet/languages.tsv");

/// What is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Concepts of these languages only; of all when empty.
    pub languages: Vec<String>,
    /// Assertions that weigh at least this.
    pub least_weight: Option<f64>,
    /// These relations only (`IsA`, `/r/IsA`); all when empty.
    pub relations: Vec<String>,
}

impl Filter {
    /// Whether an assertion may stay, as far as its columns say.
    fn lets(&self, columns: &Columns<'_>) -> bool {
        let spoken = |uri: &str| {
            line::language(uri).is_none_or(|language| self.languages.iter().any(|wanted| wanted == language))
        };
        (self.relations.is_empty() || self.relations.iter().any(|wanted| line::is_relation(columns.relation, wanted)))
            && (self.languages.is_empty() || spoken(columns.start) && spoken(columns.end))
    }
}

impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "languages {:?} weight {:?} relations {:?}", self.languages, self.least_weight, self.relations)
    }
}

/// One sound line.
pub(crate) struct Assertion {
    pub(crate) triple: Triple,
    pub(crate) edge: Arc<Edge>,
    /// The URI, where it does not follow from the triple.
    pub(crate) uri: Option<String>,
    /// Start and end, where the triple does not give them back.
    pub(crate) ends: Option<String>,
}

/// A file of assertions being read.
pub struct ConceptNet {
    name: String,
    filter: Filter,
    lines: Lines,
    identity: String,
    edges: Edges,
    emitter: Emitter,
    ready: VecDeque<Quad>,
    /// Problems found while going on to a mark; told before anything else.
    earlier: VecDeque<Problem>,
    given: u64,
    assertions: u64,
    left_out: u64,
    ended: bool,
}

impl ConceptNet {
    /// Opens a file, plain or compressed; `-` is the standard input.
    ///
    /// # Errors
    /// A [`Problem`] when it cannot be read at all.
    pub fn open(path: &Path, name: &str, filter: Filter) -> Result<Self, Problem> {
        let mut input = Input::open(path)?;
        let start = input.peek().map(crate::source::FileRead::beginning).unwrap_or_default();
        let identity = format!("{} {start}", path.display());
        Ok(Self::of(input, name, filter, identity))
    }

    /// Reads from what is open already.
    #[must_use]
    pub fn of(input: Input, name: &str, filter: Filter, identity: String) -> Self {
        Self {
            name: name.to_owned(),
            filter,
            lines: Lines::new(input, LONGEST, Carriage::Refused),
            identity,
            edges: Edges::default(),
            emitter: Emitter::new(name),
            ready: VecDeque::new(),
            earlier: VecDeque::new(),
            given: 0,
            assertions: 0,
            left_out: 0,
            ended: false,
        }
    }

    /// Reads one line; `None` at the end, `Some(Ok(false))` for one that is left out.
    fn read(&mut self) -> Option<Result<bool, Problem>> {
        let number;
        let read = match self.lines.next()? {
            Ok(line) => {
                number = line.number;
                assertion(line.text, &self.filter, &mut self.edges)
            }
            Err(problem) => return Some(Err(problem)),
        };
        debug_assert_eq!(number, self.lines.number());
        Some(match read {
            Ok(Some(assertion)) => {
                self.assertions += 1;
                self.emitter.take(assertion, &mut self.ready);
                Ok(true)
            }
            Ok(None) => {
                self.left_out += 1;
                Ok(false)
            }
            Err((column, message, expected)) => Err(self.lines.problem(column, message, expected)),
        })
    }
}

/// Reads a line; `None` when the filter leaves it out.
fn assertion(text: &str, filter: &Filter, edges: &mut Edges) -> Result<Option<Assertion>, line::Wrong> {
    let columns = Columns::of(text)?;
    let (triple, same) = columns.triple()?;
    if !filter.lets(&columns) {
        return Ok(None);
    }
    let edge =
        edges.read(columns.json).map_err(|(at, message, expected)| (columns.place(4) + at - 1, message, expected))?;
    if filter.least_weight.is_some_and(|least| edge.weight.is_none_or(|weight| weight < least)) {
        return Ok(None);
    }
    let uri = (!columns.is_canonical()).then(|| columns.uri.to_owned());
    let ends = (!same).then(|| format!("{}\t{}", columns.start, columns.end));
    Ok(Some(Assertion { triple, edge, uri, ends }))
}

impl Dump for ConceptNet {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn about(&self, source: &str) -> About {
        let dataset = source.strip_prefix(&self.name).map_or_else(String::new, |rest| format!("/d{rest}"));
        let licence = self.emitter.licence(&dataset).unwrap_or_default();
        About { name: source.to_owned(), title: title(&dataset), licence }
    }

    fn next(&mut self) -> Option<Result<Quad, Problem>> {
        loop {
            if let Some(problem) = self.earlier.pop_front() {
                return Some(Err(problem));
            }
            if let Some(quad) = self.ready.pop_front() {
                self.given += 1;
                return Some(Ok(quad));
            }
            if self.ended {
                return None;
            }
            match self.read() {
                Some(Ok(_)) => {}
                Some(Err(problem)) => return Some(Err(problem)),
                None => {
                    self.ended = true;
                    self.emitter.finish(&mut self.ready);
                }
            }
        }
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn summary(&self) -> Vec<(&'static str, u64)> {
        let mut summary = vec![("assertions", self.assertions)];
        if self.left_out > 0 {
            summary.push(("left out", self.left_out));
        }
        summary
    }

    fn progress(&self) -> Progress {
        self.lines.progress()
    }

    fn files(&self) -> Vec<FileRead> {
        vec![self.lines.file()]
    }

    fn size_stored(&self) -> u64 {
        // A packed line has some 15 bytes, a plain one some 300; an assertion takes some 500 on the disk.
        let packed = self.lines.is_packed();
        self.lines.progress().total.saturating_mul(if packed { 30 } else { 2 })
    }

    fn mark(&self) -> Option<String> {
        (self.lines.progress().total > 0).then(|| self.given.to_string())
    }

    fn resume(&mut self, mark: &str) -> Result<(), Problem> {
        let name = self.name.clone();
        let fault = |message: &str| {
            Problem::of_file(Path::new(&name), message, "the file that the interrupted load was reading")
        };
        let until: u64 = mark.parse().map_err(|_| fault("its mark cannot be read"))?;
        // What was decided on the way (what most assertions have, which lists of sources are known) is decided again.
        let mut earlier = VecDeque::new();
        while self.given < until {
            match self.next() {
                Some(Ok(_)) => {}
                Some(Err(problem)) => earlier.push_back(problem),
                None => return Err(fault("it ends before the place where the interrupted load was")),
            }
        }
        self.earlier = earlier;
        Ok(())
    }
}

/// What people call a dataset.
fn title(dataset: &str) -> String {
    let rows = |table: &'static str| {
        table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
    };
    let found = rows(DATASETS).find_map(|(beginning, name)| Some((dataset.strip_prefix(beginning)?, name)));
    let (rest, name) = found.unwrap_or((dataset, "{}"));
    let rest = rows(LANGUAGES).find(|(code, _)| *code == rest).map_or(rest, |(_, name)| name);
    format!("ConceptNet: {}", name.replace("{}", rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datasets_have_titles() {
        for (dataset, expected) in [
            ("/d/wiktionary/en", "ConceptNet: Wiktionary (English)"),
            ("/d/conceptnet/4/ja", "ConceptNet: Open Mind Common Sense (Japanese)"),
            ("/d/jmdict", "ConceptNet: JMDict"),
            ("/d/new/thing", "ConceptNet: new/thing"),
        ] {
            assert_eq!(title(dataset), expected);
        }
    }
}
