//! The meta-schemas: `schemas/meta/<kind>.schema.json`, part of the program.

use std::sync::OnceLock;

use indexmap::IndexMap;
use jsonschema::{PatternOptions, ValidationOptions, Validator};
use serde_json::json;

use crate::Json;
use crate::definition::DefinitionKind;
use crate::kind;

macro_rules! schema {
    ($name:literal) => {
        include_str!(concat!("../../../../schemas/meta/", $name, ".schema.json"))
    };
}

fn text(kind: DefinitionKind) -> Option<&'static str> {
    Some(match kind {
        DefinitionKind::Entity => schema!("entity"),
        DefinitionKind::Form => schema!("form"),
        DefinitionKind::View => schema!("view"),
        DefinitionKind::Process => schema!("process"),
        DefinitionKind::Workflow => schema!("workflow"),
        DefinitionKind::Report => schema!("report"),
        DefinitionKind::Metric => schema!("metric"),
        DefinitionKind::Snapshot => schema!("snapshot"),
        DefinitionKind::Dashboard => schema!("dashboard"),
        DefinitionKind::Role => schema!("role"),
        DefinitionKind::App => schema!("app"),
        DefinitionKind::Table => schema!("table"),
        DefinitionKind::Setting => schema!("setting"),
        DefinitionKind::Action => schema!("action"),
        DefinitionKind::Approval => schema!("approval"),
        DefinitionKind::Script => schema!("script"),
        // A language is a tree of texts and has no schema.
        DefinitionKind::Locale => return None,
    })
}

const COUNT: usize = DefinitionKind::ALL.len();

/// The meta-schema of a kind: it checks a definition, draws its generic form, and documents every key. `None` for the
/// texts of a language.
pub fn meta_schema(kind: DefinitionKind) -> Option<&'static Json> {
    // Read once: the text never changes while the program runs.
    static SCHEMAS: [OnceLock<Option<Json>>; COUNT] = [const { OnceLock::new() }; COUNT];
    SCHEMAS
        .get(kind as usize)?
        .get_or_init(|| {
            serde_json::from_str(text(kind)?)
                .ok()
                .map(with_steps)
                .map(with_fields)
                .map(with_conditions)
                .map(with_kinds)
                .map(with_inputs)
        })
        .as_ref()
}

/// Fills in the shapes of steps where they may stand outside of workflows, the same as there.
fn with_steps(mut schema: Json) -> Json {
    let is_place = |part: &Json| {
        part.get("description").is_some_and(|said| said == FILLED_IN) && part.get("allOf").is_none()
    };
    let Some(parts) = schema.get_mut("$defs").and_then(Json::as_object_mut) else { return schema };
    if !parts.get("step").is_some_and(is_place) {
        return schema;
    }
    let Ok(workflow) = serde_json::from_str::<Json>(schema!("workflow")) else { return schema };
    let shapes = workflow.get("$defs").and_then(Json::as_object).into_iter().flatten();
    for (name, shape) in shapes {
        let is_of_steps = name.starts_with("step") || name == "complete_step";
        if is_of_steps || !parts.contains_key(name) {
            parts.insert(name.clone(), shape.clone());
        }
    }
    schema
}

fn has_inputs(schema: &Json) -> bool {
    schema.pointer("/$defs/input/description").is_some_and(|said| said == OF_ACTIONS)
}

/// An input is a field that says where it stands in what comes in.
fn with_inputs(mut schema: Json) -> Json {
    if !has_inputs(&schema) {
        return schema;
    }
    let Some(parts) = schema.get_mut("$defs").and_then(Json::as_object_mut) else { return schema };
    let Some(mut input) = parts.get("field").cloned() else { return schema };
    let place = json!({
        "title": "Place",
        "description": "Where it stands in what comes in, as a JSON pointer such as /data/email; below its own name unless it is said.",
        "type": ["string", "null"],
        "pattern": "^(/[^/]*)+$",
        "maxLength": 200,
    });
    if let Some(properties) = input.get_mut("properties").and_then(Json::as_object_mut) {
        properties.insert("at".into(), place);
    }
    if let Some(object) = input.as_object_mut() {
        object.insert("required".into(), json!(["kind"]));
    }
    parts.insert("input".into(), input);
    schema
}

/// What stands where the shapes of steps belong.
const FILLED_IN: &str = "The program fills this in from workflow.schema.json.";

/// Fills in the shape of fields where steps ask for something, the same as in actions.
fn with_fields(mut schema: Json) -> Json {
    let Some(parts) = schema.get_mut("$defs").and_then(Json::as_object_mut) else { return schema };
    let is_place = |part: &Json| part.get("description").is_some_and(|said| said == OF_ACTIONS);
    if !parts.get("field").is_some_and(is_place) {
        return schema;
    }
    let Ok(action) = serde_json::from_str::<Json>(schema!("action")) else { return schema };
    for (name, shape) in action.get("$defs").and_then(Json::as_object).into_iter().flatten() {
        if name == "field" || !parts.contains_key(name) {
            parts.insert(name.clone(), shape.clone());
        }
    }
    schema
}

/// What stands where the shape of a field, or of an input made of one, belongs.
const OF_ACTIONS: &str = "The program fills this in from action.schema.json.";

/// Fills in the shape of conditions, the same wherever one may stand.
fn with_conditions(mut schema: Json) -> Json {
    let Ok(shapes) = serde_json::from_str::<Json>(schema!("filter")) else { return schema };
    let parts = schema.get_mut("$defs").and_then(Json::as_object_mut);
    let shapes = shapes.get("$defs").and_then(Json::as_object);
    if let (Some(parts), Some(shapes)) = (parts, shapes) {
        for (name, shape) in shapes {
            if let Some(part) = parts.get_mut(name) {
                shape.clone_into(part);
            }
        }
    }
    schema
}

/// Facets that every kind may have.
const COMMON: [&str; 2] = ["default", "placeholder"];

/// Fills in what the schema of a field takes from the table of kinds: their names, and which facet fits which of them.
fn with_kinds(mut schema: Json) -> Json {
    let Some(parts) = schema.get_mut("$defs").and_then(Json::as_object_mut) else { return schema };
    if !parts.contains_key("kind") || !parts.contains_key("field") {
        return schema;
    }
    let mut names: Vec<Json> = kind::definable().map(|kind| kind.name().into()).collect();
    names.push(Json::Null);
    if let Some(kinds) = parts.get_mut("kind").and_then(Json::as_object_mut) {
        kinds.shift_remove("type");
        kinds.insert("enum".into(), Json::Array(names));
    }
    let mut by_key: IndexMap<&str, Vec<Json>> = IndexMap::new();
    for kind in kind::definable() {
        for facet in kind.facets().iter().filter(|facet| !COMMON.contains(&facet.key)) {
            by_key.entry(facet.key).or_default().push(kind.name().into());
        }
    }
    let rules = by_key.into_iter().map(|(key, mut kinds)| {
        kinds.push(Json::Null);
        json!({ "if": { "properties": { "kind": { "not": { "enum": kinds } } }, "required": ["kind"] },
            "then": { "properties": { key: false } } })
    });
    if let Some(all) =
        parts.get_mut("field").and_then(|field| field.get_mut("allOf")).and_then(Json::as_array_mut)
    {
        all.extend(rules);
    }
    schema
}

/// Patterns are matched in linear time.
fn options<'a>() -> ValidationOptions<'a> {
    jsonschema::options().with_pattern_options(PatternOptions::regex())
}

/// The compiled meta-schema of a kind.
pub(super) fn validator(kind: DefinitionKind) -> Option<&'static Validator> {
    static VALIDATORS: [OnceLock<Option<Validator>>; COUNT] = [const { OnceLock::new() }; COUNT];
    let build = || options().build(meta_schema(kind)?).ok();
    VALIDATORS.get(kind as usize)?.get_or_init(build).as_ref()
}

/// The schema of the pack file, `pack.json`.
pub fn pack_schema() -> Option<&'static Json> {
    static SCHEMA: OnceLock<Option<Json>> = OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::from_str(schema!("pack")).ok()).as_ref()
}

/// The compiled schema of the pack file.
pub(super) fn pack_validator() -> Option<&'static Validator> {
    static VALIDATOR: OnceLock<Option<Validator>> = OnceLock::new();
    VALIDATOR.get_or_init(|| options().build(pack_schema()?).ok()).as_ref()
}
