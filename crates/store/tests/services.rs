//! Asking other servers, well-behaved and otherwise: made-up ones on the loopback address.
//!
//! What must not be asked is checked by counting connections, not by reading words.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use quid_core::{Audience, Memory as _, Place, ports::Table};
use quid_store::{
    Keeper,
    remote::{Allow, Client},
};

/// A server that gives the same answer to everybody.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    asked: Arc<std::sync::Mutex<String>>,
}

impl Server {
    fn start(answer: impl Fn(&mut std::net::TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (connections, asked) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let server = Self { address, connections: Arc::clone(&connections), asked: Arc::clone(&asked) };
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
                let (mut head, mut length) = (String::new(), 0);
                while reader.read_line(&mut head).is_ok_and(|read| read > 2) {
                    let last = head.lines().last().unwrap_or_default().to_ascii_lowercase();
                    if let Some(value) = last.strip_prefix("content-length:") {
                        length = value.trim().parse().expect("a length");
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).expect("a body");
                *asked.lock().expect("whole") = format!("{head}{}", String::from_utf8_lossy(&body));
                answer(&mut stream);
            }
        });
        server
    }

    fn saying(status: &'static str, kind: &'static str, body: impl Into<String>) -> Self {
        let body = body.into();
        Self::start(move |stream| {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        })
    }

    fn moved(to: String) -> Self {
        Self::start(move |stream| {
            let head =
                format!("HTTP/1.1 307 Moved\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
        })
    }

    fn url(&self) -> String {
        format!("http://{}/query", self.address)
    }

    fn count(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

const JSON: &str = "application/sparql-results+json";
const ONE: &str = r#"{"head":{"vars":["x","y"]},"results":{"bindings":[{"x":{"type":"uri","value":"urn:a"},"y":{"type":"literal","value":"one"}}]}}"#;

fn ask(keeper: &Keeper, query: &str) -> Result<Table, String> {
    let audience = Audience { name: "ann".to_owned(), place: Place::Global };
    keeper.sparql(query, &audience, 100, &AtomicBool::new(false)).map_err(|why| why.to_string())
}

fn keeper(allow: &[String]) -> (tempfile::TempDir, Keeper) {
    let home = tempfile::tempdir().expect("a folder");
    let keeper = Keeper::open(home.path()).expect("it opens");
    keeper.allow_services(Allow::listed(allow).expect("a list"));
    (home, keeper)
}

#[test]
fn what_another_server_answers_joins_with_the_rest_of_the_query() {
    let server = Server::saying("200 OK", JSON, ONE);
    let (_home, keeper) = keeper(&[server.address.to_string()]);
    let query =
        format!("SELECT * {{ VALUES ?x {{ <urn:a> <urn:b> }} SERVICE <{}> {{ ?x <urn:says> ?y }} }}", server.url());
    let table = ask(&keeper, &query).expect("answered");
    assert_eq!(table.rows.len(), 1, "{table:?}");
    let asked = server.asked.lock().expect("whole").clone();
    assert!(asked.starts_with("POST /query ") && asked.contains("query=SELECT") && asked.contains("says"), "{asked}");
    assert!(asked.to_ascii_lowercase().contains("accept: application/sparql-results+json"), "{asked}");
}

#[test]
fn nobody_is_asked_who_was_not_allowed() {
    let server = Server::saying("200 OK", JSON, ONE);
    let port = server.address.port();
    let service = |url: &str| format!("SELECT * {{ SERVICE <{url}> {{ ?x ?p ?y }} }}");
    for allow in [vec![], vec!["kb.example".to_owned()], vec![format!("127.0.0.1:{}", port.wrapping_add(1))]] {
        let (_home, keeper) = keeper(&allow);
        let refused = ask(&keeper, &service(&server.url())).expect_err("refused");
        assert!(refused.contains("SERVICE") || refused.contains("not among"), "{refused}");
    }
    // Every way of writing the loopback address, where its name or address alone is not listed.
    let (_home, keeper) = keeper(&["localhost".to_owned(), "kb.example".to_owned()]);
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "kb.example@127.0.0.1",
        "127.0.0.1.",
    ] {
        let refused = ask(&keeper, &service(&format!("http://{host}:{port}/query")));
        assert!(refused.is_err(), "{host}: {refused:?}");
    }
    for url in ["file:///etc/passwd", "ftp://localhost/", "gopher://localhost/", "urn:x"] {
        assert!(ask(&keeper, &service(url)).is_err(), "{url}");
    }
    assert_eq!(server.count(), 0, "no connection was made");
    // Listed as it is written, it may be asked.
    assert!(ask(&keeper, &service(&format!("http://localhost:{port}/query"))).is_ok());
    assert_eq!(server.count(), 1);
}

#[test]
fn redirects_lead_nowhere_that_could_not_be_asked_at_once() {
    let hidden = Server::saying("200 OK", JSON, ONE);
    for to in [hidden.url(), format!("http://2130706433:{}/", hidden.address.port()), "file:///etc/passwd".to_owned()] {
        let door = Server::moved(to.clone());
        let (_home, keeper) = keeper(&[door.address.to_string()]);
        let refused = ask(&keeper, &format!("SELECT * {{ SERVICE <{}> {{ ?x ?p ?y }} }}", door.url()));
        assert!(refused.is_err(), "{to}: {refused:?}");
        assert_eq!((door.count(), hidden.count()), (1, 0), "{to}");
        // A person's own choice of a server does not let it send us into the person's network either.
        let client = Client::new(Allow::server(&door.url()).expect("an address"));
        assert!(client.query(&door.url(), "ASK {}", 1, &AtomicBool::new(false)).is_err());
        assert_eq!(hidden.count(), 0, "{to}");
    }
    let circle = Server::moved("/query".to_owned());
    let client = Client::new(Allow::server(&circle.url()).expect("an address"));
    let refused = client.query(&circle.url(), "ASK {}", 1, &AtomicBool::new(false)).expect_err("a circle");
    assert!(refused.to_string().contains("elsewhere more than"), "{refused}");
    // One that leads to an allowed server is followed.
    let door = Server::moved(hidden.url());
    let (_home, keeper) = keeper(&[door.address.to_string(), hidden.address.to_string()]);
    let query = format!("SELECT * {{ SERVICE <{}> {{ ?x ?p ?y }} }}", door.url());
    assert_eq!(ask(&keeper, &query).expect("answered").rows.len(), 1);
}

#[test]
fn what_a_server_refuses_is_told_in_its_words() {
    let server = Server::saying("400 Bad Request", "text/plain", "Virtuoso 37000 Error: syntax\u{1b}[31m at line 1");
    let (_home, keeper) = keeper(&[server.address.to_string()]);
    let query = |silent: &str| format!("SELECT * {{ SERVICE {silent} <{}> {{ ?x ?p ?y }} }}", server.url());
    let refused = ask(&keeper, &query("")).expect_err("refused");
    assert!(refused.contains("answers 400: Virtuoso 37000 Error: syntax") && !refused.contains('\u{1b}'), "{refused}");
    assert_eq!(ask(&keeper, &query("SILENT")).expect("silent").rows.len(), 1, "one empty solution");
    for (kind, body) in [("text/html", "<html>"), (JSON, "{"), (JSON, ""), ("", "")] {
        let server = Server::saying("200 OK", kind, body);
        let client = Client::new(Allow::server(&server.url()).expect("an address"));
        let refused = client.query(&server.url(), "SELECT * { ?s ?p ?o }", 1, &AtomicBool::new(false));
        assert!(refused.is_err(), "{kind} {body}: {refused:?}");
    }
}

#[test]
fn a_slow_or_endless_server_ends_in_bounds() {
    let slow = Server::start(|_| thread::sleep(Duration::from_secs(20)));
    let drip = Server::start(|stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        while stream.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let endless = Server::start(|stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nConnection: close\r\n\r\nx\r\n";
        let _ = stream.write_all(head.as_bytes());
        while stream.write_all(b"row\r\n").is_ok() {}
    });
    for server in [slow, drip] {
        let client = Client::new(Allow::server(&server.url()).expect("an address")).within(Duration::from_secs(1));
        let start = Instant::now();
        assert!(client.query(&server.url(), "SELECT * {}", 10, &AtomicBool::new(false)).is_err());
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
    let client = Client::new(Allow::server(&endless.url()).expect("an address"));
    let table = client.query(&endless.url(), "SELECT * {}", 10, &AtomicBool::new(false)).expect("the first rows");
    assert_eq!((table.rows.len(), table.partial), (10, true));
}
