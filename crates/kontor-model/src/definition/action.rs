//! The typed shape of an action (`schemas/meta/action.schema.json`). Its inputs and steps are read by those who know
//! fields and steps.

use serde::{Deserialize, Serialize};

use crate::Json;

/// A button on records or on the rows selected in a list.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ActionDefinition {
    /// The name in addresses.
    pub name: String,
    /// What the button says.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// Whose records have it.
    pub entity: String,
    /// The name of an icon in the sprite.
    pub icon: Option<String>,
    /// record, list; the page of a record when nothing is said.
    pub on: Vec<String>,
    /// Only on records for which this holds.
    pub when: Option<Json>,
    /// The question that is asked before.
    pub confirm: Option<String>,
    /// Only for people with one of these roles; all when empty.
    pub roles: Vec<String>,
    /// Inputs that must not be empty.
    pub required: Vec<String>,
    /// The function of the entity's script that is called.
    pub script: Option<String>,
}
