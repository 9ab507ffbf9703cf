//! `records/{entity}/{id}/comments` and `…/follow`: what people say of a record, and who wants to know of it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::comments::{self, Comment};
use kontor_core::{following, notices, records};
use kontor_model::{Json, Problem};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::answer;
use super::records::{RecordPath, record_id};
use crate::error::Failure;
use crate::extract::input::Input;
use crate::extract::query::Query;
use crate::visit::Caller;

/// Most of what the caller was told that is listed.
const NEWS: usize = 100;
/// Most records that they follow, and that something happened to, that are listed.
const FOLLOWED: i64 = 50;

/// A comment on a record.
#[derive(Deserialize)]
pub struct CommentPath {
    entity: String,
    id: String,
    comment: String,
}

/// Something that the caller was told.
#[derive(Deserialize)]
pub struct NewsPath {
    id: String,
}

fn to_json(comment: &Comment) -> Json {
    let moment = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let row = &comment.row;
    json!({
        "id": row.id,
        "body": row.deleted_at.is_none().then_some(&row.body),
        "by": row.author.map(|id| json!({ "id": id, "title": comment.author })),
        "at": moment(row.created_at),
        "edited_at": row.edited_at.map(moment),
        "deleted_at": row.deleted_at.map(moment),
    })
}

/// `GET`, the latest first.
pub async fn list_comments(
    caller: Caller,
    Path(path): Path<RecordPath>,
    query: Query,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let limit = crate::extract::list::limit(query.get("limit"), 100, 500)?;
    let view = records::get(&caller.session, &entity, record_id(&path.id)?).await?;
    let comments = comments::list_of(&caller.session, &view, i64::from(limit)).await?;
    Ok(answer::data(comments.iter().map(to_json).collect()))
}

fn body_of(body: &Json) -> Result<&str, Failure> {
    let object = body.as_object();
    if let Some(key) = object.into_iter().flat_map(|object| object.keys()).find(|key| *key != "body") {
        return Err(Problem::at_field("unknown_field", key).with("field", key).into());
    }
    Ok(body.get("body").and_then(Json::as_str).unwrap_or_default())
}

/// `POST { "body" }`.
pub async fn add_comment(
    caller: Caller,
    Path(path): Path<RecordPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let id = record_id(&path.id)?;
    let added = comments::add(&caller.session, &entity, id, body_of(&body)?).await?;
    one(&caller, &path, StatusCode::CREATED, added).await
}

/// `PATCH records/{entity}/{id}/comments/{comment}`.
pub async fn edit_comment(
    caller: Caller,
    Path(path): Path<CommentPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let comment = Uuid::parse_str(&path.comment).map_err(|_| Failure::not_found())?;
    comments::edit(&caller.session, &entity, record_id(&path.id)?, comment, body_of(&body)?).await?;
    one(&caller, &RecordPath { entity: path.entity, id: path.id }, StatusCode::OK, comment).await
}

async fn one(caller: &Caller, path: &RecordPath, status: StatusCode, id: Uuid) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let found = comments::one(&caller.session, &entity, record_id(&path.id)?, id).await?;
    Ok(answer::with_status(status, &to_json(&found)))
}

/// `DELETE records/{entity}/{id}/comments/{comment}`.
pub async fn remove_comment(caller: Caller, Path(path): Path<CommentPath>) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    let comment = Uuid::parse_str(&path.comment).map_err(|_| Failure::not_found())?;
    comments::remove(&caller.session, &entity, record_id(&path.id)?, comment).await?;
    Ok(answer::nothing())
}

/// `PUT records/{entity}/{id}/follow`.
pub async fn follow(caller: Caller, Path(path): Path<RecordPath>) -> Result<Response, Failure> {
    let entity = caller.session.entity(&path.entity)?;
    following::follow(&caller.session, &entity, record_id(&path.id)?).await?;
    Ok(answer::nothing())
}

/// `DELETE records/{entity}/{id}/follow`.
pub async fn unfollow(caller: Caller, Path(path): Path<RecordPath>) -> Result<Response, Failure> {
    caller.session.entity(&path.entity)?;
    following::unfollow(&caller.session, record_id(&path.id)?).await?;
    Ok(answer::nothing())
}

/// `GET news`: what the caller was told, and what others did to records that they follow.
pub async fn list_news(caller: Caller) -> Result<Response, Failure> {
    let moment = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let told = notices::list(&caller.session, NEWS).await?.into_iter().map(|notice| {
        let (entity, record) = match &notice.about {
            Some((entity, id, title)) => (json!(entity.name), json!({ "id": id, "title": title })),
            None => (Json::Null, Json::Null),
        };
        json!({
            "id": notice.id,
            "text": notice.text,
            "entity": entity,
            "record": record,
            "at": moment(notice.at),
            "seen_at": notice.seen_at.map(moment),
        })
    });
    let (found, _) = following::news(&caller.session, 0, FOLLOWED).await?;
    let followed = found.into_iter().map(|news| {
        json!({
            "entity": news.entity.name,
            "record": { "id": news.record, "title": news.title },
            "changes": news.changes,
            "comments": news.comments,
            "at": moment(news.at),
        })
    });
    Ok(answer::data(told.chain(followed).collect()))
}

/// `POST news/seen`: the caller has seen everything that they were told.
pub async fn see_all_news(caller: Caller) -> Result<Response, Failure> {
    notices::see(&caller.session, None, false).await?;
    Ok(answer::nothing())
}

/// `POST news/{id}/seen`: they have seen one of it.
pub async fn see_news(caller: Caller, Path(path): Path<NewsPath>) -> Result<Response, Failure> {
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    notices::see(&caller.session, Some(id), false).await?;
    Ok(answer::nothing())
}
