//! Asking over HTTP: the whole reply, the same as events, who may teach, and whose conversation is whose.

#[path = "support/server.rs"]
mod server;
#[path = "support.rs"]
mod support;

use serde_json::{Value, json};
use server::{ADMIN, Server, TOKEN, encoded};

fn ask(server: &Server, text: &str) -> Value {
    server.get(&format!("/ask?steps=true&text={}", encoded(text))).json()
}

fn teach(server: &Server, text: &str) -> Value {
    let taught = server.post("/learn", &[ADMIN], &json!({ "text": text }));
    assert_eq!(taught.status, 200, "{text}: {}", taught.text());
    assert!(taught.json()["statement"].is_string(), "{text}: {}", taught.text());
    taught.json()
}

#[test]
fn an_answer_says_how_it_is_known_and_why() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    teach(&server, "pepsi is a soda");
    teach(&server, "a soda is a drink");
    let reply = ask(&server, "is pepsi a drink?");
    assert_eq!(reply["kind"], "proved", "{reply}");
    let told = &reply["told"][0];
    let steps = told["steps"].as_array().expect("steps");
    let stored: Vec<&str> =
        steps.iter().filter(|step| step["because"] == "stored").filter_map(|step| step["text"].as_str()).collect();
    assert!(stored.contains(&"pepsi is a soda"), "{told}");
    assert!(told["words"].as_str().unwrap().contains("pepsi is a soda (ann"), "{told}");
    for (at, step) in steps.iter().enumerate() {
        let from = step["from"].as_array().unwrap();
        assert!(from.iter().all(|premise| premise.as_u64().unwrap() < at as u64), "premises come first: {told}");
        assert_eq!(step["because"] == "stored", step["source"].is_u64(), "{step}");
    }
    assert_eq!(told["sources"][0]["line"], "pepsi is a soda");
    assert_eq!(ask(&server, "what is a blorb?")["kind"], "unknown");
    assert!(ask(&server, "is pepsi a drink?")["told"].is_array());
    let plain = server.get(&format!("/ask?text={}", encoded("is pepsi a drink?"))).json();
    assert!(plain["told"].is_null() && plain["proof"].is_object(), "only to those who want it: {plain}");
    let why = server.get(&format!("/why?text={}", encoded("is pepsi a drink?"))).json();
    assert!(why["text"].as_str().unwrap().contains("a soda is a drink"), "{why}");
}

#[test]
fn events_come_in_order_and_make_the_same_reply() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    teach(&server, "pepsi is a soda, which \"some\" people drink every single day of their long lives");
    let headers = [("Accept", "text/event-stream")];
    let answer = server.post("/ask", &headers, &json!({ "text": "what is pepsi?", "steps": true }));
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")));
    let events: Vec<(String, Value)> = answer
        .text()
        .split("\n\n")
        .filter(|event| event.starts_with("event: "))
        .map(|event| {
            let (name, data) = event["event: ".len()..].split_once("\ndata: ").expect("a name and data");
            (name.to_owned(), serde_json::from_str(data).expect("JSON"))
        })
        .collect();
    let mut names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    assert_eq!(names, ["stage", "kind", "text", "reply"], "{events:?}");
    let stages: Vec<&str> = events.iter().filter_map(|(_, data)| data["stage"].as_str()).collect();
    assert_eq!(stages, ["heard", "understood", "answering"]);
    assert_eq!(events[1].1["as"], "question");
    let pieces: String =
        events.iter().filter(|(name, _)| name == "text").filter_map(|(_, data)| data["text"].as_str()).collect();
    let reply = &events.last().unwrap().1;
    assert_eq!(reply["text"], pieces.as_str());
    assert!(pieces.len() > 30 && names.len() < events.len(), "in several pieces: {events:?}");
}

#[test]
fn without_a_token_nothing_is_written_whichever_way() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let body = json!({ "text": "coffee is a drink" });
    let reply = server.post("/ask", &[], &body).json();
    assert_eq!((&reply["kind"], &reply["needs"]), (&json!("error"), &json!("learn")), "{reply}");
    assert_eq!(server.post("/learn", &[], &body).status, 401);
    assert_eq!(server.post("/undo", &[], &json!({})).status, 401);
    // A link is followed by machines: fetching changes nothing, whoever fetches.
    let fetched = server.send("GET", "/ask?text=coffee%20is%20a%20drink", &[ADMIN], "").json();
    assert_eq!(fetched["kind"], "error", "{fetched}");
    assert_eq!(server.send("POST", "/ask", &[ADMIN, ("Content-Type", "text/plain")], &body.to_string()).status, 415);
    let foreign = [ADMIN, ("Origin", "https://evil.example")];
    assert_eq!(server.post("/learn", &foreign, &body).status, 403, "another page's script");
    for bad in ["Bearer 0123456789abcdef-other", "Basic YTpi", "Bearer "] {
        assert_eq!(server.post("/learn", &[("Authorization", bad)], &body).status, 401, "{bad}");
    }
    assert_eq!(ask(&server, "what is coffee?")["kind"], "unknown");
    let question = server.post("/learn", &[ADMIN], &json!({ "text": "what is coffee?" }));
    assert_eq!(question.status, 422, "{}", question.text());
    for rule in ["every cat is a mammal", "if X is a parent of Y then Y is a child of X"] {
        assert_eq!(server.post("/ask", &[], &json!({ "text": rule })).json()["needs"], "learn", "{rule}");
        teach(&server, rule);
    }

    teach(&server, "coffee is a drink");
    assert_eq!(ask(&server, "is coffee a drink?")["kind"], "proved");
    let undone = server.post("/undo", &[ADMIN], &json!({})).json();
    assert_eq!(undone["kind"], "done", "{undone}");
    assert_eq!(ask(&server, "is coffee a drink?")["kind"], "unknown");
    let session = server.send("GET", "/session", &[ADMIN], "").json();
    assert_eq!((&session["user"], &session["learn"]), (&json!("ann"), &json!(true)));
    assert!(!server.get("/session").text().contains(TOKEN));
}

#[test]
fn a_conversation_is_its_callers_alone() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    teach(&server, "pepsi is a soda");
    let say = |talk: &str, text: &str| server.post("/ask", &[("Quid-Talk", talk)], &json!({ "text": text })).json();
    assert_eq!(say("one", "is pepsi a soda?")["kind"], "proved");
    assert_eq!(say("one", "why?")["kind"], "proved", "what was asked before is known");
    assert_ne!(say("two", "why?")["kind"], "proved", "and nobody else's");
    let bare = server.post("/ask", &[], &json!({ "text": "why?" })).json();
    assert_ne!(bare["kind"], "proved", "without a name every line stands alone: {bare}");
    // The same name with a token is another conversation: names are not secrets.
    let other = server.post("/ask", &[ADMIN, ("Quid-Talk", "one")], &json!({ "text": "why?" })).json();
    assert_ne!(other["kind"], "proved", "{other}");
    assert_eq!(server.post("/ask", &[("Quid-Talk", "")], &json!({ "text": "why?" })).status, 400);
}

#[test]
fn one_looks_around_and_completes() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    teach(&server, "Pepsi Cola is a soda");
    teach(&server, "ann likes Pepsi Cola");
    let entity = server.get("/entity?name=pepsi%20cola").json();
    let text = entity.to_string();
    assert_eq!(entity["iri"], "urn:quid:thing:pepsi%20cola", "{text}");
    assert!(text.contains("soda") && entity["neighbours"].to_string().contains("ann"), "{text}");
    assert_eq!(entity["sources"][0]["kind"], "said");
    let same = server.get("/entity?iri=urn%3Aquid%3Athing%3Apepsi%2520cola").json();
    assert_eq!(same, entity, "by its IRI the same");
    for (path, status) in [
        ("/entity?name=zorkmid", 404),
        ("/entity", 400),
        ("/entity?iri=no%20iri", 400),
        ("/entity?name=a&iri=urn:x:a", 400),
        ("/entity?nmae=a", 400),
        ("/complete", 400),
        ("/complete?prefix=a&kind=king", 400),
    ] {
        assert_eq!(server.get(path).status, status, "{path}");
    }
    let names = server.get("/complete?prefix=pep").json();
    assert!(names["completions"].to_string().to_lowercase().contains("pepsi cola"), "{names}");
    let properties = server.get("/complete?prefix=subcl&kind=property").json();
    assert!(properties["completions"].to_string().contains("rdf-schema#subClassOf"), "{properties}");
    let sources = server.get("/sources").json();
    assert!(sources["sources"].as_array().is_some_and(|sources| !sources.is_empty()), "{sources}");
}

#[test]
fn hostile_words_come_back_as_data() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let long = "a".repeat(20_000);
    for text in
        ["", "\u{0}", "</script><script>alert(1)</script>", "{{7*7}}", "'; DROP TABLE facts; --", "\u{202e}is a", &long]
    {
        let answer = server.post("/ask", &[ADMIN], &json!({ "text": text }));
        assert_eq!(answer.status, 200, "{text:.20}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    for body in ["", "[]", "{", "{\"text\":7}", "{\"text\":\"a\",\"more\":1}", "\u{0}"] {
        let answer = server.send("POST", "/ask", &[("Content-Type", "application/json")], body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["error"].is_string());
    }
    let deep = "[".repeat(500_000);
    assert_eq!(server.send("POST", "/ask", &[("Content-Type", "application/json")], &deep).status, 400);
    let huge = format!("{{\"text\":\"{}\"}}", "a".repeat(3 << 20));
    assert_eq!(server.send("POST", "/ask", &[("Content-Type", "application/json")], &huge).status, 413);
    assert_eq!(ask(&server, "what is coffee?")["kind"], "unknown", "and it still answers");
}
