//! `GET r/{entity}`: the list or board of a view, with the filters of the address.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records::{
    self, AggregateQuery, Count, Currency, Measure, MeasureFunction, PageRequest, Sort,
};
use kontor_model::definition::view::{ViewDefinition, ViewType};
use kontor_model::entity::system;
use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, Filter, Value};

use super::{EntityPath, board};
use crate::error::Failure;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::table::Wanted;
use crate::present::{Reading, address as listing, calculating, filters, list};
use crate::visit::Reader;

/// Rows of a page when the view says nothing.
const USUAL_ROWS: u32 = 25;
/// Most rows of a page.
const MOST_ROWS: u32 = 100;

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
}

/// The page.
pub async fn show_list(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    let reading = reader.reading();
    if query.get(listing::FIELD).is_some() {
        return Ok(reader.go(&with_filter(&reading, &entity, &query).await));
    }
    let chosen = choose(&reading, &entity, &query)?;
    if chosen.view.view_type == ViewType::Board {
        return board::show_board(&reader, &reading, &entity, &chosen, &query).await;
    }
    let wanted = wanted(&reading, &entity, &chosen.view);
    let request = PageRequest {
        columns: wanted.paths(),
        filter: chosen.filter.clone(),
        search: chosen.search.clone(),
        sort: chosen.sort.clone(),
        limit: reading_list::limit(
            query.get("limit"),
            chosen.view.limit.unwrap_or(USUAL_ROWS).min(MOST_ROWS),
            MOST_ROWS,
        )?,
        after: query.get("after").map(str::to_owned).filter(|after| !after.is_empty()),
        count: Count::Capped,
        bin: false,
    };
    let page = records::page(&reader.session, &entity, request).await?;
    let totals = if chosen.search.is_none() { totals(&reading, &entity, &chosen).await? } else { Vec::new() };
    let parts = list::Parts {
        entity: &entity,
        views: &chosen.views,
        view: &chosen.view,
        query: &query,
        wanted: &wanted,
        sort: &chosen.sort,
        page: &page,
        totals: &totals,
    };
    let mut drawn = list::page(&reading, parts).await;
    drawn.notices = calculating::notices(&reading, &entity).await;
    reader.draw().view(&drawn).await
}

/// Columns of a view that names none, beside the title.
const USUAL_COLUMNS: usize = 6;

/// The columns of a view, for who may see them; of a view that names none, the title and the first fields.
pub fn wanted(reading: &Reading<'_>, entity: &EntityModel, view: &ViewDefinition) -> Wanted {
    if view.columns.is_empty() {
        let display = entity.display_field().name.clone();
        let others = entity
            .own_fields()
            .filter(|field| field.companion_of.is_none() && field.name != display && !field.kind.is_long());
        let names: Vec<String> = std::iter::once(display.clone())
            .chain(others.map(|field| field.name.clone()).take(USUAL_COLUMNS))
            .collect();
        return Wanted::new(reading, entity, &names);
    }
    Wanted::with_headings(
        reading,
        entity,
        view.columns.iter().map(|column| (column.field.clone(), column.title.clone())),
    )
}

/// The view that the address names, and what it adds to it.
pub fn choose(reading: &Reading<'_>, entity: &Arc<EntityModel>, query: &Query) -> Result<Chosen, Failure> {
    let session = reading.session;
    let views = kontor_model::view::views(&session.model, entity);
    let named = query.get("view").filter(|name| !name.is_empty());
    let view = match named {
        Some(name) => views.iter().find(|view| view.name == name).ok_or_else(Failure::not_found)?.clone(),
        None => views.iter().find(|view| view.default).or_else(|| views.first()).cloned().unwrap_or_default(),
    };
    let own = match &view.filter {
        Some(json) => Filter::parse(json, entity, &session.model)?,
        None => Filter::True,
    };
    let filter = own.and(reading_list::filter(session, entity, &query.0)?);
    let sort = match query.get("sort").filter(|text| !text.is_empty()) {
        Some(text) => reading_list::sort(session, entity, text)?,
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
    Ok(Chosen { views, view, filter, sort, search })
}

async fn totals(
    reading: &Reading<'_>,
    entity: &EntityModel,
    chosen: &Chosen,
) -> Result<Vec<(String, Value, Currency)>, Failure> {
    let mut names = Vec::new();
    let mut measures = Vec::new();
    for (name, function) in &chosen.view.totals {
        let Ok(path) = reading_list::path(reading.session, entity, name) else { continue };
        let function = match function.as_str() {
            "sum" => MeasureFunction::Sum,
            "avg" => MeasureFunction::Avg,
            "min" => MeasureFunction::Min,
            "max" => MeasureFunction::Max,
            _ => MeasureFunction::Count,
        };
        names.push(name.clone());
        measures.push(Measure { function, path: Some(path), filter: Filter::True, name: name.clone() });
    }
    if measures.is_empty() {
        return Ok(Vec::new());
    }
    let query = AggregateQuery {
        entity: entity.name.clone(),
        measures,
        filter: chosen.filter.clone(),
        ..AggregateQuery::default()
    };
    let Some(total) = records::totals(reading.session, &query).await?.into_iter().next() else {
        return Ok(Vec::new());
    };
    let values = total.values.into_iter().zip(total.currencies);
    Ok(names.into_iter().zip(values).map(|(name, (value, currency))| (name, value, currency)).collect())
}

/// The canonical address after somebody filled in the bar of filters.
async fn with_filter(reading: &Reading<'_>, entity: &Arc<EntityModel>, query: &Query) -> String {
    let mut pairs = listing::kept(query);
    if let Some((name, value)) = filters::pair(reading, entity, query).await {
        pairs.retain(|(other, _)| *other != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    address::with_query(&reading.list_href(&entity.name), pairs)
}
