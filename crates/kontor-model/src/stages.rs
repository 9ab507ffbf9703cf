//! The history of stages: an entity of the engine whose records belong to the records of entities that have a process.

use std::collections::BTreeSet;

use serde_json::json;

use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};

/// The entity that the engine keeps stays and ticks in.
pub const STAGE_LOG: &str = "stage_log";

/// What a record of [`STAGE_LOG`] tells of.
pub const STAY: &str = "stay";
/// A tick of a checklist.
pub const TICK: &str = "tick";

/// Its fields.
pub mod log {
    /// The record that it belongs to.
    pub const RECORD: &str = "record";
    /// The key of that one's entity.
    pub const ENTITY: &str = "entity";
    /// The key of the stage field.
    pub const FIELD: &str = "field";
    /// A stay or a tick.
    pub const WHAT: &str = "what";
    /// The stage before.
    pub const FROM: &str = "from";
    /// The stage.
    pub const TO: &str = "to";
    /// The item that was ticked.
    pub const ITEM: &str = "item";
    /// When it began.
    pub const AT: &str = "at";
    /// Whose doing it was.
    pub const BY: &str = "by";
    /// Whether it is still so.
    pub const CURRENT: &str = "current";
    /// When it ended.
    pub const UNTIL: &str = "until";
    /// How long it was so.
    pub const STAYED: &str = "stayed";
    /// When the time limit is over.
    pub const DUE: &str = "due";
    /// When the record could not be moved by itself last.
    pub const TRIED: &str = "tried";
    /// What stood in the way then.
    pub const NOTE: &str = "note";
}

/// Lets the history belong to the entities that have a process. Without any it belongs to nothing that moves.
pub fn complete(definitions: &mut DefinitionSet) {
    let entities: BTreeSet<String> = definitions
        .iter()
        .filter(|((kind, _), _)| *kind == DefinitionKind::Process)
        .filter_map(|(_, json)| json.get("entity").and_then(Json::as_str))
        .filter(|name| {
            *name != STAGE_LOG && definitions.contains_key(&(DefinitionKind::Entity, (*name).to_owned()))
        })
        .map(str::to_owned)
        .collect();
    let id = (DefinitionKind::Entity, STAGE_LOG.to_owned());
    let to = definitions.get_mut(&id).and_then(|json| json.pointer_mut("/properties/record/to"));
    if let (Some(to), false) = (to, entities.is_empty()) {
        *to = json!(entities);
    }
}
