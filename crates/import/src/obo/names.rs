//! What OBO's identifiers stand for as IRIs.

use std::collections::HashMap;
use std::path::Path;

use quid_core::oxrdf::NamedNode;
use quid_core::text::percent_encode;

use super::value::trimmed;
use super::{LONGEST, Relations, Wrong};
use crate::source::{Carriage, Input, Lines};

const OBO: &str = "http://purl.obolibrary.org/obo/";

/// Prefixes that are no OBO identifiers.
const SPACES: [(&str, &str); 7] = [
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("oboInOwl", "http://www.geneontology.org/formats/oboInOwl#"),
];

/// What names of a file stand for.
#[derive(Default)]
pub(super) struct Names {
    /// The ontology's own name ("doid").
    pub(super) ontology: String,
    spaces: HashMap<String, String>,
    /// The identifier that a relation's short name stands for ("part_of": "BFO:0000050").
    relations: Relations,
    /// Relations that say something about terms, not about the world.
    metadata: Vec<String>,
}

impl Names {
    /// Looks through a file for the relations it explains; what cannot be read again has none.
    pub(super) fn scan(path: &Path) -> Self {
        let mut names = Self::default();
        if path == Path::new("-") {
            return names;
        }
        let Ok(input) = Input::open(path) else { return names };
        let mut lines = Lines::new(input, LONGEST, Carriage::Allowed);
        let mut open = false;
        let mut id = String::new();
        while let Some(line) = lines.next() {
            let Ok(line) = line else { continue };
            if line.text.starts_with('[') {
                open = line.text.starts_with("[Typedef]");
                id.clear();
            } else if open && let Some((tag, text)) = line.text.split_once(':') {
                let text = trimmed(text);
                match tag.trim() {
                    "id" => text.clone_into(&mut id),
                    "is_metadata_tag" if text == "true" => names.metadata.push(id.clone()),
                    // Only the Relation Ontology and BFO name the relation itself; other references are about it.
                    "xref" if !id.contains(':') && ["RO:", "BFO:"].iter().any(|own| text.starts_with(own)) => {
                        let text = text.split_whitespace().next().unwrap_or(text).to_owned();
                        names.relations.entry(id.clone()).or_insert(text);
                    }
                    _ => {}
                }
            }
        }
        names
    }

    pub(super) fn add_space(&mut self, prefix: &str, space: &str) {
        self.spaces.insert(prefix.to_owned(), space.to_owned());
    }

    pub(super) fn is_metadata(&self, id: &str) -> bool {
        self.metadata.iter().any(|known| known == id)
    }

    pub(super) fn ontology_iri(&self) -> Result<NamedNode, Wrong> {
        let name = if self.ontology.is_empty() { "ontology" } else { &self.ontology };
        checked(format!("{OBO}{}.owl", encoded(name)))
    }

    /// The IRI of a relation: by what its short name stands for, else as any identifier.
    pub(super) fn relation(&self, name: &str) -> Result<NamedNode, Wrong> {
        self.iri(self.relations.get(name).map_or(name, String::as_str))
    }

    /// The IRI of an identifier: `DOID:162`, an IRI, or a name of this ontology alone.
    pub(super) fn iri(&self, id: &str) -> Result<NamedNode, Wrong> {
        let id = id.split_whitespace().next().ok_or(("no identifier", "an identifier like DOID:162"))?;
        let id = super::unescaped(id);
        if ["http://", "https://", "urn:", "ftp://"].iter().any(|scheme| id.starts_with(scheme)) {
            return checked(id);
        }
        match id.split_once(':') {
            None => self.local(&id),
            Some((prefix, local)) if !prefix.is_empty() => {
                let own = self.spaces.get(prefix).map(String::as_str);
                let known = SPACES.iter().find(|(known, _)| *known == prefix).map(|(_, space)| *space);
                match own.or(known) {
                    Some(space) => checked(format!("{space}{}", encoded(local))),
                    None => checked(format!("{OBO}{}_{}", encoded(prefix), encoded(local))),
                }
            }
            Some(_) => Err(("an identifier without a prefix before its colon", "an identifier like DOID:162")),
        }
    }

    /// A name that only this ontology knows.
    pub(super) fn local(&self, name: &str) -> Result<NamedNode, Wrong> {
        let ontology = if self.ontology.is_empty() { "ontology" } else { &self.ontology };
        checked(format!("{OBO}{}#{}", encoded(ontology), encoded(name)))
    }
}

/// A name within an IRI; a path keeps its slashes.
fn encoded(name: &str) -> String {
    name.split('/').map(percent_encode).collect::<Vec<_>>().join("/")
}

fn checked(iri: String) -> Result<NamedNode, Wrong> {
    NamedNode::new(iri).map_err(|_| ("an identifier that makes no IRI", "an identifier like DOID:162"))
}
