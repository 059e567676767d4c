//! What this endpoint is, in its own language.
//!
//! SPARQL 1.1 Service Description: whoever asks the endpoint nothing gets triples about it. They are few and fixed, so
//! they are written here as text; no serialiser is needed on this floor.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use quid_core::sparql::{Format, Kind, Trouble};

use super::{flow, negotiate::Accept, problem};
use crate::{error::Problem, room::Room};

const SD: &str = "http://www.w3.org/ns/sparql-service-description#";
const FORMATS: &str = "http://www.w3.org/ns/formats/";
const ENTAILMENT: &str = "http://www.w3.org/ns/entailment/";
const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

/// A subject, a relation, and a value: a name or a blank node.
type Statement = (&'static str, String, String);

pub(super) fn service(room: &Arc<Room>, headers: &HeaderMap, endpoint: &str) -> Result<Response, Problem> {
    let accept = Accept::of(headers);
    let mut format = accept.choose(Kind::Graph).map_err(|trouble| problem(&trouble))?;
    if !matches!(format, Format::Turtle | Format::NTriples | Format::RdfXml | Format::TriG | Format::NQuads) {
        let words = "the description is written as text/turtle, application/n-triples or application/rdf+xml";
        if !matches!(format, Format::JsonLd) {
            return Err(problem(&Trouble::Unacceptable(words.to_owned())));
        }
        format = Format::Turtle;
    }
    let statements = statements(room, endpoint);
    let text = if format == Format::RdfXml { as_xml(&statements) } else { as_lines(&statements) };
    Ok(([(header::CONTENT_TYPE, flow::content_type(format))], text).into_response())
}

fn statements(room: &Room, endpoint: &str) -> Vec<Statement> {
    let sd = |name: &str| format!("{SD}{name}");
    let mut all = vec![
        ("_:service", TYPE.to_owned(), sd("Service")),
        ("_:service", sd("endpoint"), endpoint.to_owned()),
        ("_:service", sd("supportedLanguage"), sd("SPARQL10Query")),
        ("_:service", sd("supportedLanguage"), sd("SPARQL11Query")),
        ("_:service", sd("supportedLanguage"), sd("SPARQL11Update")),
        ("_:service", sd("defaultEntailmentRegime"), format!("{ENTAILMENT}Simple")),
        ("_:service", sd("defaultDataset"), "_:dataset".to_owned()),
        ("_:dataset", TYPE.to_owned(), sd("Dataset")),
        ("_:dataset", sd("defaultGraph"), "_:graph".to_owned()),
        ("_:graph", TYPE.to_owned(), sd("Graph")),
        ("_:service", sd("feature"), sd("EmptyGraphs")),
    ];
    if room.config.union {
        all.push(("_:service", sd("feature"), sd("UnionDefaultGraph")));
    }
    if !room.config.allow.is_empty() {
        all.push(("_:service", sd("feature"), sd("BasicFederatedQuery")));
    }
    let written = ["SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"];
    let both = ["Turtle", "TriG", "N-Triples", "N-Quads", "RDF_XML", "JSON-LD"];
    for name in written.iter().chain(&both) {
        all.push(("_:service", sd("resultFormat"), format!("{FORMATS}{name}")));
    }
    for name in both {
        all.push(("_:service", sd("inputFormat"), format!("{FORMATS}{name}")));
    }
    all
}

/// As N-Triples, which is Turtle, TriG and N-Quads too.
fn as_lines(statements: &[Statement]) -> String {
    let mut text = String::new();
    for (subject, relation, value) in statements {
        let value = if value.starts_with("_:") { value.clone() } else { format!("<{value}>") };
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{subject} <{relation}> {value} .");
    }
    text
}

fn as_xml(statements: &[Statement]) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns:sd=\"http://www.w3.org/ns/sparql-service-description#\">\n",
    );
    for (subject, relation, value) in statements {
        let relation = match relation.strip_prefix(SD) {
            Some(name) => format!("sd:{name}"),
            None => "rdf:type".to_owned(),
        };
        let value = match value.strip_prefix("_:") {
            Some(node) => format!("rdf:nodeID=\"{node}\""),
            None => format!("rdf:resource=\"{}\"", value.replace('&', "&amp;")),
        };
        let node = subject.trim_start_matches("_:");
        let _ = writeln!(text, "<rdf:Description rdf:nodeID=\"{node}\"><{relation} {value}/></rdf:Description>");
    }
    text.push_str("</rdf:RDF>\n");
    text
}
