//! Steps 2 and 3 of a save: which fields may be written, and reading what was sent. All problems are collected.

use kontor_model::access::FieldRight;
use kontor_model::entity::system;
use kontor_model::value::Secret;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems, Value};
use uuid::Uuid;

use super::batch::Batch;
use super::draft::{Draft, Incoming};
use super::read_link;
use crate::error::Result;
use crate::permissions::field_right;
use crate::{Origin, Session};

/// Reads what was sent into the draft.
pub async fn read_values(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    values: Vec<(String, Incoming)>,
) -> Result<()> {
    let entity = std::sync::Arc::clone(&draft.entity);
    let access = session.actor.access.entity(&entity.name);
    let mut parts = Vec::new();
    for (name, incoming) in values {
        let Some(field) = entity.field(&name) else {
            draft.problems.push(Problem::at_field("unknown_field", &name).with("field", &name));
            continue;
        };
        let right = field_right(access, &entity, field);
        if access.is_masked(&field.name) {
            draft.problems.push(Problem::at_field("read_only", &name).with("field", &field.title));
            continue;
        }
        if right == FieldRight::None {
            draft.problems.push(Problem::at_field("unknown_field", &name).with("field", &name));
            continue;
        }
        // A file that names a record's number beside what it changes says nothing new.
        if session.origin == Origin::Import && field.kind.is_drawn() && draft.old.is_some() {
            let read = read_value(session, batch, field, incoming.clone()).await?;
            let is_same =
                |old: &kontor_model::Record| read.as_ref().is_ok_and(|new| new == old.at(field.index));
            if draft.old.as_ref().is_some_and(is_same) {
                continue;
            }
        }
        if session.origin == Origin::Import && names_its_files(draft, field, &incoming) {
            continue;
        }
        if right < FieldRight::Edit || !may_write(session, field, draft) {
            draft.problems.push(Problem::at_field("read_only", &name).with("field", &field.title));
            continue;
        }
        if draft.given.contains(&field.index) {
            draft.problems.push(Problem::at_field("given_twice", &name).with("field", &name));
            continue;
        }
        if field.kind.is_list() {
            super::lists::read(session, batch, draft, field, incoming).await?;
            continue;
        }
        if let (Some(part), Some(whole)) = (field.part, whole_of(&entity, field)) {
            if draft.given.contains(&whole.index) && !parts.contains(&whole.index) {
                draft.problems.push(Problem::at_field("given_twice", &name).with("field", &whole.name));
                continue;
            }
            // In a whole, its numbers are numbers, too.
            let is_text = matches!(&incoming, Incoming::Json(Json::String(text)) if !text.trim().is_empty());
            if field.kind.is_number() && is_text {
                let problem = Problem::at_field("wrong_type", &name).with("expected", "number");
                draft.problems.push(problem);
                continue;
            }
            if may_write(session, whole, draft) {
                match read_value(session, batch, field, incoming).await? {
                    Ok(value) => put_part(draft, field, part.name, whole, &value),
                    Err(problem) => draft.problems.push(problem),
                }
                draft.given.extend([field.index, whole.index]);
                if !parts.contains(&whole.index) {
                    parts.push(whole.index);
                }
            } else {
                draft.problems.push(Problem::at_field("read_only", &name).with("field", &whole.title));
            }
            continue;
        }
        let computed = matches!(incoming, Incoming::Value(_)) || session.origin == Origin::Workflow;
        match read_value(session, batch, field, incoming).await? {
            Ok(mut value) => {
                if !computed && let Some(limit) = digits_lost(field, &value) {
                    let problem = Problem::at_field("too_many_digits", &name).with("limit", limit);
                    draft.problems.push(problem);
                    continue;
                }
                if value == Value::Secret(Secret::Kept) {
                    // What stays as it is, is nothing in a record that has none.
                    value = draft.old.as_ref().map(|old| old.at(field.index).clone()).unwrap_or_default();
                }
                if !value.is_empty() {
                    check(draft, field, &mut value);
                }
                if field.index == system::OWNER && !access.assign && !is_own(session, draft, &value) {
                    draft.problems.push(Problem::at_field("may_not_assign", &name));
                    continue;
                }
                draft.given.insert(field.index);
                draft.record.set(field.index, value);
            }
            Err(problem) if session.origin == Origin::Import && problem.code == "not_a_file" => {
                draft.problems.push(Problem::at_field("files_by_name", &name).with("field", &field.title));
            }
            Err(problem) => draft.problems.push(problem),
        }
    }
    for index in parts {
        settle_parts(draft, &entity, index);
    }
    kontor_model::kind::settle(&entity, &mut draft.record);
    super::held::settle(session, batch, draft).await
}

/// Whether a file says of a record what it has: an exported list names the files that a field holds, and brings none.
fn names_its_files(draft: &Draft, field: &FieldModel, incoming: &Incoming) -> bool {
    let (true, Incoming::Text(text), Some(old)) = (field.kind.holds_files(), incoming, &draft.old) else {
        return false;
    };
    let held = old.at(field.index);
    !held.is_empty() && field.kind.title(field, held, chrono_tz::UTC) == text.trim()
}

/// Checks a value; what was stored before it was refused may stay, with a word.
fn check(draft: &mut Draft, field: &FieldModel, value: &mut Value) {
    let mut found = Problems::new();
    field.kind.check(field, value, &mut found);
    let old = draft.old.as_ref().map(|old| old.at(field.index));
    for problem in found.0 {
        let stays = old.is_some_and(|old| field.kind.may_stay(&problem, old, value));
        draft.problems.push(if stays { problem.as_warning() } else { problem });
    }
}

/// How many digits after the point a number may have, when it has more: what somebody wrote is kept or refused, and
/// never rounded without a word. What was computed is rounded.
fn digits_lost(field: &FieldModel, value: &Value) -> Option<u8> {
    let scale = field.kind.scale(field)?;
    let number = value.as_decimal()?;
    let rounded = number.rescale(scale)?;
    (rounded != number).then_some(scale)
}

/// The field that a part belongs to.
fn whole_of<'e>(entity: &'e EntityModel, field: &FieldModel) -> Option<&'e FieldModel> {
    entity.fields.get(field.companion_of?)
}

/// Puts a part that came by itself into the whole as it is so far.
fn put_part(draft: &mut Draft, field: &FieldModel, part: &str, whole: &FieldModel, value: &Value) {
    let mut object = match draft.record.at(whole.index) {
        Value::Json(Json::Object(object)) => object.clone(),
        _ => serde_json::Map::new(),
    };
    if value.is_empty() {
        object.shift_remove(part);
    } else {
        object.insert(part.to_owned(), field.kind.to_json(field, value));
    }
    let whole_value = if object.is_empty() { Value::Empty } else { Value::Json(Json::Object(object)) };
    draft.record.set(whole.index, whole_value);
}

/// Reads a whole that was put together from parts as if it had come at once.
fn settle_parts(draft: &mut Draft, entity: &EntityModel, index: usize) {
    let Some(whole) = entity.fields.get(index) else { return };
    let Value::Json(json) = draft.record.at(index).clone() else { return };
    let catalogue = kontor_model::locale::Catalogue::default();
    let context = kontor_model::kind::ParseContext::neutral(&catalogue);
    match whole.kind.parse_json(whole, &json, &context) {
        Ok(mut value) => {
            if !value.is_empty() {
                check(draft, whole, &mut value);
            }
            draft.record.set(index, value);
        }
        Err(problem) => draft.problems.push(problem),
    }
}

/// Whether an owner is the one that the record has already, or the actor of a new one.
fn is_own(session: &Session, draft: &Draft, owner: &Value) -> bool {
    match &draft.old {
        Some(old) => old.at(system::OWNER) == owner,
        None => owner.as_id() == Some(session.actor.id),
    }
}

/// Whether the way in may write the field at all, apart from rights. Numbers are drawn; a file may bring those of another
/// system with the records that it makes.
fn may_write(session: &Session, field: &FieldModel, draft: &Draft) -> bool {
    if !field.is_typed() {
        return false;
    }
    match field.definition.write.as_deref() {
        Some("nobody") => false,
        Some("automation") => {
            session.origin == Origin::Workflow || session.cause.run.is_some() || session.cause.script
        }
        _ => !field.kind.is_drawn() || (draft.old.is_none() && session.origin == Origin::Import),
    }
}

/// Reads one value. The outer result is a failure, the inner one what the person can put right.
pub async fn read_value(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    incoming: Incoming,
) -> Result<Result<Value, Problem>> {
    match incoming {
        Incoming::Value(value) => Ok(Ok(value)),
        Incoming::List(_) => {
            Ok(Err(Problem::at_field("wrong_type", &field.name).with("expected", field.kind.name())))
        }
        Incoming::Text(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Ok(Ok(field.kind.when_absent()));
            }
            if field.kind.is_link() {
                return read_link::of_text(session, batch, field, text).await;
            }
            Ok(field.kind.parse_text(field, text, &session.parse_context()))
        }
        Incoming::Json(json) => match &json {
            Json::Null => Ok(Ok(Value::Empty)),
            Json::String(text) if text.is_empty() => Ok(Ok(Value::Empty)),
            _ if field.kind.is_link() => read_link::of_json(session, batch, field, &json).await,
            _ => Ok(field.kind.parse_json(field, &json, &session.parse_context())),
        },
    }
}

/// Whether the actor may see the record, and it is not in the bin.
pub async fn is_visible(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    id: Uuid,
) -> Result<bool> {
    let scope = session.actor.access.entity(&entity.name).read.clone();
    let Some(record) = batch.record(session, entity, id).await? else { return Ok(false) };
    match scope {
        kontor_model::access::Scope::All => Ok(true),
        kontor_model::access::Scope::None => Ok(false),
        kontor_model::access::Scope::Where(filter) => {
            super::subject::holds(session, batch, &record, &filter).await
        }
    }
}
