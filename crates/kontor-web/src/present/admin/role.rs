//! A role as a matrix of entities, verbs and scopes, and back.

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_view::field::OptionView;
use kontor_view::page::admin::roles::{RightCell, RightRow};
use serde_json::{Map, json};

use crate::extract::form::Form;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// The verbs of the matrix; those with a scope first.
pub const VERBS: [&str; 9] =
    ["read", "update", "delete", "create", "import", "export", "bulk", "assign", "run"];
/// The line of every entity that the role does not name.
const EVERY: &str = "*";
const SCOPES: [&str; 3] = ["none", "own", "all"];
/// Parts of the administration.
pub const ADMIN: [&str; 5] = ["design", "users", "import", "audit", "jobs"];
/// What a preset says of every entity.
pub const PRESETS: [&str; 3] = ["private", "open", "read_only"];

fn has_scope(verb: &str) -> bool {
    matches!(verb, "read" | "update" | "delete")
}

/// The rights of a preset.
pub fn preset(name: &str) -> Option<Json> {
    Some(match name {
        "private" => {
            json!({ "create": true, "read": "own", "update": "own", "delete": "own", "export": true, "run": true })
        }
        "open" => {
            json!({ "create": true, "read": "all", "update": "all", "delete": "all", "export": true, "bulk": true, "assign": true, "run": true })
        }
        "read_only" => json!({ "read": "all", "export": true }),
        _ => return None,
    })
}

/// The matrix of a role.
pub fn rows(reading: &Reading<'_>, draft: &Draft<'_>, role: &Json) -> Vec<RightRow> {
    let grants = role.get("entities").and_then(Json::as_object).cloned().unwrap_or_default();
    let every = grants.get(EVERY);
    let mut rows = vec![row(reading, EVERY, reading.t("roles.every_entity"), "database", every, every)];
    for (name, json) in draft.all(DefinitionKind::Entity) {
        let title = reading.label(
            DefinitionKind::Entity,
            name,
            "plural",
            json.get("plural").and_then(Json::as_str).unwrap_or_else(|| text(json, "title")),
        );
        rows.push(row(reading, name, title, text(json, "icon"), grants.get(name), every));
    }
    rows
}

fn row(
    reading: &Reading<'_>,
    entity: &str,
    title: String,
    icon: &str,
    own: Option<&Json>,
    every: Option<&Json>,
) -> RightRow {
    let named = entity == EVERY || own.is_some();
    let shown = own.or(every);
    let cells = VERBS
        .into_iter()
        .map(|verb| {
            let value = shown.and_then(|grants| grants.get(verb));
            let written = match value {
                Some(Json::Bool(true)) => "yes",
                Some(Json::String(scope)) => scope.as_str(),
                Some(Json::Object(_)) => "where",
                _ if has_scope(verb) => "none",
                _ => "no",
            };
            let mut scopes: Vec<OptionView> = if has_scope(verb) {
                SCOPES
                    .iter()
                    .map(|scope| {
                        OptionView::new(*scope, reading.t(&format!("roles.scope_{scope}")), *scope == written)
                    })
                    .collect()
            } else {
                vec![
                    OptionView::new("no", reading.t("roles.scope_none"), written == "no"),
                    OptionView::new("yes", reading.t("roles.scope_yes"), written == "yes"),
                ]
            };
            if !scopes.iter().any(|scope| scope.selected) {
                // What only the source can say (a filter) is shown and kept.
                scopes.push(OptionView::new(written, reading.t(&format!("roles.scope_{written}")), true));
            }
            RightCell { verb: verb.to_owned(), scopes, inherited: !named }
        })
        .collect();
    let fields = own.and_then(|grants| grants.get("fields")).and_then(Json::as_object);
    let fields = fields.map(|fields| {
        fields
            .iter()
            .map(|(name, right)| format!("{name}: {}", right.as_str().unwrap_or("…")))
            .collect::<Vec<_>>()
            .join(", ")
    });
    RightRow {
        entity: entity.to_owned(),
        title,
        icon: icon.to_owned(),
        named,
        cells,
        fields: fields.unwrap_or_default(),
    }
}

/// The role after the form; what the matrix cannot say stays.
pub fn definition(before: &Json, name: &str, sent: &Form) -> Json {
    let mut role: Map<String, Json> = before.as_object().cloned().unwrap_or_default();
    role.insert("name".into(), name.into());
    role.insert("title".into(), sent.text("title").into());
    match sent.text("description") {
        "" => role.shift_remove("description"),
        own => role.insert("description".into(), own.into()),
    };
    let old = role.get("entities").and_then(Json::as_object).cloned().unwrap_or_default();
    let mut entities = Map::new();
    let named: Vec<&str> = sent.0.iter().filter_map(|(key, _)| key.strip_suffix(".read")).collect();
    for entity in named {
        let was_named = old.contains_key(entity);
        if entity != EVERY && sent.text(&format!("{entity}.own")) != "1" {
            continue;
        }
        // A line that was just ticked begins with the rights that its selects show.
        let mut grants: Map<String, Json> = if was_named {
            old.get(entity).and_then(Json::as_object).cloned().unwrap_or_default()
        } else {
            Map::new()
        };
        for verb in VERBS {
            match sent.text(&format!("{entity}.{verb}")) {
                "yes" => grants.insert(verb.into(), true.into()),
                "no" => grants.shift_remove(verb),
                "where" | "" => None,
                scope => grants.insert(verb.into(), scope.into()),
            };
        }
        entities.insert(entity.to_owned(), Json::Object(grants));
    }
    if let Some(every) = preset(sent.text("preset")) {
        entities.insert(EVERY.to_owned(), every);
    }
    role.insert("entities".into(), Json::Object(entities));
    let admin: Vec<&str> = sent.all("admin").collect();
    if admin.is_empty() {
        role.shift_remove("admin")
    } else {
        role.insert("admin".into(), json!(admin))
    };
    Json::Object(role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::address;

    #[test]
    fn a_matrix_becomes_a_role() {
        let body = "title=Sales&description=&*.read=own&*.create=yes&*.run=no&deal.read=all&deal.own=1&deal.update=where&deal.create=no&lead.read=own&admin=design";
        let before = json!({ "name": "sales", "title": "S", "entities": { "deal": { "update": { "where": {} }, "fields": { "cost": "none" } }, "lead": { "read": "all" } } });
        let role = definition(&before, "sales", &Form(address::pairs(body.as_bytes())));
        assert_eq!(
            role,
            json!({
                "name": "sales", "title": "Sales",
                "entities": {
                    "*": { "read": "own", "create": true },
                    "deal": { "update": { "where": {} }, "fields": { "cost": "none" }, "read": "all" },
                },
                "admin": ["design"],
            })
        );
    }
}
