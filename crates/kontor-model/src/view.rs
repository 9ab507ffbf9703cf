//! Which views an entity has.
use crate::definition::view::ViewDefinition;
use crate::{EntityModel, Model};
/// The views of an entity in their order; never empty.
pub fn views(_model: &Model, entity: &EntityModel) -> Vec<ViewDefinition> {
    vec![default_view(entity)]
}
/// A list view for an entity that has none.
pub fn default_view(_entity: &EntityModel) -> ViewDefinition {
    ViewDefinition::default()
}
