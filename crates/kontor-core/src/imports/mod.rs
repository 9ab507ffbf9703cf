//! Bringing in files: read, map, try out, run, undo. Every row takes the ordinary save path.

mod columns;
mod document;
mod done;
mod file;
mod guess;
mod join;
mod list_rows;
mod mapping;
mod names;
mod pairs;
mod place;
mod row;
mod run;
mod tally;
mod undo;

pub use columns::{ColumnCheck, Verdict, look};
pub use done::{CREATED, FAILED, KEPT, REPLACED, UPDATED};
pub use file::{MAX_BYTES, Table, read, told_line};
pub use guess::guess;
pub use join::Join;
pub use mapping::{ColumnMapping, Mapping, RowsMapping, can_match};
pub use place::{Place, rows};
pub use run::{ImportOutcome, LineProblems, run};
pub use tally::{Reason, Tally};
pub use undo::{Undone, undo};

use std::collections::HashMap;

use kontor_model::EntityModel;
use kontor_store::CommitUnit;
use kontor_store::system::{ImportLineRow, ImportRow, SystemWrite};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};

/// The state of a mapping that was kept by itself.
pub const SAVED: &str = "saved";

/// An import; of somebody else's only administrators know.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &Session, id: Uuid) -> Result<ImportRow> {
    let row = session.workspace.store.import(id).await?.ok_or(Error::NotFound)?;
    let is_own = row.author == Some(session.actor.id);
    if is_own || session.actor.access.is_admin("import") { Ok(row) } else { Err(Error::NotFound) }
}

/// The latest imports that the actor may know of.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &Session, limit: i64) -> Result<Vec<ImportRow>> {
    let rows = session.workspace.store.imports(limit).await?;
    let sees_all = session.actor.access.is_admin("import");
    Ok(rows.into_iter().filter(|row| sees_all || row.author == Some(session.actor.id)).collect())
}

/// How many records the undos of imports left as they were, by import.
///
/// # Errors
/// When the database does not answer.
pub async fn kept_by_undo(session: &Session) -> Result<HashMap<Uuid, i64>> {
    let counts = session.workspace.store.import_line_counts(KEPT).await?;
    Ok(counts.into_iter().collect())
}

/// Keeps a mapping for files to come, without bringing anything in.
///
/// # Errors
/// [`Error::Forbidden`] without the right to import.
pub async fn keep_mapping(
    session: &Session,
    entity: &EntityModel,
    file: &str,
    mapping: &Mapping,
) -> Result<()> {
    demand(session, entity, Verb::Import)?;
    let row = ImportRow {
        id: Uuid::now_v7(),
        entity: entity.name.clone(),
        file: file.to_owned(),
        mapping: serde_json::to_value(mapping).unwrap_or_default(),
        state: SAVED.to_owned(),
        dry_run: true,
        lines: 0,
        created: 0,
        updated: 0,
        failed: 0,
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        at: session.now,
        ended_at: Some(session.now),
        error: None,
    };
    let unit = CommitUnit::from(SystemWrite::PutImport(row));
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    Ok(())
}

/// The lines of an import, those of one action where one is named.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lines(
    session: &Session,
    id: Uuid,
    action: Option<&str>,
    limit: i64,
    after: i64,
) -> Result<Vec<ImportLineRow>> {
    get(session, id).await?;
    Ok(session.workspace.store.import_lines(id, action, limit, after).await?)
}
