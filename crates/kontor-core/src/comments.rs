//! Comments on records: who sees a record sees what was said about it, who holds the verb says something.

use std::sync::Arc;

use kontor_model::entity::COMMENTS;
use kontor_model::{EntityModel, Problem};
use kontor_store::CommitUnit;
use kontor_store::system::{CommentRow, SystemWrite};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};
use crate::portal::{self, Beside};
use crate::records::batch::Batch;
use crate::records::{RecordView, Titles, add_titles, get, is_visible};

/// The longest comment.
const LONGEST: usize = 10_000;

/// A comment as the reader sees it.
#[derive(Clone, Debug)]
pub struct Comment {
    /// What is stored; the text is empty when it was deleted.
    pub row: CommentRow,
    /// Who wrote it, when the reader may see that.
    pub author: Option<String>,
    /// Whether the reader may change and delete it.
    pub is_own: bool,
}

/// The latest comments on a record that was read for who asks, the latest first.
///
/// # Errors
/// [`Error::NotFound`] when its entity has no comments.
pub async fn list_of(session: &Session, view: &RecordView, limit: i64) -> Result<Vec<Comment>> {
    demand_feature(session, &view.entity)?;
    let store = &session.workspace.store;
    let rows = store.comments_of(&view.entity.key, view.record.id(), limit).await?;
    let mut titles = Titles::new();
    let authors = rows.iter().filter_map(|row| row.author).map(|id| ("user".to_owned(), id)).collect();
    add_titles(session, authors, &mut titles).await?;
    let comments = rows.into_iter().map(|row| Comment {
        author: row.author.and_then(|author| titles.get(&author).cloned()),
        is_own: row.deleted_at.is_none() && row.author == Some(session.actor.id),
        row,
    });
    Ok(comments.collect())
}

/// A comment of the actor's own, as it was just written.
///
/// # Errors
/// [`Error::NotFound`] when there is none; [`Error::Forbidden`].
pub async fn one(session: &Session, entity: &Arc<EntityModel>, record: Uuid, id: Uuid) -> Result<Comment> {
    let row = own(session, entity, record, id).await?;
    Ok(Comment { author: Some(session.actor.name.clone()), is_own: true, row })
}

fn demand_feature(session: &Session, entity: &EntityModel) -> Result<()> {
    if entity.has_feature(COMMENTS) && portal::has(session, Beside::Comments) {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

/// Says something about a record.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`]; problems at `/body`.
pub async fn add(session: &Session, entity: &Arc<EntityModel>, record: Uuid, body: &str) -> Result<Uuid> {
    demand_write(session, entity, record).await?;
    let row = new(session, entity, record, body)?;
    let id = row.id;
    write(session, row).await?;
    Ok(id)
}

/// The same, into a batch that may have written the record.
///
/// # Errors
/// As [`add`].
pub async fn prepare(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    record: Uuid,
    body: &str,
) -> Result<Uuid> {
    demand_feature(session, entity)?;
    if !is_visible(session, batch, entity, record).await? {
        return Err(Error::NotFound);
    }
    demand(session, entity, Verb::Comment)?;
    let row = new(session, entity, record, body)?;
    let id = row.id;
    batch.unit.system(SystemWrite::PutComment(row));
    Ok(id)
}

fn new(session: &Session, entity: &EntityModel, record: Uuid, body: &str) -> Result<CommentRow> {
    Ok(CommentRow {
        id: Uuid::now_v7(),
        entity: entity.key.clone(),
        record,
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        body: checked(body)?,
        created_at: session.now,
        edited_at: None,
        deleted_at: None,
    })
}

/// Changes what the reader said.
///
/// # Errors
/// [`Error::NotFound`] also for what somebody else said; [`Error::Forbidden`]; problems at `/body`.
pub async fn edit(
    session: &Session,
    entity: &Arc<EntityModel>,
    record: Uuid,
    id: Uuid,
    body: &str,
) -> Result<()> {
    let row = own(session, entity, record, id).await?;
    let body = checked(body)?;
    if body == row.body {
        return Ok(());
    }
    write(session, CommentRow { body, edited_at: Some(session.now), ..row }).await
}

/// Takes back what the reader said: that something was said stays.
///
/// # Errors
/// As [`edit`].
pub async fn remove(session: &Session, entity: &Arc<EntityModel>, record: Uuid, id: Uuid) -> Result<()> {
    let row = own(session, entity, record, id).await?;
    write(session, CommentRow { body: String::new(), deleted_at: Some(session.now), ..row }).await
}

async fn demand_write(session: &Session, entity: &Arc<EntityModel>, record: Uuid) -> Result<()> {
    get(session, entity, record).await?;
    demand_feature(session, entity)?;
    demand(session, entity, Verb::Comment)
}

async fn own(session: &Session, entity: &Arc<EntityModel>, record: Uuid, id: Uuid) -> Result<CommentRow> {
    demand_write(session, entity, record).await?;
    let row = session.workspace.store.comment(id).await?.ok_or(Error::NotFound)?;
    let is_here = row.record == record && row.entity == entity.key && row.deleted_at.is_none();
    if is_here && row.author == Some(session.actor.id) { Ok(row) } else { Err(Error::NotFound) }
}

fn checked(body: &str) -> Result<String> {
    // Browsers send two characters for a line break, and count one against what fits.
    let body = body.trim().replace("\r\n", "\n");
    if body.is_empty() {
        return Err(Problem::at_field("required", "body").with("field", "body").into());
    }
    if body.chars().count() > LONGEST {
        return Err(Problem::at_field("too_long", "body").with("limit", LONGEST).into());
    }
    Ok(body)
}

async fn write(session: &Session, row: CommentRow) -> Result<()> {
    session.commit(CommitUnit::from(SystemWrite::PutComment(row))).await.map_err(Error::internal)?;
    Ok(())
}
