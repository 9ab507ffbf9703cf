//! The files of a record that no field of it holds: its drawer. Who may read the record may have them, who may change it
//! may put some in and take some out.

use std::sync::Arc;

use kontor_model::EntityModel;
use kontor_model::access::Scope;
use kontor_store::system::{FileRow, FileWrite, Holder};
use kontor_store::{CommitError, CommitUnit};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand, demand_people};
use crate::portal::{self, Beside};
use crate::records::RecordView;
use crate::records::batch::Batch;
use crate::records::save::reach;

/// The feature of an entity.
pub(crate) const FEATURE: &str = kontor_model::entity::FILES;

/// Whether records of the entity have files of their own that are there for who asks.
pub fn has_own(session: &Session, entity: &EntityModel) -> bool {
    entity.has_feature(FEATURE) && portal::has(session, Beside::Files)
}

pub(super) fn demand_feature(session: &Session, entity: &EntityModel) -> Result<()> {
    if has_own(session, entity) { Ok(()) } else { Err(Error::NotFound) }
}

/// The files of a record, the latest first.
///
/// # Errors
/// [`Error::NotFound`] when the record cannot be seen, or its entity has no files.
pub async fn list(session: &Session, entity: &Arc<EntityModel>, record: Uuid) -> Result<Vec<FileRow>> {
    demand_feature(session, entity)?;
    crate::records::get(session, entity, record).await?;
    Ok(session.workspace.store.files_of(&entity.key, record).await?)
}

/// The files of a record that was read for who asks, as [`list`] gives them.
///
/// # Errors
/// [`Error::NotFound`] when its entity has no files.
pub async fn list_of(session: &Session, view: &RecordView) -> Result<Vec<FileRow>> {
    demand_feature(session, &view.entity)?;
    Ok(session.workspace.store.files_of(&view.entity.key, view.record.id()).await?)
}

/// Whether who asks may change what a record holds that was read for them.
pub async fn may_update(session: &Session, view: &RecordView) -> bool {
    let entity = &view.entity;
    if matches!(session.actor.access.entity(&entity.name).update, Scope::All) {
        return demand_people(session, entity).is_ok() && demand(session, entity, Verb::Update).is_ok();
    }
    demand_update(session, entity, view.record.id()).await.is_ok()
}

/// Refuses who may not change what the record holds.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`].
pub async fn demand_update(session: &Session, entity: &Arc<EntityModel>, record: Uuid) -> Result<()> {
    demand_feature(session, entity)?;
    demand_people(session, entity)?;
    demand(session, entity, Verb::Update)?;
    reach(session, &mut Batch::default(), entity, record, Verb::Update).await?;
    Ok(())
}

/// Puts a file that the actor has sent, or may read, into the drawer.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`].
pub async fn add(session: &Session, entity: &Arc<EntityModel>, record: Uuid, file: Uuid) -> Result<FileRow> {
    demand_update(session, entity, record).await?;
    let mut row = super::open(session, file).await?;
    let holder = Holder { entity: entity.key.clone(), record, field: String::new() };
    let mut unit = CommitUnit::new();
    if row.holder.is_some() {
        // Another record has it: this one gets a file of the same content.
        row = FileRow {
            id: Uuid::now_v7(),
            at: session.now,
            author: Some(session.actor.id),
            holder: None,
            ..row
        };
        unit.system(FileWrite::AddFile(row.clone()));
    }
    unit.system(FileWrite::HoldFile { id: row.id, holder: holder.clone() });
    commit(session, unit).await?;
    row.holder = Some(holder);
    Ok(row)
}

/// Takes a file out of the drawer.
///
/// # Errors
/// [`Error::NotFound`] when it is not there, [`Error::Forbidden`].
pub async fn remove(
    session: &Session,
    entity: &Arc<EntityModel>,
    record: Uuid,
    file: Uuid,
) -> Result<FileRow> {
    demand_update(session, entity, record).await?;
    let files = session.workspace.store.files_of(&entity.key, record).await?;
    let row = files.into_iter().find(|row| row.id == file).ok_or(Error::NotFound)?;
    commit(session, CommitUnit::from(FileWrite::LetGoOfFile { id: file, at: session.now })).await?;
    Ok(row)
}

async fn commit(session: &Session, unit: CommitUnit) -> Result<()> {
    match session.workspace.store.commit(&session.model, unit).await {
        Ok(_) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(CommitError::Conflict { .. } | CommitError::Missing { .. }) => Err(Error::NotFound),
        Err(error) => Err(Error::internal(error)),
    }
}
