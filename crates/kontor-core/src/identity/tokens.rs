//! API tokens: the secret is shown once, its hash stays.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::Duration;
use kontor_model::{Json, Problem};
use kontor_store::CommitUnit;
use kontor_store::system::{SystemWrite, TokenRow};
use uuid::Uuid;

use super::secret;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;
use crate::session::{Origin, Session};
use crate::workspace::Workspace;

/// How often the use of a token is written down.
const TOUCH: Duration = Duration::hours(1);
/// What every token begins with, so that one is recognised where it does not belong.
const PREFIX: &str = "kontor_";

/// Makes a token for the acting user, or for another one by an administrator of users; returns the secret.
///
/// # Errors
/// `out_of_range` at `/days`; [`Error::Forbidden`] for the token of somebody else.
pub async fn create(session: &Session, user: Uuid, name: &str, days: u32) -> Result<String> {
    if user != session.actor.id {
        demand_admin(session, "users")?;
    }
    if !(1..=3650).contains(&days) {
        return Err(Problem::at_field("out_of_range", "days")
            .with("minimum", 1)
            .with("maximum", 3650)
            .into());
    }
    let secret = format!("{PREFIX}{}", secret::random()?);
    let row = TokenRow {
        id: Uuid::now_v7(),
        hash: secret::hash(&secret),
        user_id: user,
        name: name.trim().to_owned(),
        scopes: Json::Array(Vec::new()),
        created_at: session.now,
        expires_at: Some(session.now + Duration::days(i64::from(days))),
        used_at: None,
    };
    let unit = CommitUnit::from(SystemWrite::AddToken(row));
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    Ok(secret)
}

/// The tokens of a user, without their secrets.
///
/// # Errors
/// [`Error::Forbidden`] for the tokens of somebody else.
pub async fn list(session: &Session, user: Uuid) -> Result<Vec<TokenRow>> {
    if user != session.actor.id {
        demand_admin(session, "users")?;
    }
    Ok(session.workspace.store.tokens_of(user).await?)
}

/// Ends a token.
///
/// # Errors
/// [`Error::NotFound`] when it is not the actor's own and the actor does not administer users.
pub async fn revoke(session: &Session, id: Uuid) -> Result<()> {
    let own = session.workspace.store.tokens_of(session.actor.id).await?;
    if !own.iter().any(|token| token.id == id) && !session.actor.access.is_admin("users") {
        return Err(Error::NotFound);
    }
    let mut unit = CommitUnit::from(SystemWrite::DeleteToken { id });
    unit.push(super::stamp::changed());
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    Ok(())
}

/// The session of a bearer token.
///
/// # Errors
/// [`Error::Unauthenticated`] when it is unknown, has expired, or its user may not act any more; [`Error::Elsewhere`] when
/// the user may not come from that address.
pub async fn token_session(workspace: &Arc<Workspace>, bearer: &str, address: IpAddr) -> Result<Session> {
    let hash = secret::hash(bearer);
    let stamp = workspace.people_stamp();
    let row = if let Some(row) = workspace.known_token(&hash) {
        row
    } else {
        let row = workspace.store.token_by_hash(&hash).await?.ok_or(Error::Unauthenticated)?;
        workspace.remember_token(stamp.as_ref(), &row);
        row
    };
    let now = workspace.clock.now();
    if row.expires_at.is_some_and(|until| until <= now) {
        return Err(Error::Unauthenticated);
    }
    let session = super::session_of_user(workspace, row.user_id, Origin::Api).await?;
    if !session.actor.access.admits(address) {
        return Err(Error::Elsewhere);
    }
    if row.used_at.is_none_or(|used| now - used > TOUCH) {
        let unit = CommitUnit::from(SystemWrite::TouchToken { id: row.id, at: now });
        workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
        workspace.remember_token(stamp.as_ref(), &TokenRow { used_at: Some(now), ..row });
    }
    Ok(session)
}
