//! Questions over knowledge bases that nothing in the program was made for, asked as people ask.
//!
//! The knowledge bases have no labels and describe none of their relations: things and relations go by the ends of
//! their IRIs. Some of the questions ask for what they do not say. Two are the project's own; three are those of
//! Zhou et al. 2018, read from the folder of shared data where there is one.

#[path = "support.rs"]
mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{errors, run, text};

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reading").join(name)
}

fn figures(home: &Path, questions: &Path) -> (Value, String) {
    let output = run(home, &["eval", questions.to_str().expect("a path in UTF-8"), "--json", "--show", "all"], b"");
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

#[test]
fn films_are_asked_for_by_what_they_share_and_how_many_they_are() {
    let home = tempfile::tempdir().unwrap();
    let loaded = run(home.path(), &["load", "rdf", here("films.nt").to_str().unwrap()], b"");
    assert!(loaded.status.success(), "{}", errors(&loaded));
    let (figures, told) = figures(home.path(), &here("films.tsv"));
    assert!(part(&figures, "exact") >= 23, "of 31\n{told}");
    assert!(part(&figures, "precision") * 100 >= part(&figures, "answered") * 85, "{figures}\n{told}");
    for (question, answer) in [
        (
            "did Lena Orsk direct Seven Lanterns?",
            "Yes. I read this as: whether Lena Orsk is what Seven Lanterns is directed by.",
        ),
        (
            "which films share a director with Night Ferry?",
            "A House of Salt. I read this as: other things directed by what Night Ferry is.",
        ),
        (
            "how many films did Omar Dale star in?",
            "2: A House of Salt and Seven Lanterns. I read this as: how many things with Omar Dale as their starred actors there are.",
        ),
    ] {
        assert_eq!(text(&run(home.path(), &["ask", question], b"")).trim(), answer, "{question}");
    }
}

/// A file of the shared data; `None`, said, where it is not there.
fn shared(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/kgqa/pathquestion").join(name);
    let found = fs::read(&path).ok();
    if found.is_none() {
        println!("skipped: {name} is not there");
    }
    found
}

/// A part of an IRI, with everything but letters, digits and `_-.` escaped.
fn escaped(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"_-.".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The lines of a file as N-Triples.
fn triples(lines: &str) -> String {
    let mut out = String::new();
    for line in lines.lines() {
        if let [subject, relation, object] = line.split('\t').collect::<Vec<_>>()[..] {
            let [subject, relation, object] = [("e", subject), ("r", relation), ("e", object)]
                .map(|(kind, name)| format!("<http://example.org/{kind}/{}>", escaped(name)));
            let _ = writeln!(out, "{subject} {relation} {object} .");
        }
    }
    out
}

/// Every so-manieth question, with its answers.
fn questions(lines: &str, every: usize) -> String {
    let mut out = String::from("question\tanswers\n");
    for line in lines.lines().step_by(every) {
        let fields: Vec<&str> = line.split('\t').collect();
        let answers = match fields[..] {
            // `one(one/other/…)`
            [_, answer, ..] if answer.contains('(') => {
                answer.split_once('(').map_or(answer, |(_, all)| all.rsplit_once(')').map_or(all, |(all, _)| all))
            }
            [_, _, _, answers, ..] => answers,
            _ => continue,
        };
        let answers: Vec<String> =
            answers.split('/').filter(|answer| !answer.is_empty()).map(|answer| answer.replace('_', " ")).collect();
        let _ = writeln!(out, "{}\t{}", fields[0].trim(), answers.join("|"));
    }
    out
}

#[test]
fn knowledge_bases_never_seen_are_asked_over_two_steps() {
    for (facts, asked, every, exact, precision) in [
        ("2H-kb.txt", "PQ-2H.txt", 12, 74, 92),
        ("PQL2-KB.txt", "PQL-2H.txt", 10, 90, 94),
        ("WC2014.txt", "WC-P2.txt.gz", 40, 95, 95),
    ] {
        let (Some(facts), Some(bytes)) = (shared(facts), shared(asked)) else { return };
        let mut lines = String::new();
        if asked.ends_with("gz") {
            flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut lines).unwrap();
        } else {
            lines = String::from_utf8(bytes).unwrap();
        }
        let home = tempfile::tempdir().unwrap();
        let (nt, tsv) = (home.path().join("facts.nt"), home.path().join("questions.tsv"));
        fs::write(&nt, triples(&String::from_utf8(facts).unwrap())).unwrap();
        fs::write(&tsv, questions(&lines, every)).unwrap();
        let loaded = run(home.path(), &["load", "rdf", nt.to_str().unwrap()], b"");
        assert!(loaded.status.success(), "{}", errors(&loaded));
        let (figures, _) = figures(home.path(), &tsv);
        let share = |name: &str| 100.0 * figures[name]["value"].as_f64().unwrap_or_default();
        println!(
            "{asked}: {} questions, {:.1}% exact ({:.1}..{:.1}), {:.1}% of the answered right, {} µs a question",
            figures["n"],
            share("exact"),
            100.0 * figures["exact"]["low"].as_f64().unwrap_or_default(),
            100.0 * figures["exact"]["high"].as_f64().unwrap_or_default(),
            share("precision"),
            figures["p50_micros"],
        );
        assert!(share("exact") >= f64::from(exact) && share("precision") >= f64::from(precision), "{asked}: {figures}");
    }
}
