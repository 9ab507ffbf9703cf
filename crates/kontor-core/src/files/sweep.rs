//! What nobody holds a day after it came goes: files of forms that were never sent, contents that no file has any more; and
//! what people were told long ago.

use std::sync::Arc;

use chrono::Duration;
use kontor_store::system::{FileWrite, SystemWrite, TimerRow};
use kontor_store::{CommitError, CommitUnit};
use serde_json::json;

use crate::error::{Error, Result};
use crate::{Workspace, notices};

/// The topic of the timer.
pub const SWEEP: &str = "files";
/// How long a file may wait for its record.
const WAITING: Duration = Duration::days(1);
/// How often is looked.
const EVERY: Duration = Duration::hours(1);

/// Sees to it that somebody looks, from when the runner starts.
///
/// # Errors
/// When the database does not answer.
pub async fn watch(workspace: &Arc<Workspace>) -> Result<()> {
    // One that was given up begins again.
    if workspace.store.timer(SWEEP).await?.is_some_and(|timer| !timer.dead) {
        return Ok(());
    }
    let due = workspace.clock.now() + EVERY;
    let timer = crate::derived::timer(SWEEP.into(), SWEEP, json!({}), due);
    let unit = CommitUnit::from(SystemWrite::PutTimer(timer));
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(())
}

/// Looks once, and again later.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(workspace: &Arc<Workspace>, row: &TimerRow) -> Result<()> {
    let now = workspace.clock.now();
    let mut unit = CommitUnit::from(FileWrite::SweepFiles { before: now - WAITING });
    unit.system(SystemWrite::DeleteNoticesBefore(now - notices::KEPT));
    unit.system(SystemWrite::Again { claim: row.claim(), due_at: now + EVERY });
    match workspace.store.commit(&workspace.model(), unit).await {
        Ok(_) | Err(CommitError::LeaseLost(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}
