//! `POST records/{entity}/{id}/reveal`: a masked value, shown once.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records;
use kontor_model::{Json, Problem, Problems};
use serde_json::json;

use super::answer;
use super::records::{RecordPath, record_id};
use crate::error::Failure;
use crate::extract::input::Input;
use crate::visit::Caller;

/// `{ "field", "reason" }`.
pub async fn reveal_value(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let session = &caller.session;
    let entity = session.entity(&path.entity)?;
    let id = record_id(&path.id)?;
    let mut problems = Problems::new();
    for key in body.as_object().into_iter().flat_map(|object| object.keys()) {
        if !matches!(key.as_str(), "field" | "reason") {
            problems.push(Problem::at_field("unknown_field", key).with("field", key));
        }
    }
    problems.into_result(())?;
    let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
    let shown = records::reveal(session, &entity, id, text("field"), text("reason")).await?;
    let field = entity.fields.get(shown.field).ok_or_else(Failure::not_found)?;
    let value = records::value_to_json(field, &shown.value, &records::Titles::new());
    Ok(answer::json(&json!({ "field": field.name, "value": value })))
}
