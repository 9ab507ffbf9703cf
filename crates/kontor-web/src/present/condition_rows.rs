//! Conditions as rows of inputs (`where.<n>.field`, `.operator`, `.value`): the filter that they describe, and the rows of a filter.

use kontor_model::definition::entity::OptionDefinition;
use kontor_model::{EntityModel, FieldModel, Json};
use kontor_view::field::OptionView;
use kontor_view::page::report_builder::ConditionChoice;
use serde_json::json;

use super::{Reading, filters};
use crate::extract::query::Query;

/// Operators of conditions.
const OPERATORS: [&str; 13] =
    ["eq", "ne", "contains", "gt", "gte", "lt", "lte", "in", "not_in", "within", "is", "empty", "not_empty"];

/// Operators whose value may be several.
const SEVERAL: [&str; 5] = ["in", "not_in", "any_of", "all_of", "none_of"];

/// What an operator is called where it is chosen: there it stands beside others that read like it in a sentence.
pub fn operator_title(reading: &Reading<'_>, operator: &str) -> String {
    let own = format!("operator_offered.{operator}");
    if reading.words().has(&own) { reading.t(&own) } else { reading.t(&format!("operator.{operator}")) }
}

/// The options of a field as values to tick, where a condition compares with options and with nothing else. Empty where a
/// value is typed.
pub fn value_options(
    reading: &Reading<'_>,
    field: Option<&FieldModel>,
    operator: &str,
    value: &str,
) -> Vec<OptionView> {
    let compares = matches!(operator, "" | "eq" | "ne") || SEVERAL.contains(&operator);
    let Some(field) = field.filter(|field| compares && field.kind.has_options()) else {
        return Vec::new();
    };
    let chosen: Vec<&str> = parts(value).collect();
    let place = |wanted: &str| chosen.iter().position(|one| *one == wanted);
    let is_once = chosen.iter().enumerate().all(|(at, one)| place(one) == Some(at));
    let is_one = chosen.len() < 2 || SEVERAL.contains(&operator);
    let options = &field.definition.one_of;
    let is_known = chosen.iter().all(|one| options.iter().any(|option| option.value == *one));
    if !is_known || !is_once || !is_one {
        // Another field, a setting, or an option that is gone.
        return Vec::new();
    }
    let is_chosen = |option: &OptionDefinition| place(&option.value).is_some();
    let mut offered: Vec<&OptionDefinition> =
        options.iter().filter(|option| !option.retired || is_chosen(option)).collect();
    let ticked = offered.iter().filter(|option| is_chosen(option)).map(|option| option.value.as_str());
    if !ticked.eq(chosen.iter().copied()) {
        // A list in another order than that of the options is sent as it is written.
        offered.sort_by_key(|option| place(&option.value).unwrap_or(usize::MAX));
    }
    offered
        .into_iter()
        .map(|option| {
            let label = field.option_label(&option.value, &reading.labels);
            OptionView::new(option.value.clone(), label, is_chosen(option))
        })
        .collect()
}

/// The values of a list as it is typed.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    value.split([',', '，', ';', '；']).map(str::trim).filter(|part| !part.is_empty())
}

/// The inputs with one value for each condition: of several that were ticked they are a list, and what was compared with one
/// is compared with any of them.
pub fn gathered(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    gathered_by(pairs, ", ")
}

/// The same with what stands between the values of a list.
pub fn gathered_by(pairs: Vec<(String, String)>, between: &str) -> Vec<(String, String)> {
    let query = Query(pairs);
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, value) in &query.0 {
        let is_value = name.starts_with("where.") && name.rsplit('.').next() == Some("value");
        if !is_value {
            found.push((name.clone(), value.clone()));
        } else if !found.iter().any(|(known, _)| known == name) {
            let ticked: Vec<&str> = query.all(name).filter(|one| !one.trim().is_empty()).collect();
            found.push((name.clone(), ticked.join(between)));
        }
    }
    for number in numbers(&query, "where.") {
        let value = format!("where.{number}.value");
        let ticked = query.all(&value).filter(|one| !one.trim().is_empty());
        let operator = format!("where.{number}.operator");
        if ticked.count() < 2 {
            continue;
        }
        for (_, chosen) in found.iter_mut().filter(|(name, _)| *name == operator) {
            match chosen.as_str() {
                "" | "eq" => "in".clone_into(chosen),
                "ne" => "not_in".clone_into(chosen),
                _ => {}
            }
        }
    }
    found
}

/// The inputs with the values of options where conditions name their labels, in the reader's language or the workspace's.
pub fn with_values(
    reading: &Reading<'_>,
    entity: &EntityModel,
    pairs: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let mut pairs = gathered(pairs);
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
            "in" | "not_in" => {
                let values: Vec<&str> = value.split([',', '，']).map(str::trim).collect();
                json!({ "field": field, operator: values })
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
    let query = &Query(gathered(query.0.clone()));
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
                .map(|one| OptionView::new(*one, operator_title(reading, one), *one == operator))
                .collect(),
            values: value_options(reading, entity.field(field), operator, value),
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
            (operator @ ("in" | "not_in"), Json::Array(values)) => {
                (operator, values.iter().map(plain).collect::<Option<Vec<_>>>()?.join(", "))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_ticked_values_are_a_list() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let row = |operator: &str, values: &[&str]| {
            let mut pairs = vec![pair("where.1.field", "state"), pair("where.1.operator", operator)];
            pairs.extend(values.iter().map(|value| pair("where.1.value", value)));
            let mut pairs = gathered(pairs);
            (pairs.remove(1).1, pairs.remove(1).1, pairs.len())
        };
        let said = |operator: &str, value: &str| (operator.to_owned(), value.to_owned(), 1);
        assert_eq!(row("eq", &["open"]), said("eq", "open"));
        assert_eq!(row("eq", &["open", "", "done"]), said("in", "open, done"));
        assert_eq!(row("ne", &["open", "done"]), said("not_in", "open, done"));
        assert_eq!(row("any_of", &["open", "done"]), said("any_of", "open, done"));
        assert_eq!(row("eq", &[""]), said("eq", ""));
        // What is written that way comes back that way.
        let filter = json!({ "field": "state", "not_in": ["open", "done"] });
        let inputs = condition_inputs(Some(&filter)).unwrap_or_default();
        assert_eq!(inputs.get(2).map(|(_, value)| value.as_str()), Some("open, done"));
    }
}
