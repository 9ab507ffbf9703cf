//! Groups of fields that an entity names: those that occur once together, and those with a common index.

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json};
use kontor_view::field::{FieldView, OptionView};

use super::inputs;
use crate::extract::form::Form;
use crate::present::{Reading, filters};
use crate::routes::admin::draft::text;

/// The name in the address of a group that is not there yet.
pub const NEW: &str = "new";
/// The inputs begin with this; their number follows.
pub const INPUT: &str = "field.";
/// Most fields of a group.
pub const MOST: usize = 8;
/// Fields that are asked for at least.
const LEAST: usize = 4;
/// What says nothing about a record, or is the same for all that are there.
const NEVER: [&str; 3] = ["id", "version", "deleted_at"];

/// Which list of the definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetList {
    /// No two records agree in all of them.
    Unique,
    /// Lists filter and sort by them.
    Indexes,
}

impl SetList {
    /// Both, as the page shows them.
    pub const ALL: [Self; 2] = [Self::Unique, Self::Indexes];

    /// The list of that key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.key() == key)
    }

    /// The key in the definition and in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unique => "unique",
            Self::Indexes => "indexes",
        }
    }

    /// The end of the keys of its words: `field_set.new_unique`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unique => "unique",
            Self::Indexes => "index",
        }
    }
}

/// The groups of a definition, each the names of its fields.
pub fn all(body: &Json, list: SetList) -> Vec<Vec<String>> {
    let sets = body.get(list.key()).and_then(Json::as_array).into_iter().flatten();
    let names = |set: &Json| {
        let names = set.as_array().into_iter().flatten();
        names.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    sets.map(names).collect()
}

/// "Building, Day".
pub fn title(reading: &Reading<'_>, entity: &str, body: &Json, set: &[String]) -> String {
    let label = |name: &String| {
        let own =
            body.get("properties").and_then(|fields| fields.get(name)).map(|field| text(field, "title"));
        let path = format!("properties.{name}.title");
        let own = own.filter(|own| !own.is_empty());
        let system = reading.session.model.entity(entity).and_then(|entity| entity.field(name));
        match (own, system) {
            (Some(own), _) => reading.label(DefinitionKind::Entity, entity, &path, own),
            (None, Some(field)) => reading
                .session
                .model
                .entity(entity)
                .map_or_else(|| name.clone(), |entity| field.full_label(entity, &reading.labels)),
            (None, None) => name.clone(),
        }
    };
    set.iter().map(label).collect::<Vec<_>>().join(&reading.t("said.comma"))
}

/// A choice for each place of a group, some of them empty.
pub fn views(
    reading: &Reading<'_>,
    entity: &EntityModel,
    list: SetList,
    stored: &[String],
    typed: Option<&Form>,
) -> Vec<FieldView> {
    let offered: Vec<OptionView> = filters::fields(reading, entity, "")
        .into_iter()
        .filter(|option| !NEVER.contains(&option.value.as_str()))
        .filter(|option| {
            entity.field(&option.value).is_some_and(|field| {
                let is_open = match list {
                    // What an amount is worth follows the rates: nobody could make it another.
                    SetList::Unique if field.part == Some(kontor_model::kind::CONVERTED) => false,
                    SetList::Unique => {
                        !field.is_sealed() || field.encryption == kontor_model::entity::Encryption::Lookup
                    }
                    SetList::Indexes => !field.is_sealed(),
                };
                is_open && !field.columns().is_empty() && !field.kind.is_write_only()
            })
        })
        .collect();
    let count = (stored.len() + 2).clamp(LEAST, MOST);
    (1..=count)
        .map(|number| {
            let input = format!("{INPUT}{number}");
            let known = stored.get(number - 1).map(String::as_str).unwrap_or_default();
            let chosen = typed.and_then(|form| form.get(&input)).unwrap_or(known);
            let mut options: Vec<OptionView> = offered
                .iter()
                .map(|option| OptionView { selected: option.value == chosen, ..option.clone() })
                .collect();
            if !chosen.is_empty() && !options.iter().any(|option| option.selected) {
                options.push(OptionView::new(chosen, chosen, true));
            }
            let label = if number == 1 {
                reading.t("field_set.first")
            } else {
                reading.words().with("field_set.further", &[("n", &number.to_string())])
            };
            let line = inputs::line(reading, &input, "field_set.first", chosen);
            inputs::choice(FieldView { label, help: String::new(), ..line }, options)
        })
        .collect()
}
