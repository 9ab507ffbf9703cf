//! Strict JSON: a key that comes twice, something after the end, or nesting without end is refused, not guessed at.

use std::fmt;

use kontor_model::Json;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number};

/// Deepest nesting that is accepted; filters go to 32, forms and workflows less deep.
const MOST_LEVELS: u8 = 64;
/// The key under which `serde_json` hands over a number with all its digits.
const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Why a body is not readable, in a sentence with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub String);

/// Reads a whole text as one JSON value.
///
/// # Errors
/// What is wrong, with line and column.
pub fn parse(bytes: &[u8]) -> Result<Json, Unreadable> {
    let said = |error: serde_json::Error| Unreadable(error.to_string());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { level: 0 }.deserialize(&mut reader).map_err(said)?;
    reader.end().map_err(said)?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    level: u8,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.level >= MOST_LEVELS {
            return Err(E::custom(format!("more than {MOST_LEVELS} levels of nesting")));
        }
        Ok(Self { level: self.level + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key == NUMBER_TOKEN {
                let digits = entries.next_value::<String>()?;
                return digits.parse::<Number>().map(Json::Number).map_err(A::Error::custom);
            }
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} comes twice")));
            }
            let value = entries.next_value_seed(inner)?;
            object.insert(key, value);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_is_sound_keeps_order_and_digits() {
        let text = r#"{"b":[1,2.50,-3e2,12345678901234567890.123],"a":{"x":null,"y":true,"z":"ü"}}"#;
        let value = parse(text.as_bytes()).unwrap();
        assert_eq!(value, serde_json::from_str::<Json>(text).unwrap());
        assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(value.pointer("/b/1").unwrap().to_string(), "2.50");
        assert_eq!(parse(b" 7 ").unwrap(), serde_json::json!(7));
    }

    #[test]
    fn what_is_doubtful_is_refused() {
        for (text, why) in [
            (r#"{"a":1,"a":2}"#, "twice"),
            (r#"{"x":[{"a":1,"\u0061":2}]}"#, "twice"),
            ("{} {}", "trailing"),
            ("{\"a\":1,}", "trailing comma"),
            ("", "EOF"),
            ("{'a':1}", "line 1"),
            ("NaN", "line 1"),
        ] {
            let said = parse(text.as_bytes()).unwrap_err().0;
            assert!(said.contains(why), "{text}: {said}");
        }
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(deep(65).as_bytes()).unwrap_err().0.contains("levels"));
        assert!(parse(deep(64).as_bytes()).is_ok());
    }
}
