//! The data dictionary of what is published, from definitions, roles and layers.

use kontor_core::permissions::access_of;
use kontor_model::access::Scope;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::entity::arranged;
use kontor_model::diff::use_counts;
use kontor_model::entity::{Encryption, system};
use kontor_model::{EntityModel, Json};
use kontor_view::page::admin::dictionary::{DictionaryEntity, DictionaryField};

use super::entity::facets_text;
use super::said::Said;
use super::save_steps::rollup_text;
use crate::present::Reading;
use crate::present::export::{Cell, Table};
use crate::routes::admin::draft::{self, Draft, text};

/// Everything about one entity.
pub fn entity(reading: &Reading<'_>, published: &Draft<'_>, entity: &EntityModel) -> DictionaryEntity {
    let name = entity.name.as_str();
    let empty = Json::Null;
    let json = reading.session.model.definition(DefinitionKind::Entity, name).unwrap_or(&empty);
    let said = Said::new(reading, published);
    let mut fields: Vec<DictionaryField> = entity
        .fields
        .iter()
        .take(system::COUNT)
        .map(|field| DictionaryField {
            name: field.name.clone(),
            title: field.label(&reading.labels).to_owned(),
            kind: field.kind.name().to_owned(),
            kind_title: reading.t(&format!("kind.{}.title", field.kind.name())),
            layer: reading.t("admin.layer_built_in"),
            system: true,
            ..DictionaryField::default()
        })
        .collect();
    let counts = use_counts(&reading.session.model, name);
    let layers = reading.session.workspace.layers();
    for (field, facets) in arranged(json) {
        let pointer = format!("/properties/{field}");
        let from = kontor_model::layer::origin(&layers.sets, DefinitionKind::Entity, name, &pointer);
        let path = format!("properties.{field}");
        let label = |part: &str| {
            reading.label(DefinitionKind::Entity, name, &format!("{path}.{part}"), text(facets, part))
        };
        let model = entity.field(field);
        fields.push(DictionaryField {
            name: field.to_owned(),
            title: label("title"),
            kind: text(facets, "kind").to_owned(),
            kind_title: reading.kind_title(text(facets, "kind")),
            facets: facets_text(reading, published, facets),
            required: model.is_some_and(|model| model.required),
            unique: facets.get("unique").and_then(Json::as_bool) == Some(true),
            encryption: match model.map(|model| model.encryption) {
                Some(Encryption::Lookup) => "lookup".to_owned(),
                Some(Encryption::Sealed) => "sealed".to_owned(),
                Some(Encryption::None) | None => String::new(),
            },
            options: options(reading, name, field, facets),
            default: facets.get("default").map(|own| said.value(name, field, own)).unwrap_or_default(),
            source: source(reading, &said, published, facets),
            conditions: conditions(reading, &said, name, facets),
            rights: rights(reading, name, field),
            used: counts.get(field).copied().unwrap_or(0),
            layer: draft::layer_title(reading, from),
            help: label("help"),
            classification: match text(facets, "classification") {
                "" => String::new(),
                own => reading.t(&format!("classification.{own}")),
            },
            system: false,
        });
    }
    DictionaryEntity {
        name: name.to_owned(),
        title: reading.title_of(entity),
        plural: reading.plural_of(entity),
        description: reading.label(DefinitionKind::Entity, name, "description", text(json, "description")),
        layer: draft::layer(reading, DefinitionKind::Entity, name),
        records: String::new(),
        fields,
        rules: rules(reading, &said, name, json),
        roles: roles(reading, name),
        href: String::new(),
    }
}

fn options(reading: &Reading<'_>, entity: &str, field: &str, facets: &Json) -> Vec<String> {
    let list = facets.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    list.map(|option| {
        let value = text(option, "const");
        let path = format!("properties.{field}.oneOf.{value}.title");
        let title = reading.label(DefinitionKind::Entity, entity, &path, text(option, "title"));
        let is_retired = option.get("retired").and_then(Json::as_bool) == Some(true);
        let end = if is_retired { format!(" {}", reading.t("value.retired")) } else { String::new() };
        format!("{value} = {title}{end}")
    })
    .collect()
}

fn source(reading: &Reading<'_>, said: &Said<'_>, draft: &Draft<'_>, facets: &Json) -> String {
    if let Some(formula) = facets.get("formula").and_then(Json::as_str) {
        return format!("{}: {formula}", reading.t("field_editor.source_formula"));
    }
    if let Some(rollup) = facets.get("rollup") {
        let own = rollup_text(reading, draft, said, rollup);
        return format!("{}: {own}", reading.t("field_editor.source_rollup"));
    }
    match facets.get("copy").and_then(Json::as_str) {
        Some(copy) => reading.words().with("said.copied", &[("field", copy)]),
        None => String::new(),
    }
}

fn conditions(reading: &Reading<'_>, said: &Said<'_>, entity: &str, facets: &Json) -> Vec<String> {
    let mut found: Vec<String> = ["visible_when", "required_when", "readonly_when"]
        .into_iter()
        .filter_map(|key| Some((key, facets.get(key)?)))
        .map(|(key, filter)| {
            let condition = said.condition(entity, filter);
            reading.words().with(&format!("said.{key}"), &[("condition", &condition)])
        })
        .collect();
    if let Some(who) = facets.get("write").and_then(Json::as_str).filter(|who| *who != "people") {
        found.push(reading.t(&format!("said.write_{who}")));
    }
    if facets.get("set_once").and_then(Json::as_bool) == Some(true) {
        found.push(reading.t("field_editor.facet_set_once"));
    }
    found
}

/// What roles may not do with a field.
fn rights(reading: &Reading<'_>, entity: &str, field: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (role, json) in reading.session.model.definitions_of(DefinitionKind::Role) {
        let fields = json.get("entities").and_then(|all| all.get(entity)?.get("fields"));
        let Some(right) = fields.and_then(|fields| fields.get(field)) else { continue };
        let right = right.as_str().unwrap_or_else(|| text(right, "right"));
        if matches!(right, "none" | "masked" | "read") {
            let title = reading.definition_title(DefinitionKind::Role, role, json);
            found.push(format!("{title}: {}", reading.t(&format!("dictionary.right_{right}"))));
        }
    }
    found
}

/// What roles may do with records of an entity.
fn roles(reading: &Reading<'_>, entity: &str) -> Vec<String> {
    let mut found = Vec::new();
    let model = &reading.session.model;
    for (role, json) in model.definitions_of(DefinitionKind::Role) {
        // What holds when somebody comes, and not what one definition says by itself.
        let access = access_of(model, &[role.to_owned()], &[]);
        let own = access.entity(entity);
        let verbs: Vec<String> = [
            ("create", own.create),
            ("read", !matches!(own.read, Scope::None)),
            ("update", !matches!(own.update, Scope::None)),
            ("delete", !matches!(own.delete, Scope::None)),
        ]
        .into_iter()
        .filter(|(_, may)| *may)
        .map(|(verb, _)| reading.t(&format!("verb.{verb}")))
        .collect();
        if !verbs.is_empty() {
            let title = reading.definition_title(DefinitionKind::Role, role, json);
            found.push(format!("{title}: {}", verbs.join(", ")));
        }
    }
    found
}

fn rules(reading: &Reading<'_>, said: &Said<'_>, entity: &str, json: &Json) -> Vec<String> {
    let list = json.get("rules").and_then(Json::as_array).into_iter().flatten();
    list.map(|rule| {
        let path = format!("rules.{}.message", text(rule, "name"));
        let message = reading.label(DefinitionKind::Entity, entity, &path, text(rule, "message"));
        let when = rule.get("when").map(|when| said.condition(entity, when)).unwrap_or_default();
        format!("{message} ({when})")
    })
    .collect()
}

/// One line per field, for spreadsheets.
pub fn table(reading: &Reading<'_>, entities: &[DictionaryEntity]) -> Table {
    const COLUMNS: [&str; 19] = [
        "entity",
        "entity_title",
        "field",
        "title",
        "kind",
        "facets",
        "required",
        "unique",
        "encryption",
        "options",
        "default",
        "source",
        "conditions",
        "rights",
        "used",
        "from",
        "help",
        "classification",
        "system",
    ];
    let yes = |is: bool| reading.t(if is { "value.yes" } else { "value.no" });
    let mut rows = Vec::new();
    for entity in entities {
        for field in &entity.fields {
            let texts = [
                entity.name.clone(),
                entity.title.clone(),
                field.name.clone(),
                field.title.clone(),
                field.kind_title.clone(),
                field.facets.clone(),
                yes(field.required),
                yes(field.unique),
                if field.encryption.is_empty() {
                    String::new()
                } else {
                    reading.t(&format!("dictionary.encryption_{}", field.encryption))
                },
                field.options.join("\n"),
                field.default.clone(),
                field.source.clone(),
                field.conditions.join("\n"),
                field.rights.join("\n"),
                field.used.to_string(),
                field.layer.clone(),
                field.help.clone(),
                field.classification.clone(),
                yes(field.system),
            ];
            rows.push(texts.into_iter().map(Cell::Text).collect());
        }
    }
    let headings = COLUMNS.iter().map(|column| reading.t(&format!("dictionary.column_{column}"))).collect();
    Table { headings, rows }
}
