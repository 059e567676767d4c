//! Search, names and prefixes inside SPARQL, and LOAD, through the ports that doors use.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use quid_core::{
    Audience, Fault, Memory as _, Place, Recall, Regime, Rights, Scope, Source, Speaker, Time,
    oxrdf::{Literal, NamedNode, Quad},
    ports::Hit,
    sparql::{Asked, Author, Bounds, Sparql as _},
};
use quid_store::{Dump, Keeper, remote::Allow};

/// Texts, found when they hold all the words.
struct Texts(Vec<Hit>);

impl Recall for Texts {
    fn recall(&self, words: &str, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        let sees = |hit: &Hit| match Source::of_graph(hit.graph.as_str()) {
            Some(Source::Said { scope: Scope::Private(name), .. }) => name == audience.name,
            _ => true,
        };
        let holds = |hit: &Hit| words.split(' ').all(|word| hit.text.contains(word));
        Ok(self.0.iter().filter(|hit| sees(hit) && holds(hit)).take(limit).cloned().collect())
    }

    fn names_like(&self, _: &str, _: &Audience, _: usize) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    fn names_from(&self, _: &str, _: &Audience, _: usize) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    fn note(&self, _: u64, _: &[Quad], _: &[Quad]) -> Result<(), Fault> {
        Ok(())
    }
}

fn node(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("http://example.org/{name}"))
}

fn keeper() -> Keeper {
    let keeper = Keeper::in_memory().expect("a store").with_guard(|_, _| Ok(()));
    let label = |name: &str| NamedNode::new_unchecked(format!("http://www.w3.org/2000/01/rdf-schema#{name}"));
    let graph = Source::Dump("drinks".to_owned()).graph();
    let said = |thing: &str, relation: NamedNode, text: Literal| Quad::new(node(thing), relation, text, graph.clone());
    let drink = |thing: &str| Quad::new(node(thing), node("kind"), node("drink"), graph.clone());
    let mut quads = vec![
        said("cola", label("label"), Literal::new_language_tagged_literal_unchecked("Limonade", "de")),
        said("cola", label("label"), Literal::new_language_tagged_literal_unchecked("cola", "en")),
        said("tea", label("label"), Literal::new_language_tagged_literal_unchecked("Tee", "de")),
        drink("cola"),
        drink("tea"),
        drink("water"),
    ]
    .into_iter();
    let at = Time::parse("2026-05-02T12:00:00Z").expect("a time");
    let dump = Dump { name: "drinks", title: "Drinks", licence: "none", at };
    keeper.load(&dump, &mut quads).expect("loaded");
    let hit = |thing: &str, text: &str, graph: &NamedNode, score| Hit {
        subject: node(thing),
        predicate: label("comment"),
        text: text.to_owned(),
        graph: graph.clone(),
        score,
    };
    let secret = Source::Said { seq: 7, scope: Scope::Private("bob".to_owned()) }.graph();
    keeper.search_in(Arc::new(Texts(vec![
        hit("cola", "a soft drink with sugar", &graph, 3.0),
        hit("tea", "a drink of leaves", &graph, 2.0),
        hit("stone", "no drink at all", &graph, 1.5),
        hit("gin", "a drink that bob hides", &secret, 1.0),
    ])));
    keeper
}

fn rows(keeper: &Keeper, who: &str, query: &str) -> Result<Vec<String>, String> {
    let audience = Audience { name: who.to_owned(), place: Place::Private };
    let table = keeper.sparql(query, &audience, 100, &AtomicBool::new(false)).map_err(|fault| fault.to_string())?;
    let cell = |term: &Option<_>| term.as_ref().map_or(String::new(), |term: &quid_core::oxrdf::Term| term.to_string());
    let row = |row: &Vec<_>| row.iter().map(cell).collect::<Vec<_>>().join(" ");
    let mut rows: Vec<String> = table.rows.iter().map(row).collect();
    rows.insert(0, table.variables.join(" "));
    Ok(rows)
}

#[test]
fn queries_search_name_and_know_prefixes() {
    let keeper = keeper();
    let cases: [(&str, &str, &[&str]); 9] = [
        (
            "ann",
            "SELECT ?thing ?score { SERVICE quid:search { ?thing quid:matches 'drink' ; quid:score ?score } }",
            &[
                "thing score",
                "<http://example.org/cola> \"3\"^^<http://www.w3.org/2001/XMLSchema#double>",
                "<http://example.org/tea> \"2\"^^<http://www.w3.org/2001/XMLSchema#double>",
                "<http://example.org/stone> \"1.5\"^^<http://www.w3.org/2001/XMLSchema#double>",
            ],
        ),
        // Joined with what is stored; of bob's nothing but for bob.
        (
            "ann",
            "SELECT ?text { ?x <http://example.org/kind> <http://example.org/drink> \
             SERVICE quid:search { ?x quid:matches 'soft drink' ; quid:text ?text } }",
            &["text", "\"a soft drink with sugar\""],
        ),
        ("ann", "SELECT ?x { SERVICE quid:search { ?x quid:matches 'bob' } }", &["x"]),
        ("bob", "SELECT ?x { SERVICE quid:search { ?x quid:matches 'bob' } }", &["x", "<http://example.org/gin>"]),
        (
            "ann",
            "SELECT ?x ?g ?r { SERVICE quid:search { ?x quid:matches 'drink' ; quid:most 1 ; quid:source ?g ; quid:relation ?r } }",
            &[
                "x g r",
                "<http://example.org/cola> <urn:quid:dump:drinks> <http://www.w3.org/2000/01/rdf-schema#comment>",
            ],
        ),
        // Names: without a language or in English first, then any, then the end of the IRI.
        (
            "ann",
            "SELECT (quid:label(?x) AS ?name) { VALUES ?x { <http://example.org/cola> <http://example.org/tea> <http://example.org/water> 'text' 7 } }",
            &["name", "\"cola\"@en", "\"Tee\"@de", "\"water\"", "\"text\"", "\"7\""],
        ),
        ("ann", "SELECT ?x { ?x rdfs:label 'cola'@en }", &["x", "<http://example.org/cola>"]),
        // One's own prefix is one's own.
        (
            "ann",
            "PREFIX rdfs: <http://example.org/> SELECT ?x { rdfs:tea rdfs:kind ?x }",
            &["x", "<http://example.org/drink>"],
        ),
        // No column that was not asked for.
        (
            "ann",
            "SELECT (SUM(?x) AS ?n) { <http://example.org/tea> rdfs:label ?x } GROUP BY ?y VALUES ?z { 1 }",
            &["n", ""],
        ),
    ];
    for (who, query, expected) in cases {
        assert_eq!(rows(&keeper, who, query).unwrap_or_else(|why| vec![why]), expected, "{query}");
    }
}

#[test]
fn a_search_that_makes_no_sense_is_refused_in_words() {
    let keeper = keeper();
    for (inside, words) in [
        ("?x quid:text ?text", "it needs quid:matches"),
        ("?x quid:matches ?words", "needs the words themselves"),
        ("?x quid:matches 'a' . ?y quid:text ?text", "one subject"),
        ("<a:b> quid:matches 'a'", "must be a variable"),
        ("?x quid:matches 'a' ; quid:most 'many'", "whole number"),
        ("?x quid:matches 'a' ; quid:text ?x", "each variable"),
        ("?x quid:matches 'a' ; ?p ?o", "fixed"),
        ("?x quid:matches 'a' ; rdfs:label ?o", "it knows matches"),
        ("?x quid:matches 'a' FILTER(true)", "only its triples"),
    ] {
        let why = rows(&keeper, "ann", &format!("SELECT * {{ SERVICE quid:search {{ {inside} }} }}"));
        assert!(why.as_ref().is_err_and(|why| why.contains(words)), "{inside}: {why:?}");
    }
    let why =
        rows(&Keeper::in_memory().expect("a store"), "ann", "SELECT * { SERVICE quid:search { ?x quid:matches 'a' } }");
    assert!(why.as_ref().is_err_and(|why| why.contains("no words to search")), "{why:?}");
    let why = rows(&keeper, "ann", "SELECT * { SERVICE <http://127.0.0.1:1/> { ?x ?y ?z } }");
    assert!(why.as_ref().is_err_and(|why| why.contains("stay in this store")), "{why:?}");
}

/// A server of documents; gives its address and how often it was asked.
fn documents() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let mut head = String::new();
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
            let (kind, body) = match head.split(' ').nth(1).unwrap_or_default() {
                "/good" => ("text/turtle; charset=utf-8", "<a> <http://example.org/likes> <b> , <c> .".to_owned()),
                "/damaged" => ("text/turtle", "<a> <http://example.org/likes> <d> . <a> <b".to_owned()),
                "/long" => ("application/n-triples", "# much\n".repeat(200_000)),
                _ => ("text/html", "<p>no".to_owned()),
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    (format!("http://{address}"), asked)
}

#[test]
fn documents_are_loaded_from_servers_that_are_allowed_and_no_others() {
    let (server, asked) = documents();
    let keeper = keeper();
    let at = Time::parse("2026-05-02T12:00:00Z").expect("a time");
    let update = |text: &str| {
        let asked = Asked {
            text: text.to_owned(),
            base: None,
            default_graphs: Vec::new(),
            named_graphs: Vec::new(),
            union: true,
            audience: Audience { name: "ann".to_owned(), place: Place::Private },
            regime: Regime::None,
            bounds: Bounds { time: Duration::from_secs(20), bytes: 1 << 20, rows: 1000 },
            stop: Arc::new(AtomicBool::new(false)),
        };
        let by = Author {
            speaker: Speaker { nick: "ann".to_owned(), account: None, rights: Rights::Everyone },
            scope: Scope::Global,
            at,
            of_all: false,
        };
        keeper.update(&asked, &by).map(|changed| changed.added).map_err(|why| why.to_string())
    };
    let good = format!("LOAD <{server}/good> INTO GRAPH <http://example.org/loaded>");
    assert!(update(&good).is_err_and(|why| why.contains("none may be asked")));
    assert_eq!(update(&format!("LOAD SILENT <{server}/good>")), Ok(0));
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody was asked");

    let host = server.trim_start_matches("http://").to_owned();
    keeper.allow_services(Allow::listed(&["example.org".to_owned()]).expect("a list"));
    assert!(update(&good).is_err());
    assert_eq!(asked.load(Ordering::SeqCst), 0, "another was allowed");

    keeper.allow_services(Allow::listed(&[host]).expect("a list"));
    assert!(update(&good).is_ok_and(|added| added >= 2));
    let loaded = rows(
        &keeper,
        "ann",
        "SELECT ?y { GRAPH <http://example.org/loaded> { ?x <http://example.org/likes> ?y } } ORDER BY ?y",
    );
    let expected = vec!["y".to_owned(), format!("<{server}/b>"), format!("<{server}/c>")];
    assert_eq!(loaded, Ok(expected), "relative to where it comes from");
    for (document, words) in
        [("damaged", "parser"), ("page", "no serialisation of rdf"), ("long", "longer than 1048576 bytes")]
    {
        let why = update(&format!("INSERT DATA {{ <a:new> <a:new> <a:new> }} ; LOAD <{server}/{document}>"));
        assert!(
            why.as_ref().is_err_and(|why| why.to_lowercase().contains(words) || document == "damaged"),
            "{document}: {why:?}"
        );
        assert_eq!(
            rows(&keeper, "ann", "SELECT * { <a:new> ?p ?o }"),
            Ok(vec!["o p".to_owned()]),
            "whole or not at all"
        );
        assert_eq!(update(&format!("LOAD SILENT <{server}/{document}>")), Ok(0), "{document}");
    }
    assert_eq!(
        rows(&keeper, "ann", &format!("SELECT ?y {{ ?x <http://example.org/likes> ?y FILTER(?y = <{server}/d>) }}")),
        Ok(vec!["y".to_owned()])
    );
}
