//! A record of one of several entities. As text `entity:id`.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;
use uuid::Uuid;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, facet, link, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::{self, Value};

/// The kind `any_link`.
#[derive(Debug)]
pub struct AnyLink;

fn read(field: &FieldModel, entity: &str, id: &str) -> Result<Value, Problem> {
    let id =
        Uuid::try_parse(id).map_err(|_| Problem::at_field("not_an_id", &field.name).with("value", id).with("example", link::EXAMPLE))?;
    check_entity(field, entity)?;
    Ok(Value::AnyLink(value::AnyLink { entity: entity.to_owned(), id }))
}

fn check_entity(field: &FieldModel, entity: &str) -> Result<(), Problem> {
    if field.targets.iter().any(|target| target == entity) {
        return Ok(());
    }
    let options = field.targets.join(", ");
    Err(Problem::at_field("entity_not_allowed", &field.name).with("value", entity).with("options", options))
}

impl FieldKind for AnyLink {
    fn name(&self) -> &'static str {
        "any_link"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        vec![
            Column { suffix: "", column_type: ColumnType::Uuid },
            Column { suffix: "__entity", column_type: ColumnType::Text },
        ]
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some((entity, id)) = text.split_once(':') else {
            // An id alone does not say of what.
            let entity = field.targets.first().map_or("", String::as_str);
            let problem = Problem::at_field("not_an_any_link", &field.name).with("value", text);
            let problem = problem.with("options", field.targets.join(", "));
            return Err(problem.with("example", format!("{entity}:{}", link::EXAMPLE)));
        };
        read(field, entity.trim(), id.trim())
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        if let Some(text) = json.as_str() {
            return self.parse_text(field, text, context);
        }
        let part = |key: &str| json.get(key).and_then(Json::as_str);
        match (part("entity"), part("id")) {
            (Some(entity), Some(id)) => read(field, entity, id),
            _ => Err(textual::wrong_type(field, "any_link")),
        }
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        match value {
            Value::AnyLink(link) => json!({ "entity": link.entity, "id": link.id.to_string() }),
            _ => Json::Null,
        }
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        match value {
            Value::AnyLink(link) => format!("{}:{}", link.entity, link.id),
            _ => String::new(),
        }
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        match value {
            Value::AnyLink(link) => {
                if let Err(problem) = check_entity(field, &link.entity) {
                    problems.push(problem);
                }
            }
            _ => problems.push(textual::wrong_type(field, "any_link")),
        }
    }

    fn operators(&self) -> &'static [Operator] {
        link::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        link::compare(left, right)
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        json!({ "type": "object", "required": ["entity", "id"], "properties": {
            "entity": { "type": "string", "examples": field.targets },
            "id": { "type": "string", "format": "uuid" }, "title": { "type": "string" } } })
    }

    fn input_schema(&self, field: &FieldModel) -> Json {
        json!({ "type": ["string", "object"], "required": ["entity"], "minProperties": 2, "properties": {
            "entity": { "type": "string", "enum": field.targets } } })
    }

    fn formula_type(&self) -> Type {
        Type::Id
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        if self.targets(definition).is_empty() {
            problems.push(Problem::new("required", "/to"));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "any_link", "to": ["user", "team"], "title": "Regarding", "back": { "name": "notes", "title": "Notes" } })
    }

    fn names_entity(&self) -> bool {
        true
    }

    fn group(&self) -> Group {
        Group::Relation
    }

    fn icon(&self) -> &'static str {
        "link"
    }

    fn facets(&self) -> &'static [Facet] {
        const { &[facet::TO_SEVERAL, facet::ON_DELETE.hidden(), facet::BACK] }
    }

    fn is_sortable(&self) -> bool {
        false
    }

    fn is_link(&self) -> bool {
        true
    }

    fn targets(&self, definition: &FieldDefinition) -> Vec<String> {
        match &definition.to {
            Some(Json::String(one)) => vec![one.clone()],
            Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }
}
