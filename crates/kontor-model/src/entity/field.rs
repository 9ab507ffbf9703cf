//! A field as everything else sees it: where its values come from, how they are kept, when it is shown.

use std::sync::Arc;

use chrono_tz::Tz;

use super::{EntityModel, system};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::filter::{Filter, Operator};
use crate::kind::{Column, ColumnType, FieldKind};
use crate::locale::Catalogue;
use crate::rollup::Rollup;
use crate::value::{Value, dialled};

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

/// Digits of a telephone number that are looked for without what stands before them.
const LEAST_DIALLED: usize = 5;

impl FieldModel {
    /// Whether an order of the values says something, and nothing that nobody may read.
    pub fn has_order(&self) -> bool {
        !self.kind.is_write_only() && (self.kind.is_sortable() || self.kind.is_folded())
    }

    /// Whether records can be sorted by it: it has an order, and the database reads its values.
    pub fn may_order(&self) -> bool {
        self.has_order() && !self.is_sealed()
    }

    /// What the search finds a value by: the names of files, and a telephone number as it was typed and as it is dialled, with
    /// and without what stands before the number itself: the search knows words by how they begin.
    pub fn searched(&self, value: &Value, zone: Tz) -> String {
        let kind = self.kind;
        if kind.holds_files() {
            return kind.title(self, value, zone);
        }
        let text = kind.to_text(self, value, zone);
        if !kind.is_dialled() {
            return text;
        }
        let number = dialled(&text);
        let mut words = text;
        for (at, _) in number.char_indices() {
            let ending = number.get(at..).unwrap_or_default();
            let is_told = if at == 0 { ending != words } else { ending.len() >= LEAST_DIALLED };
            if is_told {
                words.push(' ');
                words.push_str(ending);
            }
        }
        words
    }

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

    /// A text of the definition in a reader's language; of an input it stands with the action, the trigger or the
    /// step that asks for it.
    pub fn text<'a>(&'a self, path: &str, own: &'a str, catalogue: &'a Catalogue) -> &'a str {
        let place = crate::inputs::place_of_texts(&self.entity);
        let (kind, name, list) = place.unwrap_or(("entity", &self.entity, "properties"));
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

    /// Whether a script or a step may give it a value: it is typed, and neither drawn nor closed to everybody.
    pub fn is_given(&self) -> bool {
        self.is_typed() && !self.kind.is_drawn() && self.definition.write.as_deref() != Some("nobody")
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
