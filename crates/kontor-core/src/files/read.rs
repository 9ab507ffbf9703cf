//! Who may have a file: whoever may read the record that holds it, and the field. A file that no record holds is seen by
//! who sent it alone. Everybody else is told that there is none.

use kontor_model::access::FieldRight;
use kontor_store::system::FileRow;
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::field_right;
use crate::portal::{self, Beside};
use crate::records;

/// The file, for who may have it.
///
/// # Errors
/// [`Error::NotFound`], whatever the reason.
pub async fn open(session: &Session, id: Uuid) -> Result<FileRow> {
    let row = session.workspace.store.file(id).await?.ok_or(Error::NotFound)?;
    let Some(holder) = &row.holder else {
        let is_own = row.author == Some(session.actor.id);
        // The operator's commands act for the workspace itself, which everything belongs to.
        let is_workspace = session.actor.id.is_nil() && session.actor.access.is_everything();
        return if is_own || is_workspace { Ok(row) } else { Err(Error::NotFound) };
    };
    let entity = session.model.entities.values().find(|entity| entity.key == holder.entity);
    let entity = entity.cloned().ok_or(Error::NotFound)?;
    if holder.field.is_empty() && !portal::has(session, Beside::Files) {
        return Err(Error::NotFound);
    }
    if !holder.field.is_empty() {
        let field = entity.fields.iter().find(|field| field.key == holder.field && field.kind.holds_files());
        let field = field.ok_or(Error::NotFound)?;
        let access = session.actor.access.entity(&entity.name);
        if field_right(access, &entity, field) == FieldRight::None {
            return Err(Error::NotFound);
        }
    }
    match records::get(session, &entity, holder.record).await {
        Ok(_) => Ok(row),
        Err(Error::Forbidden(_) | Error::NotFound) => Err(Error::NotFound),
        Err(error) => Err(error),
    }
}

/// One part of what a file holds, from 0; nothing behind the last one.
///
/// # Errors
/// When the database does not answer.
pub async fn part(session: &Session, row: &FileRow, n: i64) -> Result<Option<Vec<u8>>> {
    Ok(session.workspace.store.content_part(&row.hash, n).await?)
}
