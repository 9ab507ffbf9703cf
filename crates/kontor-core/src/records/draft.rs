//! A record on its way in: what was sent, what it was, what it becomes, and what is wrong with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::{EntityModel, Json, Problems, Record, Value};
use uuid::Uuid;

use super::lists::{DraftList, ListInput};
use super::view::RecordView;
use crate::approvals::Held;

/// A value as it was sent.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// Typed into a form or a cell of a spreadsheet; empty text is empty.
    Text(String),
    /// The JSON form; `null` and empty text are empty.
    Json(Json),
    /// Ready, from the engine itself.
    Value(Value),
    /// The records of a list, taken apart.
    List(ListInput),
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
    /// The form through whose page it comes in: one that the writer was shown. Whatever comes in otherwise has none.
    pub form: Option<String>,
}

impl Save {
    /// A new record.
    pub fn create(entity: &Arc<EntityModel>, values: Vec<(String, Incoming)>) -> Self {
        Self { entity: Arc::clone(entity), id: None, expected_version: None, values, form: None }
    }

    /// A change of a record.
    pub fn update(entity: &Arc<EntityModel>, id: Uuid, values: Vec<(String, Incoming)>) -> Self {
        Self { entity: Arc::clone(entity), id: Some(id), expected_version: None, values, form: None }
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
    /// What becomes of the lists that were given.
    pub lists: Vec<DraftList>,
    /// What needs an approval before it takes effect.
    pub held: Vec<Held>,
    /// Moves that their process lets through only with an approval: the field, and which.
    pub to_approve: Vec<(usize, String)>,
    /// The form through whose page the record itself is saved.
    pub form: Option<String>,
}

impl Draft {
    /// A stored record that stays as it is.
    pub fn stored(entity: &Arc<EntityModel>, record: Record) -> Self {
        Self {
            entity: Arc::clone(entity),
            old: Some(record.clone()),
            record,
            given: BTreeSet::new(),
            problems: Problems::new(),
            lists: Vec::new(),
            held: Vec::new(),
            to_approve: Vec::new(),
            form: None,
        }
    }

    /// Whether the field will hold nothing. Of a list that was not given nothing is known but that a new record has an
    /// empty one.
    pub fn is_empty(&self, index: usize) -> bool {
        if self.entity.fields.get(index).is_none_or(|field| !field.kind.is_list()) {
            return self.record.at(index).is_empty();
        }
        match self.lists.iter().find(|list| list.field == index) {
            Some(list) => list.records().next().is_none(),
            None => self.old.is_none(),
        }
    }

    /// Whether the field's value differs from what is stored.
    pub fn is_changed(&self, index: usize) -> bool {
        if let Some(list) = self.lists.iter().find(|list| list.field == index) {
            return list.is_changed();
        }
        match &self.old {
            Some(old) => old.at(index) != self.record.at(index),
            None => !self.record.at(index).is_empty(),
        }
    }

    /// The fields whose values differ from what is stored; not the lists, which have no values of their own.
    pub fn changed(&self) -> Vec<usize> {
        let is_list = |index: &usize| self.lists.iter().any(|list| list.field == *index);
        (0..self.entity.fields.len()).filter(|index| !is_list(index) && self.is_changed(*index)).collect()
    }
}
