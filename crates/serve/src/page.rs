//! The page at `/`, for people with a browser.
//!
//! One file, one door: it adds its routes to the server's.

use std::sync::Arc;

use axum::Router;

use crate::room::Room;

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new()
}
