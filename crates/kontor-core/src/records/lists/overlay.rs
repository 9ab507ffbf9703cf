//! What the lists of a document will hold, for whoever counts or adds up before it is stored.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::Record;
use kontor_model::entity::ListModel;
use uuid::Uuid;

use super::super::draft::Draft;

/// The records that will point at a record with a link, of the documents that are being saved.
#[derive(Debug, Default)]
pub struct Overlay(HashMap<(Uuid, String, usize), Arc<Vec<Record>>>);

impl Overlay {
    /// Remembers the lists of a draft as they stand now.
    pub fn put(&mut self, draft: &Draft) {
        for list in &draft.lists {
            let Some(model) = draft.entity.fields.get(list.field).and_then(|field| field.list.as_ref())
            else {
                continue;
            };
            let records = list.records().cloned().collect();
            self.0.insert(key(model, draft.record.id()), Arc::new(records));
        }
    }

    /// Forgets these lists of a draft again; what else is known of the record stays.
    pub fn take_out(&mut self, draft: &Draft) {
        for list in &draft.lists {
            let model = draft.entity.fields.get(list.field).and_then(|field| field.list.as_ref());
            if let Some(model) = model {
                self.0.remove(&key(model, draft.record.id()));
            }
        }
    }

    /// Forgets the lists of a record: what is stored counts again.
    pub fn forget(&mut self, id: Uuid) {
        self.0.retain(|(parent, _, _), _| *parent != id);
    }

    /// The records of an entity that will point at a record with this link; `None` when what is stored counts.
    pub fn of(&self, id: Uuid, entity: &str, by: usize) -> Option<Arc<Vec<Record>>> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&(id, entity.to_owned(), by)).cloned()
    }
}

fn key(list: &ListModel, id: Uuid) -> (Uuid, String, usize) {
    (id, list.entity.clone(), list.by)
}
