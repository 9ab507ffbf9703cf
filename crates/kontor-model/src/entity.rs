//! An entity as everything else sees it: fields resolved, formulas and conditions compiled, order fixed.

use std::collections::HashMap;
use std::sync::Arc;

use crate::Json;
use crate::definition::entity::{EntityDefinition, FieldDefinition};
use crate::dependent::Dependent;
use crate::filter::{Filter, Operator};
use crate::guard::{Asked, Guard};
use crate::kind::{Column, ColumnType, FieldKind};
use crate::locale::Catalogue;
use crate::problem::Problem;
pub use crate::rollup::Rollup;

/// The feature that shows what was changed in a record.
pub const HISTORY: &str = "history";
/// The feature of records that people write comments on.
pub const COMMENTS: &str = "comments";
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

/// A field, compiled.
#[derive(Clone, Debug)]
pub struct FieldModel {
    /// The entity that has the field.
    pub entity: String,
    /// Index in the entity's `fields`.
    pub index: usize,
    /// The name in JSON, filters and scripts.
    pub name: String,
    /// The physical column (kinds with several columns add suffixes).
    pub key: String,
    /// Label in the pack's own language.
    pub title: String,
    /// What it can do.
    pub kind: &'static dyn FieldKind,
    /// Its facets as written.
    pub definition: FieldDefinition,
    /// Must not be empty, always.
    pub required: bool,
    /// Where its value comes from.
    pub source: Source,
    /// Compiled conditions.
    pub conditions: Conditions,
    /// What it may point at: names of entities; empty for kinds that point nowhere.
    pub targets: Vec<String>,
    /// How the records of a list are reached; `None` for every other kind, and before all entities are known.
    pub list: Option<ListModel>,
    /// One of the fields that every entity has.
    pub system: bool,
    /// For the currency companion: the index of its money field. For a part: the index of the whole.
    pub companion_of: Option<usize>,
    /// Which part of the whole it is: `address.city`.
    pub part: Option<crate::kind::Part>,
    /// A currency that the engine writes, because the amount beside it is worked out.
    pub beside_derived: bool,
    /// Whether its values are sealed wherever they are stored.
    pub encryption: Encryption,
    /// The compiled pattern of a text; an autonumber's pattern is no regular expression.
    pub(crate) pattern: Option<regex::Regex>,
    /// For a derived field, its place in the order of all derived values of the model.
    pub rank: usize,
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

/// How the values of a field are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// As they are.
    #[default]
    None,
    /// Sealed.
    Sealed,
    /// Sealed, with a keyed digest beside them by which equals are found.
    Lookup,
}

/// The column with the digest of a sealed value.
pub const DIGEST: &str = "__digest";
/// The column with the digest of a sealed value whose case does not matter.
pub const FOLDED_DIGEST: &str = "__like";

impl Encryption {
    /// What a definition asks for.
    pub fn of(definition: &FieldDefinition, kind: &dyn FieldKind) -> Self {
        Self::said(definition.encrypted.as_ref(), kind)
    }

    /// The same of the value of `encrypted` alone.
    pub fn said(encrypted: Option<&Json>, kind: &dyn FieldKind) -> Self {
        match encrypted {
            _ if kind.is_write_only() => Self::Sealed,
            Some(Json::Object(options)) if options.get("lookup") == Some(&Json::Bool(true)) => Self::Lookup,
            Some(Json::Bool(true) | Json::Object(_)) => Self::Sealed,
            _ => Self::None,
        }
    }
}

/// How the records of a field of kind `rows` or `links` are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListModel {
    /// The entity whose records these are; of links the implied one.
    pub entity: String,
    /// Its link to the record that has the list, by index.
    pub by: usize,
    /// Of links: its link to what is listed.
    pub through: Option<usize>,
    /// Its whole number that keeps the order.
    pub order: Option<usize>,
}

/// Where a value comes from.
#[derive(Clone, Debug, Default)]
pub enum Source {
    /// People, scripts and imports write it.
    #[default]
    Typed,
    /// Computed from an expression, after every change of what it names.
    Formula(Arc<crate::formula::Formula>),
    /// Computed over the records that point here; as written, see `03-definitions`.
    Rollup(Arc<Rollup>),
    /// The amount that it is a part of, in the workspace's currency.
    Converted(Conversion),
    /// Taken from a linked record when the link is set: index of the link, and the field there.
    Copy(usize, String),
    /// What was there stays: how it is made is broken in the definition.
    Kept,
}

/// What a converted amount is made of: fields of the same record, by index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The amount.
    pub amount: usize,
    /// Its currency.
    pub currency: usize,
    /// The days of the rate: the first that the record has counts.
    pub days: Vec<usize>,
}

/// The filters that make a field visible, required, fixed.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// Shown and accepted only when it holds.
    pub visible: Option<Filter>,
    /// Must not be empty when it holds.
    pub required: Option<Filter>,
    /// Cannot be changed when it holds.
    pub readonly: Option<Filter>,
    /// Options that may be chosen only when a filter holds: option value and filter.
    pub options: Vec<(String, Filter)>,
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
        catalogue.label("entity", &self.name, "title", &self.title)
    }

    /// The label of many records in a reader's language.
    pub fn plural_label<'a>(&'a self, catalogue: &'a Catalogue) -> &'a str {
        catalogue.label("entity", &self.name, "plural", &self.plural)
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

impl FieldModel {
    /// Its physical columns, the main one first. A sealed value has one column, whatever its kind, and the digests by
    /// which it is looked up.
    pub fn columns(&self) -> Vec<Column> {
        if !self.is_sealed() {
            return self.kind.columns(self);
        }
        let mut columns = vec![Column { suffix: "", column_type: ColumnType::Sealed }];
        if self.encryption == Encryption::Lookup {
            columns.push(Column { suffix: DIGEST, column_type: ColumnType::Text });
            if self.ignores_case() {
                columns.push(Column { suffix: FOLDED_DIGEST, column_type: ColumnType::Text });
            }
        }
        columns
    }

    /// Whether readers get values that are sealed where they are stored. A secret is sealed too, and nobody gets it.
    pub fn is_sealed(&self) -> bool {
        self.encryption != Encryption::None && !self.kind.is_write_only()
    }

    /// The filter operators that fit: sealed values are told apart by their digests, and by nothing else.
    pub fn operators(&self) -> &'static [Operator] {
        match self.encryption {
            Encryption::Lookup if self.is_sealed() => {
                &[Operator::Eq, Operator::Ne, Operator::In, Operator::NotIn, Operator::Empty]
            }
            Encryption::Sealed if self.is_sealed() => &[Operator::Empty],
            _ => self.kind.operators(),
        }
    }

    /// Whether an order by this field means something.
    pub fn is_sortable(&self) -> bool {
        !self.is_sealed() && self.kind.is_sortable()
    }

    /// Whether case and width of letters do not tell values apart where they must be unique.
    pub fn ignores_case(&self) -> bool {
        self.definition.ignore_case && self.kind.is_folded()
    }

    /// The label in a reader's language: of system fields from `ui.system.<name>`, of the choice of a variant from
    /// `ui.system.record_type`, of a currency from `ui.system.currency`, of others from the definition's texts.
    pub fn label<'a>(&'a self, catalogue: &'a Catalogue) -> &'a str {
        if self.system || self.name == "record_type" {
            return catalogue.find(&format!("ui.system.{}", self.name)).unwrap_or(&self.title);
        }
        if let Some(part) = self.part {
            return catalogue.find(&format!("ui.part.{}", part.name)).unwrap_or(&self.title);
        }
        if self.companion_of.is_some() {
            return catalogue.find("ui.system.currency").unwrap_or(&self.title);
        }
        self.text("title", &self.title, catalogue)
    }

    /// A text of the definition in a reader's language; of an input it stands with the action that asks for it.
    pub fn text<'a>(&'a self, path: &str, own: &'a str, catalogue: &'a Catalogue) -> &'a str {
        let (kind, name, list) = match self.entity.strip_prefix(crate::inputs::PREFIX) {
            Some(action) => ("action", action, "inputs"),
            None => ("entity", self.entity.as_str(), "properties"),
        };
        catalogue.label(kind, name, &format!("{list}.{}.{path}", self.name), own)
    }

    /// The label with that of the whole before it, where this is a part or a currency: `Address: City`.
    pub fn full_label(&self, entity: &EntityModel, catalogue: &Catalogue) -> String {
        let own = self.label(catalogue);
        match self.companion_of.and_then(|index| entity.fields.get(index)) {
            Some(whole) => {
                let whole = whole.label(catalogue);
                let join = catalogue.find("ui.part.joined").unwrap_or("{whole}: {part}");
                join.replace("{whole}", whole).replace("{part}", own)
            }
            None => own.to_owned(),
        }
    }

    /// The label of an option in a reader's language; the value itself when it is none.
    pub fn option_label<'a>(&'a self, value: &'a str, catalogue: &'a Catalogue) -> &'a str {
        let Some(option) = self.definition.one_of.iter().find(|option| option.value == value) else {
            return value;
        };
        if self.name == "record_type" {
            let path = format!("record_types.{value}.title");
            return catalogue.label("entity", &self.entity, &path, &option.title);
        }
        self.text(&format!("oneOf.{value}.title"), &option.title, catalogue)
    }

    /// Whether its value changes with the day, without anybody saving anything.
    pub fn depends_on_today(&self) -> bool {
        match &self.source {
            Source::Formula(formula) => formula.depends_on_today,
            Source::Rollup(rollup) => rollup.filter.depends_on_today(),
            Source::Typed | Source::Converted(_) | Source::Copy(..) | Source::Kept => false,
        }
    }

    /// Whether the engine computes it from other values, again whenever one of them changes.
    pub fn is_derived(&self) -> bool {
        matches!(self.source, Source::Formula(_) | Source::Rollup(_) | Source::Converted(_))
    }

    /// Whether the engine gives it to records that are there: what is computed, and copies, which are filled once.
    pub fn is_worked_out(&self) -> bool {
        self.is_derived() || matches!(self.source, Source::Copy(..))
    }

    /// Whether people, scripts and imports may write it at all.
    pub fn is_typed(&self) -> bool {
        matches!(self.source, Source::Typed) && !(self.system && self.index != system::OWNER)
    }

    /// Whether a value of it can wait until others agree. What is worked out follows what people type; of lists, files and
    /// secrets no request can keep the values.
    pub fn can_wait(&self) -> bool {
        let is_kept_elsewhere = self.kind.is_list()
            || self.kind.holds_files()
            || self.kind.is_write_only()
            || self.kind.is_drawn();
        self.is_typed() && !is_kept_elsewhere
    }
}
