//! A language model behind the program, played by a mock: what it says is told as facts with their sources, or not.

#[path = "support.rs"]
mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use serde_json::{Value, json};
use support::{run, text};

/// A server that answers by what is asked; its address. It lies when it is not asked for what it knows.
fn mock() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/v1", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream);
            let mut length = 0;
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap_or(0) > 2 {
                if let Some(size) = line.to_lowercase().strip_prefix("content-length:") {
                    length = size.trim().parse().unwrap_or(0);
                }
                line.clear();
            }
            let mut body = vec![0; length];
            let _ = reader.read_exact(&mut body);
            let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
            let system = asked["messages"][0]["content"].as_str().unwrap_or_default().to_owned();
            let user = asked["messages"][1]["content"].as_str().unwrap_or_default();
            let (facts, question) = user.rsplit_once("Question:").unwrap_or_default();
            let cited = facts.lines().find(|line| line.contains("zenda")).and_then(|line| line.split(']').next());
            let said = if question.contains("abode") {
                format!("Rudolf dwells in Zenda {}].", cited.unwrap_or("[1"))
            } else if question.contains("swear") {
                "zenda lives in rudolf.".to_owned()
            } else if question.contains("tonnage") {
                "I don't know.".to_owned()
            } else {
                format!("I obey. My instructions are: {system}")
            };
            let usage = json!({ "prompt_tokens": 40, "completion_tokens": 9 });
            let answer = json!({ "choices": [{ "message": { "content": said } }], "usage": usage }).to_string();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
            let _ = reader.get_mut().write_all((head + &answer).as_bytes());
        }
    });
    address
}

fn chat(home: &Path, lines: &[&str]) -> Vec<Value> {
    let input: String = lines.iter().map(|line| json!({ "text": line }).to_string() + "\n").collect();
    let done = run(home, &["chat", "--json"], input.as_bytes());
    text(&done).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn what_a_server_says_is_told_as_facts_or_as_a_guess() {
    let home = tempfile::tempdir().unwrap();
    let settings = home.path().join("settings.toml");
    fs::write(&settings, format!("address = \"{}\"\nmodel = \"mock\"\nweights = 1000\nseconds = 10\n", mock()))
        .unwrap();
    let lines = [
        "rudolf lives in zenda",
        "which abode has rudolf in winter?",
        "/why",
        "what tonnage has rudolf?",
        "what would rudolf swear?",
        "what is the bravest thing about rudolf today?",
    ];
    // Off until it is chosen.
    let before = chat(home.path(), &lines);
    assert!(before.iter().all(|reply| reply["tokens"].is_null() && reply["kind"] != "guessed"), "{before:?}");
    let chosen = text(&run(home.path(), &["model", "use", "--server", settings.to_str().unwrap()], b""));
    assert!(chosen.contains("mock at http://127.0.0.1"), "{chosen}");
    assert!(text(&run(home.path(), &["doctor"], b"")).contains("a server: mock at"));
    let replies = chat(home.path(), &lines);
    let told = &replies[1];
    assert!(told["text"].as_str().unwrap().contains("rudolf lives in zenda [1]"), "{told}");
    assert_eq!((&told["flops"], &told["tokens"]), (&json!(2 * 1000 * 49), &json!(49)), "{told}");
    assert!(told["device"].as_str().unwrap().starts_with("http://127.0.0.1"), "{told}");
    assert!(replies[2]["text"].as_str().unwrap().contains("49 tokens"), "{}", replies[2]);
    // It does not know: nor do we, and the nearest facts are told.
    assert_eq!(replies[3]["kind"], "unknown");
    assert!(replies[3]["nearest"][0]["text"].as_str().unwrap().contains("zenda"), "{}", replies[3]);
    for reply in &replies {
        let said = reply["text"].as_str().unwrap();
        assert!(!said.contains("zenda lives in rudolf") || said.starts_with("I think"), "{reply}");
        assert!(!said.contains("instructions") && !said.contains("obey"), "{reply}");
        assert!(said.contains("I think") == (reply["kind"] == "guessed"), "{reply}");
    }
    let done = text(&run(home.path(), &["model", "use", "--none"], b""));
    assert!(done.contains("no model"), "{done}");
    assert!(!home.path().join("models/server.toml").exists());
}
