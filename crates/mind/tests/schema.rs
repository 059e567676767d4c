//! Questions in logic see what the loaded ontologies say by RDF Schema, with a proof and without being asked to.

mod double;

use std::sync::Arc;

use double::{Room, language};
use quid_core::oxrdf::{Literal, NamedNode, Quad, Term};
use quid_core::vocabulary::PROGRAM;

const ONTOLOGY: &[(&str, &str, &str)] = &[
    ("x:Cat", "rdfs:subClassOf", "x:Mammal"),
    ("x:Mammal", "rdfs:subClassOf", "x:Animal"),
    ("x:mother", "rdfs:subPropertyOf", "x:parent"),
    ("x:parent", "rdfs:domain", "x:Animal"),
    ("x:parent", "rdfs:range", "x:Animal"),
    ("x:tom", "rdf:type", "x:Cat"),
    ("x:ann", "x:mother", "x:bob"),
];

const NAMES: &str = ":- prefix(x, \"urn:x:\").\n:- prefix(rdf, \"http://www.w3.org/1999/02/22-rdf-syntax-ns#\").\n\
    :- vocab(animal/1, x:'Animal').\n:- vocab(parent/2, x:parent).\n:- vocab(kind/2, rdf:type).\nfed(X) :- animal(X).\n";

fn node(name: &str) -> NamedNode {
    let iri = match name.split_once(':') {
        Some(("rdfs", local)) => format!("http://www.w3.org/2000/01/rdf-schema#{local}"),
        Some(("rdf", local)) => format!("http://www.w3.org/1999/02/22-rdf-syntax-ns#{local}"),
        _ => format!("urn:{name}"),
    };
    NamedNode::new_unchecked(iri)
}

#[test]
fn what_the_ontologies_say_is_in_force() {
    let mut room = Room::new(&Arc::new(language()));
    let graph = NamedNode::new_unchecked("urn:quid:dump:zoo");
    let quad =
        |subject: &str, predicate: &str, object: Term| Quad::new(node(subject), node(predicate), object, graph.clone());
    let mut quads: Vec<Quad> =
        ONTOLOGY.iter().map(|(subject, predicate, object)| quad(subject, predicate, node(object).into())).collect();
    quads.push(Quad::new(node("x:names"), PROGRAM, Literal::from(NAMES), graph.clone()));
    room.notebook.load(quads);
    for (question, kind, expected) in [
        ("?- parent(x:ann, X).", "proved", "X = x:bob."),
        ("?- animal(x:tom).", "proved", "true."),
        ("?- order_by([asc(X)], animal(X)).", "proved", "X = x:ann ;\nX = x:bob ;\nX = x:tom."),
        ("?- aggregate_all(count, fed(_), N).", "proved", "N = 3."),
        ("?- kind(x:tom, X), X \\= x:'Cat', X \\= x:'Mammal'.", "proved", "X = animal."),
        ("?- animal(x:zoe).", "unknown", ""),
        ("?- parent(x:bob, X).", "unknown", ""),
    ] {
        let reply = room.say("ann", "private", true, false, question);
        assert_eq!((reply.kind(), question), (kind, question), "{}", reply.text);
        if !expected.is_empty() {
            assert_eq!(reply.text, expected, "{question}");
        }
    }
    room.say("ann", "private", true, false, "?- animal(x:tom).");
    let why = room.say("ann", "private", true, false, "why?");
    for part in ["Cat", "Mammal", "Animal"] {
        assert!(why.text.to_lowercase().contains(&part.to_lowercase()), "{part} is not in: {}", why.text);
    }
}
