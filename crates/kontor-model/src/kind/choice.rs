//! One of a list of options. The option's value is stored; its label is read too, in the reader's language.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::{FieldDefinition, OptionDefinition};
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::{Value, fold};

/// The kind `choice`.
#[derive(Debug)]
pub struct Choice;

/// The option that a text means: its value exactly, else its label, folded.
pub(super) fn option_named<'a>(
    field: &'a FieldModel,
    text: &str,
    context: &ParseContext<'_>,
) -> Result<&'a OptionDefinition, Problem> {
    let options = &field.definition.one_of;
    if let Some(option) = options.iter().find(|option| option.value == text) {
        return Ok(option);
    }
    let wanted = fold(text);
    let has_label = |option: &&OptionDefinition| {
        fold(&option.title) == wanted
            || fold(&option.value) == wanted
            || fold(field.option_label(&option.value, context.catalogue)) == wanted
    };
    options.iter().find(has_label).ok_or_else(|| not_an_option(field, text))
}

/// What is said of a value that is no option: also which options there are.
pub(super) fn not_an_option(field: &FieldModel, value: &str) -> Problem {
    let current = field.definition.one_of.iter().filter(|option| !option.retired);
    let options: Vec<&str> = current.map(|option| option.value.as_str()).collect();
    Problem::at_field("not_an_option", &field.name).with("value", value).with("options", options.join(", "))
}

/// Options that are missing or named twice.
pub(super) fn check_options(definition: &FieldDefinition, problems: &mut Problems) {
    if definition.one_of.is_empty() {
        problems.push(Problem::new("required", "/oneOf"));
    }
    for (index, option) in definition.one_of.iter().enumerate() {
        if option.value.is_empty() {
            problems.push(Problem::new("required", format!("/oneOf/{index}/const")));
        }
        if definition.one_of.iter().take(index).any(|earlier| earlier.value == option.value) {
            problems.push(
                Problem::new("duplicate_value", format!("/oneOf/{index}/const")).with("value", &option.value),
            );
        }
    }
}

pub(super) fn values(field: &FieldModel) -> Vec<&str> {
    field.definition.one_of.iter().map(|option| option.value.as_str()).collect()
}

impl FieldKind for Choice {
    fn name(&self) -> &'static str {
        "choice"
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
        option_named(field, text, context).map(|option| Value::Text(option.value.clone()))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some(value) = json.as_str() else { return Err(textual::wrong_type(field, "text")) };
        if values(field).contains(&value) {
            Ok(Value::Text(value.to_owned()))
        } else {
            Err(not_an_option(field, value))
        }
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        textual::show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        textual::show(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        match value.as_text() {
            Some(text) if values(field).contains(&text) => {}
            Some(text) => problems.push(not_an_option(field, text)),
            None => problems.push(textual::wrong_type(field, "text")),
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::Eq, Operator::Ne, Operator::In, Operator::NotIn, Operator::Empty]
    }

    /// By the place among the options, as the database sorts; what is no option any more comes behind them.
    fn compare(&self, field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        let options = &field.definition.one_of;
        let place =
            |text: &str| options.iter().position(|option| option.value == text).unwrap_or(options.len());
        Some(place(left.as_text()?).cmp(&place(right.as_text()?)))
    }

    /// Any text: records keep an option that was removed since.
    fn json_schema(&self, field: &FieldModel) -> Json {
        json!({ "type": "string", "examples": values(field) })
    }

    fn input_schema(&self, field: &FieldModel) -> Json {
        json!({ "type": "string", "enum": values(field) })
    }

    fn formula_type(&self) -> Type {
        Type::Text
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        check_options(definition, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "choice", "title": "Priority", "default": "normal", "oneOf": [
            { "const": "low", "title": "Low", "color": "slate" },
            { "const": "normal", "title": "Normal", "color": "blue" },
            { "const": "high", "title": "High", "color": "red" } ] })
    }

    fn is_choice(&self) -> bool {
        true
    }

    fn sample(&self) -> Json {
        json!("normal")
    }

    fn group(&self) -> Group {
        Group::Choice
    }

    fn icon(&self) -> &'static str {
        "list"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::OPTIONS, facet::DEFAULT, facet::OPTIONS_WHEN]
    }
}
