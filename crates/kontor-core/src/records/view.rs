//! A record as one reader sees it: masked, with the titles of what it links to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::entity::ListModel;
use kontor_model::kind::CONVERTED;
use kontor_model::{EntityModel, FieldModel, Json, Record, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;
use uuid::Uuid;

use super::named::named;
use crate::Session;
use crate::permissions::field_right;

/// Titles of linked records that the reader may see, by id.
pub type Titles = HashMap<Uuid, String>;

/// A record as one reader sees it. Fields that the reader may not see are empty, and so is a link to a record that
/// the reader may not see.
#[derive(Clone, Debug)]
pub struct RecordView {
    /// The kind of record.
    pub entity: Arc<EntityModel>,
    /// The values, masked.
    pub record: Record,
    /// Titles of what it links to.
    pub titles: Titles,
    /// The reader's right to each field, in the order of the entity's fields.
    pub rights: Vec<FieldRight>,
    /// Link fields that hold something which the reader may not see: shown as such, and never overwritten by a form.
    pub hidden: Vec<usize>,
    /// The records of its lists that the reader may see, by field.
    pub lists: BTreeMap<usize, Vec<RecordView>>,
}

impl RecordView {
    /// What titles the record: its display field as text, or its id.
    pub fn title(&self, session: &Session) -> String {
        title_of(&self.entity, &self.record, session)
    }

    /// The right to the field at `index`.
    pub fn right(&self, index: usize) -> FieldRight {
        self.rights.get(index).copied().unwrap_or(FieldRight::None)
    }

    /// The record as the API gives it: every readable field, empty as `null`, links with their titles.
    pub fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The record as one of a list in the API's form: only the fields that are named, all when none is.
    pub fn list_json(&self, list: &ListModel, only: &[String]) -> Json {
        let mut json = self.to_list_json(list);
        if let Some(object) = json.as_object_mut().filter(|_| !only.is_empty()) {
            object.retain(|name, _| name == "id" || only.contains(name));
        }
        json
    }

    /// The record as one of a list: a row without its link back, a linked record with what the link says of itself.
    fn to_list_json(&self, list: &ListModel) -> Json {
        let name_of = |index: usize| self.entity.fields.get(index).map_or("", |field| field.name.as_str());
        // Plain data: writing it into memory cannot fail.
        let mut json = serde_json::to_value(self).unwrap_or_default();
        let Some(object) = json.as_object_mut() else { return json };
        object.shift_remove(name_of(list.by));
        let Some(through) = list.through else { return json };
        let own: Vec<&str> = self.entity.own_fields().map(|field| field.name.as_str()).collect();
        let order = list.order.map_or("", name_of);
        let end = object.shift_remove(name_of(through)).unwrap_or_default();
        object.retain(|name, _| own.contains(&name.as_str()) && name != order);
        let mut all = end.as_object().cloned().unwrap_or_default();
        all.extend(std::mem::take(object));
        Json::Object(all)
    }
}

/// The API's form: every readable field, empty as `null`, links with their titles.
impl Serialize for RecordView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in &self.entity.fields {
            // The parts of a value are given with the whole; what an amount is worth stands beside it.
            let is_inside = field.part.is_some_and(|part| part != CONVERTED);
            if let Value::Masked(mask) = self.record.at(field.index) {
                map.serialize_entry(&field.name, mask)?;
                continue;
            }
            if self.right(field.index) == FieldRight::None || is_inside {
                continue;
            }
            if let Some(list) = &field.list {
                let rows = self.lists.get(&field.index).into_iter().flatten();
                let rows: Vec<Json> = rows.map(|row| row.to_list_json(list)).collect();
                map.serialize_entry(&field.name, &rows)?;
                continue;
            }
            match self.record.at(field.index) {
                Value::Empty => map.serialize_entry(&field.name, &())?,
                value => map.serialize_entry(&field.name, &value_to_json(field, value, &self.titles))?,
            }
        }
        map.end()
    }
}

/// A value as the API gives it.
pub fn value_to_json(field: &FieldModel, value: &Value, titles: &Titles) -> Json {
    match value {
        Value::Empty => Json::Null,
        Value::Id(id) if field.kind.is_link() => json!({ "id": id, "title": titles.get(id) }),
        Value::AnyLink(link) => {
            json!({ "entity": link.entity, "id": link.id, "title": titles.get(&link.id) })
        }
        value => field.kind.to_json(field, value),
    }
}

/// The title of a record in memory.
pub fn title_of(entity: &EntityModel, record: &Record, session: &Session) -> String {
    let field = entity.display_field();
    match record.at(field.index) {
        Value::Empty => record.id().to_string(),
        Value::Masked(mask) => mask.clone(),
        value => named_in(session, entity, record, field)
            .unwrap_or_else(|| field.kind.title(field, value, session.actor.zone)),
    }
}

/// The title of what a field of a record names, when its values are names.
pub fn named_in(
    session: &Session,
    entity: &EntityModel,
    record: &Record,
    field: &FieldModel,
) -> Option<String> {
    let text = |field: &FieldModel| record.at(field.index).as_text().map(str::to_owned);
    named(session, field, &text(field)?, &|name| text(entity.field(name)?))
}

/// The reader's rights to the fields of an entity.
pub fn rights_of(session: &Session, entity: &EntityModel) -> Vec<FieldRight> {
    let access = session.actor.access.entity(&entity.name);
    entity.fields.iter().map(|field| field_right(access, entity, field)).collect()
}
