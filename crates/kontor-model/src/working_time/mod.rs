//! Working time: the hours of each weekday in a zone, without holidays. Days and hours are counted and added here for
//! spans such as `-2wd` and for the functions of formulas.

mod hours;
mod moments;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::entity::{FieldModel, Source};

pub use hours::{Span, WEEKDAYS, WorkingHours};

/// The entity whose records are holidays.
pub const HOLIDAYS: &str = "holiday";

/// The names of its fields.
pub mod holidays {
    /// The first day.
    pub const FIRST: &str = "day";
    /// The last day, where there is more than one.
    pub const LAST: &str = "last_day";
}

/// The longest holiday, in days: a rule of the entity holds people to it.
pub const LONGEST_HOLIDAY: i64 = 366;
/// The last day of the calendar, counted from 1 January of the year 1.
const LAST_DAY: i32 = 3_652_059;

/// When a workspace works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingTime {
    /// Whose clocks the hours are read from.
    pub zone: Tz,
    hours: WorkingHours,
    /// Days of weekdays that are worked on otherwise, in order.
    holidays: Vec<NaiveDate>,
}

impl Default for WorkingTime {
    fn default() -> Self {
        Self::new(Tz::UTC, WorkingHours::default(), &[])
    }
}

impl WorkingTime {
    /// Working time with these holidays: the first and the last day of each.
    pub fn new(zone: Tz, hours: WorkingHours, holidays: &[(NaiveDate, NaiveDate)]) -> Self {
        let mut days: Vec<NaiveDate> = holidays
            .iter()
            .flat_map(|(first, last)| {
                let count = ((*last - *first).num_days() + 1).clamp(0, LONGEST_HOLIDAY);
                first.iter_days().take(usize::try_from(count).unwrap_or(0))
            })
            .filter(|day| hours.works_on(day.weekday()))
            .collect();
        days.sort_unstable();
        days.dedup();
        Self { zone, hours, holidays: days }
    }

    /// The hours of the week.
    pub fn hours(&self) -> &WorkingHours {
        &self.hours
    }

    /// Whether people work on a day.
    pub fn works_on(&self, day: NaiveDate) -> bool {
        self.hours.works_on(day.weekday()) && self.holidays.binary_search(&day).is_err()
    }

    /// How many working days lie after `from`, up to and with `to`; less than none when `to` comes first.
    pub fn days_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        self.days_until(to) - self.days_until(from)
    }

    /// The day so many working days later, or earlier: always a working day, but for no days at all. None outside of
    /// the calendar, and where nobody ever works.
    pub fn add_days(&self, day: NaiveDate, count: i64) -> Option<NaiveDate> {
        let wanted = match count {
            0 => return Some(day),
            1.. => self.days_until(day).checked_add(count)?,
            // The working day itself is not gone yet when one goes back from it.
            _ => self.days_until(day.pred_opt()?).checked_add(count)?.checked_add(1)?,
        };
        if wanted < 1 {
            return None;
        }
        // The first day by which so many have passed.
        let (mut low, mut high) = (1, LAST_DAY + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.days_until(NaiveDate::from_num_days_from_ce_opt(middle)?) < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low > LAST_DAY { None } else { NaiveDate::from_num_days_from_ce_opt(low) }
    }

    /// The working days from the beginning of the calendar up to and with a day. The year 1 begins with a Monday.
    fn days_until(&self, day: NaiveDate) -> i64 {
        let passed = i64::from(day.num_days_from_ce().max(0));
        let of_weeks = passed / 7 * self.hours.days();
        let of_rest = self.hours.days_in_first(passed % 7);
        let free = self.holidays.partition_point(|holiday| *holiday <= day);
        of_weeks + of_rest - i64::try_from(free).unwrap_or(i64::MAX)
    }
}

impl FieldModel {
    /// Whether its value follows the workspace's working hours and holidays.
    pub fn reads_working_time(&self) -> bool {
        match &self.source {
            Source::Formula(formula) => formula.reads_working_time(),
            Source::Rollup(rollup) => rollup.filter.reads_working_time(),
            Source::Typed | Source::Converted(_) | Source::Copy(..) | Source::Kept => false,
        }
    }
}

#[cfg(test)]
mod tests;
