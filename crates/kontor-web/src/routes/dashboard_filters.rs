//! The filters of a dashboard: what was chosen, how each narrows a tile, how they are drawn.

use kontor_core::{records, saved};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::dashboard::{DashboardDefinition, DashboardFilter, Tile as TileDefinition};
use kontor_model::filter::{FieldPath, PERIODS, Period};
use kontor_model::{Filter, Json, Problem, tile_date};
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::part::Notice;
use serde_json::json;

use super::dashboards::about;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::present::{Reading, report};

/// What is told of a wrong choice.
pub(super) fn notice(reading: &Reading<'_>, problem: &Problem) -> Notice {
    Notice { tone: "t-amber".to_owned(), title: problem.message(&reading.labels), lines: Vec::new() }
}

/// The filters of the page as they narrow one tile: a period without a field goes by the tile's own date.
pub(super) fn with_dates(
    reading: &Reading<'_>,
    dashboard: &DashboardDefinition,
    tile: &TileDefinition,
) -> DashboardDefinition {
    let model = &reading.session.model;
    let own = || {
        let (kind, name) = about(tile)?;
        let json = saved::definition(reading.session, kind, name)?;
        let entity = reading.session.entity(json.get("entity")?.as_str()?).ok()?;
        tile.period.clone().or_else(|| tile_date::of_shown(model, &entity, kind, json))
    };
    dated(dashboard, own)
}

/// The same with another date.
pub(super) fn dated(
    dashboard: &DashboardDefinition,
    own: impl Fn() -> Option<String>,
) -> DashboardDefinition {
    let mut page = dashboard.clone();
    for filter in page.filters.iter_mut().filter(|filter| is_open(filter)) {
        filter.field = own().unwrap_or_default();
    }
    page
}

/// A period that each tile takes by its own date.
fn is_open(filter: &DashboardFilter) -> bool {
    filter.kind == "period" && filter.field.is_empty()
}

/// What was chosen that is no choice: words that are no period, values that the field has in no tile.
pub(super) fn wrong_choices(
    reading: &Reading<'_>,
    dashboard: &DashboardDefinition,
    query: &Query,
) -> Vec<Problem> {
    let mut wrong = Vec::new();
    for filter in &dashboard.filters {
        let Some(value) = query.get(&filter.name).filter(|value| !value.is_empty()) else { continue };
        let at = format!("/{}", filter.name);
        if filter.kind == "period" {
            if Period::parse(value).is_none() {
                let problem = Problem::new("not_a_period", at).with("value", value);
                wrong.push(problem.with("options", PERIODS));
            }
            continue;
        }
        let model = &reading.session.model;
        let asked = json!({ "field": filter.field, "eq": value });
        let entities = dashboard.tiles.iter().filter_map(|tile| {
            let (kind, name) = about(tile)?;
            let json = saved::definition(reading.session, kind, name)?;
            reading.session.entity(json.get("entity")?.as_str()?).ok()
        });
        let mut found = entities
            .filter(|entity| FieldPath::parse(&filter.field, entity, model).is_ok())
            .map(|entity| Filter::parse(&asked, &entity, model).err())
            .peekable();
        let first = found.peek().cloned().flatten().and_then(|problems| problems.0.into_iter().next());
        if let Some(problem) = first.filter(|_| found.all(|one| one.is_some())) {
            wrong.push(Problem { path: at, ..problem });
        }
    }
    wrong
}

/// The conditions that the page's filters add for an entity that has their fields.
pub(super) fn narrowed(
    reading: &Reading<'_>,
    dashboard: &DashboardDefinition,
    entity: &str,
    query: &Query,
) -> Vec<Json> {
    let Ok(entity) = reading.session.entity(entity) else { return Vec::new() };
    dashboard
        .filters
        .iter()
        .filter(|filter| FieldPath::parse(&filter.field, &entity, &reading.session.model).is_ok())
        .filter_map(|filter| {
            let value = chosen(filter, query);
            let operator = if filter.kind == "period" { "within" } else { "eq" };
            (!value.is_empty()).then(|| json!({ "field": filter.field, operator: value }))
        })
        .collect()
}

/// What was chosen for a filter, or its default.
pub(super) fn chosen<'a>(filter: &'a DashboardFilter, query: &'a Query) -> &'a str {
    query.get(&filter.name).unwrap_or_else(|| filter.default.as_deref().unwrap_or_default())
}

/// A filter as a choice.
pub(super) async fn filter_view(
    reading: &Reading<'_>,
    dashboard: &DashboardDefinition,
    filter: &DashboardFilter,
    query: &Query,
) -> FieldView {
    let value = chosen(filter, query).to_owned();
    let own = filter.title.as_deref().unwrap_or(&filter.name);
    let options = if filter.kind == "period" {
        report::period_options(reading, &value)
    } else {
        value_options(reading, dashboard, filter, &value).await
    };
    FieldView {
        name: filter.name.clone(),
        label: reading.label(
            DefinitionKind::Dashboard,
            &dashboard.name,
            &format!("filters.{}.title", filter.name),
            own,
        ),
        kind: "choice".to_owned(),
        value,
        options,
        closed: true,
        ..FieldView::default()
    }
}

/// The values that a field of one of the page's entities can have: options, or records to choose from.
async fn value_options(
    reading: &Reading<'_>,
    dashboard: &DashboardDefinition,
    filter: &DashboardFilter,
    value: &str,
) -> Vec<OptionView> {
    let mut options = vec![OptionView::new("", reading.t("value.all"), value.is_empty())];
    let model = &reading.session.model;
    let entities = dashboard.tiles.iter().filter_map(|tile| {
        let (kind, name) = about(tile)?;
        let json = saved::definition(reading.session, kind, name)?;
        reading.session.entity(json.get("entity")?.as_str()?).ok()
    });
    for entity in entities {
        let Ok(path) = reading_list::path(reading.session, &entity, &filter.field) else { continue };
        let Some(holder) = model.entity(&path.entity) else { continue };
        let Some(field) = holder.fields.get(path.field) else { continue };
        if !field.definition.one_of.is_empty() {
            options.extend(field.definition.one_of.iter().map(|option| {
                OptionView::new(
                    option.value.clone(),
                    field.option_label(&option.value, &reading.labels).to_owned(),
                    option.value == value,
                )
            }));
            break;
        }
        if let Some(target) = field.targets.first().and_then(|name| reading.session.entity(name).ok())
            && let Ok(found) = records::options(reading.session, &target, None, 100).await
        {
            let mut found: Vec<OptionView> = found
                .into_iter()
                .map(|(id, title)| OptionView::new(id.to_string(), title, id.to_string() == value))
                .collect();
            found.sort_by(|left, right| left.title.cmp(&right.title));
            options.extend(found);
            break;
        }
    }
    options
}
