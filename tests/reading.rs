//! Questions over knowledge bases that nothing in the program was made for, asked as people ask.
//!
//! The knowledge base has no labels and describes none of its relations: things and relations go by the ends of
//! their IRIs. A quarter of the questions ask for what it does not say.

#[path = "support.rs"]
mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{errors, run, text};

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reading").join(name)
}

fn figures(home: &Path, questions: &Path) -> (Value, String) {
    let output = run(home, &["eval", questions.to_str().unwrap(), "--json", "--show", "all"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let told = text(&output);
    let last = told.lines().last().expect("figures").to_owned();
    (serde_json::from_str(&last).expect("JSON"), told)
}

fn part(figures: &Value, name: &str) -> u64 {
    figures[name]["part"].as_u64().unwrap_or_default()
}

#[test]
fn a_knowledge_base_without_labels_can_be_asked_about() {
    let home = tempfile::tempdir().unwrap();
    let loaded = run(home.path(), &["load", "rdf", here("press.nt").to_str().unwrap()], b"");
    assert!(loaded.status.success(), "{}", errors(&loaded));
    let (figures, told) = figures(home.path(), &here("press.tsv"));
    let (exact, answered) = (part(&figures, "exact"), part(&figures, "answered"));
    assert!(exact >= 26, "{exact} of 30 answered rightly\n{told}");
    assert!(part(&figures, "unknown_recall") >= 9, "what is not said is not known\n{told}");
    assert!(part(&figures, "precision") * 100 >= answered * 90, "{figures}\n{told}");
    // The answer tells how the question was read, and follows from what is stored.
    let asked = run(home.path(), &["ask", "what is the capital of the country of Tarnwick?"], b"");
    assert_eq!(text(&asked).trim(), "Strelsau. I read this as: the capital of the country of Tarnwick.");
    let proof = run(home.path(), &["why", "what is the capital of the country of Tarnwick?"], b"");
    assert!(text(&proof).contains("Strelsau") && text(&proof).contains("Ruritania"), "{}", text(&proof));
}
