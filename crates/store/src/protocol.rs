//! Queries and graphs as bytes in the format that the other side wants, written as they are found.
//!
//! Everything happens on the caller's thread, within [`meter::guarded`], so that it ends by its bounds wherever it is,
//! in parsing an answer's format as in joining.

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    io,
    rc::Rc,
};

use oxigraph::{
    io::{JsonLdProfileSet, RdfFormat, RdfSerializer},
    sparql::results::{QueryResultsFormat, QueryResultsSerializer},
    store::Store,
};
use quid_core::{
    Audience,
    oxrdf::{GraphName, NamedNode, Quad, Triple, TripleRef},
    source::is_foreign,
    sparql::{Asked, Author, Changed, Document, Format, Kind, Outlet, Sparql, Trouble, Which},
    vocabulary as v,
};
use spareval::{QueryResults, QuerySolutionIter, QueryTripleIter};
use spargebra::{Query, algebra::QueryDataset};

use crate::{
    Keeper, StoreError,
    dataset::Visible,
    error::with_causes,
    meter::{self, Allowance, Halt},
    policy,
    sparql::{self, Around, Solved},
    update,
    view::visible,
};

impl Sparql for Keeper {
    fn query(&self, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
        query(&self.store, self.around(self.beside(asked.regime)?), asked, out)
    }

    fn update(&self, asked: &Asked, by: &Author) -> Result<Changed, Trouble> {
        update::update(self, asked, by)
    }

    fn graph(&self, which: &Which, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
        graph(&self.store, which, asked, out)
    }

    fn has_graph(&self, which: &Which, audience: &Audience) -> Result<bool, Trouble> {
        has_graph(&self.store, which, audience)
    }

    fn put(
        &self,
        which: &Which,
        documents: &[Document<'_>],
        replace: bool,
        asked: &Asked,
        by: &Author,
    ) -> Result<Changed, Trouble> {
        update::put(self, which, documents, replace, asked, by)
    }

    fn remove(&self, which: &Which, asked: &Asked, by: &Author) -> Result<Changed, Trouble> {
        update::remove(self, which, asked, by)
    }
}

/// Runs a query; its answer goes out as it is found.
pub(crate) fn query(store: &Store, around: Around, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
    policy::before_parsing(&asked.text).map_err(Trouble::Malformed)?;
    guarded(asked, || {
        let mut query = sparql::parse(&asked.text, asked.base.as_deref()).map_err(malformed)?;
        if let Some(named) = protocol_dataset(asked) {
            let (Query::Select { dataset, .. }
            | Query::Construct { dataset, .. }
            | Query::Describe { dataset, .. }
            | Query::Ask { dataset, .. }) = &mut query;
            *dataset = Some(named);
        }
        let visible = visible_to(store, asked);
        let solved = sparql::solve(query, visible, around, &asked.stop, &|evaluator| evaluator).map_err(trouble)?;
        let Solved { results, watched: _watched } = solved;
        match results {
            QueryResults::Boolean(truth) => {
                let format = results_format(out.begin(Kind::Boolean)?)?;
                let done = QueryResultsSerializer::from_format(format).serialize_boolean_to_writer(out, truth);
                done.map(drop).map_err(|why| gone(&why))
            }
            QueryResults::Solutions(solutions) => write_solutions(solutions, asked, out),
            QueryResults::Graph(triples) => write_triples(triples, asked, out),
        }
    })
}

/// Writes a graph out.
pub(crate) fn graph(store: &Store, which: &Which, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
    if !has_graph(store, which, &asked.audience)? {
        return Err(missing(which));
    }
    guarded(asked, || {
        let format = rdf_format(out.begin(Kind::Graph)?)?;
        let mut writer = RdfSerializer::from_format(format).for_writer(out);
        let mut rows = 0;
        for_each_triple(store, which, asked, &mut |triple| {
            rows += 1;
            more_rows(rows, asked)?;
            writer.serialize_triple(triple).map_err(|why| gone(&why))
        })?;
        writer.finish().map(drop).map_err(|why| gone(&why))
    })
}

/// Whether there is such a graph; the default one always is.
pub(crate) fn has_graph(store: &Store, which: &Which, audience: &Audience) -> Result<bool, Trouble> {
    match which {
        Which::Default => Ok(true),
        Which::Named(name) if !visible(name.as_str(), audience) => Ok(false),
        Which::Named(name) => store.contains_named_graph(name).map_err(|why| Trouble::Storage(with_causes(&why))),
    }
}

/// Visits the triples of a graph, each once.
fn for_each_triple(
    store: &Store,
    which: &Which,
    asked: &Asked,
    visit: &mut dyn FnMut(TripleRef<'_>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let graph = match which {
        Which::Default => None,
        Which::Named(name) => Some(name.as_ref().into()),
    };
    let mut came = HashSet::new();
    for quad in store.quads_for_pattern(None, None, None, graph) {
        meter::check();
        let quad = quad.map_err(|why| Trouble::Storage(with_causes(&why)))?;
        if matches!(which, Which::Default) {
            let GraphName::NamedNode(name) = &quad.graph_name else { continue };
            let is_in = visible(name.as_str(), &asked.audience) && (asked.union || !is_foreign(name.as_str()));
            if !is_in {
                continue;
            }
            let triple = Triple::from(quad.clone());
            let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&triple);
            if !came.insert(hash) {
                continue;
            }
            meter::gather(size_of::<u64>() * 2);
        }
        visit(quad.as_ref().into())?;
    }
    Ok(())
}

/// Runs `work` within the bounds of what was asked.
pub(crate) fn guarded<T>(asked: &Asked, work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let allowance = Allowance::new(asked.bounds.time, asked.bounds.bytes);
    match meter::guarded(allowance, &asked.stop, work) {
        Ok(done) => done,
        Err(Halt::Stopped) => Err(Trouble::Stopped),
        Err(halt) => Err(Trouble::TooMuch(sparql::words(halt, asked.bounds.time))),
    }
}

pub(crate) fn visible_to(store: &Store, asked: &Asked) -> Visible {
    Visible { store: store.clone(), audience: Rc::new(asked.audience.clone()), union: asked.union, staged: None }
}

/// The graphs that the protocol names, in the place of those that the query does.
pub(crate) fn protocol_dataset(asked: &Asked) -> Option<QueryDataset> {
    (!asked.default_graphs.is_empty() || !asked.named_graphs.is_empty())
        .then(|| QueryDataset { default: asked.default_graphs.clone(), named: Some(asked.named_graphs.clone()) })
}

fn write_solutions(solutions: QuerySolutionIter<'static>, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
    let mut solutions = solutions;
    // What fails at once should be told as a failure, not as the beginning of an answer.
    let first = solutions.next().transpose().map_err(|why| trouble(sparql::refused(&why)))?;
    let format = results_format(out.begin(Kind::Solutions)?)?;
    let variables = solutions.variables().to_vec();
    let serializer = QueryResultsSerializer::from_format(format);
    let mut writer = serializer.serialize_solutions_to_writer(out, variables).map_err(|why| gone(&why))?;
    let mut rows = 0;
    for solution in first.into_iter().map(Ok).chain(solutions) {
        rows += 1;
        more_rows(rows, asked)?;
        let solution = solution.map_err(|why| trouble(sparql::refused(&why)))?;
        writer.serialize(solution.iter()).map_err(|why| gone(&why))?;
    }
    // OFFSET skips what is amiss too, and a query that was ended would look like one with few rows.
    meter::check();
    writer.finish().map(drop).map_err(|why| gone(&why))
}

fn write_triples(triples: QueryTripleIter<'static>, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
    let mut triples = triples;
    let first = triples.next().transpose().map_err(|why| trouble(sparql::refused(&why)))?;
    let format = rdf_format(out.begin(Kind::Graph)?)?;
    let mut writer = RdfSerializer::from_format(format).for_writer(out);
    let mut rows = 0;
    for triple in first.into_iter().map(Ok).chain(triples) {
        rows += 1;
        more_rows(rows, asked)?;
        let triple = triple.map_err(|why| trouble(sparql::refused(&why)))?;
        writer.serialize_triple(&triple).map_err(|why| gone(&why))?;
    }
    writer.finish().map(drop).map_err(|why| gone(&why))
}

fn more_rows(rows: u64, asked: &Asked) -> Result<(), Trouble> {
    meter::touch();
    if rows > asked.bounds.rows {
        return Err(Trouble::TooMuch(format!("the answer has more than {} rows: use LIMIT", asked.bounds.rows)));
    }
    Ok(())
}

pub(crate) fn results_format(format: Format) -> Result<QueryResultsFormat, Trouble> {
    Ok(match format {
        Format::ResultsJson => QueryResultsFormat::Json,
        Format::ResultsXml => QueryResultsFormat::Xml,
        Format::ResultsCsv => QueryResultsFormat::Csv,
        Format::ResultsTsv => QueryResultsFormat::Tsv,
        other => return Err(Trouble::Unacceptable(format!("rows are not written as {}", other.media_type()))),
    })
}

/// The engine's name of an RDF format.
pub(crate) fn rdf_format(format: Format) -> Result<RdfFormat, Trouble> {
    Ok(match format {
        Format::Turtle => RdfFormat::Turtle,
        Format::TriG => RdfFormat::TriG,
        Format::NTriples => RdfFormat::NTriples,
        Format::NQuads => RdfFormat::NQuads,
        Format::RdfXml => RdfFormat::RdfXml,
        Format::JsonLd => RdfFormat::JsonLd { profile: JsonLdProfileSet::empty() },
        Format::N3 => RdfFormat::N3,
        other => return Err(Trouble::Unacceptable(format!("triples are not written as {}", other.media_type()))),
    })
}

pub(crate) fn missing(which: &Which) -> Trouble {
    Trouble::Missing(match which {
        Which::Default => "there is no default graph".to_owned(),
        Which::Named(name) => format!("there is no graph {name}"),
    })
}

pub(crate) fn gone(why: &io::Error) -> Trouble {
    match why.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::TimedOut => Trouble::Gone,
        _ => Trouble::Storage(format!("writing the answer: {why}")),
    }
}

pub(crate) fn malformed(error: StoreError) -> Trouble {
    match error {
        StoreError::Refused(words) => Trouble::Malformed(words),
        other => trouble(other),
    }
}

pub(crate) fn trouble(error: StoreError) -> Trouble {
    match error {
        StoreError::Refused(words) => Trouble::Refused(words),
        other => Trouble::Storage(other.to_string()),
    }
}

/// The mark that says that a graph is there, empty or not: state, so that it is in the journal.
pub(crate) fn marker(name: &NamedNode) -> Quad {
    Quad::new(name.clone(), v::VALUE, NamedNode::new_unchecked(GRAPH), v::STATE_GRAPH)
}

/// What a graph that programs named is.
pub(crate) const GRAPH: &str = "urn:quid:ns:NamedGraph";
