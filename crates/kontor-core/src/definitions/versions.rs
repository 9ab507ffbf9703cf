//! The published versions of a workspace, and going back to one: a new version equal to an old one.

use kontor_model::Problem;
use kontor_store::system::VersionSummary;

use super::DESIGN;
use super::candidate::of_workspace_layer;
use super::plan::{self, Plan};
use super::publish::{publish, top_of};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// All versions, the latest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(session: &Session) -> Result<Vec<VersionSummary>> {
    demand_admin(session, DESIGN)?;
    Ok(session.workspace.store.versions().await?)
}

/// What restoring a version would do.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn plan(session: &Session, n: i64) -> Result<Plan> {
    let candidate = candidate(session, n).await?;
    plan::of_candidate(session, &candidate).await
}

/// Publishes a new version equal to the state after version `n`, parked values included; returns its number.
///
/// # Errors
/// [`Error::NotFound`]; `nothing_to_publish` when nothing differs.
pub async fn restore(session: &Session, n: i64) -> Result<i64> {
    session.workspace.current().await?;
    let candidate = candidate(session, n).await?;
    if candidate.layers.workspace() == session.workspace.layers().workspace() {
        return Err(Problem::new("nothing_to_publish", "").into());
    }
    let title = session.catalogue.text_with("ui.version_restored", &[("n", n.to_string())]);
    publish(session, candidate, &title, None, true).await
}

async fn candidate(session: &Session, n: i64) -> Result<super::candidate::Candidate> {
    demand_admin(session, DESIGN)?;
    let version = session.workspace.store.version(n).await?.ok_or(Error::NotFound)?;
    Ok(of_workspace_layer(&session.workspace.layers(), top_of(&version.state)))
}
