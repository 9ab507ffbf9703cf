//! Records as bars on an axis of time.

mod axis;

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};
use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{PageRow, RecordPage};
use kontor_model::{EntityModel, FieldModel, Problems, Value};
use kontor_view::page::part::{Link, Pager, Tab};
use kontor_view::page::timeline::{Bar, Group, Mark, Row, TimelinePage};

pub use axis::{Axis, Scale};

use super::table::Wanted;
use super::{Reading, address as listing, calendar, filters, list};
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::timeline::axis::percent;
use crate::routes::records::chosen::Chosen;

/// What the page is made of.
pub struct Parts<'a> {
    /// The kind of record.
    pub entity: &'a Arc<EntityModel>,
    /// The view and its filter.
    pub chosen: &'a Chosen,
    /// The address.
    pub query: &'a Query,
    /// The days shown.
    pub axis: Axis,
    /// When a record begins.
    pub start: &'a FieldModel,
    /// When it ends.
    pub end: &'a FieldModel,
    /// What groups them.
    pub by: Option<&'a FieldModel>,
    /// Whose options' colours are taken.
    pub color: Option<&'a FieldModel>,
    /// What was asked for.
    pub wanted: &'a Wanted,
    /// The records, group by group.
    pub page: &'a RecordPage,
    /// How many records of the view have no beginning.
    pub undated: usize,
    /// The nearest day at which there is something, where nothing is shown.
    pub nearest: Option<NaiveDate>,
}

/// The page.
pub async fn page(reading: &Reading<'_>, parts: Parts<'_>) -> TimelinePage {
    let Parts { entity, chosen, query, axis, page, .. } = parts;
    let format = &reading.format;
    let href = reading.list_href(&entity.name);
    let kept = Query(listing::kept(query));
    let to = |scale: Scale, day: NaiveDate| {
        let mut pairs = kept.without(&[calendar::DAY, calendar::SPAN]);
        pairs.push((calendar::SPAN.to_owned(), scale.name().to_owned()));
        pairs.push((calendar::DAY.to_owned(), day.to_string()));
        address::with_query(&href, pairs)
    };
    let filter = filters::bar(reading, entity, query, &href, &Problems::new()).await;
    let (next, previous) = listing::pages(&href, query, page.next.as_deref(), page.rows.len());
    TimelinePage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        tabs: list::tabs(reading, &chosen.views, &chosen.view, &href),
        notices: list::notices(chosen),
        menu: super::view_menu::menu(reading, entity, chosen, query),
        layouts: list::layouts(&chosen.views, &chosen.view, &href),
        new_href: new_href(reading, entity, &href),
        customise: list::customise(reading, entity, &chosen.view),
        export_href: list::export_href(reading, entity, query),
        export_title: list::export_title(
            reading,
            &crate::routes::records::list::wanted(reading, entity, &chosen.view),
        ),
        heading: match axis.scale {
            Scale::Month => format.month(axis.day),
            Scale::Quarter => format.period(axis.first, "quarter"),
            Scale::Week => reading.words().with(
                "calendar.from_to",
                &[("from", &format.date_short(axis.first)), ("to", &format.date(axis.last))],
            ),
        },
        spans: Scale::ALL
            .into_iter()
            .map(|scale| Tab {
                href: to(scale, axis.day),
                title: reading.t(&format!("timeline.{}", scale.name())),
                count: String::new(),
                current: scale == axis.scale,
            })
            .collect(),
        previous: to(axis.scale, axis.moved(false)),
        today: to(axis.scale, format.today()),
        next: to(axis.scale, axis.moved(true)),
        marks: marks(reading, axis),
        rules: axis.rules().into_iter().map(|day| percent(axis.place(midnight(day)))).collect(),
        days_off: axis.days_off().into_iter().map(|day| percent(axis.place(midnight(day)))).collect(),
        day_width: percent(axis.of_a_day()),
        now: axis.now(format.now.with_timezone(&format.zone).naive_local()).map(percent).unwrap_or_default(),
        groups: groups(reading, &parts),
        pager: Pager { range: list::range(reading, query, page), previous, next },
        undated: undated(reading, &parts, &href),
        nearest: parts.nearest.map(|day| {
            let title = reading.words().with("timeline.nearest", &[("day", &format.date(day))]);
            Link::new(to(axis.scale, day), title, "arrow-right")
        }),
        is_filtered: !filter.clear_href.is_empty() || chosen.view.filter.is_some(),
        filter,
    }
}

fn new_href(reading: &Reading<'_>, entity: &EntityModel, href: &str) -> String {
    if allows(reading.session, entity, Verb::Create) { format!("{href}/new") } else { String::new() }
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

fn marks(reading: &Reading<'_>, axis: Axis) -> Vec<Mark> {
    let format = &reading.format;
    axis.ticks()
        .into_iter()
        .map(|day| Mark {
            x: percent(axis.place(midnight(day))),
            title: match axis.scale {
                Scale::Week => {
                    format!("{} {}", format.weekday(day.weekday().number_from_monday()), day.day())
                }
                Scale::Month => format.day_of_month(day),
                Scale::Quarter => format.month(day),
            },
            today: axis.scale == Scale::Week && day == format.today(),
        })
        .collect()
}

/// The records that the line cannot show, in the table that can.
fn undated(reading: &Reading<'_>, parts: &Parts<'_>, href: &str) -> Option<Link> {
    if parts.undated == 0 {
        return None;
    }
    let is_whole = |view: &&kontor_model::definition::view::ViewDefinition| {
        view.view_type == kontor_model::definition::view::ViewType::List && view.filter.is_none()
    };
    let mut pairs = Query(listing::kept(parts.query)).without(&[calendar::DAY, calendar::SPAN, "view"]);
    pairs.extend(parts.chosen.views.iter().find(is_whole).map(|view| ("view".to_owned(), view.name.clone())));
    let own = parts.chosen.view.filter.iter();
    pairs.extend(own.flat_map(|own| listing::pairs_of(&reading.session.model, parts.entity, own)));
    pairs.push((format!("{}[empty]", parts.start.name), "true".to_owned()));
    let title = reading.words().count("timeline.undated", parts.undated);
    Some(Link::new(address::with_query(href, pairs), title, ""))
}

/// The records in their order; each time the value of the grouping field changes, a group begins.
fn groups(reading: &Reading<'_>, parts: &Parts<'_>) -> Vec<Group> {
    let names: Vec<&str> = parts.wanted.named().map(|(name, _)| name).collect();
    let place = |field: &FieldModel| names.iter().position(|name| *name == field.name);
    let by = parts.by.and_then(place);
    let mut groups: Vec<Group> = Vec::new();
    let mut present: Option<Value> = None;
    for row in &parts.page.rows {
        let cells = parts.wanted.cells(reading, parts.page, &row.values);
        let value = by.and_then(|index| row.values.get(index)).cloned().unwrap_or_default();
        if present.as_ref() != Some(&value) {
            let cell = by.and_then(|index| cells.get(index)).cloned().unwrap_or_default();
            groups.push(Group {
                title: match (by, value.is_empty(), cell.text.is_empty()) {
                    (None, ..) => String::new(),
                    (Some(_), true, _) => reading.t("board.no_value"),
                    // The reader sees the record, but not what it links to.
                    (Some(_), false, true) => reading.t("value.hidden"),
                    (Some(_), false, false) => cell.text,
                },
                tone: cell.tone,
                rows: Vec::new(),
            });
            present = Some(value);
        }
        let value = |field: &FieldModel| place(field).and_then(|index| row.values.get(index));
        let Some(start) = value(parts.start).and_then(|value| begin(reading, value)) else { continue };
        let until = value(parts.end).filter(|value| !value.is_empty());
        let end = until.or_else(|| value(parts.start)).and_then(|value| ended(reading, value));
        let bar = parts.axis.bar(start, end.unwrap_or(start));
        let text = |field: &FieldModel| {
            place(field).and_then(|index| cells.get(index)).map(|cell| cell.text.clone()).unwrap_or_default()
        };
        let colored = parts.color.and_then(place).and_then(|index| cells.get(index));
        let own = [Some(parts.start), Some(parts.end), parts.by, parts.color];
        let notes = names
            .iter()
            .zip(&cells)
            .filter(|(name, cell)| {
                !cell.text.is_empty() && !own.iter().flatten().any(|field| field.name == **name)
            })
            .map(|(_, cell)| cell.text.clone())
            .collect();
        let drawn = Row {
            title: title(reading, parts, row),
            href: reading.record_href(&parts.entity.name, row.id),
            time: match until {
                Some(_) => reading
                    .words()
                    .with("calendar.from_to", &[("from", &text(parts.start)), ("to", &text(parts.end))]),
                None => reading.words().with("timeline.no_end", &[("from", &text(parts.start))]),
            },
            meaning: colored.map(|cell| cell.text.clone()).unwrap_or_default(),
            notes,
            bar: Bar {
                x: percent(bar.x),
                width: percent(bar.width),
                tone: colored
                    .map(|cell| cell.tone.clone())
                    .filter(|tone| !tone.is_empty())
                    .unwrap_or_else(|| "t-accent".to_owned()),
                before: bar.before,
                after: bar.after,
            },
        };
        if let Some(group) = groups.last_mut() {
            group.rows.push(drawn);
        }
    }
    groups
}

fn title(reading: &Reading<'_>, parts: &Parts<'_>, row: &PageRow) -> String {
    parts.wanted.title(reading, parts.page, &row.values).unwrap_or_else(|| row.id.to_string())
}

/// When something begins, by the reader's clock.
fn begin(reading: &Reading<'_>, value: &Value) -> Option<NaiveDateTime> {
    match value {
        Value::Date(day) => Some(midnight(*day)),
        Value::DateTime(moment) => Some(moment.with_timezone(&reading.format.zone).naive_local()),
        _ => None,
    }
}

/// When it ends: a day lasts until the next one begins.
fn ended(reading: &Reading<'_>, value: &Value) -> Option<NaiveDateTime> {
    match value {
        Value::Date(day) => day.checked_add_days(Days::new(1)).map(midnight),
        _ => begin(reading, value),
    }
}
