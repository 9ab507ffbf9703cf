//! `GET snapshots/{name}`: figures that are kept per day as JSON.

use axum::extract::Path;
use axum::response::Response;
use chrono::{Days, NaiveDate};
use kontor_core::reports::snapshot;
use kontor_model::{Json, Problem, Value};
use serde::Deserialize;
use serde_json::{Map, json};

use super::{answer, rows};
use crate::error::Failure;
use crate::extract::query::Query;
use crate::visit::Caller;

/// Days that are given when nothing is said.
const USUAL: u64 = 90;

#[derive(Deserialize)]
pub struct SnapshotPath {
    name: String,
}

/// `from` and `to` say which days.
pub async fn show_snapshot(
    caller: Caller,
    Path(path): Path<SnapshotPath>,
    query: Query,
) -> Result<Response, Failure> {
    let session = &caller.session;
    let today = snapshot::today(session);
    let last = day(&query, "to")?.unwrap_or(today);
    let usual = last.checked_sub_days(Days::new(USUAL - 1)).unwrap_or(last);
    let first = day(&query, "from")?.unwrap_or(usual);
    let history = snapshot::history(session, &path.name, first, last).await?;
    let found = &history.answer;
    let columns: Vec<Json> = found
        .dimensions
        .iter()
        .map(|head| json!({ "name": head.name, "title": head.title, "kind": head.kind }))
        .chain(found.measures.iter().map(|head| {
            json!({ "name": head.name, "title": head.title, "kind": head.kind, "currency": head.currency, "converted": head.converted })
        }))
        .collect();
    let data: Vec<Json> = found
        .rows
        .iter()
        .map(|group| {
            let mut row = Map::new();
            for (head, key) in found.dimensions.iter().zip(&group.keys) {
                row.insert(head.name.clone(), key.label.clone().into());
            }
            for (head, value) in found.measures.iter().zip(&group.values) {
                row.insert(head.name.clone(), rows::number(value));
            }
            Json::Object(row)
        })
        .collect();
    let taken = history.taken_at.map(|at| rows::number(&Value::DateTime(at)));
    Ok(answer::json(&json!({
        "name": history.definition.name,
        "title": history.definition.title,
        "from": history.first.to_string(),
        "to": history.last.to_string(),
        "columns": columns,
        "data": data,
        "capped": found.capped,
        "taken_at": taken,
        "missing_days": history.missing,
    })))
}

fn day(query: &Query, name: &str) -> Result<Option<NaiveDate>, Failure> {
    match query.text(name) {
        "" => Ok(None),
        text => match text.parse() {
            Ok(day) => Ok(Some(day)),
            Err(_) => Err(Problem::new("not_a_date", format!("/{name}")).with("value", text).into()),
        },
    }
}
