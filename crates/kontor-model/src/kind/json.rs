//! Any JSON value: an answer of another system, settings. Kept with its digits and the order of its keys.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Column, Facet, FieldKind, ParseContext, Shown, composite, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::json_fault;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `json`.
#[derive(Debug)]
pub struct JsonText;

/// Characters of the text, unless the definition says otherwise.
const LONGEST: usize = 100_000;
/// Characters of the beginning that a list shows.
const SHOWN: usize = 80;

fn holds_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(list) => list.iter().any(holds_nul),
        Json::Object(object) => object.iter().any(|(key, item)| key.contains('\0') || holds_nul(item)),
        _ => false,
    }
}

fn value(json: Json) -> Value {
    if json.is_null() { Value::Empty } else { Value::Json(json) }
}

impl FieldKind for JsonText {
    fn name(&self) -> &'static str {
        "json"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        composite::columns()
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        serde_json::from_str(text)
            .map(value)
            .map_err(|error| json_fault::told(&error.to_string(), format!("/{}", field.name)))
    }

    fn parse_json(
        &self,
        _field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(value(json.clone()))
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        match value {
            Value::Json(json) => json.clone(),
            _ => Json::Null,
        }
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        match value {
            Value::Json(json) => serde_json::to_string_pretty(json).unwrap_or_default(),
            _ => String::new(),
        }
    }

    fn to_line(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        composite::compact(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let Value::Json(json) = &*value else {
            problems.push(textual::wrong_type(field, "json"));
            return;
        };
        let length = json.to_string().chars().count();
        let limit = field.definition.max_length.unwrap_or(LONGEST).min(LONGEST);
        if length > limit {
            let problem = Problem::at_field("too_long", &field.name);
            problems.push(problem.with("limit", limit).with("length", length));
        }
        if holds_nul(json) {
            problems.push(Problem::at_field("control_character", &field.name));
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::Contains, Operator::NotContains, Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": ["object", "array", "string", "number", "boolean"] })
    }

    fn formula_type(&self) -> Type {
        Type::Object
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": "json", "title": "Answer of the carrier" })
    }

    fn sample(&self) -> Json {
        json!({ "carrier": "DHL", "parcels": 2 })
    }

    fn icon(&self) -> &'static str {
        "braces"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::MAX_LENGTH]
    }

    fn shown(&self, field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        let Value::Json(json) = value else { return None };
        let mut text: String = json.to_string().chars().take(SHOWN + 1).collect();
        if text.chars().count() > SHOWN {
            text.pop();
            text.push('…');
        }
        Some(Shown { text, exact: self.to_text(field, value, Tz::UTC), href: String::new() })
    }

    fn is_long(&self) -> bool {
        true
    }

    fn is_sortable(&self) -> bool {
        false
    }
}
