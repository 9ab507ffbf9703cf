//! What there is to choose from in the inputs of a field's definition.

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, currency, kind};
use kontor_view::field::OptionView;

use super::facets::Editing;
use super::{inputs, options};
use crate::routes::admin::draft::text;

/// All entities by what they are called.
pub(super) fn entities(editing: &Editing<'_>, chosen: &[&str]) -> Vec<OptionView> {
    let all = editing.draft.all(DefinitionKind::Entity).into_iter();
    let mut found: Vec<OptionView> = all
        .map(|(name, json)| {
            let title = editing.reading.definition_title(DefinitionKind::Entity, name, json);
            OptionView::new(name, title, chosen.contains(&name))
        })
        .collect();
    found.sort_by(|left, right| left.title.cmp(&right.title));
    found
}

/// The options that a new record can begin with.
pub(super) fn default_options(editing: &Editing<'_>, chosen: &str) -> Vec<OptionView> {
    let stored = editing.field.get(options::KEY);
    let options = options::read(editing.typed, stored).or_else(|| stored.cloned()).unwrap_or_default();
    let mut found: Vec<OptionView> = options
        .as_array()
        .into_iter()
        .flatten()
        .map(|option| {
            let value = text(option, "const");
            let own = text(option, "title");
            let known = editing.published().filter(|field| {
                field.definition.one_of.iter().any(|option| option.value == value && option.title == own)
            });
            let title = known.map_or(own, |field| field.option_label(value, &editing.reading.labels));
            OptionView::new(value, title, value == chosen)
        })
        .collect();
    keep(&mut found, chosen);
    found
}

/// What is written stays among what can be chosen.
fn keep(options: &mut Vec<OptionView>, chosen: &str) {
    if !chosen.is_empty() && !options.iter().any(|option| option.selected) {
        options.push(OptionView::new(chosen, chosen, true));
    }
}

/// The days of the entity itself.
pub(super) fn days(editing: &Editing<'_>, chosen: &str) -> Vec<OptionView> {
    let fields = editing.subject().into_iter().flat_map(|entity| &entity.fields);
    let mut found: Vec<OptionView> = fields
        .filter(|field| field.kind.is_temporal() && field.name != "deleted_at" && field.name != editing.name)
        .map(|field| OptionView::new(&field.name, field.label(&editing.reading.labels), field.name == chosen))
        .collect();
    keep(&mut found, chosen);
    found
}

/// The links whose record may say the currency, then all currencies.
pub(super) fn currencies(editing: &Editing<'_>, chosen: &str) -> Vec<OptionView> {
    let fields = editing.subject().into_iter().flat_map(EntityModel::own_fields);
    let ways = fields.filter(|field| {
        let is_one = field.targets.len() == 1 && field.companion_of.is_none();
        is_one && field.kind.is_link() && !field.kind.is_list()
    });
    let mut found: Vec<OptionView> = ways
        .map(|field| {
            let value = format!("@{}", field.name);
            let label = field.label(&editing.reading.labels);
            let title = editing.reading.words().with("field_editor.currency_of", &[("link", label)]);
            let is_chosen = value == chosen;
            OptionView::new(value, title, is_chosen)
        })
        .collect();
    found.extend(currency::codes().map(|code| OptionView::new(code, code, code == chosen)));
    keep(&mut found, chosen);
    found
}

/// The links of other entities that lead to this one alone, each with its entity: `quote_line.quote`.
pub(super) fn links_here(editing: &Editing<'_>, chosen: &str) -> Vec<OptionView> {
    let to = editing.given("to");
    let is_chosen = |path: &str| path == chosen || path == format!("{to}.{chosen}");
    let mut found = Vec::new();
    for (name, json) in editing.draft.all(DefinitionKind::Entity) {
        let title = editing.reading.definition_title(DefinitionKind::Entity, name, json);
        for link in links_to(json, editing.entity) {
            let path = format!("{name}.{link}");
            let label = json.pointer(&format!("/properties/{link}/title")).and_then(Json::as_str);
            let label = editing.reading.label(
                DefinitionKind::Entity,
                name,
                &format!("properties.{link}.title"),
                label.unwrap_or(link),
            );
            let chosen = is_chosen(&path);
            found.push(OptionView::new(path, format!("{title} › {label}"), chosen));
        }
    }
    keep(&mut found, chosen);
    found.insert(0, OptionView::new("", editing.reading.t("field_editor.link_found"), chosen.is_empty()));
    found
}

/// The links of an entity, as it is written, that lead to another alone.
pub fn links_to<'j>(json: &'j Json, to: &str) -> Vec<&'j str> {
    let fields = json.get("properties").and_then(Json::as_object).into_iter().flatten();
    fields
        .filter(|(_, field)| {
            let found = kind::find(text(field, "kind"));
            let is_way = found.is_some_and(|kind| kind.is_link() && !kind.is_list() && !kind.names_entity());
            is_way && text(field, "to") == to
        })
        .map(|(name, _)| name.as_str())
        .collect()
}

/// The whole numbers of the other entity.
pub(super) fn orders(editing: &Editing<'_>, chosen: &str) -> Vec<OptionView> {
    let to = editing.given("to");
    let fields = editing.model.entity(&to).map(|entity| entity.own_fields().collect::<Vec<_>>());
    let mut found: Vec<OptionView> = fields
        .into_iter()
        .flatten()
        .filter(|field| inputs::is_whole(field))
        .map(|field| OptionView::new(&field.name, field.label(&editing.reading.labels), field.name == chosen))
        .collect();
    keep(&mut found, chosen);
    found
}
