//! Between the password and the second factor: a browser that proved the one and not yet the other. What it holds opens
//! nothing but the page that asks for a code, because no session is found by it.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::Duration;
use kontor_store::CommitUnit;
use kontor_store::system::{SessionRow, SystemWrite};
use uuid::Uuid;

use super::sessions::{self, Half, NewSession};
use super::{second_factor, secret};
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// How long somebody may take between the password and the code.
const LASTS: Duration = Duration::minutes(10);

/// Somebody who has proved their password.
#[derive(Clone, Debug)]
pub struct HalfSignedIn {
    /// Who.
    pub user: Uuid,
    /// Their address, for the picture of the key.
    pub email: String,
    /// What is asked of them.
    pub asks: Half,
    /// What forms carry.
    pub csrf: String,
}

/// What is stored of the secret: no hash of a session looks like it.
fn mark(secret: &str) -> String {
    format!("half:{}", secret::hash(secret))
}

/// Begins to ask; returns what the cookie holds.
pub(super) async fn begin(workspace: &Arc<Workspace>, user: Uuid, address: IpAddr) -> Result<String> {
    let now = workspace.clock.now();
    let held = secret::random()?;
    let row = SessionRow {
        hash: mark(&held),
        user_id: user,
        csrf: secret::random()?,
        created_at: now,
        seen_at: now,
        expires_at: now + LASTS,
        address: Some(address.to_string()),
        agent: None,
        factors: 1,
    };
    let mut unit = CommitUnit::from(SystemWrite::PutSession(row));
    unit.system(SystemWrite::DeleteExpiredSessions { before: now });
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(held)
}

/// Who holds the cookie; `None` when it is unknown or too old, or nothing is asked of them any more.
///
/// # Errors
/// When the database does not answer.
pub async fn half(workspace: &Arc<Workspace>, held: &str, address: IpAddr) -> Result<Option<HalfSignedIn>> {
    let Some(row) = workspace.store.session(&mark(held)).await? else { return Ok(None) };
    if row.expires_at <= workspace.clock.now() {
        return Ok(None);
    }
    let Some(actor) = super::actor_of(workspace, &workspace.model(), row.user_id).await? else {
        return Ok(None);
    };
    if !actor.access.admits(address) {
        return Ok(None);
    }
    let demanded = actor.access.demands_second_factor();
    let Some(asks) = second_factor::asks(workspace, row.user_id, demanded).await? else { return Ok(None) };
    Ok(Some(HalfSignedIn { user: row.user_id, email: actor.email.unwrap_or_default(), asks, csrf: row.csrf }))
}

/// Takes the code and begins the session.
///
/// # Errors
/// [`Error::Unauthenticated`] for a wrong code; [`Error::Throttled`].
pub async fn complete(
    workspace: &Arc<Workspace>,
    half: &HalfSignedIn,
    held: &str,
    typed: &str,
    address: IpAddr,
    agent: Option<&str>,
) -> Result<NewSession> {
    if half.asks != Half::Code {
        return Err(Error::Unauthenticated);
    }
    second_factor::prove(workspace, half.user, address, typed).await?;
    finish(workspace, half.user, held, address, agent).await
}

/// Sets up the app and begins the session; returns the recovery codes, too.
///
/// # Errors
/// [`Error::Unauthenticated`] for a wrong code; [`Error::Throttled`].
pub async fn enrol(
    workspace: &Arc<Workspace>,
    half: &HalfSignedIn,
    held: &str,
    said: &str,
    typed: &str,
    address: IpAddr,
    agent: Option<&str>,
) -> Result<(NewSession, Vec<String>)> {
    if half.asks != Half::SetUp {
        return Err(Error::Unauthenticated);
    }
    let codes = second_factor::set_up(workspace, half.user, address, held, said, typed).await?;
    Ok((finish(workspace, half.user, held, address, agent).await?, codes))
}

async fn finish(
    workspace: &Arc<Workspace>,
    user: Uuid,
    held: &str,
    address: IpAddr,
    agent: Option<&str>,
) -> Result<NewSession> {
    let end = SystemWrite::DeleteSession { hash: mark(held) };
    workspace.store.commit(&workspace.model(), end.into()).await.map_err(Error::internal)?;
    sessions::begin(workspace, user, Some(&address.to_string()), agent, 2).await
}
