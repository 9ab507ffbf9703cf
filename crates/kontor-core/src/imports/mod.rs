//! Bringing in files: read, map, try out, run, undo. Every row takes the ordinary save path.

mod file;
mod guess;
mod mapping;
mod row;
mod run;
mod tally;
mod undo;

pub use file::{MAX_BYTES, Table, read};
pub use guess::guess;
pub use mapping::{ColumnMapping, Mapping};
pub use run::{ImportOutcome, LineProblems, run};
pub use tally::{Reason, Tally};
pub use undo::{Undone, undo};

use kontor_store::system::{ImportLineRow, ImportRow};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};

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

/// The lines of an import, those that were refused when `failed` is set.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lines(
    session: &Session,
    id: Uuid,
    failed: bool,
    limit: i64,
    after: i64,
) -> Result<Vec<ImportLineRow>> {
    get(session, id).await?;
    Ok(session.workspace.store.import_lines(id, failed.then_some("failed"), limit, after).await?)
}
