//! Two who write into one change set take turns, in whichever processes they are. Within a process they wait for each
//! other; between processes the database tells the second one, who begins again on what the first one left.

use chrono::{DateTime, TimeDelta, Utc};
use kontor_model::Problem;
use kontor_store::system::{ChangeRow, ChangeSetRow, SystemWrite};
use kontor_store::unit::Write;
use kontor_store::{CommitError, CommitUnit};
use tokio::sync::MutexGuard;
use uuid::Uuid;

use super::change_sets;
use crate::Session;
use crate::error::{Error, Result};

/// Each turn that is lost is one that somebody else had, so that many are a sign that something is wrong.
pub(super) const TURNS: u32 = 20;

/// Somebody's turn at a change set.
pub(super) struct Turn<'s> {
    session: &'s Session,
    id: Uuid,
    left: u32,
    _own_process: MutexGuard<'s, ()>,
}

impl<'s> Turn<'s> {
    /// Waits for everybody else of this process.
    pub(super) async fn wait(session: &'s Session, id: Uuid) -> Self {
        Self { session, id, left: TURNS, _own_process: session.workspace.design_turn.lock().await }
    }

    /// The change set as it is now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not open.
    pub(super) async fn read(&self) -> Result<(ChangeSetRow, Vec<ChangeRow>)> {
        change_sets::get(self.session, self.id).await
    }

    /// Writes what was made of the set as it was read; `false` when another process wrote first, and the same has to be
    /// made of what is there now.
    ///
    /// # Errors
    /// `change_set_busy` when that happens time and again.
    pub(super) async fn end(&mut self, seen: &ChangeSetRow, unit: CommitUnit) -> Result<bool> {
        if commit(self.session, &[seen], unit).await? {
            return Ok(true);
        }
        self.left -= 1;
        if self.left == 0 { Err(busy()) } else { Ok(false) }
    }
}

/// Commits what was made of some sets as they were read; `false` when one of them is another now.
pub(super) async fn commit(session: &Session, seen: &[&ChangeSetRow], mut unit: CommitUnit) -> Result<bool> {
    for set in seen {
        unit.writes.insert(0, see(session, set));
    }
    match session.workspace.store.commit(&session.model, unit).await {
        Ok(_) => Ok(true),
        Err(CommitError::SetMoved(_)) => Ok(false),
        Err(error) => Err(Error::internal(error)),
    }
}

/// The write that asks whether a set is as it was read.
pub(super) fn see(session: &Session, set: &ChangeSetRow) -> Write {
    let see = SystemWrite::SeeChangeSet { id: set.id, seen: set.updated_at, now: session.now };
    Write::System(Box::new(see))
}

/// The moment of a change: never that of the one before.
pub(super) fn later(seen: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    now.max(seen + TimeDelta::milliseconds(1))
}

/// Somebody else changed the set, again and again.
pub(super) fn busy() -> Error {
    Problem::new("change_set_busy", "").into()
}
