//! Following records: what others did to them since one looked stands in the inbox, as far as one may see it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::EntityModel;
use kontor_model::entity::{COMMENTS, FOLLOW, HISTORY};
use kontor_store::CommitUnit;
use kontor_store::system::{FollowRow, SystemWrite};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::records::batch::Batch;
use crate::records::{RecordView, get, history_of};
use crate::{Session, comments};

/// Most changes of one record that are counted.
const COUNTED: i64 = 50;

/// What happened to a record that somebody follows.
#[derive(Clone, Debug)]
pub struct News {
    /// The record's entity.
    pub entity: Arc<EntityModel>,
    /// The record.
    pub record: Uuid,
    /// What it is called.
    pub title: String,
    /// How many changes others made that the reader may see.
    pub changes: usize,
    /// How many comments others wrote.
    pub comments: usize,
    /// When the last of it happened.
    pub at: DateTime<Utc>,
}

fn demand_feature(session: &Session, entity: &EntityModel) -> Result<()> {
    // The engine itself follows nothing.
    if entity.has_feature(FOLLOW) && !session.actor.id.is_nil() { Ok(()) } else { Err(Error::NotFound) }
}

/// Whether who asks follows a record that was read for them; `None` where nothing is followed.
///
/// # Errors
/// When the database does not answer.
pub async fn is_followed(session: &Session, view: &RecordView) -> Result<Option<bool>> {
    if demand_feature(session, &view.entity).is_err() {
        return Ok(None);
    }
    let follow = session.workspace.store.follow(view.record.id(), session.actor.id).await?;
    Ok(Some(follow.is_some()))
}

/// Follows a record from now on; who follows it already has seen what happened until now.
///
/// # Errors
/// [`Error::NotFound`] when the reader does not see it, or its entity is not followed.
pub async fn follow(session: &Session, entity: &Arc<EntityModel>, record: Uuid) -> Result<()> {
    get(session, entity, record).await?;
    demand_feature(session, entity)?;
    let row = FollowRow { record, user: session.actor.id, entity: entity.key.clone(), seen_at: session.now };
    write(session, SystemWrite::PutFollow(row)).await
}

/// Somebody who sees the record follows it from the commit of the batch on; whether they did not before.
///
/// # Errors
/// When the database does not answer.
pub async fn prepare(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    record: Uuid,
    user: Uuid,
) -> Result<bool> {
    if session.workspace.store.follow(record, user).await?.is_some() {
        return Ok(false);
    }
    let row = FollowRow { record, user, entity: entity.key.clone(), seen_at: session.now };
    batch.unit.system(SystemWrite::PutFollow(row));
    Ok(true)
}

/// Follows it no more. Whoever does not see the record any more may still let it go.
///
/// # Errors
/// When the database does not answer.
pub async fn unfollow(session: &Session, record: Uuid) -> Result<()> {
    write(session, SystemWrite::DeleteFollow { record, user: session.actor.id }).await
}

/// Has seen what happened to a record.
///
/// # Errors
/// [`Error::NotFound`] when the reader does not follow it.
pub async fn seen(session: &Session, record: Uuid) -> Result<()> {
    let store = &session.workspace.store;
    let row = store.follow(record, session.actor.id).await?.ok_or(Error::NotFound)?;
    write(session, SystemWrite::PutFollow(FollowRow { seen_at: session.now, ..row })).await
}

async fn write(session: &Session, write: SystemWrite) -> Result<()> {
    session.commit(CommitUnit::from(write)).await.map_err(Error::internal)?;
    Ok(())
}

/// What others did to the records that the reader follows, the latest first: of `most` records behind the first `skip`, those
/// that were looked at last before the others; and whether there are more. Rights are asked now: what one may not see any
/// more is not told, and neither is a change of fields that one may not see.
///
/// # Errors
/// When the database does not answer.
pub async fn news(session: &Session, skip: i64, most: i64) -> Result<(Vec<News>, bool)> {
    let mut found = Vec::new();
    let mut rows = session.workspace.store.follows_with_news(session.actor.id, skip, most + 1).await?;
    let is_more = i64::try_from(rows.len()).is_ok_and(|count| count > most);
    rows.truncate(usize::try_from(most).unwrap_or(0));
    for row in rows {
        let entity = session.model.entities.values().find(|entity| entity.key == row.entity).cloned();
        let Some(entity) = entity.filter(|entity| entity.has_feature(FOLLOW)) else { continue };
        let view = match get(session, &entity, row.record).await {
            Ok(view) => view,
            Err(Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
        found.extend(news_of(session, &view, row.seen_at).await?);
    }
    found.sort_by_key(|news| std::cmp::Reverse(news.at));
    Ok((found, is_more))
}

async fn news_of(session: &Session, view: &RecordView, since: DateTime<Utc>) -> Result<Option<News>> {
    let is_other = |author: Option<Uuid>| author != Some(session.actor.id);
    let mut times = Vec::new();
    if view.entity.has_feature(HISTORY) {
        let (revisions, _) = history_of(session, view, COUNTED).await?;
        let new = revisions.iter().filter(|one| one.at > since && is_other(one.actor));
        times.extend(new.filter(|one| one.action != "update" || !one.changes.is_empty()).map(|one| one.at));
    }
    let changes = times.len();
    if view.entity.has_feature(COMMENTS) {
        let comments = comments::list_of(session, view, COUNTED).await?;
        let new = comments.iter().map(|one| &one.row).filter(|row| row.created_at > since);
        times.extend(
            new.filter(|row| is_other(row.author) && row.deleted_at.is_none()).map(|row| row.created_at),
        );
    }
    Ok(times.iter().max().map(|at| News {
        entity: Arc::clone(&view.entity),
        record: view.record.id(),
        title: view.title(session),
        changes,
        comments: times.len() - changes,
        at: *at,
    }))
}
