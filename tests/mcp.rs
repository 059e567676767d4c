//! Language models' programs, played by the official Python client: what they store is kept, proved and told.
//!
//! What is asked and expected stands in `tests/mcp/client.py`; without that client these tests say "skipped".

#[path = "support.rs"]
mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use support::{peer_python, quid};

fn play(scenario: &str, home: &Path, more: &[&str]) {
    let Some(python) = peer_python("mcp") else {
        println!("skipped: no Python with the module mcp (pip install mcp)");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mcp/client.py");
    let output = Command::new(python)
        .arg(script)
        .args([scenario, env!("CARGO_BIN_EXE_quid")])
        .arg(home)
        .args(more)
        .env("USER", "ann")
        .env_remove("QUID_HOME")
        .env_remove("QUID_DATA")
        .output()
        .expect("the client starts");
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.trim_end().ends_with("ok"), "{scenario}: {out}\n{error}");
}

#[test]
fn a_model_asks_learns_and_is_told_why() {
    play("words", tempfile::tempdir().unwrap().path(), &[]);
}

#[test]
fn the_reference_memory_can_be_replaced_as_it_is() {
    play("memory", tempfile::tempdir().unwrap().path(), &[]);
}

#[test]
fn its_file_can_be_loaded_and_gone_on_with() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("memory.jsonl");
    let lines = [
        r#"{"type":"entity","name":"Ann_Lee","entityType":"person","observations":["Speaks fluent Danish","Allergic to a|b (nuts)"]}"#,
        r#"{"type":"entity","name":"Acme","entityType":"company","observations":[]}"#,
        r#"{"type":"relation","from":"Ann_Lee","to":"Acme","relationType":"works_at"}"#,
    ];
    std::fs::write(&file, lines.join("\n")).unwrap();
    let loaded = quid(home.path()).args(["load", "brain"]).arg(&file).output().expect("it runs");
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let sources = quid(home.path()).arg("sources").output().expect("it runs");
    if !String::from_utf8_lossy(&sources.stdout).contains("memory") {
        println!("skipped: built without a store on disk, where nothing loaded lasts");
        return;
    }
    play("imported", home.path(), &[]);
}

#[test]
fn two_programs_at_once_lose_nothing_even_when_one_is_killed() {
    play("two", tempfile::tempdir().unwrap().path(), &[]);
}

#[test]
fn who_contradicts_whom_is_told() {
    play("contradiction", tempfile::tempdir().unwrap().path(), &[]);
}

#[test]
fn stored_orders_come_back_as_quotations() {
    play("quoted", tempfile::tempdir().unwrap().path(), &[]);
}

#[test]
fn over_http_a_token_says_what_is_allowed() {
    const TOKENS: [(&str, &str, &str); 2] =
        [("LEARNER", "learn", "0123456789abcdef-learn"), ("READER", "read", "0123456789abcdef-read")];
    let folder = tempfile::tempdir().unwrap();
    let mut config = String::from("[serve]\nhttp = \"127.0.0.1:0\"\n");
    for (variable, role, _) in TOKENS {
        let user = variable.to_lowercase();
        let part = format!("[[serve.token]]\nuser = \"{user}\"\nrole = \"{role}\"\nenvironment = \"{variable}\"\n");
        config.push_str(&part);
    }
    let path = folder.path().join("quid.toml");
    std::fs::write(&path, config).unwrap();
    let home = folder.path().join("home");
    let mut server = quid(&home)
        .args(["serve", "--config"])
        .arg(&path)
        .envs(TOKENS.map(|(variable, _, secret)| (variable, secret)))
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut said = BufReader::new(server.stderr.take().unwrap()).lines();
    let line =
        said.find_map(|line| line.ok().filter(|line| line.contains("http://"))).expect("it says where it listens");
    let address = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let url = format!("{}/mcp", address.trim_end_matches('/'));
    let played = std::panic::catch_unwind(|| play("http", &home, &[&url, TOKENS[0].2, TOKENS[1].2]));
    server.kill().unwrap();
    server.wait().unwrap();
    played.unwrap();
}

#[test]
fn what_is_no_message_does_no_harm() {
    let home = tempfile::tempdir().unwrap();
    let mut child = quid(home.path())
        .arg("mcp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}"#;
    writeln!(stdin, "{hello}\n{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}}").unwrap();
    assert!(lines.next().unwrap().unwrap().contains("quidnunc"));
    let deep = format!("{{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{}", "[".repeat(100_000));
    let nobody = r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"rm","arguments":{}}}"#;
    for line in ["no JSON", "[]", "7", r#"{"jsonrpc":"2.0","id":3,"method":"no/such"}"#, nobody, &deep, "\u{0}"] {
        writeln!(stdin, "{line}").unwrap();
    }
    writeln!(stdin, r#"{{"jsonrpc":"2.0","id":9,"method":"tools/list","params":{{}}}}"#).unwrap();
    let answer = lines.map_while(Result::ok).find(|line| line.contains("\"id\":9")).expect("still answering");
    assert!(answer.contains("create_entities"));
    drop(stdin);
    assert!(child.wait().unwrap().success());
}
