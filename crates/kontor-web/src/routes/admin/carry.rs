//! Change sets that travel: the draft as a file, and a file from elsewhere as the draft.

use axum::extract::{FromRequest, Multipart, Path, Request};
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::promotion::{self, ChangeFile};
use kontor_core::definitions::{change_sets, drafts};
use kontor_core::identity::secret;
use kontor_model::Problem;

use super::changes::{ChangePath, draw};
use crate::error::Failure;
use crate::extract::body;
use crate::frame::security;
use crate::present::{export, flash};
use crate::visit::Reader;

/// `GET admin/changes/{id}/file`.
pub async fn download(reader: Reader, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    let file = promotion::export_set(&reader.session, path.id()?).await?;
    Ok(export::file("changes", "json", "application/json", file.to_text().into_bytes()))
}

/// `POST admin/changes/files`: multipart with `csrf` and `file`. What it holds becomes the draft, to be looked at,
/// rehearsed and published.
pub async fn bring_in(reader: Reader, request: Request) -> Result<Response, Failure> {
    if !security::is_same_origin(request.headers(), reader.visit.transport.proxied) {
        return Err(Failure::Forged);
    }
    let (csrf, bytes) = read(request).await?;
    if reader.visit.csrf.is_empty() || !secret::same(&csrf, &reader.visit.csrf) {
        return Err(Failure::Forged);
    }
    let session = &reader.session;
    if let Some(id) = drafts::find_own(session).await? {
        if !change_sets::get(session, id).await?.1.is_empty() {
            let said = reader.visit.words().t("changes.draft_is_open");
            return draw(&reader, None, &kontor_model::Problems::new(), &said).await;
        }
        change_sets::discard_all(session, id).await?;
    }
    let Ok(text) = String::from_utf8(bytes) else {
        let problem = Problem::at_field("not_a_change_file", "file").with("expected", "JSON");
        return draw(&reader, None, &problem.into(), "").await;
    };
    let brought = match ChangeFile::read(&text) {
        Ok(file) => match promotion::bring_in(session, &file).await {
            Ok(id) => drafts::switch_to(session, id).await,
            Err(error) => Err(error),
        },
        Err(problems) => Err(Error::Problems(problems)),
    };
    match brought {
        Ok(()) => {
            let said = flash::done("admin.saved_draft", &[]);
            Ok(reader.go_saying(&reader.reading().admin_href("changes"), &said))
        }
        Err(Error::Problems(problems)) => draw(&reader, None, &problems, "").await,
        Err(other) => Err(other.into()),
    }
}

async fn read(request: Request) -> Result<(String, Vec<u8>), Failure> {
    let (parts, content) = request.into_parts();
    let bytes = body::read(&parts.headers, content, body::UPLOAD).await?;
    let request = Request::from_parts(parts, axum::body::Body::from(bytes));
    let unreadable = |error: axum::extract::multipart::MultipartError| Failure::Unreadable(error.body_text());
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| Failure::Unreadable(error.body_text()))?;
    let (mut csrf, mut file) = (String::new(), Vec::new());
    while let Some(part) = form.next_field().await.map_err(unreadable)? {
        match part.name().unwrap_or_default() {
            "csrf" => csrf = part.text().await.map_err(unreadable)?,
            "file" => file = part.bytes().await.map_err(unreadable)?.to_vec(),
            _ => {}
        }
    }
    Ok((csrf, file))
}
