//! Reading a request body whole, up to a limit.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};

use crate::error::Failure;

/// Largest body of a form or of a JSON call.
pub const ORDINARY: usize = 1024 * 1024;
/// Largest body of a bulk call.
pub const BULK: usize = 10 * 1024 * 1024;
/// Largest file of an import.
pub const UPLOAD: usize = 32 * 1024 * 1024;

/// The whole body.
///
/// # Errors
/// [`Failure::TooLarge`], also when only announced, and [`Failure::Unreadable`] when the client stops in the middle.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Failure> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Failure::TooLarge { limit });
    }
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        let too_large = std::error::Error::source(&error).is_some_and(|source| source.to_string().contains("length limit"));
        if too_large { Failure::TooLarge { limit } } else { Failure::Unreadable("the body ended too early".to_owned()) }
    })
}
