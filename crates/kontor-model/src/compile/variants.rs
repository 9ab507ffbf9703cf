//! Record types: a variant's own fields, demands and options are conditions like any other, on `record_type`.

use serde_json::json;

use super::fields::RECORD_TYPE;
use crate::definition::entity::RecordTypeDefinition;
use crate::entity::{Conditions, EntityModel, FieldModel};
use crate::filter::Filter;
use crate::model::Model;
use crate::problem::{Problem, Problems};

/// Adds what the entity's variants say of a field to its conditions.
pub(super) fn narrow(field: &FieldModel, entity: &EntityModel, model: &Model, conditions: &mut Conditions) {
    let variants = &entity.definition.record_types;
    if variants.is_empty() || field.system || field.name == RECORD_TYPE {
        return;
    }
    // A companion is there where the field beside it is.
    let name = field
        .companion_of
        .and_then(|index| entity.fields.get(index))
        .map_or(&field.name, |owner| &owner.name);
    let is_one_of = |names: &[&str]| {
        Filter::parse(&json!({ "field": RECORD_TYPE, "in": names }), entity, model).unwrap_or_default()
    };
    let has: Vec<&str> = variants
        .iter()
        .filter(|variant| variant.fields.contains(name))
        .map(|variant| variant.name.as_str())
        .collect();
    if !has.is_empty() && has.len() < variants.len() {
        let own = is_one_of(&has);
        conditions.visible = Some(own.and(conditions.visible.take().unwrap_or_default()));
    }
    let demands: Vec<&str> = variants
        .iter()
        .filter(|variant| variant.required.contains(&field.name))
        .map(|variant| variant.name.as_str())
        .collect();
    if !demands.is_empty() {
        let demanded = is_one_of(&demands);
        conditions.required = Some(match conditions.required.take() {
            Some(written) => Filter::Any(vec![demanded, written]),
            None => demanded,
        });
    }
    for option in &field.definition.one_of {
        let has: Vec<&str> = variants
            .iter()
            .filter(|variant| {
                variant.options.get(&field.name).is_none_or(|options| options.contains(&option.value))
            })
            .map(|variant| variant.name.as_str())
            .collect();
        if has.len() == variants.len() {
            continue;
        }
        let own = is_one_of(&has);
        match conditions.options.iter_mut().find(|(value, _)| *value == option.value) {
            Some((_, written)) => *written = own.and(std::mem::take(written)),
            None => conditions.options.push((option.value.clone(), own)),
        }
    }
}

/// Names that occur twice, fields and options that are not there.
pub(super) fn check(entity: &EntityModel, problems: &mut Problems) {
    let variants = &entity.definition.record_types;
    for (index, variant) in variants.iter().enumerate() {
        let at = format!("/record_types/{index}");
        if variants.iter().take(index).any(|earlier| earlier.name == variant.name) {
            problems.push(Problem::new("duplicate_value", format!("{at}/name")).with("value", &variant.name));
        }
        if variant.default && variants.iter().take(index).any(|earlier| earlier.default) {
            problems.push(Problem::new("one_default", format!("{at}/default")));
        }
        let unknown = |at: String, field: &str| {
            Problem::new("unknown_field", at).with("field", field).with("entity", &entity.name)
        };
        for (key, names) in [("fields", &variant.fields), ("required", &variant.required)] {
            for (part, name) in names.iter().enumerate() {
                let at = format!("{at}/{key}/{part}");
                match entity.field(name) {
                    None => problems.push(unknown(at, name)),
                    Some(field) => {
                        let wrong = without_effect(field, entity, key, at.clone());
                        let wrong = wrong.or_else(|| against_all(field, entity, variant, key, at));
                        problems.0.extend(wrong);
                    }
                }
            }
        }
        for (name, options) in &variant.options {
            let at = format!("{at}/options/{name}");
            let Some(field) = entity.field(name) else {
                problems.push(unknown(at, name));
                continue;
            };
            problems.0.extend(not_of_this(field, entity, variant, at.clone()));
            let known: Vec<&str> =
                field.definition.one_of.iter().map(|option| option.value.as_str()).collect();
            for (part, option) in
                options.iter().enumerate().filter(|(_, option)| !known.contains(&option.as_str()))
            {
                let problem = Problem::new("not_an_option", format!("{at}/{part}")).with("value", option);
                problems.push(problem.with("options", known.join(", ")));
            }
        }
    }
    if !variants.is_empty() && variants.iter().all(|variant| variant.retired) {
        problems.push(Problem::new("all_retired", "/record_types"));
    }
}

/// What would be accepted and never asked: a part without its whole, and demanding what the program fills in itself.
fn without_effect(field: &FieldModel, entity: &EntityModel, key: &str, at: String) -> Option<Problem> {
    if let Some(whole) = field.companion_of.and_then(|index| entity.fields.get(index)) {
        let problem = Problem::new("named_by_its_whole", at).with("field", &field.name);
        return Some(problem.with("whole", &whole.name));
    }
    (key == "required" && !can_be_demanded(field))
        .then(|| Problem::new("never_demanded", at).with("field", &field.name))
}

/// What contradicts the entity or the other record types: a field of some types only that titles all records or must not be
/// empty in any, and demanding a field that the type does not have.
fn against_all(
    field: &FieldModel,
    entity: &EntityModel,
    variant: &RecordTypeDefinition,
    key: &str,
    at: String,
) -> Option<Problem> {
    if key == "required" {
        return not_of_this(field, entity, variant, at);
    }
    entity.types_with(field)?;
    let code = match field {
        _ if field.index == entity.display => "display_of_some_types",
        _ if field.required => "required_of_some_types",
        _ => return None,
    };
    Some(Problem::new(code, at).with("field", &field.name).with("value", &variant.name))
}

/// What is said of a field that only other record types have.
fn not_of_this(
    field: &FieldModel,
    entity: &EntityModel,
    variant: &RecordTypeDefinition,
    at: String,
) -> Option<Problem> {
    let having = entity.types_with(field)?;
    if having.iter().any(|one| one.name == variant.name) {
        return None;
    }
    let types: Vec<&str> = having.into_iter().map(|one| one.name.as_str()).collect();
    let problem = Problem::new("not_of_this_type", at).with("field", &field.name);
    Some(problem.with("value", &variant.name).with("options", types.join(", ")))
}

/// Whether somebody types the field's value, so that a record type can demand it. Formulas are compiled later than this
/// is asked.
fn can_be_demanded(field: &FieldModel) -> bool {
    let own = &field.definition;
    let is_typed = own.formula.is_none() && own.rollup.is_none() && own.copy.is_none();
    is_typed && !field.kind.is_drawn() && !field.system
}
