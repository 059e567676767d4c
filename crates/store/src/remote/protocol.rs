//! The server behind the home's own doors: what programs ask here in SPARQL is answered there.
//!
//! Reading goes through; whoever wants to write as a program writes to the server itself, which has its own rules for
//! that.

use oxigraph::{
    io::RdfSerializer,
    sparql::{Variable, results::QueryResultsSerializer},
};
use quid_core::{
    Audience, Fault, Regime, Sparql,
    ports::Table,
    sparql::{Asked, Author, Changed, Document, Kind, Outlet, Trouble, Which},
};

use spargebra::Query;

use super::memory::Remote;
use crate::{error::with_causes, policy, protocol, sparql};

impl Sparql for Remote {
    fn query(&self, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
        policy::before_parsing(&asked.text).map_err(Trouble::Malformed)?;
        let mut query = sparql::parse(&asked.text, asked.base.as_deref())
            .map_err(|why| Trouble::Malformed(Fault::from(why).to_string()))?;
        if asked.regime != Regime::None {
            return Err(Trouble::Refused(format!("what follows is worked out by {} or by nobody", self.address())));
        }
        if let Some(named) = protocol::protocol_dataset(asked) {
            let (Query::Select { dataset, .. }
            | Query::Construct { dataset, .. }
            | Query::Describe { dataset, .. }
            | Query::Ask { dataset, .. }) = &mut query;
            *dataset = Some(named);
        }
        let most = usize::try_from(asked.bounds.rows).unwrap_or(usize::MAX - 1);
        let table = self.ask(&query.to_string(), most, asked.bounds.time, &asked.stop)?;
        if table.partial {
            return Err(Trouble::TooMuch(format!("the answer has more than {} rows: use LIMIT", asked.bounds.rows)));
        }
        write(&table, matches!(query, Query::Construct { .. } | Query::Describe { .. }), out)
    }

    fn update(&self, _: &Asked, _: &Author) -> Result<Changed, Trouble> {
        Err(self.elsewhere())
    }

    fn graph(&self, which: &Which, asked: &Asked, out: &mut dyn Outlet) -> Result<(), Trouble> {
        if !self.has_graph(which, &asked.audience)? {
            return Err(Trouble::Missing("there is no such graph".to_owned()));
        }
        let text = match which {
            Which::Default => "CONSTRUCT WHERE { ?s ?p ?o }".to_owned(),
            Which::Named(name) => format!("CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {name} {{ ?s ?p ?o }} }}"),
        };
        self.query(&Asked { text, default_graphs: Vec::new(), named_graphs: Vec::new(), ..asked.clone() }, out)
    }

    fn has_graph(&self, which: &Which, _: &Audience) -> Result<bool, Trouble> {
        let Which::Named(name) = which else { return Ok(true) };
        let stop = std::sync::atomic::AtomicBool::new(false);
        let asked = self.ask(&format!("ASK {{ GRAPH {name} {{ ?s ?p ?o }} }}"), 1, super::memory::COUNTING, &stop)?;
        Ok(asked.boolean == Some(true))
    }

    fn put(&self, _: &Which, _: &[Document<'_>], _: bool, _: &Asked, _: &Author) -> Result<Changed, Trouble> {
        Err(self.elsewhere())
    }

    fn remove(&self, _: &Which, _: &Asked, _: &Author) -> Result<Changed, Trouble> {
        Err(self.elsewhere())
    }
}

impl Remote {
    fn elsewhere(&self) -> Trouble {
        Trouble::Refused(format!("what is kept at {} is changed there; here it is taught in words", self.address()))
    }
}

fn write(table: &Table, graph: bool, out: &mut dyn Outlet) -> Result<(), Trouble> {
    let gone = |_| Trouble::Gone;
    if let Some(truth) = table.boolean {
        let format = protocol::results_format(out.begin(Kind::Boolean)?)?;
        let done = QueryResultsSerializer::from_format(format).serialize_boolean_to_writer(out, truth);
        return done.map(drop).map_err(gone);
    }
    if graph {
        let format = protocol::rdf_format(out.begin(Kind::Graph)?)?;
        let mut writer = RdfSerializer::from_format(format).for_writer(out);
        for triple in &table.triples {
            writer.serialize_triple(triple).map_err(gone)?;
        }
        return writer.finish().map(drop).map_err(gone);
    }
    let format = protocol::results_format(out.begin(Kind::Solutions)?)?;
    let variables: Vec<Variable> = table
        .variables
        .iter()
        .map(|name| Variable::new(name.as_str()))
        .collect::<Result<_, _>>()
        .map_err(|why| Trouble::Storage(with_causes(&why)))?;
    let serializer = QueryResultsSerializer::from_format(format);
    let mut writer = serializer.serialize_solutions_to_writer(out, variables.clone()).map_err(gone)?;
    for row in &table.rows {
        let bound = variables.iter().zip(row).filter_map(|(name, term)| Some((name, term.as_ref()?)));
        writer.serialize(bound).map_err(gone)?;
    }
    writer.finish().map(drop).map_err(gone)
}
