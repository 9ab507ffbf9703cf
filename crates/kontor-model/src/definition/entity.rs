//! The typed shape of an entity definition (`schemas/meta/entity.schema.json`).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::Json;

/// A kind of record. Filters and formulas are kept as written; compiling resolves them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "snake_case")]
pub struct EntityDefinition {
    /// The name in addresses, filters and scripts.
    pub name: String,
    /// The physical table below `r_`; the first name, never changed.
    pub key: Option<String>,
    /// The label of one record.
    pub title: String,
    /// The label of many.
    pub plural: Option<String>,
    /// Help on screen.
    pub description: Option<String>,
    /// The name of an icon in the sprite.
    pub icon: Option<String>,
    /// The field that titles a record.
    pub display: Option<String>,
    /// The fields, in order.
    pub properties: IndexMap<String, FieldDefinition>,
    /// The order in which fields are shown; those it does not name follow as they stand in `properties`.
    pub order: Vec<String>,
    /// The names of fields that must not be empty.
    pub required: Vec<String>,
    /// Sets of fields whose values occur once.
    pub unique: Vec<Vec<String>>,
    /// Sets of fields with a common index.
    pub indexes: Vec<Vec<String>>,
    /// The fields that the search finds records by.
    pub search: Vec<String>,
    /// Validation without code.
    pub rules: Vec<RuleDefinition>,
    /// When two records are the same.
    pub duplicates: Vec<DuplicateDefinition>,
    /// Fields whose change needs an approval before it takes effect.
    pub guarded: Vec<GuardedDefinition>,
    /// Variants chosen at creation.
    pub record_types: Vec<RecordTypeDefinition>,
    /// What else records have: files, history; history alone when nothing is said.
    pub features: Option<Vec<String>>,
    /// That the records are things to do about other records.
    pub activity: Option<ActivityDefinition>,
    /// Records are added and never changed or deleted.
    pub append_only: bool,
    /// Who sees records by default, and whom they follow.
    pub sharing: Option<super::sharing::SharingDefinition>,
    /// The link that says to which territory a record belongs; without one, its only link to territories.
    pub territory: Option<String>,
    /// The layer that this one refines.
    pub extends: Option<String>,
}

/// Which fields make a record a thing to do about another.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ActivityDefinition {
    /// The `any_link` to what it is about.
    pub regarding: String,
    /// Whether it is done.
    pub done: String,
    /// When it is due.
    pub due: Option<String>,
}

impl EntityDefinition {
    /// Brings the fields into the order that `order` says. A name that is no field is passed over: the field may have
    /// gone with an upgrade of its pack, and an order is a wish.
    pub fn arrange(&mut self) {
        let mut place = 0;
        for name in &self.order {
            if let Some(at) = self.properties.get_index_of(name).filter(|at| *at >= place) {
                self.properties.move_index(at, place);
                place += 1;
            }
        }
    }
}

/// The fields of an entity's definition in the order in which they are shown.
pub fn arranged(definition: &Json) -> Vec<(&str, &Json)> {
    let Some(properties) = definition.get("properties").and_then(Json::as_object) else { return Vec::new() };
    let order = definition.get("order").and_then(Json::as_array).into_iter().flatten();
    let mut fields: Vec<(&str, &Json)> = Vec::with_capacity(properties.len());
    let named = order.filter_map(Json::as_str).filter_map(|name| properties.get_key_value(name));
    for (name, field) in named.chain(properties.iter()) {
        if !fields.iter().any(|(known, _)| *known == name.as_str()) {
            fields.push((name, field));
        }
    }
    fields
}

/// A property of an entity. Which keys fit depends on the kind.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "facets as a definition writes them, one key each")]
pub struct FieldDefinition {
    /// The field kind.
    pub kind: String,
    /// The physical column; the first name, never changed.
    pub key: Option<String>,
    /// The label.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
    /// A sentence under the control.
    pub help: Option<String>,
    /// An example inside the empty control.
    pub placeholder: Option<String>,
    /// The value of a new record: a literal, or `{ "now": "+1d" }`, `{ "user": "team" }`.
    pub default: Option<Json>,
    /// Shortest text, in characters.
    #[serde(rename = "minLength")]
    pub min_length: Option<usize>,
    /// Longest text, in characters.
    #[serde(rename = "maxLength")]
    pub max_length: Option<usize>,
    /// Regular expression of a text; the pattern of an autonumber.
    pub pattern: Option<String>,
    /// Of text: the value is the name of a part of a definition, shown by its title.
    pub names: Option<NamesDefinition>,
    /// Smallest number or earliest date.
    pub minimum: Option<Json>,
    /// Greatest number or latest date.
    pub maximum: Option<Json>,
    /// Digits after the point of a decimal, 0–8.
    pub scale: Option<u8>,
    /// Whether the thousands of a whole number are set apart: 12,345. They are when not said.
    pub grouping: Option<bool>,
    /// Currency of money: an ISO 4217 code, or `@link` for the parent's.
    pub currency: Option<String>,
    /// Of money: the day or moment whose rate counts; the day on which the record was created when not said.
    pub rate_date: Option<String>,
    /// The language of code.
    pub language: Option<String>,
    /// How a barcode is drawn.
    pub symbology: Option<String>,
    /// Options of a choice.
    #[serde(rename = "oneOf")]
    pub one_of: Vec<OptionDefinition>,
    /// What a link points at: a name, or a list of names.
    pub to: Option<Json>,
    /// Of rows: the link of the other entity that points at this one.
    pub by: Option<String>,
    /// Of rows: the whole number that keeps their order; `position` when the other entity has one of that name.
    pub order: Option<String>,
    /// Of links: the columns that each pair has of its own.
    pub properties: IndexMap<String, FieldDefinition>,
    /// Of a link to the same entity: the records form a tree, and this is the way up.
    pub tree: bool,
    /// What happens to this record when the one it points at is deleted: restrict, empty, cascade.
    pub on_delete: Option<String>,
    /// The list of these records on the page of the one they point at.
    pub back: Option<BackDefinition>,
    /// When an autonumber starts again: never, year, month.
    pub reset: Option<String>,
    /// Computed from an expression.
    pub formula: Option<String>,
    /// Computed over other records.
    pub rollup: Option<Json>,
    /// Taken over from a linked record when the link is set.
    pub copy: Option<String>,
    /// Set once, then fixed.
    pub set_once: bool,
    /// Occurs once.
    pub unique: bool,
    /// Sealed at rest: true, or `{ "lookup": true }`.
    pub encrypted: Option<Json>,
    /// Letters' case, width and composition do not tell values apart where they must be unique.
    pub ignore_case: bool,
    /// Who may set it: people, automation, nobody.
    pub write: Option<String>,
    /// Shown and accepted only when this filter holds.
    pub visible_when: Option<Json>,
    /// Must not be empty when this filter holds.
    pub required_when: Option<Json>,
    /// Cannot be changed when this filter holds.
    pub readonly_when: Option<Json>,
    /// Which files may be put there, as the attribute of HTML says it: media types and endings.
    pub accept: Option<String>,
    /// The largest file: `5 MB`.
    #[serde(rename = "maxSize")]
    pub max_size: Option<String>,
    /// Most values of a `multi_choice`, most files.
    #[serde(rename = "maxItems")]
    pub max_items: Option<usize>,
    /// When an option may be chosen: option value to filter.
    pub options_when: Option<Json>,
    /// public, internal, personal, sensitive.
    pub classification: Option<String>,
}

/// Of which part of a definition a text is the name. The other keys name fields of the same entity that say whose it is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct NamesDefinition {
    /// `entity`, `field`, `option` or `item`.
    pub what: String,
    /// The field that holds the entity's name.
    pub entity_in: Option<String>,
    /// The field that holds the field's name.
    pub field_in: Option<String>,
    /// The field that holds the option.
    pub option_in: Option<String>,
}

impl NamesDefinition {
    /// The fields beside it that say whose it is, each with its key.
    pub fn beside(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let known =
            [("entity_in", &self.entity_in), ("field_in", &self.field_in), ("option_in", &self.option_in)];
        known.into_iter().filter_map(|(key, name)| Some((key, name.as_deref()?)))
    }

    /// The keys without which it is not known whose it is.
    pub fn needed(&self) -> &'static [&'static str] {
        match self.what.as_str() {
            "field" => &["entity_in"],
            "option" => &["entity_in", "field_in"],
            "item" => &["entity_in", "field_in", "option_in"],
            _ => &[],
        }
    }
}

/// One option of a choice.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct OptionDefinition {
    /// The stored value.
    #[serde(rename = "const")]
    pub value: String,
    /// The label.
    pub title: String,
    /// The tone on screen.
    pub color: Option<String>,
    /// What the option means for a process: open, won, lost.
    pub outcome: Option<String>,
    /// No longer offered, still understood.
    pub retired: bool,
}

/// The name and label of a back reference.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct BackDefinition {
    /// The name used in filters: `has`.
    pub name: String,
    /// The label of the related list.
    pub title: String,
}

/// Validation without code.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RuleDefinition {
    /// The rule's name.
    pub name: String,
    /// What is wrong, as a filter.
    pub when: Json,
    /// The field at which it is said.
    pub at: Option<String>,
    /// error or warn.
    pub level: Option<String>,
    /// What is said.
    pub message: String,
}

/// Fields whose change needs an approval.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct GuardedDefinition {
    /// The name; requests remember it.
    pub name: String,
    /// What people read.
    pub title: Option<String>,
    /// The fields.
    pub fields: Vec<String>,
    /// Only when this holds for the new values.
    pub when: Option<Json>,
    /// The approval.
    pub approval: String,
}

/// When two records are the same.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct DuplicateDefinition {
    /// The rule's name.
    pub name: String,
    /// The fields that agree.
    #[serde(rename = "match")]
    pub fields: Vec<String>,
    /// warn, block or allow.
    pub then: Option<String>,
    /// The rule looks only at records that are saved while this filter holds.
    pub when: Option<Json>,
}

/// A variant of an entity.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RecordTypeDefinition {
    /// The variant's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// The name of an icon in the sprite.
    pub icon: Option<String>,
    /// Taken when none is chosen.
    pub default: bool,
    /// Fields that only the variants which name them have; a field that none names belongs to all.
    pub fields: Vec<String>,
    /// Fields that must not be empty in records of this variant.
    pub required: Vec<String>,
    /// The options that a choice field has in this variant; all of them for a field that is not named.
    pub options: IndexMap<String, Vec<String>>,
    /// No longer offered, still understood.
    pub retired: bool,
}
