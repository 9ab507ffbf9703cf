//! A value as the bytes that are sealed: a letter that says of which type it is, and its text.

use chrono::DateTime;
use kontor_model::entity::FieldModel;
use kontor_model::value::{Secret, Value};
use kontor_model::{Decimal, Json};

/// The bytes of a value as the field keeps it: numbers at the field's scale, moments in whole milliseconds. `None` for
/// what cannot be sealed, and for nothing.
pub(crate) fn write(field: &FieldModel, value: &Value) -> Option<Vec<u8>> {
    let number = |number: Decimal| match field.kind.scale(field) {
        Some(scale) => number.rescale(scale).map(|number| format!("N{} {scale}", number.units())),
        None => number.rescale(0).map(|number| format!("I{}", number.units())),
    };
    let text = match value {
        Value::Text(text) | Value::Secret(Secret::New(text)) => format!("T{text}"),
        Value::Integer(integer) => number(Decimal::from(*integer))?,
        Value::Decimal(decimal) => number(*decimal)?,
        Value::Date(date) => format!("D{date}"),
        Value::DateTime(moment) => format!("M{}", moment.timestamp_millis()),
        Value::Json(json) => format!("J{json}"),
        Value::Empty
        | Value::Boolean(_)
        | Value::Id(_)
        | Value::AnyLink(_)
        | Value::List(_)
        | Value::Secret(Secret::Kept)
        | Value::Masked(_)
        | Value::Files(_) => return None,
    };
    Some(text.into_bytes())
}

/// The value again; `None` when the bytes are none that [`write`] made.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut letters = text.chars();
    let letter = letters.next()?;
    let rest = letters.as_str();
    Some(match letter {
        'T' => Value::text(rest),
        'I' => Value::Integer(rest.parse().ok()?),
        'N' => {
            let (units, scale) = rest.split_once(' ')?;
            Value::Decimal(Decimal::new(units.parse().ok()?, scale.parse().ok()?))
        }
        'D' => Value::Date(rest.parse().ok()?),
        'M' => Value::DateTime(DateTime::from_timestamp_millis(rest.parse().ok()?)?),
        'J' => Value::Json(serde_json::from_str::<Json>(rest).ok()?),
        _ => return None,
    })
}
