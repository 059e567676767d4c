//! Other SPARQL servers, real ones: asked, and as the knowledge base itself.
//!
//! Oxigraph's server comes with `./quickstart test`, Virtuoso with Debian; without them these tests say "skipped".

#[path = "support.rs"]
mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use support::{errors, quid, text};

/// How long a server may take to begin.
const PATIENCE: Duration = Duration::from_secs(50);

/// What the server holds before anybody asks.
const WORLD: &str = "PREFIX e: <http://example.org/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> \
    PREFIX owl: <http://www.w3.org/2002/07/owl#> INSERT DATA { GRAPH <http://example.org/drinks> { \
    e:Drink a owl:Class ; rdfs:label \"zedrink\"@en . \
    e:Soda a owl:Class ; rdfs:label \"zesoda\"@en ; rdfs:subClassOf e:Drink ; rdfs:comment \"a sweet fizzy one\" . \
    e:pip a e:Soda ; rdfs:label \"Pipsi\" . } }";

struct Server {
    child: Child,
    query: String,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .expect("a tool of the test works")
        .local_addr()
        .expect("a tool of the test works")
        .port()
}

fn oxigraph() -> Option<Server> {
    let beside = Path::new(env!("CARGO_BIN_EXE_quid")).ancestors().nth(2).map(|target| target.join("peers"));
    let folders = [std::env::var_os("QUID_PEERS").map(PathBuf::from), beside];
    let program = folders.into_iter().flatten().map(|folder| folder.join("bin/oxigraph")).find(|path| path.exists());
    let Some(program) = program else {
        println!("skipped: Oxigraph's server is not here (./quickstart test installs it)");
        return None;
    };
    let (folder, port) = (tempfile::tempdir().expect("a tool of the test works"), free_port());
    let child = Command::new(program)
        .args(["serve", "--bind", &format!("127.0.0.1:{port}"), "--location"])
        .arg(folder.path().join("store"))
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let server = Server { child, query: format!("http://127.0.0.1:{port}/query"), _folder: folder };
    wait_for(port);
    Some(server)
}

fn virtuoso() -> Option<Server> {
    let has =
        |program: &str| Command::new(program).arg("-?").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !has("virtuoso-t") || !has("isql-vt") {
        println!("skipped: Virtuoso is not installed (virtuoso-opensource)");
        return None;
    }
    let (folder, port, sql) = (tempfile::tempdir().expect("a tool of the test works"), free_port(), free_port());
    let settings = format!(
        "[Database]\nDatabaseFile = v.db\nErrorLogFile = v.log\nLockFile = v.lck\nTransactionFile = v.trx\n\
         xa_persistent_file = v.pxa\n[TempDatabase]\nDatabaseFile = t.db\nTransactionFile = t.trx\n\
         [Parameters]\nServerPort = 127.0.0.1:{sql}\nNumberOfBuffers = 2000\nMaxDirtyBuffers = 1200\nDirsAllowed = .\n\
         [HTTPServer]\nServerPort = 127.0.0.1:{port}\nServerThreads = 4\n[SPARQL]\nResultSetMaxRows = 100000\n"
    );
    fs::write(folder.path().join("v.ini"), settings).expect("a tool of the test works");
    let child = Command::new("virtuoso-t")
        .args(["-f", "-c", "v.ini"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let server = Server { child, query: format!("http://127.0.0.1:{port}/sparql"), _folder: folder };
    wait_for(port);
    // Out of the box nobody may write over HTTP.
    let mut isql = Command::new("isql-vt")
        .args([&format!("127.0.0.1:{sql}"), "dba", "dba"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let grants = "GRANT SPARQL_UPDATE TO \"SPARQL\";\nDB.DBA.RDF_DEFAULT_USER_PERMS_SET ('nobody', 7);\n";
    isql.stdin
        .take()
        .expect("a tool of the test works")
        .write_all(grants.as_bytes())
        .expect("a tool of the test works");
    assert!(isql.wait().expect("a tool of the test works").success());
    Some(server)
}

fn wait_for(port: u16) {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < PATIENCE, "the server does not begin to listen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// An update, as any client sends it.
fn update(query: &str, words: &str) {
    let url = query.replace("/query", "/update");
    let (host, path) = url
        .strip_prefix("http://")
        .expect("a tool of the test works")
        .split_once('/')
        .expect("a tool of the test works");
    let escaped: Vec<String> = words.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let body = format!("update={}", escaped.concat());
    let mut stream = TcpStream::connect(host).expect("a tool of the test works");
    let head = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).expect("a tool of the test works");
    // Some servers reset a connection that they have answered.
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 2"), "{ended:?} {}", String::from_utf8_lossy(&answer));
}

fn at(server: &Server, home: &Path, arguments: &[&str]) -> Output {
    quid(home).args(["--store", &server.query]).args(arguments).output().expect("it runs")
}

fn is_asked(server: &Server) {
    let home = tempfile::tempdir().expect("a tool of the test works");
    let ask = |query: &str| {
        let arguments = ["--json", "query", "--endpoint", &server.query, query];
        quid(home.path()).args(arguments).output().expect("it runs")
    };
    let rows =
        ask("SELECT ?l { GRAPH ?g { <http://example.org/Soda> <http://www.w3.org/2000/01/rdf-schema#label> ?l } }");
    assert_eq!(text(&rows).trim(), r#"{"l":"\"zesoda\"@en"}"#, "{}", errors(&rows));
    assert_eq!(text(&ask("ASK { GRAPH ?g { ?s ?p 'nothing of that kind' } }")).trim(), r#"{"boolean":false}"#);
    assert_eq!(text(&ask("ASK { GRAPH ?g { <http://example.org/pip> ?p ?o } }")).trim(), r#"{"boolean":true}"#);
    let triples = ask("CONSTRUCT { ?s <urn:x> ?o } WHERE { GRAPH ?g { ?s a ?o . ?s ?p 'Pipsi' } }");
    assert!(
        text(&triples).contains("<http://example.org/pip> <urn:x> <http://example.org/Soda>"),
        "{}",
        text(&triples)
    );
    let wrong = ask("SELECT WHERE");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(errors(&wrong).contains("answers 400"), "the server's own words: {}", errors(&wrong));
    assert!(!home.path().join("journal.jsonl").exists(), "nothing of this home was opened");
}

fn is_the_knowledge_base(server: &Server) {
    let homes = tempfile::tempdir().expect("a tool of the test works");
    let (home, other) = (homes.path().join("one"), homes.path().join("other"));
    let count = "SELECT ?s { GRAPH ?g { ?s ?p ?o } FILTER(STRSTARTS(STR(?g), \"urn:quid:home:\")) }";
    let told = || text(&at(server, &home, &["--json", "query", count])).lines().count();
    for (question, expected) in [
        ("what is pipsi?", "zesoda"),
        ("what is a zesoda?", "sweet fizzy"),
        ("is pipsi a zedrink?", "Yes"),
        ("is pipsi a zebra?", "not"),
    ] {
        let answer = at(server, &home, &["ask", question]);
        assert!(text(&answer).contains(expected), "{question} {} {}", text(&answer), errors(&answer));
    }
    let why = at(server, &home, &["--json", "why", "is pipsi a zedrink?"]);
    assert!(text(&why).contains("\"kind\":\"proved\"") && text(&why).contains("http"), "{}", text(&why));
    let goal = at(server, &home, &["prove", "?- rdfs:subClassOf(X, Y), rdfs:label(Y, 'zedrink')."]);
    assert!(goal.status.code().is_some_and(|code| code < 2), "{}", errors(&goal));
    assert_eq!(told(), 0);
    // What is taught for all goes there; what is private does not.
    let learned = at(server, &home, &["learn", "fanzig is a zesoda"]);
    assert!(learned.status.success(), "{}", errors(&learned));
    assert!(told() > 0);
    let private = r#"{"text":"my secret is a zesecret","nick":"ann","account":"ann","where":"private"}"#;
    let mut chat = quid(&home);
    let chat = chat.args(["--store", &server.query, "chat", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut chat = chat.spawn().expect("it starts");
    writeln!(chat.stdin.take().expect("a tool of the test works"), "{private}").expect("a tool of the test works");
    assert!(text(&chat.wait_with_output().expect("a tool of the test works")).contains("\"statement\""));
    let secret = "SELECT ?s { { GRAPH ?g { ?s ?p ?o } } UNION { ?s ?p ?o } FILTER(CONTAINS(STR(?o), \"zesecret\")) }";
    assert_eq!(text(&at(server, &home, &["--json", "query", secret])).lines().count(), 0);
    let answer = at(server, &home, &["ask", "is fanzig a zedrink?"]);
    assert!(text(&answer).starts_with("Yes") && text(&answer).contains("ann"), "{}", text(&answer));
    // Another home over the same server knows it too.
    let answer = at(server, &other, &["ask", "is fanzig a zesoda?"]);
    assert!(text(&answer).starts_with("Yes"), "{} {}", text(&answer), errors(&answer));
    let undone = at(server, &home, &["undo", "1"]);
    assert!(undone.status.success(), "{}", errors(&undone));
    assert_eq!(told(), 0, "taken back there too");
    let update = at(server, &home, &["query", "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }"]);
    assert_eq!(update.status.code(), Some(2), "queries change nothing");
    // A server that cannot be written to is told later, and nothing acknowledged is lost.
    let mut quiet = quid(&home);
    let quiet = quiet.args(["--store", &server.query]).env("QUID_STORE_UPDATE", "http://127.0.0.1:9/update");
    let learned = quiet.args(["learn", "lemzig is a zesoda"]).output().expect("it runs");
    assert!(learned.status.success(), "{}", errors(&learned));
    assert!(errors(&learned).contains("told later"), "{}", errors(&learned));
    let answer = at(server, &home, &["ask", "is lemzig a zedrink?"]);
    assert!(text(&answer).starts_with("Yes"), "{}", text(&answer));
    assert!(told() > 0, "told with the next start");
}

#[test]
fn oxigraph_is_asked_and_is_the_knowledge_base() {
    let Some(server) = oxigraph() else { return };
    update(&server.query, WORLD);
    is_asked(&server);
    is_the_knowledge_base(&server);
}

#[test]
fn virtuoso_is_asked_and_is_the_knowledge_base() {
    let Some(server) = virtuoso() else { return };
    update(&server.query, WORLD);
    is_asked(&server);
    is_the_knowledge_base(&server);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let home = tempfile::tempdir().expect("a tool of the test works");
    for (store, expected) in
        [("http://127.0.0.1:9/query", "127.0.0.1:9"), ("nonsense", "nonsense"), ("file:///x", "file")]
    {
        let output = quid(home.path()).args(["--store", store, "ask", "what is tea?"]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{store}");
        assert!(errors(&output).contains(expected), "{}", errors(&output));
    }
}
