//! Filters in addresses.
use super::Filter;
use crate::{EntityModel, Model, Problems};
/// Reads the filter of an address.
///
/// # Errors
/// All problems; their paths are the names of the pairs.
pub fn parse(_pairs: &[(String, String)], _entity: &EntityModel, _model: &Model) -> Result<Filter, Problems> {
    Ok(Filter::True)
}
