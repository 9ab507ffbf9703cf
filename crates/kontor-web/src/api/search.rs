//! `GET search?q=`: records of all entities.

use axum::response::Response;
use kontor_core::search::search;
use kontor_model::Json;
use serde_json::json;

use super::answer;
use crate::error::Failure;
use crate::extract::list;
use crate::extract::query::Query;
use crate::visit::Caller;

/// `{ "data": [ { "entity", "title", "hits": [ { "id", "title" } ] } ] }`.
pub async fn search_records(caller: Caller, query: Query) -> Result<Response, Failure> {
    let limit = list::limit(query.get("limit"), 20, 100)?;
    let groups = search(&caller.session, query.text("q"), u64::from(limit)).await?;
    let list = groups
        .into_iter()
        .map(|group| {
            let hits: Vec<Json> =
                group.hits.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
            json!({ "entity": group.entity.name, "title": group.entity.plural, "hits": hits })
        })
        .collect();
    Ok(answer::data(list))
}
