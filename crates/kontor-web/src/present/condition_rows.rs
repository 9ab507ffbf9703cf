//! Conditions as rows of inputs (`where.<n>.field`, `.operator`, `.value`): the filter that they describe, and the rows of a filter.

use kontor_model::definition::entity::OptionDefinition;
use kontor_model::{EntityModel, Json};
use kontor_view::field::OptionView;
use kontor_view::page::report_builder::ConditionChoice;
use serde_json::json;

use super::{Reading, filters};
use crate::extract::query::Query;

/// Operators of conditions.
const OPERATORS: [&str; 12] =
    ["eq", "ne", "contains", "gt", "gte", "lt", "lte", "in", "within", "is", "empty", "not_empty"];

/// Operators whose value may be several.
const SEVERAL: [&str; 5] = ["in", "not_in", "any_of", "all_of", "none_of"];

/// The inputs with the values of options where conditions name their labels, in the reader's language or the workspace's.
pub fn with_values(
    reading: &Reading<'_>,
    entity: &EntityModel,
    mut pairs: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let query = Query(pairs.clone());
    for number in numbers(&query, "where.") {
        let text = |key: &str| query.text(&format!("where.{number}.{key}"));
        let Some(field) = entity.field(text("field")) else { continue };
        let fold = kontor_model::value::fold;
        let value_of = |typed: &str| {
            let wanted = fold(typed.trim());
            let is_it = |option: &&OptionDefinition| {
                let label = field.option_label(&option.value, &reading.labels);
                [option.value.as_str(), option.title.as_str(), label]
                    .into_iter()
                    .any(|one| fold(one) == wanted)
            };
            field.definition.one_of.iter().find(is_it).map(|option| option.value.clone())
        };
        let typed = text("value");
        let settled = value_of(typed).or_else(|| {
            let parts = typed.split([',', '，', ';', '；']).map(str::trim);
            let parts = parts.map(|part| value_of(part).unwrap_or_else(|| part.to_owned()));
            SEVERAL.contains(&text("operator")).then(|| parts.collect::<Vec<_>>().join(", "))
        });
        let name = format!("where.{number}.value");
        if let (Some(settled), Some((_, place))) = (
            settled.filter(|_| !field.definition.one_of.is_empty()),
            pairs.iter_mut().rev().find(|(key, _)| *key == name),
        ) {
            *place = settled;
        }
    }
    pairs
}

/// The conditions as a filter; `None` when there are none.
pub fn conditions_json(entity: &EntityModel, query: &Query) -> Option<Json> {
    let mut list = Vec::new();
    for number in numbers(query, "where.") {
        let field = query.text(&format!("where.{number}.field"));
        let operator = query.text(&format!("where.{number}.operator"));
        let value = query.text(&format!("where.{number}.value")).trim();
        if field.is_empty() {
            continue;
        }
        list.push(match operator {
            "empty" | "not_empty" => json!({ "field": field, "empty": operator == "empty" }),
            "in" => {
                let values: Vec<&str> = value.split([',', '，']).map(str::trim).collect();
                json!({ "field": field, "in": values })
            }
            _ => json!({ "field": field, (if operator.is_empty() { "eq" } else { operator }): typed_value(entity, field, operator, value) }),
        });
    }
    match list.len() {
        0 => None,
        1 => list.pop(),
        _ => Some(json!({ "all": list })),
    }
}

/// A number stays a number, so that the definition reads well.
fn typed_value(entity: &EntityModel, field: &str, operator: &str, value: &str) -> Json {
    let is_plain = matches!(operator, "within" | "is" | "contains");
    match entity.field(field) {
        Some(found) if found.kind.is_number() && !is_plain => {
            value.parse::<serde_json::Number>().map_or_else(|_| value.into(), Json::Number)
        }
        Some(found) if found.kind.formula_type() == kontor_model::formula::Type::Boolean => {
            Json::Bool(matches!(value, "true" | "1" | "yes"))
        }
        _ => value.into(),
    }
}

/// The numbers of inputs such as `measure.2.field`, in order.
pub fn numbers(query: &Query, prefix: &str) -> Vec<usize> {
    let mut found: Vec<usize> = query
        .0
        .iter()
        .filter_map(|(name, _)| name.strip_prefix(prefix)?.split('.').next()?.parse().ok())
        .filter(|number| (1..=50).contains(number))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The conditions of a form, one empty at the end.
pub fn conditions(reading: &Reading<'_>, entity: &EntityModel, query: &Query) -> Vec<ConditionChoice> {
    let mut list = Vec::new();
    let one = |number: usize, field: &str, operator: &str, value: &str| {
        let mut fields = vec![OptionView::new("", reading.t("builder.none"), field.is_empty())];
        fields.extend(filters::fields(reading, entity, field));
        if !field.is_empty() && !fields.iter().any(|option| option.selected) {
            fields.push(OptionView::new(field, field, true));
        }
        ConditionChoice {
            number: number.to_string(),
            fields,
            operators: OPERATORS
                .iter()
                .map(|one| OptionView::new(*one, reading.t(&format!("operator.{one}")), *one == operator))
                .collect(),
            value: value.to_owned(),
        }
    };
    for number in numbers(query, "where.") {
        let field = query.text(&format!("where.{number}.field"));
        if !field.is_empty() {
            let input = |key: &str| query.text(&format!("where.{number}.{key}"));
            list.push(one(list.len() + 1, field, input("operator"), input("value")));
        }
    }
    list.push(one(list.len() + 1, "", "eq", ""));
    list
}

/// A filter as the inputs of conditions; `None` when it says more than they can.
pub fn condition_inputs(filter: Option<&Json>) -> Option<Vec<(String, String)>> {
    let list = match filter {
        None => Vec::new(),
        Some(filter) => match filter.get("all").and_then(Json::as_array) {
            Some(all) => all.clone(),
            None => vec![filter.clone()],
        },
    };
    let mut pairs = Vec::new();
    for (number, condition) in (1..).zip(list) {
        let object = condition.as_object()?;
        let field = object.get("field")?.as_str()?;
        let (operator, value) = object.iter().find(|(key, _)| *key != "field")?;
        if object.len() != 2 {
            return None;
        }
        let (operator, value) = match (operator.as_str(), value) {
            ("empty", Json::Bool(true)) => ("empty", String::new()),
            ("empty", Json::Bool(false)) => ("not_empty", String::new()),
            ("in", Json::Array(values)) => {
                ("in", values.iter().map(plain).collect::<Option<Vec<_>>>()?.join(", "))
            }
            (operator, value) => (OPERATORS.iter().find(|one| **one == operator)?.to_owned(), plain(value)?),
        };
        pairs.push((format!("where.{number}.field"), field.to_owned()));
        pairs.push((format!("where.{number}.operator"), operator.to_owned()));
        pairs.push((format!("where.{number}.value"), value));
    }
    Some(pairs)
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
