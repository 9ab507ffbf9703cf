//! Spans relative to a moment: `-3d`, `+1mo`, `2w`, `4wh`.

use std::fmt;

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

use super::period::{add_days, add_months};
use super::{FilterContext, Offset, PeriodUnit};
use crate::working_time::WorkingTime;

impl Offset {
    /// Reads `15m 4h 3d 2w 1mo 1y`, and working time `4wh 2wd`, with a sign or without.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1_i64, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let (number, unit) = rest.split_at(digits);
        if number.len() > 5 {
            return None;
        }
        let number = sign * number.parse::<i64>().ok()?;
        let months = i32::try_from(number).ok()?;
        Some(match unit {
            "m" => Self { minutes: number, ..Self::default() },
            "h" => Self { minutes: number * 60, ..Self::default() },
            "d" => Self { days: number, ..Self::default() },
            "w" => Self { days: number * 7, ..Self::default() },
            "mo" => Self { months, ..Self::default() },
            "y" => Self { months: months * 12, ..Self::default() },
            "wh" => Self { working_hours: number, ..Self::default() },
            "wd" => Self { working_days: number, ..Self::default() },
            _ => return None,
        })
    }

    /// So many calendar units.
    pub fn of_units(unit: PeriodUnit, count: u32) -> Self {
        let months = i32::try_from(count).unwrap_or(i32::MAX);
        match unit {
            PeriodUnit::Day => Self { days: i64::from(count), ..Self::default() },
            PeriodUnit::Week => Self { days: i64::from(count) * 7, ..Self::default() },
            PeriodUnit::Month => Self { months, ..Self::default() },
            PeriodUnit::Quarter | PeriodUnit::FiscalQuarter => {
                Self { months: months.saturating_mul(3), ..Self::default() }
            }
            PeriodUnit::Year | PeriodUnit::FiscalYear => {
                Self { months: months.saturating_mul(12), ..Self::default() }
            }
        }
    }

    /// The same span in the other direction.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            months: -self.months,
            days: -self.days,
            minutes: -self.minutes,
            working_days: -self.working_days,
            working_hours: -self.working_hours,
        }
    }

    /// Whether it leads into the past.
    pub fn is_backward(self) -> bool {
        (self.months < 0 || self.days < 0 || self.minutes < 0)
            || (self.working_days < 0 || self.working_hours < 0)
    }

    /// Whether it is counted in working time.
    pub fn is_working_time(self) -> bool {
        self.working_days != 0 || self.working_hours != 0
    }

    /// The moment moved: months and days on the clock of the zone, minutes exactly, working time on the clocks where
    /// people work. Working time that leads out of the calendar moves nothing.
    pub fn apply(self, moment: DateTime<Utc>, zone: Tz, working: &WorkingTime) -> DateTime<Utc> {
        if self.is_working_time() {
            let days = if self.working_days == 0 {
                Some(moment)
            } else {
                working.add_days_to(moment, self.working_days)
            };
            let moved =
                days.and_then(|moment| working.add_time(moment, Duration::try_hours(self.working_hours)?));
            return moved.unwrap_or(moment);
        }
        self.apply_plain(moment, zone)
    }

    fn apply_plain(self, moment: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let moved = if self.months == 0 && self.days == 0 {
            moment
        } else {
            let local = moment.with_timezone(&zone).naive_local();
            let moved = add_days(add_months(local.date(), self.months), self.days).and_time(local.time());
            // Where the clock skips an hour, the hour after it is meant.
            zone.from_local_datetime(&moved)
                .earliest()
                .or_else(|| zone.from_local_datetime(&(moved + Duration::hours(1))).earliest())
                .map_or(moment, |moved| moved.with_timezone(&Utc))
        };
        moved.checked_add_signed(Duration::minutes(self.minutes)).unwrap_or(moved)
    }

    /// The day so far from now, seen from the reader; of working days, counted from the reader's day.
    pub fn day(self, context: &FilterContext) -> NaiveDate {
        if self.working_days != 0 {
            let today = context.today();
            return context.working.add_days(today, self.working_days).unwrap_or(today);
        }
        let moment = self.apply(context.now, context.zone, &context.working);
        moment.with_timezone(&context.zone).date_naive()
    }
}

impl fmt::Display for Offset {
    /// The form that [`Offset::parse`] reads, with its sign: `+3d`. Only one of the parts is ever set by parsing.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.working_days != 0 {
            return write!(formatter, "{:+}wd", self.working_days);
        }
        if self.working_hours != 0 {
            return write!(formatter, "{:+}wh", self.working_hours);
        }
        if self.months != 0 {
            return if self.months % 12 == 0 {
                write!(formatter, "{:+}y", self.months / 12)
            } else {
                write!(formatter, "{:+}mo", self.months)
            };
        }
        if self.minutes != 0 {
            return if self.minutes % 60 == 0 {
                write!(formatter, "{:+}h", self.minutes / 60)
            } else {
                write!(formatter, "{:+}m", self.minutes)
            };
        }
        write!(formatter, "{:+}d", self.days)
    }
}
