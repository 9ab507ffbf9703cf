//! Problems with names that are not known say which ones are: definitions are read by those who may see all of them.

use crate::Json;
use crate::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use crate::kind;
use crate::model::Model;
use crate::problem::{Problem, Problems};

/// Adds the names that there are to problems with names that there are not.
pub fn complete(id: &DefinitionId, problems: &mut Problems, model: &Model, definitions: &DefinitionSet) {
    for problem in &mut problems.0 {
        if problem.parameters.iter().any(|(name, _)| matches!(*name, "options" | "like")) {
            continue;
        }
        let Some((written, mut known)) = known(id, problem, model, definitions) else { continue };
        // What is there under that very name, and cannot be used, is no suggestion.
        known.retain(|name| *name != written);
        let own = std::mem::replace(problem, Problem::new("", ""));
        *problem = own.among(&written, known.iter().map(String::as_str));
    }
}

/// What was written, and what could have been.
fn known(
    id: &DefinitionId,
    problem: &Problem,
    model: &Model,
    definitions: &DefinitionSet,
) -> Option<(String, Vec<String>)> {
    let parameter = |wanted: &str| {
        problem.parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
    };
    let names_of = |kind: DefinitionKind| {
        let names = definitions.keys().filter(|(own, name)| *own == kind && crate::name::is_name(name));
        names.map(|(_, name)| name.clone()).collect()
    };
    match problem.code.as_ref() {
        "unknown_field" | "formula_unknown_name" | "script_unknown_field" => {
            let written = parameter("field").or_else(|| parameter("name"))?;
            let own = (id.0 == DefinitionKind::Entity).then_some(id.1.as_str());
            let entity = parameter("entity").or(own)?;
            // Of a path, the part behind the last link is what is not known.
            let last = written.rsplit('.').next().unwrap_or(written);
            Some((last.to_owned(), fields(entity, model, definitions)))
        }
        "unknown_entity" | "script_unknown_entity" => {
            let mut names: Vec<String> = names_of(DefinitionKind::Entity);
            names.extend(
                model.entities.keys().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>(),
            );
            Some((parameter("entity")?.to_owned(), names))
        }
        "unknown_definition" => {
            let kind: DefinitionKind = parameter("kind")?.parse().ok()?;
            Some((parameter("name")?.to_owned(), names_of(kind)))
        }
        // A link that does not say where it leads.
        "required" if id.0 == DefinitionKind::Entity && problem.path.ends_with("/to") => {
            Some((String::new(), names_of(DefinitionKind::Entity)))
        }
        "unknown_role" => Some((parameter("value")?.to_owned(), names_of(DefinitionKind::Role))),
        "unknown_table" => Some((parameter("table")?.to_owned(), names_of(DefinitionKind::Table))),
        "unknown_setting" => Some((parameter("name")?.to_owned(), names_of(DefinitionKind::Setting))),
        "unknown_workflow" => Some((parameter("name")?.to_owned(), names_of(DefinitionKind::Workflow))),
        "unknown_kind" => Some((
            parameter("value")?.to_owned(),
            kind::definable().map(|kind| kind.name().to_owned()).collect(),
        )),
        "unknown_related" | "no_related_list" => {
            let entity = model.entity(parameter("entity").unwrap_or(id.1.as_str()))?;
            let lists = entity.back_links.iter().map(|back| back.list.as_ref().unwrap_or(&back.name).clone());
            Some((parameter("name")?.to_owned(), lists.collect()))
        }
        _ => None,
    }
}

/// The fields of an entity, broken or not, those that every entity has last.
fn fields(entity: &str, model: &Model, definitions: &DefinitionSet) -> Vec<String> {
    let written = definitions.get(&(DefinitionKind::Entity, entity.to_owned()));
    let own = written.and_then(|json| json.get("properties")).and_then(Json::as_object);
    let mut names: Vec<String> = own.into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let compiled = model.entity(entity).into_iter().flat_map(|entity| entity.fields.iter());
    for field in compiled {
        if !names.contains(&field.name) {
            names.push(field.name.clone());
        }
    }
    names
}
