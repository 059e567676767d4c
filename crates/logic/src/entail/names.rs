//! The words of RDF, RDFS, OWL and XSD that entailment gives a meaning to.
//!
//! They stand here and not in `core`, because nobody but the rules of entailment has to know them.

use quid_core::oxrdf::NamedNodeRef;

/// The prefix of RDF's own terms.
pub(crate) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// The prefix of RDF Schema's terms.
pub(crate) const RDFS: &str = "http://www.w3.org/2000/01/rdf-schema#";
/// The prefix of OWL's terms.
pub(crate) const OWL: &str = "http://www.w3.org/2002/07/owl#";
/// The prefix of XML Schema's datatypes.
pub(crate) const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

macro_rules! names {
    ($($name:ident = $space:literal $local:literal;)*) => {
        $(pub(crate) const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(concat!($space, $local));)*
    };
}

names! {
    TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "type";
    FIRST = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "first";
    REST = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "rest";
    NIL = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "nil";
    VALUE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "value";
    LIST = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "List";
    BAG = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "Bag";
    SEQ = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "Seq";
    ALT = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "Alt";
    STATEMENT = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "Statement";
    SUBJECT = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "subject";
    PREDICATE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "predicate";
    OBJECT = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "object";
    REIFIES = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "reifies";
    PROPERTY = "http://www.w3.org/1999/02/22-rdf-syntax-ns#" "Property";
    RESOURCE = "http://www.w3.org/2000/01/rdf-schema#" "Resource";
    CLASS = "http://www.w3.org/2000/01/rdf-schema#" "Class";
    LITERAL = "http://www.w3.org/2000/01/rdf-schema#" "Literal";
    DATATYPE = "http://www.w3.org/2000/01/rdf-schema#" "Datatype";
    CONTAINER = "http://www.w3.org/2000/01/rdf-schema#" "Container";
    MEMBERSHIP = "http://www.w3.org/2000/01/rdf-schema#" "ContainerMembershipProperty";
    PROPOSITION = "http://www.w3.org/2000/01/rdf-schema#" "Proposition";
    MEMBER = "http://www.w3.org/2000/01/rdf-schema#" "member";
    SEE_ALSO = "http://www.w3.org/2000/01/rdf-schema#" "seeAlso";
    DEFINED_BY = "http://www.w3.org/2000/01/rdf-schema#" "isDefinedBy";
    COMMENT = "http://www.w3.org/2000/01/rdf-schema#" "comment";
    LABEL = "http://www.w3.org/2000/01/rdf-schema#" "label";
    SUB_CLASS_OF = "http://www.w3.org/2000/01/rdf-schema#" "subClassOf";
    SUB_PROPERTY_OF = "http://www.w3.org/2000/01/rdf-schema#" "subPropertyOf";
    DOMAIN = "http://www.w3.org/2000/01/rdf-schema#" "domain";
    RANGE = "http://www.w3.org/2000/01/rdf-schema#" "range";
    THING = "http://www.w3.org/2002/07/owl#" "Thing";
    NOTHING = "http://www.w3.org/2002/07/owl#" "Nothing";
    OWL_CLASS = "http://www.w3.org/2002/07/owl#" "Class";
    OBJECT_PROPERTY = "http://www.w3.org/2002/07/owl#" "ObjectProperty";
    DATATYPE_PROPERTY = "http://www.w3.org/2002/07/owl#" "DatatypeProperty";
    SAME_AS = "http://www.w3.org/2002/07/owl#" "sameAs";
    DIFFERENT_FROM = "http://www.w3.org/2002/07/owl#" "differentFrom";
    ALL_DIFFERENT = "http://www.w3.org/2002/07/owl#" "AllDifferent";
    MEMBERS = "http://www.w3.org/2002/07/owl#" "members";
    DISTINCT_MEMBERS = "http://www.w3.org/2002/07/owl#" "distinctMembers";
    EQUIVALENT_CLASS = "http://www.w3.org/2002/07/owl#" "equivalentClass";
    EQUIVALENT_PROPERTY = "http://www.w3.org/2002/07/owl#" "equivalentProperty";
    INVERSE_OF = "http://www.w3.org/2002/07/owl#" "inverseOf";
    CHAIN = "http://www.w3.org/2002/07/owl#" "propertyChainAxiom";
    HAS_KEY = "http://www.w3.org/2002/07/owl#" "hasKey";
    INTERSECTION_OF = "http://www.w3.org/2002/07/owl#" "intersectionOf";
    UNION_OF = "http://www.w3.org/2002/07/owl#" "unionOf";
    ONE_OF = "http://www.w3.org/2002/07/owl#" "oneOf";
    COMPLEMENT_OF = "http://www.w3.org/2002/07/owl#" "complementOf";
    DISJOINT_WITH = "http://www.w3.org/2002/07/owl#" "disjointWith";
    DISJOINT_UNION_OF = "http://www.w3.org/2002/07/owl#" "disjointUnionOf";
    PROPERTY_DISJOINT_WITH = "http://www.w3.org/2002/07/owl#" "propertyDisjointWith";
    ALL_DISJOINT_CLASSES = "http://www.w3.org/2002/07/owl#" "AllDisjointClasses";
    ALL_DISJOINT_PROPERTIES = "http://www.w3.org/2002/07/owl#" "AllDisjointProperties";
    ON_PROPERTY = "http://www.w3.org/2002/07/owl#" "onProperty";
    ON_CLASS = "http://www.w3.org/2002/07/owl#" "onClass";
    SOME_VALUES_FROM = "http://www.w3.org/2002/07/owl#" "someValuesFrom";
    ALL_VALUES_FROM = "http://www.w3.org/2002/07/owl#" "allValuesFrom";
    HAS_VALUE = "http://www.w3.org/2002/07/owl#" "hasValue";
    MAX_CARDINALITY = "http://www.w3.org/2002/07/owl#" "maxCardinality";
    MAX_QUALIFIED = "http://www.w3.org/2002/07/owl#" "maxQualifiedCardinality";
    FUNCTIONAL = "http://www.w3.org/2002/07/owl#" "FunctionalProperty";
    INVERSE_FUNCTIONAL = "http://www.w3.org/2002/07/owl#" "InverseFunctionalProperty";
    IRREFLEXIVE = "http://www.w3.org/2002/07/owl#" "IrreflexiveProperty";
    SYMMETRIC = "http://www.w3.org/2002/07/owl#" "SymmetricProperty";
    ASYMMETRIC = "http://www.w3.org/2002/07/owl#" "AsymmetricProperty";
    TRANSITIVE = "http://www.w3.org/2002/07/owl#" "TransitiveProperty";
    SOURCE_INDIVIDUAL = "http://www.w3.org/2002/07/owl#" "sourceIndividual";
    ASSERTION_PROPERTY = "http://www.w3.org/2002/07/owl#" "assertionProperty";
    TARGET_INDIVIDUAL = "http://www.w3.org/2002/07/owl#" "targetIndividual";
    TARGET_VALUE = "http://www.w3.org/2002/07/owl#" "targetValue";
}

/// The relations by which axioms are stated: a schema consists of these, of [`KINDS`] and of lists.
pub(crate) const AXIOMS: &[NamedNodeRef<'static>] = &[
    SUB_CLASS_OF,
    SUB_PROPERTY_OF,
    DOMAIN,
    RANGE,
    EQUIVALENT_CLASS,
    EQUIVALENT_PROPERTY,
    INVERSE_OF,
    CHAIN,
    HAS_KEY,
    INTERSECTION_OF,
    UNION_OF,
    ONE_OF,
    COMPLEMENT_OF,
    DISJOINT_WITH,
    DISJOINT_UNION_OF,
    PROPERTY_DISJOINT_WITH,
    MEMBERS,
    DISTINCT_MEMBERS,
    ON_PROPERTY,
    ON_CLASS,
    SOME_VALUES_FROM,
    ALL_VALUES_FROM,
    HAS_VALUE,
    MAX_CARDINALITY,
    MAX_QUALIFIED,
    SOURCE_INDIVIDUAL,
    ASSERTION_PROPERTY,
    TARGET_INDIVIDUAL,
    TARGET_VALUE,
];

/// The axioms whose object is a list.
pub(crate) const LISTED: &[NamedNodeRef<'static>] =
    &[CHAIN, HAS_KEY, INTERSECTION_OF, UNION_OF, ONE_OF, DISJOINT_UNION_OF, MEMBERS, DISTINCT_MEMBERS];

/// The classes whose membership is an axiom.
pub(crate) const KINDS: &[NamedNodeRef<'static>] = &[
    FUNCTIONAL,
    INVERSE_FUNCTIONAL,
    IRREFLEXIVE,
    SYMMETRIC,
    ASYMMETRIC,
    TRANSITIVE,
    ALL_DIFFERENT,
    ALL_DISJOINT_CLASSES,
    ALL_DISJOINT_PROPERTIES,
];

/// Whether an IRI is one of RDF's or RDF Schema's own.
pub(crate) fn is_rdfs(iri: &str) -> bool {
    iri.starts_with(RDF) || iri.starts_with(RDFS)
}

/// Whether an IRI is a container membership property, `rdf:_1`, `rdf:_2` …
pub(crate) fn is_membership(iri: &str) -> bool {
    iri.strip_prefix(RDF).and_then(|local| local.strip_prefix('_')).is_some_and(|number| {
        !number.starts_with('0') && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    })
}
