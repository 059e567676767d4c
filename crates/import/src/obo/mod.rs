//! Reads OBO 1.2 and 1.4 into RDF, as the OBO-in-OWL mapping says.
//!
//! Each line of a frame is one or more triples; a line that is wrong costs that line. Relations are called by short
//! names ("part_of") that the file itself explains further down, so it is looked through once for these first.
//!
//! | in the file | in the graph of the source |
//! |---|---|
//! | `[Term]`, `[Typedef]`, `[Instance]` | `owl:Class`, `owl:ObjectProperty`, `owl:NamedIndividual` |
//! | `id: DOID:162` | `http://purl.obolibrary.org/obo/DOID_162`, `oboInOwl:id` "DOID:162" |
//! | `name` | `rdfs:label` |
//! | `def: "…" [xrefs]` | `obo:IAO_0000115` "…"; the references as an `owl:Axiom` about it |
//! | `synonym: "…" EXACT [xrefs]` | `oboInOwl:hasExactSynonym` (Broad, Narrow, Related) |
//! | `is_a` | `rdfs:subClassOf`, `rdfs:subPropertyOf` |
//! | `relationship: part_of X` | `rdfs:subClassOf` a restriction: some values of part_of from X |
//! | `intersection_of`, `union_of`, `equivalent_to` | `owl:equivalentClass` |
//! | `disjoint_from` | `owl:disjointWith` |
//! | `xref`, `alt_id`, `subset`, `namespace`, `comment` | `oboInOwl:hasDbXref`, `hasAlternativeId`, `inSubset`, `hasOBONamespace`, `rdfs:comment` |
//! | `is_obsolete`, `replaced_by`, `consider` | `owl:deprecated`, `obo:IAO_0100001`, `oboInOwl:consider` |
//! | `property_value` | the property so named |
//!
//! Sources: <https://owlcollab.github.io/oboformat/doc/obo-syntax.html>, OBO Flat File Format 1.4.

use std::collections::{HashMap, VecDeque};

use quid_core::oxrdf::vocab::{rdf, xsd};
use quid_core::oxrdf::{BlankNode, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term};
use quid_core::vocabulary as v;
use sha2::{Digest as _, Sha256};

use crate::Problem;
use crate::source::{Carriage, Input, Lines, graph_of, hexadecimal};

mod names;
mod value;

use names::Names;
use value::{Quoted, quoted, trimmed, unescaped};

/// The longest line that is read, in bytes.
const LONGEST: usize = 4 << 20;

macro_rules! terms {
    ($($name:ident = $iri:literal;)*) => { $(const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked($iri);)* };
}

terms! {
    CLASS = "http://www.w3.org/2002/07/owl#Class";
    OBJECT_PROPERTY = "http://www.w3.org/2002/07/owl#ObjectProperty";
    ANNOTATION_PROPERTY = "http://www.w3.org/2002/07/owl#AnnotationProperty";
    INDIVIDUAL = "http://www.w3.org/2002/07/owl#NamedIndividual";
    ONTOLOGY = "http://www.w3.org/2002/07/owl#Ontology";
    VERSION = "http://www.w3.org/2002/07/owl#versionInfo";
    IMPORTS = "http://www.w3.org/2002/07/owl#imports";
    AXIOM = "http://www.w3.org/2002/07/owl#Axiom";
    SOURCE = "http://www.w3.org/2002/07/owl#annotatedSource";
    PROPERTY = "http://www.w3.org/2002/07/owl#annotatedProperty";
    TARGET = "http://www.w3.org/2002/07/owl#annotatedTarget";
    RESTRICTION = "http://www.w3.org/2002/07/owl#Restriction";
    ON_PROPERTY = "http://www.w3.org/2002/07/owl#onProperty";
    SOME_VALUES = "http://www.w3.org/2002/07/owl#someValuesFrom";
    EQUIVALENT_CLASS = "http://www.w3.org/2002/07/owl#equivalentClass";
    EQUIVALENT_PROPERTY = "http://www.w3.org/2002/07/owl#equivalentProperty";
    INTERSECTION = "http://www.w3.org/2002/07/owl#intersectionOf";
    UNION = "http://www.w3.org/2002/07/owl#unionOf";
    DEPRECATED = "http://www.w3.org/2002/07/owl#deprecated";
    INVERSE = "http://www.w3.org/2002/07/owl#inverseOf";
    CHAIN = "http://www.w3.org/2002/07/owl#propertyChainAxiom";
    DISJOINT_PROPERTY = "http://www.w3.org/2002/07/owl#propertyDisjointWith";
    SUB_PROPERTY = "http://www.w3.org/2000/01/rdf-schema#subPropertyOf";
    DOMAIN = "http://www.w3.org/2000/01/rdf-schema#domain";
    RANGE = "http://www.w3.org/2000/01/rdf-schema#range";
    COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment";
    DEFINITION = "http://purl.obolibrary.org/obo/IAO_0000115";
    REPLACED_BY = "http://purl.obolibrary.org/obo/IAO_0100001";
}

const OWL: &str = "http://www.w3.org/2002/07/owl#";
const OBO_IN_OWL: &str = "http://www.geneontology.org/formats/oboInOwl#";

/// Tags whose text becomes a property of oboInOwl as it stands.
const PLAIN: [(&str, &str); 13] = [
    ("namespace", "hasOBONamespace"),
    ("alt_id", "hasAlternativeId"),
    ("xref", "hasDbXref"),
    ("xref_analog", "hasDbXref"),
    ("xref_unknown", "hasDbXref"),
    ("created_by", "created_by"),
    ("creation_date", "creation_date"),
    ("default-namespace", "hasDefaultNamespace"),
    ("date", "date"),
    ("saved-by", "savedBy"),
    ("auto-generated-by", "auto-generated-by"),
    ("format-version", "hasOBOFormatVersion"),
    ("default-relationship-id-prefix", "default-relationship-id-prefix"),
];

/// Tags that are true or absent, and what they make of a property.
const KINDS: [(&str, &str); 7] = [
    ("is_transitive", "TransitiveProperty"),
    ("is_symmetric", "SymmetricProperty"),
    ("is_asymmetric", "AsymmetricProperty"),
    ("is_anti_symmetric", "AsymmetricProperty"),
    ("is_reflexive", "ReflexiveProperty"),
    ("is_functional", "FunctionalProperty"),
    ("is_inverse_functional", "InverseFunctionalProperty"),
];

/// Tags that say something about the file to programs, and nothing about the world.
const UNHEARD: [&str; 10] = [
    "builtin",
    "is_anonymous",
    "is_class_level",
    "is_metadata_tag",
    "expand_expression_to",
    "expand_assertion_to",
    "owl-axioms",
    "is_cyclic",
    "holds_over_chain_distinct",
    "ontology-version",
];

/// What kind of frame is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Header,
    Term,
    Typedef,
    Instance,
    /// One that is not known: its lines are stepped over.
    Other,
}

/// An OBO file being read.
pub struct Obo {
    lines: Lines,
    graph: NamedNode,
    names: Names,
    frame: Frame,
    subject: Option<NamedNode>,
    /// The lines of an intersection or a union, until the frame ends.
    intersection: Vec<Term>,
    union: Vec<Term>,
    blanks: u64,
    prefix: String,
    ready: VecDeque<Result<Quad, Problem>>,
    ended: bool,
}

/// Why a line could not be read.
type Wrong = (&'static str, &'static str);

impl Obo {
    /// Reads an input into the source so named.
    #[must_use]
    pub fn of(input: Input, source: &str) -> Self {
        let names = Names::scan(input.path());
        let hash = Sha256::digest(source.as_bytes());
        let prefix = hexadecimal(hash.get(..6).unwrap_or_default());
        Self {
            lines: Lines::new(input, LONGEST, Carriage::Allowed),
            graph: graph_of(source),
            names,
            frame: Frame::Header,
            subject: None,
            intersection: Vec::new(),
            union: Vec::new(),
            blanks: 0,
            prefix,
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// The next quad or problem.
    #[expect(clippy::should_implement_trait, reason = "it is a source's reader, asked by one caller")]
    pub fn next(&mut self) -> Option<Result<Quad, Problem>> {
        while self.ready.is_empty() && !self.ended {
            let line = match self.lines.next() {
                None => {
                    self.ended = true;
                    self.close();
                    break;
                }
                Some(Err(problem)) => {
                    self.ready.push_back(Err(problem));
                    continue;
                }
                Some(Ok(line)) => line.text.trim().to_owned(),
            };
            if let Err((message, expected)) = self.line(&line) {
                let problem = self.lines.problem(1, message, expected);
                self.ready.push_back(Err(problem));
            }
        }
        self.ready.pop_front()
    }

    fn line(&mut self, line: &str) -> Result<(), Wrong> {
        if line.is_empty() || line.starts_with('!') {
            return Ok(());
        }
        if let Some(frame) = line.strip_prefix('[') {
            self.close();
            self.subject = None;
            self.frame = match frame.trim_end_matches(']') {
                "Term" => Frame::Term,
                "Typedef" => Frame::Typedef,
                "Instance" => Frame::Instance,
                _ => Frame::Other,
            };
            return Ok(());
        }
        let (tag, text) = line.split_once(':').ok_or(("no tag in this line", "tag: value"))?;
        let (tag, text) = (tag.trim(), text.trim());
        match self.frame {
            Frame::Other => Ok(()),
            Frame::Header => self.header(tag, text),
            Frame::Term | Frame::Typedef | Frame::Instance => self.tag(tag, text),
        }
    }

    fn header(&mut self, tag: &str, text: &str) -> Result<(), Wrong> {
        match tag {
            "ontology" => {
                trimmed(text).clone_into(&mut self.names.ontology);
                let node = self.ontology()?;
                self.add(node, v::TYPE, ONTOLOGY.into_owned());
            }
            "idspace" => {
                let mut parts = text.split_whitespace();
                if let (Some(prefix), Some(space)) = (parts.next(), parts.next()) {
                    self.names.add_space(prefix, &unescaped(space));
                }
            }
            "data-version" => {
                let node = self.ontology()?;
                self.add(node, VERSION, Literal::new_simple_literal(unescaped(trimmed(text))));
            }
            "remark" => {
                let node = self.ontology()?;
                self.add(node, COMMENT, Literal::new_simple_literal(unescaped(text)));
            }
            "import" => {
                let node = self.ontology()?;
                let target = NamedNode::new(trimmed(text)).map_err(|_| ("no IRI", "import: IRI"))?;
                self.add(node, IMPORTS, target);
            }
            "subsetdef" | "synonymtypedef" => {
                let name = text.split_whitespace().next().ok_or(("no name", "NAME \"description\""))?;
                let node = self.names.local(name)?;
                let class = if tag == "subsetdef" { "SubsetProperty" } else { "SynonymTypeProperty" };
                let above = NamedNode::new_unchecked(format!("{OBO_IN_OWL}{class}"));
                if let Ok(Quoted { text, .. }) = quoted(text.get(name.len()..).unwrap_or_default()) {
                    self.add(node.clone(), v::LABEL, Literal::new_simple_literal(text));
                }
                self.add(node, SUB_PROPERTY, above);
            }
            "property_value" => {
                let node = self.ontology()?;
                self.property_value(node, text)?;
            }
            _ => {
                if let Some((_, property)) = PLAIN.iter().find(|(known, _)| *known == tag) {
                    let node = self.ontology()?;
                    self.plain(node, property, text);
                }
            }
        }
        Ok(())
    }

    fn ontology(&self) -> Result<NamedNode, Wrong> {
        self.names.ontology_iri()
    }

    fn tag(&mut self, tag: &str, text: &str) -> Result<(), Wrong> {
        if tag == "id" {
            return self.open(trimmed(text));
        }
        let subject =
            self.subject.clone().ok_or(("a line before the frame's id, or of a frame without one", "id: …"))?;
        if let Some((_, property)) = PLAIN.iter().find(|(known, _)| *known == tag) {
            self.plain(subject, property, text);
            return Ok(());
        }
        if let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == tag) {
            if trimmed(text) == "true" {
                self.add(subject, v::TYPE, NamedNode::new_unchecked(format!("{OWL}{kind}")));
            }
            return Ok(());
        }
        match tag {
            "name" => self.add(subject, v::LABEL, Literal::new_simple_literal(unescaped(trimmed(text)))),
            "comment" => self.add(subject, COMMENT, Literal::new_simple_literal(unescaped(trimmed(text)))),
            "def" => self.annotated(&subject, DEFINITION.into_owned(), &quoted(text)?),
            "synonym" => self.synonym(&subject, text, None)?,
            "exact_synonym" => self.synonym(&subject, text, Some("EXACT"))?,
            "narrow_synonym" => self.synonym(&subject, text, Some("NARROW"))?,
            "broad_synonym" => self.synonym(&subject, text, Some("BROAD"))?,
            "related_synonym" => self.synonym(&subject, text, Some("RELATED"))?,
            "subset" => {
                let subset = self.names.local(trimmed(text))?;
                self.add(subject, NamedNode::new_unchecked(format!("{OBO_IN_OWL}inSubset")).as_ref(), subset);
            }
            "is_a" => {
                let above = self.names.iri(trimmed(text))?;
                let relation = if self.frame == Frame::Typedef { SUB_PROPERTY } else { v::SUB_CLASS_OF };
                self.add(subject, relation, above);
            }
            "instance_of" => {
                let class = self.names.iri(trimmed(text))?;
                self.add(subject, v::TYPE, class);
            }
            "relationship" => self.relationship(subject, trimmed(text))?,
            "intersection_of" => {
                let part = self.part(trimmed(text))?;
                self.intersection.push(part);
            }
            "union_of" => {
                let part = self.names.iri(trimmed(text))?.into();
                self.union.push(part);
            }
            "equivalent_to" => {
                let other = self.names.iri(trimmed(text))?;
                let relation = if self.frame == Frame::Typedef { EQUIVALENT_PROPERTY } else { EQUIVALENT_CLASS };
                self.add(subject, relation, other);
            }
            "disjoint_from" => {
                let other = self.names.iri(trimmed(text))?;
                let relation = if self.frame == Frame::Typedef { DISJOINT_PROPERTY } else { v::DISJOINT_WITH };
                self.add(subject, relation, other);
            }
            "is_obsolete" => {
                if trimmed(text) == "true" {
                    self.add(subject, DEPRECATED, Literal::from(true));
                }
            }
            "replaced_by" | "use_term" => {
                let other = self.names.iri(trimmed(text))?;
                self.add(subject, REPLACED_BY, other);
            }
            "consider" => {
                let other = self.names.iri(trimmed(text))?;
                self.add(subject, NamedNode::new_unchecked(format!("{OBO_IN_OWL}consider")).as_ref(), other);
            }
            "property_value" => self.property_value(subject, text)?,
            "domain" | "range" => {
                let class = self.names.iri(trimmed(text))?;
                self.add(subject, if tag == "domain" { DOMAIN } else { RANGE }, class);
            }
            "inverse_of" => {
                let other = self.names.relation(trimmed(text))?;
                self.add(subject, INVERSE, other);
            }
            "transitive_over" | "holds_over_chain" | "equivalent_to_chain" => {
                let mut chain: Vec<Term> = Vec::new();
                if tag == "transitive_over" {
                    chain.push(subject.clone().into());
                }
                for name in trimmed(text).split_whitespace() {
                    chain.push(self.names.relation(name)?.into());
                }
                let list = self.list(chain);
                self.add(subject, CHAIN, list);
            }
            _ if UNHEARD.contains(&tag) => {}
            _ => return Err(("a tag that OBO 1.4 does not have", "one of its tags, as id, name, def, synonym, is_a")),
        }
        Ok(())
    }

    fn open(&mut self, id: &str) -> Result<(), Wrong> {
        let (node, class) = match self.frame {
            Frame::Typedef => (self.names.relation(id)?, OBJECT_PROPERTY),
            Frame::Instance => (self.names.iri(id)?, INDIVIDUAL),
            _ => (self.names.iri(id)?, CLASS),
        };
        let class = if self.names.is_metadata(id) { ANNOTATION_PROPERTY } else { class };
        self.add(node.clone(), v::TYPE, class.into_owned());
        self.plain(node.clone(), "id", id);
        if self.frame == Frame::Typedef {
            self.plain(node.clone(), "shorthand", id);
        }
        self.subject = Some(node);
        Ok(())
    }

    /// Ends a frame: what was gathered over several lines is said.
    fn close(&mut self) {
        for (parts, relation) in
            [(std::mem::take(&mut self.intersection), INTERSECTION), (std::mem::take(&mut self.union), UNION)]
        {
            let Some(subject) = self.subject.clone().filter(|_| !parts.is_empty()) else { continue };
            let (class, list) = (self.blank(), self.list(parts));
            self.add(class.clone(), v::TYPE, CLASS.into_owned());
            self.add(class.clone(), relation, list);
            self.add(subject, EQUIVALENT_CLASS, class);
        }
    }

    fn plain(&mut self, subject: NamedNode, property: &str, text: &str) {
        // "xref: X:1 "a description"": the description is about the reference, not about the term.
        let text = trimmed(text);
        let text = if property == "hasDbXref" { text.split(" \"").next().unwrap_or(text) } else { text };
        let property = NamedNode::new_unchecked(format!("{OBO_IN_OWL}{property}"));
        self.add(subject, property.as_ref(), Literal::new_simple_literal(unescaped(text.trim())));
    }

    fn synonym(&mut self, subject: &NamedNode, text: &str, scope: Option<&str>) -> Result<(), Wrong> {
        let synonym = quoted(text)?;
        let scope = scope.unwrap_or_else(|| synonym.words.first().map_or("RELATED", String::as_str));
        let property = match scope {
            "EXACT" => "hasExactSynonym",
            "BROAD" => "hasBroadSynonym",
            "NARROW" => "hasNarrowSynonym",
            "RELATED" => "hasRelatedSynonym",
            _ => return Err(("a synonym of a kind that is not known", "EXACT, BROAD, NARROW or RELATED")),
        };
        self.annotated(subject, NamedNode::new_unchecked(format!("{OBO_IN_OWL}{property}")), &synonym);
        Ok(())
    }

    /// A text, and the references that stand behind it as an axiom about the statement.
    fn annotated(&mut self, subject: &NamedNode, property: NamedNode, quoted: &Quoted) {
        let text = Literal::new_simple_literal(&quoted.text);
        self.add(subject.clone(), property.as_ref(), text.clone());
        if quoted.references.is_empty() {
            return;
        }
        let axiom = self.blank();
        self.add(axiom.clone(), v::TYPE, AXIOM.into_owned());
        self.add(axiom.clone(), SOURCE, subject.clone());
        self.add(axiom.clone(), PROPERTY, property);
        self.add(axiom.clone(), TARGET, text);
        let reference = NamedNode::new_unchecked(format!("{OBO_IN_OWL}hasDbXref"));
        for text in &quoted.references {
            self.add(axiom.clone(), reference.as_ref(), Literal::new_simple_literal(text));
        }
    }

    fn relationship(&mut self, subject: NamedNode, text: &str) -> Result<(), Wrong> {
        if self.frame == Frame::Term {
            let restriction = self.restriction(text)?;
            self.add(subject, v::SUB_CLASS_OF, restriction);
            return Ok(());
        }
        let (name, target) = two(text)?;
        let (relation, target) = (self.names.relation(name)?, self.names.iri(target)?);
        self.add(subject, relation.as_ref(), target);
        Ok(())
    }

    /// A part of an intersection: a class, or a relation to one.
    fn part(&mut self, text: &str) -> Result<Term, Wrong> {
        if text.split_whitespace().count() > 1 {
            return self.restriction(text).map(Term::from);
        }
        self.names.iri(text).map(Term::from)
    }

    /// "part_of X": whatever has part_of to some X.
    fn restriction(&mut self, text: &str) -> Result<BlankNode, Wrong> {
        let (name, target) = two(text)?;
        let (relation, target) = (self.names.relation(name)?, self.names.iri(target)?);
        let node = self.blank();
        self.add(node.clone(), v::TYPE, RESTRICTION.into_owned());
        self.add(node.clone(), ON_PROPERTY, relation);
        self.add(node.clone(), SOME_VALUES, target);
        Ok(node)
    }

    /// `property_value: name "text" xsd:string` or `property_value: name X:1`
    fn property_value(&mut self, subject: NamedNode, text: &str) -> Result<(), Wrong> {
        let (name, rest) = text.split_once(char::is_whitespace).ok_or(("a property without a value", "NAME VALUE"))?;
        let property = self.names.relation(name)?;
        let rest = rest.trim();
        let object: Term = if rest.starts_with('"') {
            let value = quoted(rest)?;
            let datatype = value.words.first().and_then(|name| name.strip_prefix("xsd:"));
            match datatype.filter(|name| *name != "string" && name.chars().all(char::is_alphanumeric)) {
                Some(name) => {
                    let namespace = xsd::STRING.as_str().trim_end_matches("string");
                    Literal::new_typed_literal(&value.text, NamedNode::new_unchecked(format!("{namespace}{name}")))
                        .into()
                }
                None => Literal::new_simple_literal(&value.text).into(),
            }
        } else {
            self.names.iri(trimmed(rest))?.into()
        };
        self.add(subject, property.as_ref(), object);
        Ok(())
    }

    fn list(&mut self, items: Vec<Term>) -> Term {
        let mut rest: Term = rdf::NIL.into_owned().into();
        for item in items.into_iter().rev() {
            let node = self.blank();
            self.add(node.clone(), rdf::FIRST, item);
            self.add(node.clone(), rdf::REST, rest);
            rest = node.into();
        }
        rest
    }

    fn blank(&mut self) -> BlankNode {
        self.blanks += 1;
        BlankNode::new_unchecked(format!("b{}o{}", self.prefix, self.blanks))
    }

    fn add(&mut self, subject: impl Into<NamedOrBlankNode>, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.ready.push_back(Ok(Quad::new(subject, predicate.into_owned(), object, self.graph.clone())));
    }
}

/// A relation's name and what it leads to.
fn two(text: &str) -> Result<(&str, &str), Wrong> {
    let mut words = text.split_whitespace();
    match (words.next(), words.next()) {
        (Some(name), Some(target)) => Ok((name, target)),
        _ => Err(("a relation that leads nowhere", "RELATION ID")),
    }
}

/// The short names of a file's relations: what each stands for.
type Relations = HashMap<String, String>;
