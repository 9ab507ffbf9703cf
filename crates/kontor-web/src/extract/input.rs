//! The JSON body of an API call.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use kontor_model::{Json, Problem};

use super::{body, json};
use crate::error::Failure;

/// A JSON body of ordinary size.
pub struct Input(pub Json);

/// A JSON body that may be left out; then it is an empty object.
pub struct OptionalInput(pub Json);

/// A JSON body of a bulk call.
pub struct BulkInput(pub Json);

async fn read(request: Request, limit: usize) -> Result<Option<Json>, Failure> {
    let (parts, content) = request.into_parts();
    let bytes = body::read(&parts.headers, content, limit).await?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    if !is_json(&parts.headers) {
        return Err(Failure::Unreadable("the body is sent as application/json".to_owned()));
    }
    json::parse(&bytes).map(Some).map_err(|error| Failure::Unreadable(error.0))
}

/// Whether the body says to be JSON.
pub fn says_json(headers: &HeaderMap) -> bool {
    headers.contains_key(header::CONTENT_TYPE) && is_json(headers)
}

/// Whether the body says to be JSON, or says nothing.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let media =
        value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

fn required(found: Option<Json>) -> Result<Json, Failure> {
    found.ok_or_else(|| Failure::Unreadable("the body is empty".to_owned()))
}

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        required(read(request, body::ORDINARY).await?).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalInput {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        Ok(Self(read(request, body::ORDINARY).await?.unwrap_or_else(|| Json::Object(serde_json::Map::new()))))
    }
}

impl<S: Send + Sync> FromRequest<S> for BulkInput {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        required(read(request, body::BULK).await?).map(Self)
    }
}

/// The body as an object.
///
/// # Errors
/// 422 `not_an_object`.
pub fn object(json: Json) -> Result<serde_json::Map<String, Json>, Failure> {
    match json {
        Json::Object(object) => Ok(object),
        _ => Err(Problem::new("not_an_object", "").into()),
    }
}
