//! A record of another entity, by its id. Also what `user` and `team` are made of.

use std::cmp::Ordering;

use serde_json::json;
use uuid::Uuid;

use super::{Group, Facet, FieldKind, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// How an id is written.
pub(super) const EXAMPLE: &str = "0199a1b2-c3d4-7e5f-8a6b-0123456789ab";

/// The methods of [`FieldKind`] that all kinds answer alike whose value is the id of a record.
macro_rules! methods {
    () => {
        fn columns(&self, _field: &$crate::FieldModel) -> Vec<$crate::kind::Column> {
            $crate::kind::textual::one_column($crate::kind::ColumnType::Uuid)
        }

        fn parse_text(
            &self,
            field: &$crate::FieldModel,
            text: &str,
            _context: &$crate::kind::ParseContext<'_>,
        ) -> Result<$crate::Value, $crate::Problem> {
            $crate::kind::link::parse_id(field, text)
        }

        fn parse_json(
            &self,
            field: &$crate::FieldModel,
            json: &$crate::Json,
            _context: &$crate::kind::ParseContext<'_>,
        ) -> Result<$crate::Value, $crate::Problem> {
            $crate::kind::link::parse_json(field, json)
        }

        fn to_json(&self, _field: &$crate::FieldModel, value: &$crate::Value) -> $crate::Json {
            $crate::kind::link::show(value).into()
        }

        fn to_text(
            &self,
            _field: &$crate::FieldModel,
            value: &$crate::Value,
            _zone: chrono_tz::Tz,
        ) -> String {
            $crate::kind::link::show(value)
        }

        fn check(
            &self,
            field: &$crate::FieldModel,
            value: &mut $crate::Value,
            problems: &mut $crate::Problems,
        ) {
            $crate::kind::link::check(field, value, problems);
        }

        fn compare(
            &self,
            _field: &$crate::FieldModel,
            left: &$crate::Value,
            right: &$crate::Value,
        ) -> Option<std::cmp::Ordering> {
            $crate::kind::link::compare(left, right)
        }

        fn json_schema(&self, _field: &$crate::FieldModel) -> $crate::Json {
            $crate::kind::link::output_schema()
        }

        fn input_schema(&self, _field: &$crate::FieldModel) -> $crate::Json {
            $crate::kind::link::input_schema()
        }

        fn formula_type(&self) -> $crate::formula::Type {
            $crate::formula::Type::Id
        }

        fn is_link(&self) -> bool {
            true
        }
    };
}
pub(super) use methods;

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
        .map_err(|_| Problem::at_field("not_an_id", &field.name).with("value", text).with("example", EXAMPLE))
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
    methods!();

    fn name(&self) -> &'static str {
        "link"
    }

    fn operators(&self) -> &'static [Operator] {
        OPERATORS
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        if definition.to.as_ref().is_none_or(|to| !to.is_string()) {
            problems.push(Problem::new("required", "/to"));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "link", "to": "team", "title": "Team", "back": { "name": "records", "title": "Records" } })
    }

    fn group(&self) -> Group {
        Group::Relation
    }

    fn icon(&self) -> &'static str {
        "link"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::TO, facet::ON_DELETE, facet::BACK, facet::TREE]
    }

    fn targets(&self, definition: &FieldDefinition) -> Vec<String> {
        definition.to.as_ref().and_then(Json::as_str).map(str::to_owned).into_iter().collect()
    }
}
