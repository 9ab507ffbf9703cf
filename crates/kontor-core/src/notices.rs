//! What workflows and actions tell people. It stands in the inbox of each; rights are asked when it is read: what is said of
//! a record that the reader does not see any more is not told.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use kontor_model::EntityModel;
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::records::get;

/// How long something that was said is kept.
pub const KEPT: Duration = Duration::days(180);
/// Most of them that are looked at for one list.
const LOOKED_AT: i64 = 200;

/// Something that the reader is told.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its id.
    pub id: Uuid,
    /// What is said.
    pub text: String,
    /// The record that it is about, with what it is called now.
    pub about: Option<(Arc<EntityModel>, Uuid, String)>,
    /// When it was said.
    pub at: DateTime<Utc>,
    /// When the reader marked it as seen.
    pub seen_at: Option<DateTime<Utc>>,
}

/// What the reader was told, what they have not seen first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &Session, limit: usize) -> Result<Vec<Notice>> {
    if session.actor.id.is_nil() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for row in session.workspace.store.notices_of(session.actor.id, LOOKED_AT).await? {
        if found.len() == limit {
            break;
        }
        let about = match (&row.entity, row.record) {
            (Some(key), Some(record)) => {
                let entity = session.model.entities.values().find(|entity| entity.key == *key).cloned();
                let Some(entity) = entity else { continue };
                match get(session, &entity, record).await {
                    Ok(view) => Some((entity, record, view.title(session))),
                    Err(Error::NotFound | Error::Forbidden(_)) => continue,
                    Err(error) => return Err(error),
                }
            }
            _ => None,
        };
        found.push(Notice { id: row.id, text: row.body, about, at: row.at, seen_at: row.seen_at });
    }
    Ok(found)
}

/// Whether there is something that the reader has not seen.
///
/// # Errors
/// When the database does not answer.
pub async fn has_unseen(session: &Session) -> Result<bool> {
    Ok(session.workspace.store.has_unseen_notices(session.actor.id).await?)
}

/// The reader has seen one of them, or all. What others were told stays as it is.
///
/// # Errors
/// When the database does not answer.
pub async fn see(session: &Session, id: Option<Uuid>) -> Result<()> {
    let write = SystemWrite::SeeNotices { user: session.actor.id, id, at: session.now };
    session.commit(CommitUnit::from(write)).await.map_err(Error::internal)?;
    Ok(())
}
