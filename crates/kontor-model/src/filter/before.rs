//! The time with which a period is compared: the one right before it, or the same a year earlier.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::period::add_months;
use super::{FilterContext, Period, PeriodUnit};

/// With which time a period is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The period right before.
    #[default]
    Previous,
    /// The same period a year earlier.
    YearBefore,
}

impl Period {
    /// Whether there is a time before it to compare it with: it has a beginning and an end, and does not begin today.
    pub fn has_before(self) -> bool {
        matches!(self, Self::Unit(..) | Self::LastDays(_) | Self::ToDate(_) | Self::LastUnits(..))
    }

    /// Whether it is a unit that today is in, such as this month.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Unit(_, 0))
    }

    /// The first and the last day of the time with which the period is compared. With `so_far`, only as many days of it
    /// as have passed of a period that is not over. `None` where there is nothing to compare with.
    pub fn before(
        self,
        against: Against,
        so_far: bool,
        context: &FilterContext,
    ) -> Option<(NaiveDate, NaiveDate)> {
        if !self.has_before() {
            return None;
        }
        let own = self.range(context);
        let (first, last) = (own.first?, own.last?);
        let today = context.today();
        let whole = match against {
            Against::YearBefore => self.year_before(first, last)?,
            Against::Previous => self.right_before(first, last, context)?,
        };
        let is_cut = so_far && self.is_running() && today < last;
        if !is_cut {
            return Some(whole);
        }
        let passed = u64::try_from(today.signed_duration_since(first).num_days()).ok()?;
        let until = whole.0.checked_add_days(Days::new(passed))?;
        Some((whole.0, until.min(whole.1)))
    }

    fn year_before(self, first: NaiveDate, last: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let is_of_weeks = matches!(
            self,
            Self::Unit(PeriodUnit::Week, _)
                | Self::ToDate(PeriodUnit::Week)
                | Self::LastUnits(PeriodUnit::Week, _)
        );
        if is_of_weeks {
            // Weeks begin on Mondays in every year.
            let back = Days::new(364);
            return Some((first.checked_sub_days(back)?, last.checked_sub_days(back)?));
        }
        let year = Months::new(12);
        // The day after the last one is moved, so that February keeps its end in leap years.
        let end = last.succ_opt()?.checked_sub_months(year)?.pred_opt()?;
        Some((first.checked_sub_months(year)?, end))
    }

    fn right_before(
        self,
        first: NaiveDate,
        last: NaiveDate,
        context: &FilterContext,
    ) -> Option<(NaiveDate, NaiveDate)> {
        let spanned = |period: Self| {
            let range = period.range(context);
            Some((range.first?, range.last?))
        };
        let passed = u64::try_from(last.signed_duration_since(first).num_days()).ok()?;
        match self {
            Self::Unit(unit, shift) => spanned(Self::Unit(unit, shift.checked_sub(1)?)),
            Self::ToDate(unit) => {
                let (begin, end) = spanned(Self::Unit(unit, -1))?;
                Some((begin, begin.checked_add_days(Days::new(passed))?.min(end)))
            }
            Self::LastUnits(unit, count) => {
                // The whole units and the one that is not over, as many before them.
                let units = i32::try_from(count).ok()?.checked_add(1)?;
                let begin = match unit {
                    PeriodUnit::Day => first.checked_sub_days(Days::new(u64::from(count) + 1))?,
                    PeriodUnit::Week => first.checked_sub_days(Days::new(7 * (u64::from(count) + 1)))?,
                    PeriodUnit::Month => add_months(first, units.checked_neg()?),
                    PeriodUnit::Quarter | PeriodUnit::FiscalQuarter => {
                        add_months(first, units.checked_mul(-3)?)
                    }
                    PeriodUnit::Year | PeriodUnit::FiscalYear => add_months(first, units.checked_mul(-12)?),
                };
                Some((begin, begin.checked_add_days(Days::new(passed))?.min(first.pred_opt()?)))
            }
            _ => {
                let end = first.pred_opt()?;
                Some((end.checked_sub_days(Days::new(passed))?, end))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn before(word: &str, today: &str, against: Against, so_far: bool) -> Option<String> {
        let now = today.parse::<NaiveDate>().unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc();
        let context = FilterContext::at(now, chrono_tz::UTC);
        let (first, last) = Period::parse(word).unwrap().before(against, so_far, &context)?;
        Some(format!("{first} {last}"))
    }

    #[test]
    fn the_time_right_before() {
        for (word, today, so_far, wanted) in [
            ("this_month", "2026-03-31", false, "2026-02-01 2026-02-28"),
            ("this_month", "2026-03-31", true, "2026-02-01 2026-02-28"),
            ("this_month", "2026-03-10", true, "2026-02-01 2026-02-10"),
            ("last_month", "2026-03-10", true, "2026-01-01 2026-01-31"),
            ("this_quarter", "2026-02-10", true, "2025-10-01 2025-11-10"),
            ("this_year", "2026-02-10", false, "2025-01-01 2025-12-31"),
            ("today", "2026-01-01", true, "2025-12-31 2025-12-31"),
            ("last_n_days:7", "2026-01-10", false, "2025-12-28 2026-01-03"),
            ("year_to_date", "2026-02-10", false, "2025-01-01 2025-02-10"),
            ("month_to_date", "2026-03-31", false, "2026-02-01 2026-02-28"),
            ("last_n_months:2", "2026-06-10", false, "2026-01-01 2026-03-12"),
        ] {
            let found = before(word, today, Against::Previous, so_far);
            assert_eq!(found.as_deref(), Some(wanted), "{word} {today}");
        }
        for word in ["past", "future", "next_n_days:3", "older_than_days:3"] {
            assert_eq!(before(word, "2026-03-10", Against::Previous, false), None, "{word}");
        }
    }

    #[test]
    fn the_same_a_year_earlier() {
        for (word, today, so_far, wanted) in [
            ("this_month", "2025-02-10", false, "2024-02-01 2024-02-29"),
            ("this_month", "2024-02-29", false, "2023-02-01 2023-02-28"),
            ("this_month", "2025-02-10", true, "2024-02-01 2024-02-10"),
            ("this_week", "2026-03-11", false, "2025-03-10 2025-03-16"),
            ("year_to_date", "2026-02-10", false, "2025-01-01 2025-02-10"),
        ] {
            let found = before(word, today, Against::YearBefore, so_far);
            assert_eq!(found.as_deref(), Some(wanted), "{word} {today}");
        }
    }
}
