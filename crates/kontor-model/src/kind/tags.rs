//! Free words, in the order in which they were typed. Stored like the values of a multi-choice.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `tags`.
#[derive(Debug)]
pub struct Tags;

/// Characters of one tag.
const LONGEST: usize = 60;
/// Tags, unless the definition says otherwise.
const MOST: usize = 50;
/// What stands between tags.
const SEPARATORS: [char; 7] = [',', '，', '、', '|', '｜', ';', '\n'];

/// Each tag once, whatever its case, with single blanks inside; the first way of writing it stays.
fn list<'a>(words: impl Iterator<Item = &'a str>) -> Value {
    let mut tags: Vec<String> = Vec::new();
    for word in words {
        let tag = word.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_known = tags.iter().any(|known| crate::value::fold(known) == crate::value::fold(&tag));
        if !tag.is_empty() && !is_known {
            tags.push(tag);
        }
    }
    if tags.is_empty() { Value::Empty } else { Value::List(tags) }
}

fn items(value: &Value) -> &[String] {
    match value {
        Value::List(list) => list,
        _ => &[],
    }
}

impl FieldKind for Tags {
    fn name(&self) -> &'static str {
        "tags"
    }

    fn is_searched(&self) -> bool {
        true
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Text)
    }

    fn parse_text(
        &self,
        _field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(list(text.split(SEPARATORS)))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some(array) = json.as_array() else { return Err(textual::wrong_type(field, "list")) };
        let words: Option<Vec<&str>> = array.iter().map(Json::as_str).collect();
        let Some(words) = words else { return Err(textual::wrong_type(field, "list")) };
        if let Some(word) = words.iter().find(|word| word.contains(SEPARATORS)) {
            return Err(Problem::at_field("tag_separator", &field.name).with("value", word));
        }
        Ok(list(words.into_iter()))
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        json!(items(value))
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        items(value).join(", ")
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let Value::List(given) = &*value else {
            problems.push(textual::wrong_type(field, "list"));
            return;
        };
        for tag in given {
            let length = tag.chars().count();
            if length > LONGEST {
                let problem = Problem::at_field("too_long", &field.name);
                problems.push(problem.with("limit", LONGEST).with("length", length));
            }
            if tag.contains(SEPARATORS) {
                problems.push(Problem::at_field("tag_separator", &field.name).with("value", tag));
            }
            if tag.contains('\0') {
                problems.push(Problem::at_field("control_character", &field.name));
            }
        }
        let limit = field.definition.max_items.unwrap_or(MOST);
        if given.len() > limit {
            problems.push(Problem::at_field("too_many", &field.name).with("limit", limit));
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::AnyOf, Operator::AllOf, Operator::NoneOf, Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        let item = json!({ "type": "string", "maxLength": LONGEST, "pattern": "^[^,，、|｜;\\n]*$" });
        json!({ "type": "array", "items": item, "maxItems": field.definition.max_items.unwrap_or(MOST) })
    }

    fn holds_words(&self) -> bool {
        true
    }

    fn formula_type(&self) -> Type {
        Type::List
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {

    }

    fn example(&self) -> Json {
        json!({ "kind": "tags", "title": "Tags" })
    }

    fn sample(&self) -> Json {
        json!(["VIP", "trade fair"])
    }

    fn group(&self) -> Group {
        Group::Choice
    }

    fn icon(&self) -> &'static str {
        "tag"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::MAX_ITEMS]
    }

    fn may_be_unique(&self) -> bool {
        false
    }

    fn suggests_used(&self) -> bool {
        true
    }

    fn is_sortable(&self) -> bool {
        false
    }
}
