//! A form that makes something is done once, however often it arrives: a second click, a slow line, "send again?"
//! after going back. The form carries a key; the same key with the same content gets the first answer.

use std::time::Duration;

use axum::http::header;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::idempotency::{self, Answer};

use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::multipart::UPLOAD;
use crate::visit::Reader;

/// The input that carries the key.
pub const KEY: &str = "_once";
/// How long a second arrival waits for the first one's answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it waits between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// Does the work, or repeats the answer of the same form. A form that came back with problems was not done: it may
/// come again.
pub async fn once(
    reader: &Reader,
    sent: &Form,
    work: impl Future<Output = Result<Response, Failure>>,
) -> Result<Response, Failure> {
    let key = sent.text(KEY);
    if key.is_empty() || key.len() > 64 {
        return work.await;
    }
    let session = &reader.session;
    // The same file sent again has another id: what it holds tells that it is the same.
    let pairs: Vec<_> = sent.0.iter().filter(|(name, _)| !name.ends_with(UPLOAD)).collect();
    let asked = format!("{} {pairs:?}", reader.visit.here);
    // A form that was changed after going back is another one: its content belongs to the key.
    let key = format!("form {key} {}", kontor_core::identity::secret::hash(&asked));
    let began = tokio::time::Instant::now();
    loop {
        match idempotency::begin(session, &key, &asked).await {
            Ok(None) => break,
            Ok(Some(first)) => {
                let place = first.headers.into_iter().find(|(name, _)| name == header::LOCATION.as_str());
                return Ok(reader.go(&place.map_or_else(|| format!("{}/", reader.visit.base), |(_, to)| to)));
            }
            Err(Error::Problems(_)) if began.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            Err(Error::Problems(_)) => return Err(Failure::UnderWay),
            Err(other) => return Err(other.into()),
        }
    }
    let answer = work.await;
    let place = answer
        .as_ref()
        .ok()
        .filter(|response| response.status().is_redirection())
        .and_then(|response| Some(response.headers().get(header::LOCATION)?.to_str().ok()?.to_owned()));
    match place {
        Some(place) => {
            let headers = vec![(header::LOCATION.as_str().to_owned(), place)];
            let first = Answer { status: 303, headers, body: String::new() };
            idempotency::complete(session, &key, &asked, &first).await?;
        }
        None => idempotency::forget(session, &key).await?,
    }
    answer
}
