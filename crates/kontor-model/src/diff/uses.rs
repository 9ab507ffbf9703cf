//! Who refers to an entity, a field or another definition: a walk over all definitions that knows in which keys
//! names, paths, formulas and texts with gaps stand.

use super::Use;
use crate::Json;
use crate::definition::{DefinitionId, DefinitionKind};
use crate::entity::EntityModel;
use crate::filter::FieldPath;
use crate::formula::Formula;
use crate::model::Model;

/// Keys whose texts (or lists of texts) are paths to fields.
const PATHS: [&str; 25] = [
    "field",
    "fields",
    "columns",
    "card",
    "sum",
    "avg",
    "min",
    "max",
    "median",
    "count_distinct",
    "by",
    "at",
    "sort",
    "items",
    "required",
    "search",
    "unique",
    "indexes",
    "display",
    "require_enter",
    "require_leave",
    "match",
    "copy",
    "start",
    "end",
];
/// Keys whose members are named like fields.
const MEMBERS: [&str; 3] = ["totals", "values", "fields"];

/// Everything in the model that refers to an entity, or to one of its fields.
pub fn uses(model: &Model, entity: &str, field: Option<&str>) -> Vec<Use> {
    let mut walk =
        Walk { model, entity, field, found: Vec::new(), kind: DefinitionKind::Entity, name: String::new() };
    for ((kind, name), json) in model.definitions.iter() {
        if matches!(kind, DefinitionKind::Script | DefinitionKind::Locale) {
            continue;
        }
        walk.kind = *kind;
        name.clone_into(&mut walk.name);
        let own = match kind {
            DefinitionKind::Entity => model.entity(name),
            DefinitionKind::Workflow => {
                json.pointer("/on/entity").and_then(Json::as_str).and_then(|name| model.entity(name))
            }
            _ => None,
        };
        walk.json(json, "", "", own.map(AsRef::as_ref));
    }
    walk.found
}

/// Everything in the model that refers to a definition other than an entity.
pub fn uses_of(model: &Model, id: &DefinitionId) -> Vec<Use> {
    let mut found = Vec::new();
    for ((kind, name), json) in model.definitions.iter() {
        let mut pointers = Vec::new();
        named(json, "", id.0.as_str(), &id.1, &mut pointers);
        found.extend(pointers.into_iter().map(|pointer| Use {
            kind: *kind,
            name: name.clone(),
            pointer,
            line: None,
        }));
    }
    found
}

/// Pointers to members `"<kind>": "<name>"`.
fn named(json: &Json, pointer: &str, kind: &str, name: &str, pointers: &mut Vec<String>) {
    match json {
        Json::Object(object) => {
            for (key, value) in object {
                let here = format!("{pointer}/{key}");
                if key == kind && value.as_str() == Some(name) {
                    pointers.push(here);
                } else {
                    named(value, &here, kind, name, pointers);
                }
            }
        }
        Json::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                named(value, &format!("{pointer}/{index}"), kind, name, pointers);
            }
        }
        _ => {}
    }
}

struct Walk<'m> {
    model: &'m Model,
    entity: &'m str,
    field: Option<&'m str>,
    found: Vec<Use>,
    kind: DefinitionKind,
    name: String,
}

impl<'m> Walk<'m> {
    fn found(&mut self, pointer: &str) {
        let one = Use { kind: self.kind, name: self.name.clone(), pointer: pointer.to_owned(), line: None };
        if !self.found.contains(&one) {
            self.found.push(one);
        }
    }

    /// Walks a value; `key` is what it stands at, `entity` whose fields the names in it are.
    fn json(&mut self, json: &Json, pointer: &str, key: &str, entity: Option<&'m EntityModel>) {
        match json {
            Json::Object(object) => {
                let inside = self.entity_inside(object, entity);
                for (member, value) in object {
                    let here = format!("{pointer}/{member}");
                    if let Some(own) = inside.filter(|_| MEMBERS.contains(&key)) {
                        self.path(member, &here, own);
                    }
                    // Rights are grouped by entity.
                    let grouped = (key == "entities").then(|| self.model.entity(member)).flatten();
                    let context = grouped.map(AsRef::as_ref).or(inside);
                    if grouped.is_some() && self.field.is_none() && member == self.entity {
                        self.found(&here);
                    }
                    let context = if member == "where" { self.related(object, context) } else { context };
                    self.json(value, &here, member, context);
                }
            }
            Json::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    self.json(value, &format!("{pointer}/{index}"), key, entity);
                }
            }
            Json::String(text) => self.text(text, pointer, key, entity),
            _ => {}
        }
    }

    /// An object that names an entity speaks of that one from here on.
    fn entity_inside(
        &self,
        object: &serde_json::Map<String, Json>,
        outside: Option<&'m EntityModel>,
    ) -> Option<&'m EntityModel> {
        let named = object.get("entity").and_then(Json::as_str).and_then(|name| self.model.entity(name));
        named.map(AsRef::as_ref).or(outside)
    }

    /// The condition of `has` speaks of the records that point here.
    fn related(
        &self,
        object: &serde_json::Map<String, Json>,
        entity: Option<&'m EntityModel>,
    ) -> Option<&'m EntityModel> {
        let list = object.get("has").or_else(|| object.get("has_no")).and_then(Json::as_str);
        let Some(list) = list else { return entity };
        let link = entity?.back_links.iter().find(|link| link.name == list)?;
        self.model.entity(&link.entity).map(AsRef::as_ref)
    }

    fn text(&mut self, text: &str, pointer: &str, key: &str, entity: Option<&'m EntityModel>) {
        if self.field.is_none() {
            let is_named = matches!(key, "entity" | "to") && text == self.entity;
            let is_rolled = key == "of" && text.split('.').next() == Some(self.entity);
            let is_self = self.kind == DefinitionKind::Entity && self.name == self.entity;
            if (is_named || is_rolled) && !is_self {
                self.found(pointer);
            }
            return;
        }
        if key == "of" {
            // A roll-up: the entity and its link, or the entity and what is summed.
            let mut parts = text.splitn(2, '.');
            let other = parts.next().and_then(|name| self.model.entity(name));
            if let (Some(other), Some(path)) = (other, parts.next()) {
                self.path(path, pointer, other);
            }
            return;
        }
        let Some(entity) = entity else { return };
        if key == "formula" {
            let reads =
                Formula::parse(text, entity, self.model).map(|formula| formula.reads).unwrap_or_default();
            if reads.iter().any(|path| self.goes_through(path)) {
                self.found(pointer);
            }
        } else if text.contains("{{") {
            for gap in
                text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(gap, _)| gap.trim())
            {
                let path = gap.strip_prefix("record.").or_else(|| gap.strip_prefix("old."));
                if let Some(path) = path {
                    self.path(path, pointer, entity);
                }
            }
        } else if PATHS.contains(&key) {
            self.path(text.trim_start_matches('-'), pointer, entity);
        }
    }

    fn path(&mut self, text: &str, pointer: &str, entity: &EntityModel) {
        if let Ok(path) = FieldPath::parse(text, entity, self.model)
            && self.field.is_some()
            && self.goes_through(&path)
        {
            self.found(pointer);
        }
    }

    /// Whether a path ends at the field or follows it.
    fn goes_through(&self, path: &FieldPath) -> bool {
        let is_it = |entity: &str, index: usize| {
            entity == self.entity
                && self
                    .model
                    .entity(entity)
                    .and_then(|entity| entity.fields.get(index))
                    .is_some_and(|field| Some(field.name.as_str()) == self.field)
        };
        is_it(&path.entity, path.field) || path.hops.iter().any(|hop| is_it(&hop.entity, hop.field))
    }
}
