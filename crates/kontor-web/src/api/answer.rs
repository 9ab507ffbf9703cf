//! JSON on its way out.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kontor_core::records::{RecordView, Saved};
use kontor_model::Json;
use serde_json::json;

use crate::error::Failure;
use crate::frame::address;
use crate::visit::Visit;

/// 200 with a JSON body.
pub fn json(body: &Json) -> Response {
    with_status(StatusCode::OK, body)
}

/// Any status with a JSON body.
pub fn with_status(status: StatusCode, body: &Json) -> Response {
    with_text(status, body.to_string())
}

/// Any status with a body that is JSON already.
fn with_text(status: StatusCode, body: String) -> Response {
    let mut response = (status, Body::from(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A list: `{ "data": […] }`.
pub fn data(list: Vec<Json>) -> Response {
    json(&json!({ "data": list }))
}

/// 204.
pub fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A record with its version as `ETag`.
pub fn record(status: StatusCode, record: &RecordView) -> Response {
    let text = serde_json::to_string(record).unwrap_or_default();
    let mut response = with_text(status, text);
    if let Ok(tag) = HeaderValue::from_str(&etag(record.record.version())) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// What a save gave: 201 with `Location` for a new record, else 200. Warnings come in a header-less member of their own.
pub fn saved(visit: &Visit, saved: &Saved) -> Response {
    let status = if saved.created { StatusCode::CREATED } else { StatusCode::OK };
    let mut body = saved.record.to_json();
    if let (false, Some(object)) = (saved.warnings.is_empty(), body.as_object_mut()) {
        let catalogue = visit.catalogue();
        let list: Vec<Json> = saved.warnings.iter().map(|problem| problem.to_json(&catalogue)).collect();
        object.insert("_warnings".into(), list.into());
    }
    let mut response = with_status(status, &body);
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&etag(saved.record.record.version())) {
        headers.insert(header::ETAG, tag);
    }
    if saved.created {
        let place = format!(
            "{}/api/v1/records/{}/{}",
            visit.base,
            address::segment(&saved.record.entity.name),
            saved.record.record.id()
        );
        if let Ok(value) = HeaderValue::from_str(&place) {
            headers.insert(header::LOCATION, value);
        }
    }
    response
}

/// A version as an entity tag.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version that `If-Match` demands; `None` without the header or with `*`.
///
/// # Errors
/// 412 when the tag is none of ours: no version can ever match it.
pub fn expected_version(headers: &HeaderMap) -> Result<Option<i64>, Failure> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let tag = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    tag.parse::<i64>().map(Some).map_err(|_| Failure::Precondition { found: 0 })
}

/// A conflict is told as 412 to who asked by `If-Match`.
pub fn conditional(expected: Option<i64>) -> impl Fn(kontor_core::Error) -> Failure {
    move |error| match (expected, error) {
        (Some(_), kontor_core::Error::VersionConflict { found, .. }) => Failure::Precondition { found },
        (_, error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn versions_are_tags() {
        let headers = |text: &'static str| {
            let mut map = HeaderMap::new();
            map.insert(header::IF_MATCH, HeaderValue::from_static(text));
            map
        };
        assert_eq!(expected_version(&headers("\"7\"")).unwrap(), Some(7));
        assert_eq!(expected_version(&headers("W/\"7\"")).unwrap(), Some(7));
        assert_eq!(expected_version(&headers("*")).unwrap(), None);
        assert_eq!(expected_version(&HeaderMap::new()).unwrap(), None);
        assert!(matches!(expected_version(&headers("\"x\"")), Err(Failure::Precondition { .. })));
        assert_eq!(etag(7), "\"7\"");
    }
}
