//! In the portal a form is the only way in: what it shows only to read, or does not show, is not taken from who sends it
//! all the same.

use kontor_core::permissions::field_right;
use kontor_core::records::{Incoming, RecordView};
use kontor_model::access::FieldRight;
use kontor_model::form;
use kontor_model::{EntityModel, FieldModel, Problem, Problems};

use crate::visit::Reader;

const RECORD_TYPE: &str = "record_type";

/// `hidden` problems for what the forms of the portal do not offer for writing; none inside.
pub fn refused(
    reader: &Reader,
    entity: &EntityModel,
    stored: Option<&RecordView>,
    values: &[(String, Incoming)],
) -> Problems {
    let mut problems = Problems::new();
    if reader.session.portal.is_none() {
        return problems;
    }
    let sent = values.iter().find_map(|(name, value)| match value {
        Incoming::Text(text) if name == RECORD_TYPE && !text.is_empty() => Some(text.clone()),
        _ => None,
    });
    let known = stored.and_then(|view| view.record.get(entity, RECORD_TYPE).as_text().map(str::to_owned));
    let record_type = known.or(sent);
    let roles: Vec<&str> = reader.session.actor.roles.iter().map(String::as_str).collect();
    let model = &reader.session.model;
    let own = form::in_portal(model, entity, record_type.as_deref(), &roles);
    // What a look-up makes on the way has a short form of its own.
    let short = form::quick(model, entity, record_type.as_deref(), &roles);
    let items: Vec<_> = std::iter::once(&own).chain(&short).flat_map(|form| form::items(form)).collect();
    for (name, _) in values.iter().filter(|(name, _)| name != RECORD_TYPE) {
        let Some(field) = entity.field(name).map(|field| whole(entity, field)) else { continue };
        // What does not exist for who sends it is refused as an unknown name is, in the core.
        let access = reader.session.actor.access.entity(&entity.name);
        if field_right(access, entity, field) == FieldRight::None {
            continue;
        }
        let mut placed = items.iter().filter(|item| item.field.as_ref() == Some(&field.name)).peekable();
        // A form asks for what a record must have, wherever it stands.
        let is_asked_beside = placed.peek().is_none() && field.required && !field.system;
        if !is_asked_beside && !placed.any(|item| !item.readonly) {
            problems.push(Problem::at_field("hidden", &field.name).with("field", &field.title));
        }
    }
    problems
}

/// The field that a part or a currency belongs to.
fn whole<'e>(entity: &'e EntityModel, field: &'e FieldModel) -> &'e FieldModel {
    field.companion_of.and_then(|index| entity.fields.get(index)).unwrap_or(field)
}
