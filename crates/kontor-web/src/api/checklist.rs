//! `records/{entity}/{id}/checklist`: the items of the stage that a record is in, ticked (`PUT …/{item}`) and taken back
//! (`DELETE`). `?field=` names the stage field where an entity has processes on several.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records::{self, RecordView, stages};
use kontor_model::access::FieldRight;
use kontor_model::{EntityModel, FieldModel};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::answer;
use super::records::{record_id, stage_field};
use crate::error::Failure;
use crate::extract::query::Query;
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct ChecklistPath {
    entity: String,
    id: String,
}

#[derive(Deserialize)]
pub struct ItemPath {
    entity: String,
    id: String,
    item: String,
}

/// `GET`.
pub async fn show_checklist(
    caller: Caller,
    Path(path): Path<ChecklistPath>,
    query: Query,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    list(&caller, &entity, record_id(&path.id)?, &query).await
}

/// `PUT …/{item}`.
pub async fn tick_item(
    caller: Caller,
    Path(path): Path<ItemPath>,
    query: Query,
) -> Result<Response, Failure> {
    set(&caller, &path, &query, true).await
}

/// `DELETE …/{item}`.
pub async fn untick_item(
    caller: Caller,
    Path(path): Path<ItemPath>,
    query: Query,
) -> Result<Response, Failure> {
    set(&caller, &path, &query, false).await
}

async fn set(caller: &Caller, path: &ItemPath, query: &Query, done: bool) -> Result<Response, Failure> {
    let session = &caller.session;
    let entity = session.entity(&path.entity)?;
    let id = record_id(&path.id)?;
    let field = stage_field(session, &entity, query.get("field"))?;
    stages::tick(session, &entity, id, &field, &path.item, done).await?;
    list(caller, &entity, id, query).await
}

async fn list(
    caller: &Caller,
    entity: &Arc<EntityModel>,
    id: Uuid,
    query: &Query,
) -> Result<Response, Failure> {
    let session = &caller.session;
    let name = stage_field(session, entity, query.get("field"))?;
    let view = records::get(session, entity, id).await?;
    let field = readable(&view, &name).ok_or_else(Failure::not_found)?;
    let items = stages::checklist(session, entity, &view.record, field).await?;
    let stage = view.record.at(field.index).as_text();
    let line = |item: stages::Item| {
        let (by, at) = item.ticked.unzip();
        json!({
            "name": item.name, "title": item.title, "required": item.required, "stage": stage,
            "done": at.is_some(), "by": by.flatten(),
            "at": at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)),
        })
    };
    Ok(answer::data(items.into_iter().map(line).collect()))
}

fn readable<'v>(view: &'v RecordView, name: &str) -> Option<&'v FieldModel> {
    let field = view.entity.field(name)?;
    let right = view.rights.get(field.index)?;
    (*right > FieldRight::None).then_some(field)
}
