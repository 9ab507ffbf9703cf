//! Which views an entity has: those that are defined, or a good list made from the fields.

use crate::definition::view::{Column, ViewDefinition, ViewType};
use crate::entity::{EntityModel, FieldModel};
use crate::formula::Type;
use crate::kind::NumberStyle;
use crate::model::Model;

/// How many columns a list has that was made from the fields.
const COLUMNS: usize = 6;
/// How many fields a card has that was made from the fields.
const CARD: usize = 3;
/// The name of the generated list.
const ALL: &str = "all";

/// The views of an entity for somebody with these roles (for everybody when `None`), the one that is shown first in front;
/// never empty, and never without a list of all records. A view that names one of the roles comes before one that names
/// none, when both want to be the first.
pub fn views(model: &Model, entity: &EntityModel, roles: Option<&[String]>) -> Vec<ViewDefinition> {
    let defined = model.about::<ViewDefinition>(&entity.name);
    let mut views: Vec<ViewDefinition> =
        defined.iter().filter(|view| is_for(view, roles)).map(|view| (**view).clone()).collect();
    // A list of some records does not take the place of that of all of them.
    let shows_all = |view: &ViewDefinition| view.view_type == ViewType::List && view.filter.is_none();
    if !views.iter().any(|view| shows_all(view) || view.name == ALL) {
        views.push(ViewDefinition { position: Some(i64::MAX - 1), ..default_view(entity) });
    }
    views.sort_by(|left, right| {
        let place = |view: &ViewDefinition| {
            (
                !view.default,
                view.default && view.roles.is_empty(),
                view.position.unwrap_or(i64::MAX),
                view.title.clone(),
            )
        };
        place(left).cmp(&place(right))
    });
    // What an entity can be shown as without anybody having said so comes last, and without a title of its own.
    if !views.iter().any(|view| view.view_type == ViewType::Board) {
        views.extend(default_board(entity));
    }
    if !views.iter().any(|view| view.view_type == ViewType::Calendar) {
        views.extend(default_calendar(entity));
    }
    if !views.iter().any(|view| view.view_type == ViewType::Tree) {
        views.extend(default_tree(entity));
    }
    if !views.iter().any(|view| view.view_type == ViewType::Cards) {
        views.extend(default_cards(entity));
    }
    views
}

fn is_for(view: &ViewDefinition, roles: Option<&[String]>) -> bool {
    let Some(roles) = roles else { return true };
    view.roles.is_empty() || view.roles.iter().any(|role| roles.contains(role))
}

/// The view of that name, or the one that is shown when none is chosen.
pub fn view(model: &Model, entity: &EntityModel, name: Option<&str>) -> Option<ViewDefinition> {
    let mut views = views(model, entity, None).into_iter();
    match name {
        Some(name) => views.find(|view| view.name == name),
        None => views.next(),
    }
}

/// A board by the first choice whose options have an outcome, else by the first choice; it is called `_board`, which no
/// definition can be.
fn default_board(entity: &EntityModel) -> Option<ViewDefinition> {
    let mut choices: Vec<&FieldModel> = entity
        .own_fields()
        .filter(|field| {
            field.kind.is_choice()
                && field.name != "record_type"
                && field.definition.one_of.len() > 1
                && field.is_typed()
        })
        .collect();
    choices.sort_by_key(|field| {
        (!field.definition.one_of.iter().any(|option| option.outcome.is_some()), field.index)
    });
    let by = choices.first()?;
    let list = default_view(entity);
    let card = list.columns.into_iter().map(|column| column.field);
    let sum = entity.own_fields().find(|field| field.kind.is_converted());
    Some(ViewDefinition {
        name: "_board".into(),
        entity: entity.name.clone(),
        view_type: ViewType::Board,
        card: card
            .filter(|name| *name != by.name && *name != entity.display_field().name)
            .take(CARD)
            .collect(),
        by: Some(by.name.clone()),
        sum: sum.map(|field| field.name.clone()),
        sort: list.sort,
        ..ViewDefinition::default()
    })
}

/// A calendar by the first moment, else the first day, that people write; it is called `_calendar`.
fn default_calendar(entity: &EntityModel) -> Option<ViewDefinition> {
    let of = |wanted: Type| {
        entity.own_fields().find(|field| field.kind.formula_type() == wanted && field.is_typed())
    };
    let start = of(Type::DateTime).or_else(|| of(Type::Date))?;
    let color = entity.own_fields().find(|field| {
        field.kind.is_choice() && field.definition.one_of.iter().any(|option| option.color.is_some())
    });
    Some(ViewDefinition {
        name: "_calendar".into(),
        entity: entity.name.clone(),
        view_type: ViewType::Calendar,
        start: Some(start.name.clone()),
        color: color.map(|field| field.name.clone()),
        ..ViewDefinition::default()
    })
}

/// A tree along the link that leads up, by title; it is called `_tree`.
fn default_tree(entity: &EntityModel) -> Option<ViewDefinition> {
    let up = entity.fields.get(entity.tree?)?;
    let list = default_view(entity);
    let columns = list.columns.into_iter().filter(|column| column.field != up.name).collect();
    let display = entity.display_field();
    let sort = display.is_sortable().then(|| display.name.clone());
    Some(ViewDefinition {
        name: "_tree".into(),
        view_type: ViewType::Tree,
        columns,
        sort: sort.into_iter().collect(),
        title: String::new(),
        ..list
    })
}

/// Cards of what has pictures, under the first of them; it is called `_cards`.
fn default_cards(entity: &EntityModel) -> Option<ViewDefinition> {
    let image = entity.own_fields().find(|field| field.kind.is_picture())?;
    let list = default_view(entity);
    let shown = list.columns.into_iter().map(|column| column.field);
    Some(ViewDefinition {
        name: "_cards".into(),
        entity: entity.name.clone(),
        view_type: ViewType::Cards,
        card: shown
            .filter(|name| *name != image.name && *name != entity.display_field().name)
            .take(CARD)
            .collect(),
        image: Some(image.name.clone()),
        sort: list.sort,
        ..ViewDefinition::default()
    })
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
    let is_amount =
        |name: &&String| entity.field(name).is_some_and(|field| field.kind.style() == NumberStyle::Money);
    let totals = columns.iter().filter(is_amount).map(|name| (name.clone(), "sum".to_owned())).collect();
    ViewDefinition {
        name: ALL.into(),
        title: entity.plural.clone(),
        entity: entity.name.clone(),
        view_type: ViewType::List,
        columns: columns.into_iter().map(|field| Column { field, title: None }).collect(),
        sort: vec!["-created_at".into()],
        totals,
        ..ViewDefinition::default()
    }
}

/// Long texts and currencies have no column of their own.
fn fits_a_cell(field: &FieldModel) -> bool {
    field.companion_of.is_none() && !field.kind.is_long() && !field.kind.is_list()
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
