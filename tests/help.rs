//! Every command's help shows an example, and every example runs.
//!
//! Help that was never run is the first thing to be wrong.

#[path = "support.rs"]
mod support;

use std::process::Command;

use support::{has_wordnet, run, text};

/// The commands as the main help lists them.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let names = listed
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(ToOwned::to_owned)
        .collect()
}

/// The lines under `Example:`.
fn examples(help: &str) -> Vec<String> {
    let shown = help.lines().skip_while(|line| line.trim() != "Example:").skip(1);
    shown.take_while(|line| line.starts_with("  ")).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn every_example_runs() {
    let home = tempfile::tempdir().unwrap();
    let help = |arguments: &[&str]| text(&run(home.path(), &[arguments, &["--help"]].concat(), b""));
    let mut all = examples(&help(&[]));
    let names = commands(&help(&[]));
    assert!(names.len() > 12, "{names:?}");
    // Learned first, so that the questions have something to find; WordNet last, since it takes longest.
    let first = ["learn", "ask", "why", "history", "search", "query", "export", "sources", "doctor", "paths"];
    for name in first
        .iter()
        .map(ToString::to_string)
        .chain(names.iter().filter(|name| !first.contains(&name.as_str())).cloned())
    {
        if name == "load" || name == "unload" {
            continue;
        }
        let shown = examples(&help(&[&name]));
        assert!(!shown.is_empty(), "quid {name} --help shows no example");
        all.extend(shown);
    }
    if has_wordnet() {
        all.extend(examples(&help(&["load", "wordnet"])));
        // Removing all of WordNet takes more than a minute; a small source shows as much.
        all.extend(examples(&help(&["unload"])).iter().map(|example| example.replace("wordnet-3.0", "everyday")));
    } else {
        println!("skipped: loading WordNet, which is not installed");
    }
    for example in all {
        let program = env!("CARGO_BIN_EXE_quid");
        // A server runs until it is told to end; and the usual port may be somebody's.
        let (ended, example) = if example.starts_with("quid serve") {
            ("timeout --preserve-status --signal TERM 3 ", example.replace(":7878", ":0"))
        } else {
            ("", example)
        };
        let script = format!("quid() {{ {ended}'{program}' --home '{}' \"$@\"; }}; {example}", home.path().display());
        let mut shell = Command::new("bash");
        // Some write a file beside them.
        let output = shell.args(["-c", &script]).env("USER", "ann").current_dir(home.path()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{example}\n{}{errors}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let home = tempfile::tempdir().unwrap();
    let help = text(&run(home.path(), &["--help"], b""));
    for shell in ["bash", "zsh", "fish"] {
        let script = text(&run(home.path(), &["completions", shell], b""));
        for name in commands(&help) {
            assert!(script.contains(&name), "{shell} does not complete {name}");
        }
    }
    let manual = text(&run(home.path(), &["man"], b""));
    assert!(manual.starts_with(".ie") || manual.starts_with(".TH"), "{}", &manual[..manual.len().min(60)]);
    assert!(!home.path().join("store").exists(), "neither opens a home");
}
