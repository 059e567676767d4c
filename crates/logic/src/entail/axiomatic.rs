//! What RDF and RDF Schema hold of their own words, before anything is said (RDF 1.1 Semantics, sections 8 and 9).
//!
//! Of the endlessly many container membership properties only those in use are concluded about, by whatever
//! notices them.

use quid_core::oxrdf::{NamedNode, NamedNodeRef};

use super::names::{
    ALT, BAG, CLASS, COMMENT, CONTAINER, DATATYPE, DEFINED_BY, DOMAIN, FIRST, LABEL, LIST, LITERAL, MEMBER, MEMBERSHIP,
    NIL, NOTHING, OBJECT, OWL_CLASS, PREDICATE, PROPERTY, PROPOSITION, RANGE, REIFIES, RESOURCE, REST, SEE_ALSO, SEQ,
    STATEMENT, SUB_CLASS_OF, SUB_PROPERTY_OF, SUBJECT, THING, TYPE, VALUE,
};

type Axiom = (NamedNodeRef<'static>, NamedNodeRef<'static>, NamedNodeRef<'static>);

/// RDF's axiomatic triples.
pub(super) const RDF_AXIOMS: &[Axiom] = &[
    (TYPE, TYPE, PROPERTY),
    (SUBJECT, TYPE, PROPERTY),
    (PREDICATE, TYPE, PROPERTY),
    (OBJECT, TYPE, PROPERTY),
    (FIRST, TYPE, PROPERTY),
    (REST, TYPE, PROPERTY),
    (VALUE, TYPE, PROPERTY),
    (REIFIES, TYPE, PROPERTY),
    (NIL, TYPE, LIST),
];

/// RDF Schema's axiomatic triples.
pub(super) const RDFS_AXIOMS: &[Axiom] = &[
    (TYPE, DOMAIN, RESOURCE),
    (DOMAIN, DOMAIN, PROPERTY),
    (RANGE, DOMAIN, PROPERTY),
    (SUB_PROPERTY_OF, DOMAIN, PROPERTY),
    (SUB_CLASS_OF, DOMAIN, CLASS),
    (SUBJECT, DOMAIN, STATEMENT),
    (PREDICATE, DOMAIN, STATEMENT),
    (OBJECT, DOMAIN, STATEMENT),
    (MEMBER, DOMAIN, RESOURCE),
    (FIRST, DOMAIN, LIST),
    (REST, DOMAIN, LIST),
    (SEE_ALSO, DOMAIN, RESOURCE),
    (DEFINED_BY, DOMAIN, RESOURCE),
    (COMMENT, DOMAIN, RESOURCE),
    (LABEL, DOMAIN, RESOURCE),
    (VALUE, DOMAIN, RESOURCE),
    (REIFIES, DOMAIN, RESOURCE),
    (TYPE, RANGE, CLASS),
    (DOMAIN, RANGE, CLASS),
    (RANGE, RANGE, CLASS),
    (SUB_PROPERTY_OF, RANGE, PROPERTY),
    (SUB_CLASS_OF, RANGE, CLASS),
    (SUBJECT, RANGE, RESOURCE),
    (PREDICATE, RANGE, RESOURCE),
    (OBJECT, RANGE, RESOURCE),
    (MEMBER, RANGE, RESOURCE),
    (FIRST, RANGE, RESOURCE),
    (REST, RANGE, LIST),
    (SEE_ALSO, RANGE, RESOURCE),
    (DEFINED_BY, RANGE, RESOURCE),
    (COMMENT, RANGE, LITERAL),
    (LABEL, RANGE, LITERAL),
    (VALUE, RANGE, RESOURCE),
    (REIFIES, RANGE, PROPOSITION),
    (ALT, SUB_CLASS_OF, CONTAINER),
    (BAG, SUB_CLASS_OF, CONTAINER),
    (SEQ, SUB_CLASS_OF, CONTAINER),
    (MEMBERSHIP, SUB_CLASS_OF, PROPERTY),
    (DEFINED_BY, SUB_PROPERTY_OF, SEE_ALSO),
    (DATATYPE, SUB_CLASS_OF, CLASS),
];

/// cls-thing and cls-nothing1 (OWL 2 Profiles, table 6).
pub(super) const OWL_AXIOMS: &[Axiom] = &[(THING, TYPE, OWL_CLASS), (NOTHING, TYPE, OWL_CLASS)];

/// rdfs1: what is recognised is a datatype.
pub(super) fn recognised(datatypes: &[NamedNode]) -> impl Iterator<Item = (&NamedNode, NamedNodeRef<'static>)> {
    datatypes.iter().map(|datatype| (datatype, DATATYPE))
}
