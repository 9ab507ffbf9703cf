//! Writes a filter.
use super::Filter;
use crate::{EntityModel, Json, Model};
impl Filter {
    /// The JSON form that [`Filter::parse`] reads back to the same filter.
    pub fn to_json(&self, _entity: &EntityModel, _model: &Model) -> Json {
        Json::Null
    }
}
