//! Several consoles on one home: the first has it, the others reach it through the first.

#[path = "support.rs"]
mod support;

use serde_json::json;
use support::{Chat, errors, run, text};

#[test]
fn commands_work_while_a_chat_has_the_home() {
    let home = tempfile::tempdir().unwrap();
    let mut chat = Chat::start(home.path());
    chat.say(&json!({"text": "coffee is a drink", "where": "global"}));
    let asked = run(home.path(), &["ask", "what is coffee?"], b"");
    assert!(asked.status.success() && text(&asked).contains("drink"), "{} {}", text(&asked), errors(&asked));
    let unknown = run(home.path(), &["ask", "what is a zorkmid?"], b"");
    assert_eq!(unknown.status.code(), Some(1), "{}", text(&unknown));
    let wrong = run(home.path(), &["query", "SELECT"], b"");
    assert_eq!(wrong.status.code(), Some(2), "{}", errors(&wrong));
    assert!(!errors(&wrong).is_empty());
    let taught = run(home.path(), &["learn", "milk is a liquid"], b"");
    assert!(taught.status.success(), "{}", errors(&taught));
    let reply = chat.say(&json!({"text": "what is milk?", "where": "global"}));
    assert!(reply["text"].as_str().unwrap().contains("liquid"), "{reply}");
    let as_json = run(home.path(), &["--json", "ask", "what is milk?"], b"");
    let value: serde_json::Value = serde_json::from_str(text(&as_json).trim()).unwrap();
    assert!(value["text"].as_str().is_some_and(|text| text.contains("liquid")), "{value}");
    let piped = run(home.path(), &["chat"], "what is milk?\nwhat is coffee?\n".as_bytes());
    assert_eq!(text(&piped).lines().count(), 2, "{} {}", text(&piped), errors(&piped));
    let lines = "{\"text\":\"what is milk?\"}\n{\"text\":\"what is coffee?\"}\n";
    let json = run(home.path(), &["chat", "--json"], lines.as_bytes());
    assert_eq!(text(&json).lines().count(), 2, "{} {}", text(&json), errors(&json));
    let file = home.path().join("said.nq");
    let written = run(home.path(), &["export", "said", "--output", file.to_str().unwrap()], b"");
    assert!(written.status.success() && file.exists(), "{}", errors(&written));
    assert!(chat.leave().success());
    assert!(!home.path().join("socket").exists(), "taken away with the chat");
    let alone = run(home.path(), &["ask", "what is milk?"], b"");
    assert!(text(&alone).contains("liquid"));
}

#[test]
fn many_consoles_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut chat = Chat::start(home.path());
    chat.say(&json!({"text": "hello"}));
    let path = home.path();
    std::thread::scope(|scope| {
        for console in 0..4 {
            scope.spawn(move || {
                let lines: Vec<String> =
                    (0..25).map(|number| format!("thing{console}x{number} is a gadget\n")).collect();
                let output = run(path, &["chat"], lines.concat().as_bytes());
                assert_eq!(text(&output).lines().count(), 25, "{} {}", text(&output), errors(&output));
            });
        }
    });
    assert!(chat.leave().success());
    let query = "SELECT (COUNT(DISTINCT ?thing) AS ?count) WHERE { ?thing <urn:quid:ns:is> ?value }";
    let counted = run(home.path(), &["query", query], b"");
    assert!(text(&counted).contains("100"), "{}", text(&counted));
}

#[test]
fn a_killed_chat_leaves_nothing_in_the_way() {
    let home = tempfile::tempdir().unwrap();
    let mut chat = Chat::start(home.path());
    chat.say(&json!({"text": "coffee is a drink", "where": "global"}));
    chat.kill();
    let asked = run(home.path(), &["ask", "what is coffee?"], b"");
    assert!(asked.status.success() && text(&asked).contains("drink"), "{}", errors(&asked));
}
