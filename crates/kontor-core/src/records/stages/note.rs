//! A save that moves a record ends its stay in the stage that it leaves and begins one in the stage that it enters.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::definition::process::ProcessDefinition;
use kontor_model::entity::system;
use kontor_model::filter::Offset;
use kontor_model::stages::{STAY, log};
use kontor_model::{EntityModel, FieldModel, Problems, Record, Value};
use uuid::Uuid;

use super::entries::{current, history, link, value};
use crate::Session;
use crate::error::Result;
use crate::records::batch::Batch;
use crate::records::draft::Draft;
use crate::records::process::of_entity;
use crate::records::writes;

/// Adds what a checked draft means for the history to the batch.
pub async fn note(session: &Session, batch: &mut Batch, draft: &Draft) -> Result<()> {
    let entity = &draft.entity;
    let mut fields: Vec<&FieldModel> = Vec::new();
    for process in of_entity(&session.model, entity).iter() {
        if let Some(field) = entity.field(&process.field)
            && draft.is_changed(field.index)
            && !fields.iter().any(|known| known.index == field.index)
        {
            fields.push(field);
        }
    }
    for field in &fields {
        moved(session, batch, draft, field).await?;
    }
    if draft.old.is_some() {
        let moved: Vec<usize> = fields.iter().map(|field| field.index).collect();
        passed_on(session, batch, draft, &moved).await?;
    }
    Ok(())
}

/// A record that comes under another process without a move has that one's time limit.
async fn passed_on(session: &Session, batch: &mut Batch, draft: &Draft, moved: &[usize]) -> Result<()> {
    let (entity, Some(old)) = (&draft.entity, &draft.old) else { return Ok(()) };
    let mut asked: Vec<&str> = Vec::new();
    for process in of_entity(&session.model, entity).iter() {
        let Some(field) = entity.field(&process.field) else { continue };
        let is_other = process.when.is_none() || moved.contains(&field.index);
        if is_other || asked.contains(&field.name.as_str()) {
            continue;
        }
        asked.push(&field.name);
        let before = super::deciding(session, batch, entity, old, &field.name).await?;
        let process = super::deciding(session, batch, entity, &draft.record, &field.name).await?;
        let name = |one: &Option<Arc<ProcessDefinition>>| one.as_ref().map(|one| one.name.clone());
        if name(&before) == name(&process) || batch.stays.contains_key(&(old.id(), field.index)) {
            continue;
        }
        let (history, settings) = (history(session)?, session.workspace.settings());
        let stage = draft.record.at(field.index).as_text().unwrap_or_default();
        let limit = process.as_ref().and_then(|process| process.stage(stage)?.limit());
        for entry in current(session, entity, old.id(), field, STAY).await? {
            let Value::DateTime(at) = *value(&history, &entry, log::AT) else { continue };
            let until = limit.map(|limit| limit.apply(at, settings.zone, &settings.working));
            let due = until.map_or(Value::Empty, Value::DateTime);
            if due != *value(&history, &entry, log::DUE) {
                change(session, batch, &history, entry, [(log::DUE, due)]);
            }
        }
    }
    Ok(())
}

async fn moved(session: &Session, batch: &mut Batch, draft: &Draft, field: &FieldModel) -> Result<()> {
    let entity = &draft.entity;
    let history = history(session)?;
    let id = draft.record.id();
    let key = (id, field.index);
    // A record that this batch has moved already has its latest entry there.
    let before = match batch.stays.get(&key) {
        Some(entry) => vec![entry.clone()],
        None if draft.old.is_some() => current(session, entity, id, field, STAY).await?,
        None => Vec::new(),
    };
    for entry in before {
        end(session, batch, &history, entry);
    }
    let Some(to) = draft.record.at(field.index).as_text().map(str::to_owned) else {
        batch.stays.remove(&key);
        return Ok(());
    };
    let from = draft.old.as_ref().map_or(Value::Empty, |old| old.at(field.index).clone());
    let process = super::deciding(session, batch, entity, &draft.record, &field.name).await?;
    let limit = process.as_ref().and_then(|process| process.stage(&to)?.limit());
    let settings = session.workspace.settings();
    let until = |limit: Offset| Value::DateTime(limit.apply(session.now, settings.zone, &settings.working));
    let due = limit.map_or(Value::Empty, until);
    let values =
        vec![(log::WHAT, Value::text(STAY)), (log::FROM, from), (log::TO, Value::text(&to)), (log::DUE, due)];
    let entry = begin(session, batch, &history, (entity, &draft.record, field), values);
    batch.stays.insert(key, entry);
    Ok(())
}

/// A new entry of a record, into the batch.
pub(super) fn begin(
    session: &Session,
    batch: &mut Batch,
    history: &Arc<EntityModel>,
    (entity, record, field): (&EntityModel, &Record, &FieldModel),
    values: Vec<(&str, Value)>,
) -> Record {
    let mut entry = Record::empty(history);
    entry.set(system::ID, Value::Id(Uuid::now_v7()));
    entry.set(system::OWNER, record.at(system::OWNER).clone());
    let by = if session.actor.id.is_nil() { Value::Empty } else { Value::Id(session.actor.id) };
    let own = [
        (log::RECORD, link(entity, record.id())),
        (log::ENTITY, Value::text(&entity.key)),
        (log::FIELD, Value::text(&field.key)),
        (log::AT, Value::DateTime(session.now)),
        (log::BY, by),
        (log::CURRENT, Value::Boolean(true)),
    ];
    for (name, value) in own.into_iter().chain(values) {
        if let Some(index) = history.field_index(name) {
            entry.set(index, value);
        }
    }
    write(session, batch, history, None, entry)
}

/// An entry that holds no longer, into the batch.
pub(super) fn end(session: &Session, batch: &mut Batch, history: &Arc<EntityModel>, entry: Record) {
    let stayed = match value(history, &entry, log::AT) {
        Value::DateTime(at) => Value::Integer((session.now - *at).num_seconds().max(0)),
        _ => Value::Empty,
    };
    let values = [
        (log::CURRENT, Value::Boolean(false)),
        (log::UNTIL, Value::DateTime(session.now)),
        (log::STAYED, stayed),
    ];
    change(session, batch, history, entry, values);
}

/// Other values of an entry, into the batch.
pub(super) fn change<'n>(
    session: &Session,
    batch: &mut Batch,
    history: &Arc<EntityModel>,
    entry: Record,
    values: impl IntoIterator<Item = (&'n str, Value)>,
) {
    let mut after = entry.clone();
    for (name, value) in values {
        if let Some(index) = history.field_index(name) {
            after.set(index, value);
        }
    }
    write(session, batch, history, Some(entry), after);
}

fn write(
    session: &Session,
    batch: &mut Batch,
    history: &Arc<EntityModel>,
    old: Option<Record>,
    record: Record,
) -> Record {
    let mut draft = Draft {
        entity: Arc::clone(history),
        old,
        record,
        given: BTreeSet::new(),
        problems: Problems::new(),
        lists: Vec::new(),
        held: Vec::new(),
        to_approve: Vec::new(),
        form: None,
    };
    writes::of_document(session, batch, &mut draft, &[]);
    draft.record
}
