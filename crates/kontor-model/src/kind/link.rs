//! A record of another entity, by its id. Also what `user` and `team` are made of.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;
use uuid::Uuid;

use super::{Column, ColumnType, Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `link`.
#[derive(Debug)]
pub struct Link;

/// What fits the id of a record.
pub(super) const OPERATORS: &[Operator] =
    &[Operator::Eq, Operator::Ne, Operator::In, Operator::NotIn, Operator::Empty];

/// What fits the id of a person or a team.
pub(super) const PERSON_OPERATORS: &[Operator] =
    &[Operator::Eq, Operator::Ne, Operator::In, Operator::NotIn, Operator::Is, Operator::Empty];

pub(super) fn parse_id(field: &FieldModel, text: &str) -> Result<Value, Problem> {
    Uuid::try_parse(text)
        .map(Value::Id)
        .map_err(|_| Problem::at_field("not_an_id", &field.name).with("value", text))
}

pub(super) fn parse_json(field: &FieldModel, json: &Json) -> Result<Value, Problem> {
    match json.as_str().or_else(|| json.get("id").and_then(Json::as_str)) {
        Some(text) => parse_id(field, text),
        None => Err(textual::wrong_type(field, "link")),
    }
}

pub(super) fn show(value: &Value) -> String {
    value.as_id().map(|id| id.to_string()).unwrap_or_default()
}

pub(super) fn check(field: &FieldModel, value: &Value, problems: &mut Problems) {
    if !matches!(value, Value::Id(_)) {
        problems.push(textual::wrong_type(field, "link"));
    }
}

pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    Some(left.as_id()?.cmp(&right.as_id()?))
}

/// A link as it is answered: the id and the title of the record.
pub(super) fn output_schema() -> Json {
    json!({ "type": "object", "required": ["id"], "properties": {
        "id": { "type": "string", "format": "uuid" }, "title": { "type": "string" } } })
}

/// A link as it is sent: an id, `{ "id" }`, or one unique field of the record with its value.
pub(super) fn input_schema() -> Json {
    json!({ "type": ["string", "object"], "format": "uuid", "minProperties": 1 })
}

impl FieldKind for Link {
    fn name(&self) -> &'static str {
        "link"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Uuid)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        parse_id(field, text)
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        parse_json(field, json)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        show(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        check(field, value, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        compare(left, right)
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        output_schema()
    }

    fn input_schema(&self, _field: &FieldModel) -> Json {
        input_schema()
    }

    fn formula_type(&self) -> Type {
        Type::Id
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        if definition.to.as_ref().is_none_or(|to| !to.is_string()) {
            problems.push(Problem::new("required", "/to"));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "link", "to": "team", "title": "Team", "back": { "name": "records", "title": "Records" } })
    }

    fn icon(&self) -> &'static str {
        "link"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::TO, facet::ON_DELETE, facet::BACK, facet::TREE]
    }

    fn is_link(&self) -> bool {
        true
    }

    fn targets(&self, definition: &FieldDefinition) -> Vec<String> {
        definition.to.as_ref().and_then(Json::as_str).map(str::to_owned).into_iter().collect()
    }
}
