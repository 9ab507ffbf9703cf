//! Records on days: which days a calendar shows, where on them a record stands, how it is drawn.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use kontor_core::permissions::{Verb, allows};
use kontor_core::records::RecordPage;
use kontor_model::access::FieldRight;
use kontor_model::{EntityModel, FieldModel, Value};
use kontor_view::page::calendar::{CalendarPage, Day, Event};
use kontor_view::page::part::Tab;

use super::table::Wanted;
use super::week_rows::{self, Entry};
use super::{Reading, values};
use crate::extract::query::Query;
use crate::frame::address;

/// The input of an address that says which day is meant.
pub const DAY: &str = "_day";
/// The one that says how much is shown around it.
pub const SPAN: &str = "_span";
/// Records that a day of a month shows before it says how many more there are.
const OF_A_DAY: usize = 3;
/// Days that the agenda looks ahead.
const AHEAD: u64 = 30;

/// How much a calendar shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// A month, its weeks whole.
    Month,
    /// Monday to Sunday.
    Week,
    /// One day.
    Day,
    /// What comes, day by day.
    Agenda,
}

impl Span {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Month, "month"), (Self::Week, "week"), (Self::Day, "day"), (Self::Agenda, "agenda")];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(span, _)| *span == self).map_or("month", |(_, name)| name)
    }
}

/// The days that a page shows.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// How much.
    pub span: Span,
    /// The day that is meant.
    pub day: NaiveDate,
    /// The first day shown.
    pub first: NaiveDate,
    /// The last day shown.
    pub last: NaiveDate,
}

impl Period {
    /// What an address asks for: this month when it asks for nothing that can be read.
    pub fn read(query: &Query, today: NaiveDate) -> Self {
        let day = query.text(DAY).parse::<NaiveDate>().ok().filter(|day| (1..=9998).contains(&day.year()));
        let day = day.unwrap_or(today);
        let span = Span::ALL
            .iter()
            .find(|(_, name)| *name == query.text(SPAN))
            .map_or(Span::Month, |(span, _)| *span);
        let (first, last) = match span {
            Span::Month => {
                let first = day.with_day(1).unwrap_or(day);
                let next = first + Months::new(1);
                (monday(first), sunday(next - Days::new(1)))
            }
            Span::Week => (monday(day), sunday(day)),
            Span::Day => (day, day),
            Span::Agenda => (day, day + Days::new(AHEAD - 1)),
        };
        Self { span, day, first, last }
    }

    fn moved(self, forward: bool) -> NaiveDate {
        let day = self.day;
        let by = |days: u64| if forward { day + Days::new(days) } else { day - Days::new(days) };
        match (self.span, forward) {
            (Span::Month, true) => day.with_day(1).unwrap_or(day) + Months::new(1),
            (Span::Month, false) => day.with_day(1).unwrap_or(day) - Months::new(1),
            (Span::Week, _) => by(7),
            (Span::Day, _) => by(1),
            (Span::Agenda, _) => by(AHEAD),
        }
    }
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

fn sunday(day: NaiveDate) -> NaiveDate {
    day + Days::new(u64::from(6 - day.weekday().num_days_from_monday()))
}

/// The fields that a calendar is made of.
pub struct Fields<'a> {
    /// The kind of record.
    pub entity: &'a EntityModel,
    /// When it begins.
    pub start: &'a FieldModel,
    /// When it ends.
    pub end: Option<&'a FieldModel>,
    /// Whose options' colours are taken.
    pub color: Option<&'a FieldModel>,
    /// The colour of all of them, where there is none.
    pub tone: &'a str,
}

/// What stands on which day.
#[derive(Default)]
pub struct Placed {
    days: BTreeMap<NaiveDate, Vec<Entry>>,
    /// How many records there are.
    pub records: usize,
}

impl Placed {
    /// Puts the records of a page, asked for with `wanted`, onto the days of a period.
    pub fn add(
        &mut self,
        reading: &Reading<'_>,
        period: &Period,
        fields: &Fields<'_>,
        wanted: &Wanted,
        page: &RecordPage,
    ) {
        let entity = fields.entity;
        let can_move = allows(reading.session, entity, Verb::Update)
            && [Some(fields.start), fields.end]
                .into_iter()
                .flatten()
                .all(|field| values::right(reading, entity, field) == FieldRight::Edit && field.is_typed());
        let names: Vec<&str> = wanted.named().map(|(name, _)| name).collect();
        let place = |field: &FieldModel| names.iter().position(|name| *name == field.name);
        for row in &page.rows {
            let value = |field: &FieldModel| place(field).and_then(|index| row.values.get(index));
            let Some(start) = value(fields.start).and_then(|value| local_day(reading, value)) else {
                continue;
            };
            let end = fields
                .end
                .and_then(|field| value(field).and_then(|value| local_day(reading, value)))
                .map_or(start, |end| end.max(start));
            let cells = wanted.cells(reading, page, &row.values);
            let colored = fields.color.and_then(place).and_then(|index| cells.get(index));
            let own = [Some(fields.start), fields.end, fields.color];
            let notes = names
                .iter()
                .zip(&cells)
                .filter(|(name, cell)| {
                    !cell.text.is_empty() && !own.iter().flatten().any(|field| field.name == **name)
                })
                .map(|(_, cell)| cell.text.clone())
                .collect();
            let time = match value(fields.start) {
                Some(Value::DateTime(moment)) => reading.format.time(*moment),
                _ => String::new(),
            };
            let href = reading.record_href(&entity.name, row.id);
            let event = Event {
                title: wanted.title(reading, page, &row.values).unwrap_or_else(|| row.id.to_string()),
                move_action: if can_move { format!("{href}/days") } else { String::new() },
                href,
                time,
                tone: colored
                    .map(|cell| cell.tone.clone())
                    .filter(|tone| !tone.is_empty())
                    .unwrap_or_else(|| fields.tone.to_owned()),
                meaning: colored.map(|cell| cell.text.clone()).unwrap_or_default(),
                notes,
                gap: false,
                goes_on: false,
                start: fields.start.name.clone(),
                end: fields.end.map(|field| field.name.clone()).unwrap_or_default(),
                version: row.version.to_string(),
                day: start.to_string(),
            };
            self.records += 1;
            self.put(period, start, end, event);
        }
    }

    fn put(&mut self, period: &Period, start: NaiveDate, end: NaiveDate, event: Event) {
        let mut day = start.max(period.first);
        while day <= end.min(period.last) {
            let mut here = event.clone();
            here.goes_on = day > start;
            if here.goes_on {
                here.time.clear();
            }
            // What takes the whole day stands before what has an hour.
            let order = format!("{}\u{1}{}", here.time, here.title);
            self.days.entry(day).or_default().push(Entry { number: self.records, order, event: here });
            day = day + Days::new(1);
        }
    }
}

fn local_day(reading: &Reading<'_>, value: &Value) -> Option<NaiveDate> {
    match value {
        Value::Date(day) => Some(*day),
        Value::DateTime(moment) => Some(moment.with_timezone(&reading.format.zone).date_naive()),
        _ => None,
    }
}

/// Fills in what every calendar has: the time that is shown, its days, and the ways to other times. `new_href` gives the
/// address of a new record on a day.
pub fn fill(
    reading: &Reading<'_>,
    page: &mut CalendarPage,
    period: &Period,
    mut placed: Placed,
    own: &str,
    query: &Query,
    new_href: impl Fn(NaiveDate) -> String,
) {
    let format = &reading.format;
    let today = format.today();
    let to = |span: Span, day: NaiveDate| {
        let mut pairs = query.without(&[DAY, SPAN]);
        pairs.push((SPAN.to_owned(), span.name().to_owned()));
        pairs.push((DAY.to_owned(), day.to_string()));
        address::with_query(own, pairs)
    };
    period.span.name().clone_into(&mut page.span);
    page.spans = Span::ALL
        .into_iter()
        .map(|(span, name)| Tab {
            href: to(span, period.day),
            title: reading.t(&format!("calendar.{name}")),
            count: String::new(),
            current: span == period.span,
        })
        .collect();
    page.heading = match period.span {
        Span::Month => format.month(period.day),
        Span::Day => format.day_of_week(period.day),
        Span::Week | Span::Agenda => reading.words().with(
            "calendar.from_to",
            &[("from", &format.date_short(period.first)), ("to", &format.date(period.last))],
        ),
    };
    page.previous = to(period.span, period.moved(false));
    page.today = to(period.span, today);
    page.next = to(period.span, period.moved(true));
    page.weekdays = (1..=7).map(|number| format.weekday(number)).collect();
    page.count = reading.words().count("calendar.count", placed.records);
    page.here.clone_from(&reading.visit.here);
    let mut days = Vec::new();
    for (day, mut events) in by_days(period, &mut placed) {
        let mut hidden = 0;
        if period.span == Span::Month && events.len() > OF_A_DAY + 1 {
            hidden = events.iter().skip(OF_A_DAY).filter(|event| !event.gap).count();
            events.truncate(OF_A_DAY);
        }
        if period.span != Span::Agenda || !events.is_empty() || day == today {
            days.push(Day {
                number: day.day().to_string(),
                weekday: format.weekday(day.weekday().number_from_monday()),
                iso: day.to_string(),
                full: format.day_of_week(day),
                today: day == today,
                off: day.weekday().number_from_monday() > 5
                    || (period.span == Span::Month && day.month() != period.day.month()),
                events,
                more: if hidden > 0 { reading.words().count("calendar.more", hidden) } else { String::new() },
                href: to(Span::Day, day),
                new_href: new_href(day),
            });
        }
    }
    page.weeks =
        if period.span == Span::Month { days.chunks(7).map(<[Day]>::to_vec).collect() } else { vec![days] };
}

/// The days of a period with what stands on them: in weeks in rows, else in the order of the day.
fn by_days(period: &Period, placed: &mut Placed) -> Vec<(NaiveDate, Vec<Event>)> {
    let dates: Vec<NaiveDate> = period.first.iter_days().take_while(|day| *day <= period.last).collect();
    let mut of_day = |day: &NaiveDate| {
        let mut entries = placed.days.remove(day).unwrap_or_default();
        entries.sort_by(|left, right| left.order.cmp(&right.order));
        entries
    };
    let events: Vec<Vec<Event>> = if matches!(period.span, Span::Month | Span::Week) {
        dates.chunks(7).flat_map(|week| week_rows::of_week(week.iter().map(&mut of_day).collect())).collect()
    } else {
        let entries = dates.iter().map(of_day);
        entries.map(|day| day.into_iter().map(|entry| entry.event).collect()).collect()
    };
    dates.into_iter().zip(events).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_period_is_whole_weeks_of_its_month() {
        let today: NaiveDate = "2026-03-12".parse().unwrap();
        let of = |text: &str| Period::read(&Query(address::pairs(text.as_bytes())), today);
        let month = of("");
        assert_eq!(
            (month.first.to_string(), month.last.to_string()),
            ("2026-02-23".into(), "2026-04-05".into())
        );
        assert_eq!(month.moved(true).to_string(), "2026-04-01");
        assert_eq!(month.moved(false).to_string(), "2026-02-01");
        let week = of("_span=week&_day=2026-12-31");
        assert_eq!(
            (week.first.to_string(), week.last.to_string()),
            ("2026-12-28".into(), "2027-01-03".into())
        );
        assert_eq!(of("_span=day&_day=nonsense").first, today);
        assert_eq!(of("_span=nonsense&_day=9999999-01-01").span, Span::Month);
        assert_eq!(of("_span=agenda").last.to_string(), "2026-04-10");
        // The thirty-first of a month has no like in the next.
        assert_eq!(of("_day=2026-01-31").moved(true).to_string(), "2026-02-01");
    }
}
