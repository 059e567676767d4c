//! Looks at every request before anything else does: its host, its origin, its size; and counts it afterwards.
//!
//! A page of somebody else can make a visitor's browser send requests here. Its name would stand in `Origin`, and
//! where it makes its own name resolve to us (DNS rebinding), in `Host`; both are refused unless they are known.

use std::{net::IpAddr, sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{error::Problem, room::Room};

/// The longest path with its query, in bytes: a query longer than that is posted.
const LONGEST_PATH: usize = 64 * 1024;

/// Refuses what comes by a name or from a page that is not known here, counts the rest, and logs all.
pub(crate) async fn look(State(room): State<Arc<Room>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut response = match check(&room, request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let took = start.elapsed();
    room.metrics.count(response.status().as_u16(), took);
    tracing::info!(
        target: "quid_serve::access",
        %method, path, status = response.status().as_u16(), micros = took.as_micros(), "request"
    );
    response
}

fn check(room: &Room, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    if uri.path_and_query().is_some_and(|path| path.as_str().len() > LONGEST_PATH) {
        return Err(Problem::new(StatusCode::URI_TOO_LONG, format!("longer than {LONGEST_PATH} bytes: use POST")));
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).or_else(|| uri.authority().map(Authority::as_str));
    let host = host.filter(|_| hosts.next().is_none()).ok_or_else(|| Problem::bad("one Host header is needed"))?;
    if !is_ours(host, &room.config.hosts) {
        let words = format!("`{}` is not a name of this server; add it to `hosts` in [serve]", shortened(host));
        return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, words));
    }
    for origin in headers.get_all(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        if !is_same_origin(origin, host) && !room.config.origins.iter().any(|known| known == "*" || known == origin) {
            let words = format!("`{}` may not ask here; add it to `origins` in [serve]", shortened(origin));
            return Err(Problem::forbidden(words));
        }
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// `localhost`, an address (which no other name can stand for), or a name from the configuration.
fn is_ours(host: &str, names: &[String]) -> bool {
    let name = without_port(host);
    let address = name.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(name);
    address.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|known| known.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(host))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty() => name,
        _ => host,
    }
}

/// Whether a page of this origin came from the same host.
fn is_same_origin(origin: &str, host: &str) -> bool {
    let named = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    named.is_some_and(|named| named.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_origins_are_told_apart() {
        let names = ["kb.example".to_owned()];
        for (host, ours) in [
            ("localhost", true),
            ("localhost:7878", true),
            ("127.0.0.1:7878", true),
            ("[::1]:7878", true),
            ("192.168.1.7", true),
            ("kb.example:443", true),
            ("KB.example", true),
            ("evil.example", false),
            ("kb.example.evil.example", false),
            ("2130706433", false),
            ("", false),
            ("localhost.evil", false),
        ] {
            assert_eq!(is_ours(host, &names), ours, "{host}");
        }
        for (origin, host, same) in [
            ("http://localhost:7878", "localhost:7878", true),
            ("https://kb.example", "kb.example", true),
            ("http://localhost:8080", "localhost:7878", false),
            ("null", "localhost:7878", false),
            ("http://localhost:7878.evil.example", "localhost:7878", false),
        ] {
            assert_eq!(is_same_origin(origin, host), same, "{origin}");
        }
    }
}
