//! Reads a typed shape from JSON that was checked before, and says where it does not fit all the same.

use serde::de::DeserializeOwned;

use crate::Json;
use crate::problem::{Problem, Problems};

/// The typed shape of a definition.
///
/// # Errors
/// One `unreadable` problem at the root; [`crate::check::check_definition`] gives exact pointers and runs before.
pub fn read<T: DeserializeOwned>(json: &Json) -> Result<T, Problems> {
    T::deserialize(json).map_err(|error| Problems(vec![Problem::new("unreadable", "").with("reason", error)]))
}
