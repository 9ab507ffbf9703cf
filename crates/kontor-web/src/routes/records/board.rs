//! The board of a view: a lane per option, the first cards of each, sums over all.

use std::sync::Arc;

use axum::response::Response;
use kontor_core::Session;
use kontor_core::permissions::Verb;
use kontor_core::records::{
    self, AggregateQuery, Count, Currency, Group, Measure, MeasureFunction, PageRequest, Titles,
};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{EntityModel, FieldModel, Value};
use uuid::Uuid;

use super::chosen::Chosen;
use crate::error::Failure;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::present::table::Wanted;
use crate::present::{Reading, board, moves, values};
use crate::visit::Reader;

/// Cards of a lane when the view says nothing.
const USUAL_CARDS: u32 = 8;
/// Most cards of a lane.
const MOST_CARDS: u32 = 50;
/// Most lanes of a board.
const MOST_LANES: usize = 24;

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
    let (columns, beside) = columns(reading, entity, &wanted, by);
    let totals = lane_totals(reading, entity, chosen, &path, sum.as_ref()).await?;
    let mut lanes = Vec::new();
    let folded: Vec<&str> = query.text(board::FOLDED).split(',').filter(|value| !value.is_empty()).collect();
    let titles = if by.kind.is_link() { titles(session, by, &totals).await? } else { Titles::new() };
    let mut left_over = 0;
    for (value, is_retired) in lane_values(by, &totals) {
        let total = totals.iter().find(|(key, ..)| *key == value);
        // An option that is no longer offered, and records without one, have a lane only while there are such records.
        if is_retired && total.is_none() {
            continue;
        }
        if lanes.len() >= MOST_LANES && value.is_some() {
            left_over += 1;
            continue;
        }
        let is_folded = folded.contains(&value.as_deref().unwrap_or(board::NO_VALUE));
        let request = PageRequest {
            columns: columns.clone(),
            filter: chosen.filter.clone().and(lane_filter(&path, by, value.as_deref())),
            search: chosen.search.clone(),
            sort: chosen.sort.clone(),
            limit: chosen.view.limit.unwrap_or(USUAL_CARDS).min(MOST_CARDS),
            after: None,
            count: Count::None,
            bin: false,
        };
        let page = if !is_folded && (total.is_some() || chosen.search.is_some()) {
            Some(records::page(session, entity, request).await?)
        } else {
            None
        };
        lanes.push(board::LaneParts {
            value,
            count: total.map_or(0, |(_, count, _)| *count),
            sum: total.and_then(|(_, _, sum)| sum.clone()).unwrap_or((Value::Empty, Currency::None)),
            page,
            folded: is_folded,
        });
    }
    let shown = lanes.iter().filter_map(|lane| lane.page.as_ref()).flat_map(|page| &page.rows);
    let shown: Vec<Uuid> = shown.map(|row| row.id).collect();
    let late = records::stages::late_among(session, entity, by, &shown).await?;
    let open = records::reached(session, entity, &shown, Verb::Update).await?;
    let parts = board::Parts {
        late: &late,
        open: &open,
        beside: &beside,
        entity,
        chosen,
        by,
        sum: chosen.view.sum.as_deref(),
        wanted: &wanted,
        lanes: &lanes,
        titles: &titles,
        left_over,
        query,
    };
    let drawn = board::page(reading, parts).await;
    reader.draw().view(&drawn).await
}

/// What is read of the cards; where moves depend on other fields of a record, those too, with their places.
fn columns(
    reading: &Reading<'_>,
    entity: &EntityModel,
    wanted: &Wanted,
    by: &FieldModel,
) -> (Vec<FieldPath>, Vec<(usize, usize)>) {
    let mut columns = wanted.paths();
    let mut beside = Vec::new();
    for index in moves::read_by(reading, entity, &by.name) {
        let Some(field) = entity.fields.get(index) else { continue };
        if values::is_readable(reading, entity, field) && !field.kind.is_list() {
            beside.push((index, columns.len()));
            columns.push(FieldPath::own(entity.name.clone(), index));
        }
    }
    (columns, beside)
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
            let key = row.next().and_then(|value| match value {
                Value::Id(id) => Some(id.to_string()),
                value => value.as_text().map(str::to_owned),
            });
            let count = row
                .next()
                .and_then(|value| value.as_integer())
                .and_then(|count| u64::try_from(count).ok())
                .unwrap_or(0);
            (key, count, row.next().map(|sum| (sum, currency)))
        })
        .collect())
}

/// The lanes in their order, each with whether it is left out while it is empty: the options of a choice as they are defined,
/// what links lead to by how many records it holds; records without a value last.
fn lane_values(by: &FieldModel, totals: &[LaneTotal]) -> Vec<(Option<String>, bool)> {
    let mut lanes: Vec<(Option<String>, bool)> = if by.kind.is_link() {
        let mut found: Vec<_> = totals.iter().filter(|(key, ..)| key.is_some()).collect();
        found.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        found.into_iter().map(|(key, ..)| (key.clone(), false)).collect()
    } else {
        by.definition.one_of.iter().map(|option| (Some(option.value.clone()), option.retired)).collect()
    };
    lanes.push((None, true));
    lanes
}

/// The titles of what the lanes of a link lead to, as far as the reader may see it.
async fn titles(session: &Session, by: &FieldModel, totals: &[LaneTotal]) -> Result<Titles, Failure> {
    let mut titles = Titles::new();
    let Some(target) = by.targets.first().and_then(|name| session.entity(name).ok()) else {
        return Ok(titles);
    };
    let ids: Vec<Value> =
        totals.iter().filter_map(|(key, ..)| Uuid::parse_str(key.as_deref()?).ok()).map(Value::Id).collect();
    let own = |index| FieldPath::own(target.name.clone(), index);
    let display = target.display_field();
    if !kontor_core::permissions::is_readable_path(session, &own(display.index)) {
        return Ok(titles);
    }
    // A filter names a hundred values at most: more lanes than that are not shown anyway.
    for ids in ids.chunks(100).take(5) {
        let request = PageRequest {
            columns: vec![own(display.index)],
            filter: Filter::Leaf(Leaf {
                path: own(system::ID),
                operator: Operator::In,
                operand: Operand::Many(ids.to_vec()),
            }),
            limit: 100,
            ..PageRequest::default()
        };
        for row in records::page(session, &target, request).await?.rows {
            if let Some(value) = row.values.first() {
                titles.insert(row.id, display.kind.to_text(display, value, session.actor.zone));
            }
        }
    }
    Ok(titles)
}

fn lane_filter(path: &FieldPath, by: &FieldModel, value: Option<&str>) -> Filter {
    let (operator, operand) = match value {
        Some(value) if by.kind.is_link() => {
            (Operator::Eq, Operand::One(Uuid::parse_str(value).map(Value::Id).unwrap_or_default()))
        }
        Some(value) => (Operator::Eq, Operand::One(Value::text(value))),
        None => (Operator::Empty, Operand::Flag(true)),
    };
    Filter::Leaf(Leaf { path: path.clone(), operator, operand })
}
