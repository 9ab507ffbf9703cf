//! The page about a kind of field, from what the kind says of itself and the meta-schema says of its facets.

use kontor_core::records::Titles;
use kontor_model::definition::DefinitionKind;
use kontor_model::kind::{FieldKind, specimen};
use kontor_model::{Json, Value};
use kontor_view::page::admin::kind::{FacetLine, KindPage, PartLine};

use super::facets;
use crate::present::Reading;

/// The page; `None` when the kind's own example is no definition, which a test rules out.
pub fn page(reading: &Reading<'_>, kind: &dyn FieldKind) -> Option<KindPage> {
    let (model, value) = specimen(kind);
    let entity = model.entities.values().find(|entity| !entity.is_built_in())?;
    let field = entity.own_fields().next()?;
    let titles = Titles::new();
    let presenter = reading.presenter(&titles);
    let drawn = |name: &str, value: &Value| {
        let mut view = presenter.field(entity, field, value, "");
        // Two controls on one page need two names.
        for part in &mut view.parts {
            part.name = part.name.replacen(&view.name, name, 1);
        }
        name.clone_into(&mut view.name);
        view.readonly = false;
        view
    };
    let pretty = |json: &Json| serde_json::to_string_pretty(json).unwrap_or_default();
    let has_sample = !value.is_empty();
    let text_of = |key: &str| {
        let word = format!("facet_about.{}", facets::word_of(key));
        if reading.words().has(&word) { reading.t(&word) } else { described(key) }
    };
    Some(KindPage {
        at: reading.visit.place(),
        kind: kind.name().to_owned(),
        definition: pretty(&kind.example()),
        json: if has_sample { pretty(&kind.to_json(field, &value)) } else { String::new() },
        csv: if has_sample { kind.to_text(field, &value, reading.session.actor.zone) } else { String::new() },
        schema: pretty(&kind.json_schema(field)),
        empty: drawn("empty", &Value::Empty),
        filled: drawn("filled", &value),
        cell: presenter.cell(entity, field, &value, ""),
        facets: kind
            .facets()
            .iter()
            .map(|facet| FacetLine {
                key: facet.key.to_owned(),
                label: label(reading, facet.key),
                about: text_of(facet.key),
            })
            .collect(),
        parts: entity
            .parts_of(field.index)
            .map(|part| PartLine {
                path: part.name.clone(),
                label: part.label(&reading.labels).to_owned(),
                kind: reading.t(&format!("kind.{}.title", part.kind.name())),
            })
            .collect(),
        operators: kind
            .operators()
            .iter()
            .map(|operator| {
                let key = operator.as_str();
                (key.to_owned(), reading.t(&format!("operator.{key}")))
            })
            .collect(),
        formula_type: kind.formula_type().as_str().to_owned(),
    })
}

fn label(reading: &Reading<'_>, key: &str) -> String {
    let word = format!("field_editor.facet_{}", facets::word_of(key));
    if reading.words().has(&word) { reading.t(&word) } else { key.to_owned() }
}

/// What the meta-schema says of a key of a field.
fn described(key: &str) -> String {
    kontor_model::check::meta_schema(DefinitionKind::Entity)
        .and_then(|schema| schema.pointer(&format!("/$defs/field/properties/{key}/description")))
        .and_then(Json::as_str)
        .unwrap_or_default()
        .to_owned()
}
