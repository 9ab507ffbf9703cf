//! What workflows and actions tell people. It stands in the inbox of each; rights are asked when it is read: what is said of
//! a record that the reader does not see any more is not told.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use kontor_model::EntityModel;
use kontor_store::CommitUnit;
use kontor_store::system::{NoticeRow, SystemWrite};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::records::get;

/// How long something that was said is kept.
pub const KEPT: Duration = Duration::days(180);
/// What stands of earlier things below the last one of a record.
const BEFORE: i64 = 5;
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
        found.extend(shown(session, row).await?);
    }
    Ok(found)
}

/// A notice as its reader may read it now; `None` when they do not see what it is about any more.
async fn shown(session: &Session, row: NoticeRow) -> Result<Option<Notice>> {
    let about = match (&row.entity, row.record) {
        (Some(key), Some(record)) => {
            let entity = session.model.entities.values().find(|entity| entity.key == *key).cloned();
            let Some(entity) = entity else { return Ok(None) };
            match get(session, &entity, record).await {
                Ok(view) => Some((entity, record, view.title(session))),
                Err(Error::NotFound | Error::Forbidden(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        _ => None,
    };
    Ok(Some(Notice { id: row.id, text: row.body, about, at: row.at, seen_at: row.seen_at }))
}

/// What the reader was told of one record.
#[derive(Clone, Debug)]
pub struct Told {
    /// The last of it.
    pub last: Notice,
    /// What was said before, the latest first: some of it.
    pub before: Vec<(String, DateTime<Utc>)>,
    /// How much of that is not among these.
    pub left_out: usize,
    /// How much of all this the reader has not seen.
    pub fresh: usize,
}

/// What the reader was told, one entry for each record: what holds something new first, then the latest. The page behind
/// the first `skip` records, and whether there is another behind it; what the reader does not see any more leaves a gap.
///
/// # Errors
/// When the database does not answer.
pub async fn by_record(session: &Session, skip: i64, limit: i64) -> Result<(Vec<Told>, bool)> {
    if session.actor.id.is_nil() {
        return Ok((Vec::new(), false));
    }
    let store = &session.workspace.store;
    let mut groups = store.notices_by_record(session.actor.id, skip, limit + 1).await?;
    let is_more = i64::try_from(groups.len()).is_ok_and(|count| count > limit);
    groups.truncate(usize::try_from(limit).unwrap_or(0));
    let several = groups.iter().filter(|group| group.said > 1).filter_map(|group| group.last.record);
    let rows = store.notices_about(session.actor.id, &several.collect::<Vec<_>>(), BEFORE + 1).await?;
    let mut found = Vec::new();
    for group in groups {
        let (record, id) = (group.last.record, group.last.id);
        let Some(last) = shown(session, group.last).await? else { continue };
        let before: Vec<_> = rows
            .iter()
            .filter(|row| record.is_some() && row.record == record && row.id != id)
            .map(|row| (row.body.clone(), row.at))
            .collect();
        let left_out = group.said.saturating_sub(before.len() + 1);
        found.push(Told { last, before, left_out, fresh: group.fresh });
    }
    Ok((found, is_more))
}

/// Whether something in the inbox waits for the reader: what they have not seen, a question, or a request to decide.
///
/// # Errors
/// When the database does not answer.
pub async fn any_waiting(session: &Session) -> Result<bool> {
    Ok(session.workspace.store.has_waiting(session.actor.id).await?)
}

/// The reader has seen one of them, with what was said of the same record before it where `earlier` says so; or all. What others were told stays as it is.
///
/// # Errors
/// When the database does not answer.
pub async fn see(session: &Session, id: Option<Uuid>, earlier: bool) -> Result<()> {
    let write = SystemWrite::SeeNotices { user: session.actor.id, id, earlier, at: session.now };
    session.commit(CommitUnit::from(write)).await.map_err(Error::internal)?;
    Ok(())
}
