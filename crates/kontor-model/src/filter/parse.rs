//! Reads a filter.
use super::Filter;
use crate::{EntityModel, Json, Model, Problems};
impl Filter {
    /// Reads the JSON form of a filter over the records of an entity.
    ///
    /// # Errors
    /// All problems, with pointers into the filter.
    pub fn parse(_json: &Json, _entity: &EntityModel, _model: &Model) -> Result<Self, Problems> {
        Ok(Self::True)
    }

    /// Reads a filter that may also ask what a save changed: of a trigger or a process.
    ///
    /// # Errors
    /// All problems, with pointers into the filter.
    pub fn parse_trigger(_json: &Json, _entity: &EntityModel, _model: &Model) -> Result<Self, Problems> {
        Ok(Self::True)
    }
}
