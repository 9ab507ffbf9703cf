//! Which form shows a record.
use crate::definition::form::FormDefinition;
use crate::{EntityModel, Model};
/// The form for records of an entity.
pub fn layout(_model: &Model, _entity: &EntityModel, _record_type: Option<&str>, _roles: &[&str]) -> FormDefinition {
    FormDefinition::default()
}
