//! Derived JSON Schema.
use crate::{EntityModel, Json, Model};
/// For whom a schema is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What is sent: no read-only fields.
    Input,
    /// What is received: every field.
    Output,
}
/// The JSON Schema of the records of an entity.
pub fn derive(_entity: &EntityModel, _model: &Model, _purpose: Purpose) -> Json {
    Json::Null
}
