//! The calendar of a view; and `POST r/{entity}/{id}/days`: a record moves to another day.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use kontor_core::Error;
use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{self, Count, Incoming, PageRequest, Save, Sort};
use kontor_model::definition::view::ViewDefinition;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::formula::Type;
use kontor_model::{EntityModel, FieldModel, Problem, Problems, Value};
use kontor_view::page::calendar::CalendarPage;
use kontor_view::page::part::Notice;

use super::chosen::Chosen;
use super::{RecordPath, form};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::calendar::{self, Fields, Period, Placed};
use crate::present::table::Wanted;
use crate::present::{Reading, address as listing, filters, flash, list};
use crate::visit::Reader;

/// Most records of one calendar on one page.
const MOST: u32 = 500;

/// The page.
pub async fn show_calendar(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    chosen: &Chosen,
    query: &Query,
) -> Result<Response, Failure> {
    let period = Period::read(query, reading.format.today());
    let mut placed = Placed::default();
    let filter = chosen.filter.clone();
    let is_all =
        add(reading, &period, entity, &chosen.view, filter, chosen.search.clone(), "t-accent", &mut placed)
            .await?;
    let own = reading.list_href(&entity.name);
    let new_href =
        if allows(reading.session, entity, Verb::Create) { format!("{own}/new") } else { String::new() };
    let mut page = CalendarPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        tabs: list::tabs(reading, &chosen.views, &chosen.view, &own),
        notices: list::notices(chosen),
        menu: crate::present::view_menu::menu(reading, entity, chosen, query),
        layouts: list::layouts(&chosen.views, &chosen.view, &own),
        new_href: new_href.clone(),
        customise: list::customise(reading, entity, &chosen.view),
        filter: filters::bar(reading, entity, query, &own, &Problems::new()).await,
        ..CalendarPage::default()
    };
    if !is_all {
        page.notices.push(too_many(reading));
    }
    let start = chosen.view.start.clone().unwrap_or_default();
    let kept = Query(listing::kept(query));
    calendar::fill(reading, &mut page, &period, placed, &own, &kept, |day| {
        new_on(reading, entity, &new_href, &start, day)
    });
    reader.draw().view(&page).await
}

/// Where a new record on a day is begun: a moment begins at nine.
fn new_on(
    reading: &Reading<'_>,
    entity: &EntityModel,
    new_href: &str,
    start: &str,
    day: NaiveDate,
) -> String {
    let Some(field) = entity.field(start).filter(|_| !new_href.is_empty()) else { return String::new() };
    let is_moment = field.kind.formula_type() == Type::DateTime;
    let text = if is_moment { format!("{day}T09:00") } else { day.to_string() };
    address::with_query(new_href, [(start, text.as_str()), ("_then", reading.visit.here.as_str())])
}

/// What is said when not everything fits.
pub fn too_many(reading: &Reading<'_>) -> Notice {
    let limit = reading.format.count(u64::from(MOST));
    Notice {
        tone: "t-amber".to_owned(),
        title: reading.words().with("calendar.too_many", &[("limit", &limit)]),
        lines: Vec::new(),
    }
}

/// Puts the records of a calendar view onto their days; `false` when there were too many for one page.
#[expect(clippy::too_many_arguments, reason = "each is a thing of its own")]
pub async fn add(
    reading: &Reading<'_>,
    period: &Period,
    entity: &Arc<EntityModel>,
    view: &ViewDefinition,
    filter: Filter,
    search: Option<String>,
    tone: &str,
    placed: &mut Placed,
) -> Result<bool, Failure> {
    let session = reading.session;
    let readable = |name: &Option<String>| {
        let name = name.as_deref()?;
        reading_list::path(session, entity, name).ok()?;
        entity.field(name)
    };
    let start = readable(&view.start).ok_or_else(Failure::not_found)?;
    let fields = Fields { entity, start, end: readable(&view.end), color: readable(&view.color), tone };
    let mut names: Vec<String> = [Some(start), fields.end, fields.color]
        .into_iter()
        .flatten()
        .map(|field| field.name.clone())
        .collect();
    names.extend(view.card.iter().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
    let wanted = Wanted::new(reading, entity, &names);
    let zone = session.actor.zone;
    let request = PageRequest {
        columns: wanted.paths(),
        filter: filter.and(within(entity, start, fields.end, (period.first, period.last), zone)),
        search,
        sort: vec![Sort { path: FieldPath::own(entity.name.clone(), start.index), descending: false }],
        limit: MOST,
        count: Count::None,
        ..PageRequest::default()
    };
    let page = records::page(session, entity, request).await?;
    placed.add(reading, period, &fields, &wanted, &page);
    Ok(page.next.is_none())
}

/// Records that begin between two days, or began before and still last then.
pub(super) fn within(
    entity: &EntityModel,
    start: &FieldModel,
    end: Option<&FieldModel>,
    (first, last): (NaiveDate, NaiveDate),
    zone: Tz,
) -> Filter {
    let leaf = |field: &FieldModel, operator, day| {
        Filter::Leaf(Leaf {
            path: FieldPath::own(entity.name.clone(), field.index),
            operator,
            operand: Operand::One(edge(field, day, zone)),
        })
    };
    let after = last + Days::new(1);
    let begins = Filter::All(vec![leaf(start, Operator::Gte, first), leaf(start, Operator::Lt, after)]);
    match end {
        None => begins,
        Some(end) => {
            let lasts = Filter::All(vec![leaf(start, Operator::Lt, after), leaf(end, Operator::Gte, first)]);
            Filter::Any(vec![begins, lasts])
        }
    }
}

/// The beginning of a day, as the field holds it.
pub(super) fn edge(field: &FieldModel, day: NaiveDate, zone: Tz) -> Value {
    if field.kind.formula_type() == Type::Date {
        return Value::Date(day);
    }
    Value::DateTime(moment(day.and_time(NaiveTime::MIN), zone))
}

/// A local time as a moment; one that a change of clocks leaves out is the first after it.
fn moment(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let found = zone.from_local_datetime(&local).earliest();
    let later = || zone.from_local_datetime(&(local + chrono::Duration::hours(1))).earliest();
    found.or_else(later).map_or_else(|| local.and_utc(), |moment| moment.with_timezone(&Utc))
}

/// Moves a record to the day `to`: it keeps its hour, and what it lasts.
pub async fn move_to_day(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let view = records::get(&reader.session, &entity, id).await?;
    let reading = reader.reading();
    let next = address::own_path_or(sent.text("next"), &reading.record_href(&entity.name, id)).to_owned();
    let is_day = |field: &&FieldModel| field.kind.is_temporal() && field.is_typed();
    let start = entity.field(sent.text("start")).filter(is_day).ok_or_else(Failure::not_found)?;
    let zone = reader.session.actor.zone;
    let mut typed =
        vec![("version".to_owned(), view.record.version().to_string()), ("_then".to_owned(), next.clone())];
    let Ok(to) = sent.text("to").parse::<NaiveDate>() else {
        let problem = Problem::at_field("not_a_date", &start.name).into();
        return form::come_back(&reader, &entity, Some(&view), &Form(typed), problem).await;
    };
    let Some(from) = local(view.record.at(start.index), zone) else { return Err(Failure::not_found()) };
    let by = to - from.date();
    let mut values = Vec::new();
    let end = entity.field(sent.text("end")).filter(is_day).filter(|end| end.index != start.index);
    for field in [Some(start), end].into_iter().flatten() {
        let Some(old) = local(view.record.at(field.index), zone) else { continue };
        let Some(new) = old.checked_add_signed(by) else { continue };
        let value = match field.kind.name() {
            "date" => Value::Date(new.date()),
            _ => Value::DateTime(moment(new, zone)),
        };
        typed.push((field.name.clone(), field.kind.to_text(field, &value, zone)));
        values.push((field.name.clone(), Incoming::Json(field.kind.to_json(field, &value))));
    }
    let save = Save {
        entity: Arc::clone(&entity),
        id: Some(id),
        expected_version: sent.text("version").parse().ok(),
        values,
        form: None,
    };
    match records::save(&reader.session, save).await {
        Ok(saved) => {
            let said = flash::done(
                "record.moved",
                &[("record", &saved.record.title(&reader.session)), ("stage", &reading.format.date(to))],
            );
            Ok(reader.go_saying(&next, &said))
        }
        Err(Error::Problems(problems)) => {
            form::come_back(&reader, &entity, Some(&view), &Form(typed), problems).await
        }
        Err(error) => Err(error.into()),
    }
}

fn local(value: &Value, zone: Tz) -> Option<NaiveDateTime> {
    match value {
        Value::Date(day) => Some(day.and_time(NaiveTime::MIN)),
        Value::DateTime(moment) => Some(moment.with_timezone(&zone).naive_local()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_time_that_clocks_leave_out_is_the_next() {
        let zone = chrono_tz::Europe::Berlin;
        let at = |text: &str| moment(text.parse().unwrap(), zone).to_rfc3339();
        assert_eq!(at("2026-03-29T02:30:00"), "2026-03-29T01:30:00+00:00");
        assert_eq!(at("2026-03-12T09:00:00"), "2026-03-12T08:00:00+00:00");
    }
}
