//! `GET schemas/{entity}`: the derived JSON Schema of an entity's records.

use axum::extract::Path;
use axum::response::Response;
use kontor_model::json_schema::{DIALECT, Purpose};
use kontor_model::{Json, Problem};
use serde::Deserialize;

use super::answer;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct SchemaPath {
    entity: String,
}

/// `?for=input` (what may be sent) or `output` (what is given), output when nothing is said.
pub async fn show_schema(
    caller: Caller,
    Path(path): Path<SchemaPath>,
    query: Query,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let purpose = match query.text("for") {
        "" | "output" => Purpose::Output,
        "input" => Purpose::Input,
        other => {
            return Err(Problem::new("not_an_option", "/for")
                .with("value", other)
                .with("options", "output, input")
                .into());
        }
    };
    let mut schema = serde_json::Map::new();
    schema.insert("$schema".into(), DIALECT.into());
    if let Json::Object(shape) = super::openapi::shapes::of(&caller.session, &entity, purpose) {
        schema.extend(shape);
    }
    Ok(answer::json(&Json::Object(schema)))
}
