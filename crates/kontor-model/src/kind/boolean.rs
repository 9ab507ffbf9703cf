//! Yes or no. Empty is neither; a form posts `false` for a box that is not ticked.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::{Value, fold};

/// The kind `boolean`.
#[derive(Debug)]
pub struct Boolean;

/// Words that mean yes in every language, beside the reader's own `ui.yes`.
const YES: &[&str] = &["true", "yes", "y", "on", "1", "x", "✓", "√", "是", "对"];
/// Words that mean no in every language, beside the reader's own `ui.no`.
const NO: &[&str] = &["false", "no", "n", "off", "0", "-", "✗", "×", "否", "不"];

impl FieldKind for Boolean {
    fn name(&self) -> &'static str {
        "boolean"
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        let word = fold(text);
        // One letter or digit stands for too much else.
        (word.chars().count() > 1 || !word.is_ascii()) && (YES.contains(&&*word) || NO.contains(&&*word))
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Boolean)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let word = fold(text);
        let is = |key: &str, words: &[&str]| {
            words.contains(&&*word) || context.catalogue.find(key).is_some_and(|own| fold(own) == word)
        };
        if is("ui.yes", YES) {
            return Ok(Value::Boolean(true));
        }
        if is("ui.no", NO) {
            return Ok(Value::Boolean(false));
        }
        Err(Problem::at_field("not_yes_or_no", &field.name).with("value", text))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        json.as_bool().map(Value::Boolean).ok_or_else(|| textual::wrong_type(field, "boolean"))
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        value.is_true().into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.is_true().to_string()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        if !matches!(value, Value::Boolean(_)) {
            problems.push(textual::wrong_type(field, "boolean"));
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::Eq, Operator::Ne, Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        match (left, right) {
            (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "boolean" })
    }

    fn formula_type(&self) -> Type {
        Type::Boolean
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": "boolean", "title": "Newsletter", "default": false })
    }

    fn sample(&self) -> Json {
        json!(true)
    }

    fn group(&self) -> Group {
        Group::Choice
    }

    fn icon(&self) -> &'static str {
        "toggle-left"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::DEFAULT]
    }

    /// An unticked box says no.
    fn when_absent(&self) -> Value {
        Value::Boolean(false)
    }
}
