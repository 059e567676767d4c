//! Prefixes that queries and updates need not declare.
//!
//! Those of the vocabularies that are used here everywhere; whoever declares one themselves means their own.

use std::sync::LazyLock;

use quid_core::vocabulary as v;
use spargebra::SparqlParser;

/// The prefixes and what they stand for.
pub const PREFIXES: &[(&str, &str)] = &[
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("dct", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("ontolex", "http://www.w3.org/ns/lemon/ontolex#"),
    ("wn", "https://globalwordnet.github.io/schemas/wn#"),
    ("wn30", v::WN30),
    ("thing", v::THING),
    ("verb", v::VERB),
    ("quid", v::NS),
];

/// A parser that knows them.
pub(crate) fn parser() -> SparqlParser {
    static KNOWING: LazyLock<SparqlParser> = LazyLock::new(|| {
        PREFIXES.iter().fold(SparqlParser::new(), |parser, (prefix, iri)| {
            parser.with_prefix(*prefix, *iri).expect("the prefixes above are IRIs, as a test sees")
        })
    });
    KNOWING.clone()
}
