//! Which days and moments a span has moved into the time that is looked at.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use kontor_model::filter::{Offset, day_start};
use kontor_model::working_time::{LONGEST_HOLIDAY, WorkingTime};

/// A span that is moved back is not exact where months have different lengths.
const SLACK: i64 = 12;
/// Nobody is older.
const OLDEST: i32 = 130;
/// What a server that stood still for longer has missed of days stays missed.
const MOST_DAYS: i64 = 31;

/// A span, and the time that is looked at: behind the one moment, up to and with the other.
pub struct Due<'a> {
    /// How far from a moment something is due.
    pub at: Offset,
    /// Up to when it has been looked before.
    pub since: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
    /// The clocks of the workspace.
    pub zone: Tz,
    /// When people work.
    pub working: &'a WorkingTime,
}

impl Due<'_> {
    /// Whether a moment moved by the span falls into the time that is looked at.
    pub fn is_met(&self, moment: DateTime<Utc>) -> bool {
        let due = self.moved(moment);
        due > self.from() && due <= self.now
    }

    /// The days that are due now, as records name them.
    pub fn days(&self) -> Vec<NaiveDate> {
        let (first, last) = self.bounds();
        let days = first.iter_days().take_while(|day| *day <= last);
        days.filter(|day| self.is_met(day_start(*day, self.zone))).collect()
    }

    /// The day on which a day that a record names is due in the time that is looked at; of every year the one of these.
    pub fn day_of(&self, named: NaiveDate, every_year: bool) -> Option<NaiveDate> {
        let day = if every_year {
            self.days().into_iter().find(|day| Self::of_years(&[*day]).contains(&named))?
        } else {
            named
        };
        Some(self.moved(day_start(day, self.zone)).with_timezone(&self.zone).date_naive())
    }

    /// Between which moments those lie that may be due.
    pub fn moments(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let (first, last) = self.bounds();
        (day_start(first, self.zone), day_start(last, self.zone) + Duration::days(1))
    }

    /// The same days of earlier years; whoever was born on 29 February has their day on the 28th of other years.
    pub fn of_years(days: &[NaiveDate]) -> BTreeSet<NaiveDate> {
        let mut all = BTreeSet::new();
        for day in days {
            for year in (day.year() - OLDEST)..=day.year() {
                all.extend(NaiveDate::from_ymd_opt(year, day.month(), day.day()));
                let is_short = NaiveDate::from_ymd_opt(day.year(), 2, 29).is_none();
                if is_short && (day.month(), day.day()) == (2, 28) {
                    all.extend(NaiveDate::from_ymd_opt(year, 2, 29));
                }
            }
        }
        all
    }

    fn from(&self) -> DateTime<Utc> {
        self.since.max(self.now - Duration::days(MOST_DAYS))
    }

    fn moved(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        self.at.apply(moment, self.zone, self.working)
    }

    /// The first and the last day that may be due. A whole closing is moved onto one working day, so in working time one
    /// goes on for as long as days still lead there.
    fn bounds(&self) -> (NaiveDate, NaiveDate) {
        let back = |moment: DateTime<Utc>| {
            let moment = self.at.reversed().apply(moment, self.zone, self.working);
            moment.with_timezone(&self.zone).date_naive()
        };
        let (day, slack) = (Duration::days(1), Duration::days(SLACK));
        let (mut first, mut last) = (back(self.from()) - slack, back(self.now) + slack);
        let leads_to = |day: NaiveDate| self.moved(day_start(day, self.zone));
        for _ in 0..=LONGEST_HOLIDAY {
            if leads_to(first) < self.from() - day * 2 {
                break;
            }
            first -= day;
        }
        for _ in 0..=LONGEST_HOLIDAY {
            if leads_to(last) > self.now + day * 2 {
                break;
            }
            last += day;
        }
        (first, last)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use kontor_model::working_time::WorkingHours;

    use super::*;

    /// Berlin, nine to five, closed from Christmas Eve to Epiphany.
    fn closed() -> WorkingTime {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        WorkingTime::new(
            Tz::Europe__Berlin,
            WorkingHours::default(),
            &[(day("2026-12-24"), day("2027-01-06"))],
        )
    }

    fn days(at: &str, since: &str, now: &str) -> Vec<String> {
        let working = closed();
        let moment = |text: &str| text.parse().unwrap();
        let at = Offset::parse(at).unwrap();
        let due =
            Due { at, since: moment(since), now: moment(now), zone: Tz::Europe__Berlin, working: &working };
        let (from, to) = due.moments();
        let days = due.days();
        assert!(days.iter().all(|day| (from..=to).contains(&day_start(*day, Tz::Europe__Berlin))));
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_days_of_a_closing_are_due_on_the_working_day_beside_it() {
        let christmas: Vec<String> = (23..=31)
            .map(|day| format!("2026-12-{day}"))
            .chain((1..=6).map(|day| format!("2027-01-0{day}")))
            .collect();
        assert_eq!(days("+1wd", "2027-01-06T22:59:00Z", "2027-01-06T23:01:00Z"), christmas);
        let before: Vec<String> = (24..=31)
            .map(|day| format!("2026-12-{day}"))
            .chain((1..=7).map(|day| format!("2027-01-0{day}")))
            .collect();
        assert_eq!(days("-1wd", "2026-12-22T22:59:00Z", "2026-12-22T23:01:00Z"), before);
        // An hour of work after it began: the closing and the day after it.
        let hour = days("+1wh", "2027-01-07T08:59:00Z", "2027-01-07T09:01:00Z");
        assert_eq!((hour.first().unwrap().as_str(), hour.len()), ("2026-12-24", 15));
        assert_eq!(days("-2d", "2026-12-22T22:59:00Z", "2026-12-22T23:01:00Z"), ["2026-12-25"]);
        // What was missed of months: all days that lead into the time.
        assert_eq!(
            days("+1mo", "2027-02-27T22:00:00Z", "2027-02-27T23:01:00Z"),
            ["2027-01-28", "2027-01-29", "2027-01-30", "2027-01-31"]
        );
    }
}
