//! The typed shape of a form definition (`schemas/meta/form.schema.json`).

use serde::{Deserialize, Deserializer, Serialize};

use crate::Json;

/// The layout in which one record is shown and edited.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct FormDefinition {
    /// The form's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// The entity whose records it shows.
    pub entity: String,
    /// Only for records of this type.
    pub record_type: Option<String>,
    /// Only for these roles; all when empty.
    pub roles: Vec<String>,
    /// Where it is used: `internal` (the pages of the workspace, also when nothing is said), `portal`, `public`, `quick` (the short
    /// form beside a look-up).
    pub channel: Option<String>,
    /// The fields shown large at the top of a record.
    pub facts: Vec<String>,
    /// The tabs, in order.
    pub tabs: Vec<Tab>,
}

/// A tab of a form.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Tab {
    /// The name in addresses.
    pub name: String,
    /// The label.
    pub title: String,
    /// Shown only when this filter holds.
    pub visible_when: Option<Json>,
    /// The sections, in order.
    pub sections: Vec<Section>,
}

/// A titled group of fields.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Section {
    /// The name.
    pub name: String,
    /// The label; none for a section without heading.
    pub title: Option<String>,
    /// A sentence under the heading.
    pub description: Option<String>,
    /// How many columns, 1 to 4; 2 when nothing is said.
    pub columns: Option<u8>,
    /// Folded at first.
    pub collapsed: bool,
    /// Shown only when this filter holds.
    pub visible_when: Option<Json>,
    /// What stands in it.
    pub items: Vec<Item>,
}

/// One thing in a section: exactly one of `field`, `related`, `text`, `chart`, `suggest` is given.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Item {
    /// The name by which layers find it.
    pub name: Option<String>,
    /// A field of the record, or one behind links (shown, not edited).
    pub field: Option<String>,
    /// A list of related records, by the name of the back reference.
    pub related: Option<String>,
    /// A paragraph.
    pub text: Option<String>,
    /// A report, narrowed to what belongs to the record.
    pub chart: Option<String>,
    /// With a chart: the path of links from the report's records to this one, where there are several.
    pub by: Option<String>,
    /// The entity whose records are suggested, because they resemble the record's words.
    pub suggest: Option<String>,
    /// With suggestions: the fields of the record whose words are compared.
    pub from: Vec<String>,
    /// Another label than the field's own.
    pub title: Option<String>,
    /// Shown only when this filter holds.
    pub visible_when: Option<Json>,
    /// Takes the whole width.
    pub wide: bool,
    /// May only be read on this form.
    pub readonly: bool,
    /// The columns of a related list.
    pub columns: Vec<String>,
    /// How many related records are shown.
    pub limit: Option<u32>,
}

impl Item {
    /// What layers and texts in other languages know it by.
    pub fn identity(&self) -> Option<&str> {
        let own = [&self.name, &self.field, &self.related, &self.chart, &self.suggest];
        own.into_iter().find_map(Option::as_deref)
    }

    /// A field without anything said about it.
    pub fn of_field(name: impl Into<String>) -> Self {
        Self { field: Some(name.into()), ..Self::default() }
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A bare text is a field; written by hand, because untagged enums lose the digits of numbers.
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Long {
            name: Option<String>,
            field: Option<String>,
            related: Option<String>,
            text: Option<String>,
            chart: Option<String>,
            by: Option<String>,
            suggest: Option<String>,
            from: Vec<String>,
            title: Option<String>,
            visible_when: Option<Json>,
            wide: bool,
            readonly: bool,
            columns: Vec<String>,
            limit: Option<u32>,
        }
        let json = Json::deserialize(deserializer)?;
        if let Json::String(field) = json {
            return Ok(Self::of_field(field));
        }
        let long: Long = serde_json::from_value(json).map_err(serde::de::Error::custom)?;
        Ok(Self {
            name: long.name,
            field: long.field,
            related: long.related,
            text: long.text,
            chart: long.chart,
            by: long.by,
            suggest: long.suggest,
            from: long.from,
            title: long.title,
            visible_when: long.visible_when,
            wide: long.wide,
            readonly: long.readonly,
            columns: long.columns,
            limit: long.limit,
        })
    }
}
