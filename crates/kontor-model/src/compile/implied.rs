//! The entities that fields of kind `links` imply: one record for each pair, with the columns that pairs have of their
//! own. Nobody defines them; everything else (columns, rights, history, filters) treats them like any other.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::entity::{Implied, system};
use crate::filter::address::RESERVED;
use crate::name::MAX_LENGTH;
use crate::problem::{Problem, Problems};

/// The whole number that keeps the order of the pairs of one record.
const POSITION: &str = "position";

/// An entity that a field implies, as it would be written.
pub(super) struct Written {
    pub name: String,
    pub json: Json,
    pub owner: String,
    pub field: String,
    pub by: String,
    pub through: String,
}

/// The entities implied by the fields of all sound definitions, and what is wrong with those fields, by entity.
pub(super) fn of(
    definitions: &DefinitionSet,
    is_sound: &dyn Fn(&str) -> bool,
) -> (Vec<Written>, BTreeMap<String, Problems>) {
    let mut found = Vec::new();
    let mut problems_of: BTreeMap<String, Problems> = BTreeMap::new();
    for ((kind, owner), json) in definitions {
        if *kind != DefinitionKind::Entity || !is_sound(owner) {
            continue;
        }
        let fields = json.get("properties").and_then(Json::as_object);
        for (field, definition) in fields.into_iter().flatten() {
            if definition.get("kind").and_then(Json::as_str) != Some("links") {
                continue;
            }
            let Some(to) = definition.get("to").and_then(Json::as_str) else { continue };
            let written = write(definitions, owner, json, field, definition, to);
            let at = format!("/properties/{field}");
            let mut problems = Problems::new();
            if definitions.contains_key(&(DefinitionKind::Entity, written.name.clone())) {
                problems.push(Problem::new("name_taken", &at).with("name", &written.name));
            }
            for column in own_columns(definition).keys() {
                if [&written.by, &written.through, POSITION].contains(&column.as_str()) {
                    let at = format!("{at}/properties/{column}");
                    problems.push(Problem::new("reserved_name", at).with("name", column));
                }
            }
            if problems.is_empty() {
                found.push(written);
            } else {
                problems_of.entry(owner.clone()).or_default().0.extend(problems.0);
            }
        }
    }
    (found, problems_of)
}

fn own_columns(definition: &Json) -> Map<String, Json> {
    definition.get("properties").and_then(Json::as_object).cloned().unwrap_or_default()
}

fn write(
    definitions: &DefinitionSet,
    owner: &str,
    owner_json: &Json,
    field: &str,
    definition: &Json,
    to: &str,
) -> Written {
    let text = |json: &Json, key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
    let by = side(owner);
    let through = if to == owner { "other".to_owned() } else { side(to) };
    let title = text(definition, "title").unwrap_or_else(|| field.to_owned());
    let title_of = |name: &str| {
        definitions
            .get(&(DefinitionKind::Entity, name.to_owned()))
            .and_then(|json| text(json, "title"))
            .unwrap_or_else(|| name.to_owned())
    };
    // A pair without one of its ends is none, so it goes with either; unless the field says that it holds it.
    let on_delete = text(definition, "on_delete").filter(|rule| rule == "restrict");
    let key_of = |json: &Json, name: &str| text(json, "key").unwrap_or_else(|| name.to_owned());
    // An entity that gets another name keeps its key, and so do the columns of its pairs.
    let to_key = definitions
        .get(&(DefinitionKind::Entity, to.to_owned()))
        .map_or_else(|| to.to_owned(), |json| key_of(json, to));
    let through_key = if to == owner { through.clone() } else { side(&to_key) };
    let mut properties = Map::new();
    properties.insert(
        by.clone(),
        json!({ "kind": "link", "to": owner, "key": side(&key_of(owner_json, owner)), "title": title_of(owner), "on_delete": "cascade" }),
    );
    properties.insert(
        through.clone(),
        json!({ "kind": "link", "to": to, "key": through_key, "title": title_of(to), "on_delete": on_delete.as_deref().unwrap_or("cascade") }),
    );
    for (name, column) in own_columns(definition) {
        properties.insert(name, column);
    }
    properties.insert(POSITION.to_owned(), json!({ "kind": "integer", "title": "Position" }));
    let name = joined(owner, field);
    let key = joined(&key_of(owner_json, owner), &key_of(definition, field));
    let json = json!({
        "name": name, "key": key, "title": title, "plural": title, "icon": "link", "type": "object",
        "properties": properties, "required": [by, through], "unique": [[by, through]],
    });
    Written { name, json, owner: owner.to_owned(), field: field.to_owned(), by, through }
}

/// What a link to an entity is called.
fn side(entity: &str) -> String {
    let is_taken = system::NAMES.contains(&entity) || RESERVED.contains(&entity) || entity == POSITION;
    if is_taken { format!("{entity}_record") } else { entity.to_owned() }
}

/// `account_campaigns`; cut and made different by a number of its own when it would be too long for a name.
fn joined(entity: &str, field: &str) -> String {
    let long = format!("{entity}_{field}");
    if long.len() <= MAX_LENGTH {
        return long;
    }
    // FNV-1a, 32 bits: stable over time and machines.
    let hash =
        long.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let head: String = long.chars().take(MAX_LENGTH - 9).collect();
    format!("{}_{hash:08x}", head.trim_end_matches('_'))
}

impl Written {
    /// A problem of the implied entity as one of the field that implies it.
    pub(super) fn problem_of_owner(&self, problem: Problem) -> Problem {
        let at = format!("/properties/{}", self.field);
        let path = match problem.path.strip_prefix("/properties/") {
            Some(rest) if !self.is_own_part(rest) => format!("{at}/properties/{rest}"),
            _ => at,
        };
        Problem { path, ..problem }
    }

    fn is_own_part(&self, rest: &str) -> bool {
        let column = rest.split('/').next().unwrap_or(rest);
        [self.by.as_str(), self.through.as_str(), POSITION].contains(&column)
    }

    /// What the compiled entity says of itself.
    pub(super) fn implied(&self, by: usize, through: usize) -> Implied {
        Implied { entity: self.owner.clone(), field: self.field.clone(), by, through }
    }
}
