//! What a portal means for the model: whose place it is, and which fields are not shown there.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::Json;
use crate::definition::form::FormDefinition;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::entity::{EntityModel, FieldModel};
use crate::form;
use crate::model::Model;

/// The channel of apps and forms of a portal.
pub const PORTAL: &str = "portal";
/// Classifications of what a portal shows only where a form of it says so.
const INSIDE: [&str; 2] = ["internal", "sensitive"];

/// Roles whose holders work in a portal alone: those that apps of a portal name and no other app does. Apps that are
/// broken count, too: a mistake in one lets nobody in.
pub fn outside_roles(definitions: &DefinitionSet) -> BTreeSet<String> {
    let apps =
        || definitions.iter().filter(|((kind, _), _)| *kind == DefinitionKind::App).map(|(_, json)| json);
    let roles = |app: &Json| -> Vec<String> {
        let list = app.get("roles").and_then(Json::as_array).into_iter().flatten();
        list.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let of_portal = |app: &&Json| app.get("channel").and_then(Json::as_str) == Some(PORTAL);
    let mut outside: BTreeSet<String> = apps().filter(of_portal).flat_map(roles).collect();
    for role in apps().filter(|app| !of_portal(app)).flat_map(roles) {
        outside.remove(&role);
    }
    outside
}

/// The names of fields that a portal does not know, by entity.
struct Hidden(HashMap<String, Vec<String>>);

impl Model {
    /// The fields of an entity that a portal does not know: those classified `internal` or `sensitive`, with their parts
    /// and companions, unless a form of the portal names them.
    pub fn hidden_in_portal(&self, entity: &str) -> Vec<String> {
        let all: Arc<Hidden> = self.kept.get_or(|| {
            let hidden = self.entities.values().map(|entity| (entity.name.clone(), hidden_of(self, entity)));
            Hidden(hidden.filter(|(_, names)| !names.is_empty()).collect())
        });
        all.0.get(entity).cloned().unwrap_or_default()
    }
}

fn hidden_of(model: &Model, entity: &EntityModel) -> Vec<String> {
    let forms = model.about::<FormDefinition>(&entity.name);
    let named: HashSet<&str> = forms
        .iter()
        .filter(|form| form.channel.as_deref() == Some(PORTAL))
        .flat_map(|form| {
            let items = form::items(form).filter_map(|item| item.field.as_deref());
            items.chain(form.facts.iter().map(String::as_str))
        })
        .filter_map(|path| path.split('.').next())
        .collect();
    let is_inside = |field: &FieldModel| {
        let whole = field.companion_of.and_then(|index| entity.fields.get(index)).unwrap_or(field);
        is_inside(whole) && !named.contains(whole.name.as_str())
    };
    entity.fields.iter().filter(|field| is_inside(field)).map(|field| field.name.clone()).collect()
}

/// Whether a field is meant for the inside: `internal` or `sensitive`.
pub fn is_inside(field: &FieldModel) -> bool {
    field.definition.classification.as_deref().is_some_and(|one| INSIDE.contains(&one))
}
