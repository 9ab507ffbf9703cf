//! The currency of an amount: three letters of ISO 4217. Only the engine makes fields of this kind, beside money.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Column, ColumnType, FieldKind, ParseContext, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `currency`.
#[derive(Debug)]
pub struct Currency;

/// The kind's name.
pub const NAME: &str = "currency";

fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

impl FieldKind for Currency {
    fn name(&self) -> &'static str {
        NAME
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Text)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let code = text.to_ascii_uppercase();
        if is_code(&code) {
            return Ok(Value::Text(code));
        }
        Err(Problem::at_field("not_a_currency", &field.name).with("value", text))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        match json.as_str() {
            Some(code) if is_code(code) => Ok(Value::Text(code.to_owned())),
            Some(text) => Err(Problem::at_field("not_a_currency", &field.name).with("value", text)),
            None => Err(textual::wrong_type(field, "text")),
        }
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        textual::show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        textual::show(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        if !value.as_text().is_some_and(is_code) {
            problems
                .push(Problem::at_field("not_a_currency", &field.name).with("value", textual::show(value)));
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::Eq, Operator::Ne, Operator::In, Operator::NotIn, Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        Some(left.as_text()?.cmp(right.as_text()?))
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }

    fn formula_type(&self) -> Type {
        Type::Text
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": NAME, "title": "Currency" })
    }

    fn icon(&self) -> &'static str {
        "coins"
    }

    fn is_internal(&self) -> bool {
        true
    }
}
