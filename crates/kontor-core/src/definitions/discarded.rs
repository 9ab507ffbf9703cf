//! Change sets that a person threw away on a page: they are kept for a while, so that this can be taken back.

use chrono::TimeDelta;
use kontor_store::CommitUnit;
use kontor_store::system::{ChangeSetRow, SystemWrite};
use uuid::Uuid;

use super::turn::{self, Turn};
use super::{DESIGN, drafts};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// The state of such a set.
const DISCARDED: &str = "discarded";
/// How long it is kept.
const DAYS: i64 = 30;

/// Throws an open change set away, so that it can come back; one that holds nothing goes for good, and so do those that
/// were thrown away long ago.
///
/// # Errors
/// [`Error::NotFound`] when it is not open.
pub async fn discard(session: &Session, id: Uuid) -> Result<()> {
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, changes) = turn.read().await?;
        let mut unit = CommitUnit::new();
        let long_ago = session.now - TimeDelta::days(DAYS);
        for old in session.workspace.store.change_sets(DISCARDED).await? {
            if old.updated_at < long_ago {
                unit.system(SystemWrite::DeleteChangeSet { id: old.id });
            }
        }
        let updated_at = turn::later(set.updated_at, session.now);
        unit.system(if changes.is_empty() {
            SystemWrite::DeleteChangeSet { id }
        } else {
            SystemWrite::PutChangeSet(ChangeSetRow { state: DISCARDED.into(), updated_at, ..set.clone() })
        });
        if turn.end(&set, unit).await? {
            return Ok(());
        }
    }
}

/// Takes that back: the set is open again. The actor's own is the draft of the actor's pages again, and what was begun
/// there since is laid aside; somebody else's stays beside what that person works on.
///
/// # Errors
/// [`Error::NotFound`] when nothing was thrown away under this id, or that is too long ago.
pub async fn bring_back(session: &Session, id: Uuid) -> Result<()> {
    demand_admin(session, DESIGN)?;
    let found = session.workspace.store.change_set(id).await?;
    let (set, _) = found.filter(|(set, _)| set.state == DISCARDED).ok_or(Error::NotFound)?;
    let was_draft = drafts::is_own(session, &set);
    let back = ChangeSetRow {
        state: "open".into(),
        updated_at: turn::later(set.updated_at, session.now),
        ..drafts::laid_aside(set.clone())
    };
    // Whoever takes it back a second time finds it open.
    if !turn::commit(session, &[&set], CommitUnit::from(SystemWrite::PutChangeSet(back))).await? {
        return Err(Error::NotFound);
    }
    if was_draft {
        drafts::switch_to(session, id).await?;
    }
    Ok(())
}
