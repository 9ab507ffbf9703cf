//! The second factor of a user: an authenticator app whose key lies sealed beside the password, and codes for the day on
//! which it is lost, of which only hashes are kept. Whatever is taken, is taken once.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::Json;
use kontor_store::system::{CredentialRow, SystemWrite};
use kontor_store::{CommitError, CommitUnit, Write};
use serde_json::{Map, json};
use uuid::Uuid;

use super::{one_time, secret, sessions, throttle, users};
use crate::error::{Error, Result};
use crate::permissions::demand_admin;
use crate::records::journal_row;
use crate::session::{Origin, Session};
use crate::workspace::Workspace;

/// Codes for the day on which the app is lost.
const RECOVERY: usize = 8;
/// Bytes of such a code: 120 bits, so that a quick hash protects it.
const RECOVERY_BYTES: usize = 15;
/// The table and column to which the seal of a key is bound.
const PLACE: &str = "s_credential.second_factor";
/// What the journal says of a user whose second factor was set up.
pub const SET: &str = "factor_set";
/// What it says when it was taken away.
pub const RESET: &str = "factor_reset";

/// The second factor of a user, as they may know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Recovery codes that were not used yet.
    pub recovery_left: usize,
}

/// What is shown while an app is set up: the key exists nowhere but in it and in what the browser holds.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// What the form carries; with the secret of the browser it makes the key.
    pub said: String,
    /// The key as people type it.
    pub key: String,
    /// The address that apps read from a picture.
    pub address: String,
}

/// The second factor of a user, if there is one.
///
/// # Errors
/// When the database does not answer.
pub async fn of(workspace: &Workspace, user: Uuid) -> Result<Option<Factor>> {
    Ok(workspace.store.credential(user).await?.as_ref().and_then(factor))
}

fn factor(credential: &CredentialRow) -> Option<Factor> {
    let kept = credential.second_factor.as_ref()?;
    kept.get("key")?;
    Some(Factor {
        since: kept.get("since").and_then(Json::as_i64).and_then(DateTime::from_timestamp_millis)?,
        recovery_left: kept.get("recovery").and_then(Json::as_array).map_or(0, Vec::len),
    })
}

/// A key to set up, for the browser that holds this secret; `said` is that of an earlier page, so that what was scanned
/// stays good.
///
/// # Errors
/// When the machine gives no randomness.
pub fn enrolment(workspace: &Workspace, account: &str, held: &str, said: Option<&str>) -> Result<Enrolment> {
    let said = match said.filter(|said| !said.is_empty()) {
        Some(said) => said.to_owned(),
        None => secret::random()?,
    };
    let key = one_time::key_of(held, &said);
    Ok(Enrolment {
        key: one_time::grouped(&one_time::base32(&key), ' '),
        address: one_time::address(&workspace.settings().title, account, &key),
        said,
    })
}

/// Sets up the app whose code proves that it has the key; returns the recovery codes, which are shown once. All sessions
/// of the user end.
///
/// # Errors
/// [`Error::Unauthenticated`] for a wrong code, and when there is a second factor already; [`Error::Throttled`].
pub async fn set_up(
    workspace: &Arc<Workspace>,
    user: Uuid,
    address: IpAddr,
    held: &str,
    said: &str,
    typed: &str,
) -> Result<Vec<String>> {
    let now = workspace.clock.now();
    let keys = waiting(workspace, user, address).await?;
    let credential = workspace.store.credential(user).await?.ok_or(Error::Unauthenticated)?;
    if factor(&credential).is_some() {
        return Err(Error::Unauthenticated);
    }
    let key = one_time::key_of(held, said);
    let Some(step) = one_time::accepted(&key, &digits(typed), now, None) else {
        throttle::failed(workspace, &keys, now).await?;
        return Err(Error::Unauthenticated);
    };
    let (codes, hashes) = recovery_codes()?;
    let sealed = workspace.store.seal_text(&place(user), &one_time::base32(&key)).await?;
    let kept = json!({ "key": sealed, "step": step, "recovery": hashes, "since": now.timestamp_millis() });
    let mut unit = exchange(&credential, Some(kept));
    end_sessions(&mut unit, user);
    unit.push(told(workspace, user, SET).await?);
    commit(workspace, unit).await?;
    succeeded(workspace, &keys).await?;
    Ok(codes)
}

/// Takes a code of the app, or a recovery code: each counts once, for whoever is first.
///
/// # Errors
/// [`Error::Unauthenticated`], which does not say what was wrong; [`Error::Throttled`] after too many failures.
pub async fn prove(workspace: &Arc<Workspace>, user: Uuid, address: IpAddr, typed: &str) -> Result<()> {
    let keys = waiting(workspace, user, address).await?;
    let now = workspace.clock.now();
    let credential = workspace.store.credential(user).await?.filter(|credential| !credential.disabled);
    let taken = match &credential {
        Some(credential) => after_taking(workspace, credential, typed, now).await?,
        None => None,
    };
    if let (Some(credential), Some(kept)) = (&credential, taken) {
        match commit(workspace, exchange(credential, Some(kept))).await {
            Ok(()) => {
                succeeded(workspace, &keys).await?;
                return Ok(());
            }
            // Somebody else was first with it.
            Err(Error::Unauthenticated) => {}
            Err(other) => return Err(other),
        }
    }
    throttle::failed(workspace, &keys, now).await?;
    Err(Error::Unauthenticated)
}

/// What is kept once the code was taken; `None` when it is wrong.
async fn after_taking(
    workspace: &Workspace,
    credential: &CredentialRow,
    typed: &str,
    now: DateTime<Utc>,
) -> Result<Option<Json>> {
    let Some(Json::Object(kept)) = &credential.second_factor else { return Ok(None) };
    let Some(sealed) = kept.get("key").and_then(Json::as_str) else { return Ok(None) };
    let mut after: Map<String, Json> = kept.clone();
    let code = digits(typed);
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        let text = workspace.store.open_text(&place(credential.user_id), sealed).await?;
        let Some(key) = one_time::read_base32(&text) else { return Ok(None) };
        let last = kept.get("step").and_then(Json::as_i64);
        let Some(step) = one_time::accepted(&key, &code, now, last) else { return Ok(None) };
        after.insert("step".into(), step.into());
        return Ok(Some(Json::Object(after)));
    }
    let hash = secret::hash(&code.to_uppercase());
    let left = kept.get("recovery").and_then(Json::as_array).cloned().unwrap_or_default();
    let (used, left): (Vec<Json>, Vec<Json>) =
        left.into_iter().partition(|one| one.as_str().is_some_and(|one| secret::same(one, &hash)));
    if used.is_empty() {
        return Ok(None);
    }
    after.insert("recovery".into(), Json::Array(left));
    Ok(Some(Json::Object(after)))
}

/// New recovery codes in the place of the old ones, for who proves themselves by a code; they are shown once.
///
/// # Errors
/// As [`prove`].
pub async fn renew_recovery(session: &Session, address: IpAddr, typed: &str) -> Result<Vec<String>> {
    let workspace = &session.workspace;
    prove(workspace, session.actor.id, address, typed).await?;
    let credential = workspace.store.credential(session.actor.id).await?.ok_or(Error::Unauthenticated)?;
    let Some(Json::Object(mut kept)) = credential.second_factor.clone() else {
        return Err(Error::Unauthenticated);
    };
    let (codes, hashes) = recovery_codes()?;
    kept.insert("recovery".into(), json!(hashes));
    commit(workspace, exchange(&credential, Some(Json::Object(kept)))).await?;
    Ok(codes)
}

/// Takes the own second factor away, for who proves themselves by a code and whose roles do not demand one.
///
/// # Errors
/// As [`prove`]; [`Error::Forbidden`] when a role demands it.
pub async fn end(session: &Session, address: IpAddr, typed: &str) -> Result<()> {
    if session.actor.access.demands_second_factor() {
        return Err(Error::Forbidden("second_factor"));
    }
    prove(&session.workspace, session.actor.id, address, typed).await?;
    take_away(session, session.actor.id, false).await
}

/// Takes somebody's second factor away, who has lost it: they set one up when they sign in next, if a role demands it. All
/// their sessions end.
///
/// # Errors
/// [`Error::Forbidden`] without the right to manage users.
pub async fn reset(session: &Session, user: Uuid) -> Result<()> {
    demand_admin(session, users::USERS)?;
    take_away(session, user, true).await
}

async fn take_away(session: &Session, user: Uuid, ends_sessions: bool) -> Result<()> {
    let workspace = &session.workspace;
    let Some(credential) = workspace.store.credential(user).await? else { return Ok(()) };
    if credential.second_factor.is_none() {
        return Ok(());
    }
    let mut unit = exchange(&credential, None);
    if ends_sessions {
        end_sessions(&mut unit, user);
    }
    let people = users::entity(session)?;
    let row = journal_row(session, &people, user, 0, RESET, Vec::new());
    unit.push(Write::Journal(row));
    commit(workspace, unit).await?;
    throttle::succeeded(workspace, &key_of(user)).await?;
    Ok(())
}

/// The writes that put something in the place of what was seen; they fail when that is no longer there.
fn exchange(seen: &CredentialRow, factor: Option<Json>) -> CommitUnit {
    let (user, seen) = (seen.user_id, seen.second_factor.clone());
    CommitUnit::from(SystemWrite::SetFactor { user, seen, factor })
}

/// Ends all sessions of a user, those too that processes remember.
fn end_sessions(unit: &mut CommitUnit, user: Uuid) {
    unit.system(SystemWrite::DeleteSessionsOf { user, except: None });
    unit.push(super::stamp::changed());
}

/// [`Error::Unauthenticated`] when somebody else was first.
async fn commit(workspace: &Arc<Workspace>, unit: CommitUnit) -> Result<()> {
    match workspace.store.commit(&workspace.model(), unit).await {
        Ok(_) => Ok(()),
        Err(CommitError::Conflict { .. }) => Err(Error::Unauthenticated),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// The line of the journal, by the user themselves.
async fn told(workspace: &Arc<Workspace>, user: Uuid, action: &str) -> Result<Write> {
    let session = super::session_of_user(workspace, user, Origin::Page).await?;
    let people = users::entity(&session)?;
    let row = journal_row(&session, &people, user, 0, action, Vec::new());
    Ok(Write::Journal(row))
}

/// Under which names failures are counted.
async fn waiting(workspace: &Workspace, user: Uuid, address: IpAddr) -> Result<[String; 2]> {
    let keys = [key_of(user), format!("address:{address}")];
    let wait = throttle::wait(workspace, &keys, workspace.clock.now()).await?;
    if wait.is_zero() { Ok(keys) } else { Err(Error::Throttled(wait)) }
}

fn key_of(user: Uuid) -> String {
    format!("factor:{user}")
}

async fn succeeded(workspace: &Workspace, keys: &[String; 2]) -> Result<()> {
    let [own, _] = keys;
    throttle::succeeded(workspace, own).await
}

fn place(user: Uuid) -> String {
    format!("{PLACE}.{}", user.simple())
}

/// What was typed without what only parts it.
fn digits(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect()
}

/// Fresh codes as people read them, and their hashes.
fn recovery_codes() -> Result<(Vec<String>, Vec<String>)> {
    let mut codes = Vec::with_capacity(RECOVERY);
    let mut hashes = Vec::with_capacity(RECOVERY);
    for _ in 0..RECOVERY {
        let mut bytes = [0_u8; RECOVERY_BYTES];
        getrandom::fill(&mut bytes).map_err(Error::internal)?;
        let text = one_time::base32(&bytes);
        hashes.push(secret::hash(&text));
        codes.push(one_time::grouped(&text, '-'));
    }
    Ok((codes, hashes))
}

/// Whether a person has to show, or set up, a second factor before a session of full right begins.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn asks(
    workspace: &Workspace,
    user: Uuid,
    demanded: bool,
) -> Result<Option<sessions::Half>> {
    Ok(match (of(workspace, user).await?, demanded) {
        (Some(_), _) => Some(sessions::Half::Code),
        (None, true) => Some(sessions::Half::SetUp),
        (None, false) => None,
    })
}
