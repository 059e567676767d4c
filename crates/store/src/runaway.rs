//! Queries that would run for ever or eat all memory, and what becomes of them.
//!
//! Each shape found a place where the evaluator used to run on; a new one belongs here. `RUNAWAY_MS` sets another
//! time limit, `RUNAWAY_ROUNDS` repeats them.

use std::{
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use oxigraph::store::Store;
use quid_core::{
    Audience, Place, Source,
    oxrdf::{Literal, NamedNode, Quad},
    sparql::STACK,
};
use spareval::QueryResults;

use crate::{
    dataset::Visible,
    meter::{self, Allowance, Halt},
    sparql,
};

/// Things, each with a name and a link to the next and to one far away.
const THINGS: usize = 3000;

const RUNAWAYS: [&str; 34] = [
    // Products, under everything that keeps them from flowing.
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?c) = CONCAT(STR(?f), STR(?i), 'x')) }",
    "SELECT DISTINCT ?n { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i BIND(1 AS ?n) }",
    "SELECT ?b (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?b",
    "SELECT ?a (COUNT(DISTINCT ?d) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?a ?d ?g",
    "SELECT (COUNT(*) AS ?n) { { ?a ?b ?c } { SELECT ?d { ?d ?e ?f } } { SELECT ?g { ?g ?h ?i } } }",
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c OPTIONAL { ?d ?e ?f OPTIONAL { ?g ?h ?i } } }",
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c OPTIONAL { ?d ?e ?f } OPTIONAL { ?g ?h ?i } FILTER(?c = ?f && ?f = ?i) }",
    "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(STR(?a), STR(?d), STR(?g)) = 'x') }",
    "CONSTRUCT { ?a ?b ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(STR(?a), STR(?d), STR(?g)) = 'x') }",
    "DESCRIBE ?a { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(STR(?a), STR(?d), STR(?g)) = 'x') }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } OFFSET 99999999999",
    "SELECT REDUCED ?x { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i BIND(1 AS ?x) } OFFSET 99999999999",
    // Paths.
    "SELECT (COUNT(*) AS ?n) { ?a (<a:next>|!<a:next>)* ?b . ?c (<a:next>|!<a:next>)* ?d }",
    "SELECT (COUNT(*) AS ?n) { ?a (<a:next>/<a:far>)* ?b . ?b (<a:far>|^<a:far>)+ ?c . ?c <a:next>* ?d }",
    "SELECT (COUNT(*) AS ?n) { ?a (!<a:x>)* ?b ; (!<a:y>)* ?c ; (!<a:z>)* ?d }",
    // Absence and existence.
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f MINUS { { ?g ?h ?i . ?j ?k ?l } UNION { ?a <a:no> ?x } } }",
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c FILTER NOT EXISTS { ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(STR(?a), STR(?d), STR(?i)) = 'x') } }",
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c FILTER EXISTS { ?d ?e ?f FILTER EXISTS { ?g ?h ?i FILTER(CONCAT(STR(?a), STR(?d), STR(?i)) = 'x') } } }",
    // Rows that bind nothing.
    "SELECT (COUNT(*) AS ?n) { { SELECT ?u { ?a ?b ?c } } { SELECT ?v { ?d ?e ?f } } { SELECT ?w { ?g ?h ?i } } }",
    "SELECT (COUNT(*) AS ?n) { { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } \
     { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } \
     { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } \
     { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } \
     { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } { {} UNION {} } }",
    "SELECT (COUNT(*) AS ?n) { VALUES () { () () () () () () () () () () } VALUES () { () () () () () () () () () () } \
     VALUES () { () () () () () () () () () () } VALUES () { () () () () () () () () () () } \
     VALUES () { () () () () () () () () () () } VALUES () { () () () () () () () () () () } \
     VALUES () { () () () () () () () () () () } VALUES () { () () () () () () () () () () } \
     VALUES () { () () () () () () () () () () } VALUES () { () () () () () () () () () () } \
     VALUES () { () () () () () () () () () () } VALUES () { () () () () () () () () () () } }",
    // Sorting.
    "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY RAND()",
    "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY CONCAT(STR(?a), STR(?f)) DESC(STR(?c))",
    "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY (1)",
    // Texts.
    "SELECT * { BIND('0123456789' AS ?a) BIND(CONCAT(?a,?a,?a,?a,?a,?a,?a,?a,?a,?a) AS ?b) \
     BIND(CONCAT(?b,?b,?b,?b,?b,?b,?b,?b,?b,?b) AS ?c) BIND(CONCAT(?c,?c,?c,?c,?c,?c,?c,?c,?c,?c) AS ?d) \
     BIND(CONCAT(?d,?d,?d,?d,?d,?d,?d,?d,?d,?d) AS ?e) BIND(CONCAT(?e,?e,?e,?e,?e,?e,?e,?e,?e,?e) AS ?f) \
     BIND(CONCAT(?f,?f,?f,?f,?f,?f,?f,?f,?f,?f) AS ?g) BIND(CONCAT(?g,?g,?g,?g,?g,?g,?g,?g,?g,?g) AS ?h) \
     BIND(CONCAT(?h,?h,?h,?h,?h,?h,?h,?h,?h,?h) AS ?i) BIND(CONCAT(?i,?i,?i,?i,?i,?i,?i,?i,?i,?i) AS ?j) }",
    "SELECT (REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE('aaaaaaaaaa','a','aaaaaaaaaaaa'),\
     'a','aaaaaaaaaaaa'),'a','aaaaaaaaaaaa'),'a','aaaaaaaaaaaa'),'a','aaaaaaaaaaaa'),'a','aaaaaaaaaaaa'),'a',\
     'aaaaaaaaaaaa'),'a','aaaaaaaaaaaa'),'a','aaaaaaaaaaaa') AS ?x) {}",
    "SELECT (GROUP_CONCAT(?c; separator='----------------------------------------') AS ?x) \
     { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT (GROUP_CONCAT(DISTINCT CONCAT(STR(?a), STR(?d), STR(?g))) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT (COUNT(DISTINCT CONCAT(STR(?a), STR(?d), STR(?g))) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT (SUM(DISTINCT STRLEN(CONCAT(STR(?a), STR(?d), STR(?g)))) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    // Tables in the text.
    "SELECT (COUNT(*) AS ?n) { VALUES ?a { 1 2 3 4 5 6 7 8 9 } VALUES ?b { 1 2 3 4 5 6 7 8 9 } \
     VALUES ?c { 1 2 3 4 5 6 7 8 9 } VALUES ?d { 1 2 3 4 5 6 7 8 9 } VALUES ?e { 1 2 3 4 5 6 7 8 9 } \
     VALUES ?f { 1 2 3 4 5 6 7 8 9 } VALUES ?g { 1 2 3 4 5 6 7 8 9 } VALUES ?h { 1 2 3 4 5 6 7 8 9 } \
     VALUES ?i { 1 2 3 4 5 6 7 8 9 } VALUES ?j { 1 2 3 4 5 6 7 8 9 } VALUES ?k { 1 2 3 4 5 6 7 8 9 } }",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?a ?b ?c } GRAPH ?h { ?d ?e ?f } GRAPH ?i { ?j ?k ?l } }",
];

/// Queries that look like them and are over at once.
const TAME: [(&str, usize); 9] = [
    ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT 3", 3),
    ("SELECT ?n { { SELECT (COUNT(*) AS ?n) { ?a <a:name> ?c } } { SELECT (COUNT(*) AS ?m) { ?d <a:far> ?f } } }", 1),
    ("SELECT * { ?a <a:name> 'name 7' MINUS { ?x <a:name> 'name 7' } }", 1),
    ("SELECT * { ?a <a:name> 'name 7' MINUS { ?a <a:name> 'name 7' } }", 0),
    ("SELECT ?a { ?a <a:name> ?n } ORDER BY RAND() LIMIT 2", 2),
    ("SELECT ?x { { SELECT ?nothing { ?a <a:name> 'name 7' } } VALUES ?x { 1 2 } }", 2),
    ("SELECT (COUNT(DISTINCT *) AS ?n) { { BIND(1 AS ?x) } UNION { OPTIONAL { BIND(1 AS ?x) } } }", 1),
    ("SELECT (REPLACE(?n, 'name', CONCAT('the ', 'long name of it')) AS ?x) { <a:7> <a:name> ?n }", 1),
    ("SELECT (GROUP_CONCAT(?n; separator=', ') AS ?x) { ?a <a:name> ?n }", 1),
];

fn store() -> Store {
    let store = Store::new().expect("in memory");
    let graph = Source::Dump("things".to_owned()).graph();
    let node = |number: usize| NamedNode::new_unchecked(format!("a:{}", number % THINGS));
    let mut quads = Vec::new();
    for thing in 0..THINGS {
        let mut say = |relation: &str, value: quid_core::oxrdf::Term| {
            let relation = NamedNode::new_unchecked(format!("a:{relation}"));
            quads.push(Quad::new(node(thing), relation, value, graph.clone()));
        };
        say("name", Literal::new_simple_literal(format!("name {thing}")).into());
        say("next", node(thing + 1).into());
        say("far", node(thing * 7 + 3).into());
    }
    store.extend(quads).expect("stored");
    store
}

/// Runs a query; gives how many rows came, or why it was ended.
fn run(store: &Store, query: &str, time: Duration, bytes: usize) -> Result<usize, Halt> {
    let audience = Audience { name: "ann".to_owned(), place: Place::Private };
    let dataset = Visible { store: store.clone(), audience: Rc::new(audience), union: true, staged: None };
    let stop = Arc::new(AtomicBool::new(false));
    let ended = meter::guarded(Allowance::new(time, bytes), &stop, || {
        let query = sparql::parse(query, None).unwrap_or_else(|why| panic!("{query}: {why}"));
        match sparql::solve(query, dataset, sparql::Around::default(), &stop, &|evaluator| evaluator)
            .expect("it is allowed")
            .results
        {
            QueryResults::Boolean(_) => 1,
            QueryResults::Solutions(rows) => rows.inspect(|row| assert!(row.is_ok(), "a row")).count(),
            QueryResults::Graph(triples) => triples.inspect(|triple| assert!(triple.is_ok(), "a triple")).count(),
        }
    });
    assert_eq!(meter::held(), (0, 0), "something is still held after {query}");
    ended
}

fn in_deep_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    if let Err(why) = thread.join() {
        std::panic::resume_unwind(why);
    }
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn runaway_queries_are_ended_wherever_they_are() {
    in_deep_stack(|| {
        let store = store();
        let limit = Duration::from_millis(from_environment("RUNAWAY_MS", 150));
        let (mut latest, mut which) = (Duration::ZERO, "");
        for _ in 0..from_environment("RUNAWAY_ROUNDS", 1) {
            for query in RUNAWAYS {
                let start = Instant::now();
                let ended = run(&store, query, limit, 256 << 20);
                let took = start.elapsed();
                assert!(ended.is_err(), "{query}: came to {ended:?} after {took:?}");
                // What it holds is freed too; a busy machine may be slow, a query that runs on is far slower.
                assert!(took < limit + Duration::from_secs(5), "{query}: ended {took:?} after it began");
                if took > latest {
                    (latest, which) = (took, query);
                }
            }
        }
        println!("{} shapes at {limit:?}: the latest ended after {latest:?}: {which}", RUNAWAYS.len());
    });
}

#[test]
fn what_a_query_holds_is_bounded() {
    in_deep_stack(|| {
        let store = store();
        let long = Duration::from_mins(5);
        for query in [
            "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a",
            "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f } OFFSET 99999999999",
            "SELECT ?a ?d (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?a ?c ?d ?f",
            "SELECT (GROUP_CONCAT(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f }",
            "SELECT (COUNT(DISTINCT CONCAT(STR(?a), STR(?c), STR(?d), STR(?f))) AS ?x) { ?a ?b ?c . ?d ?e ?f }",
        ] {
            assert_eq!(run(&store, query, long, 32 << 20), Err(Halt::Memory), "{query}");
        }
    });
}

#[test]
fn tame_queries_keep_their_answers() {
    in_deep_stack(|| {
        let store = store();
        for (query, rows) in TAME {
            assert_eq!(run(&store, query, Duration::from_mins(5), 256 << 20), Ok(rows), "{query}");
        }
    });
}
