//! A role as a matrix of entities, verbs and scopes, and back.

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_view::field::OptionView;
use kontor_view::page::admin::roles::{FieldRightRow, RightCell, RightRow};
use serde_json::{Map, json};

use crate::extract::form::Form;
use crate::present::Reading;
use crate::present::long_list::{LongList, Shown};
use crate::routes::admin::draft::{Draft, text};

/// The verbs of the matrix; those with a scope first.
pub const VERBS: [&str; 12] = [
    "read", "update", "delete", "purge", "create", "import", "export", "bulk", "assign", "share", "comment",
    "run",
];
/// The line of every entity that the role does not name.
const EVERY: &str = "*";
const SCOPES: [&str; 7] = ["none", "own", "team", "team_and_below", TERRITORY, "shared", "all"];
/// The scope of entities whose records belong to a territory.
const TERRITORY: &str = "territory";
/// Parts of the administration.
pub const ADMIN: [&str; 5] = ["design", "users", "import", "audit", "jobs"];
/// Rights to a field, the greatest first.
const FIELD_RIGHTS: [&str; 6] = ["edit", "read", MASKED, MASKED_WITH_REASON, MASKED_ALWAYS, "none"];
/// Masks, by whether the value may be shown once.
const MASKED: &str = "masked";
const MASKED_WITH_REASON: &str = "masked_with_reason";
const MASKED_ALWAYS: &str = "masked_always";
/// What a preset says of every entity.
pub const PRESETS: [&str; 4] = ["private", "team", "open", "read_only"];
/// A right to a field that only the source can say: it is shown and kept.
const WRITTEN: &str = "written";

fn has_scope(verb: &str) -> bool {
    matches!(verb, "read" | "update" | "delete" | "purge")
}

/// The rights of a preset.
pub fn preset(name: &str) -> Option<Json> {
    Some(match name {
        "private" => {
            json!({ "create": true, "read": "own", "update": "own", "delete": "own", "export": true, "run": true })
        }
        "team" => {
            json!({ "create": true, "read": "team", "update": "own", "delete": "own", "export": true, "assign": true, "run": true })
        }
        "open" => {
            json!({ "create": true, "read": "all", "update": "all", "delete": "all", "export": true, "bulk": true, "assign": true, "run": true })
        }
        "read_only" => json!({ "read": "all", "export": true }),
        _ => return None,
    })
}

/// The part of a role's matrix that is asked for: the line of every entity on each page, then the entities that the role names,
/// then the others; `read` is the role before its reader began. Also whether there are more than fit on one page.
pub fn rows(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    (role, read): (&Json, &Json),
    list: &LongList,
) -> (Vec<RightRow>, Shown, bool) {
    let grants = role.get("entities").and_then(Json::as_object).cloned().unwrap_or_default();
    let every = grants.get(EVERY);
    let mut rows = vec![row(reading, EVERY, reading.t("roles.every_entity"), "database", every, every)];
    let mut entities: Vec<(&str, &Json, String)> = draft
        .all(DefinitionKind::Entity)
        .into_iter()
        .map(|(name, json)| {
            let plural = json.get("plural").and_then(Json::as_str).unwrap_or_else(|| text(json, "title"));
            (name, json, reading.label(DefinitionKind::Entity, name, "plural", plural))
        })
        .collect();
    let is_long = list.is_long(entities.len());
    entities.retain(|(name, _, title)| list.finds(&[name, title]));
    if is_long {
        // What was said of entities one by one is not to be looked for on the last page. What is said now does not move
        // lines to other pages while these are turned.
        let said = read.get("entities").and_then(Json::as_object);
        entities.sort_by_key(|(name, ..)| !said.is_some_and(|said| said.contains_key(*name)));
    }
    let (entities, shown) = list.part(entities);
    for (name, json, title) in entities {
        rows.push(row(reading, name, title, text(json, "icon"), grants.get(name), every));
    }
    (rows, shown, is_long)
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
            let written = effective(shown, verb);
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
    let limited = fields.map_or(0, Map::len);
    RightRow {
        entity: entity.to_owned(),
        title,
        icon: icon.to_owned(),
        named,
        cells,
        fields: if limited == 0 {
            reading.t("roles.fields_all")
        } else {
            reading.words().count("roles.fields_limited", limited)
        },
        fields_href: String::new(),
    }
}

/// What a line of rights says of a verb, as the select of the matrix names it. Whoever sees records may take them
/// out as a file unless the line says otherwise.
fn effective<'a>(grants: Option<&'a Json>, verb: &str) -> &'a str {
    let said = |verb: &str| grants.and_then(|grants| grants.get(verb));
    match said(verb) {
        Some(Json::Bool(true)) => "yes",
        Some(Json::Bool(false)) => "no",
        Some(Json::String(scope)) => scope.as_str(),
        Some(Json::Object(_)) => "where",
        _ if has_scope(verb) => "none",
        _ if matches!(verb, "export" | "comment") && effective(grants, "read") != "none" => "yes",
        _ => "no",
    }
}

/// The role after the form; what the matrix cannot say stays, and so does how it was written what nobody changed, and the
/// lines that were on no page of it.
pub fn definition(before: &Json, name: &str, sent: &Form) -> Json {
    let mut role: Map<String, Json> = before.as_object().cloned().unwrap_or_default();
    role.insert("name".into(), name.into());
    role.insert("title".into(), sent.text("title").into());
    match sent.text("description") {
        "" => role.shift_remove("description"),
        own => role.insert("description".into(), own.into()),
    };
    let old = role.get("entities").and_then(Json::as_object).cloned().unwrap_or_default();
    let mut entities = old.clone();
    let named: Vec<&str> = sent.0.iter().filter_map(|(key, _)| key.strip_suffix(".read")).collect();
    for entity in named {
        let was_named = old.contains_key(entity);
        if entity != EVERY && sent.text(&format!("{entity}.own")) != "1" {
            entities.shift_remove(entity);
            continue;
        }
        // A line that was just ticked begins with the rights that its selects show.
        let mut grants: Map<String, Json> = if was_named {
            old.get(entity).and_then(Json::as_object).cloned().unwrap_or_default()
        } else {
            Map::new()
        };
        let before = Json::Object(grants.clone());
        for verb in VERBS {
            let said = sent.text(&format!("{entity}.{verb}"));
            if said.is_empty() || said == "where" {
                continue;
            }
            // The export of a new line follows its reading, so only the other verbs may be left out.
            let stays = said == effective(Some(&before), verb)
                && (was_named || !matches!(verb, "export" | "comment"));
            if stays {
                continue;
            }
            let value = match said {
                "yes" => true.into(),
                "no" => false.into(),
                scope => Json::from(scope),
            };
            grants.insert(verb.into(), value);
        }
        entities.insert(entity.to_owned(), Json::Object(grants));
    }
    if let Some(every) = preset(sent.text("preset")) {
        entities.insert(EVERY.to_owned(), every);
    }
    role.insert("entities".into(), Json::Object(entities));
    if sent.get("addresses").is_some() {
        let lines: Vec<&str> =
            sent.text("addresses").lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let mut login = role.get("login").and_then(Json::as_object).cloned().unwrap_or_default();
        if lines.is_empty() {
            login.shift_remove("addresses");
        } else {
            login.insert("addresses".into(), json!(lines));
        }
        // What was written as false stays written.
        if sent.text("second_factor") == "1" {
            login.insert("second_factor".into(), true.into());
        } else if second_factor(&Json::Object(role.clone())) {
            login.shift_remove("second_factor");
        }
        if login.is_empty() {
            role.shift_remove("login");
        } else {
            role.insert("login".into(), Json::Object(login));
        }
    }
    let admin: Vec<&str> = sent.all("admin").collect();
    if admin.is_empty() {
        role.shift_remove("admin")
    } else {
        role.insert("admin".into(), json!(admin))
    };
    Json::Object(role)
}

/// Whether the holders of a role sign in with a second factor.
pub fn second_factor(role: &Json) -> bool {
    role.pointer("/login/second_factor").and_then(Json::as_bool) == Some(true)
}

/// The networks from which the holders of a role may come, one a line.
pub fn addresses(role: &Json) -> String {
    let list = role.pointer("/login/addresses").and_then(Json::as_array);
    let lines: Vec<&str> = list.into_iter().flatten().filter_map(Json::as_str).collect();
    lines.join("\n")
}

/// The rights to the fields of an entity: one line for each field.
pub fn field_rows(reading: &Reading<'_>, role: &Json, entity: &str, definition: &Json) -> Vec<FieldRightRow> {
    let own =
        role.pointer("/entities").and_then(|entities| entities.get(entity)).and_then(|own| own.get("fields"));
    let fields = definition.get("properties").and_then(Json::as_object);
    fields
        .into_iter()
        .flatten()
        .map(|(name, field)| {
            let said = own.and_then(|rights| rights.get(name));
            let right = said.map_or("edit", word_of);
            let kind = kontor_model::kind::find(text(field, "kind"));
            let has_masks = kind.is_some_and(kontor_model::kind::mask::has_masks);
            let offered = FIELD_RIGHTS
                .into_iter()
                .filter(|one| *one == right || has_masks || !one.starts_with(MASKED))
                .chain((right == WRITTEN).then_some(WRITTEN));
            FieldRightRow {
                name: name.clone(),
                title: reading.label(
                    DefinitionKind::Entity,
                    entity,
                    &format!("properties.{name}.title"),
                    text(field, "title"),
                ),
                kind: reading.kind_title(text(field, "kind")),
                rights: offered
                    .map(|one| OptionView::new(one, reading.t(&format!("roles.field_{one}")), one == right))
                    .collect(),
            }
        })
        .collect()
}

/// A right to a field as the select names it.
fn word_of(said: &Json) -> &'static str {
    let right = said.as_str().or_else(|| said.get("right").and_then(Json::as_str)).unwrap_or_default();
    let word = match (right, said.get("reveal").and_then(Json::as_str)) {
        (right, None) => right,
        (MASKED, Some("with_reason")) => MASKED_WITH_REASON,
        (MASKED, Some("always")) => MASKED_ALWAYS,
        _ => WRITTEN,
    };
    FIELD_RIGHTS.into_iter().find(|known| *known == word).unwrap_or(WRITTEN)
}

/// A right as roles write it.
fn written(right: &str) -> Json {
    match right {
        MASKED_WITH_REASON => json!({ "right": MASKED, "reveal": "with_reason" }),
        MASKED_ALWAYS => json!({ "right": MASKED, "reveal": "always" }),
        plain => plain.into(),
    }
}

/// The role after the form of its rights to the fields of an entity. An entity that the role did not name gets the
/// line of every entity, so that only its fields change.
pub fn with_field_rights(before: &Json, entity: &str, definition: &Json, sent: &Form) -> Json {
    let mut role = before.clone();
    let every = before.pointer("/entities/*").cloned().unwrap_or_else(|| json!({}));
    let names =
        definition.get("properties").and_then(Json::as_object).into_iter().flatten().map(|(name, _)| name);
    // Rights that the form does not show stay: those of fields that every record has, and what only the source says.
    let mut rights: Map<String, Json> = before
        .pointer("/entities")
        .and_then(|entities| entities.get(entity)?.get("fields")?.as_object())
        .cloned()
        .unwrap_or_default();
    for name in names {
        match FIELD_RIGHTS.into_iter().find(|right| *right == sent.text(&format!("right.{name}"))) {
            Some("edit") => drop(rights.shift_remove(name)),
            Some(right) if rights.get(name).is_some_and(|said| word_of(said) == right) => {}
            Some(right) => drop(rights.insert(name.clone(), written(right))),
            None => {}
        }
    }
    if let Some(entities) = role.get_mut("entities").and_then(Json::as_object_mut) {
        let own = entities.entry(entity).or_insert(every);
        if let Some(own) = own.as_object_mut() {
            if rights.is_empty() {
                own.shift_remove("fields");
            } else {
                own.insert("fields".into(), Json::Object(rights));
            }
        }
    }
    role
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::frame::address;

    #[test]
    fn an_untouched_matrix_changes_nothing_and_export_can_be_taken_away() {
        let before =
            json!({ "name": "r", "title": "R", "entities": { "*": { "read": "all", "create": false } } });
        let untouched = "title=R&*.read=all&*.update=none&*.delete=none&*.create=no&*.import=no&*.export=yes&*.bulk=no&*.assign=no&*.run=no";
        let role = |body: &str| definition(&before, "r", &Form(address::pairs(body.as_bytes())));
        assert_eq!(role(untouched), before);
        let without = role(&untouched.replace("export=yes", "export=no"));
        assert_eq!(without["entities"]["*"], json!({ "read": "all", "create": false, "export": false }));
    }

    #[test]
    fn rights_to_fields_keep_what_the_form_does_not_show() {
        let before = json!({ "entities": { "*": { "read": "own" }, "deal": { "fields": {
            "owner": "read", "iban": { "right": "masked" }, "cost": "none", "name": "read" } } } });
        let definition = json!({ "properties": { "name": {}, "cost": {}, "iban": {}, "margin": {} } });
        let sent = "right.name=edit&right.cost=read&right.iban=written&right.margin=none";
        let role = with_field_rights(&before, "deal", &definition, &Form(address::pairs(sent.as_bytes())));
        assert_eq!(
            role["entities"]["deal"]["fields"],
            json!({ "owner": "read", "iban": { "right": "masked" }, "cost": "read", "margin": "none" })
        );
        let other = with_field_rights(&before, "lead", &definition, &Form(address::pairs(sent.as_bytes())));
        assert_eq!(other["entities"]["lead"]["read"], "own");
    }

    #[test]
    fn a_matrix_becomes_a_role() {
        let body = "title=Sales&description=&*.read=own&*.create=yes&*.run=no&deal.read=all&deal.own=1&deal.update=where&deal.create=no&lead.read=own&admin=design";
        let before = json!({ "name": "sales", "title": "S", "entities": { "deal": { "update": { "where": {} }, "fields": { "cost": "none" }, "create": true }, "lead": { "read": "all" } } });
        let role = definition(&before, "sales", &Form(address::pairs(body.as_bytes())));
        assert_eq!(
            role,
            json!({
                "name": "sales", "title": "Sales",
                "entities": {
                    "*": { "read": "own", "create": true },
                    "deal": { "update": { "where": {} }, "fields": { "cost": "none" }, "create": false, "read": "all" },
                },
                "admin": ["design"],
            })
        );
    }
}
