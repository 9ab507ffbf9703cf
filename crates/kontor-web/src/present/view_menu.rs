//! What can be done with the present view of a list: other columns, saving it, opening it first.

use kontor_core::{saved, views};
use kontor_model::EntityModel;
use kontor_model::definition::view::ViewType;
use kontor_view::field::OptionView;
use kontor_view::page::part::Hidden;
use kontor_view::page::view_menu::ViewMenu;
use uuid::Uuid;

use super::{Reading, address as listing, filters};
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::frame::address;
use crate::routes::records::chosen::Chosen;

/// The menu.
pub fn menu(reading: &Reading<'_>, entity: &EntityModel, chosen: &Chosen, query: &Query) -> ViewMenu {
    let list = reading.list_href(&entity.name);
    let kept = listing::kept(query);
    // People of a portal save no views.
    let inside = |href: String| if reading.session.portal.is_none() { href } else { String::new() };
    let own = Uuid::parse_str(&chosen.view.name)
        .ok()
        .and_then(|id| views::get(reading.session, entity, id).ok())
        .filter(|view| saved::may_change(reading.session, view));
    let with_view: Vec<(String, String)> = kept
        .iter()
        .filter(|(name, _)| name != "view")
        .cloned()
        .chain(std::iter::once(("view".to_owned(), chosen.view.name.clone())))
        .collect();
    ViewMenu {
        view: chosen.view.name.clone(),
        save_href: inside(address::with_query(&format!("{list}/views/new"), with_view.clone())),
        change_href: own
            .map(|view| address::with_query(&format!("{list}/views/{}", view.id), with_view))
            .unwrap_or_default(),
        all_href: inside(format!("{list}/views")),
        first_action: inside(format!("{list}/views/first")),
        is_first: views::first(reading.session, entity) == Some(chosen.view.name.as_str()),
        here: reading.visit.here.clone(),
        list_href: list,
        columns: if matches!(chosen.view.view_type, ViewType::List | ViewType::Tree) {
            columns(reading, entity, chosen)
        } else {
            Vec::new()
        },
        keep: kept
            .into_iter()
            .filter(|(name, _)| name != "fields")
            .map(|(name, value)| Hidden { name, value })
            .collect(),
    }
}

/// The columns that are shown, in their order, then those that could be.
fn columns(reading: &Reading<'_>, entity: &EntityModel, chosen: &Chosen) -> Vec<OptionView> {
    let mut columns: Vec<OptionView> = chosen
        .view
        .columns
        .iter()
        .filter_map(|column| {
            let path = reading_list::path(reading.session, entity, &column.field).ok()?;
            Some(OptionView::new(column.field.clone(), reading.path_label(&path), true))
        })
        .collect();
    for option in filters::fields(reading, entity, "") {
        if !columns.iter().any(|known| known.value == option.value) {
            columns.push(option);
        }
    }
    columns
}
