//! `GET dashboards/{name}`: reports, numbers and lists on one page, narrowed by its filters.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{self, Count, PageRequest};
use kontor_core::reports::metric::{self, Narrowing};
use kontor_core::reports::snapshot;
use kontor_core::{reports, saved};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::dashboard::{DashboardDefinition, Tile as TileDefinition};
use kontor_model::definition::report::ReportType;
use kontor_model::definition::view::{ViewDefinition, ViewType};
use kontor_model::filter::Period;
use kontor_model::{EntityModel, Filter, Json, Problem, tile_date};
use kontor_view::page::dashboard::{DashboardPage, Tile, TileList};
use kontor_view::page::part::Link;
use serde::Deserialize;
use serde_json::json;

use super::dashboard_filters::{chosen, dated, filter_view, narrowed, notice, with_dates, wrong_choices};
use super::own;
use super::records::list as record_list;
use crate::error::Failure;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{
    Reading, list, metric as present_metric, report, report_list, small, snapshot as present_snapshot, tile,
    typed,
};
use crate::visit::Reader;

/// Rows of a list tile when nothing is said.
const USUAL_ROWS: u32 = 6;
/// Most rows of a list tile.
const MOST_ROWS: u32 = 50;

#[derive(Deserialize)]
pub struct DashboardPath {
    name: String,
}

/// The page.
pub async fn show_dashboard(
    reader: Reader,
    Path(path): Path<DashboardPath>,
    query: Query,
) -> Result<Response, Failure> {
    draw(&reader, &path.name, &query).await
}

/// A dashboard by its name; the home page draws one too.
pub async fn draw(reader: &Reader, name: &str, query: &Query) -> Result<Response, Failure> {
    let reading = reader.reading();
    let json =
        saved::definition(&reader.session, DefinitionKind::Dashboard, name).ok_or_else(Failure::not_found)?;
    let mut dashboard: DashboardDefinition = typed(json).ok_or_else(Failure::not_found)?;
    name.clone_into(&mut dashboard.name);
    // What was chosen wrong is told; the rest is drawn as if it had not been.
    let wrong = wrong_choices(&reading, &dashboard, query);
    let names: Vec<&str> = wrong.iter().filter_map(Problem::field).collect();
    let query = &Query(query.without(&names));
    let mut tiles = Vec::new();
    for definition in &dashboard.tiles {
        let narrowed = with_dates(&reading, &dashboard, definition);
        let drawn = draw_tile(&reading, (&dashboard, &narrowed), definition, query).await;
        let mut tile = drawn.unwrap_or_else(|failure| Tile {
            problem: tile::problem_text(&reading, &failure),
            ..Tile::default()
        });
        tile.name.clone_from(&definition.name);
        tile.width = definition.width.unwrap_or(6);
        tile.among = tile.metric.is_some() && tiles.iter().any(|before: &Tile| before.metric.is_none());
        if let Some(own) = &definition.title {
            tile.title = reading.label(
                DefinitionKind::Dashboard,
                name,
                &format!("tiles.{}.title", definition.name),
                own,
            );
        }
        tiles.push(tile);
    }
    let mut filters = Vec::new();
    for filter in &dashboard.filters {
        filters.push(filter_view(&reading, &dashboard, filter, query).await);
    }
    let begin = begin(&reading, &dashboard).await;
    let segment = address::segment(name);
    let mut page = DashboardPage {
        begin,
        notices: wrong.iter().map(|problem| notice(&reading, problem)).collect(),
        at: reader.visit.place(),
        title: reading.definition_title(DefinitionKind::Dashboard, name, json),
        note: String::new(),
        action: reader.visit.here.split('?').next().unwrap_or_default().to_owned(),
        filters,
        tiles,
        own: own::links(&reading, DefinitionKind::Dashboard, name),
        customise: reading.customise(&[(
            "customise.edit_dashboard",
            reading.admin_href(&format!("edit/dashboard/{segment}")),
            "pencil",
        )]),
    };
    if saved::id_of(name).is_some() {
        page.customise.clear();
    }
    if wrong.is_empty() { reader.draw().view(&page).await } else { reader.draw().refused().view(&page).await }
}

/// Ways to begin, when there is no record at all of what the tiles show.
async fn begin(reading: &Reading<'_>, dashboard: &DashboardDefinition) -> Vec<Link> {
    let session = reading.session;
    let mut entities: Vec<Arc<EntityModel>> = Vec::new();
    for tile in &dashboard.tiles {
        let json = about(tile).and_then(|(kind, name)| saved::definition(session, kind, name));
        let entity = json.and_then(|json| session.entity(json.get("entity")?.as_str()?).ok());
        if let Some(entity) = entity.filter(|entity| !entities.iter().any(|one| one.name == entity.name)) {
            entities.push(entity);
        }
    }
    for entity in &entities {
        let request = PageRequest { limit: 1, count: Count::None, ..PageRequest::default() };
        // What cannot be read is told by its tile.
        if records::page(session, entity, request).await.map_or(true, |page| !page.rows.is_empty()) {
            return Vec::new();
        }
    }
    let mut links: Vec<Link> = entities
        .iter()
        .filter(|entity| allows(session, entity, Verb::Create) && !entity.is_built_in())
        .filter(|entity| reading.has_pages(&entity.name))
        .map(|entity| {
            let title = reading.words().with("list.new", &[("entity", &reading.title_of(entity))]);
            Link::new(format!("{}/new", reading.list_href(&entity.name)), title, "plus")
        })
        .collect();
    if entities.iter().any(|entity| allows(session, entity, Verb::Import)) {
        links.push(Link::new(format!("{}/import", reading.visit.base), reading.t("shell.import"), "upload"));
    }
    links
}

/// The definition that a tile shows.
pub(super) fn about(tile: &TileDefinition) -> Option<(DefinitionKind, &str)> {
    let shown = [
        (DefinitionKind::Report, &tile.report),
        (DefinitionKind::Metric, &tile.metric),
        (DefinitionKind::View, &tile.view),
    ];
    shown.into_iter().find_map(|(kind, name)| Some((kind, name.as_deref()?)))
}

/// Draws a tile of a page; the second of both has the filters as they narrow this tile.
async fn draw_tile(
    reading: &Reading<'_>,
    (page, dashboard): (&DashboardDefinition, &DashboardDefinition),
    definition: &TileDefinition,
    query: &Query,
) -> Result<Tile, Failure> {
    if let Some(name) = &definition.report {
        return report_tile(reading, (page, dashboard), definition, name, query).await;
    }
    if let Some(name) = &definition.metric {
        return metric_tile(reading, dashboard, name, query).await;
    }
    if let Some(name) = &definition.snapshot {
        return snapshot_tile(reading, name).await;
    }
    if let Some(name) = &definition.view {
        return view_tile(reading, dashboard, definition, name, query).await;
    }
    Ok(Tile { note: definition.text.clone().unwrap_or_default(), ..Tile::default() })
}

/// An address that only the inside has.
fn inside(reading: &Reading<'_>, href: String) -> String {
    if reading.session.portal.is_none() { href } else { String::new() }
}

async fn report_tile(
    reading: &Reading<'_>,
    (page, dashboard): (&DashboardDefinition, &DashboardDefinition),
    definition: &TileDefinition,
    name: &str,
    query: &Query,
) -> Result<Tile, Failure> {
    let session = reading.session;
    let mut found = reports::find(session, name)?;
    let own = narrowed(reading, dashboard, &found.entity, query);
    if !own.is_empty() {
        let mut all: Vec<Json> = found.filter.take().into_iter().collect();
        all.extend(own);
        found.filter = Some(json!({ "all": all }));
    }
    let written = saved::definition(session, DefinitionKind::Report, name);
    for block in &mut found.blocks {
        let entity = session.entity(&block.entity).ok();
        let page =
            dated(page, || tile_date::of_block(&session.model, entity.as_deref()?, written?, &block.fields));
        let others = narrowed(reading, &page, &block.entity, query);
        if !others.is_empty() {
            let all: Vec<Json> = block.filter.take().into_iter().chain(others).collect();
            block.filter = Some(json!({ "all": all }));
        }
    }
    let asked = reports::parameters_of(&found, &HashMap::new());
    let href = inside(reading, format!("{}/reports/{}", reading.visit.base, address::segment(name)));
    if found.report_type == ReportType::List {
        found.limit = Some(found.limit.unwrap_or(USUAL_ROWS).min(MOST_ROWS));
        let listed = report_list::find(reading, &found, &asked).await?;
        let title = report::title(reading, &found);
        let mut tile = Tile { title, href, note: tile::note(reading, listed.totals()), ..Tile::default() };
        if definition.show.as_deref() == Some("number") {
            tile.metric = Some(tile::metric(reading, listed.totals(), definition.measure.as_deref()));
        } else {
            tile.list = Some(listed.tile(reading));
        }
        return Ok(tile);
    }
    let answer = reports::run(session, &found, &asked).await?;
    let note = tile::note(reading, &answer);
    let mut tile = Tile { title: report::title(reading, &found), href, note, ..Tile::default() };
    match definition.show.as_deref().unwrap_or("chart") {
        "number" => tile.metric = Some(tile::metric(reading, &answer, definition.measure.as_deref())),
        "table" => tile.table = Some(report::table(reading, &found, &answer, "", &Query::default())),
        _ => {
            tile.chart = report::chart_html(reading, &found, &answer, true);
            if tile.chart.is_empty() {
                tile.table = Some(report::table(reading, &found, &answer, "", &Query::default()));
            }
        }
    }
    Ok(tile)
}

/// The metric; a period of the page over its own date takes the place of its own period, so that what it is compared with
/// moves along.
async fn metric_tile(
    reading: &Reading<'_>,
    dashboard: &DashboardDefinition,
    name: &str,
    query: &Query,
) -> Result<Tile, Failure> {
    let session = reading.session;
    let found = metric::find(session, name)?;
    let own = found.period.as_ref().map(|period| period.field.as_str());
    let mut page = dashboard.clone();
    page.filters.retain(|filter| filter.kind != "period" || Some(filter.field.as_str()) != own);
    let period =
        dashboard.filters.iter().find(|filter| filter.kind == "period" && Some(filter.field.as_str()) == own);
    let within = period.map(|filter| chosen(filter, query)).filter(|word| Period::parse(word).is_some());
    let narrowing = Narrowing {
        within: within.map(str::to_owned),
        conditions: narrowed(reading, &page, &found.entity, query),
    };
    let figure = metric::run(session, &found, &narrowing).await?;
    let line = metric::over_time(session, &found, &narrowing).await?;
    let base = format!("{}/metrics/{}", reading.visit.base, address::segment(name));
    let href = match within {
        Some(within) => address::with_query(&base, [("within", within)]),
        None => base,
    };
    Ok(Tile {
        title: present_metric::title(reading, &found),
        href: inside(reading, href),
        note: present_metric::note(reading, &figure),
        metric: Some(present_metric::of_tile(
            reading,
            &found,
            &figure,
            line.as_ref().map(|(_, answer)| answer),
        )),
        ..Tile::default()
    })
}

/// The figures of the last three months as a line; what is kept cannot be narrowed.
async fn snapshot_tile(reading: &Reading<'_>, name: &str) -> Result<Tile, Failure> {
    let session = reading.session;
    // They are counted over everybody's records; a dashboard may have got the tile after the portal got the dashboard.
    if session.portal.is_some() {
        return Err(Failure::not_found());
    }
    let last = snapshot::today(session);
    let first = present_snapshot::first(last, present_snapshot::days(""));
    let history = snapshot::history(session, name, first, last).await?;
    let chart = present_snapshot::chart_html(reading, &history);
    let page = present_snapshot::page(reading, &history, present_snapshot::days(""));
    Ok(Tile {
        title: page.title,
        href: page.action,
        note: page.taken,
        table: chart.is_empty().then_some(page.table),
        chart,
        ..Tile::default()
    })
}

async fn view_tile(
    reading: &Reading<'_>,
    dashboard: &DashboardDefinition,
    definition: &TileDefinition,
    name: &str,
    query: &Query,
) -> Result<Tile, Failure> {
    let session = reading.session;
    let own = saved::named(session, DefinitionKind::View, name).and_then(|saved| saved.view().cloned());
    let published = || typed(session.model.definition(DefinitionKind::View, name)?);
    let view: ViewDefinition = own.or_else(published).ok_or_else(Failure::not_found)?;
    let entity = session.entity(&view.entity)?;
    let title = list::view_title(reading, &view);
    let href = if reading.has_pages(&entity.name) {
        address::with_query(&reading.list_href(&entity.name), [("view", view.name.as_str())])
    } else {
        String::new()
    };
    if let Some(small) =
        small::question(&view, title.clone(), narrowed(reading, dashboard, &entity.name, query))
    {
        let answer = reports::run(session, &small, &HashMap::new()).await?;
        let chart = report::chart_html(reading, &small, &answer, false);
        let table = chart.is_empty().then(|| report::table(reading, &small, &answer, "", &Query::default()));
        let note = if view.view_type == ViewType::Calendar {
            reading.words().count("dashboard.next_days", small::DAYS as usize)
        } else {
            tile::note(reading, &answer)
        };
        return Ok(Tile { title, href, note, chart, table, ..Tile::default() });
    }
    let mut filter = match &view.filter {
        Some(json) => Filter::parse(json, &entity, &session.model)?,
        None => Filter::True,
    };
    for json in narrowed(reading, dashboard, &entity.name, query) {
        filter = filter.and(Filter::parse(&json, &entity, &session.model)?);
    }
    let wanted = record_list::wanted(reading, &entity, &view);
    let sort =
        view.sort.iter().filter_map(|key| reading_list::sort(session, &entity, key).ok()).flatten().collect();
    let request = PageRequest {
        columns: wanted.paths(),
        filter,
        sort,
        limit: definition.limit.unwrap_or(USUAL_ROWS),
        count: Count::None,
        ..PageRequest::default()
    };
    let page = records::page(session, &entity, request).await?;
    let list_tile = TileList {
        columns: wanted.columns(reading, |_| (String::new(), String::new())),
        rows: wanted.rows(reading, &page),
    };
    Ok(Tile { title, href, list: Some(list_tile), ..Tile::default() })
}
