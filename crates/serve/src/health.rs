//! Whether it lives, whether it can answer, what it has done and what it is doing.
//!
//! For whoever runs it: `/healthz`, `/readyz` and `/metrics` cost nothing and say nothing about what is known;
//! the list of running queries is for admins.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Json, Router,
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{delete, get},
};

use crate::{
    error::Problem,
    room::Room,
    running::Shown,
    who::{Caller, Role},
};

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/queries", get(list))
        .route("/queries/{id}", delete(stop))
}

async fn ready(State(room): State<Arc<Room>>) -> Response {
    if room.leaving.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "leaving\n").into_response();
    }
    "ready\n".into_response()
}

async fn metrics(State(room): State<Arc<Room>>) -> Response {
    let text = room.metrics.text(room.running.count());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

async fn list(State(room): State<Arc<Room>>, caller: Caller) -> Result<Json<Vec<Shown>>, Problem> {
    caller.needs(Role::Admin)?;
    Ok(Json(room.running.shown()))
}

async fn stop(
    State(room): State<Arc<Room>>,
    caller: Caller,
    id: Result<Path<u64>, PathRejection>,
) -> Result<StatusCode, Problem> {
    caller.needs(Role::Admin)?;
    let Path(id) = id.map_err(|why| Problem::bad(why.body_text()))?;
    if room.running.stop(id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found(format!("no query {id} is running")))
    }
}
