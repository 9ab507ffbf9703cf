//! The browser's files: names that carry a hash, kept for a year.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kontor_view::assets;

use crate::error::Failure;

/// `GET /assets/{name}`.
pub async fn show_asset(Path(name): Path<String>) -> Result<Response, Failure> {
    let asset = assets::get(&name).ok_or(Failure::NoRoute)?;
    let lifetime =
        if assets::is_immutable(&name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let bytes = match asset.bytes {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    Ok(response)
}
