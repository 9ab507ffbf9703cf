//! Carrying a request out again that ran while somebody published: what was sent is held until it is answered.

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::Method;
use axum::http::request::Parts;

use crate::error::Failure;
use crate::visit::Visit;

/// Bodies up to this size are held until the request has been answered, so that it can be carried out again.
const HELD: u64 = 1024 * 1024;

/// Whether a request came to nothing only because the workspace was published anew while it ran: the same request finds
/// the newest model when it is carried out again. What only looks may have met columns of other types on the way.
pub async fn is_outdated(visit: &Visit, failure: &Failure, version: i64) -> bool {
    let Failure::Core(error) = failure else { return false };
    if error.is_outdated() {
        return true;
    }
    let kontor_core::Error::Store(error) = error else { return false };
    visit.is_get
        && error.may_be_outdated()
        && visit.workspace.current().await.is_ok_and(|model| model.version > version)
}

/// What came with a request.
pub enum Sent {
    /// Everything, held until it is answered.
    Whole(Bytes),
    /// Read as it comes: an upload, or a length that was not told.
    Streamed(Body),
}

impl Sent {
    /// Reads a short body to its end, so that the request can be carried out again.
    ///
    /// # Errors
    /// [`Failure::Unreadable`] when it does not come to its end.
    pub async fn held(self, parts: &Parts) -> Result<Self, Failure> {
        let Self::Streamed(body) = self else { return Ok(self) };
        if matches!(parts.method, Method::GET | Method::HEAD) {
            return Ok(Self::Whole(Bytes::new()));
        }
        // What comes without a body, as most DELETE do, tells its length here too: nothing.
        let is_short = body.size_hint().exact().is_some_and(|length| length <= HELD);
        if !is_short {
            return Ok(Self::Streamed(body));
        }
        let whole = axum::body::to_bytes(body, usize::try_from(HELD).unwrap_or(usize::MAX)).await;
        whole.map(Self::Whole).map_err(|error| Failure::Unreadable(error.to_string()))
    }

    /// The same once more, where it was held.
    pub fn kept(&self) -> Option<Self> {
        match self {
            Self::Whole(bytes) => Some(Self::Whole(bytes.clone())),
            Self::Streamed(_) => None,
        }
    }

    /// The body of the request.
    pub fn into_body(self) -> Body {
        match self {
            Self::Whole(bytes) => Body::from(bytes),
            Self::Streamed(body) => body,
        }
    }
}
