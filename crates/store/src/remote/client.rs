//! Asks a SPARQL server, as the SPARQL 1.1 Protocol has it.
//!
//! Any server may be slow, wrong or hostile: names and redirects are looked at, time and size are bounded, and what
//! it says when it refuses is told in its own words, shortened.

use std::{
    fmt,
    io::{self, Read},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use quid_core::{Fault, ports::Table};
use spargebra::{Query, SparqlParser};
use ureq::{
    Agent, Body,
    config::Config,
    http::{Response, Uri, header},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

use super::{allow::Allow, results};

/// How long a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long a request may take, unless it is said otherwise.
const LONGEST: Duration = Duration::from_mins(1);
/// The most bytes of an answer, unpacked.
const MOST_BYTES: u64 = 256 << 20;
/// How much of a refusal is read, and told.
const MOST_WORDS: u64 = 64 << 10;
const LONGEST_WORDS: usize = 500;
/// How often a server may send us elsewhere.
const MOST_REDIRECTS: usize = 5;

/// Rows, the richest format first; CSV, which cannot tell an IRI from a text, last.
const ROWS: &str = "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.6, text/csv;q=0.2, application/json;q=0.1";
/// Triples.
const TRIPLES: &str =
    "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.7, application/ld+json;q=0.3, text/plain;q=0.1";

/// A document.
const DOCUMENTS: &str = "text/turtle, application/n-triples, application/n-quads, application/trig, application/rdf+xml;q=0.9, application/ld+json;q=0.5";

/// A name and a password (RFC 7617), or a token (RFC 6750).
#[derive(Clone)]
pub enum Login {
    /// Name and password.
    Basic(String, String),
    /// A bearer token.
    Bearer(String),
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

/// Asks SPARQL servers, those that may be asked.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    allow: Arc<Allow>,
    longest: Duration,
    login: Option<Login>,
}

/// What is sent.
struct Message<'a> {
    accept: &'a str,
    content_type: &'static str,
    /// `None` when something is only fetched.
    body: Option<String>,
}

impl Client {
    /// A client that asks whom it may.
    #[must_use]
    pub fn new(allow: Allow) -> Self {
        let allow = Arc::new(allow);
        let config = Config::builder()
            .timeout_connect(Some(CONNECTING))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // A proxy would resolve names in our place.
            .proxy(None)
            .user_agent(concat!("quidnunc/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = Checked { allow: Arc::clone(&allow), inner: DefaultResolver::default() };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Self { agent, allow, longest: LONGEST, login: None }
    }

    /// With another limit on how long a request may take.
    #[must_use]
    pub fn within(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    /// Showing who asks; only ever to the server that was asked first.
    #[must_use]
    pub fn with_login(mut self, login: Option<Login>) -> Self {
        self.login = login;
        self
    }

    /// Runs a query: `limit` rows or triples at most, until `stop`.
    ///
    /// # Errors
    /// [`Fault::Refused`] when the server may not be asked or refuses, in its words; [`Fault::Storage`] when it
    /// cannot be reached or understood.
    pub fn query(&self, endpoint: &str, query: &str, limit: usize, stop: &AtomicBool) -> Result<Table, Fault> {
        let body = Some(form(&[("query", query)]));
        let accept = if gives_triples(query) { TRIPLES } else { ROWS };
        let message = Message { accept, content_type: "application/x-www-form-urlencoded", body };
        let response = self.send(endpoint, &message)?;
        let kind = content_type(&response);
        let reader = Bounded::new(response.into_body().into_reader(), MOST_BYTES, stop);
        let table = results::read(&kind, reader, limit)
            .map_err(|why| Fault::Storage { what: format!("reading the answer of {}", shown(endpoint)), why })?;
        Ok(if asks(query) { as_truth(table) } else { table })
    }

    /// Runs an update.
    ///
    /// # Errors
    /// As [`Client::query`].
    pub fn update(&self, endpoint: &str, update: &str) -> Result<(), Fault> {
        let body = Some(form(&[("update", update)]));
        let message = Message { accept: "*/*", content_type: "application/x-www-form-urlencoded", body };
        let response = self.send(endpoint, &message)?;
        // Read to its end, so that the connection can be used again.
        let mut reader = response.into_body().into_reader().take(MOST_WORDS);
        let _ = io::copy(&mut reader, &mut io::sink());
        Ok(())
    }

    /// Fetches a document of RDF: its media type, without parameters, and its bytes.
    ///
    /// # Errors
    /// As [`Client::query`]; [`Fault::Refused`] also when it is longer than `most` bytes.
    pub fn fetch(&self, address: &str, most: usize, stop: &AtomicBool) -> Result<(String, Vec<u8>), Fault> {
        let response = self.send(address, &Message { accept: DOCUMENTS, content_type: "", body: None })?;
        let kind = content_type(&response);
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        let reader = Bounded::new(response.into_body().into_reader(), most.saturating_add(1), stop);
        let mut bytes = Vec::new();
        reader
            .take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|why| Fault::Storage { what: format!("reading {}", shown(address)), why: why.to_string() })?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
            return Err(Fault::Refused(format!("{} is longer than {most} bytes", shown(address))));
        }
        Ok((kind, bytes))
    }

    /// Sends a message, and on to where the server says, as long as that may be asked too.
    fn send(&self, endpoint: &str, message: &Message<'_>) -> Result<Response<Body>, Fault> {
        let deadline = Instant::now() + self.longest;
        let mut uri: Uri =
            endpoint.parse().map_err(|why| Fault::Refused(format!("`{endpoint}` is no address: {why}")))?;
        let first = uri.authority().cloned();
        let mut posted = message.body.as_deref();
        for _ in 0..=MOST_REDIRECTS {
            let (host, port) = host_and_port(&uri).map_err(Fault::Refused)?;
            self.allow.name(&host, port).map_err(Fault::Refused)?;
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            let login = self.login.as_ref().filter(|_| uri.authority() == first.as_ref()).map(Login::header);
            let sent = if let Some(body) = posted {
                let mut request = self
                    .agent
                    .post(&uri)
                    .header(header::ACCEPT, message.accept)
                    .header(header::CONTENT_TYPE, message.content_type);
                if let Some(login) = login {
                    request = request.header(header::AUTHORIZATION, login);
                }
                request.config().timeout_global(Some(left)).build().send(body.as_bytes())
            } else {
                let mut request = self.agent.get(&uri).header(header::ACCEPT, message.accept);
                if let Some(login) = login {
                    request = request.header(header::AUTHORIZATION, login);
                }
                request.config().timeout_global(Some(left)).build().call()
            };
            let response = sent.map_err(|why| failed(endpoint, &why))?;
            let status = response.status().as_u16();
            match status {
                200..=299 => return Ok(response),
                301..=303 | 307 | 308 => {
                    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
                    let location =
                        location.ok_or_else(|| refused(endpoint, status, "it sends elsewhere and not where"))?;
                    uri = redirected(&uri, location).ok_or_else(|| {
                        refused(endpoint, status, &format!("it sends to `{location}`, which is no address"))
                    })?;
                    if matches!(status, 301..=303) {
                        // As every client does: what was posted is asked for at the other place, by its own address.
                        posted = None;
                    }
                }
                _ => {
                    let mut words = Vec::new();
                    let _ = response.into_body().into_reader().take(MOST_WORDS).read_to_end(&mut words);
                    return Err(refused(endpoint, status, &String::from_utf8_lossy(&words)));
                }
            }
        }
        Err(Fault::Refused(format!("{} sends elsewhere more than {MOST_REDIRECTS} times", shown(endpoint))))
    }
}

impl Login {
    fn header(&self) -> String {
        match self {
            Self::Bearer(token) => format!("Bearer {token}"),
            Self::Basic(name, password) => format!("Basic {}", base64(format!("{name}:{password}").as_bytes())),
        }
    }
}

/// RFC 4648, for the one header that needs it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if place > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

/// Whether a query gives triples rather than rows. Where only its server understands it, by its first word that says.
fn gives_triples(query: &str) -> bool {
    match SparqlParser::new().parse_query(query) {
        Ok(parsed) => matches!(parsed, Query::Construct { .. } | Query::Describe { .. }),
        Err(_) => {
            let upper = query.to_ascii_uppercase();
            let place = |word: &str| upper.find(word).unwrap_or(usize::MAX);
            place("CONSTRUCT").min(place("DESCRIBE")) < place("SELECT").min(place("ASK"))
        }
    }
}

fn asks(query: &str) -> bool {
    matches!(SparqlParser::new().parse_query(query), Ok(Query::Ask { .. }))
}

/// Some servers (Virtuoso 7) answer ASK with a table: of one number, or empty.
fn as_truth(table: Table) -> Table {
    let truth = match (table.boolean, table.rows.as_slice()) {
        (None, []) => Some(false),
        (None, [row]) => match row.as_slice() {
            [Some(quid_core::oxrdf::Term::Literal(value))] => match value.value() {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    truth.map_or(table, |truth| Table { boolean: Some(truth), ..Table::default() })
}

/// `application/x-www-form-urlencoded`.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
                b' ' => out.push('+'),
                byte => {
                    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase();
                    out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
                }
            }
        }
    }
    out
}

fn host_and_port(uri: &Uri) -> Result<(String, u16), String> {
    let port = match uri.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        _ => return Err(format!("`{uri}` is no address of a server: http://… or https://… is")),
    };
    let authority = uri.authority().ok_or_else(|| format!("`{uri}` names no server"))?;
    if authority.as_str().contains('@') {
        return Err("an address with a password in it is not used".to_owned());
    }
    Ok((authority.host().to_owned(), authority.port_u16().unwrap_or(port)))
}

/// Where a `Location` leads from here.
fn redirected(from: &Uri, location: &str) -> Option<Uri> {
    if location.contains("://") {
        return location.parse().ok();
    }
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    if let Some(rest) = location.strip_prefix("//") {
        return format!("{scheme}://{rest}").parse().ok();
    }
    let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if location.starts_with('/') { location.to_owned() } else { format!("{folder}/{location}") };
    format!("{scheme}://{authority}{path}").parse().ok()
}

fn content_type(response: &Response<Body>) -> String {
    let value = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// An address without what may be secret in it.
fn shown(endpoint: &str) -> &str {
    endpoint.split(['?', '#']).next().unwrap_or(endpoint)
}

/// A server's refusal, in its words.
fn refused(endpoint: &str, status: u16, words: &str) -> Fault {
    let plain = quid_core::text::clean(words).split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = plain.chars().take(LONGEST_WORDS).collect();
    let more = if short.len() < plain.len() { "…" } else { "" };
    Fault::Refused(format!("{} answers {status}: {short}{more}", shown(endpoint)))
}

fn failed(endpoint: &str, why: &ureq::Error) -> Fault {
    if let ureq::Error::Other(cause) = why
        && let Some(NotAllowed(words)) = cause.downcast_ref()
    {
        return Fault::Refused(words.clone());
    }
    Fault::Storage { what: format!("asking {}", shown(endpoint)), why: why.to_string() }
}

/// A server that may not be asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotAllowed(String);

/// Resolves names, and lets no connection be made to an address that may not be asked: what is looked at here is what
/// is connected to.
#[derive(Debug)]
struct Checked {
    allow: Arc<Allow>,
    inner: DefaultResolver,
}

impl Resolver for Checked {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let not = |words: String| ureq::Error::Other(Box::new(NotAllowed(words)));
        let (host, port) = host_and_port(uri).map_err(not)?;
        self.allow.name(&host, port).map_err(not)?;
        let addresses = self.inner.resolve(uri, config, timeout)?;
        for address in &addresses {
            let address: &SocketAddr = address;
            self.allow.address(&host, *address).map_err(not)?;
        }
        Ok(addresses)
    }
}

/// A reader that ends with an error when there is too much, or when it is stopped.
struct Bounded<'a, R> {
    inner: R,
    left: u64,
    stop: &'a AtomicBool,
}

impl<'a, R: Read> Bounded<'a, R> {
    fn new(inner: R, most: u64, stop: &'a AtomicBool) -> Self {
        Self { inner, left: most, stop }
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("it was stopped"));
        }
        let read = self.inner.read(into)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(format!("the answer is longer than {MOST_BYTES} bytes")))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_logins_are_written_as_their_standards_have_it() {
        assert_eq!(
            form(&[("query", "ASK { ?s ?p \"é&=+%\" }")]),
            "query=ASK+%7B+%3Fs+%3Fp+%22%C3%A9%26%3D%2B%25%22+%7D"
        );
        for (text, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(Login::Basic("ann".into(), "x:y".into()).header(), "Basic YW5uOng6eQ==");
    }

    #[test]
    fn what_a_query_gives_is_known_before_it_is_sent() {
        for (query, triples) in [
            ("SELECT * { ?s ?p ?o }", false),
            ("PREFIX construct: <urn:x> ASK {}", false),
            ("CONSTRUCT WHERE { ?s ?p ?o }", true),
            ("DESCRIBE <urn:x>", true),
            ("select bif:now() where { graph ?g { ?s ?p ?o option (transitive) } }", false),
            ("construct { ?s ?p ?o } where { ?s ?p ?o option (transitive) }", true),
        ] {
            assert_eq!(gives_triples(query), triples, "{query}");
        }
    }

    #[test]
    fn redirects_lead_where_they_say() {
        let from: Uri = "http://kb.example:81/a/query?x=1".parse().expect("an address");
        for (location, to) in [
            ("http://other.example/q", "http://other.example/q"),
            ("//other.example/q", "http://other.example/q"),
            ("/q", "http://kb.example:81/q"),
            ("q", "http://kb.example:81/a/q"),
        ] {
            assert_eq!(redirected(&from, location).map(|uri| uri.to_string()).as_deref(), Some(to), "{location}");
        }
    }
}
