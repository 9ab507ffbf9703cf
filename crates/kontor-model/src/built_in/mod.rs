//! The entities that the engine itself brings.
use crate::definition::DefinitionSet;
/// The definitions of the engine: the layer below every pack.
pub fn definitions() -> DefinitionSet {
    DefinitionSet::new()
}
