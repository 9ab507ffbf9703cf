//! Records one by one: create, read, change, delete, restore, preview, history, moves and actions.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kontor_core::Session;
use kontor_core::records::{self, Incoming, RecordView, Rehearsal, Save, Saved};
use kontor_model::entity::HISTORY;
use kontor_model::{EntityModel, Json, Problem, Problems};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::answer;
use crate::error::{self, Failure};
use crate::extract::input::{Input, OptionalInput, object};
use crate::extract::list;
use crate::extract::query::Query;
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct EntityPath {
    pub entity: String,
}

#[derive(Deserialize)]
pub struct RecordPath {
    pub entity: String,
    pub id: String,
}

#[derive(Deserialize)]
pub struct StagePath {
    entity: String,
    id: String,
    stage: String,
}

#[derive(Deserialize)]
pub struct ActionPath {
    entity: String,
    id: String,
    name: String,
}

/// An id of an address; what is none names no record.
pub fn record_id(text: &str) -> Result<Uuid, Failure> {
    Uuid::parse_str(text).map_err(|_| Failure::not_found())
}

/// The session of a write: with `?warnings=refuse` nothing is saved that rules warn of.
pub fn writing(caller: &Caller, query: &Query) -> Result<Session, Failure> {
    let refuse_warnings = match query.text("warnings") {
        "" | "accept" => false,
        "refuse" => true,
        other => {
            let problem = Problem::new("not_an_option", "/warnings").with("value", other);
            return Err(problem.with("options", "accept, refuse").into());
        }
    };
    Ok(Session { refuse_warnings, ..caller.session.clone() })
}

/// `POST records/{entity}`.
pub async fn create_record(
    caller: Caller,
    Path(path): Path<EntityPath>,
    query: Query,
    Input(body): Input,
) -> Result<Response, Failure> {
    let session = writing(&caller, &query)?;
    let entity = session.entity(&path.entity)?;
    let values = object(body)?;
    let saved = records::save(&session, Save::create(&entity, Save::values_of(&values))).await?;
    Ok(answer::saved(&caller.visit, &saved))
}

/// `POST records/{entity}/preview`: with `id` and the values that would change, or the values of a new record.
pub async fn preview_record(
    caller: Caller,
    Path(path): Path<EntityPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let mut values = object(body)?;
    let id = match values.shift_remove("id") {
        None | Some(Json::Null) => None,
        Some(Json::String(text)) => Some(record_id(&text)?),
        Some(_) => return Err(Problem::at_field("not_an_id", "id").into()),
    };
    let save = Save { id, ..Save::create(&entity, Save::values_of(&values)) };
    let Rehearsal { record, created, problems } = records::rehearse(&caller.session, save).await?;
    if problems.has_errors() {
        // The same answer as the save would get, and beside it what could be worked out all the same.
        return Ok(refused(&caller, &record, problems));
    }
    let mut response = answer::saved(&caller.visit, &Saved { record, created, warnings: problems });
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().remove(header::LOCATION);
    Ok(response)
}

/// 422 as problem+json, with the record as far as it could be worked out.
fn refused(caller: &Caller, record: &RecordView, problems: Problems) -> Response {
    let mut body = error::problem_body(&caller.visit, &problems.into());
    if let Some(object) = body.as_object_mut() {
        object.insert("record".into(), record.to_json());
    }
    error::problem_answer(StatusCode::UNPROCESSABLE_ENTITY, &body)
}

/// `GET records/{entity}/{id}`.
pub async fn show_record(
    caller: Caller,
    Path(path): Path<RecordPath>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let record = records::get(&caller.session, &entity, record_id(&path.id)?).await?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known == Some(answer::etag(record.record.version()).as_str()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(answer::record(StatusCode::OK, &record))
}

/// `PATCH records/{entity}/{id}`.
pub async fn update_record(
    caller: Caller,
    Path(path): Path<RecordPath>,
    headers: HeaderMap,
    query: Query,
    Input(body): Input,
) -> Result<Response, Failure> {
    let session = writing(&caller, &query)?;
    let entity = session.entity(&path.entity)?;
    let id = record_id(&path.id)?;
    let expected = answer::expected_version(&headers)?;
    let values = Save::values_of(&object(body)?);
    let save = Save { expected_version: expected, ..Save::update(&entity, id, values) };
    let saved = records::save(&session, save).await.map_err(answer::conditional(expected))?;
    Ok(answer::saved(&caller.visit, &saved))
}

/// `DELETE records/{entity}/{id}`: into the bin; with `?purge=true` out of it for good.
pub async fn delete_record(
    caller: Caller,
    Path(path): Path<RecordPath>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let id = record_id(&path.id)?;
    let expected = answer::expected_version(&headers)?;
    let done = match query.text("purge") {
        "" | "false" => records::delete(&caller.session, &entity, id, expected).await,
        "true" => records::purge(&caller.session, &entity, &[id], expected).await,
        other => {
            let problem = Problem::new("not_an_option", "/purge").with("value", other);
            return Err(problem.with("options", "true, false").into());
        }
    };
    done.map_err(answer::conditional(expected))?;
    Ok(answer::nothing())
}

/// `POST records/{entity}/{id}/restore`: back from the bin.
pub async fn restore_record(caller: Caller, Path(path): Path<RecordPath>) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let id = record_id(&path.id)?;
    records::restore(&caller.session, &entity, id).await?;
    let record = records::get(&caller.session, &entity, id).await?;
    Ok(answer::record(StatusCode::OK, &record))
}

/// `GET records/{entity}/{id}/history`.
pub async fn show_history(
    caller: Caller,
    Path(path): Path<RecordPath>,
    query: Query,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    if !entity.has_feature(HISTORY) {
        return Err(kontor_core::Error::NotFound.into());
    }
    let limit = list::limit(query.get("limit"), 100, 500)?;
    let limit = i64::from(limit);
    let (revisions, _) = records::history(&caller.session, &entity, record_id(&path.id)?, limit).await?;
    let list = revisions
        .into_iter()
        .map(|revision| {
            let changes: Vec<Json> = revision
                .changes
                .into_iter()
                .map(|(field, old, new)| json!({ "field": field, "old": old, "new": new }))
                .collect();
            let actor = revision.actor.map(|id| json!({ "id": id, "title": revision.actor_name }));
            json!({
                "version": revision.version,
                "at": revision.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
                "action": revision.action,
                "by": actor,
                "cause": revision.cause,
                "changes": changes,
            })
        })
        .collect();
    Ok(answer::data(list))
}

/// `POST records/{entity}/{id}/transitions/{stage}`: a save of the process's field, with what the stage asks for.
pub async fn move_record(
    caller: Caller,
    Path(path): Path<StagePath>,
    headers: HeaderMap,
    query: Query,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    let session = &writing(&caller, &query)?;
    let entity = session.entity(&path.entity)?;
    let id = record_id(&path.id)?;
    let expected = answer::expected_version(&headers)?;
    let field = stage_field(session, &entity, query.get("field"))?;
    let mut values = Save::values_of(&object(body)?);
    values.retain(|(name, _)| *name != field);
    values.push((field, Incoming::Json(path.stage.into())));
    let save = Save { expected_version: expected, ..Save::update(&entity, id, values) };
    let saved = records::save(session, save).await.map_err(answer::conditional(expected))?;
    Ok(answer::saved(&caller.visit, &saved))
}

/// The field whose options are stages: the named one, or that of the entity's first process.
pub fn stage_field(
    session: &Session,
    entity: &Arc<EntityModel>,
    asked: Option<&str>,
) -> Result<String, Failure> {
    let processes = records::process::of_entity(&session.model, entity);
    let mut fields = processes.iter().map(|process| &process.field);
    match asked {
        Some(name) => fields.find(|field| *field == name),
        None => fields.next(),
    }
    .cloned()
    .ok_or_else(Failure::not_found)
}

/// `POST records/{entity}/{id}/actions/{name}`: the inputs of an action, or what a function of a script is given. A record
/// that the action put where the caller does not see it is answered with 204; where a workflow has begun, with 202.
pub async fn run_action(
    caller: Caller,
    Path(path): Path<ActionPath>,
    query: Query,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    let session = writing(&caller, &query)?;
    let entity = session.entity(&path.entity)?;
    let id = record_id(&path.id)?;
    let given = Save::values_of(&object(body)?);
    let done = Box::pin(records::action(&session, &entity, id, &path.name, given)).await?;
    let Some(record) = done.record else { return Ok(answer::nothing()) };
    let saved = Saved { record, created: false, warnings: done.warnings };
    let mut response = answer::saved(&caller.visit, &saved);
    if done.has_begun {
        *response.status_mut() = StatusCode::ACCEPTED;
    }
    Ok(response)
}
