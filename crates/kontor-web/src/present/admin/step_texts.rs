//! Values of steps as people write them in one line, and what such a text means.

use kontor_model::conventions::{Conventions, DateOrder};
use kontor_model::{FieldModel, Json};
use serde_json::json;

use super::conditions;
use crate::extract::json as strict;

/// How texts without a field are read: nothing in them is a number.
pub const PLAIN: Conventions = Conventions {
    decimal: '.',
    group: ',',
    date: DateOrder::Words,
    sign_after: false,
    family_first: false,
    address: kontor_model::conventions::AddressOrder::CodeLast,
    week_starts: chrono::Weekday::Mon,
};

/// A value of a step as people write it: `{path}` a field, `{now +3d}` a moment, `= a * b` a formula, everything else as
/// it stands.
pub fn text_of(conventions: Conventions, value: &Json) -> String {
    let part = |key: &str| value.get(key).and_then(Json::as_str).filter(|_| is_single(value));
    let text = match (part("field"), part("formula"), part("now")) {
        (Some(path), ..) => format!("{{{path}}}"),
        (_, Some(formula), _) => format!("= {formula}"),
        (.., Some(offset)) => format!("{{now {offset}}}"),
        _ => match value {
            Json::String(text) if value_of(PLAIN, None, text) == *value => text.clone(),
            Json::Number(number) => conventions.typed(&number.to_string()),
            other => other.to_string(),
        },
    };
    text.trim_end().to_owned()
}

fn is_single(value: &Json) -> bool {
    value.as_object().is_some_and(|object| object.len() == 1)
}

/// The value that a text means; see [`text_of`].
pub fn value_of(conventions: Conventions, field: Option<&FieldModel>, text: &str) -> Json {
    let text = text.trim();
    if let Some(formula) = text.strip_prefix('=') {
        return json!({ "formula": formula.trim() });
    }
    if text == "null" {
        return Json::Null;
    }
    if text.starts_with("{\"") || text.starts_with('[') || text.starts_with('"') {
        return strict::parse(text.as_bytes()).unwrap_or_else(|_| text.into());
    }
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    if let Some(inner) = inner.filter(|inner| !inner.contains(['{', '}'])) {
        return match inner.trim().strip_prefix("now") {
            Some(offset) if offset.is_empty() || offset.starts_with([' ', '+', '-']) => {
                json!({ "now": offset.trim() })
            }
            _ => json!({ "field": inner.trim() }),
        };
    }
    match field {
        // A text with gaps is filled when the step runs, whatever kind of value is made of it then.
        Some(_) if !text.contains("{{") => conditions::typed(conventions, field, text),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn two_braces_are_a_gap_wherever_they_stand() {
        let model = kontor_model::Model::compile(1, kontor_model::built_in::definitions());
        let user = model.entity("user").unwrap();
        for name in ["name", "active", "created_at", "team"] {
            let field = user.field(name).unwrap();
            for text in ["{{ record.to }}", "{{ record.tool.name }} from {{ record.customer.name }}"] {
                assert_eq!(value_of(PLAIN, Some(field), text), json!(text), "{name}");
            }
            assert_eq!(value_of(PLAIN, Some(field), "{to}"), json!({ "field": "to" }), "{name}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for value in [
            json!("Call {{ record.name }}"),
            json!("{{ record.name }}"),
            json!("{{ record.name }} of {{ record.owner.name }}"),
            json!({ "field": "owner.team" }),
            json!({ "now": "+3d" }),
            json!({ "formula": "amount * 2" }),
            json!(null),
            json!("= no formula"),
            json!("{no field}"),
            json!(["a", "b"]),
            json!({ "user": "contact.account" }),
        ] {
            assert_eq!(value_of(PLAIN, None, &text_of(PLAIN, &value)), value, "{value}");
        }
    }
}
