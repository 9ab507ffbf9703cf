//! Checks.
use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::model::Broken;
use crate::problem::Problems;
/// Checks one definition by the meta-schema of its kind: complete, or a refinement when it says `extends`.
pub fn check_definition(_kind: DefinitionKind, _name: &str, _json: &Json) -> Problems {
    Problems::new()
}
/// Checks effective definitions, cross-references included.
pub fn check_all(_definitions: &DefinitionSet) -> Vec<Broken> {
    Vec::new()
}
/// The meta-schema of a kind: it draws the generic form and documents every key.
pub fn meta_schema(_kind: DefinitionKind) -> Option<&'static Json> {
    None
}
