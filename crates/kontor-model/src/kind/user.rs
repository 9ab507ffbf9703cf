//! A person of the workspace.

use serde_json::json;

use super::{Group, Facet, FieldKind, facet, link};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::filter::Operator;
use crate::problem::Problems;

/// The kind `user`.
#[derive(Debug)]
pub struct User;

impl FieldKind for User {
    link::methods!();

    fn name(&self) -> &'static str {
        "user"
    }

    fn operators(&self) -> &'static [Operator] {
        link::PERSON_OPERATORS
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {}

    fn example(&self) -> Json {
        json!({ "kind": "user", "title": "Responsible" })
    }

    fn group(&self) -> Group {
        Group::Relation
    }

    fn icon(&self) -> &'static str {
        "user"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::POINTER
    }

    fn targets(&self, _definition: &FieldDefinition) -> Vec<String> {
        vec!["user".into()]
    }
}
