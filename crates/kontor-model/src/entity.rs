//! An entity as everything else sees it: fields resolved, formulas and conditions compiled, order fixed.

use std::collections::HashMap;

use crate::definition::entity::EntityDefinition;
use crate::dependent::Dependent;
use crate::filter::Filter;
use crate::guard::{Asked, Guard};
use crate::locale::Catalogue;
use crate::problem::Problem;
pub use crate::rollup::Rollup;

mod field;
mod variant;

pub use field::{Conditions, Conversion, DIGEST, Encryption, FOLDED_DIGEST, FieldModel, ListModel, Source};

/// The feature that shows what was changed in a record.
pub const HISTORY: &str = "history";

/// The feature of records that people write comments on.
pub const COMMENTS: &str = "comments";

/// The feature of records that have files of their own, beside those of their fields.
pub const FILES: &str = "files";

/// The feature of records that people follow.
pub const FOLLOW: &str = "follow";

/// The feature of records about which there are activities: records of entities that say so of themselves.
pub const ACTIVITIES: &str = "activities";

/// Where the system fields of every entity stand in `fields`.
pub mod system {
    /// UUIDv7.
    pub const ID: usize = 0;
    /// From 1, raised by every save.
    pub const VERSION: usize = 1;
    /// A user.
    pub const OWNER: usize = 2;
    /// When it was created.
    pub const CREATED_AT: usize = 3;
    /// By whom.
    pub const CREATED_BY: usize = 4;
    /// When it was last changed.
    pub const UPDATED_AT: usize = 5;
    /// By whom.
    pub const UPDATED_BY: usize = 6;
    /// When it went to the bin; empty while it lives.
    pub const DELETED_AT: usize = 7;
    /// How many system fields there are; an entity's own fields begin here.
    pub const COUNT: usize = 8;
    /// Their names, in order.
    pub const NAMES: [&str; COUNT] =
        ["id", "version", "owner", "created_at", "created_by", "updated_at", "updated_by", "deleted_at"];
}

/// A kind of record, compiled.
#[derive(Clone, Debug)]
pub struct EntityModel {
    /// The name in addresses, filters and scripts.
    pub name: String,
    /// The table is `r_<key>`.
    pub key: String,
    /// Label of one record in the pack's own language.
    pub title: String,
    /// Label of many.
    pub plural: String,
    /// Icon in the sprite.
    pub icon: String,
    /// Index of the field that titles a record.
    pub display: usize,
    /// System fields first (see [`system`]), then the entity's own in order; a money field is followed by its
    /// currency companion `<name>_currency`; an entity with record types has `record_type` right after the system fields.
    pub fields: Vec<FieldModel>,
    /// Sets of field indexes whose values occur once (single-field uniques included).
    pub unique: Vec<Vec<usize>>,
    /// Sets of field indexes with a common index.
    pub indexes: Vec<Vec<usize>>,
    /// Fields that the search finds records by.
    pub search: Vec<usize>,
    /// Derived fields in the order in which they must be computed.
    pub derived_order: Vec<usize>,
    /// The derived values, of these records and of others, that follow a field of these records.
    pub dependents: Vec<Dependent>,
    /// Derived fields that somebody else's save may change while a record is being saved, in the order in which they
    /// are computed: they read through links or roll-ups, and are settled again by the commit itself.
    pub unsettled: Vec<usize>,
    /// Derived fields that exchange rates may change while a record is being saved: amounts in the workspace's currency
    /// and what is made of them, in the order in which they are computed. An amount in that currency has no rate.
    pub rated: Vec<usize>,
    /// Roll-ups and what is calculated from them: values that change because others are saved.
    pub fed: Vec<usize>,
    /// The rules and conditions over those, and over the records that point here.
    pub guards: Vec<Guard>,
    /// Links whose records have conditions over these records.
    pub asked: Vec<Asked>,
    /// Links of other entities (and of this one) that point here.
    pub back_links: Vec<BackLink>,
    /// Compiled validation rules.
    pub rules: Vec<Rule>,
    /// Compiled duplicate rules.
    pub duplicates: Vec<DuplicateRule>,
    /// Fields whose change needs an approval before it takes effect.
    pub guarded: Vec<Guarded>,
    /// The definition as written.
    pub definition: EntityDefinition,
    /// The link of a tree: the way up. `None` when the records form none.
    pub tree: Option<usize>,
    /// Whose list of links the entity stands for; `None` for one that somebody defined.
    pub implied: Option<Implied>,
    /// When its records are things to do about other records.
    pub activity: Option<Activity>,
    /// Name to index in `fields`.
    pub by_name: HashMap<String, usize>,
}

/// The field of kind `links` that an entity was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implied {
    /// The entity that has the field.
    pub entity: String,
    /// The field.
    pub field: String,
    /// The implied entity's link to the record that has the list, by index.
    pub by: usize,
    /// The implied entity's link to what is listed, by index.
    pub through: usize,
}

/// The fields that make a record a thing to do about another; by their indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The link to what it is about.
    pub regarding: usize,
    /// Whether it is done.
    pub done: usize,
    /// When it is due.
    pub due: Option<usize>,
}

/// A link that points at this entity.
#[derive(Clone, Debug)]
pub struct BackLink {
    /// The name used in filters (`has`), unique in the entity that is pointed at.
    pub name: String,
    /// The label of the related list; empty when the link names none, so that no page shows the list by itself.
    pub title: String,
    /// The entity whose field points here.
    pub entity: String,
    /// That field's name.
    pub field: String,
    /// When the other entity only stands for pairs: its link to the record at the other end.
    pub through: Option<String>,
    /// The list on this entity that shows the same records: fields of kind `rows` and `links`.
    pub list: Option<String>,
    /// Whether the records that point here are things to do about this one.
    pub activities: bool,
}

/// A compiled validation rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The rule's name, the problem's code.
    pub name: String,
    /// What is wrong.
    pub when: Filter,
    /// Where it is said.
    pub at: Option<String>,
    /// Whether the save goes on.
    pub warning: bool,
    /// What is said, in the pack's own language.
    pub message: String,
}

impl Rule {
    /// What is said when the rule is broken, in a reader's language.
    pub fn problem(&self, entity: &EntityModel, catalogue: &Catalogue) -> Problem {
        let path = self.at.as_ref().map(|field| format!("/{field}")).unwrap_or_default();
        let key = format!("rules.{}.message", self.name);
        let message = catalogue.label("entity", &entity.name, &key, &self.message);
        let problem = Problem::new(self.name.clone(), path).saying(message);
        if self.warning { problem.as_warning() } else { problem }
    }
}

/// Fields whose change needs an approval, compiled.
#[derive(Clone, Debug)]
pub struct Guarded {
    /// The name.
    pub name: String,
    /// Indexes of the fields.
    pub fields: Vec<usize>,
    /// Only when this holds for the new values.
    pub when: Filter,
    /// The approval.
    pub approval: String,
}

/// When two records are the same, compiled.
#[derive(Clone, Debug)]
pub struct DuplicateRule {
    /// The rule's name.
    pub name: String,
    /// Indexes of the fields that agree.
    pub fields: Vec<usize>,
    /// What follows.
    pub then: DuplicateAnswer,
    /// The rule looks only at records that are saved while this holds.
    pub when: Filter,
}

/// What follows from a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateAnswer {
    /// People are told and may go on.
    Warn,
    /// The record cannot be saved.
    Block,
    /// Nothing is said.
    Allow,
}

impl EntityModel {
    /// The label of one record in a reader's language.
    pub fn label<'a>(&'a self, catalogue: &'a Catalogue) -> &'a str {
        catalogue.label("entity", &self.name, "title", self.list_label(catalogue).unwrap_or(&self.title))
    }

    /// The label of many records in a reader's language.
    pub fn plural_label<'a>(&'a self, catalogue: &'a Catalogue) -> &'a str {
        catalogue.label("entity", &self.name, "plural", self.list_label(catalogue).unwrap_or(&self.plural))
    }

    /// Pairs have no definition of their own to translate: they are called what the field is called that implies them.
    fn list_label<'a>(&'a self, catalogue: &'a Catalogue) -> Option<&'a str> {
        let implied = self.implied.as_ref()?;
        let path = format!("properties.{}.title", implied.field);
        Some(catalogue.label("entity", &implied.entity, &path, &self.title))
    }

    /// The list of things to do about these records; what it is called counts where no entity says so of itself.
    pub fn activity_list(&self) -> Option<&BackLink> {
        let said = self.back_links.iter().find(|link| link.activities);
        said.or_else(|| self.back_links.iter().find(|link| link.name == ACTIVITIES))
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&FieldModel> {
        self.fields.get(self.field_index(name)?)
    }

    /// Where the field of that name stands.
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The parts of a field, in order.
    pub fn parts_of(&self, whole: usize) -> impl Iterator<Item = &FieldModel> {
        self.fields.iter().filter(move |field| field.part.is_some() && field.companion_of == Some(whole))
    }

    /// The currency beside a money field.
    pub fn currency_of(&self, money: usize) -> Option<&FieldModel> {
        self.fields.iter().find(|field| field.part.is_none() && field.companion_of == Some(money))
    }

    /// The amount in the workspace's currency behind a money field.
    pub fn converted_of(&self, money: usize) -> Option<&FieldModel> {
        self.fields
            .iter()
            .find(|field| field.companion_of == Some(money) && field.part == Some(crate::kind::CONVERTED))
    }

    /// The field that titles a record; the id when the definition names none.
    pub fn display_field(&self) -> &FieldModel {
        // `display` is set by compiling to an index inside `fields`, which always holds the system fields.
        #[expect(clippy::indexing_slicing, reason = "compiling sets `display` to an index of `fields`")]
        &self.fields[self.display]
    }

    /// Whether records have something beside their fields: `files`, or the `history`, which they have when nothing is said.
    pub fn has_feature(&self, feature: &str) -> bool {
        match &self.definition.features {
            Some(features) => features.iter().any(|own| own == feature),
            None => feature == HISTORY,
        }
    }

    /// The entity's own fields, without the system fields.
    pub fn own_fields(&self) -> impl Iterator<Item = &FieldModel> {
        self.fields.iter().skip(system::COUNT)
    }

    /// The fields whose values together occur once among living records: what the definition says, and every number that is
    /// drawn.
    pub fn occurring_once(&self) -> impl Iterator<Item = Vec<usize>> {
        let drawn = self.fields.iter().filter(|field| field.kind.is_drawn()).map(|field| vec![field.index]);
        let more = drawn.filter(|set| !self.unique.contains(set));
        self.unique.iter().cloned().chain(more)
    }

    /// The fields that hold records of another table.
    pub fn lists(&self) -> impl Iterator<Item = (&FieldModel, &ListModel)> {
        self.fields.iter().filter_map(|field| Some((field, field.list.as_ref()?)))
    }

    /// Whether the entity is one that the engine brings.
    pub fn is_built_in(&self) -> bool {
        let own = [
            "user",
            "team",
            crate::territory::TERRITORIES,
            crate::currency::RATES,
            crate::working_time::HOLIDAYS,
        ];
        // The pairs of a list of links are as built in as the entity that has the list.
        let holder = self.implied.as_ref().map_or(self.name.as_str(), |implied| implied.entity.as_str());
        own.contains(&holder) || self.is_kept_by_engine()
    }

    /// Whether only the engine itself writes the records.
    pub fn is_kept_by_engine(&self) -> bool {
        self.name == crate::stages::STAGE_LOG
    }

    /// Whether the records are people, or say which people reach what: teams, and territories with their members.
    pub fn holds_people(&self) -> bool {
        let is_own = |name: &str| matches!(name, "user" | "team") || name == crate::territory::TERRITORIES;
        let holder = self.implied.as_ref().map(|implied| implied.entity.as_str());
        is_own(&self.name) || holder == Some(crate::territory::TERRITORIES)
    }
}
