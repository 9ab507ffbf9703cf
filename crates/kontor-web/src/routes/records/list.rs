//! `GET r/{entity}`: the list or board of a view, with the filters of the address.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::{
    self, AggregateQuery, Count, Currency, Measure, MeasureFunction, PageRequest, RecordPage, Titles,
};
use kontor_model::definition::view::{ViewDefinition, ViewType};
use kontor_model::{EntityModel, Filter, Value};

use super::chosen::{Chosen, choose_as_far};
use super::{EntityPath, board, calendar, cards, timeline, tree};
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
    if query.all("fields").count() > 1 {
        return Ok(reader.go(&listing::with_columns(&reading.list_href(&entity.name), &query)));
    }
    let mut chosen = choose_as_far(&reading, &entity, &query);
    if !chosen.wrong.is_empty() {
        return wrong(&reader, &reading, &entity, &mut chosen, &query).await;
    }
    match chosen.view.view_type {
        ViewType::Board => return board::show_board(&reader, &reading, &entity, &chosen, &query).await,
        ViewType::Calendar => {
            return calendar::show_calendar(&reader, &reading, &entity, &chosen, &query).await;
        }
        ViewType::Tree => return tree::show_tree(&reader, &reading, &entity, &chosen, &query).await,
        ViewType::Timeline => {
            return timeline::show_timeline(&reader, &reading, &entity, &chosen, &query).await;
        }
        ViewType::Cards => return cards::show_cards(&reader, &reading, &entity, &chosen, &query).await,
        ViewType::List => {}
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
        chosen: &chosen,
        query: &query,
        wanted: &wanted,
        page: &page,
        totals: &totals,
    };
    let mut drawn = list::page(&reading, parts).await;
    drawn.notices.extend(calculating::notices(&reading, &entity).await);
    reader.draw().view(&drawn).await
}

/// The list of an address that cannot be understood: what is wrong, and every condition with the list without it.
async fn wrong(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    chosen: &mut Chosen,
    query: &Query,
) -> Result<Response, Failure> {
    demand(&reader.session, entity, Verb::Read)?;
    chosen.view.view_type = ViewType::List;
    let wanted = wanted(reading, entity, &chosen.view);
    let page = RecordPage { rows: Vec::new(), titles: Titles::new(), next: None, count: None, capped: false };
    let parts = list::Parts { entity, chosen, query, wanted: &wanted, page: &page, totals: &[] };
    let drawn = list::page(reading, parts).await;
    reader.draw().refused().view(&drawn).await
}

/// Columns of a view that names none, beside the title.
const USUAL_COLUMNS: usize = 6;

/// The columns of a view, for who may see them; of a view that names none, the title with what its cards show, or with the
/// first fields.
pub fn wanted(reading: &Reading<'_>, entity: &EntityModel, view: &ViewDefinition) -> Wanted {
    if view.columns.is_empty() {
        let display = entity.display_field().name.clone();
        if !view.card.is_empty() {
            let place = [&view.by, &view.start, &view.end].into_iter().flatten();
            let mut names = vec![display];
            for name in view.card.iter().chain(place) {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
            return Wanted::new(reading, entity, &names);
        }
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
