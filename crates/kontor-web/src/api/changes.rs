//! Change sets: definition changes gathered, checked, planned and published together.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::definitions::promotion::{self, ChangeFile};
use kontor_core::definitions::{
    Outcome, Plan, change_sets, early, moved, offers, online, renames, use_to_json,
};
use kontor_model::Json;
use kontor_model::layer::Side;
use serde::Deserialize;
use serde_json::json;

use super::answer;
use super::definitions::kind_of;
use super::records::record_id;
use crate::error::Failure;
use crate::extract::input::{Input, OptionalInput, object};
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct ChangePath {
    id: String,
}

#[derive(Deserialize)]
pub struct ChangedPath {
    id: String,
    kind: String,
    name: String,
}

/// `GET changes`: the open ones.
pub async fn list_changes(caller: Caller) -> Result<Response, Failure> {
    let sets = change_sets::open(&caller.session).await?;
    let list = sets
        .into_iter()
        .map(|set| json!({ "id": set.id, "title": set.title, "by": set.author, "base": set.base, "at": moment(set.created_at), "draft": set.origin == "draft" }))
        .collect();
    Ok(answer::data(list))
}

/// `POST changes` `{ "title" }`.
pub async fn open_change_set(
    caller: Caller,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    let body = object(body)?;
    let title = body.get("title").and_then(Json::as_str).unwrap_or_default();
    let id = change_sets::create(&caller.session, title).await?;
    Ok(answer::with_status(StatusCode::CREATED, &json!({ "id": id, "title": title })))
}

/// `GET changes/{id}`.
pub async fn show_change_set(caller: Caller, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    let (set, changes) = change_sets::get(&caller.session, record_id(&path.id)?).await?;
    let list: Vec<Json> = changes
        .into_iter()
        .map(|change| json!({ "kind": change.kind, "name": change.name, "definition": change.body, "at": moment(change.at) }))
        .collect();
    Ok(answer::json(
        &json!({ "id": set.id, "title": set.title, "base": set.base, "by": set.author, "draft": set.origin == "draft",
            "changes": list }),
    ))
}

/// `DELETE changes/{id}`.
pub async fn discard_change_set(caller: Caller, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    change_sets::discard_all(&caller.session, record_id(&path.id)?).await?;
    Ok(answer::nothing())
}

/// `PUT changes/{id}/{kind}/{name}`: a full definition, checked at once.
pub async fn put_definition(
    caller: Caller,
    Path(path): Path<ChangedPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let body = Json::Object(object(body)?);
    let id = record_id(&path.id)?;
    let missing = early::put_early(&caller.session, id, kind, &path.name, body).await?;
    let mut kept = change_sets::definition(&caller.session, id, kind, &path.name).await?;
    // What it needs may still come into the same set; until then nothing of the set can be published.
    if let Some(object) = kept.as_object_mut().filter(|_| !missing.is_empty()) {
        let catalogue = &caller.session.catalogue;
        let list = missing.iter().map(|problem| problem.to_json(catalogue)).collect();
        object.insert("_problems".into(), Json::Array(list));
    }
    Ok(answer::json(&kept))
}

/// `DELETE changes/{id}/{kind}/{name}`: publishing removes the definition.
pub async fn remove_definition(caller: Caller, Path(path): Path<ChangedPath>) -> Result<Response, Failure> {
    change_sets::delete(&caller.session, record_id(&path.id)?, kind_of(&path.kind)?, &path.name).await?;
    Ok(answer::nothing())
}

/// `GET changes/{id}/plan`.
pub async fn show_plan(caller: Caller, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    let plan = change_sets::plan(&caller.session, record_id(&path.id)?).await?;
    Ok(answer::json(&plan_json(&caller, &plan)))
}

/// `GET changes/{id}/file`: the change set as it is carried to another workspace.
pub async fn show_file(caller: Caller, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    let file = promotion::export_set(&caller.session, record_id(&path.id)?).await?;
    let json: Json = serde_json::from_str(&file.to_text()).map_err(kontor_core::Error::internal)?;
    Ok(answer::json(&json))
}

/// `POST changes/files`: a change set from elsewhere.
pub async fn bring_in(caller: Caller, Input(body): Input) -> Result<Response, Failure> {
    let file = ChangeFile::read(&body.to_string()).map_err(kontor_core::Error::from)?;
    let id = promotion::bring_in(&caller.session, &file).await?;
    Ok(answer::with_status(StatusCode::CREATED, &json!({ "id": id, "title": file.title })))
}

/// `POST changes/{id}/rehearsal`: publishes on a copy, tells what came of it, removes the copy.
pub async fn rehearse(
    caller: Caller,
    Path(path): Path<ChangePath>,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    object(body)?;
    let rehearsal = promotion::rehearse_set(&caller.session, record_id(&path.id)?).await?;
    Ok(answer::json(&rehearsal.to_json(&caller.visit.catalogue())))
}

/// `POST changes/{id}/publish` `{ "accept_loss": true }`.
pub async fn publish_change_set(
    caller: Caller,
    Path(path): Path<ChangePath>,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    let accept_loss = object(body)?.get("accept_loss").and_then(Json::as_bool).unwrap_or(false);
    let outcome = change_sets::publish_or_begin(&caller.session, record_id(&path.id)?, accept_loss).await?;
    Ok(published(outcome))
}

/// 200 with the version, or 202 with the publication that goes on.
pub fn published(outcome: Outcome) -> Response {
    match outcome {
        Outcome::Published(version) => answer::json(&json!({ "version": version })),
        Outcome::Began(id) => answer::with_status(StatusCode::ACCEPTED, &json!({ "publication": id })),
    }
}

/// `GET publications/{id}`.
pub async fn show_publication(caller: Caller, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    let progress = online::progress(&caller.session, record_id(&path.id)?).await?;
    let row = progress.row;
    Ok(answer::json(&json!({
        "id": row.id,
        "title": kontor_core::definitions::version_title(&caller.session.catalogue, &row.title),
        "state": row.state,
        "done": progress.done,
        "total": progress.total,
        "error": row.error,
        "version": row.version,
        "at": moment(row.created_at),
    })))
}

/// `DELETE publications/{id}`: stops it; the change set is open again.
pub async fn cancel_publication(caller: Caller, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    online::cancel(&caller.session, record_id(&path.id)?).await?;
    Ok(answer::nothing())
}

/// `POST changes/{id}/rename-uses`: whatever refers to entities and fields that the set renames follows, in the set.
pub async fn rename_uses(caller: Caller, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    let followed = renames::follow(&caller.session, record_id(&path.id)?).await?;
    let renamed: Vec<Json> = followed
        .renames
        .iter()
        .map(|one| json!({ "entity": one.entity, "field": one.field, "to": one.to }))
        .collect();
    let changed: Vec<Json> =
        followed.changed.iter().map(|(kind, name)| json!({ "kind": kind.as_str(), "name": name })).collect();
    let left: Vec<Json> = followed.left.iter().map(use_to_json).collect();
    Ok(answer::json(&json!({ "renamed": renamed, "changed": changed, "left": left })))
}

/// `POST changes/{id}/options` `{ "entity", "field" }`: an option for every value that the field holds.
pub async fn add_options(
    caller: Caller,
    Path(path): Path<ChangePath>,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    let body = object(body)?;
    let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
    let id = record_id(&path.id)?;
    let added = offers::options_from_values(&caller.session, id, text("entity"), text("field")).await?;
    Ok(answer::json(&json!({ "added": added })))
}

/// `POST changes/{id}/keep` `{ "kind", "name", "theirs": false }`: where others published something else in the same places
/// meanwhile, this change counts, or theirs does.
pub async fn keep_mine(
    caller: Caller,
    Path(path): Path<ChangePath>,
    OptionalInput(body): OptionalInput,
) -> Result<Response, Failure> {
    let body = object(body)?;
    let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
    let theirs = body.get("theirs").and_then(Json::as_bool).unwrap_or(false);
    let side = if theirs { Side::Theirs } else { Side::Ours };
    let id = record_id(&path.id)?;
    moved::settle(&caller.session, id, kind_of(text("kind"))?, text("name"), side).await?;
    Ok(answer::nothing())
}

/// A plan as the API gives it.
pub fn plan_json(caller: &Caller, plan: &Plan) -> Json {
    plan.to_json(&caller.visit.catalogue())
}

/// RFC 3339 in UTC.
pub fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
