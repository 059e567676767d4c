//! One home, one process; and what happens when a home is damaged.
//!
//! Whatever is derived is built again; whatever is the truth is refused rather than guessed at.

#[path = "support.rs"]
mod support;

use std::fs;

use serde_json::json;
use support::{Chat, errors, run, text};

#[test]
fn a_second_process_that_cannot_reach_the_first_is_told_who_holds_the_home() {
    let home = tempfile::tempdir().unwrap();
    let mut chat = Chat::start(home.path());
    chat.say(&json!({"text": "coffee is a drink", "where": "global"}));
    // With the socket it would be answered by the first: tests/consoles.rs.
    fs::remove_file(home.path().join("socket")).unwrap();
    let output = run(home.path(), &["ask", "what is coffee?"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).starts_with("error: "), "{}", errors(&output));
    assert!(errors(&output).contains(&chat.id().to_string()), "names the process: {}", errors(&output));
    assert!(errors(&output).contains("--home"), "says what to do: {}", errors(&output));
    chat.leave();
    assert_eq!(run(home.path(), &["ask", "what is coffee?"], b"").status.code(), Some(0));
}

#[test]
fn what_was_taught_is_found_by_its_words_in_the_next_process() {
    let home = tempfile::tempdir().unwrap();
    assert!(run(home.path(), &["learn", "zanzibar is a spicy island"], b"").status.success());
    let output = run(home.path(), &["search", "spicy"], b"");
    assert!(text(&output).contains("zanzibar"), "{}", text(&output));
}

#[test]
fn a_damaged_text_index_is_built_again() {
    let home = tempfile::tempdir().unwrap();
    assert!(run(home.path(), &["learn", "zanzibar is a spicy island"], b"").status.success());
    for damage in ["truncate", "garbage", "remove"] {
        let table = home.path().join("text/meta.json");
        match damage {
            "truncate" => fs::write(&table, "").unwrap(),
            "garbage" => fs::write(&table, "{\"segments\": 7}").unwrap(),
            _ => fs::remove_dir_all(home.path().join("text")).unwrap(),
        }
        let output = run(home.path(), &["search", "spicy"], b"");
        assert!(text(&output).contains("zanzibar"), "{damage}: {}{}", text(&output), errors(&output));
    }
}

#[test]
fn a_load_that_was_cut_short_leaves_no_half_text_index() {
    let home = tempfile::tempdir().unwrap();
    assert!(run(home.path(), &["learn", "zanzibar is a spicy island"], b"").status.success());
    fs::write(home.path().join("text-is-behind"), "").unwrap();
    let output = run(home.path(), &["search", "spicy"], b"");
    assert!(text(&output).contains("zanzibar"), "{}", errors(&output));
    assert!(errors(&output).contains("interrupted"), "it is told: {}", errors(&output));
    assert!(!home.path().join("text-is-behind").exists());
}

#[test]
fn a_store_that_does_not_fit_its_journal_is_refused_and_repaired() {
    let home = tempfile::tempdir().unwrap();
    assert!(run(home.path(), &["learn", "coffee is a drink"], b"").status.success());
    fs::remove_dir_all(home.path().join("store")).unwrap();
    let output = run(home.path(), &["ask", "what is coffee?"], b"");
    assert_eq!(output.status.code(), Some(2), "an empty store is not taken for the truth");
    assert!(errors(&output).contains("quid repair"), "{}", errors(&output));
    let output = run(home.path(), &["doctor"], b"");
    assert_eq!(output.status.code(), Some(2), "the doctor sees it: {}", text(&output));
    let output = run(home.path(), &["repair"], b"");
    assert!(output.status.success(), "{}{}", text(&output), errors(&output));
    assert_eq!(run(home.path(), &["ask", "what is coffee?"], b"").status.code(), Some(0));
    assert_eq!(run(home.path(), &["doctor"], b"").status.code(), Some(0));
}

#[test]
fn why_works_in_a_process_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["why"], b"");
    assert_eq!(output.status.code(), Some(2), "nothing was asked yet");
    assert!(errors(&output).contains("hint: "), "{}", errors(&output));
    run(home.path(), &["learn", "coffee is a drink"], b"");
    run(home.path(), &["ask", "is coffee a drink?"], b"");
    let output = run(home.path(), &["why"], b"");
    assert!(text(&output).contains("ann"), "names who taught it: {}{}", text(&output), errors(&output));
    let output = run(home.path(), &["why", "what", "is", "coffee?"], b"");
    assert!(text(&output).contains("ann"), "{}", text(&output));
}

#[test]
fn what_was_taught_can_be_taken_out_as_nquads() {
    let home = tempfile::tempdir().unwrap();
    run(home.path(), &["learn", "coffee is a drink"], b"");
    let output = run(home.path(), &["export", "said"], b"");
    assert!(output.status.success(), "{}", errors(&output));
    assert!(
        text(&output).contains("\"a drink\"") && text(&output).contains("urn:quid:said:1:global:"),
        "{}",
        text(&output)
    );
    let file = home.path().join("said.nq");
    let output = run(home.path(), &["export".as_ref(), "said".as_ref(), "--output".as_ref(), file.as_os_str()], b"");
    assert!(output.status.success() && fs::read_to_string(file).unwrap().contains("\"a drink\""));
    let output = run(home.path(), &["export", "nothing"], b"");
    assert!(output.status.code() == Some(2) && errors(&output).contains("nothing"), "{}", errors(&output));
}

#[test]
fn an_unreadable_home_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    let output = run(&file.join("home"), &["sources"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("a-file"), "{}", errors(&output));
}
