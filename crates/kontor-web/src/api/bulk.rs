//! `POST records/{entity}/bulk`: many records at once.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records::bulk::{Bulk, Outcome, bulk};
use kontor_model::{Json, Problem, Problems};
use serde::Deserialize;
use serde_json::{Map, json};
use uuid::Uuid;

use super::answer;
use crate::error::Failure;
use crate::extract::input::{BulkInput, object};
use crate::extract::query::Query;
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct BulkPath {
    entity: String,
}

/// All or nothing; with `"partial": true` each for itself.
pub async fn write_records(
    caller: Caller,
    Path(path): Path<BulkPath>,
    query: Query,
    BulkInput(body): BulkInput,
) -> Result<Response, Failure> {
    let session = super::records::writing(&caller, &query)?;
    let entity = session.entity(&path.entity)?;
    let outcomes = bulk(&session, &entity, read(body)?).await?;
    let catalogue = caller.visit.catalogue();
    let results: Vec<Json> = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::Done(id, warnings, _) if warnings.is_empty() => json!({ "id": id }),
            Outcome::Done(id, warnings, _) => {
                let list: Vec<Json> = warnings.iter().map(|problem| problem.to_json(&catalogue)).collect();
                json!({ "id": id, "warnings": list })
            }
            Outcome::Refused(problems) => {
                let list: Vec<Json> = problems.iter().map(|problem| problem.to_json(&catalogue)).collect();
                json!({ "problems": list })
            }
        })
        .collect();
    Ok(answer::json(&json!({ "results": results })))
}

/// Reads the body; everything of the wrong shape is told at once.
fn read(body: Json) -> Result<Bulk, Failure> {
    let mut problems = Problems::new();
    let mut wanted = Bulk::default();
    for (key, value) in object(body)? {
        match (key.as_str(), value) {
            ("create", Json::Array(list)) => wanted.create = objects(list, "/create", &mut problems),
            ("update", Json::Array(list)) => wanted.update = objects(list, "/update", &mut problems),
            ("delete", Json::Array(list)) => wanted.delete = ids(list, "/delete", &mut problems),
            ("purge", Json::Array(list)) => wanted.purge = ids(list, "/purge", &mut problems),
            ("upsert_by", Json::String(field)) => wanted.upsert_by = Some(field),
            ("upsert_by", Json::Null) => {}
            ("partial", Json::Bool(partial)) => wanted.partial = partial,
            ("create" | "update" | "delete" | "purge" | "upsert_by" | "partial", _) => {
                let expected = match key.as_str() {
                    "upsert_by" => "text",
                    "partial" => "boolean",
                    _ => "list",
                };
                problems.push(Problem::at_field("wrong_type", &key).with("expected", expected));
            }
            _ => problems.push(Problem::at_field("unknown_field", &key).with("field", &key)),
        }
    }
    wanted.unreadable = problems;
    Ok(wanted)
}

fn objects(list: Vec<Json>, place: &str, problems: &mut Problems) -> Vec<Map<String, Json>> {
    let mut found = Vec::with_capacity(list.len());
    for (index, item) in list.into_iter().enumerate() {
        match item {
            Json::Object(object) => found.push(object),
            _ => problems.push(Problem::new("not_an_object", format!("{place}/{index}"))),
        }
    }
    found
}

fn ids(list: Vec<Json>, place: &str, problems: &mut Problems) -> Vec<Uuid> {
    let mut found = Vec::with_capacity(list.len());
    for (index, item) in list.into_iter().enumerate() {
        match item.as_str().and_then(|text| Uuid::parse_str(text).ok()) {
            Some(id) => found.push(id),
            None => problems.push(Problem::new("not_an_id", format!("{place}/{index}"))),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_wrong_part_is_told() {
        let body = json!({ "create": [{}, 7], "update": {}, "delete": ["x"], "other": 1 });
        let problems = read(body).unwrap().unreadable;
        let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["/create/1", "/update", "/delete/0", "/other"]);
        let wanted =
            read(json!({ "create": [{ "name": "a" }], "partial": true, "upsert_by": "name" })).unwrap();
        assert!(wanted.partial && wanted.create.len() == 1 && wanted.upsert_by.as_deref() == Some("name"));
    }
}
