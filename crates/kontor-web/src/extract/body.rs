//! Reading a request body whole, up to a limit.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;

use crate::error::Failure;

/// Largest body of a form or of a JSON call.
pub const ORDINARY: usize = 1024 * 1024;
/// Largest body of a bulk call.
pub const BULK: usize = 10 * 1024 * 1024;
/// Largest file of an import.
pub const UPLOAD: usize = 32 * 1024 * 1024;

/// How much of a body that is too large is still taken and thrown away: a client that is still sending when the
/// answer comes and the connection closes never sees the answer.
const DISCARDED: usize = 48 * 1024 * 1024;
/// How long that may take.
const DISCARDING: Duration = Duration::from_secs(5);

/// The whole body.
///
/// # Errors
/// [`Failure::TooLarge`], also when only announced, and [`Failure::Unreadable`] when the client stops in the middle.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Failure> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut parts = body.into_data_stream();
    let mut whole = Vec::new();
    let mut is_too_large = announced.is_some_and(|length: usize| length > limit);
    while !is_too_large {
        match parts.next().await {
            None => return Ok(whole.into()),
            Some(Ok(part)) if whole.len() + part.len() <= limit => whole.extend_from_slice(&part),
            Some(Ok(_)) => is_too_large = true,
            Some(Err(_)) => return Err(Failure::Unreadable("the body ended too early".to_owned())),
        }
    }
    drop(whole);
    // Who asks first (`Expect: 100-continue`) has sent nothing yet and is told at once.
    if !headers.contains_key(header::EXPECT) {
        let discard = async {
            let mut taken = 0;
            while let Some(Ok(part)) = parts.next().await {
                taken += part.len();
                if taken > DISCARDED {
                    break;
                }
            }
        };
        // Out of time or not: the answer is the same.
        let _ = tokio::time::timeout(DISCARDING, discard).await;
    }
    Err(Failure::TooLarge { limit })
}
