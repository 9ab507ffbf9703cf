//! The board of a view: a lane per option, the first cards of each, sums over all.

use std::sync::Arc;

use axum::response::Response;
use kontor_core::records::{
    self, AggregateQuery, Count, Currency, Group, Measure, MeasureFunction, PageRequest,
};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{EntityModel, Value};

use super::list::Chosen;
use crate::error::Failure;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::present::table::Wanted;
use crate::present::{Reading, board};
use crate::visit::Reader;

/// Cards of a lane when the view says nothing.
const USUAL_CARDS: u32 = 8;

/// The page.
pub async fn show_board(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    chosen: &Chosen,
    query: &Query,
) -> Result<Response, Failure> {
    let session = reading.session;
    let by = chosen.view.by.as_deref().and_then(|name| entity.field(name)).ok_or_else(Failure::not_found)?;
    let path = reading_list::path(session, entity, &by.name)?;
    let sum = chosen.view.sum.as_deref().and_then(|name| reading_list::path(session, entity, name).ok());
    let mut names: Vec<String> = chosen.view.card.clone();
    if let Some(name) = chosen.view.sum.as_ref().filter(|name| sum.is_some() && !names.contains(name)) {
        names.insert(0, name.clone());
    }
    let wanted = Wanted::new(reading, entity, &names);
    let totals = lane_totals(reading, entity, chosen, &path, sum.as_ref()).await?;
    let mut lanes = Vec::new();
    let options = by.definition.one_of.iter().map(|option| (Some(option.value.clone()), option.retired));
    for (value, is_retired) in options.chain([(None, true)]) {
        let total = totals.iter().find(|(key, ..)| *key == value);
        // An option that is no longer offered, and records without one, have a lane only while there are such records.
        if is_retired && total.is_none() {
            continue;
        }
        let request = PageRequest {
            columns: wanted.paths(),
            filter: chosen.filter.clone().and(lane_filter(&path, value.as_deref())),
            search: chosen.search.clone(),
            sort: chosen.sort.clone(),
            limit: chosen.view.limit.unwrap_or(USUAL_CARDS),
            after: None,
            count: Count::None,
            bin: false,
        };
        let page = if total.is_some() || chosen.search.is_some() {
            Some(records::page(session, entity, request).await?)
        } else {
            None
        };
        lanes.push(board::LaneParts {
            value,
            count: total.map_or(0, |(_, count, _)| *count),
            sum: total.and_then(|(_, _, sum)| sum.clone()).unwrap_or((Value::Empty, Currency::None)),
            page,
        });
    }
    let parts = board::Parts {
        entity,
        chosen,
        by,
        sum: chosen.view.sum.as_deref(),
        wanted: &wanted,
        lanes: &lanes,
        query,
    };
    let drawn = board::page(reading, parts).await;
    reader.draw().view(&drawn).await
}

/// The option, how many records have it, and their sum with its currency.
type LaneTotal = (Option<String>, u64, Option<(Value, Currency)>);

/// Count and sum by the option.
async fn lane_totals(
    reading: &Reading<'_>,
    entity: &EntityModel,
    chosen: &Chosen,
    by: &FieldPath,
    sum: Option<&FieldPath>,
) -> Result<Vec<LaneTotal>, Failure> {
    let measure = |function, path| Measure { function, path, filter: Filter::True, name: "n".to_owned() };
    let mut measures = vec![measure(MeasureFunction::Count, None)];
    if let Some(path) = sum {
        measures.push(measure(MeasureFunction::Sum, Some(path.clone())));
    }
    let query = AggregateQuery {
        entity: entity.name.clone(),
        group: vec![Group { path: by.clone(), by: None }],
        measures,
        filter: chosen.filter.clone(),
        ..AggregateQuery::default()
    };
    let rows = records::totals(reading.session, &query).await?;
    Ok(rows
        .into_iter()
        .map(|total| {
            let currency = total.currencies.last().cloned().unwrap_or(Currency::None);
            let mut row = total.values.into_iter();
            let key = row.next().and_then(|value| value.as_text().map(str::to_owned));
            let count = row
                .next()
                .and_then(|value| value.as_integer())
                .and_then(|count| u64::try_from(count).ok())
                .unwrap_or(0);
            (key, count, row.next().map(|sum| (sum, currency)))
        })
        .collect())
}

fn lane_filter(path: &FieldPath, value: Option<&str>) -> Filter {
    let (operator, operand) = match value {
        Some(value) => (Operator::Eq, Operand::One(Value::text(value))),
        None => (Operator::Empty, Operand::Flag(true)),
    };
    Filter::Leaf(Leaf { path: path.clone(), operator, operand })
}
