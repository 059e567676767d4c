//! A language model behind HTTP, played by a mock: what is sent, and that nothing it does harms us.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use quid_core::{Generator as _, Prompt, Said, Written};
use quid_neural::framing::Framing;
use quid_neural::server::{Server, Settings};

fn framing() -> Framing {
    Framing { system: "Answer.".into(), user: "{facts}\n{question}".into(), unknown: "I don't know".into() }
}

/// A server that answers one request so, `later` after it came; and what it was sent.
fn mock(answer: impl Into<Vec<u8>>, later: Duration) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let (sent, asked) = channel();
    let answer = answer.into();
    std::thread::spawn(move || {
        let Ok((stream, _)) = listener.accept() else { return };
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                break;
            }
            if let Some(size) = line.to_lowercase().strip_prefix("content-length:") {
                length = size.trim().parse().unwrap_or(0);
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        let _ = reader.read_exact(&mut body);
        let _ = sent.send((head, String::from_utf8_lossy(&body).into_owned()));
        std::thread::sleep(later);
        let _ = reader.get_mut().write_all(&answer);
    });
    (address, asked)
}

fn http(status: &str, more: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{more}connection: close\r\n\r\n{body}", body.len()).into_bytes()
}

fn said(text: &str) -> Vec<u8> {
    let body = serde_json::json!({
        "choices": [{ "message": { "role": "assistant", "content": text } }],
        "usage": { "prompt_tokens": 20, "completion_tokens": 5 },
    });
    http("200 OK", "content-type: application/json\r\n", &body.to_string())
}

fn settings(address: &str) -> Settings {
    serde_json::from_value(serde_json::json!({ "address": address, "model": "small", "seconds": 2, "weights": 1000 }))
        .expect("settings")
}

fn server(address: &str) -> Server {
    Server::new(settings(address), framing(), &|_| None).expect("it is set up")
}

fn say(server: &Server, question: &str) -> Option<Said> {
    let prompt = Prompt { question: question.to_owned(), ..Prompt::default() };
    server.say(&prompt, &mut |_| {}, &AtomicBool::new(false))
}

#[test]
fn an_answer_is_a_guess_with_its_cost() {
    let (address, asked) = mock(said(" It is hot [1].\n"), Duration::ZERO);
    let guess = say(&server(&address), "is tea hot?").expect("it answers");
    assert_eq!(guess.written, Written::Plain("It is hot [1].".to_owned()));
    assert_eq!(guess.flops, 2 * 1000 * 25);
    let (head, body) = asked.recv().expect("it was asked");
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1"), "{head}");
    assert!(!head.to_lowercase().contains("authorization"), "{head}");
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body["model"], "small");
    assert_eq!(body["stream"], false);
    assert_eq!(body["messages"][1]["content"], "\nis tea hot?");
    let (address, _heard) = mock(said("I don't know."), Duration::ZERO);
    let nothing = say(&server(&address), "is tea hot?").expect("it answers");
    assert_eq!(nothing.written, Written::Plain(String::new()));
}

#[test]
fn what_goes_wrong_is_told_and_ends_in_time() {
    let long = "x".repeat(2 << 20);
    for (answer, wanted) in [
        (http("500 Internal Server Error", "", "secret words"), "it answers 500"),
        (http("401 Unauthorized", "", ""), "it answers 401"),
        (http("302 Found", "location: http://127.0.0.1:1/\r\n", ""), "it answers 302"),
        (http("200 OK", "", "<html>"), "its answer is no JSON"),
        (http("200 OK", "", "{\"choices\": []}"), "its answer has no message"),
        (http("200 OK", "", &long), "limit"),
        (b"no HTTP at all\r\n\r\n".to_vec(), ""),
        (Vec::new(), ""),
    ] {
        let (address, _heard) = mock(answer, Duration::ZERO);
        let why = server(&address).ask("?", &[]).expect_err("it is no answer").to_string();
        assert!(why.starts_with(&address) && why.contains(wanted), "{why}");
        assert!(!why.contains("secret"), "{why}");
    }
    let (address, _heard) = mock(said("late"), Duration::from_mins(1));
    let started = Instant::now();
    assert!(say(&server(&address), "?").is_none());
    assert!(started.elapsed() < Duration::from_secs(30), "it waited {:?}", started.elapsed());
    assert!(say(&server("http://127.0.0.1:1/v1"), "?").is_none(), "nobody is there");
}

#[test]
fn keys_come_from_a_file_or_the_environment_and_go_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    std::fs::write(&file, "sk-file\nmore\n").expect("a file");
    for (from_file, wanted) in [(true, "Bearer sk-file"), (false, "Bearer sk-variable")] {
        let (address, asked) = mock(said("yes"), Duration::ZERO);
        let mut settings = settings(&address);
        if from_file {
            settings.key_file = Some(file.clone());
        } else {
            settings.key_variable = Some("MODEL_KEY".into());
        }
        let server = Server::new(settings, framing(), &|name| (name == "MODEL_KEY").then(|| "sk-variable".into()));
        let server = server.expect("it is set up");
        assert!(!format!("{server:?}").contains("sk-"), "a key is shown");
        say(&server, "?").expect("it answers");
        let (head, _) = asked.recv().expect("it was asked");
        assert!(head.to_lowercase().contains(&format!("authorization: {}", wanted.to_lowercase())), "{head}");
    }
    let refused = |address: &str, change: &dyn Fn(&mut Settings)| {
        let mut settings = settings(address);
        change(&mut settings);
        Server::new(settings, framing(), &|_| Some("k".into())).expect_err("it is refused").to_string()
    };
    let keyed = |settings: &mut Settings| settings.key_variable = Some("K".into());
    for address in ["http://models.example/v1", "http://127.0.0.1.example/v1", "http://localhost@models.example/v1"] {
        assert!(refused(address, &keyed).contains("https:// only"), "{address}");
    }
    assert!(refused("ftp://localhost", &|_| {}).contains("begins with http"));
    assert!(
        refused("http://localhost", &|settings| settings.key_file = Some("/nowhere/key".into())).contains("nowhere")
    );
    let both = |settings: &mut Settings| {
        settings.key_variable = Some("K".into());
        settings.key_file = Some(file.clone());
    };
    assert!(refused("http://localhost", &both).contains("not both"));
    for address in ["http://localhost:1/v1", "http://[::1]:1", "https://models.example/v1"] {
        let mut settings = settings(address);
        keyed(&mut settings);
        assert!(Server::new(settings, framing(), &|_| Some("k".into())).is_ok(), "{address}");
    }
}
