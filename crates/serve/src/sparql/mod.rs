//! SPARQL 1.1 over HTTP: queries, updates and the Graph Store.
//!
//! The paths are those of Oxigraph's own server (`/query`, `/update`, `/store`), and `/sparql` for both.

use std::sync::Arc;

use axum::Router;

use crate::room::Room;

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new()
}
