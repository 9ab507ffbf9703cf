//! `saved/{kind}`: views, reports and dashboards that the caller saved, and those of their team. They are saved at once.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::saved::{self, KINDS, Saved, Saving};
use kontor_core::{Session, views};
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, Problems};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::answer;
use crate::error::Failure;
use crate::extract::input::Input;
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct KindPath {
    kind: String,
}

#[derive(Deserialize)]
pub struct SavedPath {
    kind: String,
    id: String,
}

fn kind_of(word: &str) -> Result<DefinitionKind, Failure> {
    let kind = KINDS.into_iter().find(|kind| kind.as_str() == word);
    kind.ok_or_else(Failure::not_found)
}

impl SavedPath {
    fn find<'a>(&self, session: &'a Session) -> Result<&'a Saved, Failure> {
        let id = Uuid::parse_str(&self.id).map_err(|_| Failure::not_found())?;
        Ok(saved::get(session, kind_of(&self.kind)?, id)?)
    }
}

fn to_json(session: &Session, saved: &Saved) -> Json {
    json!({
        "id": saved.id,
        "kind": saved.kind.as_str(),
        "name": saved.name(),
        "owner": saved.owner,
        "share": if saved.team.is_some() { "team" } else { "me" },
        "may_change": saved::may_change(session, saved),
        "definition": saved.body,
    })
}

/// `GET saved/{kind}`.
pub async fn list_saved(caller: Caller, Path(path): Path<KindPath>) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let session = &caller.session;
    Ok(answer::data(saved::of_kind(session, kind).map(|saved| to_json(session, saved)).collect()))
}

/// `GET saved/{kind}/{id}`.
pub async fn show_saved(caller: Caller, Path(path): Path<SavedPath>) -> Result<Response, Failure> {
    let found = path.find(&caller.session)?;
    Ok(answer::json(&to_json(&caller.session, found)))
}

/// `POST saved/{kind}`: `{ "definition": { … }, "share": "me" | "team" }`.
pub async fn add_saved(
    caller: Caller,
    Path(path): Path<KindPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let id = put(&caller.session, kind, None, &body).await?;
    Ok(answer::with_status(StatusCode::CREATED, &json!({ "id": id, "name": saved::name_of(id) })))
}

/// `PUT saved/{kind}/{id}`, with the same body.
pub async fn change_saved(
    caller: Caller,
    Path(path): Path<SavedPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let found = path.find(&caller.session)?;
    let id = put(&caller.session, found.kind, Some(found), &body).await?;
    Ok(answer::json(&json!({ "id": id, "name": saved::name_of(id) })))
}

/// `DELETE saved/{kind}/{id}`.
pub async fn remove_saved(caller: Caller, Path(path): Path<SavedPath>) -> Result<Response, Failure> {
    let session = &caller.session;
    let found = path.find(session)?;
    if found.kind == DefinitionKind::View {
        views::delete(session, &*session.entity(&found.entity)?, found.id).await?;
    } else {
        saved::delete(session, found.kind, found.id).await?;
    }
    Ok(answer::nothing())
}

async fn put(
    session: &Session,
    kind: DefinitionKind,
    known: Option<&Saved>,
    body: &Json,
) -> Result<Uuid, Failure> {
    let mut problems = Problems::new();
    for key in body.as_object().into_iter().flat_map(|object| object.keys()) {
        if !matches!(key.as_str(), "definition" | "share") {
            let problem = Problem::at_field("unknown_key", key).with("key", key);
            problems.push(problem.with("options", "definition, share"));
        }
    }
    let share = body.get("share").and_then(Json::as_str);
    let shared = match share {
        Some("team") => true,
        Some("me") => false,
        None if body.get("share").is_none_or(Json::is_null) => {
            known.is_some_and(|saved| saved.team.is_some())
        }
        _ => {
            let written = body.get("share").map_or_else(String::new, |json| {
                json.as_str().map_or_else(|| json.to_string(), str::to_owned)
            });
            let problem = Problem::at_field("not_an_option", "share").with("value", written);
            problems.push(problem.with("options", "me, team"));
            false
        }
    };
    let Some(definition) = body.get("definition").filter(|json| json.is_object()) else {
        problems.push(Problem::at_field("required", "definition").with("field", "definition"));
        return Err(problems.into());
    };
    problems.into_result(())?;
    let id = known.map(|saved| saved.id);
    let body = definition.clone();
    let done = if kind == DefinitionKind::View {
        let name = definition.get("entity").and_then(Json::as_str).unwrap_or_default();
        let Ok(entity) = session.entity(name) else {
            let problem = Problem::new("unknown_entity", "/definition/entity").with("entity", name);
            return Err(problem.into());
        };
        let first = id.is_some_and(|id| views::first(session, &entity) == Some(id.to_string().as_str()));
        views::save(session, &entity, views::Saving { id, body, shared, first }).await
    } else {
        saved::save(session, kind, Saving { id, body, shared }).await
    };
    done.map_err(|error| match error {
        // Pointers go into what was sent.
        kontor_core::Error::Problems(problems) => {
            let told = problems.into_iter().map(|one| {
                if one.path == "/share" || one.path.is_empty() { one } else { one.under("/definition") }
            });
            Problems(told.collect()).into()
        }
        other => other.into(),
    })
}
