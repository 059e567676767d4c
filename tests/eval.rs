//! Measuring with a file of questions of one's own: the figures, the picture, and that nothing is written.
//!
//! What is taught here is small enough that every figure can be counted by hand.

#[path = "support.rs"]
mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{errors, run, text};

/// Right, wrong, missed, an unknown left alone, an unknown answered; and a line that would teach.
const QUESTIONS: &str = "question\tanswers
is pepsi a drink?\tYES
what is coffee?\ttea
what is a blorb?\ta drink
what is a glorb?\t
is pepsi a soda?\t
milk is a drink\t
";

fn taught(home: &Path) {
    for line in ["pepsi is a soda", "a soda is a drink", "coffee is a drink"] {
        let learned = run(home, &["learn", line], b"");
        assert!(learned.status.success(), "{line}: {}", errors(&learned));
    }
}

#[test]
fn the_figures_are_those_counted_by_hand() {
    let home = tempfile::tempdir().unwrap();
    taught(home.path());
    let (file, plot) = (home.path().join("questions.tsv"), home.path().join("risk.svg"));
    fs::write(&file, QUESTIONS).unwrap();
    let asked = ["eval", file.to_str().unwrap(), "--json", "--show", "all", "--plot", plot.to_str().unwrap()];
    let output = run(home.path(), &asked, b"");
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let lines: Vec<Value> = text(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (figures, shown) = lines.split_last().expect("figures");
    assert_eq!(shown.len(), 6, "{shown:?}");
    for (name, part, whole) in
        [("answered", 3, 6), ("exact", 1, 3), ("precision", 1, 3), ("unknown_recall", 2, 3), ("coverage_at_95", 0, 6)]
    {
        let share = &figures[name];
        assert_eq!((share["part"].as_u64(), share["whole"].as_u64()), (Some(part), Some(whole)), "{name}: {shown:#?}");
        assert!(share["low"].as_f64() <= share["value"].as_f64() && share["value"].as_f64() <= share["high"].as_f64());
    }
    assert!(figures["p50_micros"].as_u64() <= figures["p99_micros"].as_u64());
    assert!(fs::read_to_string(&plot).unwrap().starts_with("<svg"));
    let milk = run(home.path(), &["ask", "what is milk?"], b"");
    assert_eq!(milk.status.code(), Some(1), "measuring teaches nothing: {}", text(&milk));
}

#[test]
fn what_is_wrong_is_shown_and_a_question_does_not_hang_on_the_one_before() {
    let home = tempfile::tempdir().unwrap();
    taught(home.path());
    let file = home.path().join("questions.jsonl");
    let questions = "{\"id\":\"first\",\"question\":\"is pepsi a drink?\",\"answers\":[\"yes\"]}
{\"id\":\"second\",\"question\":\"is coffee a drink?\",\"answers\":[\"no\"]}
{\"id\":\"third\",\"question\":\"why?\",\"answers\":[]}
";
    fs::write(&file, questions).unwrap();
    let output = run(home.path(), &["eval", file.to_str().unwrap(), "--show", "wrong"], b"");
    let told = text(&output);
    assert!(told.contains("second  is coffee a drink?\n  expected: no\n  proved: Yes"), "{told}");
    assert!(!told.contains("first  ") && !told.contains("third  "), "{told}");
    let rows: Vec<Vec<&str>> = told.lines().map(|line| line.split_whitespace().collect()).collect();
    let row = |name: &str| rows.iter().find(|row| row.first() == Some(&name)).cloned().unwrap_or_default();
    assert_eq!(row("answered").get(1), Some(&"2/3"), "{told}");
    assert_eq!(row("precision").get(1), Some(&"1/2"), "{told}");
}

#[test]
fn a_bad_file_is_refused_by_its_line() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("questions");
    for (content, named) in [
        (&b"is it?\tyes\nand\n"[..], "line 2: 1 columns where there must be two"),
        (b"{\"question\":\"is it?\"}\n", "line 1: the field `answers` is missing"),
        (b"is it?\t\xff\n", "line 1 is not valid UTF-8"),
        (b"", "no question"),
    ] {
        fs::write(&file, content).unwrap();
        let output = run(home.path(), &["eval", file.to_str().unwrap()], b"");
        let complaint = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(complaint.contains(named) && complaint.contains("hint: a line is"), "{complaint}");
        assert!(text(&output).is_empty(), "no figures of half a file");
    }
    let absent = run(home.path(), &["eval", "/nowhere/at/all"], b"");
    assert!(absent.status.code() == Some(2) && errors(&absent).contains("cannot open"), "{}", errors(&absent));
}
