//! Layers.
use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::model::Broken;
/// Refines `below` with `patch`.
pub fn merge(below: &Json, _patch: &Json) -> Json {
    below.clone()
}
/// What has to be said above `below` in order to get `full`.
pub fn difference(_below: &Json, full: &Json) -> Json {
    full.clone()
}
/// The effective definitions of layers, lowest first.
pub fn effective(layers: &[(String, DefinitionSet)]) -> (DefinitionSet, Vec<Broken>) {
    (layers.first().map(|(_, set)| set.clone()).unwrap_or_default(), Vec::new())
}
/// The layer that an effective value comes from.
pub fn origin<'a>(
    _layers: &'a [(String, DefinitionSet)],
    _kind: DefinitionKind,
    _name: &str,
    _pointer: &str,
) -> Option<&'a str> {
    None
}
/// The sources of a script, lowest layer first.
pub fn script_sources(_script: &Json) -> Vec<(&str, &str)> {
    Vec::new()
}
