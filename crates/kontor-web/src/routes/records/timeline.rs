//! The timeline of a view: the records that last in a week, a month or a quarter, group by group, page by page.

use std::sync::Arc;

use axum::response::Response;
use chrono::Days;
use chrono::NaiveDate;
use kontor_core::permissions::is_readable_path;
use kontor_core::records::{self, AggregateQuery, Count, Measure, MeasureFunction, PageRequest, Sort};
use kontor_model::filter::{FieldPath, Filter, Hop, Leaf, Operand, Operator};
use kontor_model::{EntityModel, FieldModel, Value};

use super::calendar::{edge, within};
use super::chosen::Chosen;
use crate::error::Failure;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::present::Reading;
use crate::present::table::Wanted;
use crate::present::timeline::{self, Axis};
use crate::visit::Reader;

/// Rows of a page when the view says nothing.
const USUAL_ROWS: u32 = 50;
/// Most rows of a page.
const MOST_ROWS: u32 = 200;

/// The page.
pub async fn show_timeline(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    chosen: &Chosen,
    query: &Query,
) -> Result<Response, Failure> {
    let session = reading.session;
    let axis = Axis::read(query, reading.format.today());
    let readable = |name: &Option<String>| {
        let name = name.as_deref()?;
        reading_list::path(session, entity, name).ok()?;
        entity.field(name)
    };
    let (start, end) =
        readable(&chosen.view.start).zip(readable(&chosen.view.end)).ok_or_else(Failure::not_found)?;
    let (by, color) = (readable(&chosen.view.by), readable(&chosen.view.color));
    let mut names: Vec<String> = Vec::new();
    let own = [Some(start), Some(end), by, color].into_iter().flatten().map(|field| &field.name);
    for name in own.chain(&chosen.view.card) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let wanted = Wanted::new(reading, entity, &names);
    let shown = within(entity, start, Some(end), (axis.first, axis.last), session.actor.zone);
    let request = PageRequest {
        columns: wanted.paths(),
        filter: chosen.filter.clone().and(shown),
        search: chosen.search.clone(),
        sort: order(reading, entity, chosen, query, start, by),
        limit: chosen.view.limit.unwrap_or(USUAL_ROWS).min(MOST_ROWS),
        after: query.get("after").map(str::to_owned).filter(|after| !after.is_empty()),
        count: Count::Capped,
        bin: false,
    };
    let page = records::page(session, entity, request).await?;
    let is_first = query.text("after").is_empty();
    let nearest = if page.rows.is_empty() && is_first {
        nearest(reading, entity, chosen, start, axis).await?
    } else {
        None
    };
    let parts = timeline::Parts {
        entity,
        chosen,
        query,
        axis,
        start,
        end,
        by,
        color,
        wanted: &wanted,
        page: &page,
        undated: if chosen.search.is_none() { undated(reading, entity, chosen, start).await? } else { 0 },
        nearest,
    };
    reader.draw().view(&timeline::page(reading, parts).await).await
}

/// Group by group, and in each as the view or the address says; else by when they begin.
fn order(
    reading: &Reading<'_>,
    entity: &EntityModel,
    chosen: &Chosen,
    query: &Query,
    start: &FieldModel,
    by: Option<&FieldModel>,
) -> Vec<Sort> {
    let rising = |path| Sort { path, descending: false };
    let mut sort: Vec<Sort> =
        by.map(|by| grouping(reading, entity, by)).into_iter().flatten().map(rising).collect();
    let is_said = !chosen.view.sort.is_empty() || !query.text("sort").is_empty();
    if is_said {
        sort.extend(chosen.sort.iter().cloned());
    } else {
        sort.push(rising(FieldPath::own(entity.name.clone(), start.index)));
    }
    sort
}

/// What brings the records of a group together: the title of what a link leads to, as far as the reader may see it, and
/// the link itself, because two may be called the same.
fn grouping(reading: &Reading<'_>, entity: &EntityModel, by: &FieldModel) -> Vec<FieldPath> {
    let own = FieldPath::own(entity.name.clone(), by.index);
    let target =
        by.targets.first().filter(|_| by.kind.is_link()).and_then(|name| reading.session.entity(name).ok());
    let Some(target) = target else { return vec![own] };
    let display = target.display_field();
    let hop = Hop { entity: entity.name.clone(), field: by.index, to: target.name.clone() };
    let title = FieldPath { hops: vec![hop], entity: target.name.clone(), field: display.index };
    if display.is_sortable() && is_readable_path(reading.session, &title) {
        vec![title, own]
    } else {
        vec![own]
    }
}

/// How many records of the view have no beginning, so that no line shows them.
async fn undated(
    reading: &Reading<'_>,
    entity: &EntityModel,
    chosen: &Chosen,
    start: &FieldModel,
) -> Result<usize, Failure> {
    let none = Filter::Leaf(Leaf {
        path: FieldPath::own(entity.name.clone(), start.index),
        operator: Operator::Empty,
        operand: Operand::Flag(true),
    });
    let count =
        Measure { function: MeasureFunction::Count, path: None, filter: Filter::True, name: "n".to_owned() };
    let query = AggregateQuery {
        entity: entity.name.clone(),
        measures: vec![count],
        filter: chosen.filter.clone().and(none),
        ..AggregateQuery::default()
    };
    let total = records::totals(reading.session, &query).await?.into_iter().next();
    let number = total.and_then(|total| total.values.first().and_then(Value::as_integer));
    Ok(number.and_then(|number| usize::try_from(number).ok()).unwrap_or(0))
}

/// The day of the last record before the axis; where there is none, of the first after it.
async fn nearest(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    chosen: &Chosen,
    start: &FieldModel,
    axis: Axis,
) -> Result<Option<NaiveDate>, Failure> {
    let zone = reading.session.actor.zone;
    let path = FieldPath::own(entity.name.clone(), start.index);
    for (operator, day, descending) in
        [(Operator::Lt, axis.first, true), (Operator::Gte, axis.last + Days::new(1), false)]
    {
        let side = Filter::Leaf(Leaf {
            path: path.clone(),
            operator,
            operand: Operand::One(edge(start, day, zone)),
        });
        let request = PageRequest {
            columns: vec![path.clone()],
            filter: chosen.filter.clone().and(side),
            search: chosen.search.clone(),
            sort: vec![Sort { path: path.clone(), descending }],
            limit: 1,
            count: Count::None,
            ..PageRequest::default()
        };
        let page = records::page(reading.session, entity, request).await?;
        let found = page.rows.first().and_then(|row| row.values.first()).and_then(|value| match value {
            Value::Date(day) => Some(*day),
            Value::DateTime(moment) => Some(moment.with_timezone(&zone).date_naive()),
            _ => None,
        });
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
