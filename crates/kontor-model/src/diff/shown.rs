//! Formulas that show a role what it sees masked or not at all: a field that is calculated is hidden by its own right, so
//! whoever hides its source is told.

use std::collections::BTreeSet;

use super::{Change, Class};
use crate::access::FieldRight;
use crate::definition::DefinitionKind;
use crate::definition::role::{Reach, RoleDefinition};
use crate::entity::Source;
use crate::model::Model;

/// Role, entity, field that shows, entity and field that are hidden; by their names.
type Shown = (String, String, String, String, String);

/// What is shown now, and was not before.
pub(super) fn changes(old: &Model, new: &Model) -> Vec<Change> {
    let before = shown(old);
    let told = shown(new).into_iter().filter(|one| !before.contains(one));
    told.map(|one| change(new, one)).collect()
}

fn change(model: &Model, (role, entity, field, other, source): Shown) -> Change {
    let title = |entity: &str, field: &str| {
        let field = model.entity(entity).and_then(|entity| entity.field(field));
        field.map(|field| field.title.clone()).unwrap_or_default()
    };
    let of_entity = model.entity(&entity).map(|entity| entity.title.clone()).unwrap_or_default();
    let of_role = model.definition(DefinitionKind::Role, &role);
    let of_role = of_role.and_then(|json| json.get("title")?.as_str()).unwrap_or(&role).to_owned();
    Change {
        kind: DefinitionKind::Role,
        pointer: format!("/entities/{entity}/fields/{field}"),
        what: "formula_shows_hidden".into(),
        parameters: vec![
            ("role", of_role),
            ("entity", of_entity),
            ("field", title(&entity, &field)),
            ("source", title(&other, &source)),
        ],
        class: Class::Safe,
        schema: None,
        used_by: Vec::new(),
        name: role,
    }
}

fn shown(model: &Model) -> BTreeSet<Shown> {
    let mut found = BTreeSet::new();
    for (name, json) in model.definitions_of(DefinitionKind::Role) {
        let Ok(role) = crate::definition::read::<RoleDefinition>(json) else { continue };
        for (entity_name, grants) in &role.entities {
            let Some(entity) = model.entity(entity_name) else { continue };
            // What a role does not reach it is shown nothing of.
            if grants.read == Reach::None {
                continue;
            }
            for field in &entity.fields {
                let Source::Formula(formula) = &field.source else { continue };
                if is_hidden(&role, entity_name, &field.name) {
                    continue;
                }
                for path in &formula.reads {
                    let Some(read) = path.resolve(model).filter(|read| read.companion_of.is_none()) else {
                        continue;
                    };
                    if is_hidden(&role, &path.entity, &read.name) {
                        found.insert((
                            name.to_owned(),
                            entity_name.clone(),
                            field.name.clone(),
                            path.entity.clone(),
                            read.name.clone(),
                        ));
                    }
                }
            }
        }
    }
    found
}

/// Whether a role sees a field masked, or not at all, because it says so.
fn is_hidden(role: &RoleDefinition, entity: &str, field: &str) -> bool {
    let own = role.entities.get(entity).and_then(|grants| grants.fields.get(field));
    let is_denied = role.deny.get(entity).is_some_and(|denial| denial.fields.iter().any(|one| one == field));
    is_denied || own.is_some_and(|reach| matches!(reach.right, FieldRight::None | FieldRight::Masked))
}
