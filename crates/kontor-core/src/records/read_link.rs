//! Reads a link: from the text of a form, where it may be a title, and from JSON.

use std::str::FromStr;
use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Value};
use uuid::Uuid;

use super::batch::{Batch, Found};
use super::parse::is_visible;
use crate::Session;
use crate::error::Result;

/// A link in a form: an id, `entity:id`, or the exact title of a record.
pub(super) async fn of_text(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    text: &str,
) -> Result<Result<Value, Problem>> {
    let (names, rest) = match text.split_once(':') {
        Some((entity, rest)) if field.targets.iter().any(|target| target == entity) => {
            (vec![entity.to_owned()], rest)
        }
        _ => (field.targets.clone(), text),
    };
    let wrong = |code: Unlinked| {
        let named = names.first().filter(|_| rest.len() < text.len());
        code.problem(session, field, named.and_then(|name| session.model.entity(name)), rest.trim())
    };
    if let Ok(id) = Uuid::from_str(rest.trim()) {
        return reach(session, batch, field, &names, id).await;
    }
    let mut found = Vec::new();
    for name in &names {
        let Some(entity) = session.model.entity(name).cloned() else { continue };
        let display = entity.display_field();
        let Ok(value) = display.kind.parse_text(display, rest.trim(), &session.parse_context()) else {
            continue;
        };
        match batch.find(session, &entity, display.index, &value).await? {
            Found::One(id) => found.push((name.clone(), id)),
            Found::Several => {
                return Ok(Err(wrong(Unlinked::Several)));
            }
            Found::None => {}
        }
    }
    Ok(match found.as_slice() {
        [(entity, id)] => Ok(pointer(field, entity, *id)),
        [] => Err(wrong(Unlinked::Nothing)),
        _ => Err(wrong(Unlinked::Several)),
    })
}

/// Why a text leads to no record.
#[derive(Clone, Copy)]
enum Unlinked {
    Nothing,
    Several,
}

impl Unlinked {
    /// The problem. Where the text names the entity, so does the message, as people call it.
    fn problem(
        self,
        session: &Session,
        field: &FieldModel,
        named: Option<&Arc<EntityModel>>,
        text: &str,
    ) -> Problem {
        let (code, among) = match self {
            Self::Nothing => ("link_not_found", "link_not_found_among"),
            Self::Several => ("link_ambiguous", "link_ambiguous_among"),
        };
        let problem = Problem::at_field(code, &field.name).with("value", text);
        let Some(entity) = named else { return problem };
        let told = Problem::new(among, "")
            .with("value", text)
            .with("entity", entity.plural_label(&session.catalogue));
        problem.saying(told.message(&session.catalogue))
    }
}

/// A link in JSON: an id, `{ "id" }`, `{ "entity", "id" }`, or `{ FIELD: VALUE }` of a field that tells records
/// apart.
pub(super) async fn of_json(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    json: &Json,
) -> Result<Result<Value, Problem>> {
    let wrong = || Problem::at_field("link_wrong", &field.name);
    let (names, object) = match json {
        Json::String(text) => {
            let Ok(id) = Uuid::from_str(text) else { return Ok(Err(wrong())) };
            return reach(session, batch, field, &field.targets, id).await;
        }
        Json::Object(object) => match object.get("entity").and_then(Json::as_str) {
            Some(entity) if field.targets.iter().any(|target| target == entity) => {
                (vec![entity.to_owned()], object)
            }
            Some(other) => {
                let problem = Problem::at_field("entity_not_allowed", &field.name).with("value", other);
                return Ok(Err(problem.with("options", field.targets.join(", "))));
            }
            None => (field.targets.clone(), object),
        },
        _ => return Ok(Err(wrong())),
    };
    if let Some(id) = object.get("id") {
        let Some(id) = id.as_str().and_then(|text| Uuid::from_str(text).ok()) else {
            return Ok(Err(wrong()));
        };
        return reach(session, batch, field, &names, id).await;
    }
    let mut by = object.iter().filter(|(key, _)| key.as_str() != "entity" && key.as_str() != "title");
    let (Some((name, value)), None) = (by.next(), by.next()) else { return Ok(Err(wrong())) };
    let mut found = Vec::new();
    let mut is_known = false;
    for target in &names {
        let Some(entity) = session.model.entity(target).cloned() else { continue };
        let access = session.actor.access.entity(target);
        let Some(other) = entity.field(name).filter(|other| access.field(&other.name) > FieldRight::None)
        else {
            continue;
        };
        is_known = true;
        let Ok(value) = other.kind.parse_json(other, value, &session.parse_context()) else { continue };
        match batch.find(session, &entity, other.index, &value).await? {
            Found::One(id) => found.push((target.clone(), id)),
            Found::Several => {
                return Ok(Err(
                    Problem::at_field("link_ambiguous", &field.name).with("value", plain(value, other))
                ));
            }
            Found::None => {}
        }
    }
    Ok(match found.as_slice() {
        [(entity, id)] => Ok(pointer(field, entity, *id)),
        [] if !is_known => {
            let problem = Problem::at_field("unknown_field", &field.name).with("field", name);
            Err(problem.with("entity", names.join(", ")))
        }
        [] => Err(Problem::at_field("link_not_found", &field.name).with("value", json_text(value))),
        _ => Err(Problem::at_field("link_ambiguous", &field.name).with("value", json_text(value))),
    })
}

fn json_text(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn plain(value: Value, field: &FieldModel) -> String {
    field.kind.to_text(field, &value, chrono_tz::UTC)
}

/// The link to a record, when it is there and the actor may see it.
async fn reach(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    names: &[String],
    id: Uuid,
) -> Result<Result<Value, Problem>> {
    for name in names {
        let Some(entity) = session.model.entity(name).cloned() else { continue };
        if is_visible(session, batch, &entity, id).await? {
            return Ok(Ok(pointer(field, name, id)));
        }
    }
    Ok(Err(Problem::at_field("link_not_found", &field.name).with("value", id)))
}

fn pointer(field: &FieldModel, entity: &str, id: Uuid) -> Value {
    if field.kind.names_entity() {
        Value::AnyLink(AnyLink { entity: entity.to_owned(), id })
    } else {
        Value::Id(id)
    }
}
