//! `GET approvals`: what waits for the caller, and what they asked; decisions, and taking back.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::approvals::{self, Request, Verdict};
use kontor_model::{Json, Problem};
use serde::Deserialize;
use serde_json::{Map, json};

use super::answer;
use super::records::record_id;
use crate::error::Failure;
use crate::extract::input::{Input, object};
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct RequestPath {
    id: String,
}

/// `{ "waiting": [ … ], "asked": [ … ] }`.
pub async fn list_approvals(caller: Caller) -> Result<Response, Failure> {
    let session = &caller.session;
    let form = |list: Vec<Request>| -> Vec<Json> { list.iter().map(|one| one.to_json(session)).collect() };
    let (waiting, asked) = (approvals::waiting(session).await?, approvals::asked(session).await?);
    Ok(answer::json(&json!({ "waiting": form(waiting), "asked": form(asked) })))
}

/// A body of texts under these keys alone.
fn texts(body: Json, known: &[&str]) -> Result<Map<String, Json>, Failure> {
    let body = object(body)?;
    match body.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Problem::at_field("unknown_field", key).with("field", key).into()),
        None => Ok(body),
    }
}

fn text<'a>(body: &'a Map<String, Json>, key: &str) -> &'a str {
    body.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// `POST approvals/{id}/decision`: `{ "verdict": "approve" | "refuse", "comment" }`.
pub async fn decide(
    caller: Caller,
    Path(path): Path<RequestPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let body = texts(body, &["verdict", "comment"])?;
    let text = |key: &str| text(&body, key);
    let Some(verdict) = Verdict::parse(text("verdict")) else {
        let problem = Problem::at_field("not_an_option", "verdict").with("value", text("verdict"));
        return Err(problem.with("field", "verdict").with("options", "approve, refuse").into());
    };
    let decided = approvals::decide(&caller.session, record_id(&path.id)?, verdict, text("comment"));
    let done = Box::pin(decided).await?;
    Ok(answer::json(&done.to_json(&caller.session)))
}

/// `POST approvals/{id}/delegation`: `{ "to": id or e-mail, "comment" }`.
pub async fn delegate(
    caller: Caller,
    Path(path): Path<RequestPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let body = texts(body, &["to", "comment"])?;
    let text = |key: &str| text(&body, key);
    if text("to").trim().is_empty() {
        return Err(Problem::at_field("required", "to").into());
    }
    let done =
        approvals::delegate(&caller.session, record_id(&path.id)?, text("to"), text("comment")).await?;
    Ok(answer::json(&done.to_json(&caller.session)))
}

/// `POST approvals/{id}/withdrawal`.
pub async fn withdraw(caller: Caller, Path(path): Path<RequestPath>) -> Result<Response, Failure> {
    let done = approvals::withdraw(&caller.session, record_id(&path.id)?).await?;
    Ok(answer::json(&done.to_json(&caller.session)))
}
