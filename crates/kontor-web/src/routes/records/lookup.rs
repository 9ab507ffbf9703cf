//! `GET lookup/{entity}?q=`: records to choose from while somebody types into the box of a link.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records;
use kontor_model::Json;
use serde_json::json;

use super::EntityPath;
use crate::api::answer;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::visit::Reader;

const MOST: u32 = 10;

/// `[ { "id", "title" } ]`.
pub async fn find_options(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    let words = Some(query.text("q")).filter(|words| !words.trim().is_empty());
    let found = records::options(&reader.session, &entity, words, MOST).await?;
    let list: Vec<Json> = found.into_iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
    Ok(answer::json(&Json::Array(list)))
}
