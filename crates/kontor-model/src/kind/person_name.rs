//! The name of a person in its parts. Which part comes first follows the name's own script, as in the person names of
//! Unicode CLDR: a name in Chinese characters, kana or hangul begins with the family, every other with the given name.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::{Map, json};

use super::{Group, Column, FieldKind, ParseContext, Part, Shown, composite, textual};
use crate::Json;
use crate::conventions::Conventions;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::{Value, is_han};

/// The kind `person_name`.
#[derive(Debug)]
pub struct PersonName;

/// The family is first, so that names sort by it.
const PARTS: &[Part] = &[
    Part::text("family", 120),
    Part::text("given", 120),
    Part::text("middle", 120),
    Part::text("prefix", 60),
    Part::text("suffix", 60),
];
/// Chinese families of two characters.
const DOUBLE: [&str; 16] = [
    "欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文",
    "轩辕", "夏侯", "南宫",
];
/// Titles in front of a name.
const PREFIXES: [&str; 12] =
    ["dr", "dr.", "prof", "prof.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "herr", "frau"];

/// The name as it is said: `Dr. Mara Jensen`, `王小明`.
fn natural(value: &Value) -> String {
    let part = |name: &str| composite::part(value, name);
    let (family, given) = (part("family"), part("given"));
    let is_east = family.chars().chain(given.chars()).any(is_han);
    let name = if is_east && !format!("{family}{given}").contains(' ') {
        format!("{family}{given}")
    } else if is_east {
        words(&[family, given])
    } else {
        words(&[given, part("middle"), family])
    };
    if is_east { words(&[&name, part("prefix"), part("suffix")]) } else { words(&[part("prefix"), &name, part("suffix")]) }
}

fn words(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn name_of(pairs: &[(&str, &str)]) -> Value {
    let mut found = Map::new();
    for part in PARTS {
        let text = pairs.iter().find(|(name, _)| *name == part.name).map_or("", |(_, text)| text.trim());
        if !text.is_empty() {
            found.insert(part.name.into(), text.into());
        }
    }
    composite::whole(found)
}

/// Takes a name apart as far as its text says: a comma stands behind the family, a Chinese family is one character or a
/// known pair, elsewhere the last word is the family, with the small words before it (`van der Berg`).
fn read(text: &str) -> Value {
    let text = text.trim();
    if let Some((family, given)) = text.split_once([',', '，']) {
        return name_of(&[("family", family), ("given", given)]);
    }
    let mut parts: Vec<&str> = text.split_whitespace().collect();
    if text.chars().any(is_han) {
        if let [family, given] = parts.as_slice() {
            return name_of(&[("family", family), ("given", given)]);
        }
        if parts.len() == 1 {
            let double = DOUBLE.iter().find(|double| text.starts_with(**double) && text.len() > double.len());
            let first = text.chars().next().map_or(0, char::len_utf8);
            let (family, given) = text.split_at(double.map_or(first, |double| double.len()));
            return name_of(&[("family", family), ("given", given)]);
        }
    }
    let has_prefix = parts.len() > 1
        && parts.first().is_some_and(|first| PREFIXES.contains(&first.to_lowercase().as_str()));
    let prefix = if has_prefix { parts.remove(0) } else { "" };
    let Some(last) = parts.pop() else { return Value::Empty };
    let is_small = |word: &str| word.chars().all(|letter| !letter.is_uppercase());
    let mut from = parts.len();
    while from > 1 && parts.get(from - 1).is_some_and(|word| is_small(word)) {
        from -= 1;
    }
    let small = parts.split_off(from);
    let family = words(&[&small.join(" "), last]);
    name_of(&[("family", &family), ("given", &parts.join(" ")), ("prefix", prefix)])
}

impl FieldKind for PersonName {
    fn name(&self) -> &'static str {
        "person_name"
    }

    fn is_title(&self) -> bool {
        true
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        composite::columns()
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        match composite::object_in(text) {
            Some(json) => composite::read(field, &json, PARTS),
            None => Ok(read(text)),
        }
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        composite::read(field, json, PARTS)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        composite::to_json(value, PARTS)
    }

    /// The shortest text that is read back to the same parts.
    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        let part = |name: &str| composite::part(value, name);
        let apart = format!("{}, {}", part("family"), part("given"));
        let found = [natural(value), apart].into_iter().find(|text| !text.starts_with('{') && read(text) == *value);
        found.unwrap_or_else(|| composite::compact(value))
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        composite::check(field, value, PARTS, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        composite::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        textual::compare(&Value::Text(left.as_words()?), &Value::Text(right.as_words()?))
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        composite::json_schema(PARTS)
    }

    fn formula_type(&self) -> Type {
        Type::Object
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": "person_name", "title": "Name" })
    }

    fn sample(&self) -> Json {
        json!({ "given": "Mara", "family": "Jensen" })
    }

    fn group(&self) -> Group {
        Group::Contact
    }

    fn icon(&self) -> &'static str {
        "user"
    }

    fn parts(&self) -> &'static [Part] {
        PARTS
    }

    fn arrangement(&self, conventions: &Conventions) -> &'static [&'static str] {
        if conventions.family_first { &["family", "given"] } else { &["given", "family"] }
    }

    fn shown(&self, _field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        Some(Shown::plain(natural(value)))
    }

    fn title(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        natural(value)
    }

    fn is_folded(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_and_put_together() {
        for (text, family, given) in [
            ("Mara Jensen", "Jensen", "Mara"),
            ("Jensen, Mara", "Jensen", "Mara"),
            ("王小明", "王", "小明"),
            ("欧阳娜娜", "欧阳", "娜娜"),
            ("Ludwig van Beethoven", "van Beethoven", "Ludwig"),
            ("Cher", "Cher", ""),
            ("Anna Maria Rossi", "Rossi", "Anna Maria"),
            ("Dr. Ada Lovelace", "Lovelace", "Ada"),
        ] {
            let value = read(text);
            assert_eq!((composite::part(&value, "family"), composite::part(&value, "given")), (family, given), "{text}");
            if !text.contains(',') {
                assert_eq!(natural(&value), text);
            }
        }
    }
}
