//! A rehearsal: the workspace is copied, the changes are published on the copy, what came of it is told, the copy goes.

use std::time::Instant;

use kontor_model::locale::Catalogue;
use kontor_model::model::Broken;
use kontor_model::{Json, Problems};
use kontor_store::{Target, copies, copy_workspace, delete_workspace, place_of_copy};
use serde_json::json;
use uuid::Uuid;

use super::{ChangeFile, edits, export_set};
use crate::Session;
use crate::definitions::DESIGN;
use crate::definitions::candidate::{Candidate, of_edits};
use crate::definitions::plan::{self, Plan};
use crate::definitions::publish::publish;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::permissions::demand_admin;
use crate::session::Origin;
use crate::workspace::Workspace;

/// A copy that is older than so many seconds was left behind.
const LEFT_AFTER: u64 = 24 * 60 * 60;

/// How far a rehearsal came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reached {
    /// The file itself is refused: no copy was made.
    #[default]
    File,
    /// The workspace was copied, and the copy refused the changes.
    Copy,
    /// The changes were published on the copy.
    Published,
}

/// What came of a rehearsal.
#[derive(Debug, Default)]
pub struct Rehearsal {
    /// What publishing does, with rows and losses.
    pub plan: Plan,
    /// What refused it, everything; empty when it would go through.
    pub problems: Problems,
    /// How long the copy took, in milliseconds; nought when the file was refused before one was made.
    pub copy_ms: u128,
    /// How long publishing took, recomputation included, in milliseconds; nought when nothing was published.
    pub publish_ms: u128,
    /// How far it came.
    pub reached: Reached,
    /// Definitions that were sound before and are not after it.
    pub broken: Vec<(String, String)>,
}

impl Rehearsal {
    /// Whether it went through.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty() && self.broken.is_empty()
    }

    /// The report as JSON.
    pub fn to_json(&self, catalogue: &Catalogue) -> Json {
        let mut json = self.plan.to_json(catalogue);
        let problems: Vec<Json> = self.problems.iter().map(|problem| problem.to_json(catalogue)).collect();
        let broken: Vec<Json> =
            self.broken.iter().map(|(kind, name)| json!({ "kind": kind, "name": name })).collect();
        if let Some(object) = json.as_object_mut() {
            object.insert("sound".into(), self.is_sound().into());
            object.insert("problems".into(), problems.into());
            object.insert("broken".into(), broken.into());
            object.insert("copy_ms".into(), u64::try_from(self.copy_ms).unwrap_or(u64::MAX).into());
            object.insert("publish_ms".into(), u64::try_from(self.publish_ms).unwrap_or(u64::MAX).into());
        }
        json
    }
}

/// Rehearses an open change set.
///
/// # Errors
/// [`Error::NotFound`]; when the copy cannot be made.
pub async fn rehearse_set(session: &Session, id: Uuid) -> Result<Rehearsal> {
    let file = export_set(session, id).await?;
    rehearse(session, &file).await
}

/// Rehearses a file. What is wrong with it is in the report.
///
/// # Errors
/// [`Error::Forbidden`]; when the copy cannot be made.
pub async fn rehearse(session: &Session, file: &ChangeFile) -> Result<Rehearsal> {
    demand_admin(session, DESIGN)?;
    session.workspace.current().await?;
    // What the file alone tells needs no copy.
    match edits(session, file) {
        Ok(_) => {}
        Err(Error::Problems(problems)) => return Ok(Rehearsal { problems, ..Rehearsal::default() }),
        Err(other) => return Err(other),
    }
    let from = session.workspace.store.target().clone();
    sweep(&from).await;
    let copy = place_of_copy(&from, &Uuid::now_v7().simple().to_string());
    let begin = Instant::now();
    let copied = copy_workspace(&from, &copy).await;
    let copy_ms = begin.elapsed().as_millis();
    let done = match copied {
        Ok(()) => on_copy(session, &copy, file).await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = delete_workspace(&copy).await {
        tracing::warn!(%error, "the copy of a rehearsal could not be removed");
    }
    done.map(|rehearsal| Rehearsal { copy_ms, ..rehearsal })
}

/// Removes copies that a process left which was ended in the middle of a rehearsal.
async fn sweep(from: &Target) {
    let Ok(found) = copies(from).await else { return };
    let now = Uuid::now_v7().get_timestamp().map_or(0, |at| at.to_unix().0);
    for (mark, copy) in found {
        let made = Uuid::parse_str(&mark).ok().and_then(|id| id.get_timestamp()).map(|at| at.to_unix().0);
        if made.is_some_and(|made| made + LEFT_AFTER < now)
            && let Err(error) = delete_workspace(&copy).await
        {
            tracing::warn!(%error, "the copy of an earlier rehearsal could not be removed");
        }
    }
}

async fn on_copy(session: &Session, copy: &Target, file: &ChangeFile) -> Result<Rehearsal> {
    let workspace = {
        let own = &session.workspace;
        Workspace::open(&own.name, copy, own.store.key_file(), own.clock.clone(), own.outbound.clone())
            .await?
    };
    let own = system_session(&workspace, Origin::Command);
    let done = publish_on(&own, file).await;
    workspace.store.close().await;
    done
}

async fn publish_on(own: &Session, file: &ChangeFile) -> Result<Rehearsal> {
    let candidate = match candidate_of(own, file).await {
        Ok(candidate) => candidate,
        Err(Error::Problems(problems)) => {
            return Ok(Rehearsal { problems, reached: Reached::Copy, ..Rehearsal::default() });
        }
        Err(other) => return Err(other),
    };
    let before = own.workspace.model();
    let plan = plan::of_candidate(own, &candidate).await?;
    let begin = Instant::now();
    let published = publish(own, candidate, &file.title, None, true).await;
    let publish_ms = begin.elapsed().as_millis();
    let mut rehearsal = Rehearsal { plan, reached: Reached::Copy, ..Rehearsal::default() };
    match published {
        Ok(_) => (rehearsal.publish_ms, rehearsal.reached) = (publish_ms, Reached::Published),
        Err(Error::Problems(problems)) => rehearsal.problems = problems,
        Err(other) => return Err(other),
    }
    // What the copy says when it is opened again counts, not what is in memory.
    own.workspace.reload().await?;
    let is_new = |broken: &&Broken| !before.broken.iter().any(|known| known.id == broken.id);
    rehearsal.broken = own
        .workspace
        .model()
        .broken
        .iter()
        .filter(is_new)
        .map(|broken| (broken.id.0.to_string(), broken.id.1.clone()))
        .collect();
    Ok(rehearsal)
}

async fn candidate_of(own: &Session, file: &ChangeFile) -> Result<Candidate> {
    let edits = edits(own, file)?.into_iter().map(|(edit, _)| edit).collect();
    of_edits(&own.workspace, edits).await
}
