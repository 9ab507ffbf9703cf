//! What a save writes: the record, its journal row, its search text, the event for workflows, and what must be
//! unique.

use kontor_model::entity::system;
use kontor_model::working_time::HOLIDAYS;
use kontor_model::{EntityModel, Json, Record, Value};
use kontor_store::{JournalChange, JournalRow, NewEvent, Write};
use serde_json::json;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::Draft;
use super::lists::ListChange;
use crate::Session;

/// Adds the writes of a checked draft to the batch, but not those of its lists. A draft that changes nothing writes
/// nothing. A record whose lists change is changed: it gets a new version and says so in its history.
pub fn of_document(session: &Session, batch: &mut Batch, draft: &mut Draft, lists: &[ListChange]) {
    let entity = std::sync::Arc::clone(&draft.entity);
    let changed: Vec<usize> = draft.changed().into_iter().filter(|index| !is_stamp(*index)).collect();
    let id = draft.record.id();
    let actor = actor_value(session);
    let expected = draft.old.as_ref().map(Record::version);
    if expected.is_some() && changed.is_empty() && lists.is_empty() {
        return;
    }
    draft.record.set(system::UPDATED_AT, Value::DateTime(session.now));
    draft.record.set(system::UPDATED_BY, actor.clone());
    if let Some(version) = expected {
        draft.record.set(system::VERSION, Value::Integer(version + 1));
        let mut set: Vec<(usize, Value)> =
            changed.iter().map(|index| (*index, draft.record.at(*index).clone())).collect();
        set.push((system::UPDATED_AT, Value::DateTime(session.now)));
        set.push((system::UPDATED_BY, actor));
        batch.unit.push(Write::Update {
            entity: entity.name.clone(),
            id,
            expected_version: Some(version),
            set,
            bump: true,
        });
    } else {
        draft.record.set(system::VERSION, Value::Integer(1));
        draft.record.set(system::CREATED_AT, Value::DateTime(session.now));
        draft.record.set(system::CREATED_BY, actor);
        batch.unit.push(Write::Insert { entity: entity.name.clone(), record: draft.record.clone() });
    }
    super::held::hold(batch, draft, &changed);
    for fields in entity.occurring_once() {
        if fields.iter().any(|index| changed.contains(index)) {
            batch.unit.push(Write::Unique { entity: entity.name.clone(), fields, id });
        }
    }
    let action = if expected.is_some() { "update" } else { "create" };
    journal(session, batch, &entity, draft, action, &changed, lists);
    if entity.search.iter().any(|index| changed.contains(index)) {
        let text = search_text(session, &entity, &draft.record);
        batch.unit.push(Write::Search { entity: entity.name.clone(), id, text });
    }
    super::following::changed(session, batch, &entity, draft.old.as_ref(), &draft.record, &changed);
    remembered(session, batch, &entity);
    let event = if expected.is_some() { "updated" } else { "created" };
    let touched: Vec<usize> = changed.iter().copied().chain(lists.iter().map(|list| list.field)).collect();
    let happened = Happened { event, form: draft.form.as_deref() };
    emit(session, batch, &entity, happened, draft.old.as_ref(), &draft.record, &touched);
    batch.wrote(&entity, id, Some(draft.record.clone()));
}

/// Adds the writes that put a record into the bin (`deleted_at` set) or take it out.
pub fn of_bin(session: &Session, batch: &mut Batch, entity: &EntityModel, record: &Record, deleted: bool) {
    let id = record.id();
    let moment = if deleted { Value::DateTime(session.now) } else { Value::Empty };
    batch.unit.push(Write::Update {
        entity: entity.name.clone(),
        id,
        expected_version: Some(record.version()),
        set: vec![
            (system::DELETED_AT, moment),
            (system::UPDATED_AT, Value::DateTime(session.now)),
            (system::UPDATED_BY, actor_value(session)),
        ],
        bump: true,
    });
    if !deleted {
        for fields in entity.occurring_once() {
            batch.unit.push(Write::Unique { entity: entity.name.clone(), fields, id });
        }
    }
    let action = if deleted { "delete" } else { "restore" };
    batch.unit.push(Write::Journal(journal_row(
        session,
        entity,
        id,
        record.version() + 1,
        action,
        Vec::new(),
    )));
    let text = if deleted { None } else { search_text(session, entity, record) };
    batch.unit.push(Write::Search { entity: entity.name.clone(), id, text });
    super::following::changed(session, batch, entity, Some(record), record, &[system::DELETED_AT]);
    remembered(session, batch, entity);
    let event = if deleted { "deleted" } else { "restored" };
    emit(session, batch, entity, Happened { event, form: None }, Some(record), record, &[]);
    batch.wrote(entity, id, (!deleted).then(|| record.clone()));
}

fn journal(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    draft: &Draft,
    action: &str,
    changed: &[usize],
    lists: &[ListChange],
) {
    let of_lists = lists.iter().filter_map(|list| {
        let field = entity.fields.get(list.field)?;
        Some(JournalChange { field: field.name.clone(), old: Json::Null, new: list.to_json() })
    });
    let changes = changed
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        // The parts of a value are told by the whole.
        .filter(|field| field.index != system::ID && field.part.is_none())
        .map(|field| {
            let form =
                |value: &Value| if value.is_empty() { Json::Null } else { field.kind.to_json(field, value) };
            JournalChange {
                field: field.name.clone(),
                old: draft.old.as_ref().map_or(Json::Null, |old| form(old.at(field.index))),
                new: form(draft.record.at(field.index)),
            }
        })
        .chain(of_lists)
        .collect();
    let version = draft.record.version();
    batch.unit.push(Write::Journal(journal_row(
        session,
        entity,
        draft.record.id(),
        version,
        action,
        changes,
    )));
}

pub(crate) fn journal_row(
    session: &Session,
    entity: &EntityModel,
    record: Uuid,
    version: i64,
    action: &str,
    changes: Vec<JournalChange>,
) -> JournalRow {
    JournalRow {
        id: Uuid::now_v7(),
        at: session.now,
        entity: entity.name.clone(),
        record,
        version,
        action: action.to_owned(),
        actor: (!session.actor.id.is_nil()).then_some(session.actor.id),
        on_behalf: None,
        cause: Some(session.cause.label.clone().unwrap_or_else(|| session.origin.as_str().to_owned())),
        run: session.cause.run,
        changes,
    }
}

/// What happened to a record.
struct Happened<'a> {
    /// created, updated, deleted or restored.
    event: &'a str,
    /// The form through whose page.
    form: Option<&'a str>,
}

/// Tells the job runner, when a workflow of the pinned model listens to the entity.
fn emit(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    happened: Happened<'_>,
    old: Option<&Record>,
    record: &Record,
    changed: &[usize],
) {
    if session.cause.silent || !session.workspace.listens(&session.model, &entity.name) {
        return;
    }
    let names: Vec<&str> = changed
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .filter(|field| field.part.is_none())
        .map(|field| field.name.as_str())
        .collect();
    let form = |record: &Record| {
        let object = entity
            .fields
            .iter()
            .filter(|field| changed.contains(&field.index) && field.part.is_none())
            .map(|field| {
                let value = record.at(field.index);
                let json = if value.is_empty() { Json::Null } else { field.kind.to_json(field, value) };
                (field.name.clone(), json)
            })
            .collect();
        Json::Object(object)
    };
    batch.unit.push(Write::Event(NewEvent {
        id: Uuid::now_v7(),
        at: session.now,
        due_at: session.now,
        topic: "record".into(),
        entity: Some(entity.name.clone()),
        record: Some(record.id()),
        actor: (!session.actor.id.is_nil()).then_some(session.actor.id),
        payload: json!({
            "event": happened.event,
            "form": happened.form,
            "changed": names,
            "old": old.map(form),
            "new": form(record),
            "chain": session.cause.chain,
        }),
        key: None,
    }));
}

/// What the search finds a record by; nothing when all its search fields are empty.
pub fn search_text(session: &Session, entity: &EntityModel, record: &Record) -> Option<String> {
    let words: Vec<String> = entity
        .search
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .filter(|field| !record.at(field.index).is_empty())
        .map(|field| field.searched(record.at(field.index), session.actor.zone))
        .collect();
    (!words.is_empty()).then(|| words.join("\n"))
}

/// Every process remembers what some records say: people, and holidays.
fn remembered(session: &Session, batch: &mut Batch, entity: &EntityModel) {
    if entity.name == HOLIDAYS {
        crate::queue::working_time_changed(&mut batch.unit, session.now);
    }
    if entity.holds_people() || entity.name == HOLIDAYS {
        batch.unit.push(crate::identity::stamp::changed());
    }
}

fn is_stamp(index: usize) -> bool {
    matches!(
        index,
        system::VERSION | system::CREATED_AT | system::CREATED_BY | system::UPDATED_AT | system::UPDATED_BY
    )
}

fn actor_value(session: &Session) -> Value {
    if session.actor.id.is_nil() { Value::Empty } else { Value::Id(session.actor.id) }
}
