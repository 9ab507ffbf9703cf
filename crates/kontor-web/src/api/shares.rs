//! `records/{entity}/{id}/shares`: with whom a record is shared by hand.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::sharing::{self, Share};
use kontor_model::{Json, Problem, Problems};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::answer;
use super::records::{RecordPath, record_id};
use crate::error::Failure;
use crate::extract::input::Input;
use crate::routes::records::shares::read;
use crate::visit::Caller;

/// A share of a record.
#[derive(Deserialize)]
pub struct SharePath {
    entity: String,
    id: String,
    share: String,
}

fn to_json(share: &Share) -> Json {
    json!({
        "id": share.id,
        "with": { "entity": share.entity, "id": share.with, "title": share.title },
        "right": if share.edits { "edit" } else { "read" },
        "until": share.until.map(|day| day.to_string()),
        "by": share.by,
        "at": share.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
    })
}

/// `GET`.
pub async fn list_shares(caller: Caller, Path(path): Path<RecordPath>) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let shares = sharing::list(&caller.session, &entity, record_id(&path.id)?).await?;
    Ok(answer::data(shares.iter().map(to_json).collect()))
}

/// `POST`: `{ "with": { "entity": "user", "id": … }, "right": "read" | "edit", "until": "2030-01-31" }`.
pub async fn add_share(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let id = record_id(&path.id)?;
    let mut problems = Problems::new();
    for key in body.as_object().into_iter().flat_map(|object| object.keys()) {
        if !matches!(key.as_str(), "with" | "right" | "until") {
            problems.push(Problem::at_field("unknown_field", key).with("field", key));
        }
    }
    problems.into_result(())?;
    let text = |pointer: &str| body.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
    let with = format!("{}:{}", text("/with/entity"), text("/with/id"));
    let new = read(&with, text("/right"), text("/until"))?;
    let added = sharing::add(&caller.session, &entity, id, new).await?;
    let shares = sharing::list(&caller.session, &entity, id).await?;
    let share = shares.iter().find(|share| share.id == added).ok_or_else(Failure::not_found)?;
    Ok(answer::with_status(StatusCode::CREATED, &to_json(share)))
}

/// `DELETE records/{entity}/{id}/shares/{share}`.
pub async fn remove_share(caller: Caller, Path(path): Path<SharePath>) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let share = Uuid::parse_str(&path.share).map_err(|_| Failure::not_found())?;
    sharing::remove(&caller.session, &entity, record_id(&path.id)?, share).await?;
    Ok(answer::nothing())
}
