//! `Idempotency-Key`: the same POST again gets the first answer again, and is not done twice.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kontor_core::idempotency::{self, Answer};
use kontor_core::{Error, Session};
use sha2::{Digest, Sha256};

use crate::error::Failure;
use crate::extract::body;
use crate::visit::Visit;

/// The header.
const KEY: &str = "idempotency-key";
/// Longest key.
const LONGEST: usize = 255;
/// What of a first answer is repeated beside its body.
const REPEATED: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// Around every call of the API.
pub async fn once(request: Request, next: Next) -> Response {
    let key = request.headers().get(KEY).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let session = request.extensions().get::<Arc<Visit>>().and_then(|visit| visit.session.clone());
    match (key, session) {
        (Some(key), Some(session)) if request.method() == Method::POST => {
            answered(&session, &key, request, next).await.unwrap_or_else(IntoResponse::into_response)
        }
        _ => next.run(request).await,
    }
}

async fn answered(session: &Session, key: &str, request: Request, next: Next) -> Result<Response, Failure> {
    if key.is_empty() || key.len() > LONGEST {
        return Err(Failure::Unreadable(format!("an Idempotency-Key has 1 to {LONGEST} characters")));
    }
    let path = request.uri().path();
    let limit = if path.ends_with("/bulk") {
        body::BULK
    } else if path.ends_with("/files") {
        // A repeated file is known by all that it holds.
        let file = usize::try_from(session.workspace.settings().file_limit).unwrap_or(usize::MAX);
        file.saturating_add(body::ORDINARY)
    } else {
        body::ORDINARY
    };
    let (parts, content) = request.into_parts();
    let bytes = body::read(&parts.headers, content, limit).await?;
    let asked = format!("{} {} {:x}", parts.method, parts.uri, Hex(Sha256::digest(&bytes).as_slice()));
    match idempotency::begin(session, key, &asked).await {
        Ok(None) => {}
        Ok(Some(first)) => return Ok(repeat(first)),
        Err(Error::Problems(_)) => return Err(Failure::UnderWay),
        Err(other) => return Err(other.into()),
    }
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    if !response.status().is_success() {
        // What was refused was not done: the key may come again with what is right.
        idempotency::forget(session, key).await?;
        return Ok(response);
    }
    let (parts, content) = response.into_parts();
    let bytes = axum::body::to_bytes(content, usize::MAX).await.map_err(Error::internal)?;
    let first = Answer {
        status: parts.status.as_u16(),
        headers: kept(&parts.headers),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    idempotency::complete(session, key, &asked, &first).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    let found = REPEATED
        .iter()
        .filter_map(|name| Some((name.as_str().to_owned(), headers.get(name)?.to_str().ok()?.to_owned())));
    found.collect()
}

fn repeat(first: Answer) -> Response {
    let status = StatusCode::from_u16(first.status).unwrap_or(StatusCode::OK);
    let mut response = (status, Body::from(first.body)).into_response();
    for (name, value) in first.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Bytes as hexadecimal digits.
struct Hex<'a>(&'a [u8]);

impl std::fmt::LowerHex for Hex<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}
