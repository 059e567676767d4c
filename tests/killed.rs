//! Invariant 11: an acknowledged fact survives kill -9, through the whole program.
//!
//! Rounds of teaching end in `kill -9` at a moment drawn anew each round; afterwards every acknowledged fact is
//! there and no fact is there half. `QUID_KILL_ROUNDS` and `QUID_KILL_FACTS` make it as long as wanted.

#[path = "support.rs"]
mod support;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;
use support::{Chat, errors, run, text};

fn number(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// The longest the whole test may take.
const LONGEST: Duration = Duration::from_mins(10);

#[test]
fn invariant_11_an_acknowledged_fact_survives_kill_9() {
    let rounds = number("QUID_KILL_ROUNDS", 5);
    let wanted = number("QUID_KILL_FACTS", 200);
    let home = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let mut acknowledged = BTreeSet::new();
    let mut taught = 0_usize;
    // Knuth's multiplicative constant spreads the moments; the same every time, so that a failure can be repeated.
    let mut moment = 0x9e37_79b9_u32;
    for round in 0..rounds {
        moment = moment.wrapping_mul(2_654_435_761).wrapping_add(12_345);
        let share = wanted.div_ceil(rounds);
        let mut chat = Chat::start(home.path());
        for _ in 0..share {
            taught += 1;
            let name = format!("fact{taught}");
            let reply = chat.say(&json!({"text": format!("{name} is a thing of round {round}"), "where": "global"}));
            assert_eq!(reply["kind"], "done", "{reply}");
            acknowledged.insert(name);
        }
        // One more is under way when the process dies, at another point of its work each round.
        taught += 1;
        let line = json!({"text": format!("fact{taught} is a thing of round {round}"), "where": "global"}).to_string();
        chat.send(line.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_micros(u64::from(moment % 4000)));
        chat.kill();
        while let Some(reply) = chat.reply() {
            if reply["kind"] == "done" {
                acknowledged.insert(format!("fact{taught}"));
            }
        }
        assert!(start.elapsed() < LONGEST, "{} facts in {:?}", acknowledged.len(), start.elapsed());
    }
    let query =
        "SELECT ?name ?value ?kind WHERE { GRAPH ?said { ?thing <http://www.w3.org/2000/01/rdf-schema#label> ?name ;
        <urn:quid:ns:is> ?value . OPTIONAL { ?thing <http://www.w3.org/2000/01/rdf-schema#subClassOf>|a ?kind } } }";
    let output = run(home.path(), &["query", query, "--json", "--limit", "1000000"], b"");
    assert!(output.status.success(), "{}", errors(&output));
    let mut found = BTreeSet::new();
    for line in text(&output).lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = row["name"].as_str().unwrap_or_else(|| panic!("no name: {row}")).trim_matches('"').to_owned();
        assert!(row["kind"].is_string() && row["value"].is_string(), "half a fact: {row}");
        found.insert(name);
    }
    let lost: Vec<&String> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), acknowledged.len());
    assert!(found.len() <= taught);
    let doctor = run(home.path(), &["doctor"], b"");
    assert!(doctor.status.success(), "{}", text(&doctor));
    println!("{rounds} rounds, {} acknowledged, 0 lost", acknowledged.len());
}
