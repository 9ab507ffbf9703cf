//! Look-ups of records by the values of their fields: each value is asked of the database once, and what the batch writes is
//! found, too.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{EntityModel, Record, Value};
use kontor_store::PageQuery;
use uuid::Uuid;

use super::batch::{Batch, Found};
use crate::Session;
use crate::error::Result;

impl Batch {
    /// From now on, what this batch writes is found by this field; what it wrote before, too.
    pub(super) fn watch(&mut self, entity: &EntityModel, field: usize) {
        if !self.watched.entry(entity.name.clone()).or_default().insert(field) {
            return;
        }
        let written: Vec<(Uuid, Arc<Record>)> = self
            .written
            .iter()
            .filter(|((name, _), _)| *name == entity.name)
            .filter_map(|((_, id), record)| Some((*id, Arc::clone(record.as_ref()?))))
            .collect();
        for (id, record) in written {
            self.index(entity, field, id, &record);
        }
    }

    /// Lets a record be found by the value of a field.
    pub(super) fn index(&mut self, entity: &EntityModel, field: usize, id: Uuid, record: &Record) {
        let Some(model) = entity.fields.get(field) else { return };
        if record.at(field).is_empty() {
            return;
        }
        let key = (entity.name.clone(), field, text_of(model, record.at(field)));
        let found = match self.lookups.get(&key) {
            Some(Found::One(other)) if *other != id => Found::Several,
            Some(Found::Several) => Found::Several,
            _ => Found::One(id),
        };
        self.lookups.insert(key, found);
    }

    /// Looks many values up at once, so that the look-ups to come are answered from memory.
    pub async fn prefetch(
        &mut self,
        session: &Session,
        entity: &EntityModel,
        field: usize,
        values: Vec<Value>,
    ) -> Result<()> {
        let Some(model_field) = entity.fields.get(field) else { return Ok(()) };
        self.watch(entity, field);
        let mut wanted: HashMap<String, Value> = HashMap::new();
        for value in values {
            let text = text_of(model_field, &value);
            if !self.lookups.contains_key(&(entity.name.clone(), field, text.clone())) {
                wanted.insert(text, value);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let query = PageQuery {
            entity: entity.name.clone(),
            select: vec![
                FieldPath::own(entity.name.clone(), system::ID),
                FieldPath::own(entity.name.clone(), field),
            ],
            filter: Filter::Leaf(Leaf {
                path: FieldPath::own(entity.name.clone(), field),
                operator: Operator::In,
                operand: Operand::Many(wanted.values().cloned().collect()),
            }),
            limit: 10_000,
            ..PageQuery::default()
        };
        let access = &session.actor.access;
        let page =
            session.workspace.store.page(&session.model, access, &query, &session.filter_context()).await?;
        for text in wanted.into_keys() {
            self.lookups.insert((entity.name.clone(), field, text), Found::None);
        }
        for row in page.rows {
            let (Some(id), Some(value)) = (row.first().and_then(Value::as_id), row.get(1)) else { continue };
            let entry = self.lookups.entry((entity.name.clone(), field, text_of(model_field, value)));
            entry
                .and_modify(|found| {
                    *found = if *found == Found::None { Found::One(id) } else { Found::Several }
                })
                .or_insert(Found::One(id));
        }
        Ok(())
    }

    /// The record of an entity whose field has exactly this value, among those that the actor may see.
    pub async fn find(
        &mut self,
        session: &Session,
        entity: &EntityModel,
        field: usize,
        value: &Value,
    ) -> Result<Found> {
        let Some(model_field) = entity.fields.get(field) else { return Ok(Found::None) };
        let key = (entity.name.clone(), field, text_of(model_field, value));
        if let Some(found) = self.lookups.get(&key) {
            return Ok(*found);
        }
        self.watch(entity, field);
        if let Some(found) = self.lookups.get(&key) {
            return Ok(*found);
        }
        let query = PageQuery {
            entity: entity.name.clone(),
            select: vec![FieldPath::own(entity.name.clone(), system::ID)],
            filter: Filter::Leaf(Leaf {
                path: FieldPath::own(entity.name.clone(), field),
                operator: Operator::Eq,
                operand: Operand::One(value.clone()),
            }),
            limit: 2,
            ..PageQuery::default()
        };
        let access = &session.actor.access;
        let page =
            session.workspace.store.page(&session.model, access, &query, &session.filter_context()).await?;
        let ids: Vec<Uuid> = page.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect();
        let found = match ids.as_slice() {
            [] => Found::None,
            [id] => Found::One(*id),
            _ => Found::Several,
        };
        self.lookups.insert(key, found);
        Ok(found)
    }
}

/// The text by which look-ups are remembered.
fn text_of(field: &kontor_model::FieldModel, value: &Value) -> String {
    field.kind.to_text(field, value, chrono_tz::UTC)
}
