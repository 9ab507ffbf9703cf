//! Signed-in browsers: the secret is in the cookie, its hash in the database.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::Duration;
use kontor_store::CommitUnit;
use kontor_store::system::{SessionRow, SystemWrite};
use uuid::Uuid;

use super::{half, second_factor, secret, throttle, users};
use crate::error::{Error, Result};
use crate::session::{Actor, Origin, Session};
use crate::workspace::Workspace;

/// How long a session lasts without being used.
const IDLE: Duration = Duration::days(14);
/// How often the use of a session is written down.
const TOUCH: Duration = Duration::hours(1);

/// A session that was just begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// What the cookie holds; never stored.
    pub secret: String,
    /// Who.
    pub user: Uuid,
}

/// What is still asked of somebody who has proved their password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// A code of the app that they have set up.
    Code,
    /// To set one up, because a role demands it.
    SetUp,
}

/// What came of the right password.
#[derive(Clone, Debug)]
pub enum Proved {
    /// A session.
    Wholly(NewSession),
    /// A second factor is asked for; this is what the cookie holds until then.
    Half(String),
}

/// A request of somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session, on the current model.
    pub session: Session,
    /// What forms carry.
    pub csrf: String,
}

/// Signs in with e-mail and password; a second factor may be asked for before there is a session.
///
/// # Errors
/// [`Error::Throttled`] after too many failures of the account or the address; [`Error::Unauthenticated`], which
/// does not say what was wrong; [`Error::Elsewhere`] for the right password from where the person may not come.
pub async fn sign_in(
    workspace: &Arc<Workspace>,
    email: &str,
    password: &str,
    address: IpAddr,
    agent: Option<&str>,
) -> Result<Proved> {
    let actor = check_password(workspace, email, password, address).await?;
    let demanded = actor.access.demands_second_factor();
    if second_factor::asks(workspace, actor.id, demanded).await?.is_some() {
        return Ok(Proved::Half(half::begin(workspace, actor.id, address).await?));
    }
    begin(workspace, actor.id, Some(&address.to_string()), agent, 1).await.map(Proved::Wholly)
}

/// Whose password it is. It says nothing of a second factor and begins nothing.
///
/// # Errors
/// As [`sign_in`].
pub async fn check_password(
    workspace: &Arc<Workspace>,
    email: &str,
    password: &str,
    address: IpAddr,
) -> Result<Actor> {
    let now = workspace.clock.now();
    let account = format!("person:{}", email.trim().to_lowercase());
    let keys = [account.clone(), format!("address:{address}")];
    let wait = throttle::wait(workspace, &keys, now).await?;
    if !wait.is_zero() {
        return Err(Error::Throttled(wait));
    }
    workspace.current().await?;
    let user = users::by_email(workspace, email).await?;
    let credential = match user {
        Some(user) => workspace.store.credential(user).await?.filter(|credential| !credential.disabled),
        None => None,
    };
    let hash = credential.and_then(|credential| credential.password);
    let fits = workspace.passwords.verify(password.to_owned(), hash).await?;
    let Some(user) = user.filter(|_| fits) else {
        throttle::failed(workspace, &keys, now).await?;
        return Err(Error::Unauthenticated);
    };
    let Some(actor) = super::actor_of(workspace, &workspace.model(), user).await? else {
        return Err(Error::Unauthenticated);
    };
    throttle::succeeded(workspace, &account).await?;
    if !actor.access.admits(address) {
        return Err(Error::Elsewhere);
    }
    Ok(actor)
}

/// Begins a session for who has just proved both factors.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_proved(
    workspace: &Arc<Workspace>,
    user: Uuid,
    address: IpAddr,
    agent: Option<&str>,
) -> Result<NewSession> {
    begin(workspace, user, Some(&address.to_string()), agent, 2).await
}

/// Begins a session for a user who has proved who they are.
pub(super) async fn begin(
    workspace: &Arc<Workspace>,
    user: Uuid,
    address: Option<&str>,
    agent: Option<&str>,
    factors: i64,
) -> Result<NewSession> {
    let now = workspace.clock.now();
    let secret = secret::random()?;
    let row = SessionRow {
        hash: secret::hash(&secret),
        user_id: user,
        csrf: secret::random()?,
        created_at: now,
        seen_at: now,
        expires_at: now + IDLE,
        address: address.map(str::to_owned),
        agent: agent.map(|agent| agent.chars().take(200).collect()),
        factors,
    };
    let mut unit = CommitUnit::from(SystemWrite::PutSession(row));
    unit.system(SystemWrite::DeleteExpiredSessions { before: now });
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(NewSession { secret, user })
}

/// The session of a cookie; `None` when it is unknown, has expired, or comes from where the person may not come.
///
/// # Errors
/// When the database does not answer.
pub async fn session(workspace: &Arc<Workspace>, secret: &str, address: IpAddr) -> Result<Option<SignedIn>> {
    let hash = secret::hash(secret);
    let stamp = workspace.people_stamp();
    let row = if let Some(row) = workspace.known_session(&hash) {
        row
    } else {
        let Some(row) = workspace.store.session(&hash).await? else { return Ok(None) };
        workspace.remember_session(stamp.as_ref(), &row);
        row
    };
    let now = workspace.clock.now();
    if row.expires_at <= now {
        return Ok(None);
    }
    let session = match super::session_of_user(workspace, row.user_id, Origin::Page).await {
        Ok(session) => session,
        Err(Error::Unauthenticated) => return Ok(None),
        Err(error) => return Err(error),
    };
    if !session.actor.access.admits(address) {
        return Ok(None);
    }
    // A role demands it by now: who came in without a code comes in anew.
    if session.actor.access.demands_second_factor() && row.factors < 2 {
        return Ok(None);
    }
    if now - row.seen_at > TOUCH {
        let touch = SystemWrite::TouchSession { hash, seen_at: now, expires_at: now + IDLE };
        workspace.store.commit(&session.model, touch.into()).await.map_err(Error::internal)?;
        let touched = SessionRow { seen_at: now, expires_at: now + IDLE, ..row.clone() };
        workspace.remember_session(stamp.as_ref(), &touched);
    }
    Ok(Some(SignedIn { session, csrf: row.csrf }))
}

/// Ends the session of a cookie.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(workspace: &Arc<Workspace>, secret: &str) -> Result<()> {
    let mut unit = CommitUnit::from(SystemWrite::DeleteSession { hash: secret::hash(secret) });
    unit.push(super::stamp::changed());
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(())
}
