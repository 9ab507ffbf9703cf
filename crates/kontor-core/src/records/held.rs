//! Files that a record is given: known by their ids until here. Each becomes what it was when it was sent, if the writer
//! may have it; a file that another record holds becomes another one of the same content.

use kontor_model::value::{HeldFile, Signed, Value};
use kontor_model::{EntityModel, FieldModel, Problem};
use kontor_store::system::{FileRow, FileWrite, Holder};
use uuid::Uuid;

use super::batch::Batch;
use super::draft::Draft;
use crate::Session;
use crate::error::{Error, Result};
use crate::files;

/// Settles the files of all fields that the draft changes; what is wrong is in its problems.
pub async fn settle(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let entity = std::sync::Arc::clone(&draft.entity);
    for field in entity.fields.iter().filter(|field| field.kind.holds_files()) {
        if draft.is_changed(field.index) && !draft.record.at(field.index).is_empty() {
            settle_field(session, batch, draft, &entity, field).await?;
        }
    }
    Ok(())
}

async fn settle_field(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    entity: &EntityModel,
    field: &FieldModel,
) -> Result<()> {
    let is_wrong =
        draft.problems.iter().any(|problem| problem.field() == Some(&field.name) && !problem.warning);
    let before: Vec<HeldFile> =
        draft.old.as_ref().map(|old| old.at(field.index).files().to_vec()).unwrap_or_default();
    let record = draft.record.id();
    let own = Holder { entity: entity.key.clone(), record, field: field.key.clone() };
    let mut settled: Vec<HeldFile> = Vec::new();
    let mut has_new = false;
    for file in draft.record.at(field.index).files().to_vec() {
        let known = before.iter().find(|known| known.id == file.id && !file.is_typed());
        let known = known.or_else(|| batch.held(record, field.index, file.id));
        let held = if let Some(known) = known {
            Some(known.clone())
        } else if is_wrong {
            None
        } else {
            has_new = true;
            find(session, batch, field, &own, &file).await?
        };
        match held {
            Some(held) if settled.iter().any(|other| other.id == held.id) => {}
            Some(held) => settled.push(held),
            None if is_wrong => {}
            None => {
                draft.problems.push(Problem::at_field("file_unknown", &field.name));
                draft.record.set(field.index, draft_before(draft, field));
                return Ok(());
            }
        }
    }
    let mut value = if settled.is_empty() { Value::Empty } else { Value::Files(settled) };
    if has_new {
        if field.kind.is_signed() && !before.is_empty() && !is_wrong {
            draft.problems.push(Problem::at_field("signed_already", &field.name));
            value = draft_before(draft, field);
        } else if !value.is_empty() {
            field.kind.check(field, &mut value, &mut draft.problems);
        }
    }
    draft.record.set(field.index, value);
    Ok(())
}

fn draft_before(draft: &Draft, field: &FieldModel) -> Value {
    draft.old.as_ref().map(|old| old.at(field.index).clone()).unwrap_or_default()
}

/// The file as the record will hold it; `None` when the writer may not have it.
async fn find(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    own: &Holder,
    file: &HeldFile,
) -> Result<Option<HeldFile>> {
    if file.is_typed() {
        let row = typed(session, batch, &file.name);
        return Ok(Some(keep(session, batch, field, own, &row)));
    }
    if let Some(row) = batch.made(file.id).filter(|_| !batch.is_claimed(file.id)).cloned() {
        return Ok(Some(keep(session, batch, field, own, &row)));
    }
    let Some(row) = session.workspace.store.file(file.id).await? else { return Ok(None) };
    if row.holder.as_ref() == Some(own) {
        // An earlier value of the same field comes back.
        return Ok(Some(keep(session, batch, field, own, &row)));
    }
    match files::open(session, file.id).await {
        Ok(_) => {}
        Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    }
    if row.holder.is_none() && !batch.is_claimed(row.id) {
        return Ok(Some(keep(session, batch, field, own, &row)));
    }
    let copy = FileRow {
        id: Uuid::now_v7(),
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        at: session.now,
        holder: None,
        ..row
    };
    batch.unit.system(FileWrite::AddFile(copy.clone()));
    Ok(Some(keep(session, batch, field, own, &copy)))
}

/// Remembers what a file became in this batch, so that it is looked for once.
fn keep(session: &Session, batch: &mut Batch, field: &FieldModel, own: &Holder, row: &FileRow) -> HeldFile {
    let mut held = files::held(row);
    if field.kind.is_signed() {
        held.signed = Some(Signed {
            by: (!session.actor.id.is_nil()).then_some(session.actor.id),
            name: session.actor.name.clone(),
            at: session.now,
        });
    }
    batch.hold(own.record, field.index, held.clone());
    held
}

/// A name that was typed as a signature, as a small text.
fn typed(session: &Session, batch: &mut Batch, name: &str) -> FileRow {
    let bytes = name.as_bytes().to_vec();
    let content = Uuid::now_v7();
    let row = FileRow {
        id: Uuid::now_v7(),
        hash: files::hash_of(&bytes),
        name: name.to_owned(),
        media_type: "text/plain".to_owned(),
        size: bytes.len() as u64,
        pixels: None,
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        at: session.now,
        holder: None,
    };
    batch.unit.system(FileWrite::BeginContent { id: content, at: session.now });
    batch.unit.system(FileWrite::AddContentPart { content, n: 0, bytes });
    batch.unit.system(FileWrite::EndContent { id: content, hash: row.hash.clone() });
    batch.unit.system(FileWrite::AddFile(row.clone()));
    row
}

/// The writes by which the record holds the files that it did not hold before.
pub fn hold(batch: &mut Batch, draft: &Draft, changed: &[usize]) {
    let record = draft.record.id();
    for index in changed {
        let Some(field) = draft.entity.fields.get(*index).filter(|field| field.kind.holds_files()) else {
            continue;
        };
        let before = draft.old.as_ref().map(|old| old.at(*index).files()).unwrap_or_default();
        for file in draft.record.at(*index).files() {
            if before.iter().any(|known| known.id == file.id) {
                continue;
            }
            let holder = Holder { entity: draft.entity.key.clone(), record, field: field.key.clone() };
            let write = FileWrite::HoldFile { id: file.id, holder };
            batch.unit.system(write);
        }
    }
}
