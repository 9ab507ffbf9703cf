//! The list of an entity's records: views, filters, sorting, totals, paging.

use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{Currency, RecordPage, Sort};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::view::{ViewDefinition, ViewType};
use kontor_model::{EntityModel, Problem, Value};
use kontor_view::page::list::{Emptiness, ListPage};
use kontor_view::page::part::{Layout, Link, Notice, Pager, ProblemLine, Tab};

use super::admin::conditions::in_words;
use super::{Reading, address as listing, filters, table::Wanted, values, view_menu};
use crate::extract::query::Query;
use crate::frame::address;
use crate::routes::records::chosen::Chosen;
use crate::routes::records::merge::may_merge;

/// Most records that are changed at once.
const MOST_AT_ONCE: u64 = 500;

/// What the page is made of.
pub struct Parts<'a> {
    /// The kind of record.
    pub entity: &'a Arc<EntityModel>,
    /// The present view among all of them.
    pub chosen: &'a Chosen,
    /// The address.
    pub query: &'a Query,
    /// The columns.
    pub wanted: &'a Wanted,
    /// The records.
    pub page: &'a RecordPage,
    /// Totals below columns, by the names of the columns.
    pub totals: &'a [(String, Value, Currency)],
}

/// The page.
pub async fn page(reading: &Reading<'_>, parts: Parts<'_>) -> ListPage {
    let Parts { entity, chosen, query, wanted, page, totals } = parts;
    let (views, view, sort) = (&chosen.views, &chosen.view, &chosen.sort);
    let session = reading.session;
    let list = reading.list_href(&entity.name);
    let mut columns = wanted.columns(reading, |name| sort_link(reading, &list, query, sort, name));
    add_totals(reading, entity, &mut columns, totals);
    let (next, previous) = listing::pages(&list, query, page.next.as_deref(), page.rows.len());
    let filter = filters::bar(reading, entity, query, &list, &chosen.wrong).await;
    let is_whole = filter.clear_href.is_empty() && view.filter.is_none() && chosen.wrong.is_empty();
    let emptiness = match (page.rows.is_empty(), is_whole) {
        (false, _) => Emptiness::Filled,
        (true, true) => Emptiness::Empty,
        (true, false) => Emptiness::NoResults,
    };
    let can = |verb| allows(session, entity, verb);
    let inside = session.portal.is_none();
    let can_change =
        can(Verb::Update) && can(Verb::Bulk) && !entity.definition.append_only && !entity.holds_people();
    ListPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        tabs: tabs(reading, views, view, &list),
        notices: notices(chosen),
        problems: chosen.wrong.iter().map(|problem| wrong_line(reading, entity, problem)).collect(),
        menu: view_menu::menu(reading, entity, chosen, query),
        layouts: layouts(views, view, &list),
        new_href: if can(Verb::Create) { format!("{list}/new") } else { String::new() },
        import_href: if can(Verb::Import) {
            address::with_query(&format!("{}/import", reading.visit.base), [("entity", &entity.name)])
        } else {
            String::new()
        },
        customise: customise(reading, entity, view),
        shape_href: if reading.may_design() {
            reading.admin_href(&format!("entities/{}", address::segment(&entity.name)))
        } else {
            String::new()
        },
        filter,
        columns,
        rows: wanted.rows(reading, page),
        total_count: count_text(reading, entity, page),
        pager: Pager { range: range(reading, query, page), previous, next },
        can_delete: inside && can(Verb::Delete) && !entity.definition.append_only,
        bulk_action: if can_change {
            address::with_query(&format!("{list}/bulk"), listing::kept(query))
        } else {
            String::new()
        },
        bulk_all: match page.count.filter(|count| can_change && *count > page.rows.len() as u64) {
            Some(count) => {
                let number = reading.format.count(count.min(MOST_AT_ONCE));
                reading.words().with("bulk.change_all", &[("count", &number)])
            }
            None => String::new(),
        },
        merge_action: if may_merge(session, entity) {
            address::with_query(&format!("{list}/merge"), listing::kept(query))
        } else {
            String::new()
        },
        actions: actions(reading, entity, query),
        export_href: export_href(reading, entity, query),
        export_title: export_title(reading, wanted),
        bin_href: if inside && (can(Verb::Delete) || can(Verb::Purge)) {
            format!("{list}/bin")
        } else {
            String::new()
        },
        emptiness,
    }
}

/// The actions for the rows that are selected.
fn actions(reading: &Reading<'_>, entity: &EntityModel, query: &Query) -> Vec<Link> {
    if !allows(reading.session, entity, Verb::Bulk) {
        return Vec::new();
    }
    let list = reading.list_href(&entity.name);
    let href = |name: &str| {
        let own = format!("{list}/actions/{}", address::segment(name));
        address::with_query(&own, listing::kept(query))
    };
    let buttons = kontor_core::records::actions(reading.session, entity);
    let on_list = buttons.into_iter().filter(|button| button.on_list);
    on_list.map(|button| Link::new(href(&button.name), button.title, button.icon)).collect()
}

/// What is wrong with one pair of the address, named by its field.
fn wrong_line(reading: &Reading<'_>, entity: &EntityModel, problem: &Problem) -> ProblemLine {
    let pair = problem.field().unwrap_or_default();
    let field = pair.split('[').next().unwrap_or_default();
    let label = match (pair, crate::extract::list::path(reading.session, entity, field)) {
        ("sort", _) => reading.t("list.order"),
        ("filter", _) => reading.t("list.filters"),
        (_, Ok(path)) => reading.path_label(&path),
        (_, Err(_)) => field.to_owned(),
    };
    let told = in_words(reading, Some(entity), problem);
    ProblemLine { label, message: told.message(&reading.labels), ..ProblemLine::default() }
}

/// The title of a view in the reader's language.
pub fn view_title(reading: &Reading<'_>, view: &ViewDefinition) -> String {
    // The view that nobody defined is called as the records are.
    if reading.session.model.definition(DefinitionKind::View, &view.name).is_none()
        && let Some(entity) = reading.session.model.entity(&view.entity)
        && view.title == entity.plural
    {
        return reading.plural_of(entity);
    }
    reading.label(DefinitionKind::View, &view.name, "title", &view.title)
}

/// Where the rows of the present view are fetched as a file; empty for who may not.
pub fn export_href(reading: &Reading<'_>, entity: &EntityModel, query: &Query) -> String {
    if !allows(reading.session, entity, Verb::Export) {
        return String::new();
    }
    address::with_query(&format!("{}/export.csv", reading.list_href(&entity.name)), listing::kept(query))
}

/// What the export is called; columns that the file does not hold are named with it.
pub fn export_title(reading: &Reading<'_>, wanted: &Wanted) -> String {
    let left_out = wanted.not_in_files(reading);
    if left_out.is_empty() {
        return reading.t("list.export");
    }
    let columns = wanted.columns(reading, |_| (String::new(), String::new()));
    let titles = left_out.iter().filter_map(|place| Some(columns.get(*place)?.title.clone()));
    let titles = titles.collect::<Vec<_>>().join(&reading.t("said.comma"));
    reading.words().with("list.export_without", &[("fields", &titles)])
}

/// The views of an entity as tabs; what is made from the fields alone has none.
pub fn tabs(
    reading: &Reading<'_>,
    views: &[ViewDefinition],
    present: &ViewDefinition,
    list: &str,
) -> Vec<Tab> {
    views
        .iter()
        .filter(|view| !view.title.is_empty())
        .map(|view| Tab {
            href: address::with_query(list, [("view", &view.name)]),
            title: view_title(reading, view),
            count: String::new(),
            current: view.name == present.name,
        })
        .collect()
}

/// What of a view could not be applied.
pub fn notices(chosen: &Chosen) -> Vec<Notice> {
    let notice =
        |title: &String| Notice { tone: "t-amber".to_owned(), title: title.clone(), lines: Vec::new() };
    chosen.notices.iter().map(notice).collect()
}

/// Table, tree, cards, board, calendar and timeline, as far as there are such views.
pub fn layouts(views: &[ViewDefinition], present: &ViewDefinition, list: &str) -> Vec<Layout> {
    let of = |wanted: ViewType| {
        if present.view_type == wanted {
            Some(present)
        } else {
            views.iter().find(|view| view.view_type == wanted)
        }
    };
    ViewType::ALL
        .into_iter()
        .filter_map(|wanted| {
            let view = of(wanted)?;
            Some(Layout {
                kind: wanted.name().to_owned(),
                href: address::with_query(list, [("view", &view.name)]),
                current: view.name == present.name,
            })
        })
        .collect()
}

/// The "Customise" menu of lists and boards.
pub fn customise(reading: &Reading<'_>, entity: &EntityModel, view: &ViewDefinition) -> Vec<Link> {
    let name = address::segment(&entity.name);
    let back = [("back", reading.visit.here.as_str())];
    // A view that nobody defined yet is begun as a new one; a saved view is changed by who saved it.
    let is_defined = reading.session.model.definition(DefinitionKind::View, &view.name).is_some();
    let own = if is_defined { address::segment(&view.name) } else { "new".to_owned() };
    let form = kontor_model::form::layout(
        &reading.session.model,
        entity,
        None,
        &reading.session.actor.roles.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    reading.customise(&[
        (
            "customise.edit_view",
            address::with_query(
                &reading.admin_href(&format!("views/{own}")),
                [("entity", entity.name.as_str()), back[0], ("from", view.name.as_str())],
            ),
            "table-2",
        ),
        (
            "customise.edit_form",
            address::with_query(
                &reading.admin_href(&format!("forms/{}", address::segment(&form.name))),
                [("entity", entity.name.as_str()), back[0]],
            ),
            "layout-panel-left",
        ),
        (
            "customise.new_view",
            address::with_query(
                &reading.admin_href("views/new"),
                [("entity", entity.name.as_str()), back[0]],
            ),
            "plus",
        ),
        (
            "customise.add_field",
            address::with_query(&reading.admin_href(&format!("entities/{name}/fields/new")), back),
            "plus",
        ),
        ("customise.entity", reading.admin_href(&format!("entities/{name}")), "database"),
    ])
}

fn sort_link(
    reading: &Reading<'_>,
    list: &str,
    query: &Query,
    sort: &[Sort],
    name: &str,
) -> (String, String) {
    let present = sort.first().filter(|key| key.path.name(&reading.session.model) == name);
    let (wanted, sorted) = match present.map(|key| key.descending) {
        Some(false) => (format!("-{name}"), "ascending"),
        Some(true) => (name.to_owned(), "descending"),
        None => (name.to_owned(), ""),
    };
    (listing::with(list, query, "sort", &wanted), sorted.to_owned())
}

/// Puts totals below the columns that they are of.
pub fn add_totals(
    reading: &Reading<'_>,
    entity: &EntityModel,
    columns: &mut [kontor_view::page::part::Column],
    totals: &[(String, Value, Currency)],
) {
    let titles = kontor_core::records::Titles::new();
    let presenter = reading.presenter(&titles);
    for column in columns {
        let Some((_, value, currency)) = totals.iter().find(|(name, ..)| *name == column.name) else {
            continue;
        };
        let Ok(path) = crate::extract::list::path(reading.session, entity, &column.name) else { continue };
        let Some(holder) = reading.session.model.entity(&path.entity) else { continue };
        if let Some(field) = holder.fields.get(path.field) {
            let shown = |code: &str| match (currency, value.as_decimal()) {
                (Currency::Converted { .. }, Some(number)) => reading.format.money_in_coins(number, code),
                _ => presenter.cell(holder, field, value, code).text,
            };
            (column.total, column.total_note) = values::total_text(reading, currency, &shown);
        }
    }
}

fn count_text(reading: &Reading<'_>, entity: &EntityModel, page: &RecordPage) -> String {
    let Some(count) = page.count else { return String::new() };
    let number =
        if page.capped { format!("{}+", reading.format.count(count)) } else { reading.format.count(count) };
    let noun = if count == 1 { reading.title_of(entity) } else { reading.plural_of(entity) };
    reading.words().with("list.count", &[("count", &number), ("entity", &noun)])
}

/// "26–50 of 148".
pub fn range(reading: &Reading<'_>, query: &Query, page: &RecordPage) -> String {
    if page.rows.is_empty() {
        return String::new();
    }
    let from = listing::first_row(query);
    let number = |number: usize| reading.format.count(number as u64);
    let (first, last) = (number(from), number(from + page.rows.len() - 1));
    match page.count {
        Some(count) => {
            let key = if page.capped { "list.range_more" } else { "list.range" };
            reading
                .words()
                .with(key, &[("from", &first), ("to", &last), ("total", &reading.format.count(count))])
        }
        None => reading.words().with("list.range_open", &[("from", &first), ("to", &last)]),
    }
}
