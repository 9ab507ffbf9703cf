//! Repeated requests: the same `Idempotency-Key` of the same actor gets the first answer again, for a day.

use chrono::Duration;
use kontor_model::Json;
use kontor_store::system::IdempotencyRow;
use kontor_store::{CommitError, CommitUnit, SystemWrite};

use crate::Session;
use crate::error::{Error, Result};
use crate::identity::secret;

/// How long a first answer is remembered.
const REMEMBERED: Duration = Duration::days(1);
/// Before the keys of what is kept.
const KEPT: &str = "kept ";
/// The status of a request that has no answer yet.
const UNDER_WAY: i64 = 0;

/// A first answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers worth repeating, by name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// Claims a key for a request; the first answer when there is one already. `request` is what was asked: method,
/// address and body.
///
/// # Errors
/// [`Error::IdempotencyReused`] when the key came with another request; [`Error::Problems`] with `under_way` while
/// the first one still runs.
pub async fn begin(session: &Session, key: &str, request: &str) -> Result<Option<Answer>> {
    let actor = session.actor.id.to_string();
    let hash = secret::hash(request);
    let store = &session.workspace.store;
    let row = IdempotencyRow {
        actor: actor.clone(),
        key: key.to_owned(),
        request: hash.clone(),
        status: UNDER_WAY,
        headers: Json::Null,
        response: String::new(),
        at: session.now,
    };
    let mut unit = CommitUnit::from(SystemWrite::DeleteIdempotencyBefore(session.now - REMEMBERED));
    unit.system(SystemWrite::AddIdempotency(row));
    match store.commit(&session.model, unit).await {
        Ok(_) => return Ok(None),
        Err(CommitError::Exists(_)) => {}
        Err(CommitError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(Error::internal(error)),
    }
    let Some(known) = store.idempotency(&actor, key).await? else { return Ok(None) };
    if known.request != hash {
        return Err(Error::IdempotencyReused);
    }
    if known.status == UNDER_WAY {
        return Err(kontor_model::Problem::new("under_way", "").into());
    }
    let headers = known.headers.as_object().into_iter().flatten();
    let headers =
        headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    Ok(Some(Answer { status: u16::try_from(known.status).unwrap_or(200), headers, body: known.response }))
}

/// Remembers the answer of a claimed key.
///
/// # Errors
/// When the database does not answer.
pub async fn complete(session: &Session, key: &str, request: &str, answer: &Answer) -> Result<()> {
    let headers: serde_json::Map<String, Json> =
        answer.headers.iter().map(|(name, value)| (name.clone(), Json::String(value.clone()))).collect();
    let row = IdempotencyRow {
        actor: session.actor.id.to_string(),
        key: key.to_owned(),
        request: secret::hash(request),
        status: i64::from(answer.status),
        headers: Json::Object(headers),
        response: answer.body.clone(),
        at: session.now,
    };
    write(session, SystemWrite::PutIdempotency(row)).await
}

/// Gives a claimed key back, because the request failed for a reason that may pass.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(session: &Session, key: &str) -> Result<()> {
    let actor = session.actor.id.to_string();
    write(session, SystemWrite::DeleteIdempotency { actor, key: key.to_owned() }).await
}

/// Keeps what came of a form, so that the page behind it can be read again: for the same actor, for a day.
///
/// # Errors
/// When the database does not answer.
pub async fn keep(session: &Session, key: &str, body: String) -> Result<()> {
    let row = IdempotencyRow {
        actor: session.actor.id.to_string(),
        key: format!("{KEPT}{key}"),
        request: String::new(),
        status: 200,
        headers: Json::Null,
        response: body,
        at: session.now,
    };
    write(session, SystemWrite::AddIdempotency(row)).await
}

/// What was kept.
///
/// # Errors
/// When the database does not answer.
pub async fn kept(session: &Session, key: &str) -> Result<Option<String>> {
    let actor = session.actor.id.to_string();
    let row = session.workspace.store.idempotency(&actor, &format!("{KEPT}{key}")).await?;
    Ok(row.map(|row| row.response))
}

async fn write(session: &Session, write: SystemWrite) -> Result<()> {
    session.workspace.store.commit(&session.model, write.into()).await.map_err(Error::internal)?;
    Ok(())
}
