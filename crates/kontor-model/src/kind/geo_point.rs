//! A place on the earth by its latitude and longitude (WGS 84), to six digits, which is about a hand's breadth.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::{Map, json};

use super::{Group, Column, FieldKind, ParseContext, Part, Shown, composite, number, textual};
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;
use crate::{Decimal, Json};

/// The kind `geo_point`.
#[derive(Debug)]
pub struct GeoPoint;

/// Digits after the point.
const SCALE: u8 = 6;
const PARTS: &[Part] = &[Part::number("lat", SCALE), Part::number("lon", SCALE)];
/// How far each part goes from zero.
const LIMITS: [(&str, i64); 2] = [("lat", 90), ("lon", 180)];

fn object(lat: Decimal, lon: Decimal) -> Value {
    let mut found = Map::new();
    found.insert("lat".into(), number::to_json(lat));
    found.insert("lon".into(), number::to_json(lon));
    Value::Json(Json::Object(found))
}

fn parts(value: &Value) -> Option<(Decimal, Decimal)> {
    let Value::Json(json) = value else { return None };
    let one = |name: &str| json.get(name)?.to_string().parse::<Decimal>().ok();
    Some((one("lat")?, one("lon")?))
}

/// `52.52 N` and `13.4 W`: a letter of the compass instead of a sign.
fn degrees(text: &str, letters: [char; 2]) -> Option<Decimal> {
    let text = text.trim().trim_end_matches('°').trim();
    let upper = text.to_ascii_uppercase();
    let (negative, digits) = match (upper.strip_suffix(letters[0]), upper.strip_suffix(letters[1])) {
        (Some(rest), _) => (false, rest),
        (_, Some(rest)) => (true, rest),
        _ => (false, upper.as_str()),
    };
    let number: Decimal = digits.trim().trim_end_matches('°').trim().parse().ok()?;
    if negative { Decimal::ZERO.checked_sub(number) } else { Some(number) }
}

impl FieldKind for GeoPoint {
    fn name(&self) -> &'static str {
        "geo_point"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        composite::columns()
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        if let Some(json) = composite::object_in(text) {
            return self.parse_json(field, &json, context);
        }
        let refused = || Problem::at_field("not_a_place", &field.name).with("value", text);
        let halves = text.split_once([',', '，', ';']).or_else(|| text.trim().split_once(' '));
        let (lat, lon) = halves.ok_or_else(refused)?;
        match (degrees(lat, ['N', 'S']), degrees(lon, ['E', 'W'])) {
            (Some(lat), Some(lon)) => Ok(object(lat, lon)),
            _ => Err(refused()),
        }
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some(given) = json.as_object() else { return Err(textual::wrong_type(field, "object")) };
        composite::refuse_other_keys(field, given, PARTS)?;
        let mut found = Vec::with_capacity(PARTS.len());
        for part in PARTS {
            match given.get(part.name) {
                None | Some(Json::Null) => {
                    let problem = composite::at_part("required", field, part.name);
                    return Err(problem.with("field", part.name));
                }
                Some(number @ Json::Number(_)) => {
                    let at = |problem: Problem| Problem {
                        path: format!("/{}/{}", field.name, part.name),
                        ..problem
                    };
                    found.push(number::parse_json(field, number).map_err(at)?);
                }
                Some(_) => {
                    let problem = composite::at_part("wrong_type", field, part.name);
                    return Err(problem.with("expected", "number"));
                }
            }
        }
        match found.as_slice() {
            [lat, lon] => Ok(object(*lat, *lon)),
            _ => Err(textual::wrong_type(field, "object")),
        }
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        match value {
            Value::Json(json) => json.clone(),
            _ => Json::Null,
        }
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        parts(value).map(|(lat, lon)| format!("{lat}, {lon}")).unwrap_or_default()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let Some((lat, lon)) = parts(value) else {
            problems.push(textual::wrong_type(field, "object"));
            return;
        };
        let mut kept = Vec::with_capacity(PARTS.len());
        for ((name, limit), degrees) in LIMITS.into_iter().zip([lat, lon]) {
            let (least, most) = (Decimal::from(-limit), Decimal::from(limit));
            if degrees < least || degrees > most {
                let problem = composite::at_part("out_of_range", field, name);
                problems.push(problem.with("minimum", least).with("maximum", most));
            }
            kept.push(degrees.rescale(SCALE).map_or(degrees, Decimal::normalized));
        }
        if let [lat, lon] = kept.as_slice() {
            *value = object(*lat, *lon);
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::Eq, Operator::Ne, Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        let one = |(name, limit): (&str, i64)| {
            (name.to_owned(), json!({ "type": "number", "minimum": -limit, "maximum": limit }))
        };
        json!({ "type": "object", "properties": LIMITS.into_iter().map(one).collect::<Map<_, _>>(),
            "required": ["lat", "lon"], "additionalProperties": false })
    }

    fn formula_type(&self) -> Type {
        Type::Object
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": "geo_point", "title": "Position" })
    }

    fn sample(&self) -> Json {
        json!({ "lat": 52.52, "lon": 13.405 })
    }

    fn group(&self) -> Group {
        Group::Contact
    }

    fn icon(&self) -> &'static str {
        "map-pin"
    }

    fn parts(&self) -> &'static [Part] {
        PARTS
    }

    /// Leads to the map of the OpenStreetMap project.
    fn shown(&self, field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        let (lat, lon) = parts(value)?;
        let href = format!("https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=16/{lat}/{lon}");
        Some(Shown::leading(self.to_text(field, value, Tz::UTC), href))
    }

    fn is_sortable(&self) -> bool {
        false
    }
}
