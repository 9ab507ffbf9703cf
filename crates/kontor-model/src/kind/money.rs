//! An amount of money. Its currency is a field of its own beside it, `<name>_currency`.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, NumberStyle, ParseContext, facet, number, textual};
use crate::Json;
use crate::currency;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `money`.
#[derive(Debug)]
pub struct Money;

/// Digits after the point.
const SCALE: u8 = 4;

impl FieldKind for Money {
    fn name(&self) -> &'static str {
        "money"
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        number::is_marked(text)
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Integer)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        number::parse_text(field, text).map(Value::Decimal)
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        number::parse_json(field, json).map(Value::Decimal)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        value.as_decimal().map_or(Json::Null, |amount| number::written(&plain(amount)))
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.as_decimal().map(plain).unwrap_or_default()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        number::check_decimal(field, SCALE, value, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        number::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        number::compare(left, right)
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        number::json_schema(field, "number")
    }

    fn input_schema(&self, field: &FieldModel) -> Json {
        number::input_schema(field)
    }

    fn formula_type(&self) -> Type {
        Type::Number
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        number::check_definition(definition, problems);
        // `@link` is looked for where the fields of the entity are known.
        let is_wrong = |code: &&str| !currency::is_known(code) && !code.starts_with('@');
        let currency = definition.currency.as_deref().filter(is_wrong);
        if let Some(code) = currency {
            problems.push(Problem::new("unknown_currency", "/currency").with("value", code));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "money", "title": "Amount", "minimum": 0 })
    }

    fn sample(&self) -> Json {
        json!("184500")
    }

    fn group(&self) -> Group {
        Group::Number
    }

    fn icon(&self) -> &'static str {
        "coins"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::CURRENCY, facet::RATE_DATE, facet::MINIMUM, facet::MAXIMUM, facet::DEFAULT]
    }

    fn style(&self) -> NumberStyle {
        NumberStyle::Money
    }

    fn is_converted(&self) -> bool {
        true
    }

    fn is_number(&self) -> bool {
        true
    }

    fn scale(&self, _field: &FieldModel) -> Option<u8> {
        Some(SCALE)
    }

    fn companion(&self, name: &str, definition: &FieldDefinition) -> Option<(String, FieldDefinition)> {
        let companion = FieldDefinition {
            kind: super::currency::NAME.into(),
            key: definition.key.as_ref().map(|key| format!("{key}_currency")),
            title: definition.title.clone(),
            default: definition.currency.as_deref().filter(|code| !code.starts_with('@')).map(Json::from),
            write: definition.write.clone(),
            ..FieldDefinition::default()
        };
        Some((format!("{name}_currency"), companion))
    }
}

/// The amount with at least the two digits that most currencies have, and more only where they say something.
fn plain(amount: crate::Decimal) -> String {
    let short = amount.normalized();
    if short.scale() == 0 {
        return short.to_string();
    }
    short.rescale(short.scale().max(2)).unwrap_or(short).to_string()
}
