//! Values between the model, JSON and scripts. Knows the script types; does not know hooks.

use std::str::FromStr;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, SecondsFormat, TimeZone};
use kontor_model::formula::Type;
use kontor_model::value::AnyLink;
use kontor_model::{Decimal, FieldModel, Json, Value};
use rhai::{Array, Dynamic, Map};
use serde_json::Number;
use uuid::Uuid;

use crate::run::Run;
use crate::types::{Answer, Date, Fault, Handle, Moment};

/// Deepest nesting of arrays and maps that is turned into JSON.
const MAX_DEPTH: usize = 32;

/// What a script sees of a field's value.
pub(crate) fn value_to_dynamic(run: &Arc<Run>, field: &FieldModel, value: &Value) -> Dynamic {
    match value {
        Value::Empty => Dynamic::UNIT,
        Value::Text(text) => text.as_str().into(),
        Value::Integer(integer) => Dynamic::from_int(*integer),
        Value::Decimal(decimal) => Dynamic::from(*decimal),
        Value::Boolean(boolean) => Dynamic::from_bool(*boolean),
        Value::Date(date) => Dynamic::from(*date),
        Value::DateTime(moment) => Dynamic::from(*moment),
        Value::Id(id) => link_to_dynamic(run, field.targets.first().map(String::as_str), *id),
        Value::AnyLink(link) => link_to_dynamic(run, Some(&link.entity), link.id),
        Value::List(list) => {
            Dynamic::from_array(list.iter().map(|text| Dynamic::from(text.clone())).collect::<Array>())
        }
        Value::Json(json) => json_to_dynamic(json),
        Value::Files(_) => json_to_dynamic(&field.kind.to_json(field, value)),
        // Scripts learn that there is one and no more.
        Value::Secret(_) | Value::Masked(_) => Dynamic::from_bool(true),
    }
}

/// A link is the record that it points at, read when a field of it is asked for; any other id is a text.
fn link_to_dynamic(run: &Arc<Run>, target: Option<&str>, id: Uuid) -> Dynamic {
    match target.and_then(|name| run.model.entity(name)) {
        Some(entity) => Dynamic::from(Handle::stored(run, Arc::clone(entity), id)),
        None => id.to_string().into(),
    }
}

/// What a field takes from a script. Facets such as length and range are checked later, with everything else.
pub(crate) fn dynamic_to_value(run: &Run, field: &FieldModel, given: &Dynamic) -> Answer<Value> {
    if given.is_unit() {
        return Ok(Value::Empty);
    }
    if let Some(value) = fitting_value(run, field, given)? {
        return Ok(value);
    }
    let json = dynamic_to_json(given)?;
    if json.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Ok(Value::Empty);
    }
    field.kind.parse_json(field, &json, &run.parse_context()).map_err(|problem| {
        Fault::error(format!(
            "`{}` does not take {}: {}",
            field.name,
            describe(given),
            problem.message(&run.catalogue)
        ))
    })
}

/// The value, where the script's type already is the field's; `None` when the kind has to parse it.
fn fitting_value(run: &Run, field: &FieldModel, given: &Dynamic) -> Answer<Option<Value>> {
    let value = match field.kind.formula_type() {
        Type::Number => {
            let Some(number) = as_decimal(given) else { return Ok(None) };
            match field.kind.scale(field) {
                Some(scale) => Value::Decimal(number.rescale(scale).ok_or_else(|| too_great(field))?),
                None if number.fits_scale(0) => {
                    let whole = number.rescale(0).ok_or_else(|| too_great(field))?;
                    Value::Integer(whole.units())
                }
                None => return Err(Fault::error(format!("`{}` takes whole numbers only", field.name))),
            }
        }
        Type::Boolean => match given.as_bool() {
            Ok(boolean) => Value::Boolean(boolean),
            Err(_) => return Ok(None),
        },
        Type::Date => match given.read_lock::<Date>() {
            Some(date) => Value::Date(*date),
            None => return Ok(None),
        },
        Type::DateTime => {
            if let Some(moment) = given.read_lock::<Moment>() {
                return Ok(Some(Value::DateTime(*moment)));
            }
            let Some(date) = given.read_lock::<Date>() else { return Ok(None) };
            Value::DateTime(midnight(run, *date))
        }
        Type::Id => {
            let Some(handle) = given.read_lock::<Handle>() else { return Ok(None) };
            if !field.targets.is_empty() && !field.targets.contains(&handle.entity.name) {
                let message =
                    format!("`{}` does not point at records of `{}`", field.name, handle.entity.name);
                return Err(Fault::error(message));
            }
            if is_any_link(field) {
                Value::AnyLink(AnyLink { entity: handle.entity.name.clone(), id: handle.id() })
            } else {
                Value::Id(handle.id())
            }
        }
        Type::Text | Type::List | Type::Object => return Ok(None),
    };
    Ok(Some(value))
}

/// Whether the field names the entity beside the id.
pub(crate) fn is_any_link(field: &FieldModel) -> bool {
    field.kind.names_entity()
}

fn too_great(field: &FieldModel) -> Box<rhai::EvalAltResult> {
    Fault::error(format!("the number is too great for `{}`", field.name))
}

/// The moment at which a day begins where the caller is.
pub(crate) fn midnight(run: &Run, date: NaiveDate) -> Moment {
    let local = date.and_time(NaiveTime::MIN);
    match run.context.zone.from_local_datetime(&local).earliest() {
        Some(moment) => moment.to_utc(),
        // The clocks jump over midnight: the day begins an hour later.
        None => chrono::Utc.from_utc_datetime(&local),
    }
}

/// An exact number of any of the number types. Floats come from literals: their shortest decimal form, rounded to
/// eight digits after the point, is what was written.
pub(crate) fn as_decimal(given: &Dynamic) -> Option<Decimal> {
    if let Ok(integer) = given.as_int() {
        return Some(Decimal::from(integer));
    }
    if let Ok(float) = given.as_float() {
        return float_to_decimal(float);
    }
    given.read_lock::<Decimal>().map(|decimal| *decimal)
}

/// See [`as_decimal`]; `None` when it is no number or does not fit.
pub(crate) fn float_to_decimal(float: f64) -> Option<Decimal> {
    if !float.is_finite() {
        return None;
    }
    Decimal::from_str(&float.to_string()).or_else(|_| Decimal::from_str(&format!("{float:.8}"))).ok()
}

/// The JSON form of what a script gives.
pub(crate) fn dynamic_to_json(given: &Dynamic) -> Answer<Json> {
    to_json(given, 0)
}

fn to_json(given: &Dynamic, depth: usize) -> Answer<Json> {
    if depth > MAX_DEPTH {
        return Err(Fault::error(format!("lists and maps are nested more than {MAX_DEPTH} levels deep")));
    }
    if given.is_unit() {
        return Ok(Json::Null);
    }
    if let Ok(boolean) = given.as_bool() {
        return Ok(Json::Bool(boolean));
    }
    if let Ok(integer) = given.as_int() {
        return Ok(Json::from(integer));
    }
    if let Ok(text) = given.as_immutable_string_ref() {
        return Ok(Json::String(text.to_string()));
    }
    if let Some(number) = as_decimal(given) {
        return Ok(decimal_to_json(number));
    }
    if let Some(date) = given.read_lock::<Date>() {
        return Ok(Json::String(date.to_string()));
    }
    if let Some(moment) = given.read_lock::<Moment>() {
        return Ok(Json::String(moment_to_text(*moment)));
    }
    if let Some(handle) = given.read_lock::<Handle>() {
        return Ok(Json::String(handle.id().to_string()));
    }
    if let Ok(array) = given.as_array_ref() {
        return array.iter().map(|item| to_json(item, depth + 1)).collect();
    }
    if let Ok(map) = given.as_map_ref() {
        let mut object = serde_json::Map::with_capacity(map.len());
        for (key, value) in map.iter() {
            object.insert(key.to_string(), to_json(value, depth + 1)?);
        }
        return Ok(Json::Object(object));
    }
    if let Ok(letter) = given.as_char() {
        return Ok(Json::String(letter.to_string()));
    }
    Err(Fault::error(format!("{} cannot be used here", describe(given))))
}

/// A decimal as a JSON number with its digits.
pub(crate) fn decimal_to_json(decimal: Decimal) -> Json {
    Number::from_str(&decimal.to_string()).map_or(Json::Null, Json::Number)
}

/// A moment as the API writes it: RFC 3339 in UTC with milliseconds.
pub(crate) fn moment_to_text(moment: Moment) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// What a script sees of JSON: whole numbers as integers, others as decimals.
pub(crate) fn json_to_dynamic(json: &Json) -> Dynamic {
    match json {
        Json::Null => Dynamic::UNIT,
        Json::Bool(boolean) => Dynamic::from_bool(*boolean),
        Json::String(text) => text.as_str().into(),
        Json::Number(number) => number_to_dynamic(number),
        Json::Array(list) => Dynamic::from_array(list.iter().map(json_to_dynamic).collect::<Array>()),
        Json::Object(object) => Dynamic::from_map(
            object.iter().map(|(key, value)| (key.as_str().into(), json_to_dynamic(value))).collect::<Map>(),
        ),
    }
}

fn number_to_dynamic(number: &Number) -> Dynamic {
    if let Some(integer) = number.as_i64() {
        return Dynamic::from_int(integer);
    }
    match Decimal::from_str(&number.to_string()) {
        Ok(decimal) => Dynamic::from(decimal),
        Err(_) => number.as_f64().and_then(float_to_decimal).map_or(Dynamic::UNIT, Dynamic::from),
    }
}

/// A value as text in a message or log line; empty is nothing.
pub(crate) fn text_of(given: &Dynamic) -> String {
    if given.is_unit() {
        return String::new();
    }
    if let Some(number) = given.read_lock::<Decimal>() {
        return number.to_string();
    }
    if let Some(date) = given.read_lock::<Date>() {
        return date.to_string();
    }
    if let Some(moment) = given.read_lock::<Moment>() {
        return moment_to_text(*moment);
    }
    if let Some(handle) = given.read_lock::<Handle>() {
        return format!("{:?}", *handle);
    }
    if given.is_array() || given.is_map() {
        return dynamic_to_json(given).map_or_else(|_| given.to_string(), |json| json.to_string());
    }
    given.to_string()
}

/// A value's type and, for short ones, the value, for messages.
pub(crate) fn describe(given: &Dynamic) -> String {
    if let Some(handle) = given.read_lock::<Handle>() {
        return format!("a record of `{}`", handle.entity.name);
    }
    if let Ok(text) = given.as_immutable_string_ref() {
        let short: String = text.chars().take(40).collect();
        return format!("the text \"{short}\"");
    }
    if let Some(number) = as_decimal(given) {
        return format!("the number {number}");
    }
    if let Some(date) = given.read_lock::<Date>() {
        return format!("the date {}", *date);
    }
    if let Some(moment) = given.read_lock::<Moment>() {
        return format!("the moment {}", moment_to_text(*moment));
    }
    if given.is_array() {
        return "a list".to_owned();
    }
    if given.is_map() {
        return "a map".to_owned();
    }
    if let Ok(boolean) = given.as_bool() {
        return format!("`{boolean}`");
    }
    if given.is_unit() {
        return "nothing".to_owned();
    }
    format!("a {}", given.type_name())
}
