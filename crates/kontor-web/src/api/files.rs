//! `files`: sending a file, which belongs to who sent it until a record is given its id, and fetching one; and the files
//! of a record that no field of it holds.

use std::sync::Arc;

use axum::extract::{FromRequest, Path, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kontor_core::files::{self, FileRow};
use kontor_model::{EntityModel, Json, Problem};
use serde::Deserialize;
use uuid::Uuid;

use super::answer;
use crate::download;
use crate::error::Failure;
use crate::extract::input::Input;
use crate::extract::multipart;
use crate::visit::Caller;

/// The file of an address.
#[derive(Deserialize)]
pub struct FilePath {
    /// The file.
    pub id: String,
}

/// A file as the API gives it.
pub fn to_json(row: &FileRow) -> Json {
    files::held(row).to_json()
}

/// `POST files`: multipart, one part with a file, of any name.
pub async fn send_file(caller: Caller, request: Request) -> Result<Response, Failure> {
    let row = take(&caller, request).await?;
    let place = format!("{}/api/v1/files/{}", caller.visit.base, row.id);
    let answer = answer::with_status(StatusCode::CREATED, &to_json(&row));
    Ok(([(header::LOCATION, place)], answer).into_response())
}

/// The file of a request.
///
/// # Errors
/// A body without one, or with one that is too large or not what it claims to be.
pub async fn take(caller: &Caller, request: Request) -> Result<FileRow, Failure> {
    let session = &caller.session;
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !multipart::is_multipart(media.unwrap_or_default()) {
        return Err(Failure::Unreadable("a file is sent as multipart/form-data".to_owned()));
    }
    let mut form = multipart::open(session, request).await?;
    let mut found: Option<FileRow> = None;
    while let Some(part) = form.next_field().await.map_err(|error| multipart::unreadable(session, &error))? {
        let Some(name) = part.file_name().map(str::to_owned).filter(|name| !name.is_empty()) else {
            continue;
        };
        if found.is_some() {
            drop(part);
            multipart::discard(form).await;
            return Err(Problem::at_field("too_many", "file").with("limit", 1).into());
        }
        match multipart::receive(session, part, &name).await? {
            Ok(row) => found = Some(row),
            Err(refused) => {
                multipart::discard(form).await;
                return Err(refused.into_error(&name).into());
            }
        }
    }
    found.ok_or_else(|| Problem::at_field("required", "file").with("field", "file").into())
}

/// `GET files/{id}`.
pub async fn show_file(
    caller: Caller,
    Path(path): Path<FilePath>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    download::answer(&caller.session, &headers, &path.id).await
}

/// The drawer of a record, or a file in it.
#[derive(Deserialize)]
pub struct DrawerPath {
    entity: String,
    id: String,
    file: Option<String>,
}

impl DrawerPath {
    fn find(&self, caller: &Caller) -> Result<(Arc<EntityModel>, Uuid), Failure> {
        let entity = caller.session.entity(&self.entity)?;
        let id = Uuid::parse_str(&self.id).map_err(|_| Failure::not_found())?;
        Ok((entity, id))
    }
}

/// `GET records/{entity}/{id}/files`.
pub async fn list_drawer(caller: Caller, Path(path): Path<DrawerPath>) -> Result<Response, Failure> {
    let (entity, id) = path.find(&caller)?;
    let rows = files::list(&caller.session, &entity, id).await?;
    Ok(answer::data(rows.iter().map(to_json).collect()))
}

/// `POST records/{entity}/{id}/files`: a file, as for `POST files`, or `{ "id" }` of one that was sent before.
pub async fn add_to_drawer(
    caller: Caller,
    Path(path): Path<DrawerPath>,
    request: Request,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&caller)?;
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let file = if multipart::is_multipart(media.unwrap_or_default()) {
        // Who may not put it there does not send it first.
        files::demand_update(&caller.session, &entity, id).await?;
        take(&caller, request).await?.id
    } else {
        let Input(body) = Input::from_request(request, &()).await?;
        let id = body.get("id").and_then(Json::as_str).and_then(|text| Uuid::parse_str(text).ok());
        id.ok_or_else(|| Problem::at_field("not_a_file", "id"))?
    };
    let row = match files::add(&caller.session, &entity, id, file).await {
        Err(kontor_core::Error::NotFound) => return Err(Problem::at_field("file_unknown", "id").into()),
        added => added?,
    };
    Ok(answer::with_status(StatusCode::CREATED, &to_json(&row)))
}

/// `DELETE records/{entity}/{id}/files/{file}`.
pub async fn remove_from_drawer(caller: Caller, Path(path): Path<DrawerPath>) -> Result<Response, Failure> {
    let (entity, id) = path.find(&caller)?;
    let file = path.file.as_deref().and_then(|text| Uuid::parse_str(text).ok());
    files::remove(&caller.session, &entity, id, file.ok_or_else(Failure::not_found)?).await?;
    Ok(answer::nothing())
}
