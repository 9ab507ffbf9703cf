//! The present view of an entity: the one that the address names, or that opens first; with what the address adds, without
//! what the reader may not see or what is no longer there.

use std::sync::Arc;

use kontor_core::records::Sort;
use kontor_core::views;
use kontor_model::definition::view::{Column, ViewDefinition, ViewType};
use kontor_model::entity::system;
use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, Filter, Problem, Problems};

use crate::error::Failure;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::present::Reading;

/// The present view of an entity, with what the address adds.
pub struct Chosen {
    /// All views.
    pub views: Vec<ViewDefinition>,
    /// The present one.
    pub view: ViewDefinition,
    /// Its filter and that of the address.
    pub filter: Filter,
    /// The order.
    pub sort: Vec<Sort>,
    /// Words to find.
    pub search: Option<String>,
    /// What of the view could not be applied, in sentences.
    pub notices: Vec<String>,
    /// What is wrong with the address. A filter that is wrong leaves no rows: others would be taken for those asked for.
    pub wrong: Problems,
}

/// The view that the address names, and what it adds to it.
///
/// # Errors
/// What is wrong with the address; 404 for a view that there is not.
pub fn choose(reading: &Reading<'_>, entity: &Arc<EntityModel>, query: &Query) -> Result<Chosen, Failure> {
    let chosen = choose_as_far(reading, entity, query);
    let named = query.get("view").filter(|name| !name.is_empty());
    if named.is_some_and(|name| !chosen.views.iter().any(|view| view.name == name)) {
        return Err(Failure::not_found());
    }
    if chosen.wrong.is_empty() { Ok(chosen) } else { Err(chosen.wrong.into()) }
}

/// The same as far as the address can be understood; the rest is told beside it. In place of a view that there is not,
/// the usual one is shown.
pub fn choose_as_far(reading: &Reading<'_>, entity: &Arc<EntityModel>, query: &Query) -> Chosen {
    let session = reading.session;
    let views = views::of_entity(session, entity);
    let find = |name: &str| views.iter().find(|view| view.name == name);
    let named = query.get("view").filter(|name| !name.is_empty());
    let mut view = match named.and_then(find) {
        Some(view) => view.clone(),
        // A view that was chosen to be the first and is gone since makes room for the usual one.
        None => views::first(session, entity)
            .and_then(find)
            .or_else(|| views.first())
            .cloned()
            .unwrap_or_default(),
    };
    let (own, left_out) = views::filter_of(session, entity, &view);
    let vanished = views::vanished(session, entity, &view);
    let mut notices = Vec::new();
    if let Some(name) = named.filter(|name| find(name).is_none()) {
        let unknown = Problem::new("unknown_definition", "").with("kind", "view").with("name", name);
        notices.push(unknown.message(&reading.labels));
    }
    if left_out > 0 {
        notices.push(reading.words().count("views.left_out", left_out));
    }
    if vanished > 0 {
        notices.push(reading.words().count("views.vanished", vanished));
    }
    if !is_drawable(reading, entity, &view) {
        notices.push(reading.t("views.shown_as_list"));
        view.view_type = ViewType::List;
        view.columns.clear();
    }
    let (added, mut wrong) = reading_list::filter_as_far(session, entity, &query.0);
    let filter = if wrong.is_empty() { own.and(added) } else { own };
    let asked = query.get("sort").filter(|text| !text.is_empty());
    let asked = asked.and_then(|text| {
        reading_list::sort(session, entity, text).map_err(|problems| wrong.0.extend(problems.0)).ok()
    });
    let sort = match asked {
        Some(sort) => sort,
        // A view may sort by a field that this reader may not see: then it does not sort by it.
        None => view
            .sort
            .iter()
            .filter_map(|key| reading_list::sort(session, entity, key).ok())
            .flatten()
            .collect(),
    };
    let sort = if sort.is_empty() {
        vec![Sort { path: FieldPath::own(entity.name.clone(), system::CREATED_AT), descending: true }]
    } else {
        sort
    };
    let search = query.get("q").map(str::to_owned).filter(|text| !text.trim().is_empty());
    let columns = columns(reading, entity, query);
    if !columns.is_empty() {
        view.columns = columns;
    }
    Chosen { views, view, filter, sort, search, notices, wrong }
}

/// The columns that the address names in place of the view's own.
fn columns(reading: &Reading<'_>, entity: &EntityModel, query: &Query) -> Vec<Column> {
    query
        .all("fields")
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .filter(|name| reading_list::path(reading.session, entity, name).is_ok())
        .map(|name| Column { field: name.to_owned(), title: None })
        .collect()
}

/// Whether the reader sees the fields that a board, a calendar or a timeline is made of.
fn is_drawable(reading: &Reading<'_>, entity: &EntityModel, view: &ViewDefinition) -> bool {
    let shown = |field: &Option<String>| {
        let own = field.as_deref().filter(|name| entity.field(name).is_some());
        own.is_some_and(|name| reading_list::path(reading.session, entity, name).is_ok())
    };
    match view.view_type {
        ViewType::List | ViewType::Cards => true,
        ViewType::Board => shown(&view.by),
        ViewType::Calendar => shown(&view.start),
        ViewType::Timeline => shown(&view.start) && shown(&view.end),
        ViewType::Tree => {
            let up = entity.tree.and_then(|up| entity.fields.get(up));
            up.is_some_and(|up| reading_list::path(reading.session, entity, &up.name).is_ok())
        }
    }
}
