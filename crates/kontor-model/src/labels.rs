//! The texts of definitions that can be said in other languages, under the paths that `locale/<language>.json` keeps them at.

use serde_json::Map;

use crate::Json;
use crate::definition::DefinitionKind;
use crate::layer::identity;

/// The keys whose texts people read on screen; a form has paragraphs, too.
const TEXTS: [&str; 6] = ["title", "plural", "description", "help", "placeholder", "message"];
/// Keys below which nothing is a text for people: conditions, values, and what is read by machines.
const ASIDE: [&str; 16] = [
    "when",
    "where",
    "default",
    "values",
    "on",
    "rollup",
    "copy",
    "formula",
    "options_when",
    "visible_when",
    "required_when",
    "readonly_when",
    "exit_when",
    "match",
    "order",
    "sort",
];

/// Keys whose members are named by whoever designs: none of those names means anything.
const NAMED: [&str; 2] = ["properties", "inputs"];

/// A text that can be said in other languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its path inside the definition, joined by dots: `properties.status.oneOf.open.title`.
    pub path: String,
    /// The text in the definition's own language.
    pub text: String,
}

/// Every text of a definition that can be said in other languages, in the order in which it is written. Items of lists
/// are named by their identity, as layers name them; items without one cannot be named and are left out.
pub fn labels(kind: DefinitionKind, definition: &Json) -> Vec<Label> {
    let mut found = Vec::new();
    if !matches!(kind, DefinitionKind::Script | DefinitionKind::Locale) {
        let texts = |key: &str| match kind {
            DefinitionKind::Form | DefinitionKind::Dashboard if key == "text" => true,
            DefinitionKind::Action if key == "confirm" => true,
            _ => TEXTS.contains(&key),
        };
        collect(definition, &texts, false, &mut String::new(), &mut found);
    }
    if kind == DefinitionKind::Workflow {
        found.extend(["title", "confirm"].into_iter().filter_map(|key| of_button(definition, key)));
    }
    found
}

/// A text on the button that starts a workflow.
fn of_button(workflow: &Json, key: &str) -> Option<Label> {
    let text = workflow.get("on")?.get(key)?.as_str().filter(|text| !text.is_empty())?;
    Some(Label { path: format!("on.{key}"), text: text.to_owned() })
}

/// `named` says that the keys of the object are names, and no words of the shape of a definition.
fn collect(
    json: &Json,
    texts: &impl Fn(&str) -> bool,
    named: bool,
    path: &mut String,
    found: &mut Vec<Label>,
) {
    let length = path.len();
    let below = |path: &mut String, part: &str| {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(part);
    };
    match json {
        Json::Object(object) => {
            for (key, value) in object.iter().filter(|(key, _)| named || !ASIDE.contains(&key.as_str())) {
                below(path, key);
                match value {
                    Json::String(text) if !named && texts(key) && !text.is_empty() => {
                        found.push(Label { path: path.clone(), text: text.clone() });
                    }
                    Json::Object(_) | Json::Array(_) => {
                        collect(value, texts, !named && NAMED.contains(&key.as_str()), path, found);
                    }
                    _ => {}
                }
                path.truncate(length);
            }
        }
        Json::Array(list) => {
            for item in list.iter().filter(|item| item.is_object()) {
                if let Some(name) = name(item) {
                    below(path, name);
                    collect(item, texts, false, path, found);
                    path.truncate(length);
                }
            }
        }
        _ => {}
    }
}

/// What an item is called in catalogues: a dimension of a report by its own name, whatever field it groups by.
fn name(item: &Json) -> Option<&str> {
    let own = ["name", "as"].into_iter().find_map(|key| item.get(key).and_then(Json::as_str));
    own.or_else(|| identity(item))
}

/// The key of a text of a definition in a catalogue: `definitions.entity.ticket.title`.
pub fn key(kind: DefinitionKind, name: &str, path: &str) -> String {
    format!("definitions.{kind}.{name}.{path}")
}

/// Puts a text into a language file under its key, or takes it out when it is empty. What becomes empty goes with it.
pub fn set(file: &mut Json, key: &str, text: &str) {
    if !file.is_object() {
        *file = Json::Object(Map::new());
    }
    let parts: Vec<&str> = key.split('.').collect();
    if text.is_empty() { take(file, &parts) } else { put(file, &parts, text) }
}

fn put(json: &mut Json, parts: &[&str], text: &str) {
    let Some((first, rest)) = parts.split_first() else { return };
    if !json.is_object() {
        *json = Json::Object(Map::new());
    }
    let Some(object) = json.as_object_mut() else { return };
    if rest.is_empty() {
        object.insert((*first).to_owned(), text.into());
    } else {
        put(object.entry(*first).or_insert_with(|| Json::Object(Map::new())), rest, text);
    }
}

fn take(json: &mut Json, parts: &[&str]) {
    let (Some((first, rest)), Some(object)) = (parts.split_first(), json.as_object_mut()) else { return };
    if !rest.is_empty()
        && let Some(inner) = object.get_mut(*first)
    {
        take(inner, rest);
        if inner.as_object().is_none_or(|inner| !inner.is_empty()) {
            return;
        }
    }
    object.shift_remove(*first);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::locale::Catalogue;
    use serde_json::json;

    #[test]
    fn every_text_for_people_has_the_path_that_catalogues_use() {
        let ticket = json!({
            "name": "ticket", "title": "Ticket", "plural": "Tickets",
            "properties": {
                "status": { "kind": "choice", "title": "Status", "help": "How it stands",
                    "oneOf": [{ "const": "open", "title": "Open" }], "default": "open" },
                "site": { "kind": "link", "title": "Site", "back": { "name": "tickets", "title": "Tickets" } }
            },
            "rules": [{ "name": "late", "when": { "field": "title", "eq": "x" }, "message": "Too late" }]
        });
        let found = labels(DefinitionKind::Entity, &ticket);
        let paths: Vec<&str> = found.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "title",
                "plural",
                "properties.status.title",
                "properties.status.help",
                "properties.status.oneOf.open.title",
                "properties.site.title",
                "properties.site.back.title",
                "rules.late.message"
            ]
        );
        let mut file = json!({});
        for one in &found {
            set(&mut file, &key(DefinitionKind::Entity, "ticket", &one.path), &format!("<{}>", one.text));
        }
        let catalogue = Catalogue::from_json("de", &file, None);
        for one in &found {
            assert_eq!(catalogue.label("entity", "ticket", &one.path, ""), format!("<{}>", one.text));
        }
    }

    #[test]
    fn a_text_that_is_taken_out_leaves_nothing_behind() {
        let mut file = json!({ "ui": { "yes": "Ja" }, "definitions": { "role": { "r": { "title": "R" } } } });
        set(&mut file, "definitions.role.r.title", "");
        set(&mut file, "definitions.role.unknown.title", "");
        assert_eq!(file, json!({ "ui": { "yes": "Ja" } }));
        set(&mut file, "a.b", "c");
        set(&mut file, "a.b.d", "e");
        assert_eq!(file["a"], json!({ "b": { "d": "e" } }));
    }

    #[test]
    fn a_field_may_be_called_like_a_word_of_definitions() {
        for name in ASIDE.into_iter().chain(TEXTS).chain(NAMED) {
            let entity =
                json!({ "name": "e", "properties": { name: { "kind": "text", "title": "T", "help": "H" } } });
            let paths: Vec<String> =
                labels(DefinitionKind::Entity, &entity).into_iter().map(|one| one.path).collect();
            assert_eq!(paths, [format!("properties.{name}.title"), format!("properties.{name}.help")]);
            let action = json!({ "name": "a", "inputs": { name: { "kind": "text", "title": "T" } }, "confirm": "Sure?" });
            let found = labels(DefinitionKind::Action, &action);
            assert_eq!(found.first().unwrap().path, format!("inputs.{name}.title"));
            assert_eq!(found.last().unwrap(), &Label { path: "confirm".into(), text: "Sure?".into() });
        }
        let dashboard = json!({ "name": "d", "tiles": [{ "name": "hello", "text": "Good morning" }] });
        let found = labels(DefinitionKind::Dashboard, &dashboard);
        assert_eq!(found, [Label { path: "tiles.hello.text".into(), text: "Good morning".into() }]);
    }

    #[test]
    fn what_machines_read_is_no_label() {
        let report = json!({ "name": "r", "where": { "field": "title", "message": "no" }, "measures": [
            { "as": "n", "title": "Number", "where": { "title": "no" } }, { "title": "without a name" }] });
        let found = labels(DefinitionKind::Report, &report);
        assert_eq!(found, [Label { path: "measures.n.title".into(), text: "Number".into() }]);
        assert_eq!(labels(DefinitionKind::Script, &json!({ "title": "x" })), []);
    }
}
