//! What a request gives: its query's parameters, or the JSON of its body.
//!
//! One reader for all doors in words, so that what is wrong is told in the same way everywhere. A form of another
//! page can post neither: its content type is refused.

use axum::{
    body::Bytes,
    extract::{FromRequest, Query, Request},
    http::{Method, StatusCode, header},
};
use serde::de::DeserializeOwned;

use crate::error::Problem;

/// The parameters of a GET, the JSON object of anything else.
pub(crate) struct Given<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            let read = Query::try_from_uri(request.uri());
            return read.map(|Query(given)| Self(given)).map_err(|why| Problem::bad(why.body_text()));
        }
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().is_none_or(|kind| !kind.trim().eq_ignore_ascii_case("application/json")) {
            let words = "send JSON, with `Content-Type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|why| Problem::new(why.status(), why.body_text()))?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|why| Problem::bad(format!("the JSON is not as expected: {why}")))
    }
}
