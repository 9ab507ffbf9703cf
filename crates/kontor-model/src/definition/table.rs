//! The typed shapes of decision tables and settings (`schemas/meta/{table,setting}.schema.json`).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::entity::OptionDefinition;
use crate::Json;

/// Answers looked up by inputs.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TableDefinition {
    /// The table's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// The columns that are compared.
    pub inputs: Vec<ColumnDefinition>,
    /// The columns that are the answer.
    pub outputs: Vec<ColumnDefinition>,
    /// The rows in order.
    pub rows: Vec<RowDefinition>,
    /// The day from which the rows hold; always when absent.
    pub valid_from: Option<String>,
    /// Other rows from later days on.
    pub versions: Vec<VersionDefinition>,
}

/// A column.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ColumnDefinition {
    /// The column's name.
    pub name: String,
    /// The heading.
    pub title: Option<String>,
    /// The kind of its values.
    pub kind: String,
    /// How an input is compared: eq, `at_least`, `at_most`.
    #[serde(rename = "match")]
    pub matching: Option<String>,
}

/// A row.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RowDefinition {
    /// The row's name, for layers that refer to it.
    pub name: Option<String>,
    /// The values by column; an input that is not there fits everything.
    pub cells: IndexMap<String, Json>,
}

/// The rows of a table from a day on.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct VersionDefinition {
    /// The version's name, for layers that refer to it.
    pub name: String,
    /// The first day.
    pub valid_from: String,
    /// The rows in order.
    pub rows: Vec<RowDefinition>,
}

/// A pack's parameter; its value is data of the workspace.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SettingDefinition {
    /// The setting's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
    /// A sentence under the control.
    pub help: Option<String>,
    /// The kind of its value.
    pub kind: String,
    /// Options of a choice.
    #[serde(rename = "oneOf")]
    pub one_of: Vec<OptionDefinition>,
    /// The lowest number.
    pub minimum: Option<Json>,
    /// The highest number.
    pub maximum: Option<Json>,
    /// The value until somebody chooses another.
    pub default: Option<Json>,
    /// The value that a layer gives in the place of the default.
    pub value: Option<Json>,
}
