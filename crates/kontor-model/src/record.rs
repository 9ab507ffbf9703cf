//! One record in memory: its values in the order of the entity's fields.

use uuid::Uuid;

use crate::entity::{EntityModel, system};
use crate::value::Value;

/// A record. `values[i]` belongs to `entity.fields[i]`; the system fields come first.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// One value per field of the entity.
    pub values: Vec<Value>,
}

impl Record {
    /// A record with nothing in it.
    pub fn empty(entity: &EntityModel) -> Self {
        Self { values: vec![Value::Empty; entity.fields.len()] }
    }

    /// The record's id; nil before it has one.
    pub fn id(&self) -> Uuid {
        self.at(system::ID).as_id().unwrap_or_default()
    }

    /// The version, from 1; 0 before the first save.
    pub fn version(&self) -> i64 {
        self.at(system::VERSION).as_integer().unwrap_or(0)
    }

    /// The value of the field at `index`; empty when there is no such field.
    pub fn at(&self, index: usize) -> &Value {
        self.values.get(index).unwrap_or(&Value::Empty)
    }

    /// Sets the value of the field at `index`; an index without a field is ignored.
    pub fn set(&mut self, index: usize, value: Value) {
        if let Some(place) = self.values.get_mut(index) {
            *place = value;
        }
    }

    /// The value of a field by name; empty when the entity has none of that name.
    pub fn get(&self, entity: &EntityModel, name: &str) -> &Value {
        entity.field_index(name).map_or(&Value::Empty, |index| self.at(index))
    }
}
