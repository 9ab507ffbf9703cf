//! Every place of a model that names an entity, a field or an option: found by one walk and kept with the model, for pages
//! of the designer and plans ask for many of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::super::Use;
use super::spots::{self, Meaning, Spot};
use crate::definition::DefinitionKind;
use crate::model::Model;

/// The places, by what they name, in the order of the definitions.
#[derive(Debug, Default)]
pub(super) struct Places {
    entities: HashMap<String, Vec<Use>>,
    fields: HashMap<String, BTreeMap<String, Vec<Use>>>,
    options: HashMap<(String, String, String), Vec<Use>>,
}

impl Places {
    /// Those of a model.
    pub(super) fn of(model: &Model) -> Arc<Self> {
        model.kept.get_or(|| Self::found(model))
    }

    fn found(model: &Model) -> Self {
        let mut places = Self::default();
        for ((kind, name), json) in model.definitions.iter() {
            for Spot { pointer, meanings, .. } in spots::of(model, *kind, name, json) {
                for meaning in meanings {
                    add(places.list(meaning), *kind, name, &pointer);
                }
            }
        }
        places
    }

    fn list(&mut self, meaning: Meaning) -> &mut Vec<Use> {
        match meaning {
            Meaning::Entity(name) => self.entities.entry(name).or_default(),
            Meaning::Field(entity, field) => self.fields.entry(entity).or_default().entry(field).or_default(),
            Meaning::Choice(entity, field, option) => {
                self.options.entry((entity, field, option)).or_default()
            }
        }
    }

    /// What names an entity.
    pub(super) fn of_entity(&self, entity: &str) -> &[Use] {
        self.entities.get(entity).map_or(&[], Vec::as_slice)
    }

    /// What names a field.
    pub(super) fn of_field(&self, entity: &str, field: &str) -> &[Use] {
        self.fields.get(entity).and_then(|fields| fields.get(field)).map_or(&[], Vec::as_slice)
    }

    /// What names an option.
    pub(super) fn of_option(&self, entity: &str, field: &str, option: &str) -> &[Use] {
        let key = (entity.to_owned(), field.to_owned(), option.to_owned());
        self.options.get(&key).map_or(&[], Vec::as_slice)
    }

    /// How many places name each field of an entity.
    pub(super) fn counts(&self, entity: &str) -> BTreeMap<String, usize> {
        let fields = self.fields.get(entity).into_iter().flatten();
        fields.map(|(field, places)| (field.clone(), places.len())).collect()
    }
}

/// Adds a place once. Those of a definition follow each other.
fn add(list: &mut Vec<Use>, kind: DefinitionKind, name: &str, pointer: &str) {
    let mut of_definition = list.iter().rev().take_while(|one| one.kind == kind && one.name == name);
    if !of_definition.any(|one| one.pointer == pointer) {
        list.push(Use { kind, name: name.to_owned(), pointer: pointer.to_owned(), line: None });
    }
}
