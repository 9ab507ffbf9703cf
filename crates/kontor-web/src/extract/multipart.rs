//! Forms with files: the files are stored while they arrive, and what is left is a form like any other, in which a file
//! is what the record will say of it.

use std::time::Duration;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::StatusCode;
use kontor_core::files::{self, FileRow, Receiver, Refused};
use kontor_core::identity::secret;
use kontor_core::{Error, Session};
use kontor_model::Json;
use serde_json::json;

use super::body;
use crate::error::Failure;

/// Most files of one form.
const MOST_FILES: usize = 50;
/// Most of the largest files that one form may come to.
const LARGE_FILES: u64 = 8;
/// How long what is left of a body that was refused is still taken and thrown away: a client that is still sending never
/// sees the answer.
const DISCARDING: Duration = Duration::from_secs(5);
/// Behind the name of a field: a file that came for it.
pub const UPLOAD: &str = ".upload";
/// Behind that: what the file holds, so that the same form sent again is known to be the same.
pub const CONTENT: &str = ".content";

/// Whether the body has parts.
pub fn is_multipart(media: &str) -> bool {
    media.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// Opens a body for reading part by part.
///
/// # Errors
/// When it says no boundary.
pub async fn open(session: &Session, mut request: Request) -> Result<Multipart, Failure> {
    let most = session.workspace.settings().file_limit.saturating_mul(LARGE_FILES);
    let most = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(body::ORDINARY);
    DefaultBodyLimit::max(most).apply(&mut request);
    Multipart::from_request(request, &()).await.map_err(|error| Failure::Unreadable(error.body_text()))
}

/// Reads a form of somebody who is signed in. Nothing is stored before the token has come, so it comes first.
///
/// # Errors
/// [`Failure::Forged`], a body that is no form or too large; what is wrong with a file is said in its place.
pub async fn read(session: &Session, request: Request, csrf: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut form = open(session, request).await?;
    let read = parts_of(session, &mut form, csrf).await;
    if read.is_err() {
        discard(form).await;
    }
    read
}

async fn parts_of(
    session: &Session,
    form: &mut Multipart,
    csrf: &str,
) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut texts = 0;
    let mut count = 0;
    while let Some(part) = form.next_field().await.map_err(|error| unreadable(session, &error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let Some(file) = part.file_name().map(str::to_owned) else {
            let text = part.text().await.map_err(|error| unreadable(session, &error))?;
            texts += name.len() + text.len();
            if texts > body::ORDINARY {
                return Err(Failure::TooLarge { limit: body::ORDINARY });
            }
            pairs.push((name, text));
            continue;
        };
        // A box in which nothing was chosen.
        if file.is_empty() {
            continue;
        }
        let token = pairs.iter().find(|(name, _)| name == "csrf").map_or("", |(_, token)| token.as_str());
        if csrf.is_empty() || !secret::same(token, csrf) {
            return Err(Failure::Forged);
        }
        count += 1;
        if count > MOST_FILES {
            return Err(Failure::Unreadable(format!("a form has at most {MOST_FILES} files")));
        }
        let (value, content) = match receive(session, part, &file).await? {
            Ok(row) => (files::held(&row).to_json(), format!("{} {}", row.hash, row.name)),
            Err(refused) => (refusal(refused, &file)?, String::new()),
        };
        pairs.push((format!("{name}{CONTENT}"), content));
        pairs.push((name, value.to_string()));
    }
    Ok(pairs)
}

/// Stores one part; the outer result is a failure of the request.
///
/// # Errors
/// When the client stops in the middle.
pub async fn receive(
    session: &Session,
    mut part: Field<'_>,
    name: &str,
) -> Result<Result<FileRow, Refused>, Failure> {
    let mut receiver = match Receiver::new(session).await {
        Ok(receiver) => receiver,
        Err(refused) => return Ok(Err(refused)),
    };
    while let Some(bytes) = part.chunk().await.map_err(|error| unreadable(session, &error))? {
        if let Err(refused) = receiver.take(&bytes).await {
            return Ok(Err(refused));
        }
    }
    Ok(receiver.finish(name).await)
}

/// What stands in the place of a file that was not taken.
fn refusal(refused: Refused, name: &str) -> Result<Json, Failure> {
    let limit = refused.limit_text();
    let code = match refused {
        Refused::TooLarge(_) => "too_large",
        Refused::Mismatch => "mismatch",
        Refused::TooMuchWaits => "waiting",
        Refused::Failed(error) => return Err(error.into()),
    };
    Ok(json!({ "refused": code, "name": files::safe(name), "limit": limit }))
}

/// Takes what is left of a body and throws it away, for a while.
pub async fn discard(mut form: Multipart) {
    let rest = async { while let Ok(Some(_)) = form.next_field().await {} };
    // Out of time or not: the answer is the same.
    let _ = tokio::time::timeout(DISCARDING, rest).await;
}

/// Why a part could not be read.
pub fn unreadable(session: &Session, error: &MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let limit = session.workspace.settings().file_limit;
        return Failure::Core(Error::TooLarge { name: "…".to_owned(), limit });
    }
    Failure::Unreadable(error.body_text())
}
