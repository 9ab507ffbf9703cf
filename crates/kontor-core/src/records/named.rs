//! Values that are names of parts of definitions (facet `names`), as their readers know those parts: by their titles.

use kontor_model::access::FieldRight;
use kontor_model::definition::entity::NamesDefinition;
use kontor_model::definition::process::ProcessDefinition;
use kontor_model::{EntityModel, FieldModel};

use crate::Session;
use crate::permissions::{Verb, allows, field_right};

/// The title of what a value of a field names, in the reader's language; `beside` gives the text of another field of the
/// same record. `None` when the field names nothing, when what it names is not there any more, and when the reader may
/// not see it: then the value stands for itself.
pub fn named(
    session: &Session,
    field: &FieldModel,
    value: &str,
    beside: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let names = field.definition.names.as_ref()?;
    let labels = &session.catalogue;
    if names.what == "entity" {
        return Some(entity_of(session, value)?.label(labels).to_owned());
    }
    let entity = entity_of(session, &beside(names.entity_in.as_deref()?)?)?;
    if names.what == "field" {
        return Some(field_of(session, entity, value)?.label(labels).to_owned());
    }
    let field = field_of(session, entity, &beside(names.field_in.as_deref()?)?)?;
    if names.what == "option" {
        return Some(field.option_label(value, labels).to_owned());
    }
    let stage = beside(names.option_in.as_deref()?)?;
    session.model.about::<ProcessDefinition>(&entity.name).iter().find_map(|process| {
        let stage = process.stage(&stage).filter(|_| process.field == field.name)?;
        let check = stage.checklist.iter().find(|check| check.name == value)?;
        let path = format!("stages.{}.checklist.{value}.title", stage.value);
        Some(labels.label("process", &process.name, &path, &check.title).to_owned())
    })
}

/// The fields whose values say whose the names of a field are.
pub fn fields_beside<'a>(
    entity: &'a EntityModel,
    field: &'a FieldModel,
) -> impl Iterator<Item = &'a FieldModel> {
    let names = field.definition.names.as_ref();
    names.into_iter().flat_map(NamesDefinition::beside).filter_map(|(_, name)| entity.field(name))
}

/// An entity whose records the reader may read, by its name, or by its key, which outlives names.
fn entity_of<'a>(session: &'a Session, name: &str) -> Option<&'a EntityModel> {
    let mut keyed = session.model.entities.values();
    let found = session.model.entity(name).or_else(|| keyed.find(|entity| entity.key == name))?;
    allows(session, found, Verb::Read).then_some(found.as_ref())
}

/// A field that the reader may read, by its name or key.
fn field_of<'a>(session: &Session, entity: &'a EntityModel, name: &str) -> Option<&'a FieldModel> {
    let field = entity.field(name).or_else(|| entity.own_fields().find(|field| field.key == name))?;
    let access = session.actor.access.entity(&entity.name);
    (field_right(access, entity, field) > FieldRight::None).then_some(field)
}
