//! Files that the engine makes itself: their content goes into the batch, so that they are there with what holds them, or not
//! at all.

use std::sync::Arc;

use kontor_model::held_file::size_text;
use kontor_model::{EntityModel, Problem};
use kontor_store::system::{FileRow, FileWrite, Holder, PART};
use uuid::Uuid;

use super::own::demand_feature;
use super::{media, name, receive};
use crate::Session;
use crate::error::Result;
use crate::permissions::{Verb, demand, demand_people};
use crate::records::batch::Batch;
use crate::records::save::reach;

/// Puts a file of this content into the batch. Nobody holds it yet: a save of the same batch may.
///
/// # Errors
/// A problem when it is larger than the workspace takes.
pub fn make(session: &Session, batch: &mut Batch, given: &str, bytes: &[u8]) -> Result<FileRow> {
    let name = name::safe(given);
    let size = bytes.len() as u64;
    let limit = session.workspace.settings().file_limit;
    if size > limit {
        let problem = Problem::new("file_over_limit", "").with("name", &name);
        return Err(problem.with("limit", size_text(limit)).into());
    }
    let content = Uuid::now_v7();
    let row = FileRow {
        id: Uuid::now_v7(),
        hash: receive::hash_of(bytes),
        media_type: media::of_bytes(bytes, &name),
        name,
        size,
        pixels: None,
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        at: session.now,
        holder: None,
    };
    batch.unit.system(FileWrite::BeginContent { id: content, at: session.now });
    for (n, part) in (0..).zip(bytes.chunks(PART)) {
        batch.unit.system(FileWrite::AddContentPart { content, n, bytes: part.to_vec() });
    }
    batch.unit.system(FileWrite::EndContent { id: content, hash: row.hash.clone() });
    batch.unit.system(FileWrite::AddFile(row.clone()));
    batch.make(row.clone());
    Ok(row)
}

/// Puts a file that the batch makes into the drawer of a record, for who may change that.
///
/// # Errors
/// [`crate::Error::NotFound`], [`crate::Error::Forbidden`].
pub async fn put(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    record: Uuid,
    file: &FileRow,
) -> Result<()> {
    demand_drawer(session, batch, entity, record).await?;
    let holder = Holder { entity: entity.key.clone(), record, field: String::new() };
    batch.unit.system(FileWrite::HoldFile { id: file.id, holder });
    Ok(())
}

/// Refuses who may not change what the record holds, as the batch has it.
async fn demand_drawer(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    record: Uuid,
) -> Result<()> {
    demand_feature(session, entity)?;
    demand_people(session, entity)?;
    demand(session, entity, Verb::Update)?;
    reach(session, batch, entity, record, Verb::Update).await?;
    Ok(())
}
