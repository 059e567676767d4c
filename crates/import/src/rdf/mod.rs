//! Reads RDF in every serialisation that Oxigraph reads, compressed or not, into a source of its own.
//!
//! | in the file | in the store |
//! |---|---|
//! | the default graph | the graph of the source, `urn:quid:dump:NAME` |
//! | a named graph | a source below it, `NAME/http://…`, for the first [`MOST_GRAPHS`]; further ones as a reifier with `quid:graph` |
//! | a blank node | one that no other file shares, the same at each load |
//! | a line of N-Triples or N-Quads that is wrong | a problem with file, line and column; all other lines are kept |
//! | a statement of Turtle that is wrong | a problem; reading goes on at the next statement |
//! | XML or JSON that is wrong | a problem, the last one; what came before is kept |
//!
//! Depth and entities are bounded before a parser sees the bytes ([`guard`]).

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

use oxrdfio::{RdfFormat, RdfParseError, RdfParser, ReaderQuadParser};
use quid_core::oxrdf::vocab::rdf;
use quid_core::oxrdf::{GraphName, Literal, NamedNode, NamedNodeRef, Quad, Term, Triple};
use quid_core::text::percent_encode;
use sha2::{Digest as _, Sha256};

use crate::Problem;
use crate::obo::Obo;
use crate::source::{About, Dump, FileRead, Gauge, Input, Progress, graph_of};

mod blank;
mod detect;
mod guard;
mod lines;

pub use guard::check;

use blank::Blanks;
use detect::{Serialisation, detect};
use guard::{Guard, Refused, Watch};
use lines::Statements;

/// So many named graphs become sources of their own.
pub const MOST_GRAPHS: usize = 64;
/// On a reifier: the graph in which the file has the triple.
pub const GRAPH: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:graph");
/// After so many problems a file is not what it claims to be.
const MOST_PROBLEMS: usize = 100_000;

/// How RDF files are to be loaded.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The source's name.
    pub name: String,
    /// As people call it; the name when empty.
    pub title: String,
    /// Under which licence it is given; empty when that is not known.
    pub licence: String,
    /// What relative IRIs are relative to; `file:///NAME/FILE` when empty.
    pub base: String,
}

/// RDF files as one source.
pub struct Rdf {
    wishes: Wishes,
    paths: VecDeque<PathBuf>,
    number: usize,
    reading: Option<Reading>,
    gauges: Vec<Gauge>,
    total: u64,
    identity: String,
    graphs: HashMap<String, NamedNode>,
    own: NamedNode,
    waiting: VecDeque<Quad>,
    /// Statements whose graph is no source of its own.
    beside: u64,
    problems: usize,
}

/// One open file.
struct Reading {
    parser: Parser,
    path: PathBuf,
    blanks: Blanks,
    /// Whether reading goes on after a fault.
    is_resilient: bool,
}

enum Parser {
    Stream(Box<ReaderQuadParser<Guard<Input>>>),
    Lines(Statements),
    Obo(Box<Obo>),
}

impl Rdf {
    /// Opens the first file, so that what is unreadable is told before anything is changed.
    ///
    /// # Errors
    /// A [`Problem`] when a file is missing or in no serialisation that is known.
    pub fn open(paths: &[PathBuf], wishes: Wishes) -> Result<Self, Problem> {
        for path in paths.iter().filter(|path| path.as_path() != Path::new("-")) {
            Input::open(path)?;
        }
        let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |about| about.len());
        let own = graph_of(&wishes.name);
        let mut opened = Self {
            total: paths.iter().map(size).sum(),
            identity: format!("rdf {paths:?} {}", wishes.base),
            paths: paths.iter().cloned().collect(),
            number: 0,
            reading: None,
            gauges: Vec::new(),
            graphs: HashMap::new(),
            own,
            waiting: VecDeque::new(),
            beside: 0,
            problems: 0,
            wishes,
        };
        if let Some(path) = opened.paths.pop_front() {
            opened.reading = Some(opened.start(path)?);
        }
        Ok(opened)
    }

    fn start(&mut self, path: PathBuf) -> Result<Reading, Problem> {
        let mut input = Input::open(&path)?;
        self.gauges.push(input.gauge());
        let start = input.peek().map(<[u8]>::to_vec);
        let start = start.map_err(|error| input.failed(0, &error))?;
        let expected = "Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD, N3 or OBO";
        let found = detect(&path, &start).map_err(|what| Problem::of_file(&path, what, expected))?;
        let number = self.number;
        self.number += 1;
        let blanks = |is_remembered| Blanks::new(&self.wishes.name, number, is_remembered);
        let (parser, blanks, is_resilient) = match found {
            Serialisation::Obo => {
                let obo = Obo::of(input, &self.wishes.name);
                (Parser::Obo(Box::new(obo)), blanks(false), true)
            }
            Serialisation::Rdf(RdfFormat::NTriples | RdfFormat::NQuads) => {
                (Parser::Lines(Statements::new(input)), blanks(false), true)
            }
            Serialisation::Rdf(format) => {
                let watch = match format {
                    RdfFormat::RdfXml => Watch::Xml,
                    RdfFormat::JsonLd { .. } => Watch::Json,
                    _ => Watch::Turtle,
                };
                let parser = self.parser(&path, format)?;
                let reader = Box::new(parser.for_reader(Guard::new(input, watch)));
                (Parser::Stream(reader), blanks(true), watch == Watch::Turtle)
            }
        };
        Ok(Reading { parser, path, blanks, is_resilient })
    }

    fn parser(&self, path: &Path, format: RdfFormat) -> Result<RdfParser, Problem> {
        let base = if self.wishes.base.is_empty() {
            let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            format!("file:///{}/{}", percent_encode(&self.wishes.name), percent_encode(&file))
        } else {
            self.wishes.base.clone()
        };
        RdfParser::from_format(format).with_base_iri(&base).map_err(|error| {
            Problem::of_file(path, format!("`{base}` is no IRI: {error}"), "an absolute IRI as the base")
        })
    }

    /// Puts a quad where it belongs; a graph that is no source any more is told by a reifier.
    fn placed(&mut self, quad: Quad) -> Quad {
        let Some(reading) = &mut self.reading else { return quad };
        let subject = reading.blanks.subject(quad.subject);
        let object = reading.blanks.term(quad.object);
        let name = match quad.graph_name {
            GraphName::DefaultGraph => {
                return Quad { subject, predicate: quad.predicate, object, graph_name: self.own.clone().into() };
            }
            GraphName::NamedNode(graph) => graph.into_string(),
            GraphName::BlankNode(graph) => format!("_:{}", reading.blanks.label(&graph)),
        };
        let graph = match self.graphs.get(&name) {
            Some(graph) => graph.clone(),
            None if self.graphs.len() < MOST_GRAPHS => {
                let graph = graph_of(&format!("{}/{name}", self.wishes.name));
                self.graphs.insert(name, graph.clone());
                graph
            }
            None => {
                self.beside += 1;
                let triple = Triple { subject, predicate: quad.predicate, object };
                let hash = Sha256::digest(format!("{triple} {name}").as_bytes());
                let hash = crate::source::hexadecimal(hash.get(..16).unwrap_or_default());
                let reifier = NamedNode::new_unchecked(format!("urn:quid:reifier:{hash}"));
                let of = |predicate: NamedNodeRef<'_>, object: Term| {
                    Quad::new(reifier.clone(), predicate.into_owned(), object, self.own.clone())
                };
                let named =
                    NamedNode::new(&name).map_or_else(|_| Literal::new_simple_literal(&name).into(), Term::from);
                self.waiting.push_back(of(rdf::REIFIES, triple.clone().into()));
                self.waiting.push_back(of(GRAPH, named));
                return triple.in_graph(self.own.clone());
            }
        };
        Quad { subject, predicate: quad.predicate, object, graph_name: graph.into() }
    }
}

impl Dump for Rdf {
    fn name(&self) -> String {
        self.wishes.name.clone()
    }

    fn may_lack_names(&self) -> bool {
        true
    }

    fn about(&self, source: &str) -> About {
        let title = if self.wishes.title.is_empty() { &self.wishes.name } else { &self.wishes.title };
        let title = match source.strip_prefix(&self.wishes.name).and_then(|rest| rest.strip_prefix('/')) {
            Some(graph) => format!("{title}: {graph}"),
            None => title.clone(),
        };
        About { name: source.to_owned(), title, licence: self.wishes.licence.clone() }
    }

    fn next(&mut self) -> Option<Result<Quad, Problem>> {
        loop {
            if let Some(quad) = self.waiting.pop_front() {
                return Some(Ok(quad));
            }
            let Some(reading) = &mut self.reading else {
                let path = self.paths.pop_front()?;
                match self.start(path) {
                    Ok(reading) => self.reading = Some(reading),
                    Err(problem) => return Some(Err(problem)),
                }
                continue;
            };
            let item = match &mut reading.parser {
                Parser::Lines(lines) => lines.next(),
                Parser::Obo(obo) => obo.next(),
                Parser::Stream(parser) => parser.next().map(|item| {
                    item.map_err(|error| {
                        // What cannot be read, or is refused, does not get better.
                        reading.is_resilient &= matches!(error, RdfParseError::Syntax(_));
                        told(&reading.path, &error)
                    })
                }),
            };
            match item {
                Some(Ok(quad)) if matches!(reading.parser, Parser::Obo(_)) => return Some(Ok(quad)),
                Some(Ok(quad)) => return Some(Ok(self.placed(quad))),
                None => self.reading = None,
                Some(Err(problem)) => {
                    self.problems += 1;
                    if !reading.is_resilient || self.problems > MOST_PROBLEMS {
                        self.reading = None;
                    }
                    return Some(Err(problem));
                }
            }
        }
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn summary(&self) -> Vec<(&'static str, u64)> {
        if self.beside == 0 { Vec::new() } else { vec![("statements of further graphs", self.beside)] }
    }

    fn progress(&self) -> Progress {
        Progress { done: self.gauges.iter().map(|gauge| gauge.progress().done).sum(), total: self.total }
    }

    fn files(&self) -> Vec<FileRead> {
        self.gauges.iter().map(Gauge::file).collect()
    }
}

/// What a parser complains of, as a problem with its place.
fn told(path: &Path, error: &RdfParseError) -> Problem {
    match error {
        RdfParseError::Io(error) => {
            let refused = error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Refused>);
            let expected = if refused { "a file that no parser chokes on" } else { "a sound file" };
            Problem::of_file(path, error.to_string(), expected)
        }
        RdfParseError::Syntax(error) => {
            let (line, column) = error.location().map_or((0, 0), |place| {
                let number = |value: u64| usize::try_from(value + 1).unwrap_or(usize::MAX);
                (number(place.start.line), number(place.start.column))
            });
            Problem::at(path, line, column, said(&error.to_string()), "a statement of this serialisation")
        }
    }
}

/// A parser's message without the place, which is told already, and not longer than a line.
pub(crate) fn said(message: &str) -> String {
    let plain = match message.split_once(": ") {
        Some((place, rest)) if place.starts_with("Parser error") => rest,
        _ => message,
    };
    let mut short: String = plain.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    if plain.chars().nth(200).is_some() {
        short.push('…');
    }
    short
}
