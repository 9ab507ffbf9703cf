//! The axis of a timeline: which days it shows, where on it a moment stands, which marks it has. Knows neither records
//! nor words.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use crate::extract::query::Query;
use crate::present::calendar::{DAY, SPAN};

/// The whole width of an axis: hundredths of a percent.
const WHOLE: i64 = 10_000;
/// The least width of a bar: what takes no time at all is seen, too.
const LEAST: i64 = 80;

/// How much a timeline shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// Three months.
    Quarter,
}

impl Scale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Week, Self::Month, Self::Quarter];

    /// The name in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
        }
    }
}

/// The days that a page shows.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// How much.
    pub scale: Scale,
    /// The day that is meant.
    pub day: NaiveDate,
    /// The first day shown.
    pub first: NaiveDate,
    /// The last day shown.
    pub last: NaiveDate,
}

/// Where something stands on an axis, in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Where it begins.
    pub x: i64,
    /// How wide it is.
    pub width: i64,
    /// Whether it began before the axis does.
    pub before: bool,
    /// Whether it goes on after it.
    pub after: bool,
}

impl Axis {
    /// What an address asks for: this month when it asks for nothing that can be read.
    pub fn read(query: &Query, today: NaiveDate) -> Self {
        let day = query.text(DAY).parse::<NaiveDate>().ok().filter(|day| (2..=9997).contains(&day.year()));
        let scale = Scale::ALL.into_iter().find(|scale| scale.name() == query.text(SPAN));
        Self::around(scale.unwrap_or(Scale::Month), day.unwrap_or(today))
    }

    fn around(scale: Scale, day: NaiveDate) -> Self {
        let month = day.with_day(1).unwrap_or(day);
        let (first, last) = match scale {
            Scale::Week => {
                let first = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
                (first, first + Days::new(6))
            }
            Scale::Month => (month, month + Months::new(1) - Days::new(1)),
            Scale::Quarter => {
                let first = month - Months::new(month.month0() % 3);
                (first, first + Months::new(3) - Days::new(1))
            }
        };
        Self { scale, day, first, last }
    }

    /// The day that is meant right before, or after.
    pub fn moved(self, forward: bool) -> NaiveDate {
        match (self.scale, forward) {
            (Scale::Week, true) => self.first + Days::new(7),
            (Scale::Week, false) => self.first - Days::new(7),
            (Scale::Month, true) => self.first + Months::new(1),
            (Scale::Month, false) => self.first - Months::new(1),
            (Scale::Quarter, true) => self.first + Months::new(3),
            (Scale::Quarter, false) => self.first - Months::new(3),
        }
    }

    fn begin(self) -> NaiveDateTime {
        self.first.and_time(NaiveTime::MIN)
    }

    fn end(self) -> NaiveDateTime {
        (self.last + Days::new(1)).and_time(NaiveTime::MIN)
    }

    /// Where a moment stands, from 0 to 10,000; what lies outside stands at the nearer end.
    pub fn place(self, moment: NaiveDateTime) -> i64 {
        let whole = (self.end() - self.begin()).num_seconds().max(1);
        let passed = (moment.clamp(self.begin(), self.end()) - self.begin()).num_seconds();
        passed * WHOLE / whole
    }

    /// Where today stands, if it is shown.
    pub fn now(self, now: NaiveDateTime) -> Option<i64> {
        (now >= self.begin() && now < self.end()).then(|| self.place(now))
    }

    /// The bar of what lasts from one moment to another.
    pub fn bar(self, start: NaiveDateTime, end: NaiveDateTime) -> Bar {
        let end = end.max(start);
        let left = self.place(start);
        let width = (self.place(end) - left).max(LEAST);
        Bar { x: left.min(WHOLE - width), width, before: start < self.begin(), after: end > self.end() }
    }

    /// The days that are written over the axis: all of a week, the Mondays of a month and its first, the months of a
    /// quarter.
    pub fn ticks(self) -> Vec<NaiveDate> {
        self.days()
            .filter(|day| match self.scale {
                Scale::Week => true,
                // A Monday right after the first would be written over it, one at the end beyond the edge.
                Scale::Month => {
                    let has_room = day.day() > 4 && (self.last - *day).num_days() > 1;
                    day.day() == 1 || (day.weekday() == Weekday::Mon && has_room)
                }
                Scale::Quarter => day.day() == 1,
            })
            .collect()
    }

    /// The days at which a thin line stands: those of a week, and weeks elsewhere.
    pub fn rules(self) -> Vec<NaiveDate> {
        self.days().filter(|day| self.scale == Scale::Week || day.weekday() == Weekday::Mon).collect()
    }

    /// The days off that are shaded; a quarter has too many.
    pub fn days_off(self) -> Vec<NaiveDate> {
        let is_off = |day: &NaiveDate| day.weekday().number_from_monday() > 5;
        if self.scale == Scale::Quarter { Vec::new() } else { self.days().filter(is_off).collect() }
    }

    /// How wide a day is.
    pub fn of_a_day(self) -> i64 {
        WHOLE / (self.last - self.first).num_days().saturating_add(1).max(1)
    }

    fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.first.iter_days().take_while(move |day| *day <= self.last)
    }
}

/// A place as an attribute of SVG: 12.5%.
pub fn percent(place: i64) -> String {
    format!("{}.{:02}%", place / 100, place % 100)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::frame::address;

    fn of(text: &str) -> Axis {
        Axis::read(&Query(address::pairs(text.as_bytes())), "2026-03-12".parse().unwrap())
    }

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn an_axis_is_a_whole_week_month_or_quarter() {
        let days = |text: &str| (of(text).first.to_string(), of(text).last.to_string());
        let said = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(days(""), said("2026-03-01", "2026-03-31"));
        assert_eq!(days("_span=week&_day=2026-12-31"), said("2026-12-28", "2027-01-03"));
        assert_eq!(days("_span=quarter&_day=2024-02-29"), said("2024-01-01", "2024-03-31"));
        assert_eq!(days("_span=agenda&_day=99999-01-01"), said("2026-03-01", "2026-03-31"));
        for text in ["_day=0001-01-01", "_span=quarter&_day=9999-12-31", "_day=-5-1-1"] {
            assert_eq!(of(text).day.to_string(), "2026-03-12", "{text}");
        }
        for text in ["_day=2026-01-31", "_span=quarter&_day=2026-05-31", "_span=week"] {
            let axis = of(text);
            assert_eq!(Axis::around(axis.scale, axis.moved(true)).first, axis.last + Days::new(1), "{text}");
            assert_eq!(Axis::around(axis.scale, axis.moved(false)).last, axis.first - Days::new(1), "{text}");
        }
    }

    #[test]
    fn bars_stand_where_their_days_are() {
        let week = of("_span=week");
        let bar = week.bar(at("2026-03-10T00:00:00"), at("2026-03-12T00:00:00"));
        assert_eq!(bar, Bar { x: 1428, width: 2857, before: false, after: false });
        // What began before and goes on after takes the whole, and says both.
        let long = week.bar(at("2020-01-01T00:00:00"), at("2030-01-01T00:00:00"));
        assert_eq!(long, Bar { x: 0, width: WHOLE, before: true, after: true });
        // What ends before it begins stands where it begins; what takes no time is seen, at the end too.
        let wrong = week.bar(at("2026-03-10T00:00:00"), at("2026-03-01T00:00:00"));
        assert_eq!((wrong.x, wrong.width, wrong.before), (1428, LEAST, false));
        let last = week.bar(at("2026-03-15T23:59:59"), at("2026-03-15T23:59:59"));
        assert_eq!((last.x + last.width, last.after), (WHOLE, false));
        // The end of the last day is not after it.
        assert!(!week.bar(at("2026-03-15T00:00:00"), at("2026-03-16T00:00:00")).after);
        for scale in ["week", "month", "quarter"] {
            for number in 0..400_u64 {
                let axis = of(&format!("_span={scale}"));
                let start = at("2025-09-01T07:30:00") + Days::new(number);
                let bar = axis.bar(start, start + Days::new(number % 7));
                assert!(bar.x >= 0 && bar.width >= LEAST && bar.x + bar.width <= WHOLE, "{scale} {start}");
            }
        }
    }

    #[test]
    fn marks_have_room() {
        assert_eq!(of("_span=week").ticks().len(), 7);
        for month in 1..=12 {
            let axis = of(&format!("_day=2026-{month:02}-10"));
            let ticks = axis.ticks();
            assert!((4..=5).contains(&ticks.len()), "{ticks:?}");
            assert!(ticks.windows(2).all(|pair| (pair[1] - pair[0]).num_days() >= 4), "{ticks:?}");
        }
        assert_eq!(of("_span=quarter").ticks().len(), 3);
        assert!(of("_span=quarter").days_off().is_empty());
        assert_eq!(of("").days_off().len(), 9);
        assert_eq!(of("").now(at("2026-04-01T00:00:00")), None);
        assert_eq!(of("").now(at("2026-03-01T00:00:00")), Some(0));
        assert_eq!(percent(1428), "14.28%");
        assert_eq!(percent(5), "0.05%");
    }
}
