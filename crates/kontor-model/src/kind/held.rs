//! What was worked out and not typed, in the form in which a field keeps it. Formulas, roll-ups and copies, in memory,
//! in the commit and in the background all ask here.

use crate::entity::FieldModel;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The value in the stored form of its field (its scale, its type), or empty where it is none of the field's values: no
/// address of mail, none of the options, too long, beyond what a number holds. Limits are different: a value beyond
/// the smallest or the greatest is known and kept, whoever saves is told.
pub fn held(field: &FieldModel, value: Value) -> Value {
    weighed(field, value).0
}

/// The same, and what is wrong with the value.
pub fn weighed(field: &FieldModel, mut value: Value) -> (Value, Problems) {
    let mut problems = Problems::new();
    if value.is_empty() {
        return (value, problems);
    }
    if let (Value::Decimal(number), None) = (&value, field.kind.scale(field)) {
        // Half away from zero, as everywhere.
        let Some(whole) = number.rescale(0) else {
            problems.push(super::too_large(field));
            return (Value::Empty, problems);
        };
        value = Value::Integer(whole.units());
    }
    field.kind.check(field, &mut value, &mut problems);
    if problems.iter().any(|problem| !problem.warning && !is_limit(field, problem)) {
        value = Value::Empty;
    }
    (value, problems)
}

/// A number with the digits that its field has, and everything else as it is: for who is yet to be told what does not fit.
pub fn rounded(field: &FieldModel, value: Value) -> Value {
    let Value::Decimal(number) = &value else { return value };
    match field.kind.scale(field) {
        Some(scale) => number.rescale(scale).map_or(Value::Empty, Value::Decimal),
        None => number.rescale(0).map_or(Value::Empty, |whole| Value::Integer(whole.units())),
    }
}

/// Whether a problem only says that a value lies beyond a limit of its definition. That stars are one to five is what
/// a rating is.
fn is_limit(field: &FieldModel, problem: &Problem) -> bool {
    let is_range = matches!(&*problem.code, "too_small" | "too_great" | "too_early" | "too_late");
    is_range && field.kind.steps(field).is_empty()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::Decimal;

    fn field(definition: Json) -> FieldModel {
        let definition = serde_json::from_value(definition).unwrap();
        crate::compile::field_alone("f", definition).unwrap()
    }

    #[test]
    fn what_is_no_value_of_the_kind_is_empty_and_limits_are_no_reason() {
        let text = |text: &str| Value::text(text);
        let number = |text: &str| Value::Decimal(text.parse::<Decimal>().unwrap());
        for (definition, value, expected) in [
            (json!({ "kind": "email" }), text("zzzz"), Value::Empty),
            (json!({ "kind": "url" }), text("zzzz"), Value::Empty),
            (json!({ "kind": "barcode", "symbology": "ean13" }), text("zzzz"), Value::Empty),
            (json!({ "kind": "color" }), text("zzzz"), Value::Empty),
            (json!({ "kind": "currency" }), text("zzzz"), Value::Empty),
            (json!({ "kind": "currency" }), text("GBP"), text("GBP")),
            (json!({ "kind": "text", "maxLength": 3 }), text("zzzz"), Value::Empty),
            (json!({ "kind": "text", "pattern": "^y" }), text("zzzz"), Value::Empty),
            (json!({ "kind": "choice", "oneOf": [{ "const": "a", "title": "A" }] }), text("b"), Value::Empty),
            (json!({ "kind": "rating" }), Value::Integer(90), Value::Empty),
            (json!({ "kind": "rating" }), number("3.5"), Value::Integer(4)),
            (json!({ "kind": "integer", "maximum": 5 }), Value::Integer(90), Value::Integer(90)),
            (json!({ "kind": "decimal", "scale": 1, "minimum": 50 }), number("12.345"), number("12.3")),
            (json!({ "kind": "integer" }), text("zzzz"), Value::Empty),
        ] {
            assert_eq!(held(&field(definition.clone()), value), expected, "{definition}");
        }
    }
}
