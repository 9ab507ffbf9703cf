//! A person of the workspace.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Column, ColumnType, Facet, FieldKind, ParseContext, facet, link, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `user`.
#[derive(Debug)]
pub struct User;

impl FieldKind for User {
    fn name(&self) -> &'static str {
        "user"
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
        link::parse_json(field, json)
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
        link::PERSON_OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        link::compare(left, right)
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        link::output_schema()
    }

    fn input_schema(&self, _field: &FieldModel) -> Json {
        link::input_schema()
    }

    fn formula_type(&self) -> Type {
        Type::Id
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": "user", "title": "Responsible" })
    }

    fn icon(&self) -> &'static str {
        "user"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::POINTER
    }

    fn is_link(&self) -> bool {
        true
    }

    fn targets(&self, _definition: &FieldDefinition) -> Vec<String> {
        vec!["user".into()]
    }
}
