//! The description of all routes for programs: `/openapi.json` (OpenAPI 3.1).
//!
//! Written by hand beside the code, since what a route means stands in no type; a test holds the two together.

use std::sync::Arc;

use axum::{Router, http::header, response::IntoResponse as _, routing::get};

use crate::room::Room;

const DESCRIPTION: &str = include_str!("../openapi.json");

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new().route(
        "/openapi.json",
        get(async || {
            ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], DESCRIPTION)
                .into_response()
        }),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods)]

    use std::{collections::BTreeSet, fs, path::Path};

    use serde_json::Value;

    use super::*;

    fn sources(folder: &Path, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("our sources") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                sources(&path, into);
            } else {
                into.push(fs::read_to_string(&path).expect("UTF-8"));
            }
        }
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let mut texts = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
        let whole = texts.concat();
        let mut routes = BTreeSet::new();
        for kind in [".route(", ".route_service(", ".nest_service("] {
            for (at, _) in whole.match_indices(kind) {
                let argument = whole[at + kind.len()..].split(',').next().unwrap_or_default().trim();
                let path = match argument.strip_prefix('"') {
                    Some(path) => path.strip_suffix('"'),
                    // A constant.
                    None => whole
                        .split(&format!("const {argument}: &str = \""))
                        .nth(1)
                        .and_then(|value| value.split('"').next()),
                };
                // With a slash at the end it is the same thing.
                let path = path.filter(|path| path.starts_with('/'));
                let path = path.map(|path| path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path));
                routes.extend(path.map(|path| path.replace("{*", "{")));
            }
        }
        let described: Value = serde_json::from_str(DESCRIPTION).expect("JSON");
        let paths: BTreeSet<String> = described["paths"].as_object().expect("paths").keys().cloned().collect();
        assert!(routes.len() > 10, "{routes:?}");
        let missing: Vec<_> = routes.difference(&paths).collect();
        let invented: Vec<_> = paths.difference(&routes).collect();
        assert!(missing.is_empty(), "not described: {missing:?}");
        assert!(invented.is_empty(), "described and not there: {invented:?}");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn check(value: &Value, whole: &Value) {
            match value {
                Value::Object(fields) => {
                    if let Some(Value::String(reference)) = fields.get("$ref") {
                        let pointer = reference.strip_prefix('#').expect("a reference into this document");
                        assert!(whole.pointer(pointer).is_some(), "{reference}");
                    }
                    fields.values().for_each(|value| check(value, whole));
                }
                Value::Array(values) => values.iter().for_each(|value| check(value, whole)),
                _ => {}
            }
        }
        let whole: Value = serde_json::from_str(DESCRIPTION).expect("JSON");
        check(&whole, &whole);
    }
}
