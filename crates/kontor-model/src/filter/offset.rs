//! Spans relative to a moment: `-3d`, `+1mo`, `2w`.

use std::fmt;

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

use super::period::{add_days, add_months};
use super::{Offset, PeriodUnit};

impl Offset {
    /// Reads `15m 4h 3d 2w 1mo 1y`, with a sign or without. Working time (`wh`, `wd`) needs a calendar and is `None`.
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
        Self { months: -self.months, days: -self.days, minutes: -self.minutes }
    }

    /// The moment moved: months and days on the clock of the zone, minutes exactly.
    pub fn apply(self, moment: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let moved = if self.months == 0 && self.days == 0 {
            moment
        } else {
            let local = moment.with_timezone(&zone).naive_local();
            let moved = self.apply_to_day(local.date()).and_time(local.time());
            // Where the clock skips an hour, the hour after it is meant.
            zone.from_local_datetime(&moved)
                .earliest()
                .or_else(|| zone.from_local_datetime(&(moved + Duration::hours(1))).earliest())
                .map_or(moment, |moved| moved.with_timezone(&Utc))
        };
        moved.checked_add_signed(Duration::minutes(self.minutes)).unwrap_or(moved)
    }

    /// The day moved by the months and days, and by the whole days in the minutes.
    pub fn apply_to_day(self, day: NaiveDate) -> NaiveDate {
        add_days(add_months(day, self.months), self.days + self.minutes / (24 * 60))
    }
}

impl fmt::Display for Offset {
    /// The form that [`Offset::parse`] reads, with its sign: `+3d`. Only one of the parts is ever set by parsing.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
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
