//! Definitions that are about one entity (forms, views, processes), read once for each model and found by the entity's
//! name. One that does not read is as good as absent: the Problems page shows it.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::definition::form::FormDefinition;
use crate::definition::process::ProcessDefinition;
use crate::definition::view::ViewDefinition;
use crate::definition::{DefinitionKind, read};
use crate::model::Model;

/// A definition that says which entity it is about.
pub trait OfEntity: DeserializeOwned + Any + Send + Sync {
    /// Which kind of definition it is.
    const KIND: DefinitionKind;

    /// The name of the entity.
    fn entity(&self) -> &str;
}

impl OfEntity for FormDefinition {
    const KIND: DefinitionKind = DefinitionKind::Form;

    fn entity(&self) -> &str {
        &self.entity
    }
}

impl OfEntity for ViewDefinition {
    const KIND: DefinitionKind = DefinitionKind::View;

    fn entity(&self) -> &str {
        &self.entity
    }
}

impl OfEntity for ProcessDefinition {
    const KIND: DefinitionKind = DefinitionKind::Process;

    fn entity(&self) -> &str {
        &self.entity
    }
}

struct ByEntity<T>(HashMap<String, Arc<[Arc<T>]>>);

impl Model {
    /// The definitions of one kind that are about an entity, in the order of their names.
    pub fn about<T: OfEntity>(&self, entity: &str) -> Arc<[Arc<T>]> {
        let all = self.kept.get_or(|| {
            let mut all: HashMap<String, Vec<Arc<T>>> = HashMap::new();
            for (_, json) in self.definitions_of(T::KIND) {
                let Ok(one) = read::<T>(json) else { continue };
                all.entry(one.entity().to_owned()).or_default().push(Arc::new(one));
            }
            ByEntity(all.into_iter().map(|(entity, list)| (entity, list.into())).collect())
        });
        all.0.get(entity).cloned().unwrap_or_default()
    }
}
