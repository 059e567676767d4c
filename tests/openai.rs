//! Programs made for OpenAI's API, played by the official Python client.
//!
//! What is asked and expected stands in `tests/openai/client.py`; without that client the test says "skipped".

#[path = "support/server.rs"]
mod server;
#[path = "support.rs"]
mod support;

use std::path::Path;
use std::process::Command;

use serde_json::json;
use server::{ADMIN, Server, TOKEN};
use support::peer_python;

#[test]
fn the_official_client_asks_teaches_and_streams() {
    let Some(python) = peer_python("openai") else {
        println!("skipped: no Python with the module openai (pip install openai)");
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/openai/client.py");
    let output = Command::new(python)
        .arg(script)
        .args([&format!("http://{}", server.address), TOKEN])
        .env_remove("OPENAI_API_KEY")
        .output()
        .expect("the client starts");
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.trim_end().ends_with("ok"), "{out}\n{error}");
}

#[test]
fn without_the_client_the_shapes_are_the_same() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let said = json!({ "model": "quidnunc", "messages": [{ "role": "user", "content": "what is a blorb?" }] });
    let answer = server.post("/v1/chat/completions", &[], &said).json();
    assert_eq!(answer["object"], "chat.completion", "{answer}");
    assert_eq!(answer["quidnunc"]["kind"], "unknown");
    assert_eq!(answer["choices"][0]["message"]["content"], answer["quidnunc"]["text"]);
    let mut streaming = said.clone();
    streaming["stream"] = true.into();
    let streamed = server.post("/v1/chat/completions", &[], &streaming).text();
    assert!(streamed.ends_with("data: [DONE]\n\n") && streamed.contains("chat.completion.chunk"), "{streamed}");
    for (path, headers, body, status) in [
        ("/v1/chat/completions", &[][..], json!({}), 400),
        ("/v1/chat/completions", &[], json!({ "model": "other", "messages": [] }), 404),
        ("/v1/chat/completions", &[("Authorization", "Bearer 0123456789abcdef-wrong")], said.clone(), 401),
        ("/v1/embeddings", &[ADMIN], json!({ "model": "other", "input": "a" }), 404),
        ("/v1/embeddings", &[], json!({ "model": "quidnunc", "input": [] }), 400),
        ("/v1/embeddings", &[], json!({ "model": "quidnunc", "input": "a", "encoding_format": "x" }), 400),
    ] {
        let problem = server.post(path, headers, &body);
        assert_eq!(problem.status, status, "{path}: {}", problem.text());
        assert!(problem.json()["error"]["message"].is_string(), "{path}: {}", problem.text());
    }
}
