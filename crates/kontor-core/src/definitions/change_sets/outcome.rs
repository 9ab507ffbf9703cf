//! What publishing a change set would do, and doing it.

use kontor_model::definition::DefinitionId;
use kontor_model::{Json, Problem};
use kontor_store::system::ChangeRow;
use uuid::Uuid;

use super::get;
use crate::Session;
use crate::definitions::candidate::{Candidate, Edit, of_edits, of_edits_on_top};
use crate::definitions::plan::{self, Plan};
use crate::definitions::publish::{self, Outcome};
use crate::definitions::{moved, version_title};
use crate::error::{Error, Result};

/// What publishing the change set would do.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::DefinitionMoved`] when the base moved in the same place.
pub async fn plan(session: &Session, id: Uuid) -> Result<Plan> {
    let candidate = candidate(session, id).await?;
    plan::of_candidate(session, &candidate).await
}

/// What publishing the change set would do if its changes counted wherever others have changed the same places.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn plan_on_top(session: &Session, id: Uuid) -> Result<Plan> {
    let (_, changes) = get(session, id).await?;
    let candidate = candidate_on_top(session, &changes).await?;
    plan::of_candidate(session, &candidate).await
}

/// Publishes the change set, however long that takes; returns the new version.
///
/// # Errors
/// As [`publish_or_begin`].
pub async fn publish(session: &Session, id: Uuid, accept_loss: bool) -> Result<i64> {
    publish_or_begin(session, id, accept_loss).await?.to_the_end(session).await
}

/// Publishes the change set, or begins to when that takes a while.
///
/// # Errors
/// [`Error::Problems`] when something is refused, [`Error::LossNotAccepted`], [`Error::DefinitionMoved`].
pub async fn publish_or_begin(session: &Session, id: Uuid, accept_loss: bool) -> Result<Outcome> {
    session.workspace.current().await?;
    let (set, changes) = get(session, id).await?;
    if changes.is_empty() {
        return Err(Problem::new("nothing_to_publish", "").into());
    }
    let candidate = candidate(session, id).await?;
    let title = if set.title.is_empty() { summary(&changes) } else { set.title.clone() };
    publish::publish_or_begin(session, candidate, &title, Some(set), None, accept_loss).await
}

async fn candidate(session: &Session, id: Uuid) -> Result<Candidate> {
    let (set, changes) = get(session, id).await?;
    match candidate_of(session, &changes).await {
        Err(Error::DefinitionMoved { kind, name, .. }) => {
            Err(moved::named(session, &set, &changes, kind, name).await)
        }
        other => other,
    }
}

/// The workspace as it would be with some changes, those on top that conflict with what others have published.
pub(in crate::definitions) async fn candidate_on_top(
    session: &Session,
    changes: &[ChangeRow],
) -> Result<Candidate> {
    of_edits_on_top(&session.workspace, changes.iter().filter_map(edit_of).collect()).await
}

/// The workspace as it would be with some changes.
pub(in crate::definitions) async fn candidate_of(
    session: &Session,
    changes: &[ChangeRow],
) -> Result<Candidate> {
    of_edits(&session.workspace, changes.iter().filter_map(edit_of).collect()).await
}

pub(in crate::definitions) fn edit_of(change: &ChangeRow) -> Option<Edit> {
    let id: DefinitionId = (change.kind.parse().ok()?, change.name.clone());
    Some(Edit { id, body: change.body.clone(), base: Some(change.base.clone()) })
}

/// The title of a publication that nobody gave one: what it changes, as its reader calls it.
fn summary(changes: &[ChangeRow]) -> String {
    let named = |change: &ChangeRow| {
        let body = change.body.as_ref().or(change.base.as_ref());
        let own = body.and_then(|body| body.get("title")).and_then(Json::as_str).unwrap_or(&change.name);
        own.to_owned()
    };
    let first: Vec<(&ChangeRow, String)> = changes.iter().take(3).map(|one| (one, named(one))).collect();
    let first: Vec<(&str, &str, &str)> =
        first.iter().map(|(one, own)| (one.kind.as_str(), one.name.as_str(), own.as_str())).collect();
    version_title::of_changes(&first, changes.len().saturating_sub(first.len()))
}
