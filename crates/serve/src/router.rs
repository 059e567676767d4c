//! All doors as one: the routes of each, and the layers around all.
//!
//! The order of the layers is the order of suspicion: who is asking by which name comes before what is asked.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, Method, StatusCode, header},
    middleware,
};
use tower_http::{
    compression::{
        CompressionLayer, DefaultPredicate,
        predicate::{NotForContentType, Predicate as _},
    },
    cors::{AllowOrigin, Any, CorsLayer},
};

use crate::{ask, browse, description, error::Problem, guard, health, mcp, openai, page, room::Room, sparql};

/// How long a browser may remember what another page may do here, in seconds.
const REMEMBERED: u64 = 600;

pub(crate) fn router(room: &Arc<Room>) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(sparql::routes())
        .merge(ask::routes())
        .merge(browse::routes())
        .merge(description::routes())
        .merge(page::routes())
        .merge(openai::routes())
        .merge(mcp::routes())
        .fallback(async || Problem::not_found("there is nothing of that name here"))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this is not done here with that method")
        })
        .layer(DefaultBodyLimit::max(room.config.limits.body()))
        // A stream of events must not wait for a compressor.
        .layer(
            CompressionLayer::new()
                .compress_when(DefaultPredicate::new().and(NotForContentType::const_new("text/event-stream"))),
        )
        .layer(cors(room))
        .layer(middleware::from_fn_with_state(Arc::clone(room), guard::look))
        .with_state(Arc::clone(room))
}

/// What scripts of other pages may do; nothing unless the configuration names them.
fn cors(room: &Room) -> CorsLayer {
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT, MCP_SESSION, MCP_VERSION])
        .expose_headers([header::LOCATION, MCP_SESSION])
        .max_age(std::time::Duration::from_secs(REMEMBERED));
    if room.config.origins.iter().any(|origin| origin == "*") {
        return layer.allow_origin(Any);
    }
    layer.allow_origin(AllowOrigin::list(room.config.origins.iter().filter_map(|origin| origin.parse().ok())))
}

const MCP_SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const MCP_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
