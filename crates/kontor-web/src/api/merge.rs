//! `POST records/{entity}/{id}/merge`: `{ "from": id, "fields": { name: "keep" | "take" | "fill" } }`.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records::{self, Choice, Merge, Saved};
use kontor_model::{Json, Problem, Problems};

use super::answer;
use super::records::{RecordPath, record_id, writing};
use crate::error::Failure;
use crate::extract::input::{Input, object};
use crate::extract::query::Query;
use crate::visit::Caller;

/// Another record becomes one with this one, which stays.
pub async fn merge_record(
    caller: Caller,
    Path(path): Path<RecordPath>,
    query: Query,
    Input(body): Input,
) -> Result<Response, Failure> {
    let session = writing(&caller, &query)?;
    let entity = session.entity(&path.entity)?;
    let into = record_id(&path.id)?;
    let (from, fields) = read(object(body)?)?;
    let wanted = Merge { entity, into, from, fields };
    let (record, warnings) = Box::pin(records::merge(&session, &wanted)).await?;
    Ok(answer::saved(&caller.visit, &Saved { record, created: false, warnings }))
}

fn read(body: serde_json::Map<String, Json>) -> Result<(uuid::Uuid, BTreeMap<String, Choice>), Failure> {
    let (mut from, mut fields, mut problems) = (None, BTreeMap::new(), Problems::new());
    for (key, value) in body {
        match (key.as_str(), value) {
            ("from", Json::String(text)) => match text.parse() {
                Ok(id) => from = Some(id),
                Err(_) => problems.push(Problem::at_field("not_an_id", "from")),
            },
            ("fields", Json::Object(chosen)) => {
                for (name, word) in chosen {
                    if let Some(choice) = word.as_str().and_then(Choice::parse) {
                        fields.insert(name, choice);
                        continue;
                    }
                    let problem = Problem::new("not_an_option", format!("/fields/{name}"));
                    let problem = problem.with("value", word.as_str().unwrap_or_default());
                    problems.push(problem.with("field", &name).with("options", "keep, take, fill"));
                }
            }
            ("from", _) => problems.push(Problem::at_field("not_an_id", "from")),
            ("fields", _) => {
                problems.push(Problem::at_field("wrong_type", "fields").with("expected", "object"));
            }
            (key, _) => problems.push(Problem::at_field("unknown_field", key).with("field", key)),
        }
    }
    if from.is_none() && problems.is_empty() {
        problems.push(Problem::at_field("required", "from").with("field", "from"));
    }
    match from {
        Some(from) if problems.is_empty() => Ok((from, fields)),
        _ => Err(problems.into()),
    }
}
