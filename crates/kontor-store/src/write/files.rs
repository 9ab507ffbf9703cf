//! Applies writes to files and what they hold.

use sea_orm::Value;
use uuid::Uuid;

use super::apply::{Applying, Failure};
use crate::row::{OnConflict, moment};
use crate::system::file::{FileRow, FileWrite, Holder, PartRow};
use crate::unit::CommitError;

type Done = Result<(), Failure>;

/// Applies one write.
pub(crate) async fn apply(applying: &mut Applying<'_>, write: FileWrite) -> Done {
    match write {
        FileWrite::BeginContent { id, at } => {
            run(applying, "INSERT INTO @content (id, at) VALUES ($1, $2)", vec![id.into(), moment(at)]).await
        }
        FileWrite::AddContentPart { content, n, bytes } => {
            applying.insert_rows(&[PartRow { content, n, bytes }], OnConflict::Fail).await
        }
        FileWrite::EndContent { id, hash } => end(applying, id, hash).await,
        FileWrite::DropContent { id } => drop_content(applying, id).await,
        FileWrite::AddFile(file) => add(applying, file).await,
        FileWrite::HoldFile { id, holder } => hold(applying, id, holder).await,
        FileWrite::LetGoOfFile { id, at } => {
            // It is nobody's from now on, and goes when the day is over.
            let sql = "UPDATE @file SET entity = NULL, record = NULL, field = NULL, author = NULL, at = $2 \
                       WHERE id = $1";
            run(applying, sql, vec![id.into(), moment(at)]).await
        }
        FileWrite::LetGoOfFiles { entity, field, at } => {
            let sql = "UPDATE @file SET entity = NULL, record = NULL, field = NULL, author = NULL, at = $3 \
                       WHERE entity = $1 AND (field = $2 OR $2 = '')";
            run(applying, sql, vec![entity.into(), field.into(), moment(at)]).await
        }
        FileWrite::SweepFiles { before } => sweep(applying, moment(before)).await,
    }
}

/// The content is complete. When the same is kept already, the new one goes.
async fn end(applying: &mut Applying<'_>, id: Uuid, hash: String) -> Done {
    let sql = "UPDATE @content SET hash = $2 WHERE id = $1 \
               AND NOT EXISTS (SELECT 1 FROM @content known WHERE known.hash = $2)";
    if applying.execute(sql, vec![id.into(), hash.into()]).await? == 0 {
        return drop_content(applying, id).await;
    }
    Ok(())
}

async fn drop_content(applying: &mut Applying<'_>, id: Uuid) -> Done {
    run(applying, "DELETE FROM @content_part WHERE content = $1", vec![id.into()]).await?;
    run(applying, "DELETE FROM @content WHERE id = $1", vec![id.into()]).await
}

/// A file of a content that is there: touching it keeps the sweep away until the file holds it.
async fn add(applying: &mut Applying<'_>, file: FileRow) -> Done {
    let sql = "UPDATE @content SET at = $2 WHERE hash = $1";
    if applying.execute(sql, vec![file.hash.clone().into(), moment(file.at)]).await? == 0 {
        return Err(CommitError::Missing { entity: "@file".into(), id: file.id }.into());
    }
    applying.insert_rows(&[file], OnConflict::Fail).await
}

/// A record holds the file from now on. Somebody else's stays theirs.
async fn hold(applying: &mut Applying<'_>, id: Uuid, holder: Holder) -> Done {
    let sql = "UPDATE @file SET entity = $2, record = $3, field = $4 WHERE id = $1 \
               AND (entity IS NULL OR (entity = $2 AND record = $3 AND field = $4))";
    let values = vec![id.into(), holder.entity.into(), holder.record.into(), holder.field.into()];
    if applying.execute(sql, values).await? == 0 {
        return Err(CommitError::Conflict { entity: "@file".into(), id }.into());
    }
    Ok(())
}

/// Files that no record holds, and contents that no file has, when they are old enough.
async fn sweep(applying: &mut Applying<'_>, before: Value) -> Done {
    run(applying, "DELETE FROM @file WHERE entity IS NULL AND at < $1", vec![before.clone()]).await?;
    let sql = "DELETE FROM @content AS c WHERE c.at < $1 \
               AND (c.hash IS NULL OR NOT EXISTS (SELECT 1 FROM @file f WHERE f.hash = c.hash))";
    run(applying, sql, vec![before]).await?;
    let sql = "DELETE FROM @content_part AS p WHERE NOT EXISTS \
               (SELECT 1 FROM @content c WHERE c.id = p.content)";
    run(applying, sql, vec![]).await
}

async fn run(applying: &mut Applying<'_>, sql: &str, values: Vec<Value>) -> Done {
    applying.execute(sql, values).await?;
    Ok(())
}
