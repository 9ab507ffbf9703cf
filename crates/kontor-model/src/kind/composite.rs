//! What the kinds made of several texts have in common: a JSON object with a text for each part.

use serde_json::{Map, json};

use super::{Column, ColumnType, Part, country, textual};
use crate::Json;
use crate::entity::FieldModel;
use crate::filter::{Operator, escape};
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// What fits a whole; its parts have the operators of their own kinds.
pub(super) const OPERATORS: &[Operator] = &[
    Operator::Eq,
    Operator::Ne,
    Operator::In,
    Operator::NotIn,
    Operator::Contains,
    Operator::NotContains,
    Operator::Empty,
];

/// The JSON and the folded texts of all its parts.
pub(super) fn columns() -> Vec<Column> {
    vec![
        Column { suffix: "", column_type: ColumnType::Json },
        Column { suffix: "__fold", column_type: ColumnType::Text },
    ]
}

/// Reads an object; keys that are no part are refused, empty texts are left out, the order is that of the parts.
pub(super) fn read(field: &FieldModel, json: &Json, parts: &[Part]) -> Result<Value, Problem> {
    let Some(object) = json.as_object() else { return Err(textual::wrong_type(field, "object")) };
    refuse_other_keys(field, object, parts)?;
    let mut found = Map::new();
    for part in parts {
        match object.get(part.name) {
            None | Some(Json::Null) => {}
            Some(Json::String(text)) => {
                let text = text.trim();
                if !text.is_empty() {
                    found.insert(part.name.into(), text.replace("\r\n", "\n").into());
                }
            }
            Some(_) => {
                return Err(at_part("wrong_type", field, part.name).with("expected", "text"));
            }
        }
    }
    Ok(whole(found))
}

/// A problem with a key that is no part.
pub(super) fn refuse_other_keys(
    field: &FieldModel,
    object: &Map<String, Json>,
    parts: &[Part],
) -> Result<(), Problem> {
    let Some(key) = object.keys().find(|key| !parts.iter().any(|part| part.name == **key)) else {
        return Ok(());
    };
    let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
    let problem = Problem::new("unknown_key", format!("/{}/{}", field.name, escape(key)));
    Err(problem.with("key", key).with("options", names.join(", ")))
}

/// A problem with one part.
pub(super) fn at_part(code: &'static str, field: &FieldModel, part: &str) -> Problem {
    Problem::new(code, format!("/{}/{part}", field.name))
}

/// The object, or nothing when it has nothing.
pub(super) fn whole(found: Map<String, Json>) -> Value {
    if found.is_empty() { Value::Empty } else { Value::Json(Json::Object(found)) }
}

/// The text of a part; empty when there is none.
pub(super) fn part<'a>(value: &'a Value, name: &str) -> &'a str {
    match value {
        Value::Json(json) => json.get(name).and_then(Json::as_str).unwrap_or_default(),
        _ => "",
    }
}

/// Gives a part another text.
fn put(value: &mut Value, name: &str, text: &str) {
    if let Value::Json(Json::Object(object)) = value {
        object.insert(name.to_owned(), text.into());
    }
}

/// Lengths, characters that no database takes, countries by their codes.
pub(super) fn check(field: &FieldModel, value: &mut Value, parts: &[Part], problems: &mut Problems) {
    let Value::Json(json) = &*value else {
        problems.push(textual::wrong_type(field, "object"));
        return;
    };
    let mut read = match read(field, json, parts) {
        Ok(read) => read,
        Err(problem) => {
            problems.push(problem);
            return;
        }
    };
    for one in parts {
        let text = part(&read, one.name);
        let length = text.chars().count();
        if length > one.longest {
            let problem = at_part("too_long", field, one.name);
            problems.push(problem.with("limit", one.longest).with("length", length));
        }
        if text.contains('\0') {
            problems.push(at_part("control_character", field, one.name));
        }
        if one.kind == country::NAME && !text.is_empty() {
            match crate::country::read(text) {
                Some(code) => put(&mut read, one.name, code),
                None => problems.push(at_part(country::REFUSAL, field, one.name).with("value", text)),
            }
        }
    }
    *value = read;
}

/// Every part, those without a text as `null`.
pub(super) fn to_json(value: &Value, parts: &[Part]) -> Json {
    let text = |name: &str| match part(value, name) {
        "" => Json::Null,
        text => text.into(),
    };
    Json::Object(parts.iter().map(|part| (part.name.to_owned(), text(part.name))).collect())
}

/// The schema of the object as it is answered.
pub(super) fn json_schema(parts: &[Part]) -> Json {
    schema(parts, |part| json!({ "type": ["string", "null"], "maxLength": part.longest }))
}

/// The schema of the object as it is sent: countries are codes.
pub(super) fn input_schema(parts: &[Part]) -> Json {
    schema(parts, |part| match part.kind {
        country::NAME => json!({ "anyOf": [country::input_schema(), { "enum": [null, ""] }] }),
        _ => json!({ "type": ["string", "null"], "maxLength": part.longest }),
    })
}

fn schema(parts: &[Part], of: impl Fn(&Part) -> Json) -> Json {
    let one = |part: &Part| (part.name.to_owned(), of(part));
    json!({ "type": "object", "properties": parts.iter().map(one).collect::<Map<_, _>>(),
        "additionalProperties": false })
}

/// The JSON as text: what a cell of a spreadsheet holds when nothing shorter is read back to the same value.
pub(super) fn compact(value: &Value) -> String {
    match value {
        Value::Json(json) => json.to_string(),
        _ => String::new(),
    }
}

/// The object that a text is, when it is one.
pub(super) fn object_in(text: &str) -> Option<Json> {
    if text.starts_with('{') { serde_json::from_str(text).ok() } else { None }
}
