//! `r/{entity}/{id}/comments` and `r/{entity}/{id}/follow`: what people say of a record, and who wants to know of it.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::{comments, following};
use serde::Deserialize;
use uuid::Uuid;

use super::RecordPath;
use super::record::{Refused, come_back};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::flash;
use crate::visit::Reader;

/// A comment on a record.
#[derive(Deserialize)]
pub struct CommentPath {
    entity: String,
    id: String,
    comment: Uuid,
}

fn back(reader: &Reader, path: &RecordPath, said: &'static str) -> Result<Response, Failure> {
    let (entity, id) = path.find(reader)?;
    let here = reader.reading().record_href(&entity.name, id);
    Ok(reader.go_saying(&format!("{here}#comments"), &flash::done(said, &[])))
}

/// `POST r/{entity}/{id}/comments`: `body`.
pub async fn add_comment(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let text = sent.text("body");
    if let Err(error) = comments::add(&reader.session, &entity, id, text).await {
        return come_back(&reader, (&entity, id), error, Refused::Comment(text, None)).await;
    }
    back(&reader, &path, "comments.added")
}

/// `POST r/{entity}/{id}/comments/{comment}`: `body`.
pub async fn edit_comment(
    reader: Reader,
    Path(path): Path<CommentPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let record = RecordPath { entity: path.entity, id: path.id };
    let (entity, id) = record.find(&reader)?;
    let text = sent.text("body");
    if let Err(error) = comments::edit(&reader.session, &entity, id, path.comment, text).await {
        let refused = Refused::Comment(text, Some(path.comment));
        return come_back(&reader, (&entity, id), error, refused).await;
    }
    back(&reader, &record, "comments.changed")
}

/// `POST r/{entity}/{id}/comments/{comment}/deletion`.
pub async fn remove_comment(
    reader: Reader,
    Path(path): Path<CommentPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let record = RecordPath { entity: path.entity, id: path.id };
    let (entity, id) = record.find(&reader)?;
    comments::remove(&reader.session, &entity, id, path.comment).await?;
    back(&reader, &record, "comments.removed")
}

/// `POST r/{entity}/{id}/follow`: `follow` is `yes` or `no`.
pub async fn follow_record(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let said: &'static str = if sent.text("follow") == "no" {
        following::unfollow(&reader.session, id).await?;
        "following.ended"
    } else {
        following::follow(&reader.session, &entity, id).await?;
        "following.begun"
    };
    let here = reader.reading().record_href(&entity.name, id);
    Ok(reader.go_saying(&here, &flash::done(said, &[])))
}
