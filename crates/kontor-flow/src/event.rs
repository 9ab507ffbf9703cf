//! What happened to a record, as the outbox has it.

use kontor_model::Json;
use uuid::Uuid;

use crate::Cause;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The record was created, or came back from the bin.
    Created,
    /// Fields of it changed.
    Updated,
    /// It went to the bin.
    Deleted,
}

impl EventKind {
    /// The word of the outbox; `restored` counts as created.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "created" | "restored" => Some(Self::Created),
            "updated" => Some(Self::Updated),
            "deleted" => Some(Self::Deleted),
            _ => None,
        }
    }
}

/// What happened to one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The entity's name.
    pub entity: String,
    /// The record.
    pub record: Uuid,
    /// What happened.
    pub kind: EventKind,
    /// The names of the fields that changed; of a new record, those that are filled.
    pub changed: Vec<String>,
    /// The old values of those fields in JSON form; `null` for a new record.
    pub old: Json,
    /// Their new values.
    pub new: Json,
    /// The form through whose page it was saved.
    pub form: Option<String>,
    /// What led to it, the first cause first.
    pub chain: Vec<Cause>,
}

impl Event {
    /// Reads an event of the outbox: `{ "event", "changed", "old", "new", "chain" }`. `None` when the word for what
    /// happened is not one of ours. A cause that cannot be read is left out.
    pub fn read(entity: &str, record: Uuid, payload: &Json) -> Option<Self> {
        let texts = |key: &str| {
            payload.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
        };
        Some(Self {
            entity: entity.to_owned(),
            record,
            kind: EventKind::parse(payload.get("event")?.as_str()?)?,
            changed: texts("changed").map(str::to_owned).collect(),
            old: payload.get("old").cloned().unwrap_or(Json::Null),
            new: payload.get("new").cloned().unwrap_or(Json::Null),
            form: payload.get("form").and_then(Json::as_str).map(str::to_owned),
            chain: texts("chain").filter_map(|text| text.parse().ok()).collect(),
        })
    }

    /// The new value of a field that changed to something else; `None` when it did not change.
    pub(crate) fn changed_to(&self, field: &str) -> Option<&Json> {
        if !self.changed.iter().any(|name| name == field) {
            return None;
        }
        let new = self.new.get(field)?;
        if self.old.get(field) == Some(new) { None } else { Some(new) }
    }
}
