//! Many records of another entity, each of which may be linked by many: the campaigns of an account. Every pair is a
//! record of an entity that the definition implies, so that pairs have columns, rights and a history of their own.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, Facet, FieldKind, ParseContext, children, facet, link};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `links`. A single value is the id of one linked record: what filters compare with.
#[derive(Debug)]
pub struct Links;

impl FieldKind for Links {
    fn name(&self) -> &'static str {
        "links"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        Vec::new()
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        link::parse_id(field, text)
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        link::parse_json(field, json)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        if value.is_empty() { Json::Null } else { link::show(value).into() }
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        link::show(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        children::check(field, value, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        children::LINKS
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        children::output_schema()
    }

    fn input_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "array", "maxItems": children::MOST, "items": link::input_schema() })
    }

    fn formula_type(&self) -> Type {
        Type::Id
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        children::check_definition(definition, problems);
        if definition.on_delete.as_deref() == Some("cascade") {
            let problem = Problem::new("not_an_option", "/on_delete").with("value", "cascade");
            problems.push(problem.with("options", "restrict, empty"));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "links", "title": "Campaigns", "to": "campaign",
            "properties": { "role": { "kind": "text", "title": "Role" } },
            "back": { "name": "members", "title": "Members" } })
    }

    fn targets(&self, definition: &FieldDefinition) -> Vec<String> {
        children::target(definition)
    }

    fn group(&self) -> Group {
        Group::Relation
    }

    fn icon(&self) -> &'static str {
        "link"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::TO, facet::UNLINK, facet::BACK, facet::PROPERTIES]
    }

    fn may_be_unique(&self) -> bool {
        false
    }

    fn is_sortable(&self) -> bool {
        false
    }

    fn converts(&self) -> bool {
        false
    }

    fn is_list(&self) -> bool {
        true
    }
}
