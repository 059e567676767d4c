//! Unit tests of the keeper as a whole, in memory.

use std::{ops::ControlFlow, sync::Arc};

use quid_core::{
    Act, Audience, Change, Fault, Guard, Memory, Place, Rights, Scope, Source, Speaker, Time,
    oxrdf::{Literal, NamedNode, Quad, Triple},
    source::Citation,
    text::Key,
    vocabulary as v,
};

use crate::{Dump, Keeper};

fn thing(name: &str) -> NamedNode {
    Key::of(name).thing()
}

fn at(seconds: i64) -> Time {
    Time::from_micros(1_780_000_000_000_000 + seconds * 1_000_000)
}

fn speaker(nick: &str) -> Speaker {
    Speaker { nick: nick.to_owned(), account: None, rights: Rights::Everyone }
}

fn says(nick: &str, place: &Place, subject: &str, value: &str) -> Change {
    let about = thing(subject);
    Change {
        act: Act::Learn,
        by: speaker(nick),
        place: place.clone(),
        at: at(0),
        line: format!("{subject} is {value}"),
        scope: Scope::of(place, nick),
        learned: vec![
            Triple::new(about.clone(), v::LABEL, Literal::new_simple_literal(subject)),
            Triple::new(about.clone(), v::IS, Literal::new_simple_literal(value)),
        ],
        added: Vec::new(),
        removed: Vec::new(),
        about: vec![about],
        undoes: None,
        guard: None,
    }
}

fn audience(name: &str, place: &Place) -> Audience {
    Audience { name: name.to_owned(), place: place.clone() }
}

fn values(keeper: &Keeper, reader: &Audience, subject: &str) -> Vec<String> {
    let facts = keeper.facts(reader).all(Some(&thing(subject).into()), Some(v::IS), None, 100).expect("readable");
    facts
        .into_iter()
        .map(|fact| match fact.object {
            quid_core::oxrdf::Term::Literal(value) => value.value().to_owned(),
            other => other.to_string(),
        })
        .collect()
}

fn room() -> Place {
    Place::Channel("#test".to_owned())
}

#[test]
fn what_is_taught_is_there_with_its_source() {
    let keeper = Keeper::in_memory().expect("in memory");
    let place = room();
    let receipt = keeper.commit(says("ann", &place, "coffee", "a \"drink\"\nhot")).expect("learned");
    assert_eq!(receipt.seq, 1);
    let statement = receipt.statement.expect("a statement");
    assert_eq!(values(&keeper, &audience("bob", &place), "coffee"), ["a \"drink\"\nhot"]);
    let Some(Citation::Said { nick, place, line, .. }) = keeper.cite(&statement).expect("readable") else {
        panic!("no citation");
    };
    assert_eq!((nick.as_str(), place.as_str()), ("ann", "#test"));
    assert_eq!(line, "coffee is a \"drink\"\nhot");
    assert_eq!(keeper.about(&thing("coffee")).expect("readable"), [1]);
    let record = keeper.record(1).expect("readable").expect("there");
    assert_eq!(record.statement(), Some(statement.clone()));
    assert_eq!(record.added.len(), 2);
    assert_eq!(keeper.record(2).expect("readable"), None);
    assert_eq!(keeper.record(0).expect("readable"), None);
    let attributed = keeper.keeping().all(Some(&statement.into()), Some(v::ATTRIBUTED_TO), None, 9).expect("readable");
    assert_eq!(attributed.len(), 1);
}

#[test]
fn private_and_overheard_facts_are_in_nobody_elses_view() {
    let keeper = Keeper::in_memory().expect("in memory");
    let overheard = Change {
        act: Act::Overhear,
        scope: Scope::Quarantine("#test".to_owned()),
        ..says("cat", &room(), "secret", "overheard")
    };
    keeper.commit(says("ann", &Place::Private, "secret", "ann's")).expect("learned");
    keeper.commit(overheard).expect("learned");
    keeper.commit(says("bob", &room(), "secret", "public")).expect("learned");
    keeper
        .observe(&[], &[Quad::new(thing("secret"), v::ASKED, Literal::from(1), v::OBSERVED_GRAPH)])
        .expect("observed");
    let stop = std::sync::atomic::AtomicBool::new(false);
    for (name, place, expected) in [
        ("ann", Place::Private, vec!["ann's", "public"]),
        ("ann", Place::Global, vec!["ann's", "public"]),
        ("ann", room(), vec!["public"]),
        ("bob", Place::Private, vec!["public"]),
    ] {
        let reader = audience(name, &place);
        assert_eq!(values(&keeper, &reader, "secret"), expected, "{reader:?}");
        // The same through SPARQL, however the graph is named.
        for query in [
            "SELECT ?v { ?s <urn:quid:ns:is> ?v } ORDER BY ?v",
            "SELECT ?v { GRAPH ?g { ?s <urn:quid:ns:is> ?v } } ORDER BY ?v",
            "SELECT ?v FROM <urn:quid:said:1:private:ann> FROM <urn:quid:said:2:quarantine:%23test> \
             FROM <urn:quid:said:3:channel:%23test> { ?s <urn:quid:ns:is> ?v } ORDER BY ?v",
            "SELECT ?v FROM NAMED <urn:quid:said:1:private:ann> FROM NAMED <urn:quid:said:2:quarantine:%23test> \
             FROM NAMED <urn:quid:said:3:channel:%23test> { GRAPH ?g { ?s <urn:quid:ns:is> ?v } } ORDER BY ?v",
            "SELECT ?v { VALUES ?g { <urn:quid:said:1:private:ann> <urn:quid:said:2:quarantine:%23test> \
             <urn:quid:said:3:channel:%23test> } GRAPH ?g { ?s <urn:quid:ns:is> ?v } } ORDER BY ?v",
        ] {
            let table = keeper.sparql(query, &reader, 10, &stop).expect(query);
            let found: Vec<String> = table
                .rows
                .iter()
                .map(|row| match &row[0] {
                    Some(quid_core::oxrdf::Term::Literal(value)) => value.value().to_owned(),
                    other => format!("{other:?}"),
                })
                .collect();
            assert_eq!(found, expected, "{reader:?} {query}");
        }
        for query in [
            "ASK { GRAPH <urn:quid:graph:keeping> { ?s ?p ?o } }",
            "ASK { GRAPH <urn:quid:graph:provenance> { ?s ?p ?o } }",
            "ASK { GRAPH <urn:quid:graph:observed> { ?s ?p ?o } }",
            "ASK FROM <urn:quid:graph:state> FROM <urn:quid:graph:provenance> { ?s ?p ?o }",
            "ASK { ?s <urn:quid:ns:asked> ?o }",
            "ASK { ?s (<urn:quid:ns:asked>|<http://www.w3.org/ns/prov#value>)+ ?o }",
            "ASK { ?s ?p 'overheard' }",
            "ASK { GRAPH <urn:quid:said:2:quarantine:%23test> {} }",
            "ASK { GRAPH ?g {} FILTER(CONTAINS(STR(?g), 'quarantine') || CONTAINS(STR(?g), 'graph:')) }",
        ] {
            let table = keeper.sparql(query, &reader, 10, &stop).expect(query);
            assert_eq!(table.boolean, Some(false), "{reader:?} {query}");
        }
    }
    let described = keeper.sparql("DESCRIBE <urn:quid:thing:secret>", &audience("bob", &room()), 10, &stop);
    assert_eq!(described.expect("run").triples.len(), 2);
}

#[test]
fn queries_are_bounded_and_refused_in_words() {
    let keeper = Keeper::in_memory().expect("in memory");
    for number in 0..60 {
        keeper.commit(says("ann", &Place::Global, &format!("thing {number}"), "wet")).expect("learned");
    }
    let stop = std::sync::atomic::AtomicBool::new(false);
    let reader = audience("ann", &Place::Global);
    let deep = format!("ASK {}{}", "{".repeat(200), "}".repeat(200));
    let chain = format!("SELECT (1{} AS ?x) {{}}", "+1".repeat(600));
    let union = format!("ASK {{ {{}} {} }}", "UNION {}".repeat(600));
    let long = format!("ASK {{}} # {}", "x".repeat(70_000));
    for (query, words) in [
        (deep.as_str(), "nested deeper"),
        (chain.as_str(), "operators"),
        (union.as_str(), "operators"),
        (long.as_str(), "bytes long"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE"),
        ("ASK { ?a ?b ?c FILTER EXISTS { SERVICE SILENT <http://127.0.0.1/> { ?s ?p ?o } } }", "SERVICE"),
        ("LOAD <http://127.0.0.1/>", "only queries"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", "only queries"),
        ("DROP ALL", "only queries"),
        ("SELEKT", "not a SPARQL query"),
        ("", "not a SPARQL query"),
    ] {
        match keeper.sparql(query, &reader, 10, &stop) {
            Err(Fault::Refused(refusal)) => assert!(refusal.contains(words), "{query:.80}: {refusal}"),
            other => panic!("{query:.80}: {other:?}"),
        }
    }
    for (query, rows, partial) in [
        ("SELECT ?s { ?s <urn:quid:ns:is> 'wet' }", 10, true),
        ("SELECT ?s { ?s <urn:quid:ns:is> 'wet' } LIMIT 3", 3, false),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f }", 10, true),
        ("SELECT (COUNT(*) AS ?n) { ?s <urn:quid:ns:is> ?v . ?s ?p ?label }", 1, false),
        ("SELECT (COUNT(*) AS ?n) { <urn:quid:thing:thing%200> ?p ?v . ?s ?q ?label }", 1, false),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o BIND(STR(?o) AS ?t) FILTER(?t != 'x-y<z') }", 1, false),
    ] {
        let table = keeper.sparql(query, &reader, 10, &stop).expect(query);
        assert_eq!((table.rows.len(), table.partial), (rows, partial), "{query}");
    }
    let counted = keeper.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", &reader, 10, &stop).expect("counted");
    assert_eq!(counted.rows, [[Some(Literal::from(120).into())]]);
}

#[test]
fn a_stop_ends_a_query() {
    let keeper = Keeper::in_memory().expect("in memory");
    for number in 0..100 {
        keeper.commit(says("ann", &Place::Global, &format!("thing {number}"), "wet")).expect("learned");
    }
    let stop = std::sync::atomic::AtomicBool::new(true);
    let reader = audience("ann", &Place::Global);
    let begun = std::time::Instant::now();
    let query = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }";
    match keeper.sparql(query, &reader, usize::MAX, &stop) {
        Ok(table) => assert!(table.partial),
        Err(refusal) => assert_eq!(refusal.to_string(), "the query was stopped"),
    }
    assert!(begun.elapsed().as_secs() < 5);
}

#[test]
fn two_who_decide_on_the_same_state_do_not_both_win() {
    let keeper = Arc::new(Keeper::in_memory().expect("in memory"));
    let wins: usize = std::thread::scope(|scope| {
        let teachers: Vec<_> = (0..8)
            .map(|number| {
                let keeper = Arc::clone(&keeper);
                scope.spawn(move || {
                    let mut change = says("ann", &room(), "sky", &format!("colour {number}"));
                    change.guard =
                        Some(Guard { subject: thing("sky"), predicates: vec![v::IS.into_owned()], seen: Vec::new() });
                    match keeper.commit(change) {
                        Ok(_) => 1,
                        Err(Fault::Conflict) => 0,
                        Err(other) => panic!("{other}"),
                    }
                })
            })
            .collect();
        teachers.into_iter().map(|teacher| teacher.join().expect("no panic")).sum()
    });
    assert_eq!(wins, 1);
    assert_eq!(keeper.last_seq(), 1, "a refused change leaves no record");
    let graph = keeper.record(1).expect("readable").and_then(|record| record.statement()).expect("a statement");
    let again = |seen| {
        let guard = Guard { subject: thing("sky"), predicates: vec![v::IS.into_owned()], seen };
        keeper.commit(Change { guard: Some(guard), ..says("bob", &room(), "sky", "grey") })
    };
    assert!(matches!(again(Vec::new()), Err(Fault::Conflict)));
    assert_eq!(again(vec![graph]).expect("what was seen is so").seq, 2);
    // What the changer cannot see does not stand in their way.
    keeper.commit(says("cat", &Place::Private, "sea", "private")).expect("learned");
    let guard = Guard { subject: thing("sea"), predicates: vec![v::IS.into_owned()], seen: Vec::new() };
    keeper.commit(Change { guard: Some(guard), ..says("bob", &room(), "sea", "wet") }).expect("nothing was seen");
}

#[test]
fn a_write_that_fails_acknowledges_nothing_and_leaves_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let length = |home: &std::path::Path| std::fs::metadata(home.join("journal.jsonl")).expect("a journal").len();
    {
        let keeper = Keeper::open(home.path()).expect("open");
        keeper.commit(says("ann", &room(), "one", "first")).expect("learned");
        let before = length(home.path());
        keeper.fail_after(0);
        let refusal = keeper.commit(says("ann", &room(), "two", "second")).expect_err("the disk is full");
        assert!(refusal.to_string().contains("nothing was learned"), "{refusal}");
        assert_eq!(length(home.path()), before, "half a record remains");
        assert!(values(&keeper, &audience("ann", &room()), "two").is_empty(), "not acknowledged, so not there");
        assert_eq!(keeper.commit(says("ann", &room(), "three", "third")).expect("room again").seq, 2);
    }
    let keeper = Keeper::open(home.path()).expect("open again");
    assert_eq!(keeper.last_seq(), 2);
    assert_eq!(values(&keeper, &audience("ann", &room()), "three"), ["third"]);
}

#[test]
fn changes_touch_statements_and_state_only() {
    let keeper = Keeper::in_memory().expect("in memory");
    let quad = |graph: &NamedNode| Quad::new(thing("x"), v::IS, Literal::from("y"), graph.clone());
    for (graph, allowed) in [
        (Source::Said { seq: 9, scope: Scope::Global }.graph(), true),
        (v::STATE_GRAPH.into_owned(), true),
        (Source::Dump("wordnet-3.0".to_owned()).graph(), false),
        (v::PROVENANCE_GRAPH.into_owned(), false),
        (v::KEEPING_GRAPH.into_owned(), false),
        (v::OBSERVED_GRAPH.into_owned(), false),
        (thing("other"), false),
    ] {
        let change = Change { learned: Vec::new(), added: vec![quad(&graph)], ..says("ann", &room(), "x", "y") };
        assert_eq!(keeper.commit(change).is_ok(), allowed, "{graph}");
    }
    assert!(keeper.observe(&[], &[quad(&v::STATE_GRAPH.into_owned())]).is_err());
}

#[test]
fn what_cannot_be_read_back_is_not_written() {
    let keeper = Keeper::in_memory().expect("in memory");
    for iri in ["urn:a b", "urn:a>b", "urn:\n", "no-scheme"] {
        let node = NamedNode::new_unchecked(iri);
        let learned = vec![Triple::new(node.clone(), v::IS, Literal::from("y"))];
        let change = Change { learned, ..says("ann", &room(), "x", "y") };
        assert!(matches!(keeper.commit(change), Err(Fault::Refused(_))), "{iri}");
        let change = Change { about: vec![node], ..says("ann", &room(), "x", "y") };
        assert!(matches!(keeper.commit(change), Err(Fault::Refused(_))), "{iri}");
    }
    let odd = "\u{0}\u{1}\"\\\n\r\t\u{7f}\u{202e}\u{feff}\u{10ffff} .\n<a> <b> <c> .";
    keeper.commit(says("a\"\n", &Place::Channel("#\n\"}".to_owned()), "x", odd)).expect("any text can be learned");
    assert_eq!(values(&keeper, &audience("ann", &room()), "x"), [odd]);
    assert_eq!(keeper.last_seq(), 1);
}

#[test]
fn a_dump_is_loaded_replaced_exported_and_removed() {
    let keeper = Keeper::in_memory().expect("in memory");
    let dump = |name| Dump { name, title: "Words", licence: "free", at: at(5) };
    let quads = |count: i32| {
        (0..count).map(|number| {
            Quad::new(thing(&format!("word {number}")), v::LABEL, Literal::from(number), v::KEEPING_GRAPH)
        })
    };
    assert_eq!(keeper.load(&dump("words"), &mut quads(30)).expect("loaded"), 30);
    assert_eq!(keeper.load(&dump("words"), &mut quads(20)).expect("loaded again"), 20);
    assert_eq!(keeper.load(&dump("other"), &mut quads(5)).expect("loaded"), 5);
    let graph = Source::Dump("words".to_owned()).graph();
    assert_eq!(keeper.stored(Some(&graph)).count(), 20);
    assert_eq!(keeper.stored(None).count(), 25);
    let names: Vec<_> =
        keeper.sources().expect("listed").into_iter().map(|source| (source.name, source.quads)).collect();
    assert_eq!(names, [("other".to_owned(), 5), ("words".to_owned(), 20), ("said".to_owned(), 0)]);
    assert!(matches!(keeper.cite(&graph), Ok(Some(Citation::Dump { title, .. })) if title == "Words"));
    let mut out = Vec::new();
    assert_eq!(keeper.export("words", &mut out).expect("exported"), 20);
    assert_eq!(String::from_utf8(out).expect("text").lines().count(), 20);
    assert_eq!(keeper.unload("words").expect("removed"), 20);
    assert!(keeper.unload("words").expect_err("gone").to_string().contains("these are: other"));
    assert!(keeper.load(&dump("said"), &mut quads(1)).is_err());
    assert_eq!(keeper.stored(None).count(), 5);
    keeper.commit(says("ann", &room(), "x", "y")).expect("learned");
    let mut out = Vec::new();
    assert_eq!(keeper.export("said", &mut out).expect("exported"), 7);
    assert!(String::from_utf8(out).expect("text").contains("\"x is y\""));
}

#[test]
fn a_statement_taken_back_is_invalid_until_it_is_restored() {
    let keeper = Keeper::in_memory().expect("in memory");
    let statement = keeper.commit(says("ann", &room(), "tea", "hot")).expect("learned").statement.expect("one");
    let record = keeper.record(1).expect("readable").expect("there");
    let change = |act, added: Vec<Quad>, removed: Vec<Quad>| Change {
        act,
        learned: Vec::new(),
        added,
        removed,
        undoes: Some(1),
        ..says("bob", &room(), "tea", "hot")
    };
    let invalid = || {
        let facts = keeper.keeping().all(Some(&statement.clone().into()), Some(v::INVALIDATED_AT), None, 9);
        facts.expect("readable").len()
    };
    let said = || keeper.sources().expect("listed").pop().expect("said").quads;
    assert_eq!((invalid(), said()), (0, 2));
    keeper.commit(change(Act::Forget, Vec::new(), record.added.clone())).expect("forgotten");
    assert_eq!((invalid(), said()), (1, 0));
    assert!(values(&keeper, &audience("ann", &room()), "tea").is_empty());
    keeper.commit(change(Act::Restore, record.added, Vec::new())).expect("restored");
    assert_eq!((invalid(), said()), (0, 2));
    assert_eq!(values(&keeper, &audience("ann", &room()), "tea"), ["hot"]);
    assert_eq!(keeper.about(&thing("tea")).expect("readable"), [1, 2, 3]);
    let mut back = Vec::new();
    keeper
        .back(&mut |record| {
            back.push((record.seq, record.act));
            if record.seq == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .expect("readable");
    assert_eq!(back, [(3, Act::Restore), (2, Act::Forget)]);
}

#[test]
fn what_was_read_before_a_change_is_not_served_after_it() {
    let keeper = Keeper::in_memory().unwrap();
    let tea = thing("tea").into();
    let seen = |name: &str, place: Place| {
        let audience = Audience { name: name.to_owned(), place };
        keeper.facts(&audience).all(Some(&tea), Some(v::IS), None, 100).unwrap().len()
    };
    for learned in 1..=50 {
        // Read twice: once from the store, once remembered.
        assert_eq!((seen("ann", Place::Global), seen("ann", Place::Global)), (learned - 1, learned - 1));
        let value = format!("drink {learned}");
        keeper.commit(says("ann", &Place::Global, "tea", &value)).unwrap();
        // Narrower than what was remembered.
        let value = Literal::new_simple_literal(value).into();
        let audience = Audience { name: "bob".to_owned(), place: Place::Private };
        assert_eq!(keeper.facts(&audience).all(Some(&tea), Some(v::IS), Some(&value), 9).unwrap().len(), 1);
    }
    keeper.commit(says("ann", &Place::Private, "tea", "green")).unwrap();
    assert_eq!(seen("ann", Place::Private), 51);
    assert_eq!(seen("bob", Place::Private), 50, "what is remembered for one is not shown to another");
    assert_eq!(seen("ann", Place::Channel("#x".to_owned())), 50);
}

#[test]
fn a_parsers_complaint_is_short_enough_to_read() {
    let keeper = Keeper::in_memory().unwrap();
    let audience = Audience { name: "ann".to_owned(), place: Place::Global };
    let stop = std::sync::atomic::AtomicBool::new(false);
    let refused = keeper.sparql("SELECT * WHERE { ?s ?p", &audience, 10, &stop).unwrap_err().to_string();
    assert!(refused.contains("1:23"), "says where: {refused}");
    assert!(refused.len() < 200 && !refused.contains('\n'), "{refused}");
}
