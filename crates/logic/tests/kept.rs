//! What follows is worked out once for the queries of one audience, until something is written, and within bounds.

#[path = "../../core/tests/listed/mod.rs"]
mod listed;

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term, Triple};
use quid_core::{Entailment, Fact, Facts, Fault, Feed, Regime};
use quid_logic::entail::Follows;

use listed::Listed;

/// Facts that count how often somebody reads all of them.
struct Counted {
    facts: Listed,
    version: u64,
    audience: &'static str,
    read: Cell<usize>,
}

impl Facts for Counted {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.read.set(self.read.get() + usize::from(predicate.is_none()));
        self.facts.each(subject, predicate, object, visit)
    }

    fn feed(&self) -> Option<&dyn Feed> {
        Some(self)
    }
}

impl Feed for Counted {
    fn keeper(&self) -> u64 {
        1
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn since(&self, _: u64) -> Option<Vec<Triple>> {
        None
    }
    fn everybodys(&self) -> &dyn Facts {
        self
    }
    fn shows(&self, _: &NamedNode) -> bool {
        true
    }
    fn view(&self) -> Option<String> {
        (!self.audience.is_empty()).then(|| self.audience.to_owned())
    }
}

fn node(name: &str) -> NamedNode {
    NamedNode::new_unchecked(name.replace("rdfs:", "http://www.w3.org/2000/01/rdf-schema#"))
}

fn facts(triples: &[(&str, &str, &str)], version: u64, audience: &'static str) -> Counted {
    let fact = |&(subject, predicate, object): &(&str, &str, &str)| Fact {
        subject: node(subject).into(),
        predicate: node(predicate),
        object: node(object).into(),
        graph: node("urn:g"),
    };
    Counted { facts: Listed(triples.iter().map(fact).collect()), version, audience, read: Cell::new(0) }
}

/// Everything that is below `urn:c` in one query, and how often all facts were read for it.
fn below(follows: &Follows, facts: &Counted, regime: Regime) -> (Vec<String>, usize) {
    facts.read.set(0);
    let stop = AtomicBool::new(false);
    let entailed = follows.over(regime, facts, &stop).expect("a regime");
    let mut found = Vec::new();
    let class = Term::from(node("urn:c"));
    for _ in 0..2 {
        found.clear();
        let visit = &mut |subject: &Term, _: &NamedNode, _: &Term| {
            found.push(subject.to_string());
            ControlFlow::Continue(())
        };
        let below = node("rdfs:subClassOf");
        entailed.each(facts, None, Some(&below), Some(&class), &stop, visit).expect("it is small");
    }
    found.retain(|subject| subject != "<urn:c>");
    found.sort();
    (found, facts.read.get())
}

#[test]
fn what_was_closed_serves_the_next_query_until_something_is_written() {
    let follows = Follows::new(100_000, Vec::new());
    let chain = [("urn:a", "rdfs:subClassOf", "urn:b"), ("urn:b", "rdfs:subClassOf", "urn:c")];
    let all = || vec!["<urn:a>".to_owned(), "<urn:b>".to_owned()];
    let before = facts(&chain, 1, "ann");
    assert_eq!(below(&follows, &before, Regime::Rdfs), (all(), 1));
    assert_eq!(below(&follows, &before, Regime::Rdfs), (all(), 0), "again");
    assert!(follows.held() > 2, "{} triples are held", follows.held());
    assert_eq!(below(&follows, &facts(&chain, 1, "ann"), Regime::OwlRl), (all(), 1), "another regime");
    assert_eq!(
        below(&follows, &facts(&chain[1..], 1, "bob"), Regime::Rdfs),
        (vec!["<urn:b>".to_owned()], 1),
        "another audience"
    );
    assert_eq!(below(&follows, &facts(&chain[..1], 2, "ann"), Regime::Rdfs), (Vec::new(), 1), "another version");
    assert_eq!(below(&follows, &facts(&chain[..1], 2, "ann"), Regime::Rdfs), (Vec::new(), 0));
    for _ in 0..2 {
        assert_eq!(below(&follows, &facts(&chain, 3, ""), Regime::Rdfs), (all(), 1), "nobody knows who asks");
    }
}

#[test]
fn no_more_is_held_than_one_query_may_take() {
    let chain = [("urn:a", "rdfs:subClassOf", "urn:b"), ("urn:b", "rdfs:subClassOf", "urn:c")];
    let one = Follows::new(100_000, Vec::new());
    below(&one, &facts(&chain, 1, "ann"), Regime::Rdfs);
    let most = one.held() + one.held() / 2;
    let bounded = Follows::new(most, Vec::new());
    for audience in ["ann", "bob", "eve"] {
        assert_eq!(below(&bounded, &facts(&chain, 1, audience), Regime::Rdfs).1, 1, "{audience}");
        assert!(bounded.held() <= most, "{} of {most}", bounded.held());
    }
    assert_eq!(below(&bounded, &facts(&chain, 1, "eve"), Regime::Rdfs).1, 0, "the last one is kept");
    assert_eq!(below(&bounded, &facts(&chain, 1, "ann"), Regime::Rdfs).1, 1, "the first made room");
}
