//! Times of the clock as cron writes them: minute, hour, day of the month, month, day of the week, in a zone. Where both
//! days are said, either will do. A time that the clocks skip is the moment after the gap; one that comes twice counts
//! once, unless every hour is meant.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: BTreeSet<u32>,
    hours: BTreeSet<u32>,
    days: BTreeSet<u32>,
    months: BTreeSet<u32>,
    weekdays: BTreeSet<u32>,
    every_hour: bool,
    every_day: bool,
    every_weekday: bool,
}

/// A schedule that comes at all comes within so many days: 29 February, on a certain weekday.
const LONGEST: u64 = 366 * 41;
/// Clocks are put forward by no more than this many quarters of an hour.
const GAP: i64 = 16;

impl Cron {
    /// Reads five fields: `*`, numbers, ranges, lists, steps; Sunday is 0 or 7. `None` when they are no schedule.
    pub fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
        let weekdays = values(weekday, 0, 7)?.into_iter().map(|day| day % 7).collect();
        let hours = values(hour, 0, 23)?;
        Some(Self {
            minutes: values(minute, 0, 59)?,
            days: values(day, 1, 31)?,
            months: values(month, 1, 12)?,
            weekdays,
            every_hour: hours.len() == 24,
            hours,
            every_day: day.starts_with('*'),
            every_weekday: weekday.starts_with('*'),
        })
    }

    /// The first time after a moment; `None` for a day that no year has.
    pub fn after(&self, moment: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        // A time that the clocks skipped at the end of a day may be due on the next.
        let first = moment.with_timezone(&zone).date_naive() - Days::new(1);
        (0..LONGEST)
            .filter_map(|ahead| first.checked_add_days(Days::new(ahead)))
            .filter(|day| self.is_on(*day))
            .find_map(|day| self.times(day, zone).into_iter().find(|time| *time > moment))
    }

    fn is_on(&self, day: NaiveDate) -> bool {
        let of_month = self.days.contains(&day.day());
        let of_week = self.weekdays.contains(&day.weekday().num_days_from_sunday());
        let fits = match (self.every_day, self.every_weekday) {
            (false, false) => of_month || of_week,
            _ => of_month && of_week,
        };
        fits && self.months.contains(&day.month())
    }

    /// The times of a day, in their order.
    fn times(&self, day: NaiveDate, zone: Tz) -> BTreeSet<DateTime<Utc>> {
        let mut times = BTreeSet::new();
        for hour in &self.hours {
            for minute in &self.minutes {
                let Some(local) = day.and_hms_opt(*hour, *minute, 0) else { continue };
                match zone.from_local_datetime(&local) {
                    LocalResult::Single(time) => drop(times.insert(time.to_utc())),
                    LocalResult::Ambiguous(first, second) => {
                        times.insert(first.to_utc());
                        if self.every_hour {
                            times.insert(second.to_utc());
                        }
                    }
                    // What is meant every hour is not made up for.
                    LocalResult::None if self.every_hour => {}
                    LocalResult::None => times.extend(behind_gap(local, zone)),
                }
            }
        }
        times
    }
}

/// The moment at which the clocks go on that skip a time.
fn behind_gap(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let minute = i64::from(chrono::Timelike::minute(&local) % 15);
    let begin = local - Duration::minutes(minute);
    (1..=GAP).find_map(|quarter| {
        zone.from_local_datetime(&(begin + Duration::minutes(15 * quarter)))
            .earliest()
            .map(|time| time.to_utc())
    })
}

fn values(field: &str, least: u32, most: u32) -> Option<BTreeSet<u32>> {
    let mut all = BTreeSet::new();
    for part in field.split(',') {
        let (span, step) = part.split_once('/').map_or((part, None), |(span, step)| (span, Some(step)));
        let number = |text: &str| {
            let is_plain =
                !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = if is_plain { text.parse::<u32>().ok() } else { None };
            number.filter(|number| (least..=most).contains(number))
        };
        let (from, to) = match span.split_once('-') {
            _ if span == "*" => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            None => (number(span)?, if step.is_some() { most } else { number(span)? }),
        };
        let step = match step {
            None => 1,
            Some(step) => step.parse::<usize>().ok().filter(|step| (1..=60).contains(step))?,
        };
        if from > to {
            return None;
        }
        all.extend((from..=to).step_by(step));
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn check(cron: &str, zone: Tz, from: &str, expected: &[&str]) {
        let schedule = Cron::parse(cron).unwrap();
        let mut moment: DateTime<Utc> = from.parse().unwrap();
        for next in expected {
            moment = schedule.after(moment, zone).unwrap();
            assert_eq!(moment, next.parse::<DateTime<Utc>>().unwrap(), "{cron} in {zone}");
        }
    }

    #[test]
    fn times_come_in_their_order() {
        check(
            "0 8 * * 1-5",
            Tz::UTC,
            "2026-11-20T08:00:00Z",
            &["2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"],
        );
        check(
            "*/20 9-10 * * *",
            Tz::UTC,
            "2026-11-20T09:30:00Z",
            &["2026-11-20T09:40:00Z", "2026-11-20T10:00:00Z", "2026-11-20T10:20:00Z"],
        );
        check(
            "30 6 1 */3 *",
            Tz::UTC,
            "2026-11-20T00:00:00Z",
            &["2027-01-01T06:30:00Z", "2027-04-01T06:30:00Z"],
        );
        // Either day will do, and Sunday is 7, too.
        check(
            "0 0 13 * 7",
            Tz::UTC,
            "2026-11-09T00:00:00Z",
            &["2026-11-13T00:00:00Z", "2026-11-15T00:00:00Z"],
        );
        check("0 0 29 2 *", Tz::UTC, "2026-03-01T00:00:00Z", &["2028-02-29T00:00:00Z"]);
        check("0 9 * * *", Tz::Asia__Shanghai, "2026-11-20T00:00:00Z", &["2026-11-20T01:00:00Z"]);
        assert_eq!(Cron::parse("0 0 31 2 *").unwrap().after(Utc::now(), Tz::UTC), None);
    }

    #[test]
    fn clocks_that_are_changed_lose_and_repeat_nothing() {
        let berlin = Tz::Europe__Berlin;
        // 02:30 of 29 March 2026 is skipped: 03:00 summer time is 01:00 UTC.
        check(
            "30 2 * * *",
            berlin,
            "2026-03-28T12:00:00Z",
            &["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
        );
        // 02:30 of 25 October 2026 comes twice.
        check(
            "30 2 * * *",
            berlin,
            "2026-10-24T12:00:00Z",
            &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        );
        check(
            "30 * * * *",
            berlin,
            "2026-10-25T00:00:00Z",
            &["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"],
        );
        // However it is written that every hour is meant.
        for every in ["30 */1 * * *", "30 0-23 * * *", "*/30 0-11,12-23 * * *"] {
            let schedule = Cron::parse(every).unwrap();
            let second: DateTime<Utc> = "2026-10-25T01:30:00Z".parse().unwrap();
            assert_eq!(schedule.after(second - Duration::minutes(20), berlin), Some(second), "{every}");
        }
        check("0 * * * *", berlin, "2026-03-29T00:30:00Z", &["2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"]);
        // Midnight of 6 September 2026 does not exist in Santiago.
        check("0 0 * * *", Tz::America__Santiago, "2026-09-05T12:00:00Z", &["2026-09-06T04:00:00Z"]);
    }

    #[test]
    fn what_is_no_schedule_is_none() {
        for text in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *",
            "a * * * *",
            "1,,2 * * * *",
            "+1 * * * *",
            "* * * * * *",
            "-1 * * * *",
        ] {
            assert_eq!(Cron::parse(text), None, "{text}");
        }
    }
}
