//! Stars, from 1 to the `maximum` of the definition (5 when it says none).

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, Shown, facet, number, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `rating`.
#[derive(Debug)]
pub struct Rating;

/// Stars, unless the definition says otherwise.
const USUAL: i64 = 5;
/// No rating has more.
const MOST: i64 = 10;

fn stars(definition: &FieldDefinition) -> i64 {
    number::limit(definition.maximum.as_ref())
        .and_then(|limit| limit.rescale(0))
        .map_or(USUAL, |limit| limit.units().clamp(1, MOST))
}

impl FieldKind for Rating {
    fn name(&self) -> &'static str {
        "rating"
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
        if text.chars().all(|letter| matches!(letter, '★' | '☆' | '*')) {
            let count = text.chars().filter(|letter| *letter != '☆').count();
            return Ok(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)));
        }
        number::whole(field, number::parse_text(field, text)?)
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        if !json.is_number() {
            return Err(textual::wrong_type(field, "integer"));
        }
        number::whole(field, number::parse_json(field, json)?)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        value.as_integer().map_or(Json::Null, Json::from)
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.as_integer().map(|stars| stars.to_string()).unwrap_or_default()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let number = value.as_decimal().ok_or_else(|| textual::wrong_type(field, "integer"));
        match number.and_then(|number| number::whole(field, number)) {
            Ok(whole) => *value = whole,
            Err(problem) => {
                problems.push(problem);
                return;
            }
        }
        let (given, most) = (value.as_integer().unwrap_or_default(), stars(&field.definition));
        if given < 1 {
            problems.push(Problem::at_field("too_small", &field.name).with("limit", 1));
        }
        if given > most {
            problems.push(Problem::at_field("too_great", &field.name).with("limit", most));
        }
    }

    fn operators(&self) -> &'static [Operator] {
        number::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        number::compare(left, right)
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        json!({ "type": "integer", "minimum": 1, "maximum": stars(&field.definition) })
    }

    fn formula_type(&self) -> Type {
        Type::Number
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        let fits = |limit: crate::Decimal| {
            let whole = limit.rescale(0).filter(|whole| *whole == limit);
            whole.is_some_and(|whole| (1..=MOST).contains(&whole.units()))
        };
        if let Some(written) = &definition.maximum
            && !number::limit(Some(written)).is_some_and(fits)
        {
            let problem = Problem::new("out_of_range", "/maximum").with("value", number::shown(written));
            problems.push(problem.with("minimum", 1).with("maximum", MOST));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "rating", "title": "Satisfaction", "maximum": 5 })
    }

    fn sample(&self) -> Json {
        json!(4)
    }

    fn group(&self) -> Group {
        Group::Number
    }

    fn icon(&self) -> &'static str {
        "star"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::MAXIMUM, facet::DEFAULT]
    }

    fn steps(&self, field: &FieldModel) -> Vec<String> {
        (1..=stars(&field.definition)).map(|star| star.to_string()).collect()
    }

    fn is_number(&self) -> bool {
        true
    }

    /// Stars, and how many of how many.
    fn shown(&self, field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        let (given, most) = (value.as_integer()?, stars(&field.definition));
        let text = (1..=most).map(|star| if star <= given { '★' } else { '☆' }).collect();
        Some(Shown { text, exact: format!("{given} / {most}"), href: String::new() })
    }
}
