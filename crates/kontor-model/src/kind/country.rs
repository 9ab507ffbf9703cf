//! A country or region: two letters of ISO 3166-1, chosen from a list and shown by name in the reader's language. What is
//! stored from before as another text stays readable; it is named when it is written again.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Facet, FieldKind, Group, ParseContext, Shown, facet, textual};
use crate::Json;
use crate::country;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `country`.
#[derive(Debug)]
pub struct Country;

/// The kind's name.
pub(super) const NAME: &str = "country";

/// Longest text that is no code.
pub(super) const LONGEST: usize = 80;

/// The problem with a text that is no country.
pub(super) const REFUSAL: &str = "not_a_country";

/// The schema of what is sent.
pub(super) fn input_schema() -> Json {
    json!({ "type": "string", "enum": country::all("en").iter().map(|(code, _)| *code).collect::<Vec<_>>() })
}

/// The code of what was written, and the text itself when it is no country.
pub(super) fn settled(text: &str) -> &str {
    country::read(text).unwrap_or(text)
}

/// What people read: the name in their language, and a text that is no country as it is.
pub(super) fn shown<'t>(text: &'t str, language: &str) -> &'t str {
    country::read(text).and_then(|code| country::name(code, language)).unwrap_or(text)
}

impl FieldKind for Country {
    fn name(&self) -> &'static str {
        NAME
    }

    fn columns(&self, _field: &FieldModel) -> Vec<super::Column> {
        textual::folded_columns()
    }

    fn parse_text(
        &self,
        _field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(Value::text(settled(text)))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let value = textual::read(field, json)?;
        Ok(value.as_text().map_or(Value::Empty, |text| Value::text(settled(text))))
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        textual::show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.as_text().map(settled).unwrap_or_default().to_owned()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let text = textual::show(value);
        match country::read(&text) {
            Some(code) => *value = Value::text(code),
            None => problems.push(Problem::at_field(REFUSAL, &field.name).with("value", text)),
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::Eq, Operator::Ne, Operator::In, Operator::NotIn, Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        textual::compare(left, right)
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string", "maxLength": LONGEST })
    }

    /// Names are taken, too; codes are what is promised.
    fn input_schema(&self, _field: &FieldModel) -> Json {
        input_schema()
    }

    fn formula_type(&self) -> Type {
        Type::Text
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": NAME, "title": "Country" })
    }

    fn sample(&self) -> Json {
        json!("NO")
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::DEFAULT]
    }

    fn shown(&self, _field: &FieldModel, value: &Value, catalogue: &Catalogue) -> Option<Shown> {
        Some(Shown::plain(shown(value.as_text()?, &catalogue.language)))
    }

    fn title(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        shown(value.as_text().unwrap_or_default(), "en").to_owned()
    }

    fn offers(&self, catalogue: &Catalogue) -> Vec<(String, String)> {
        let all = country::all(&catalogue.language).iter();
        all.map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect()
    }

    fn may_stay(&self, problem: &Problem, old: &Value, new: &Value) -> bool {
        problem.code == REFUSAL && old == new
    }

    fn is_folded(&self) -> bool {
        true
    }

    fn group(&self) -> Group {
        Group::Contact
    }

    fn icon(&self) -> &'static str {
        "map-pin"
    }
}
