//! RDF and OBO files, good and damaged: which quads come out, what is told, and that nothing ends the process.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use quid_core::oxrdf::{GraphName, Quad, Term};
use quid_import::Problem;
use quid_import::rdf::{MOST_GRAPHS, Rdf, Wishes};
use quid_import::source::Dump as _;

/// Everything that comes out of these files.
fn all(paths: &[PathBuf]) -> Result<(Vec<Quad>, Vec<Problem>), Problem> {
    let mut dump = Rdf::open(paths, Wishes { name: "test".to_owned(), ..Wishes::default() })?;
    let (mut quads, mut problems) = (Vec::new(), Vec::new());
    while let Some(item) = dump.next() {
        match item {
            Ok(quad) => quads.push(quad),
            Err(problem) => problems.push(problem),
        }
    }
    Ok((quads, problems))
}

/// What comes out of one file so named, with each problem's place and message.
fn read(name: &str, text: impl AsRef<[u8]>) -> (Vec<Quad>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("writes");
    match all(&[path]) {
        Ok((quads, problems)) => {
            let told = |problem: &Problem| format!("{}:{} {}", problem.line, problem.column, problem.message);
            (quads, problems.iter().map(told).collect())
        }
        Err(problem) => (Vec::new(), vec![problem.to_string()]),
    }
}

fn triples(quads: &[Quad]) -> BTreeSet<String> {
    quads.iter().map(|quad| format!("{} {} {}", quad.subject, quad.predicate, quad.object)).collect()
}

const TURTLE: &str = "@prefix a: <http://a/> .\na:s a:p \"x\"@en , 1 ; a:q [ a:r a:o ] .\n";

#[test]
fn every_serialisation_says_the_same() {
    let expected = triples(&read("a.ttl", TURTLE).0);
    assert_eq!(expected.len(), 4);
    let lines = "<http://a/s> <http://a/p> \"x\"@en .\n\
        <http://a/s> <http://a/p> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n\
        <http://a/s> <http://a/q> _:b .\n_:b <http://a/r> <http://a/o> .\n";
    let json = r#"{"@context": {"a": "http://a/"}, "@id": "a:s", "a:p": [{"@value": "x", "@language": "en"}, 1],
        "a:q": {"a:r": {"@id": "a:o"}}}"#;
    let xml = r#"<?xml version="1.0"?><!DOCTYPE rdf:RDF [ <!ENTITY xsd "http://www.w3.org/2001/XMLSchema#" > ]>
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://a/">
        <rdf:Description rdf:about="http://a/s"><a:p xml:lang="en">x</a:p><a:p rdf:datatype="&xsd;integer">1</a:p>
        <a:q><rdf:Description><a:r rdf:resource="http://a/o"/></rdf:Description></a:q></rdf:Description></rdf:RDF>"#;
    let same = |quads: &[Quad]| -> BTreeSet<String> {
        // Labels of blank nodes differ between line formats and the others.
        let blank = |text: &str| text.split(' ').map(|part| if part.starts_with("_:") { "_:" } else { part }).collect();
        triples(quads).iter().map(|line| blank(line)).collect()
    };
    let expected = same(&read("a.ttl", TURTLE).0);
    for (name, text) in [
        ("a.trig", TURTLE),
        ("a", TURTLE),
        ("a.n3", TURTLE),
        ("a.nt", lines),
        ("a.nq", lines),
        ("a", lines),
        ("a.jsonld", json),
        ("a.owl", xml),
    ] {
        let (quads, problems) = read(name, text);
        assert_eq!((same(&quads), problems), (expected.clone(), Vec::new()), "{name}");
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(TURTLE.as_bytes()).expect("packs");
    assert_eq!(same(&read("a.ttl.gz", packed.finish().expect("packs")).0), expected);
    assert_eq!(same(&read("a.ttl.zst", zstd::encode_all(TURTLE.as_bytes(), 1).expect("packs")).0), expected);
}

#[test]
fn blank_nodes_are_the_same_each_time_and_never_shared() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths: Vec<PathBuf> = ["one.ttl", "two.ttl", "three.nt"].iter().map(|name| folder.path().join(name)).collect();
    for path in &paths {
        std::fs::write(path, "_:b <http://a/p> _:c .\n").expect("writes");
    }
    std::fs::write(&paths[1], "_:b <http://a/p> [] .\n").expect("writes");
    let (quads, _) = all(&paths).expect("reads");
    let nodes: BTreeSet<String> =
        quads.iter().flat_map(|quad| [quad.subject.to_string(), quad.object.to_string()]).collect();
    assert_eq!((quads.len(), nodes.len()), (3, 6));
    assert_eq!(all(&paths).expect("reads").0, quads);
}

#[test]
fn one_bad_line_costs_one_line() {
    let mut text = String::new();
    for number in 1..=1000 {
        let line = match number {
            300 => "<http://a/300> <http://a/p> \"no end .\n".to_owned(),
            400 => "<http://a/400> <http://a/p> <no iri> .\n".to_owned(),
            500 => "<http://a/500> <http://a/p>\n".to_owned(),
            600 => "<http://a/600> <http://a/p> \"x\" . <http://a/b> <http://a/p> \"y\" .\n".to_owned(),
            700 => format!(
                "<http://a/700> <http://a/p> {}<a:a> <b:b> <c:c>{} .\n",
                "<<( <a:a> <b:b> ".repeat(200_000),
                " )>>".repeat(200_000)
            ),
            800 => "# a comment\n".to_owned(),
            _ => format!("<http://a/{number}> <http://a/p> \"{number}\" <http://a/g> .\n"),
        };
        text += &line;
    }
    let (quads, problems) = read("a.nq", text);
    assert_eq!(quads.len(), 994);
    let lines: Vec<&str> = problems.iter().filter_map(|problem| problem.split(':').next()).collect();
    assert_eq!(lines, ["300", "400", "500", "600", "700"], "{problems:?}");
    let (quads, problems) = read("b.nt", b"<a:a> <b:b> \"\xff\" .\n<a:a> <b:b> \"\0\" .\n<a:a> <b:b> \"ok\" .\r\n");
    assert_eq!((quads.len(), problems.len()), (1, 2), "{problems:?}");
}

#[test]
fn a_bad_statement_of_turtle_is_told_and_the_next_is_read() {
    let text = "@prefix a: <http://a/> .\na:s a:p 1 .\na:s a:p b:unknown .\na:s a:p 2 .\n";
    let (quads, problems) = read("a.ttl", text);
    assert_eq!((quads.len(), problems.len()), (2, 1), "{problems:?}");
    assert!(problems[0].starts_with("3:"), "{problems:?}");
}

#[test]
fn what_no_parser_survives_is_refused() {
    let entities: Vec<String> = (1..20).map(|n| format!("<!ENTITY e{n} \"&e{};&e{};\">", n - 1, n - 1)).collect();
    let entities = entities.concat();
    let rdf = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"";
    let triple = |depth: usize| {
        format!("<a:a> <b:b> {}<a:a> <b:b> <c:c>{} .", "<<( <a:a> <b:b> ".repeat(depth), " )>>".repeat(depth))
    };
    for (name, text) in [
        ("a.jsonld", format!("{}{}", "{\"@graph\":".repeat(2_000), "}".repeat(2_000))),
        ("b.jsonld", format!("[{}{}]", "{\"http://a/b\":[".repeat(2_000), "]}".repeat(2_000))),
        ("c.owl", format!("<!DOCTYPE r [<!ENTITY e0 \"aaaaaaaaaa\">{entities}]><rdf:RDF {rdf}>&e19;</rdf:RDF>")),
        ("d.owl", format!("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><rdf:RDF {rdf}>&x;</rdf:RDF>")),
        ("e.owl", format!("<rdf:RDF {rdf}>{}", "<rdf:Description><rdf:value>".repeat(100_000))),
        ("f.ttl", triple(200_000)),
        ("g.trig", triple(200_000)),
        ("h.nt", triple(200_000)),
        ("i.ttl", format!("<a:a> <b:b> {}", "[ <c:c> ".repeat(200_000))),
        ("j.ttl", format!("<a:a> <b:b> {}", "( ".repeat(200_000))),
        ("k.n3", "{ ".repeat(200_000)),
    ] {
        let (quads, problems) = read(name, text);
        assert!(!problems.is_empty() && quads.len() < 3, "{name}: {} {problems:?}", quads.len());
    }
}

#[test]
fn named_graphs_become_sources() {
    let (quads, _) = read("a.trig", "<a:s> <a:p> 1 . <http://g/1> { <a:s> <a:p> 2 } _:b { <a:s> <a:p> 3 }");
    let graphs: Vec<String> = quads
        .iter()
        .map(|quad| match &quad.graph_name {
            GraphName::NamedNode(graph) => quid_import::source::source_of(quad).unwrap_or_else(|| graph.to_string()),
            other => other.to_string(),
        })
        .collect();
    assert!(
        matches!(&graphs[..], [one, two, three] if one == "test" && two == "test/http://g/1" && three.starts_with("test/_:")),
        "{graphs:?}"
    );
    let many: Vec<String> =
        (0..MOST_GRAPHS + 5).map(|n| format!("<http://a/s> <http://a/p> \"{n}\" <http://g/{n}> .\n")).collect();
    let (quads, _) = read("a.nq", many.concat());
    let sources: BTreeSet<String> = quads.iter().filter_map(quid_import::source::source_of).collect();
    assert_eq!(sources.len(), MOST_GRAPHS + 1);
    let told = quads.iter().filter(|quad| quad.predicate == quid_import::rdf::GRAPH).count();
    assert_eq!((told, quads.len()), (5, MOST_GRAPHS + 5 * 3));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.nq");
    std::fs::write(&path, many.concat()).expect("writes");
    let mut dump = Rdf::open(&[path], Wishes { name: "test".to_owned(), ..Wishes::default() }).expect("opens");
    while dump.next().is_some() {}
    assert_eq!(dump.summary(), [("statements of further graphs", 5)], "whoever loads it is told");
}

const OBO: &str = r#"format-version: 1.4
ontology: test
idspace: X http://x.example/
subsetdef: slim "a slim"

[Term]
id: T:1
name: root\: of it ! not this
def: "The \"first\" one." [url:http\://a, PMID:1 "paper"]
synonym: "beginning" EXACT [W:1]
synonym: "start" RELATED []
xref: MESH:D1 "about"
subset: slim
is_obsolete: false

[Term]
id: T:2
name: part
is_a: T:1 {source="x"} ! root
relationship: part_of T:1 ! root
intersection_of: T:1
intersection_of: part_of X:9
disjoint_from: T:3
property_value: note "a note" xsd:string
nonsense: x
synonym: no quotes
no tag

[Typedef]
id: part_of
name: part of
xref: BFO:0000050
is_transitive: true
"#;

#[test]
fn obo_becomes_what_the_mapping_says() {
    let (quads, problems) = read("t.obo", OBO);
    let found = triples(&quads);
    for expected in [
        "<http://purl.obolibrary.org/obo/test.owl> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2002/07/owl#Ontology>",
        "<http://purl.obolibrary.org/obo/T_1> <http://www.w3.org/2000/01/rdf-schema#label> \"root: of it\"",
        "<http://purl.obolibrary.org/obo/T_1> <http://purl.obolibrary.org/obo/IAO_0000115> \"The \\\"first\\\" one.\"",
        "<http://purl.obolibrary.org/obo/T_1> <http://www.geneontology.org/formats/oboInOwl#hasExactSynonym> \"beginning\"",
        "<http://purl.obolibrary.org/obo/T_1> <http://www.geneontology.org/formats/oboInOwl#hasRelatedSynonym> \"start\"",
        "<http://purl.obolibrary.org/obo/T_1> <http://www.geneontology.org/formats/oboInOwl#hasDbXref> \"MESH:D1\"",
        "<http://purl.obolibrary.org/obo/T_1> <http://www.geneontology.org/formats/oboInOwl#inSubset> <http://purl.obolibrary.org/obo/test#slim>",
        "<http://purl.obolibrary.org/obo/T_2> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://purl.obolibrary.org/obo/T_1>",
        "<http://purl.obolibrary.org/obo/T_2> <http://www.w3.org/2002/07/owl#disjointWith> <http://purl.obolibrary.org/obo/T_3>",
        "<http://purl.obolibrary.org/obo/BFO_0000050> <http://www.w3.org/2000/01/rdf-schema#label> \"part of\"",
        "<http://purl.obolibrary.org/obo/BFO_0000050> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2002/07/owl#TransitiveProperty>",
    ] {
        assert!(found.contains(expected), "{expected}\n{found:#?}");
    }
    let ends = |end: &str| found.iter().filter(|line| line.ends_with(end)).count();
    assert_eq!(ends("owl#Restriction>"), 2);
    assert_eq!(ends("owl#onProperty> <http://purl.obolibrary.org/obo/BFO_0000050>"), 2);
    assert_eq!(ends("someValuesFrom> <http://x.example/9>"), 1);
    assert_eq!(ends("hasDbXref> \"PMID:1\""), 1);
    let lines: Vec<&str> = problems.iter().filter_map(|problem| problem.split(':').next()).collect();
    assert_eq!(lines, ["25", "26", "27"], "{problems:?}");
    assert_eq!(read("t.obo", OBO).0, quads, "the same each time");
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), kind in 0..8_usize) {
        let (name, head) = [("a.ttl", "<a:a> <b:b> "), ("a.nt", "<a:a> <b:b> "), ("a.owl", "<rdf:RDF "), ("a.jsonld", "{\"@id\":"),
            ("a.trig", "<a:g> {"), ("a.n3", "{"), ("a.obo", "format-version: 1.4\n[Term]\nid: A:1\n"), ("a", "")][kind];
        read(name, [head.as_bytes(), &bytes].concat());
    }

    #[test]
    fn no_line_makes_the_obo_reader_panic(line in "(id|name|def|synonym|is_a|relationship|property_value|xref|intersection_of|idspace): [ -~\\\\\"\\[\\]{}!,:]{0,40}") {
        read("a.obo", format!("format-version: 1.4\n{line}\n[Term]\nid: A:1\n{line}\n[Typedef]\n{line}\n"));
    }
}

/// A file of the measuring data; `None` where it is absent.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ontologies").join(name);
    if !path.exists() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn real_ontologies_are_read_without_a_word() {
    for (name, least) in [
        ("pizza.owl", 1_900),
        ("DO_cancer_slim.owl.gz", 10_000),
        ("DO_cancer_slim.obo", 10_000),
        ("ro-base.owl", 5_000),
        ("schemaorg-current-https.ttl.gz", 15_000),
        ("ontolex.owl", 400),
        ("opencyc-2012-05-10-readable.nq", 400),
        ("all.owl", 5),
    ] {
        let Some(path) = shared(name) else { continue };
        let (quads, problems) = all(&[path]).expect("opens");
        assert!(problems.is_empty(), "{name}: {problems:?}");
        assert!(quads.len() >= least, "{name}: {}", quads.len());
    }
}

#[test]
fn an_ontology_in_obo_says_what_it_says_in_owl() {
    let (Some(obo), Some(owl)) = (shared("DO_cancer_slim.obo"), shared("DO_cancer_slim.owl.gz")) else { return };
    let said = |path: PathBuf| -> BTreeSet<String> {
        let wanted = [
            "rdf-schema#label",
            "IAO_0000115",
            "hasExactSynonym",
            "hasRelatedSynonym",
            "subClassOf",
            "hasDbXref",
            "hasAlternativeId",
            "hasOBONamespace",
            "rdf-schema#comment",
            "disjointWith",
        ];
        let (quads, _) = all(&[path]).expect("opens");
        let of_terms = |quad: &&Quad| {
            quad.subject.to_string().contains("/DOID_")
                && !matches!(quad.object, Term::BlankNode(_))
                && wanted.iter().any(|end| quad.predicate.as_str().ends_with(end))
        };
        let plain = |quad: &Quad| {
            let object = match &quad.object {
                Term::Literal(text) => text.value().trim().to_owned(),
                other => other.to_string(),
            };
            format!("{} {} {object}", quad.subject, quad.predicate)
        };
        quads.iter().filter(of_terms).map(plain).collect()
    };
    let (obo, owl) = (said(obo), said(owl));
    let (missing, more) = (owl.difference(&obo).collect::<Vec<_>>(), obo.difference(&owl).collect::<Vec<_>>());
    assert!(obo.len() > 5_000);
    assert!(
        missing.len() + more.len() < 20,
        "missing {} {:#?}\nmore {} {:#?}",
        missing.len(),
        missing.iter().take(20).collect::<Vec<_>>(),
        more.len(),
        more.iter().take(20).collect::<Vec<_>>()
    );
}
