//! A postal address. Shown as its country writes addresses: from large to small in East Asia, the street first elsewhere.
//! Source of the orders: Universal Postal Union, S42 and the addressing sheets of the countries.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, FieldKind, ParseContext, Part, Shown, composite};
use crate::Json;
use crate::conventions::{AddressOrder, Conventions};
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `address`.
#[derive(Debug)]
pub struct Address;

const PARTS: &[Part] = &[
    Part::text("street", 300),
    Part::text("city", 120),
    Part::text("postal_code", 20),
    Part::text("region", 120),
    Part::country("country"),
];

/// In which order a country writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Country, region, city, street, in one line without blanks: China, Japan, Taiwan, Korea.
    LargeFirst,
    /// Street; city, region and code.
    CodeLast,
    /// Street; city; region; code, each on its line.
    CodeAlone,
    /// Street; code and city; region.
    CodeFirst,
}

fn order(country: &str, has_han: bool) -> Order {
    match crate::country::read(country).unwrap_or_default() {
        "CN" | "JP" | "TW" | "KR" | "HK" | "MO" | "" if has_han => Order::LargeFirst,
        "US" | "CA" | "AU" | "CN" | "IN" => Order::CodeLast,
        "GB" | "IE" => Order::CodeAlone,
        _ => Order::CodeFirst,
    }
}

fn joined(parts: &[&str], between: &str) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(between)
}

/// The lines of an envelope, the country by its name in a language.
fn lines(value: &Value, language: &str) -> Vec<String> {
    arranged(value, super::country::shown(composite::part(value, "country"), language))
}

/// The lines of an envelope, the country as it is given.
fn arranged(value: &Value, shown: &str) -> Vec<String> {
    let part = |name: &str| composite::part(value, name);
    let (street, city, code) = (part("street"), part("city"), part("postal_code"));
    let (region, country) = (part("region"), part("country"));
    let has_han = [street, city, region].iter().any(|text| text.chars().any(crate::value::is_han));
    let order = order(country, has_han);
    let country = shown;
    let found = match order {
        Order::LargeFirst => {
            let region = if city.starts_with(region) { "" } else { region };
            vec![joined(&[country, code], " "), joined(&[region, city, street], "")]
        }
        Order::CodeLast => {
            vec![street.to_owned(), joined(&[city, &joined(&[region, code], " ")], ", "), country.to_owned()]
        }
        Order::CodeAlone => {
            vec![street.to_owned(), city.to_owned(), region.to_owned(), code.to_owned(), country.to_owned()]
        }
        Order::CodeFirst => {
            vec![street.to_owned(), joined(&[code, city], " "), region.to_owned(), country.to_owned()]
        }
    };
    found.into_iter().filter(|line| !line.is_empty()).collect()
}

fn one_line(value: &Value, language: &str) -> String {
    lines(value, language).join(", ").replace('\n', ", ")
}

impl FieldKind for Address {
    fn name(&self) -> &'static str {
        "address"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        composite::columns()
    }

    /// `street | city | postal code | region | country`, or the JSON.
    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        if let Some(json) = composite::object_in(text) {
            return composite::read(field, &json, PARTS);
        }
        let given: Vec<&str> = text.split(['|', '｜']).map(str::trim).collect();
        if given.len() > PARTS.len() {
            return Err(Problem::at_field("address_parts", &field.name).with("count", given.len()));
        }
        let mut found = serde_json::Map::new();
        for (part, text) in PARTS.iter().zip(given).filter(|(_, text)| !text.is_empty()) {
            found.insert(part.name.into(), text.into());
        }
        Ok(composite::whole(found))
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

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        let texts: Vec<&str> = PARTS.iter().map(|part| composite::part(value, part.name)).collect();
        let is_plain = |text: &&str| !text.contains(['|', '｜']);
        if !texts.iter().all(is_plain) || texts.first().is_some_and(|street| street.starts_with('{')) {
            return composite::compact(value);
        }
        let joined = texts.join(" | ");
        joined.trim_end_matches([' ', '|']).to_owned()
    }

    /// The country as its code, which is the same in every language.
    fn to_line(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        arranged(value, composite::part(value, "country")).join(", ").replace('\n', ", ")
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        composite::check(field, value, PARTS, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        composite::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        composite::json_schema(PARTS)
    }

    fn input_schema(&self, _field: &FieldModel) -> Json {
        composite::input_schema(PARTS)
    }

    fn formula_type(&self) -> Type {
        Type::Object
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": "address", "title": "Delivery address" })
    }

    fn sample(&self) -> Json {
        json!({ "street": "Uhlandstraße 4", "city": "Berlin", "postal_code": "10623", "country": "DE" })
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

    fn arrangement(&self, conventions: &Conventions) -> &'static [&'static str] {
        match conventions.address {
            AddressOrder::LargeFirst => &["country", "postal_code", "region", "city", "street"],
            AddressOrder::CodeLast => &["street", "city", "region", "postal_code", "country"],
            AddressOrder::CodeFirst => &["street", "postal_code", "city", "region", "country"],
        }
    }

    fn may_stay(&self, problem: &Problem, old: &Value, new: &Value) -> bool {
        let country = |value| composite::part(value, "country").trim().to_owned();
        problem.code == super::country::REFUSAL && country(old) == country(new)
    }

    fn shown(&self, _field: &FieldModel, value: &Value, catalogue: &Catalogue) -> Option<Shown> {
        let language = &catalogue.language;
        let exact = lines(value, language).join("\n");
        Some(Shown { text: one_line(value, language), exact, href: String::new() })
    }

    fn title(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        one_line(value, "en")
    }

    fn is_folded(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_in_its_own_order() {
        for (address, language, expected) in [
            (
                json!({ "street": "Uhlandstraße 4", "city": "Berlin", "postal_code": "10623", "country": "DE" }),
                "en",
                "Uhlandstraße 4, 10623 Berlin, Germany",
            ),
            (
                json!({ "street": "Uhlandstraße 4", "city": "Berlin", "postal_code": "10623", "country": "DE" }),
                "zh-CN",
                "Uhlandstraße 4, 10623 Berlin, 德国",
            ),
            (
                json!({ "street": "1 Main St", "city": "Springfield", "postal_code": "62701", "region": "IL", "country": "USA" }),
                "en",
                "1 Main St, Springfield, IL 62701, United States",
            ),
            (
                json!({ "street": "文三路1号", "city": "杭州市", "postal_code": "310012", "region": "浙江省", "country": "CN" }),
                "zh-CN",
                "中国 310012, 浙江省杭州市文三路1号",
            ),
            (
                json!({ "street": "10 Downing Street", "city": "London", "postal_code": "SW1A 2AA", "country": "GB" }),
                "en",
                "10 Downing Street, London, SW1A 2AA, United Kingdom",
            ),
            (json!({ "city": "Wien", "country": "Atlantis" }), "en", "Wien, Atlantis"),
        ] {
            assert_eq!(one_line(&Value::Json(address), language), expected);
        }
    }
}
