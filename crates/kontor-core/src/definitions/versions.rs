//! The published versions of a workspace, and going back to one: a new version equal to an old one.

use kontor_model::definition::DefinitionSet;
use kontor_model::diff::Change;
use kontor_model::{Json, Problem};
use kontor_store::system::{PackRow, VersionRow, VersionSummary};

use super::candidate::{Candidate, of_layers};
use super::layers::{ENGINE, Layers, WORKSPACE};
use super::packs::{content_of, definitions_of_content, pack_row};
use super::plan::{self, Plan, PlannedChange};
use super::publish::{Outcome, publish_or_begin, top_of};
use super::{DESIGN, parked, version_title};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// All versions, the latest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(session: &Session) -> Result<Vec<VersionSummary>> {
    demand_admin(session, DESIGN)?;
    let mut all = session.workspace.store.versions().await?;
    for one in &mut all {
        one.title = version_title::said(&session.catalogue, &one.title);
    }
    Ok(all)
}

/// What restoring a version would do.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn plan(session: &Session, n: i64) -> Result<Plan> {
    let candidate = candidate(session, n).await?;
    let mut plan = plan::of_candidate(session, &candidate).await?;
    parked::refuse_purged(session, &candidate, &mut plan).await?;
    Ok(plan)
}

/// What lies between two versions, the earlier one first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn difference(session: &Session, from: i64, to: i64) -> Result<Vec<Change>> {
    let (from, to) = (candidate(session, from).await?, candidate(session, to).await?);
    Ok(kontor_model::diff::plan(&from.model, &to.model))
}

/// Publishes a new version equal to the state after version `n`, parked values included, or begins to
/// when that takes a while. What was purged since comes back empty, when `without_purged` says so.
///
/// # Errors
/// [`Error::NotFound`]; `nothing_to_publish` when nothing differs.
pub async fn restore_or_begin(session: &Session, n: i64, without_purged: bool) -> Result<Outcome> {
    session.workspace.current().await?;
    let candidate = candidate(session, n).await?;
    if !without_purged {
        let mut plan = Plan::default();
        let old = session.workspace.model();
        plan.changes = kontor_model::diff::plan(&old, &candidate.model).into_iter().map(Into::into).collect();
        parked::refuse_purged(session, &candidate, &mut plan).await?;
        let problems: Vec<Problem> =
            plan.changes.into_iter().filter_map(PlannedChange::into_problem).collect();
        kontor_model::Problems(problems).into_result(())?;
    }
    let now = session.workspace.layers();
    if candidate.layers.workspace() == now.workspace() && candidate.layers.packs == now.packs {
        return Err(Problem::new("nothing_to_publish", "").into());
    }
    let title = version_title::stored("ui.version_restored", &[("n", &n.to_string())]);
    publish_or_begin(session, candidate, &title, None, Some(n), true).await
}

/// The workspace as it was after version `n`.
pub(super) async fn candidate(session: &Session, n: i64) -> Result<Candidate> {
    let candidate = of_layers(layers_at(session, n).await?);
    let ended = match session.workspace.store.version(n + 1).await {
        // When it ended is only known with all of the next one.
        Err(kontor_store::Error::Corrupt { .. }) => None,
        next => next?.map(|next| next.at),
    };
    Ok(Candidate { back_to: ended, ..candidate })
}

/// A version with what it remembers.
///
/// # Errors
/// [`Error::NotFound`]; `version_unreadable` when somebody broke what it remembers: nothing can be made of it.
pub(super) async fn readable(session: &Session, n: i64) -> Result<VersionRow> {
    match session.workspace.store.version(n).await {
        Err(kontor_store::Error::Corrupt { reason, .. }) => {
            Err(Problem::new("version_unreadable", "").with("n", n).with("reason", reason).into())
        }
        found => found?.ok_or(Error::NotFound),
    }
}

/// The layers as they were after a version.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) async fn layers_at(session: &Session, n: i64) -> Result<Layers> {
    demand_admin(session, DESIGN)?;
    let version = readable(session, n).await?;
    let now = session.workspace.layers();
    let (packs, sets) = packs_of(session, &now, &version.state).await?;
    Ok(Layers::new(now.version + 1, packs, sets, top_of(&version.state)))
}

/// The packs of a stored state, with what they held then.
async fn packs_of(
    session: &Session,
    now: &Layers,
    state: &Json,
) -> Result<(Vec<PackRow>, Vec<(String, DefinitionSet)>)> {
    let mut packs = Vec::new();
    let mut sets = Vec::new();
    let listed = state.get("packs").and_then(Json::as_array).cloned().unwrap_or_default();
    for (position, one) in (0_i64..).zip(&listed) {
        let text = |key: &str| one.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let (name, version, content) = (text("name"), text("version"), text("content"));
        let known = now.packs.iter().find(|pack| pack.name == name);
        let layer = now.sets.iter().find(|(layer, _)| *layer == name).map(|(_, set)| set);
        // States of earlier programs name no content: packs could not change then.
        if let (Some(row), Some(layer)) = (known, layer)
            && row.version == version
            && (content.is_empty() || content_of(row, layer) == content)
        {
            packs.push(row.clone());
            sets.push((name, layer.clone()));
            continue;
        }
        let kept = session.workspace.store.pack_contents(&name).await?;
        let kept = kept
            .into_iter()
            .find(|kept| if content.is_empty() { kept.version == version } else { kept.content == content })
            .ok_or_else(|| {
                Problem::new("pack_content_gone", "").with("name", &name).with("version", &version)
            })?;
        let position = one.get("position").and_then(Json::as_i64).unwrap_or(position);
        packs.push(pack_row(&kept.manifest, &kept.version, &name, position, &kept.content));
        sets.push((name, definitions_of_content(&kept.definitions)));
    }
    if packs.is_empty() {
        // A state that names no pack was written before there were any to name.
        let sets = now.sets.iter().filter(|(name, _)| name != ENGINE && name != WORKSPACE).cloned().collect();
        return Ok((now.packs.clone(), sets));
    }
    Ok((packs, sets))
}
