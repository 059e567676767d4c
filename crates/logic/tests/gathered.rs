//! Counts and denials over large tables: right, accepted by the checker, and at a cost that grows with the search.
//!
//! Every answer's proof rests on a table of hundreds or thousands of answers; proving each by all of them would take
//! the square of the time.

#[path = "../../core/tests/listed/mod.rs"]
mod listed;

use std::fmt::Write as _;

use quid_core::oxrdf::NamedNode;
use quid_core::{Budget, Rulebook, columns};
use quid_logic::{Extent, Ground, Program, Standard, Vocabulary, ask, read_program, read_query, shown};

use listed::Listed;

/// A tree of so many nodes: node `n` is below node `n / 3`.
const NODES: usize = 900;

const RULES: &str = "
reach(X, Y) :- edge(X, Y).
reach(X, Z) :- reach(X, Y), edge(Y, Z).
back(X, Y) :- edge(Y, X).
pair(X, Y) :- edge(X, Y), node(Y).
fan(X, N) :- count(Y, edge(X, Y), N).
size(X, N) :- count(Y, reach(X, Y), N).
inner(X) :- edge(X, _).
leaf(X) :- node(X), \\+ inner(X).
even(n0).
even(Y) :- odd(X), edge(X, Y).
odd(Y) :- even(X), edge(X, Y).
far(X, Y) :- reach(X, Y), \\+ edge(X, Y).
high(X) :- reach(n0, X), \\+ leaf(X).
joined(X, Y) :- edge(X, Y).
joined(X, Y) :- edge(Y, X).
joined(X, Y) :- back(X, Z), high(Z), edge(Z, Y), \\+ leaf(Y).
certain(X) :- node(X), joined(X, _), joined(n0, n1).
near(X, Y) :- edge(X, Y), joined(Y, X).
";

fn below(node: usize) -> usize {
    (node * 3..node * 3 + 3).filter(|below| *below > 0 && *below < NODES).map(|node| 1 + below(node)).sum()
}

fn depth(node: usize) -> usize {
    if node == 0 { 0 } else { 1 + depth(node / 3) }
}

#[test]
fn large_tables_are_gathered_and_proved_at_a_bounded_cost() {
    let mut text = String::from(RULES);
    for node in 0..NODES {
        writeln!(text, "node(n{node}).").expect("a text takes everything");
        if node > 0 {
            writeln!(text, "edge(n{}, n{node}).", node / 3).expect("a text takes everything");
        }
    }
    let script = read_program("large", &text, &Vocabulary::default(), &|file| Err(format!("no file {file}")));
    assert_eq!(script.problems, []);
    let graph = NamedNode::new_unchecked("urn:g");
    let facts: Listed = script.facts.iter().flat_map(|fact| columns::quads(fact, graph.clone())).collect();
    let names = script.names();
    let program = Program::new(&Rulebook { rules: script.rules });
    let ground = Ground { facts: &facts, rules: &program, builtins: &Standard, mirror: None };

    let reached: usize = (0..NODES).map(below).sum();
    let inner = (0..NODES).filter(|node| below(*node) > 0).count();
    let even = (0..NODES).filter(|node| depth(*node).is_multiple_of(2)).count();
    let count = |number: usize| vec![format!("N = {number}")];
    let sizes: Vec<String> = {
        let of = |node: usize| format!("X = n{node}, N = {}", below(node));
        (0..NODES).filter(|node| below(*node) > 0).map(of).collect()
    };
    let fans: Vec<String> = {
        let fan = |node: usize| (node * 3..node * 3 + 3).filter(|below| *below > 0 && *below < NODES).count();
        let of = |node: usize| format!("X = n{node}, N = {}", fan(node));
        (0..NODES).filter(|node| fan(*node) > 0).map(of).collect()
    };
    let leaves: Vec<String> = (0..NODES).filter(|node| below(*node) == 0).map(|node| format!("X = n{node}")).collect();
    for (question, expected) in [
        ("?- aggregate_all(count, edge(_, _), N).", count(NODES - 1)),
        ("?- aggregate_all(count, back(_, _), N).", count(NODES - 1)),
        ("?- aggregate_all(count, pair(_, _), N).", count(NODES - 1)),
        ("?- aggregate_all(count, reach(_, _), N).", count(reached)),
        ("?- aggregate_all(count, leaf(_), N).", count(NODES - inner)),
        ("?- aggregate_all(count, even(_), N).", count(even)),
        ("?- aggregate_all(count, far(_, _), N).", count(reached - (NODES - 1))),
        ("?- aggregate_all(count, fan(_, _), N).", count(inner)),
        ("?- aggregate_all(count, certain(_), N).", count(NODES)),
        ("?- aggregate_all(count, near(_, _), N).", count(NODES - 1)),
        ("?- aggregate_all(max(N), fan(_, N), N).", count(3)),
        ("?- fan(X, N).", fans),
        ("?- size(X, N).", sizes),
        ("?- leaf(X).", leaves),
    ] {
        let query = read_query(question, &names, &|_, _| None).unwrap_or_else(|problem| panic!("{}", problem.marked()));
        let budget = Budget::steps(100_000_000);
        let found = ask(&query, &ground, &budget).unwrap_or_else(|refusal| panic!("{question}: {refusal}"));
        assert_eq!(found.extent(), Extent::All, "{question}");
        let searched = budget.taken();
        let mut rows = Vec::new();
        for row in 0..found.len() {
            let verified = found.verified(row).unwrap_or_else(|refusal| panic!("{question}: {refusal}"));
            assert_eq!(verified.sources(), [&graph], "{question}");
            let values = found.values(row);
            assert_eq!(verified.proof().conclusion().map(|claim| &claim.arguments), Some(&values), "{question}");
            let pairs = query.columns.iter().zip(&values);
            let shown: Vec<String> = pairs.map(|(name, value)| format!("{name} = {}", shown(value, &names))).collect();
            rows.push(shown.join(", "));
        }
        let proved = budget.taken() - searched;
        rows.sort();
        let mut expected = expected;
        expected.sort();
        assert_eq!(rows, expected, "{question}");
        assert!(proved < 6 * searched + 1_000, "{question}: searched in {searched} steps, proved in {proved}");
    }
}
