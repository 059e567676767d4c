//! Reads anything as ConceptNet's assertions: problems with their places, or quads that give the same lines back.
//!
//! Some good lines stand around what is tried, so that one bad line is seen not to harm the next.
#![no_main]

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use quid_core::Fault;
use quid_core::oxrdf::Quad;
use quid_import::conceptnet::export::Exporter;
use quid_import::conceptnet::{ConceptNet, Filter};
use quid_import::source::{Dump, Input, Limits, source_of};

#[path = "../../../crates/import/tests/conceptnet/stored.rs"]
mod stored;

use stored::Stored;

const GOOD: &str = concat!(
    "/a/[/r/IsA/,/c/en/dog/n/,/c/en/pet/]\t/r/IsA\t/c/en/dog/n\t/c/en/pet\t",
    r#"{"dataset": "/d/x", "license": "cc:by/4.0", "sources": [{"contributor": "/s/a"}], "weight": 1.0}"#,
    "\n"
);

fn read(bytes: Vec<u8>) -> Vec<Quad> {
    let total = bytes.len() as u64;
    let Ok(input) = Input::of(Box::new(Cursor::new(bytes)), Path::new("x"), total, Limits::default()) else {
        return Vec::new();
    };
    let mut dump = ConceptNet::of(input, "conceptnet", Filter::default(), String::new());
    let mut quads = Vec::new();
    while let Some(item) = dump.next() {
        match item {
            Ok(quad) => quads.push(quad),
            Err(problem) => assert!(problem.line > 0 && problem.to_string().starts_with("x:"), "{problem}"),
        }
    }
    quads
}

fn lines(quads: &[Quad]) -> BTreeSet<String> {
    let stored = Stored::new(quads);
    let exporter = Exporter::new(&stored).expect("in memory");
    let mut lines = BTreeSet::new();
    for graph in stored.graphs() {
        let mut write = |line: &str| {
            lines.insert(line.to_owned());
            Ok::<(), Fault>(())
        };
        exporter.graph(&graph, stored.of(&graph).map(Ok), &mut write).expect("in memory");
    }
    lines
}

fuzz_target!(|data: &[u8]| {
    let quads = read([GOOD.as_bytes(), data, b"\n", GOOD.as_bytes()].concat());
    assert!(quads.iter().all(|quad| source_of(quad).is_some()));
    let once = lines(&quads);
    assert!(data.starts_with(b"\x1f\x8b") || !once.is_empty());
    let text: String = once.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(lines(&read(text.into_bytes())), once, "what was given back reads as the same");
});
