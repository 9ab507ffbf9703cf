//! Child records that are edited inside their parent: the lines of a quote. The parent's row holds nothing; the rows
//! point at it with a link of their own, which `by` names.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, Facet, FieldKind, ParseContext, children, facet};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `rows`.
#[derive(Debug)]
pub struct Rows;

impl FieldKind for Rows {
    fn name(&self) -> &'static str {
        "rows"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        Vec::new()
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        _text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Err(children::no_value(field))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        _json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Err(children::no_value(field))
    }

    fn to_json(&self, _field: &FieldModel, _value: &Value) -> Json {
        Json::Null
    }

    fn to_text(&self, _field: &FieldModel, _value: &Value, _zone: Tz) -> String {
        String::new()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        children::check(field, value, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        children::ROWS
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        children::output_schema()
    }

    fn input_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "array", "maxItems": children::MOST, "items": { "type": "object" } })
    }

    fn formula_type(&self) -> Type {
        Type::List
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        children::check_definition(definition, problems);
        if definition.by.as_deref().unwrap_or_default().is_empty() {
            problems.push(Problem::new("required", "/by").with("field", "by"));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "rows", "title": "Lines", "to": "quote_line", "by": "quote" })
    }

    fn targets(&self, definition: &FieldDefinition) -> Vec<String> {
        children::target(definition)
    }

    fn group(&self) -> Group {
        Group::Relation
    }

    fn icon(&self) -> &'static str {
        "table-2"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::TO, facet::BY, facet::ORDER]
    }

    fn may_be_unique(&self) -> bool {
        false
    }

    fn is_sortable(&self) -> bool {
        false
    }

    fn converts(&self) -> bool {
        false
    }

    fn is_list(&self) -> bool {
        true
    }
}
