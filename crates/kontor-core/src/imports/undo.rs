//! Takes an import back: what it made goes to the bin, what it changed gets its old values, unless somebody changed
//! it since.

use std::sync::Arc;

use kontor_model::{EntityModel, Json};
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;
use uuid::Uuid;

use super::get;
use super::list_rows::{before, is_as_left};
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};
use crate::records::batch::Batch;
use crate::records::refused::commit_told;
use crate::records::save::prepare;
use crate::records::{Save, prepare_delete};
use crate::{Origin, Session};

/// Lines that are read at once.
const CHUNK: i64 = 500;

/// What came of an undo.
#[derive(Clone, Copy, Debug, Default)]
pub struct Undone {
    /// Records that went to the bin.
    pub removed: usize,
    /// Records with their old values.
    pub restored: usize,
    /// Records that somebody changed since, or that others point at; they stay as they are.
    pub kept: usize,
}

/// Takes an import back.
///
/// # Errors
/// [`Error::NotFound`] when there is no such import, or it was taken back already.
pub async fn undo(session: &Session, id: Uuid) -> Result<Undone> {
    let mut row = get(session, id).await?;
    if row.dry_run || row.state == "undone" {
        return Err(Error::NotFound);
    }
    let entity = session.model.entity(&row.entity).cloned().ok_or(Error::NotFound)?;
    demand(session, &entity, Verb::Import)?;
    let session = Session { origin: Origin::Import, ..session.clone() };
    let mut undone = Undone::default();
    let mut after = 0;
    loop {
        let lines = session.workspace.store.import_lines(id, None, CHUNK, after).await?;
        let Some(last) = lines.last() else { break };
        after = last.line;
        let mut batch = Batch::default();
        for line in &lines {
            let Some(record) = line.record else { continue };
            let written = batch.unit.writes.len();
            let done = match line.action.as_str() {
                "created" => remove(&session, &mut batch, &entity, record, &line.content).await,
                "updated" => restore(&session, &mut batch, &entity, record, &line.content).await,
                _ => continue,
            };
            match (done, line.action.as_str()) {
                (Ok(true), "created") => undone.removed += 1,
                (Ok(true), _) => undone.restored += 1,
                (Ok(false) | Err(Error::Problems(_) | Error::NotFound | Error::Forbidden(_)), _) => {
                    batch.unit.writes.truncate(written);
                    undone.kept += 1;
                }
                (Err(error), _) => return Err(error),
            }
        }
        commit_told(&session, &session, &mut batch).await?;
    }
    row.state = "undone".into();
    row.ended_at = Some(session.workspace.clock.now());
    let unit = CommitUnit::from(SystemWrite::PutImport(row));
    session.commit(unit).await.map_err(Error::internal)?;
    Ok(undone)
}

async fn remove(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    content: &Json,
) -> Result<bool> {
    let Some(record) = batch.record(session, entity, id).await? else { return Ok(false) };
    if record.version() != 1 || !is_as_left(session, entity, id, rows_of(content)).await? {
        return Ok(false);
    }
    prepare_delete(session, batch, entity, id, None).await?;
    Ok(true)
}

async fn restore(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    content: &Json,
) -> Result<bool> {
    let Some(record) = batch.record(session, entity, id).await? else { return Ok(false) };
    if content.get("version").and_then(Json::as_i64) != Some(record.version()) {
        return Ok(false);
    }
    let Some(old) = content.get("before").and_then(Json::as_object) else { return Ok(false) };
    if !is_as_left(session, entity, id, rows_of(content)).await? {
        return Ok(false);
    }
    let mut values = Save::values_of(old);
    values.extend(before(session, entity, id, rows_of(content)).await?);
    prepare(session, batch, Save::update(entity, id, values)).await?;
    Ok(true)
}

/// What is remembered of the rows; nothing where the import brought none.
fn rows_of(content: &Json) -> &Json {
    content.get("rows").unwrap_or(&Json::Null)
}
