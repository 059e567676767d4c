//! The page at `/`, for people with a browser.
//!
//! Everything it needs is in the program and nothing is asked of anybody else: the policy in its headers lets a
//! browser load scripts and styles from here alone, run none that stands in a text, and send requests here alone.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::{error::Problem, room::Room};

/// What a browser may do for this page (Content Security Policy Level 3). The editor draws its marks as images that
/// stand in its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// A file of the page.
struct Asset {
    path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
    /// Whether its path names its version, so that it never changes.
    pinned: bool,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

macro_rules! asset {
    ($path:literal, $kind:expr) => {
        Asset {
            path: $path,
            kind: $kind,
            bytes: include_bytes!(concat!("../page/", $path)),
            pinned: matches!($path.as_bytes(), [b'v', b'e', b'n', b'd', b'o', b'r', ..]),
        }
    };
}

const ASSETS: &[Asset] = &[
    asset!("index.html", "text/html; charset=utf-8"),
    asset!("style.css", STYLE),
    asset!("editor.css", STYLE),
    asset!("main.js", SCRIPT),
    asset!("dom.js", SCRIPT),
    asset!("server.js", SCRIPT),
    asset!("ask.js", SCRIPT),
    asset!("proof.js", SCRIPT),
    asset!("browse.js", SCRIPT),
    asset!("sparql.js", SCRIPT),
    asset!("prefixes.json", "application/json"),
    asset!("icon.svg", "image/svg+xml"),
    asset!("vendor/yasgui-4.6.2/yasgui.min.js", SCRIPT),
    asset!("vendor/yasgui-4.6.2/yasgui.min.css", STYLE),
    asset!("vendor/yasgui-4.6.2/LICENSES.txt", "text/plain; charset=utf-8"),
];

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/", get(async |headers: HeaderMap| given("index.html", &headers)))
        .route("/page/{*path}", get(async |Path(path): Path<String>, headers: HeaderMap| given(&path, &headers)))
}

fn given(path: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.path == path) else {
        return Problem::not_found("the page has no file of that name").into_response();
    };
    let mark = mark(asset.bytes);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok()).unwrap_or_default();
    let mut response = if known.split(',').any(|known| known.trim().trim_start_matches("W/") == mark) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, asset.kind)], asset.bytes).into_response()
    };
    let out = response.headers_mut();
    let caching = if asset.pinned { "public, max-age=31536000, immutable" } else { "no-cache" };
    for (name, value) in [
        (header::CACHE_CONTROL, caching),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        out.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(mark) = HeaderValue::from_str(&mark) {
        out.insert(header::ETAG, mark);
    }
    response
}

/// An entity tag: the same for the same bytes.
fn mark(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str) -> &'static str {
        let asset = ASSETS.iter().find(|asset| asset.path == path).expect("a file of the page");
        std::str::from_utf8(asset.bytes).expect("UTF-8")
    }

    #[test]
    fn nothing_in_the_page_needs_what_its_policy_forbids() {
        let page = text("index.html");
        for forbidden in ["<style", " style=", " onclick", " onload", "javascript:", "http://", "https://"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        for script in page.match_indices("<script").map(|(at, _)| &page[at..]) {
            assert!(script.split('>').next().is_some_and(|tag| tag.contains("src=\"/page/")), "{script:.80}");
        }
        for asset in ASSETS.iter().filter(|asset| asset.kind == SCRIPT && !asset.pinned) {
            let script = text(asset.path);
            for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"]
            {
                assert!(!script.contains(forbidden), "{}: {forbidden}", asset.path);
            }
        }
    }

    #[test]
    fn every_file_the_page_names_is_there() {
        for asset in ASSETS.iter().filter(|asset| !asset.pinned && asset.kind != "application/json") {
            let text = text(asset.path);
            for (at, _) in text.match_indices("/page/") {
                let path = text[at + 6..].split(['"', '`', '#', '\'', ')']).next().unwrap_or_default();
                let there =
                    ASSETS.iter().any(|asset| asset.path == path || asset.path.strip_suffix(".js") == Some(path));
                assert!(there, "{}: {path}", asset.path);
            }
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let file = line.split("\"./").nth(1).and_then(|rest| rest.split('"').next()).expect("a file of ours");
                assert!(ASSETS.iter().any(|asset| asset.path == file), "{}: {file}", asset.path);
            }
        }
    }

    #[test]
    fn what_is_not_ours_is_as_its_makers_published_it() {
        use std::fmt::Write as _;

        use sha2::Digest as _;

        let table = include_str!("../page/vendor/README.md");
        let others = ASSETS.iter().filter(|asset| asset.pinned && (asset.kind == SCRIPT || asset.kind == STYLE));
        let mut count = 0;
        for asset in others {
            let mut hash = String::new();
            for byte in sha2::Sha256::digest(asset.bytes) {
                let _ = write!(hash, "{byte:02x}");
            }
            let file = asset.path.rsplit('/').next().unwrap_or_default();
            assert!(table.contains(&format!("| `{file}` | `{hash}` |")), "{file}: {hash}");
            count += 1;
        }
        assert_eq!(count, 2);
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let mut headers = HeaderMap::new();
        let first = given("style.css", &headers);
        assert_eq!(first.status(), StatusCode::OK);
        assert!(
            first.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .is_ok_and(|policy| policy.contains("connect-src 'self'"))
        );
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(given("style.css", &headers).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(given("../Cargo.toml", &headers).status(), StatusCode::NOT_FOUND);
    }
}
