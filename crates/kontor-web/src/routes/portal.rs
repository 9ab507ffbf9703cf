//! `GET portal` and `GET portal/login`: the ways into the portal that people type.

use axum::response::{IntoResponse, Redirect, Response};

use crate::channel;
use crate::visit::Entered;

/// To the home of the portal; who is not signed in is asked there and comes back to it.
pub async fn enter_portal(Entered(visit): Entered) -> Response {
    Redirect::to(&format!("{}/", channel::portal_of(&visit.root))).into_response()
}
