//! Takes an import back: what it made goes to the bin, what it changed gets its old values, unless somebody changed
//! it since.

use std::sync::Arc;

use kontor_model::{EntityModel, Json, Problem, Problems};
use kontor_store::system::{ImportLineRow, SystemWrite};
use kontor_store::{CommitUnit, Write};
use uuid::Uuid;

use super::done::{CREATED, KEPT, REPLACED, UPDATED};
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
    /// Records that somebody changed since, or that others point at; they stay as they are, and their lines say why.
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
                CREATED => remove(&session, &mut batch, &entity, record, &line.content).await,
                UPDATED | REPLACED => restore(&session, &mut batch, &entity, record, &line.content).await,
                _ => continue,
            };
            let why: Problems = match done {
                Ok(true) if line.action == CREATED => {
                    undone.removed += 1;
                    continue;
                }
                Ok(true) => {
                    undone.restored += 1;
                    continue;
                }
                Ok(false) => Problem::new("changed_since_import", "").into(),
                Err(Error::NotFound) => Problem::new("gone_since_import", "").into(),
                Err(Error::Problems(problems)) => problems,
                Err(Error::Forbidden(verb)) => Problem::new("forbidden", "").with("verb", verb).into(),
                Err(error) => return Err(error),
            };
            batch.unit.writes.truncate(written);
            undone.kept += 1;
            let line = left(line, &why, &session);
            batch.unit.writes.push(Write::System(Box::new(SystemWrite::PutImportLine(line))));
        }
        commit_told(&session, &session, &mut batch).await?;
    }
    row.state = "undone".into();
    row.ended_at = Some(session.workspace.clock.now());
    let unit = CommitUnit::from(SystemWrite::PutImport(row));
    session.commit(unit).await.map_err(Error::internal)?;
    Ok(undone)
}

/// A line whose record stays as it is, with the reasons.
fn left(line: &ImportLineRow, why: &Problems, session: &Session) -> ImportLineRow {
    let reasons = why.iter().map(|problem| problem.to_json(&session.catalogue)).collect();
    ImportLineRow { action: KEPT.to_owned(), problems: Json::Array(reasons), ..line.clone() }
}

async fn remove(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
    content: &Json,
) -> Result<bool> {
    let record = batch.record(session, entity, id).await?.ok_or(Error::NotFound)?;
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
    let record = batch.record(session, entity, id).await?.ok_or(Error::NotFound)?;
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
