//! The rows of a grouped answer as JSON: one object per group, dimensions and measures by their names.

use kontor_core::Session;
use kontor_core::reports::cohort::SINCE;
use kontor_model::filter::FieldPath;
use kontor_model::query::{Answer, DimensionHead, DimensionValue};
use kontor_model::{EntityModel, Json, Value, kind};
use serde_json::{Map, json};

/// All rows.
pub fn rows(session: &Session, entity: &EntityModel, answer: &Answer) -> Vec<Json> {
    answer
        .rows
        .iter()
        .map(|group| {
            let mut row = Map::new();
            for (head, key) in answer.dimensions.iter().zip(&group.keys) {
                row.insert(head.name.clone(), dimension(session, entity, head, key));
            }
            for (head, value) in answer.measures.iter().zip(&group.values) {
                row.insert(head.name.clone(), number(value));
            }
            Json::Object(row)
        })
        .collect()
}

/// The totals by the names of the measures; `None` when there are none.
pub fn totals(answer: &Answer) -> Option<Json> {
    if answer.totals.is_empty() {
        return None;
    }
    let pairs = answer.measures.iter().zip(&answer.totals);
    Some(Json::Object(pairs.map(|(head, value)| (head.name.clone(), number(value))).collect()))
}

fn dimension(session: &Session, entity: &EntityModel, head: &DimensionHead, key: &DimensionValue) -> Json {
    match &key.value {
        Value::Empty => Json::Null,
        Value::Id(id) if kind::find(&head.kind).is_none_or(|kind| !kind.is_internal()) => {
            json!({ "id": id, "title": key.label })
        }
        Value::AnyLink(link) => json!({ "entity": link.entity, "id": link.id, "title": key.label }),
        Value::Date(date) => date.to_string().into(),
        // The periods since, of a cohort.
        Value::Integer(number) if head.name == SINCE => (*number).into(),
        value => match FieldPath::parse(&head.field, entity, &session.model)
            .ok()
            .as_ref()
            .and_then(|path| path.resolve(&session.model))
        {
            Some(field) => field.kind.to_json(field, value),
            None => key.label.clone().into(),
        },
    }
}

/// A measure: a number with exactly its digits.
pub fn number(value: &Value) -> Json {
    match value {
        Value::Integer(integer) => (*integer).into(),
        Value::Decimal(decimal) => {
            decimal.normalized().to_string().parse::<serde_json::Number>().map_or(Json::Null, Json::Number)
        }
        Value::Date(date) => date.to_string().into(),
        Value::DateTime(moment) => moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true).into(),
        Value::Text(text) => text.clone().into(),
        _ => Json::Null,
    }
}
