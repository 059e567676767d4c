//! What goes wrong, as programs are told: a status and words that say what next.
//!
//! JSON to whoever takes it, plain text to everybody else; never a stack trace, a path or a secret.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use quid_core::Fault;
use serde_json::json;

/// A request that was not done.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{words}")]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// Why, in words for the person who sent it.
    pub words: String,
}

impl Problem {
    /// With this status.
    pub fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self { status, words: words.into() }
    }

    /// 400: it cannot be understood.
    pub fn bad(words: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, words)
    }

    /// 401: say who you are.
    pub fn unauthorized(words: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, words)
    }

    /// 403: you may not.
    pub fn forbidden(words: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, words)
    }

    /// 404: there is no such thing.
    pub fn not_found(words: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, words)
    }

    /// 503: not now.
    pub fn busy(words: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, words)
    }

    /// 500, for what must not happen; what it was stands in the log.
    pub fn inside(words: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, words)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(words) => Self::bad(words),
            Fault::Conflict => Self::new(StatusCode::CONFLICT, fault.to_string()),
            Fault::Storage { what, why } => {
                // The words may name files.
                tracing::error!("{what}: {why}");
                Self::inside(format!("{what} failed; the log says more"))
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "error": self.words }))).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"quidnunc\""));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
