//! A record on its way in: what was sent, what it was, what it becomes, and what is wrong with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::{EntityModel, Json, Problems, Record, Value};
use uuid::Uuid;

use super::view::RecordView;

/// A value as it was sent.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// Typed into a form or a cell of a spreadsheet; empty text is empty.
    Text(String),
    /// The JSON form; `null` and empty text are empty.
    Json(Json),
    /// Ready, from the engine itself.
    Value(Value),
}

/// What shall be saved.
#[derive(Clone, Debug)]
pub struct Save {
    /// The kind of record.
    pub entity: Arc<EntityModel>,
    /// Which record is changed; `None` creates one.
    pub id: Option<Uuid>,
    /// The version that the writer saw; somebody else's save in between is refused when it is given.
    pub expected_version: Option<i64>,
    /// What was sent, by field name.
    pub values: Vec<(String, Incoming)>,
}

impl Save {
    /// A new record.
    pub fn create(entity: &Arc<EntityModel>, values: Vec<(String, Incoming)>) -> Self {
        Self { entity: Arc::clone(entity), id: None, expected_version: None, values }
    }

    /// A change of a record.
    pub fn update(entity: &Arc<EntityModel>, id: Uuid, values: Vec<(String, Incoming)>) -> Self {
        Self { entity: Arc::clone(entity), id: Some(id), expected_version: None, values }
    }

    /// The values of a JSON object.
    pub fn values_of(object: &serde_json::Map<String, Json>) -> Vec<(String, Incoming)> {
        object.iter().map(|(name, json)| (name.clone(), Incoming::Json(json.clone()))).collect()
    }
}

/// What came of a save.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The record as the writer may see it.
    pub record: RecordView,
    /// Whether it is new.
    pub created: bool,
    /// What rules and scripts warned of.
    pub warnings: Problems,
}

/// A record between the steps of a save.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The kind of record.
    pub entity: Arc<EntityModel>,
    /// As stored; `None` while it is being created.
    pub old: Option<Record>,
    /// As it will be.
    pub record: Record,
    /// Fields that the writer gave, by index.
    pub given: BTreeSet<usize>,
    /// What is wrong, and what was warned of.
    pub problems: Problems,
}

impl Draft {
    /// Whether the field's value differs from what is stored.
    pub fn is_changed(&self, index: usize) -> bool {
        match &self.old {
            Some(old) => old.at(index) != self.record.at(index),
            None => !self.record.at(index).is_empty(),
        }
    }

    /// The fields whose values differ from what is stored.
    pub fn changed(&self) -> Vec<usize> {
        (0..self.entity.fields.len()).filter(|index| self.is_changed(*index)).collect()
    }
}
