//! The direct way gives what the general way gives, to everybody what they may see, and ends when it is told to.

use std::{io, rc::Rc};

use quid_core::{
    Place, Regime, Scope, Source,
    oxrdf::{Literal, Quad, Term},
    sparql::{Asked, Bounds, Format, Kind, Outlet, Trouble},
};

use super::*;
use crate::{dataset::Visible, meter::Allowance, protocol, sparql::Around};

const PEOPLE: usize = 700;

/// People with names and friends in one dump, a few names in another, secrets of ann's and bob's, and a relation of which
/// one triple stands in two graphs.
fn store() -> Store {
    let store = Store::new().expect("in memory");
    let dump = |name: &str| Source::Dump(name.to_owned()).graph();
    let said = |seq, scope| Source::Said { seq, scope }.graph();
    let node = |name: String| NamedNode::new_unchecked(format!("a:{name}"));
    let mut quads = Vec::new();
    let mut say = |subject: &str, relation: &str, object: Term, graph: &NamedNode| {
        quads.push(Quad::new(node(subject.to_owned()), node(relation.to_owned()), object, graph.clone()));
    };
    let (people, more) = (dump("people"), dump("more"));
    for person in 0..PEOPLE {
        let name = person.to_string();
        say(&name, "name", Literal::new_simple_literal(format!("name {person}")).into(), &people);
        say(&name, "knows", node(((person * 7 + 1) % PEOPLE).to_string()).into(), &people);
        say(&name, "kind", node(format!("kind{}", person % 5)).into(), &people);
    }
    say("1000", "name", Literal::new_simple_literal("somebody else").into(), &more);
    say("1", "twice", node("2".to_owned()).into(), &people);
    say("1", "twice", node("2".to_owned()).into(), &more);
    say("1", "age", Literal::from(30).into(), &NamedNode::new_unchecked("http://example.org/ages"));
    for (seq, who) in [(1, "ann"), (2, "bob")] {
        let graph = said(seq, Scope::Private(who.to_owned()));
        say("1", "secret", Literal::new_simple_literal(format!("of {who}")).into(), &graph);
    }
    say("1", "only", Literal::new_simple_literal("of bob").into(), &said(3, Scope::Private("bob".to_owned())));
    store.extend(quads).expect("stored");
    store
}

struct House {
    store: Store,
    direct: Direct,
}

impl House {
    fn new() -> Self {
        Self { store: store(), direct: Direct { cache: Arc::default(), homes: Arc::default() } }
    }

    fn dataset(&self, who: &str, union: bool) -> Visible {
        let audience = Audience { name: who.to_owned(), place: Place::Private };
        Visible { store: self.store.clone(), audience: Rc::new(audience), union, staged: None }
    }

    /// Whether a query goes the direct way.
    fn goes(&self, query: &str, who: &str, union: bool) -> bool {
        let (dataset, halt) = (self.dataset(who, union), Arc::default());
        let query = sparql::parse(query, None).unwrap_or_else(|why| panic!("{query}: {why}"));
        let allowance = Allowance::new(Duration::from_mins(1), 1 << 30);
        meter::guarded(allowance, &halt, || {
            self.direct.solve(&query, &self.store, &dataset.audience, union, &halt).expect("solved").is_some()
        })
        .expect("in time")
    }

    /// The rows of a query, in order, by the direct way where it fits, or by the general one.
    fn rows(&self, query: &str, who: &str, union: bool, directly: bool) -> Vec<String> {
        let around = Around { direct: directly.then(|| self.direct.clone()), ..Around::default() };
        let halt = Arc::default();
        let mut rows = meter::guarded(Allowance::new(Duration::from_mins(1), 1 << 30), &halt, || {
            let query = sparql::parse(query, None).unwrap_or_else(|why| panic!("{query}: {why}"));
            let solved = sparql::solve(query, self.dataset(who, union), around, &halt, &|evaluator| evaluator);
            match solved.expect("allowed").results {
                QueryResults::Boolean(truth) => vec![truth.to_string()],
                QueryResults::Solutions(rows) => {
                    rows.map(|row| format!("{:?}", row.expect("a row").values())).collect()
                }
                QueryResults::Graph(_) => Vec::new(),
            }
        })
        .expect("in time");
        rows.sort();
        rows
    }
}

/// Takes an answer and keeps nothing of it.
struct Bin;

impl io::Write for Bin {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Outlet for Bin {
    fn begin(&mut self, _: Kind) -> Result<Format, Trouble> {
        Ok(Format::ResultsJson)
    }
}

#[test]
fn tame_queries_go_directly_and_give_the_same() {
    let house = House::new();
    // The query, and whether it goes directly for ann, over all graphs.
    let queries = [
        ("SELECT * { <a:7> <a:name> ?n }", true),
        ("SELECT ?n { <a:7> <a:knows>/<a:name> ?n }", false),
        ("SELECT ?n { <a:7> <a:knows> ?x . ?x <a:name> ?n }", true),
        ("SELECT ?n { ?x <a:name> ?n . ?y <a:knows> ?x . ?y <a:kind> <a:kind3> FILTER(?n > 'name 5') }", true),
        ("SELECT (COUNT(*) AS ?n) { ?x <a:name> ?y }", true),
        ("SELECT (COUNT(DISTINCT ?y) AS ?n) { ?x <a:kind> ?y }", true),
        ("SELECT ?y (COUNT(?x) AS ?n) { ?x <a:kind> ?y } GROUP BY ?y", true),
        ("SELECT (COUNT(*) AS ?n) { ?x <a:kind> ?y . ?x <a:name> ?z }", false),
        ("ASK { <a:7> <a:kind> <a:kind2> }", true),
        ("ASK { <a:7> <a:kind> <a:kind3> }", true),
        ("SELECT * { ?x <a:age> ?y }", true),
        // Products, which the engine makes in memory.
        ("SELECT * { <a:1> <a:name> ?n . <a:2> <a:name> ?m }", false),
        // A triple in two graphs comes once.
        ("SELECT * { ?x <a:twice> ?y }", false),
        ("SELECT (COUNT(*) AS ?n) { ?x <a:twice> ?y }", false),
        // Of the others' nothing.
        ("SELECT * { ?x <a:secret> ?y }", true),
        ("SELECT (COUNT(*) AS ?n) { ?x <a:secret> ?y }", true),
        ("SELECT * { ?x <a:only> ?y }", false),
        ("SELECT (COUNT(*) AS ?n) { ?x <a:only> ?y }", false),
        ("ASK { ?x <a:only> ?y }", false),
        // What may stand anywhere.
        ("SELECT * { <a:1> ?p ?o }", false),
        ("SELECT * { <a:1> <a:nothing> ?o }", false),
        ("SELECT * { GRAPH ?g { <a:1> <a:name> ?o } }", false),
        ("SELECT * FROM <urn:quid:dump:more> { ?x <a:name> ?o }", false),
        // What must be sorted or remembered.
        ("SELECT * { ?x <a:kind> ?o } ORDER BY ?x", false),
        ("SELECT DISTINCT ?o { ?x <a:kind> ?o }", false),
        ("SELECT * { ?x <a:kind> ?o OPTIONAL { ?x <a:age> ?n } }", false),
        ("SELECT (CONCAT(?n, ?n) AS ?m) { ?x <a:name> ?n }", false),
        ("SELECT * { ?x <a:name> ?n FILTER(REPLACE(?n, 'a', 'b') = 'b') }", false),
        ("SELECT * { ?x <a:kind> ?k { SELECT ?x { ?x <a:name> ?k } } }", false),
    ];
    for (query, goes) in queries {
        assert_eq!(house.goes(query, "ann", true), goes, "{query}");
        for (who, union) in [("ann", true), ("bob", true), ("cid", true), ("ann", false)] {
            let rows = house.rows(query, who, union, true);
            assert_eq!(rows, house.rows(query, who, union, false), "{query}, for {who}");
            let others = if who == "ann" { "of bob" } else { "of ann" };
            assert!(!rows.iter().any(|row| row.contains(others)), "{query} tells {who} what is {others}: {rows:?}");
        }
    }
}

#[test]
fn what_is_written_is_seen_at_once() {
    let house = House::new();
    let count = "SELECT (COUNT(*) AS ?n) { ?x <a:name> ?y }";
    let number = |rows: &[String]| rows.concat().split('"').nth(1).and_then(|number| number.parse::<usize>().ok());
    assert_eq!(number(&house.rows(count, "ann", true, true)), Some(PEOPLE + 1));
    for (seq, graph, more) in [(5, Scope::Global, 1), (6, Scope::Private("bob".to_owned()), 0)] {
        let before = number(&house.rows(count, "ann", true, true)).expect("a number");
        let quad = Quad::new(
            NamedNode::new_unchecked(format!("a:new{seq}")),
            NamedNode::new_unchecked("a:name"),
            Literal::new_simple_literal("new"),
            Source::Said { seq, scope: graph }.graph(),
        );
        house.store.insert(&quad).expect("stored");
        house.direct.cache.changed(std::iter::once(&quad));
        assert_eq!(number(&house.rows(count, "ann", true, true)), Some(before + more), "{quad}");
        assert!(house.goes(count, "ann", true));
    }
}

#[test]
fn it_ends_when_its_time_is_over_and_when_it_is_stopped() {
    let house = House::new();
    let endless = "SELECT * { ?a <a:kind> ?k . ?b <a:kind> ?k . ?c <a:kind> ?k . ?d <a:kind> ?k . ?e <a:kind> ?k } \
                   OFFSET 99999999999";
    assert!(house.goes(endless, "ann", true));
    for stopped in [false, true] {
        let halt: Arc<AtomicBool> = Arc::default();
        let around = Around { direct: Some(house.direct.clone()), ..Around::default() };
        let time = if stopped { Duration::from_mins(5) } else { Duration::from_millis(100) };
        let raised = Arc::clone(&halt);
        let stopper = std::thread::spawn(move || {
            if stopped {
                std::thread::sleep(Duration::from_millis(100));
                raised.store(true, Ordering::Relaxed);
            }
        });
        let start = Instant::now();
        let asked = Asked {
            text: endless.to_owned(),
            base: None,
            default_graphs: Vec::new(),
            named_graphs: Vec::new(),
            union: true,
            audience: Audience { name: "ann".to_owned(), place: Place::Private },
            regime: Regime::None,
            bounds: Bounds { time, bytes: 1 << 30, rows: 10 },
            stop: Arc::clone(&halt),
        };
        let ended = protocol::query(&house.store, around, &asked, &mut Bin);
        match (stopped, ended) {
            (true, Err(Trouble::Stopped)) | (false, Err(Trouble::TooMuch(_))) => {}
            (_, other) => panic!("ended by {other:?}"),
        }
        assert!(start.elapsed() < Duration::from_secs(5), "ended after {:?}", start.elapsed());
        stopper.join().expect("it only raises a flag");
    }
}

#[test]
fn groups_that_could_fill_the_memory_take_the_general_way() {
    let house = House::new();
    let query = sparql::parse("SELECT ?x (COUNT(?y) AS ?n) { ?x <a:kind> ?y } GROUP BY ?x", None).expect("a query");
    let audience = Audience { name: "ann".to_owned(), place: Place::Private };
    for (bytes, goes) in [(PEOPLE * COUNTED, true), (PEOPLE * COUNTED - 1, false)] {
        let halt = Arc::default();
        let solved = meter::guarded(Allowance::new(Duration::from_mins(1), bytes), &halt, || {
            house.direct.solve(&query, &house.store, &audience, true, &halt).expect("solved").is_some()
        });
        assert_eq!(solved, Ok(goes));
    }
}
