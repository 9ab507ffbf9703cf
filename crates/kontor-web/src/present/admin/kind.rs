//! The page about a kind of field, from what the kind says of itself and the meta-schema says of its facets.

use kontor_core::records::Titles;
use kontor_model::definition::DefinitionKind;
use kontor_model::kind::FieldKind;
use kontor_model::kind::specimen;
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Json, Model, Value};
use kontor_view::field::{ListRow, ListView};
use kontor_view::page::admin::kind::{FacetLine, KindPage, PartLine};

use uuid::Uuid;

use super::facets;
use crate::present::{Reading, export, list_field};

/// The id of the record that samples of links name.
const SAMPLE: u128 = 0x0192_f3a0_7c1e_7b4c_9d2e_5f60_7a8b_9c0d;

/// The page; `None` when the kind's own example is no definition, which a test rules out.
pub fn page(reading: &Reading<'_>, kind: &dyn FieldKind) -> Option<KindPage> {
    let say = |text: &str| reading.schema_text(text);
    let (model, mut value) = specimen::specimen_in(kind, &say);
    let entity = model.entity(specimen::ENTITY)?;
    let field = entity.field(specimen::FIELD)?;
    let mut titles = Titles::new();
    let linked = link_of(reading, field).filter(|_| value.is_empty());
    if let Some((link, id, title)) = &linked {
        value = link.clone();
        titles.insert(*id, title.clone());
    }
    let presenter = reading.presenter(&titles);
    let drawn = |name: &str, value: &Value| {
        let mut view = presenter.field(entity, field, value, "");
        // Two controls on one page need two names.
        for part in &mut view.parts {
            part.name = part.name.replacen(&view.name, name, 1);
        }
        // The files of samples are nowhere.
        view.files.iter_mut().for_each(|file| file.href.clear());
        name.clone_into(&mut view.name);
        view.readonly = false;
        view.list = list_of(reading, &model, field, name == "filled");
        view
    };
    let pretty = |json: &Json| serde_json::to_string_pretty(json).unwrap_or_default();
    let has_sample = !value.is_empty();
    let rows = list_json(&model, field);
    let text_of = |key: &str| {
        let word = format!("facet_about.{}", facets::word_of(key));
        if reading.words().has(&word) { reading.t(&word) } else { described(reading, key) }
    };
    Some(KindPage {
        at: reading.visit.place(),
        kind: kind.name().to_owned(),
        definition: pretty(&specimen::example_in(kind, &say)),
        json: match rows {
            Some(rows) => pretty(&rows),
            None if has_sample => pretty(&answered(reading, entity, field, &value, linked.as_ref())),
            None => String::new(),
        },
        sent: linked.as_ref().map(|(_, id, title)| sent(field, *id, title)).unwrap_or_default(),
        csv: match &linked {
            Some((_, _, title)) => title.clone(),
            None if has_sample => export::text_of(field, &value, reading.session.actor.zone),
            None => String::new(),
        },
        schema: pretty(&kind.json_schema(field)),
        empty: drawn("empty", &Value::Empty),
        filled: drawn("filled", &value),
        cell: {
            let mut cell = presenter.cell(entity, field, &value, "");
            cell.files.iter_mut().for_each(|file| file.href.clear());
            cell
        },
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

/// A record for a link to name: its value, its id and its title. None where links are a list of their own.
fn link_of(reading: &Reading<'_>, field: &FieldModel) -> Option<(Value, Uuid, String)> {
    if !field.kind.is_link() || field.kind.is_list() {
        return None;
    }
    let id = Uuid::from_u128(SAMPLE);
    let title = reading.t("kinds.sample_record");
    let value = match field.targets.as_slice() {
        [_] | [] => Value::Id(id),
        [first, ..] => Value::AnyLink(AnyLink { entity: first.clone(), id }),
    };
    Some((value, id, title))
}

/// What a request answers: a link with the title of its record, an amount with its currency.
fn answered(
    reading: &Reading<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    value: &Value,
    linked: Option<&(Value, Uuid, String)>,
) -> Json {
    if let Some((_, id, title)) = linked {
        let mut json = serde_json::json!({ "id": id, "title": title });
        if let (Value::AnyLink(link), Some(object)) = (value, json.as_object_mut()) {
            object.insert("entity".to_owned(), link.entity.clone().into());
        }
        return json;
    }
    let own = field.kind.to_json(field, value);
    let mut companions = entity
        .fields
        .iter()
        .filter(|other| other.companion_of == Some(field.index) && other.part.is_none() && other.is_typed());
    match companions.next() {
        Some(currency) => {
            let code = reading.session.workspace.settings().currency.clone();
            let mut both = serde_json::Map::new();
            both.insert(field.name.clone(), own);
            both.insert(currency.name.clone(), code.into());
            Json::Object(both)
        }
        None => own,
    }
}

/// The ways in which a request may name the record of a link.
fn sent(field: &FieldModel, id: Uuid, title: &str) -> String {
    let ways = match field.targets.as_slice() {
        [_, _, ..] => return String::new(),
        _ => [serde_json::json!(id), serde_json::json!({ "id": id }), serde_json::json!({ "name": title })],
    };
    ways.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The fields that are columns of a list.
fn columns<'m>(model: &'m Model, field: &FieldModel) -> Option<Vec<&'m FieldModel>> {
    let list = field.list.as_ref()?;
    let is_column = |column: &&FieldModel| {
        column.index != list.by && Some(column.index) != list.order && column.companion_of.is_none()
    };
    Some(model.entity(&list.entity)?.own_fields().filter(is_column).collect())
}

/// A list with one record, or with a line to be filled in.
fn list_of(reading: &Reading<'_>, model: &Model, field: &FieldModel, is_filled: bool) -> Option<ListView> {
    let list = field.list.as_ref()?;
    let row_entity = model.entity(&list.entity)?;
    let columns = columns(model, field)?;
    let titles = Titles::new();
    let presenter = reading.presenter(&titles);
    let cells = columns
        .iter()
        .map(|column| {
            let value = if is_filled {
                specimen::sample_in(column, &|text| reading.schema_text(text))
            } else {
                Value::Empty
            };
            let mut cell = presenter.field(row_entity, column, &value, "");
            // Every control of a page needs a name of its own.
            cell.name = format!("{}.0.{}", if is_filled { "filled" } else { "empty" }, cell.name);
            cell.bare = true;
            cell.full = false;
            cell.readonly = false;
            cell.help.clear();
            cell
        })
        .collect();
    let add = if list.through.is_some() { "list.add_link" } else { "list.add_row" };
    Some(ListView {
        columns: list_field::headings(reading, &columns),
        rows: vec![ListRow { number: "1".to_owned(), cells, can_remove: true, ..ListRow::default() }],
        can_add: true,
        can_move: list.order.is_some(),
        add_title: reading.t(add),
        ..ListView::default()
    })
}

/// A list as it is answered, with one record of samples.
fn list_json(model: &Model, field: &FieldModel) -> Option<Json> {
    let mut row = serde_json::Map::new();
    row.insert("id".to_owned(), Json::from(Uuid::nil().to_string()));
    for column in columns(model, field)? {
        row.insert(column.name.clone(), column.kind.to_json(column, &specimen::sample(column)));
    }
    Some(Json::Array(vec![Json::Object(row)]))
}

fn label(reading: &Reading<'_>, key: &str) -> String {
    let word = format!("field_editor.facet_{}", facets::word_of(key));
    if reading.words().has(&word) { reading.t(&word) } else { key.to_owned() }
}

/// What a key of a field is for.
fn described(reading: &Reading<'_>, key: &str) -> String {
    kontor_model::check::meta_schema(DefinitionKind::Entity)
        .and_then(|schema| schema.pointer(&format!("/$defs/field/properties/{key}")))
        .map(|schema| reading.described("field", key, schema))
        .unwrap_or_default()
}
