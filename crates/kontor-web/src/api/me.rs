//! `GET me`: whom the token stands for.

use axum::response::Response;
use serde_json::json;

use super::answer;
use crate::visit::Caller;

/// Id, e-mail, name, roles.
pub async fn show_me(caller: Caller) -> Response {
    let actor = &caller.session.actor;
    answer::json(&json!({
        "id": actor.id,
        "email": actor.email,
        "name": actor.name,
        "roles": actor.roles,
        "language": actor.language,
        "zone": actor.zone.name(),
    }))
}
