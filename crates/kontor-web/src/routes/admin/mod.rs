//! The administrator's pages.

use axum::Router;

use crate::app::App;

/// All of them.
pub fn routes() -> Router<App> {
    Router::new()
}
