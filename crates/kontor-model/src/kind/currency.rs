//! A currency: three letters of ISO 4217. The engine makes a field of this kind beside every amount of money.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, Shown, facet, textual};
use crate::Json;
use crate::currency::{codes, is_known};
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::{Value, fold};

/// The kind `currency`.
#[derive(Debug)]
pub struct Currency;

/// The kind's name.
pub const NAME: &str = "currency";

/// What a currency is called in the reader's language; nothing for one that is not known.
fn name_of<'a>(code: &str, catalogue: &'a Catalogue) -> &'a str {
    catalogue.find(&format!("ui.currency.{code}")).unwrap_or_default()
}

impl FieldKind for Currency {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_title(&self) -> bool {
        false
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Text)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let code = text.to_ascii_uppercase();
        if is_known(&code) {
            return Ok(Value::Text(code));
        }
        let wanted = fold(text);
        if let Some(code) = codes().find(|code| fold(name_of(code, context.catalogue)) == wanted) {
            return Ok(Value::text(code));
        }
        Err(Problem::at_field("not_a_currency", &field.name).with("value", text))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        match json.as_str() {
            Some(code) if is_known(code) => Ok(Value::Text(code.to_owned())),
            Some(text) => Err(Problem::at_field("not_a_currency", &field.name).with("value", text)),
            None => Err(textual::wrong_type(field, "text")),
        }
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        textual::show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        textual::show(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        if !value.as_text().is_some_and(is_known) {
            problems
                .push(Problem::at_field("not_a_currency", &field.name).with("value", textual::show(value)));
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::Eq, Operator::Ne, Operator::In, Operator::NotIn, Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        Some(left.as_text()?.cmp(right.as_text()?))
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string", "enum": codes().collect::<Vec<_>>() })
    }

    fn formula_type(&self) -> Type {
        Type::Text
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": NAME, "title": "Currency" })
    }

    fn sample(&self) -> Json {
        json!("CHF")
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::DEFAULT]
    }

    fn shown(&self, _field: &FieldModel, value: &Value, catalogue: &Catalogue) -> Option<Shown> {
        let code = value.as_text()?;
        Some(Shown { exact: name_of(code, catalogue).to_owned(), ..Shown::plain(code) })
    }

    fn offers(&self, catalogue: &Catalogue) -> Vec<(String, String)> {
        let offer = |code: &str| (code.to_owned(), format!("{code} · {}", name_of(code, catalogue)));
        codes().map(offer).collect()
    }

    fn group(&self) -> Group {
        Group::Choice
    }

    fn icon(&self) -> &'static str {
        "coins"
    }
}
