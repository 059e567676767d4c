//! Attacks the server as strangers would, and sees that it goes on.
//!
//! Depth, size, time, number, disguise: whatever comes must be refused or bounded, and the next request answered as if
//! nothing had happened. Small by default; `ATTACK_DEPTH`, `ATTACK_CLIENTS` and `ATTACK_HALF_OPEN` make it larger.

#[path = "support/serving.rs"]
mod serving;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use quid_serve::{Config, Limits};
use serving::{ADMIN, LEARNER, READER, Served, encoded};

/// The deepest nesting that is tried by default; every power of ten below it too.
const DEPTH: usize = 10_000;

fn from_environment(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn is_alive(served: &Served) -> bool {
    served.send("GET", &format!("/query?query={}", encoded("ASK {}")), &[], b"").status == 200
}

/// Something nested `n` deep, for the parser behind a path.
type Bomb = (&'static str, &'static str, &'static str, fn(usize) -> String);

const BOMBS: [Bomb; 27] = [
    ("groups", "/query", "application/sparql-query", |n| format!("ASK {}{}", "{".repeat(n), "}".repeat(n))),
    ("brackets", "/query", "application/sparql-query", |n| {
        format!("ASK {{ FILTER({}1{}) }}", "(".repeat(n), ")".repeat(n))
    }),
    ("negations", "/query", "application/sparql-query", |n| format!("ASK {{ FILTER({}1) }}", "!".repeat(n))),
    ("minuses", "/query", "application/sparql-query", |n| format!("ASK {{ FILTER({}1) }}", "- ".repeat(n))),
    ("sums", "/query", "application/sparql-query", |n| format!("ASK {{ FILTER(1{}) }}", "+1".repeat(n))),
    ("ors", "/query", "application/sparql-query", |n| format!("ASK {{ FILTER(1{}) }}", "||1".repeat(n))),
    ("unions", "/query", "application/sparql-query", |n| format!("ASK {{ {{}}{} }}", " UNION {}".repeat(n))),
    ("optionals", "/query", "application/sparql-query", |n| {
        format!("ASK {{ {}{} }}", "OPTIONAL { ?a ?b ?c . ".repeat(n), "}".repeat(n))
    }),
    ("existences", "/query", "application/sparql-query", |n| {
        format!("ASK {{ {}?a ?b ?c{} }}", "FILTER EXISTS { ".repeat(n), "}".repeat(n))
    }),
    ("paths", "/query", "application/sparql-query", |n| {
        format!("ASK {{ ?a {}<a:b>{} ?c }}", "(".repeat(n), ")*".repeat(n))
    }),
    ("sequences", "/query", "application/sparql-query", |n| format!("ASK {{ ?a <a:b>{} ?c }}", "/<a:b>".repeat(n))),
    ("blanks", "/query", "application/sparql-query", |n| {
        format!("ASK {{ {}?a{} ?b ?c }}", "[ <a:b> ".repeat(n), "]".repeat(n))
    }),
    ("lists", "/query", "application/sparql-query", |n| format!("ASK {{ ?a ?b {}{} }}", "(".repeat(n), ")".repeat(n))),
    ("triple terms", "/query", "application/sparql-query", |n| {
        format!("ASK {{ ?a ?b {}?c{} }}", "<<( ?s ?p ".repeat(n), " )>>".repeat(n))
    }),
    ("reified triples", "/query", "application/sparql-query", |n| {
        format!("ASK {{ {}?c{} ?p ?o }}", "<< ".repeat(n), " ?p ?o >>".repeat(n))
    }),
    ("sub-queries", "/query", "application/sparql-query", |n| {
        format!("SELECT * {}{{}}{}", "{ SELECT * ".repeat(n), "}".repeat(n))
    }),
    ("calls", "/query", "application/sparql-query", |n| {
        format!("ASK {{ FILTER({}1{}) }}", "STR(".repeat(n), ")".repeat(n))
    }),
    ("groups in an update", "/update", "application/sparql-update", |n| {
        format!("DELETE {{ ?a ?b ?c }} WHERE {}{}", "{".repeat(n), "}".repeat(n))
    }),
    ("blanks in data", "/update", "application/sparql-update", |n| {
        format!("INSERT DATA {{ <a:a> <a:b> {}<a:c>{} }}", "[ <a:b> ".repeat(n), "]".repeat(n))
    }),
    ("triple terms in data", "/update", "application/sparql-update", |n| {
        format!("INSERT DATA {{ <a:a> <a:b> {}<a:c>{} }}", "<<( <a:a> <a:b> ".repeat(n), " )>>".repeat(n))
    }),
    ("Turtle", "/store?graph=a:bomb", "text/turtle", |n| {
        format!("<a:a> <a:b> {}<a:c>{} .", "[ <a:b> ".repeat(n), "]".repeat(n))
    }),
    ("Turtle's lists", "/store?graph=a:bomb", "text/turtle", |n| {
        format!("<a:a> <a:b> {}{} .", "(".repeat(n), ")".repeat(n))
    }),
    ("TriG", "/store?graph=a:bomb", "application/trig", |n| {
        format!("<a:a> <a:b> {}<a:c>{} .", "<<( <a:a> <a:b> ".repeat(n), " )>>".repeat(n))
    }),
    ("N-Triples", "/store?graph=a:bomb", "application/n-triples", |n| {
        format!("<a:a> <a:b> {}<a:c>{} .", "<<( <a:a> <a:b> ".repeat(n), " )>>".repeat(n))
    }),
    ("N-Quads", "/store?graph=a:bomb", "application/n-quads", |n| {
        format!("<a:a> <a:b> {}<a:c>{} .", "<<( <a:a> <a:b> ".repeat(n), " )>>".repeat(n))
    }),
    ("RDF/XML", "/store?graph=a:bomb", "application/rdf+xml", |n| {
        let open = "<rdf:Description><b xmlns='a:'>".repeat(n);
        format!(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{open}x{}</rdf:RDF>",
            "</b></rdf:Description>".repeat(n)
        )
    }),
    ("JSON-LD", "/store?graph=a:bomb", "application/ld+json", |n| {
        format!("{}1{}", "{\"a:b\":[".repeat(n), "]}".repeat(n))
    }),
];

#[test]
fn nothing_nested_ends_the_server() {
    let served = Served::start(Config::default());
    let most = from_environment("ATTACK_DEPTH", DEPTH);
    let mut slowest = (Duration::ZERO, "", 0);
    for (shape, path, media_type, bomb) in BOMBS {
        let mut depth = 100;
        while depth <= most {
            let body = bomb(depth);
            let start = Instant::now();
            let answer = served.admin("POST", path, &[("content-type", media_type)], body.as_bytes());
            let took = start.elapsed();
            // The shallowest may be fine.
            let is_refused = matches!(answer.status, 400 | 403 | 413);
            let is_done = depth <= 1000 && matches!(answer.status, 200 | 201 | 204);
            assert!(is_refused || is_done, "{shape}, {depth} deep: {} {}", answer.status, answer.text());
            if is_refused && took > slowest.0 {
                slowest = (took, shape, depth);
            }
            depth *= 10;
        }
    }
    assert!(is_alive(&served));
    println!("{} shapes down to {most}: the slowest refusal took {slowest:?}", BOMBS.len());
}

#[test]
fn entities_and_compressed_bodies_are_refused() {
    let served = Served::start(Config::default());
    let laugh = |n: usize| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
    let lol = (1..12).map(laugh).collect::<Vec<_>>().concat();
    let xml = |doctype: &str| {
        format!(
            "<!DOCTYPE r [{doctype}]><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='a:a'><b xmlns='a:'>&l11;</b></rdf:Description></rdf:RDF>"
        )
    };
    for (what, headers, body) in [
        ("a billion laughs", vec![("content-type", "application/rdf+xml")], xml(&format!("<!ENTITY l0 \"ha\">{lol}"))),
        ("a file", vec![("content-type", "application/rdf+xml")], xml("<!ENTITY l11 SYSTEM \"file:///etc/passwd\">")),
        ("gzip", vec![("content-type", "text/turtle"), ("content-encoding", "gzip")], "\u{1f}\u{8b}".to_owned()),
        ("zstd", vec![("content-type", "text/turtle"), ("content-encoding", "zstd")], "(\u{b5}/\u{fd}".to_owned()),
    ] {
        let answer = served.admin("PUT", "/store?graph=a:g", &headers, body.as_bytes());
        assert!(matches!(answer.status, 400 | 415), "{what}: {} {}", answer.status, answer.text());
        assert!(!answer.text().contains("root:"), "{what}");
    }
    assert_eq!(served.send("GET", "/store?graph=a:g", &[], b"").status, 404, "nothing of it was stored");
    assert!(is_alive(&served));
}

#[test]
fn what_is_too_long_is_refused_before_it_is_read() {
    let limits = Limits { body_mb: 1, upload_mb: 1, ..Limits::default() };
    let served = Served::start(Config { limits, ..Config::default() });
    let bearer = format!("Bearer {ADMIN}");
    for (what, head, body, expected) in [
        ("a long body, announced", "POST /query HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/sparql-query\r\ncontent-length: 99999999\r\n\r\n".to_owned(), Vec::new(), &[413][..]),
        (
            "a long body in pieces",
            "POST /query HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/sparql-query\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
            format!("{:x}\r\n{}\r\n", 4 << 20, " ".repeat(4 << 20)).into_bytes(),
            &[413],
        ),
        (
            "a long upload",
            format!("PUT /store?default HTTP/1.1\r\nhost: localhost\r\nauthorization: {bearer}\r\ncontent-type: text/turtle\r\ncontent-length: 99999999\r\n\r\n"),
            Vec::new(),
            &[413],
        ),
        ("a long path", format!("GET /query?query={} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(100_000)), Vec::new(), &[414]),
        ("a longer path", format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(1_000_000)), Vec::new(), &[414, 431, 0]),
        ("many headers", format!("GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "a: b\r\n".repeat(1000)), Vec::new(), &[431, 400]),
        ("no host", "GET /healthz HTTP/1.1\r\n\r\n".to_owned(), Vec::new(), &[400]),
        ("two hosts", "GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n".to_owned(), Vec::new(), &[400]),
        ("nonsense", "\u{1}\u{2}\u{3}\r\n\r\n".to_owned(), Vec::new(), &[400]),
        ("two lengths", "POST /query HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 50\r\n\r\nhello".to_owned(), Vec::new(), &[400]),
    ] {
        let mut bytes = head.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").into_bytes();
        bytes.extend(body);
        let answer = served.send_raw(&bytes);
        assert!(expected.contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
    }
    assert!(is_alive(&served));
}

#[test]
fn whoever_says_nothing_is_let_go() {
    let limits = Limits { head_ms: 300, stall_ms: 300, ..Limits::default() };
    let served = Served::start(Config { limits, ..Config::default() });
    let half_open = from_environment("ATTACK_HALF_OPEN", 200);
    let begun = [
        &b""[..],
        b"GET /heal",
        b"POST /query HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/sparql-query\r\ncontent-length: 100\r\n\r\nASK",
    ];
    let mut held: Vec<TcpStream> = Vec::new();
    for number in 0..half_open {
        let mut stream = TcpStream::connect(served.address).expect("it listens");
        stream.write_all(begun[number % begun.len()]).expect("it is taken");
        held.push(stream);
    }
    let start = Instant::now();
    assert!(is_alive(&served), "others are answered meanwhile");
    for mut stream in held {
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
        let mut answer = Vec::new();
        // It ends by itself: with a word about the time, or without.
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408") || answer.starts_with(b"HTTP/1.1 400"));
    }
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn an_address_has_so_many_connections_and_no_more() {
    let limits = Limits { per_address: 5, ..Limits::default() };
    let served = Served::start(Config { limits, ..Config::default() });
    let held: Vec<TcpStream> = (0..5).map(|_| TcpStream::connect(served.address).expect("it listens")).collect();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(served.send("GET", "/healthz", &[], b"").status, 0, "the sixth is not answered");
    drop(held);
    let start = Instant::now();
    while served.send("GET", "/healthz", &[], b"").status != 200 {
        assert!(start.elapsed() < Duration::from_secs(20), "a place is free again");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn other_pages_and_other_names_get_nothing() {
    let served = Served::start(Config {
        origins: vec!["https://app.example".to_owned()],
        hosts: vec!["kb.example".to_owned()],
        ..Config::default()
    });
    let ask = format!("/query?query={}", encoded("ASK {}"));
    for (headers, expected) in [
        (vec![("host", "localhost")], 200),
        (vec![("host", "kb.example")], 200),
        (vec![("host", "evil.example")], 421),
        (vec![("host", "localhost.evil.example")], 421),
        (vec![("host", "2130706433")], 421),
        (vec![("host", "localhost"), ("origin", "https://evil.example")], 403),
        (vec![("host", "localhost"), ("origin", "null")], 403),
        (vec![("host", "localhost"), ("origin", "http://localhost")], 200),
        (vec![("host", "localhost"), ("origin", "https://app.example")], 200),
    ] {
        assert_eq!(served.send("GET", &ask, &headers, b"").status, expected, "{headers:?}");
    }
    let allowed = served.send("GET", &ask, &[("host", "localhost"), ("origin", "https://app.example")], b"");
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://app.example"));
}

/// A request that would write: its method, path, headers and body.
type Write<'a> = (&'a str, String, Vec<(&'a str, &'a str)>, &'a [u8]);

#[test]
fn nobody_writes_without_a_token_whatever_they_send() {
    let served = Served::start(Config::default());
    let update = "INSERT DATA { <a:a> <a:b> <a:c> }";
    let form = format!("update={}", encoded(update));
    let reader = format!("Bearer {READER}");
    let wrong = "Bearer 0123456789abcdef0123".to_owned();
    let mut writes: Vec<Write<'_>> = Vec::new();
    for token in [None, Some(reader.as_str()), Some(wrong.as_str()), Some("Basic YWRtaW46YWRtaW4=")] {
        for (method, path, media_type, body) in [
            ("POST", "/update".to_owned(), "application/sparql-update", update.as_bytes()),
            ("POST", "/sparql".to_owned(), "application/sparql-update", update.as_bytes()),
            ("POST", "/update".to_owned(), "application/x-www-form-urlencoded", form.as_bytes()),
            ("POST", format!("/sparql?{form}"), "application/x-www-form-urlencoded", b""),
            ("GET", format!("/update?{form}"), "text/plain", b""),
            ("GET", format!("/sparql?{form}"), "text/plain", b""),
            ("POST", "/query".to_owned(), "application/sparql-query", update.as_bytes()),
            ("PUT", "/store?default".to_owned(), "text/turtle", b"<a:a> <a:b> <a:c> ."),
            ("POST", "/store?graph=a:g".to_owned(), "text/turtle", b"<a:a> <a:b> <a:c> ."),
            ("POST", "/store".to_owned(), "text/turtle", b"<a:a> <a:b> <a:c> ."),
            ("DELETE", "/store?default".to_owned(), "text/plain", b""),
            ("DELETE", "/queries/1".to_owned(), "text/plain", b""),
        ] {
            let mut headers = vec![("content-type", media_type), ("cookie", "token=admin")];
            headers.extend(token.map(|token| ("authorization", token)));
            writes.push((method, path, headers, body));
        }
    }
    for (method, path, headers, body) in &writes {
        let answer = served.send(method, path, headers, body);
        assert!(answer.status / 100 == 4, "{method} {path} {headers:?}: {} {}", answer.status, answer.text());
    }
    assert_eq!(served.keeper.last_seq(), 0, "nothing was written");
}

#[test]
fn a_learner_takes_back_their_own_and_nothing_else() {
    let served = Served::start(Config { union: false, ..Config::default() });
    let as_learner = |text: &str| {
        let bearer = format!("Bearer {LEARNER}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/sparql-update")];
        served.send("POST", "/update", &headers, text.as_bytes())
    };
    let as_admin =
        |text: &str| served.admin("POST", "/update", &[("content-type", "application/sparql-update")], text.as_bytes());
    let count =
        || served.send("GET", "/store?default", &[("accept", "application/n-triples")], b"").text().lines().count();
    assert_eq!(as_learner("INSERT DATA { <a:1> <a:b> 'mine' }").status, 204);
    assert_eq!(as_admin("INSERT DATA { <a:2> <a:b> 'the admin\\'s' }").status, 204);
    let refused = as_learner("DELETE WHERE { ?s <a:b> ?o }");
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(refused.text().contains("somebody else"), "{}", refused.text());
    assert_eq!(count(), 2);
    assert_eq!(as_learner("DELETE WHERE { <a:1> ?p ?o }").status, 204);
    assert_eq!(count(), 1);
    // CLEAR takes what is theirs; nothing is left of it.
    assert_eq!(as_learner("CLEAR DEFAULT").status, 204);
    assert_eq!(count(), 1);
    assert_eq!(as_admin("CLEAR DEFAULT").status, 204);
    assert_eq!(count(), 0);
    for text in [
        "INSERT DATA { GRAPH <urn:quid:graph:state> { <a:a> <a:b> <a:c> } }",
        "INSERT DATA { GRAPH <urn:quid:dump:wordnet-3.0> { <a:a> <a:b> <a:c> } }",
        "INSERT DATA { GRAPH <urn:quid:said:1:private:ann> { <a:a> <a:b> <a:c> } }",
        "CREATE GRAPH <urn:quid:graph:provenance>",
        "LOAD <file:///etc/passwd>",
        "LOAD <http://127.0.0.1:1/> INTO GRAPH <a:g>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <http://169.254.169.254/> { ?s ?p ?o } }",
    ] {
        let answer = as_admin(text);
        assert_eq!(answer.status, 403, "{text}: {}", answer.text());
    }
}

#[test]
fn nobody_is_asked_elsewhere() {
    let served = Served::start(Config::default());
    for address in [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "gopher://localhost/",
    ] {
        let query = format!("SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}");
        let answer = served.send("GET", &format!("/query?query={}", encoded(&query)), &[], b"");
        assert_eq!(answer.status, 403, "{address}: {}", answer.text());
    }
}

#[test]
fn runaway_queries_end_and_are_listed_and_can_be_stopped() {
    let limits = Limits { query_ms: 60_000, query_mb: 64, ..Limits::default() };
    let served = Served::start(Config { limits, ..Config::default() });
    let line = |n: usize| format!("<a:{n}> <a:next> <a:{}> .\n", n + 1);
    let data = (0..2000).map(line).collect::<Vec<_>>().concat();
    assert_eq!(
        served.admin("PUT", "/store?graph=a:g", &[("content-type", "text/turtle")], data.as_bytes()).status,
        201
    );
    let endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
    let path = |seconds: &str| format!("/query?timeout={seconds}&query={}", encoded(endless));
    // It ends by the time it asks for.
    let start = Instant::now();
    let answer = served.send("GET", &path("0.3"), &[], b"");
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("took longer"), "{}", answer.text());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    // It ends by what it may hold.
    let sorted = encoded("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f");
    let answer = served.send("GET", &format!("/query?query={sorted}"), &[], b"");
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("holds more"), "{}", answer.text());
    // An admin sees it and stops it.
    std::thread::scope(|scope| {
        let running = scope.spawn(|| served.send("GET", &path("50"), &[], b""));
        let id = loop {
            let listed: serde_json::Value =
                serde_json::from_slice(&served.admin("GET", "/queries", &[], b"").body).expect("a list");
            let ours = listed.as_array().into_iter().flatten().find(|one| one["query"] == endless);
            match ours.and_then(|one| one["id"].as_u64()) {
                Some(id) => break id,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        assert_eq!(served.send("GET", "/queries", &[], b"").status, 401, "nobody else sees the list");
        assert_eq!(served.admin("DELETE", &format!("/queries/{id}"), &[], b"").status, 204);
        let answer = running.join().expect("answered");
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(answer.text().contains("stopped"), "{}", answer.text());
    });
    // Whoever goes away takes their query with them.
    let mut stream = TcpStream::connect(served.address).expect("it listens");
    write!(stream, "GET {} HTTP/1.1\r\nhost: localhost\r\n\r\n", path("50")).expect("sent");
    std::thread::sleep(Duration::from_millis(300));
    drop(stream);
    let start = Instant::now();
    while !served.admin("GET", "/queries", &[], b"").text().contains("[]") {
        assert!(start.elapsed() < Duration::from_secs(30), "the query of a client that left goes on");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn many_clients_are_answered() {
    let served = Served::start(Config::default());
    let data = b"<a:a> <a:b> <a:c> .";
    assert_eq!(served.admin("PUT", "/store?graph=a:g", &[("content-type", "text/turtle")], data).status, 201);
    let clients = from_environment("ATTACK_CLIENTS", 64);
    let path = format!("/query?query={}", encoded("SELECT * { ?s <a:b> ?o }"));
    let failed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                for _ in 0..5 {
                    let answer = served.send("GET", &path, &[], b"");
                    if answer.status != 200 || !answer.text().contains("a:c") {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(failed.load(Ordering::Relaxed), 0, "of {} requests", clients * 5);
}
