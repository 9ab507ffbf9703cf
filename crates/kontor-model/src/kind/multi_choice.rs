//! Several of a list of options, kept in the order of the options. Stored as the text of a JSON list.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, choice, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `multi_choice`.
#[derive(Debug)]
pub struct MultiChoice;

fn list(values: Vec<String>) -> Value {
    if values.is_empty() { Value::Empty } else { Value::List(values) }
}

/// The schema of a list of such items.
fn schema(field: &FieldModel, items: Json) -> Json {
    let mut schema = json!({ "type": "array", "items": items });
    if let (Some(limit), Some(object)) = (field.definition.max_items, schema.as_object_mut()) {
        object.insert("maxItems".into(), json!(limit));
    }
    schema
}

fn items(value: &Value) -> &[String] {
    match value {
        Value::List(list) => list,
        _ => &[],
    }
}

impl FieldKind for MultiChoice {
    fn name(&self) -> &'static str {
        "multi_choice"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Text)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let parts = text.split(['|', '\n', '｜']).map(str::trim).filter(|part| !part.is_empty());
        let values: Result<Vec<String>, Problem> = parts
            .map(|part| choice::option_named(field, part, context).map(|option| option.value.clone()))
            .collect();
        values.map(list)
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some(array) = json.as_array() else { return Err(textual::wrong_type(field, "list")) };
        let known = choice::values(field);
        let mut values = Vec::with_capacity(array.len());
        for item in array {
            let Some(value) = item.as_str() else { return Err(textual::wrong_type(field, "list")) };
            if !known.contains(&value) {
                return Err(choice::not_an_option(field, value));
            }
            values.push(value.to_owned());
        }
        Ok(list(values))
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        json!(items(value))
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        items(value).join("|")
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let Value::List(given) = &*value else {
            problems.push(textual::wrong_type(field, "list"));
            return;
        };
        let known = choice::values(field);
        for item in given.iter().filter(|item| !known.contains(&item.as_str())) {
            problems.push(choice::not_an_option(field, item));
        }
        if let Some(limit) = field.definition.max_items.filter(|limit| given.len() > *limit) {
            problems.push(Problem::at_field("too_many", &field.name).with("limit", limit));
        }
        let ordered: Vec<String> = known
            .into_iter()
            .filter(|option| given.iter().any(|item| item == option))
            .map(str::to_owned)
            .collect();
        *value = list(ordered);
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::AnyOf, Operator::AllOf, Operator::NoneOf, Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    /// Any texts: records keep an option that was removed since.
    fn json_schema(&self, field: &FieldModel) -> Json {
        schema(field, json!({ "type": "string", "examples": choice::values(field) }))
    }

    fn input_schema(&self, field: &FieldModel) -> Json {
        schema(field, json!({ "type": "string", "enum": choice::values(field) }))
    }

    fn holds_words(&self) -> bool {
        true
    }

    fn formula_type(&self) -> Type {
        Type::List
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        choice::check_options(definition, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "multi_choice", "title": "Interests", "oneOf": [
            { "const": "hardware", "title": "Hardware" }, { "const": "software", "title": "Software" } ] })
    }

    fn sample(&self) -> Json {
        json!(["hardware"])
    }

    fn group(&self) -> Group {
        Group::Choice
    }

    fn icon(&self) -> &'static str {
        "list-checks"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::OPTIONS, facet::MAX_ITEMS, facet::OPTIONS_WHEN]
    }

    fn is_many(&self) -> bool {
        true
    }

    fn is_sortable(&self) -> bool {
        false
    }
}
