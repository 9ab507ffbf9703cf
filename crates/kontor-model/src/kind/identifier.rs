//! The record's own id, a UUID version 7. Only the engine makes fields of this kind.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, FieldKind, ParseContext, link, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `identifier`.
#[derive(Debug)]
pub struct Identifier;

/// The kind's name.
pub const NAME: &str = "identifier";

impl FieldKind for Identifier {
    fn name(&self) -> &'static str {
        NAME
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
        link::parse_id(field, text)
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        match json.as_str() {
            Some(text) => link::parse_id(field, text),
            None => Err(textual::wrong_type(field, "text")),
        }
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        link::show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        link::show(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        link::check(field, value, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        link::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        link::compare(left, right)
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string", "format": "uuid" })
    }

    fn formula_type(&self) -> Type {
        Type::Id
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": NAME, "title": "Id" })
    }

    fn group(&self) -> Group {
        Group::Relation
    }

    fn icon(&self) -> &'static str {
        "key-round"
    }

    fn is_internal(&self) -> bool {
        true
    }
}
