//! Everything that refers to an entity, a field or an option: definitions with the pointer, scripts with the line.

use kontor_model::Model;
use kontor_model::definition::{DefinitionId, DefinitionKind};
use kontor_model::diff::{self, Use};
use kontor_model::layer::script_sources;

/// Definitions and scripts that refer to an entity, or to one of its fields.
pub fn all(model: &Model, entity: &str, field: Option<&str>) -> Vec<Use> {
    let mut found = diff::uses(model, entity, field);
    add_scripts(model, &mut found, |name, source| {
        let own = own_entity(name).and_then(|own| model.entity(own)).map(AsRef::as_ref);
        let is_own = field.is_none() && own_entity(name) == Some(entity);
        let places = kontor_script::places(source, model, own, entity, field);
        let mut lines: Vec<u32> = places.into_iter().map(|place| place.line).collect();
        if is_own && lines.is_empty() {
            // The script of an entity goes with it.
            lines.push(1);
        }
        lines
    });
    found
}

/// Definitions and scripts that name an option of a choice.
pub fn of_option(model: &Model, entity: &str, field: &str, value: &str) -> Vec<Use> {
    let mut found = diff::uses_of_option(model, entity, field, value);
    add_scripts(model, &mut found, |name, source| {
        let own = own_entity(name).and_then(|own| model.entity(own)).map(AsRef::as_ref);
        if kontor_script::places(source, model, own, entity, Some(field)).is_empty() {
            return Vec::new();
        }
        kontor_script::mentions(source, value)
    });
    found
}

/// Definitions and scripts that refer to a definition other than an entity.
pub fn of_definition(model: &Model, id: &DefinitionId) -> Vec<Use> {
    let mut found = diff::uses_of(model, id);
    if matches!(
        id.0,
        DefinitionKind::Table | DefinitionKind::Setting | DefinitionKind::Role | DefinitionKind::Script
    ) {
        add_scripts(model, &mut found, |_, source| kontor_script::mentions(source, &id.1));
    }
    found
}

/// The entity whose hooks a script holds.
pub fn own_entity(script: &str) -> Option<&str> {
    script.strip_prefix("entities/")
}

/// The script that holds the hooks of an entity.
pub fn script_of(entity: &str) -> String {
    format!("entities/{entity}")
}

fn add_scripts(model: &Model, found: &mut Vec<Use>, lines: impl Fn(&str, &str) -> Vec<u32>) {
    for (name, json) in model.definitions_of(DefinitionKind::Script) {
        for (_, source) in script_sources(json) {
            for line in lines(name, source) {
                let one = Use {
                    kind: DefinitionKind::Script,
                    name: name.to_owned(),
                    pointer: String::new(),
                    line: Some(line),
                };
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
    }
}
