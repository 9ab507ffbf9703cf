//! Which views an entity has: those that are defined, or a good list made from the fields.

use crate::definition::view::{Column, ViewDefinition, ViewType};
use crate::definition::{self, DefinitionKind};
use crate::entity::{EntityModel, FieldModel};
use crate::kind::NumberStyle;
use crate::model::Model;

/// How many columns a list has that was made from the fields.
const COLUMNS: usize = 6;

/// The views of an entity, the one that is shown first in front; never empty.
pub fn views(model: &Model, entity: &EntityModel) -> Vec<ViewDefinition> {
    let mut views: Vec<ViewDefinition> = model
        .definitions_of(DefinitionKind::View)
        .filter_map(|(_, json)| definition::read::<ViewDefinition>(json).ok())
        .filter(|view| view.entity == entity.name)
        .collect();
    if !views.iter().any(|view| view.view_type == ViewType::List) {
        views.push(default_view(entity));
    }
    views.sort_by(|left, right| {
        let place =
            |view: &ViewDefinition| (!view.default, view.position.unwrap_or(i64::MAX), view.title.clone());
        place(left).cmp(&place(right))
    });
    views
}

/// The view of that name, or the one that is shown when none is chosen.
pub fn view(model: &Model, entity: &EntityModel, name: Option<&str>) -> Option<ViewDefinition> {
    let mut views = views(model, entity).into_iter();
    match name {
        Some(name) => views.find(|view| view.name == name),
        None => views.next(),
    }
}

/// A list of all records: the title, what says most at a glance, the newest first. It is called `all`.
pub fn default_view(entity: &EntityModel) -> ViewDefinition {
    let display = entity.display_field();
    let mut columns = vec![display.name.clone()];
    let mut others: Vec<&FieldModel> =
        entity.own_fields().filter(|field| field.index != display.index && fits_a_cell(field)).collect();
    others.sort_by_key(|field| (!field.required, weight(field), field.index));
    columns.extend(others.into_iter().take(COLUMNS - 2).map(|field| field.name.clone()));
    columns.push("owner".into());
    ViewDefinition {
        name: "all".into(),
        title: entity.plural.clone(),
        entity: entity.name.clone(),
        view_type: ViewType::List,
        columns: columns.into_iter().map(|field| Column { field, title: None }).collect(),
        sort: vec!["-created_at".into()],
        ..ViewDefinition::default()
    }
}

/// Long texts and currencies have no column of their own.
fn fits_a_cell(field: &FieldModel) -> bool {
    field.companion_of.is_none() && !field.kind.is_long()
}

/// What is shown rather than something else.
fn weight(field: &FieldModel) -> u8 {
    match field.kind {
        kind if kind.is_choice() || kind.is_drawn() => 0,
        kind if kind.style() == NumberStyle::Money => 1,
        kind if kind.is_link() => 2,
        kind if kind.is_temporal() => 3,
        _ => 4,
    }
}
