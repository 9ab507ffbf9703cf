//! A team of the workspace.

use serde_json::json;

use super::{Group, Facet, FieldKind, facet, link};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::filter::Operator;
use crate::problem::Problems;

/// The kind `team`.
#[derive(Debug)]
pub struct Team;

impl FieldKind for Team {
    link::methods!();

    fn name(&self) -> &'static str {
        "team"
    }

    fn operators(&self) -> &'static [Operator] {
        link::PERSON_OPERATORS
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": "team", "title": "Team" })
    }

    fn group(&self) -> Group {
        Group::Relation
    }

    fn icon(&self) -> &'static str {
        "users"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::POINTER
    }

    fn targets(&self, _definition: &FieldDefinition) -> Vec<String> {
        vec!["team".into()]
    }
}
