//! The IRIs the project speaks, each once.
//!
//! Standard vocabularies first (RDF, RDFS, OWL, SKOS, PROV-O, OntoLex-Lemon, the Global WordNet schema); an own
//! term only where they have none. `ontologies/quid.ttl` documents the own ones.

use oxrdf::NamedNodeRef;

/// The prefix of things named in chat.
pub const THING: &str = "urn:quid:thing:";
/// The prefix of statement graphs.
pub const SAID: &str = "urn:quid:said:";
/// The prefix of dump graphs.
pub const DUMP: &str = "urn:quid:dump:";
/// The prefix of rules taught in chat.
pub const RULE: &str = "urn:quid:rule:";
/// The prefix of relations minted from verbs ("likes" -> `urn:quid:verb:likes`).
pub const VERB: &str = "urn:quid:verb:";
/// The prefix of people and accounts as PROV agents.
pub const AGENT: &str = "urn:quid:agent:";
/// The prefix of journal events as PROV activities (`urn:quid:event:17`).
pub const EVENT: &str = "urn:quid:event:";
/// The prefix of programs' atoms that are no folded name (`'New York'`).
pub const ATOM: &str = "urn:quid:atom:";
/// The prefix of programs' relations (`state(…)` -> `urn:quid:relation:state`).
pub const RELATION: &str = "urn:quid:relation:";
/// The prefix of the nodes of facts that are stored in columns.
pub const FACT: &str = "urn:quid:fact:";
/// The prefix of computed relations (`urn:quid:builtin:less`).
pub const BUILTIN: &str = "urn:quid:builtin:";
/// Our own terms.
pub const NS: &str = "urn:quid:ns:";

macro_rules! terms {
    ($($(#[$doc:meta])* $name:ident = $iri:literal;)*) => {
        $($(#[$doc])* pub const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked($iri);)*
        /// Every term above with its name, for documentation and tests.
        pub const ALL: &[(&str, NamedNodeRef<'static>)] = &[$((stringify!($name), $name)),*];
    };
}

terms! {
    /// The name of a thing that has no other than the end of its IRI; in the text index alone.
    LOCAL_NAME = "urn:quid:ns:localName";
    /// `rdf:type`
    TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
    /// `rdfs:label`
    LABEL = "http://www.w3.org/2000/01/rdf-schema#label";
    /// `rdfs:subClassOf`
    SUB_CLASS_OF = "http://www.w3.org/2000/01/rdf-schema#subClassOf";
    /// `owl:disjointWith`
    DISJOINT_WITH = "http://www.w3.org/2002/07/owl#disjointWith";
    /// `rdfs:subPropertyOf`
    SUB_PROPERTY_OF = "http://www.w3.org/2000/01/rdf-schema#subPropertyOf";
    /// `rdfs:domain`
    DOMAIN = "http://www.w3.org/2000/01/rdf-schema#domain";
    /// `rdfs:range`
    RANGE = "http://www.w3.org/2000/01/rdf-schema#range";
    /// `owl:SymmetricProperty`
    SYMMETRIC = "http://www.w3.org/2002/07/owl#SymmetricProperty";
    /// `owl:TransitiveProperty`
    TRANSITIVE = "http://www.w3.org/2002/07/owl#TransitiveProperty";
    /// `owl:inverseOf`
    INVERSE_OF = "http://www.w3.org/2002/07/owl#inverseOf";
    /// `owl:sameAs`
    SAME_AS = "http://www.w3.org/2002/07/owl#sameAs";
    /// `skos:altLabel`
    ALT_LABEL = "http://www.w3.org/2004/02/skos/core#altLabel";
    /// `prov:wasAttributedTo`
    ATTRIBUTED_TO = "http://www.w3.org/ns/prov#wasAttributedTo";
    /// `prov:generatedAtTime`
    GENERATED_AT = "http://www.w3.org/ns/prov#generatedAtTime";
    /// `prov:invalidatedAtTime`
    INVALIDATED_AT = "http://www.w3.org/ns/prov#invalidatedAtTime";
    /// `prov:wasRevisionOf`
    REVISION_OF = "http://www.w3.org/ns/prov#wasRevisionOf";
    /// `prov:value`, here the line word for word
    PROV_VALUE = "http://www.w3.org/ns/prov#value";
    /// `prov:atLocation`
    AT_LOCATION = "http://www.w3.org/ns/prov#atLocation";
    /// A factoid's verbatim value with the verb "is".
    IS = "urn:quid:ns:is";
    /// A factoid's verbatim value with the verb "are".
    ARE = "urn:quid:ns:are";
    /// A verbatim value that is denied ("foo is not bar").
    IS_NOT = "urn:quid:ns:isNot";
    /// An understood denial: the subject is not (a) the object.
    NOT_A = "urn:quid:ns:notA";
    /// Derived by rules: what is said of the subject cannot be together with what is said of the object, or with
    /// being one of it.
    CONTRADICTION = "urn:quid:ns:contradiction";
    /// An understood property: the subject is as the object, an adjective, says ("cold").
    HAS_PROPERTY = "urn:quid:ns:hasProperty";
    /// How a thing is spoken of ("the cow", "Bob"), so that it is told as it was taught.
    SPOKEN = "urn:quid:ns:spoken";
    /// A taught rule's clauses, as Prolog text.
    CLAUSE = "urn:quid:ns:clause";
    /// A taught rule in the one wording that has no other reading.
    SAYS = "urn:quid:ns:says";
    /// What a taught rule speaks of: classes, properties, named things.
    MENTIONS = "urn:quid:ns:mentions";
    /// A word that a taught rule uses as a property.
    AS_PROPERTY = "urn:quid:ns:asProperty";
    /// Derived by rules: the subject is the object or one of its kind ("owns a dog").
    SOME = "urn:quid:ns:some";
    /// Derived by rules: the subject is (a kind of) the object.
    IS_A = "urn:quid:ns:isA";
    /// Derived by rules: a word means a sense or a thing.
    MEANS = "urn:quid:ns:means";
    /// Derived by rules: the object is a part of the subject.
    HAS_PART = "urn:quid:ns:hasPart";
    /// The event is about this thing.
    ABOUT = "urn:quid:ns:about";
    /// State: nobody but operators may change this thing.
    LOCKED_BY = "urn:quid:ns:lockedBy";
    /// State: a thing's karma.
    KARMA = "urn:quid:ns:karma";
    /// State: a setting's value.
    VALUE = "urn:quid:ns:value";
    /// State: this account is ignored.
    IGNORED = "urn:quid:ns:ignored";
    /// Observed: how often a thing was asked for.
    ASKED = "urn:quid:ns:asked";
    /// Observed: who asked last.
    ASKED_BY = "urn:quid:ns:askedBy";
    /// Observed: when and where somebody spoke last.
    SEEN = "urn:quid:ns:seen";
    /// A word in its other form, folded (built in; `same_word` and `form_of` are checked, not stored).
    FORM_OF = "urn:quid:ns:formOf";
    /// A loaded program's directives and rules, as Prolog text.
    PROGRAM = "urn:quid:ns:program";
    /// Datatype of a list, its text as Prolog writes it.
    LIST = "urn:quid:ns:list";
    /// Datatype of a compound term without variables, its text as Prolog writes it.
    COMPOUND = "urn:quid:ns:compound";
    /// `rdf:reifies` (RDF 1.2): from a reifier to the triple it tells about
    REIFIES = "http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies";
    /// `rdf:JSON`
    JSON = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON";
    /// `dcterms:license`: on a graph, for all that stands in it; on a reifier, for that one assertion
    LICENSE = "http://purl.org/dc/terms/license";
    /// `prov:wasDerivedFrom`: from a reifier to the list of sources of that assertion
    DERIVED_FROM = "http://www.w3.org/ns/prov#wasDerivedFrom";
    /// How much an assertion weighs: on a graph, for all that stands in it; on a reifier, for that one
    WEIGHT = "urn:quid:ns:weight";
    /// A graph or a list of sources, to the sources as ConceptNet writes them (JSON)
    SOURCES = "urn:quid:ns:sources";
    /// A graph to ConceptNet's dataset
    DATASET = "urn:quid:ns:dataset";
    /// A reifier to the sentence an assertion was read from, its two ends between double brackets
    SURFACE_TEXT = "urn:quid:ns:surfaceText";
    /// A reifier to the start of an assertion as it was written, where the sentence does not say which it is
    SURFACE_START = "urn:quid:ns:surfaceStart";
    /// The same for the end
    SURFACE_END = "urn:quid:ns:surfaceEnd";
    /// A reifier to an assertion's URI, where that does not follow from its triple
    EDGE_URI = "urn:quid:ns:edgeUri";
    /// A reifier to an assertion's whole description (JSON), where it says more than the other terms can
    EDGE_JSON = "urn:quid:ns:edgeJson";
    /// A reifier to the start and end as addresses, where these are no IRIs as they stand
    EDGE_ENDS = "urn:quid:ns:edgeEnds";
    /// The datatype of text that is not to be found by its words
    CODE = "urn:quid:ns:code";
    /// A language model's memory: a thing to its type, as it was written
    ENTITY_TYPE = "urn:quid:ns:entityType";
    /// The same: a thing to something observed of it, as it was written
    OBSERVATION = "urn:quid:ns:observation";
    /// The same: a thing to how it stands to another one, as it was written
    RELATION_TYPE = "urn:quid:ns:relationType";
    /// A thing to its name as a program writes it ("John_Smith")
    SPELLED = "urn:quid:ns:spelled";
    /// The graph of locks, karma, settings: journalled, undoable.
    STATE_GRAPH = "urn:quid:graph:state";
    /// The graph of PROV descriptions of events and statements: derived from the journal.
    PROVENANCE_GRAPH = "urn:quid:graph:provenance";
    /// The graph of counts and last-seen times: kept, but not journalled.
    OBSERVED_GRAPH = "urn:quid:graph:observed";
    /// The graph of the store's own book-keeping (how far the journal is applied, what is loaded).
    KEEPING_GRAPH = "urn:quid:graph:keeping";
    /// `ontolex:LexicalEntry`
    LEXICAL_ENTRY = "http://www.w3.org/ns/lemon/ontolex#LexicalEntry";
    /// `ontolex:LexicalSense`
    LEXICAL_SENSE = "http://www.w3.org/ns/lemon/ontolex#LexicalSense";
    /// `ontolex:LexicalConcept`
    LEXICAL_CONCEPT = "http://www.w3.org/ns/lemon/ontolex#LexicalConcept";
    /// `ontolex:canonicalForm`: entry to form
    CANONICAL_FORM = "http://www.w3.org/ns/lemon/ontolex#canonicalForm";
    /// `ontolex:otherForm`: entry to inflected form
    OTHER_FORM = "http://www.w3.org/ns/lemon/ontolex#otherForm";
    /// `ontolex:writtenRep`: form to its spelling
    WRITTEN_REP = "http://www.w3.org/ns/lemon/ontolex#writtenRep";
    /// `ontolex:sense`: entry to sense
    SENSE = "http://www.w3.org/ns/lemon/ontolex#sense";
    /// `ontolex:isLexicalizedSenseOf`: sense to synset
    LEXICALIZED_SENSE_OF = "http://www.w3.org/ns/lemon/ontolex#isLexicalizedSenseOf";
    /// `wn:partOfSpeech` (Global WordNet schema)
    PART_OF_SPEECH = "https://globalwordnet.github.io/schemas/wn#partOfSpeech";
    /// `wn:definition`: a synset's gloss without its examples (a plain literal here, not a node)
    DEFINITION = "https://globalwordnet.github.io/schemas/wn#definition";
    /// `wn:example`
    EXAMPLE = "https://globalwordnet.github.io/schemas/wn#example";
    /// `wn:lexfile`: the lexicographer file ("noun.animal")
    LEXFILE = "https://globalwordnet.github.io/schemas/wn#lexfile";
    /// The number of a sense in its entry, from 1, most frequent first
    SENSE_NUMBER = "urn:quid:ns:senseNumber";
    /// How often a sense was tagged in the semantic concordances
    TAG_COUNT = "urn:quid:ns:tagCount";
    /// `dcterms:identifier`: the Princeton sense key
    IDENTIFIER = "http://purl.org/dc/terms/identifier";
    /// A verb frame's sentence on a sense ("Somebody ----s something")
    FRAME = "urn:quid:ns:frame";
    /// `wn:hypernym`
    HYPERNYM = "https://globalwordnet.github.io/schemas/wn#hypernym";
    /// `wn:instance_hypernym`
    INSTANCE_HYPERNYM = "https://globalwordnet.github.io/schemas/wn#instance_hypernym";
    /// `wn:hyponym`
    HYPONYM = "https://globalwordnet.github.io/schemas/wn#hyponym";
    /// `wn:instance_hyponym`
    INSTANCE_HYPONYM = "https://globalwordnet.github.io/schemas/wn#instance_hyponym";
    /// `wn:mero_part`: whole to part
    MERO_PART = "https://globalwordnet.github.io/schemas/wn#mero_part";
    /// `wn:mero_member`: group to member
    MERO_MEMBER = "https://globalwordnet.github.io/schemas/wn#mero_member";
    /// `wn:mero_substance`: thing to what it is made of
    MERO_SUBSTANCE = "https://globalwordnet.github.io/schemas/wn#mero_substance";
    /// `wn:holo_part`: part to whole
    HOLO_PART = "https://globalwordnet.github.io/schemas/wn#holo_part";
    /// `wn:holo_member`
    HOLO_MEMBER = "https://globalwordnet.github.io/schemas/wn#holo_member";
    /// `wn:holo_substance`
    HOLO_SUBSTANCE = "https://globalwordnet.github.io/schemas/wn#holo_substance";
    /// `wn:antonym`: sense to sense
    ANTONYM = "https://globalwordnet.github.io/schemas/wn#antonym";
    /// `wn:similar`: adjective cluster heads and satellites
    SIMILAR = "https://globalwordnet.github.io/schemas/wn#similar";
}

/// The prefix of ConceptNet's concepts and relations, which go on with `/c/en/dog`, `/r/UsedFor`.
pub const CONCEPTNET: &str = "http://conceptnet.io";
/// The prefix of reifiers of assertions, named by a hash.
pub const EDGE: &str = "urn:quid:edge:";

/// The prefix of WordNet 3.0's synsets, senses and entries:
/// `…/wn30/02084071-n`, `…/wn30/sense/dog%251:05:00::`, `…/wn30/entry/dog-n`, `…/wn30/form/dog-n`.
pub const WN30: &str = "http://wordnet-rdf.princeton.edu/wn30/";

macro_rules! list {
    ($($iri:literal)*) => { &[$(NamedNodeRef::new_unchecked($iri)),*] };
}

/// The properties by which ontologies call things: the first [`PREFERRED`] of them as they are called usually, the
/// others as they are also called.
pub const NAMES: &[NamedNodeRef<'static>] = list! {
    "http://www.w3.org/2000/01/rdf-schema#label"
    "http://www.w3.org/2004/02/skos/core#prefLabel"
    "https://schema.org/name"
    "http://schema.org/name"
    "http://xmlns.com/foaf/0.1/name"
    "http://sw.cyc.com/CycAnnotations_v1#label"
    "http://www.w3.org/2004/02/skos/core#altLabel"
    "http://www.w3.org/2004/02/skos/core#hiddenLabel"
    "http://www.geneontology.org/formats/oboInOwl#hasExactSynonym"
    "http://www.geneontology.org/formats/oboInOwl#hasNarrowSynonym"
    "http://www.geneontology.org/formats/oboInOwl#hasBroadSynonym"
    "http://www.geneontology.org/formats/oboInOwl#hasRelatedSynonym"
    "http://purl.obolibrary.org/obo/IAO_0000118"
    "https://schema.org/alternateName"
    "http://schema.org/alternateName"
    "http://sw.opencyc.org/concept/Mx4rwLSVCpwpEbGdrcN5Y29ycA"
};

/// How many of [`NAMES`] are usual names.
pub const PREFERRED: usize = 6;

/// The properties by which ontologies say what something is, the best first.
pub const DEFINITIONS: &[NamedNodeRef<'static>] = list! {
    "https://globalwordnet.github.io/schemas/wn#definition"
    "http://purl.obolibrary.org/obo/IAO_0000115"
    "http://www.w3.org/2004/02/skos/core#definition"
    "http://www.w3.org/2000/01/rdf-schema#comment"
    "http://schema.org/description"
    "https://schema.org/description"
    "http://purl.org/dc/terms/description"
    "http://purl.org/dc/elements/1.1/description"
};

/// The properties that lead from a thing of an ontology to what it is a kind or an instance of.
pub const CLASSES: &[NamedNodeRef<'static>] = list! {
    "http://www.w3.org/2000/01/rdf-schema#subClassOf"
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    "http://www.w3.org/2004/02/skos/core#broader"
    "http://www.wikidata.org/prop/direct/P279"
    "http://www.wikidata.org/prop/direct/P31"
};

/// What the relations of lexicons begin with (OntoLex-Lemon): how words are written, what they mean.
pub const LEXICONS: &str = "http://www.w3.org/ns/lemon/";

/// The namespaces whose classes say how something is modelled, not what it is.
pub const MODELLING: &[&str] = &[
    "http://www.w3.org/2002/07/owl#",
    "http://www.w3.org/2000/01/rdf-schema#",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://www.w3.org/2004/02/skos/core#",
];
