//! Periods relative to today, and the days and moments they span.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::{FilterContext, Offset, Period, PeriodUnit};

/// What a period spans. A bound that is `None` is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodRange {
    /// The first day, included.
    pub first: Option<NaiveDate>,
    /// The last day, included.
    pub last: Option<NaiveDate>,
    /// The first moment, included.
    pub from: Option<DateTime<Utc>>,
    /// The first moment after it, excluded.
    pub until: Option<DateTime<Utc>>,
}

/// Words of periods, for who wrote another.
pub const PERIODS: &str = "today, yesterday, tomorrow, past, future, this_month, last_quarter, next_year, last_n_days:30, \
                           next_n_weeks:2, older_than_days:90, year_to_date, this_fiscal_year, last_fiscal_quarter";

impl Period {
    /// What the period spans, seen by a reader at a moment. Dates use `first` and `last`, datetimes `from` and `until`.
    ///
    /// `past`, `future` and `older_than` end at the very moment for datetimes, and before or after today for dates.
    pub fn range(self, context: &FilterContext) -> PeriodRange {
        let (now, zone) = (context.now, context.zone);
        let unit_of =
            |day: NaiveDate, unit: PeriodUnit, shift: i32| unit_of(day, unit, shift, context.fiscal_start);
        let today = context.today();
        let span = |first: NaiveDate, last: NaiveDate| PeriodRange {
            first: Some(first),
            last: Some(last),
            from: Some(day_start(first, zone)),
            until: Some(day_start(next(last), zone)),
        };
        match self {
            Self::Past => {
                PeriodRange { first: None, last: Some(previous(today)), from: None, until: Some(now) }
            }
            Self::Future => PeriodRange {
                first: Some(next(today)),
                last: None,
                // The stored precision is a millisecond, so this is the first moment after now.
                from: Some(now + chrono::Duration::milliseconds(1)),
                until: None,
            },
            Self::Unit(unit, shift) => {
                let (first, last) = unit_of(today, unit, shift);
                span(first, last)
            }
            Self::LastDays(days) => {
                span(today.checked_sub_days(Days::new(u64::from(days.max(1)) - 1)).unwrap_or(today), today)
            }
            Self::NextDays(days) => {
                span(today, today.checked_add_days(Days::new(u64::from(days.max(1)) - 1)).unwrap_or(today))
            }
            Self::LastUnits(unit, count) => span(unit_of(today, unit, -signed(count)).0, today),
            Self::NextUnits(unit, count) => span(today, unit_of(today, unit, signed(count)).1),
            Self::OlderThan(offset) => {
                let back = offset.reversed();
                PeriodRange {
                    first: None,
                    last: Some(previous(back.day(context))),
                    from: None,
                    until: Some(back.apply(now, zone, &context.working)),
                }
            }
            Self::ToDate(unit) => span(unit_of(today, unit, 0).0, today),
        }
    }

    /// Reads a word such as `this_quarter`, `last_n_days:30`, `older_than_days:90` or `year_to_date`.
    pub fn parse(word: &str) -> Option<Self> {
        let period = match word {
            "today" => Self::Unit(PeriodUnit::Day, 0),
            "yesterday" => Self::Unit(PeriodUnit::Day, -1),
            "tomorrow" => Self::Unit(PeriodUnit::Day, 1),
            "past" => Self::Past,
            "future" => Self::Future,
            _ => return Self::parse_compound(word),
        };
        Some(period)
    }

    fn parse_compound(word: &str) -> Option<Self> {
        if let Some(unit) = word.strip_suffix("_to_date") {
            return Some(Self::ToDate(PeriodUnit::parse(unit)?));
        }
        if let Some((head, number)) = word.split_once(':') {
            if let Some(rest) = head.strip_prefix("older_than_") {
                let unit = rest.strip_prefix("n_").unwrap_or(rest);
                let number = number.parse::<u32>().ok().filter(|number| *number > 0 && *number <= 9_999)?;
                return Some(Self::OlderThan(Offset::of_units(
                    PeriodUnit::parse(unit.strip_suffix('s')?)?,
                    number,
                )));
            }
            let count = number.parse::<u32>().ok().filter(|count| *count > 0 && *count <= 9_999)?;
            let (backward, units) = match head.strip_prefix("last_n_") {
                Some(units) => (true, units),
                None => (false, head.strip_prefix("next_n_")?),
            };
            return Some(match (PeriodUnit::parse(units.strip_suffix('s')?)?, backward) {
                (PeriodUnit::Day, true) => Self::LastDays(count),
                (PeriodUnit::Day, false) => Self::NextDays(count),
                (unit, true) => Self::LastUnits(unit, count),
                (unit, false) => Self::NextUnits(unit, count),
            });
        }
        if let Some(offset) = word.strip_prefix("older_than_") {
            let offset = Offset::parse(offset)?;
            return (!offset.is_backward()).then_some(Self::OlderThan(offset));
        }
        let (shift, unit) = match word.split_once('_')? {
            ("this", unit) => (0, unit),
            ("last", unit) => (-1, unit),
            ("next", unit) => (1, unit),
            _ => return None,
        };
        Some(Self::Unit(PeriodUnit::parse(unit)?, shift))
    }

    /// The word that [`Period::parse`] reads back.
    pub fn word(self) -> String {
        match self {
            Self::Past => "past".into(),
            Self::Future => "future".into(),
            Self::Unit(PeriodUnit::Day, 0) => "today".into(),
            Self::Unit(PeriodUnit::Day, -1) => "yesterday".into(),
            Self::Unit(PeriodUnit::Day, 1) => "tomorrow".into(),
            Self::Unit(unit, shift) => {
                let side = match shift {
                    0 => "this",
                    shift if shift < 0 => "last",
                    _ => "next",
                };
                format!("{side}_{}", unit.as_str())
            }
            Self::LastDays(days) => format!("last_n_days:{days}"),
            Self::NextDays(days) => format!("next_n_days:{days}"),
            Self::LastUnits(unit, count) => format!("last_n_{}s:{count}", unit.as_str()),
            Self::NextUnits(unit, count) => format!("next_n_{}s:{count}", unit.as_str()),
            Self::OlderThan(offset) => format!("older_than_{}", offset.to_string().trim_start_matches('+')),
            Self::ToDate(unit) => format!("{}_to_date", unit.as_str()),
        }
    }
}

impl PeriodUnit {
    /// The unit's word: `month`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::FiscalQuarter => "fiscal_quarter",
            Self::FiscalYear => "fiscal_year",
        }
    }

    /// The unit of that word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Day,
            Self::Week,
            Self::Month,
            Self::Quarter,
            Self::Year,
            Self::FiscalQuarter,
            Self::FiscalYear,
        ];
        all.into_iter().find(|unit| unit.as_str() == word)
    }

    /// The first and the last day of the unit that holds `day`.
    pub fn around(self, day: NaiveDate) -> (NaiveDate, NaiveDate) {
        unit_of(day, self, 0, 1)
    }
}

/// The first moment of a day in a zone. A day whose midnight is skipped begins when its clocks resume.
pub fn day_start(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    if let Some(start) = zone.from_local_datetime(&midnight).earliest() {
        return start.with_timezone(&Utc);
    }
    let later = midnight + chrono::Duration::hours(1);
    zone.from_local_datetime(&later)
        .earliest()
        .map_or_else(|| midnight.and_utc(), |start| start.with_timezone(&Utc))
}

fn unit_of(day: NaiveDate, unit: PeriodUnit, shift: i32, fiscal_start: u32) -> (NaiveDate, NaiveDate) {
    let months = |first: NaiveDate, count: i32| {
        let start = add_months(first, count.saturating_mul(shift));
        (start, previous(add_months(start, count)))
    };
    let first_of_month = day.with_day(1).unwrap_or(day);
    match unit {
        PeriodUnit::Day => {
            let day = add_days(day, i64::from(shift));
            (day, day)
        }
        PeriodUnit::Week => {
            let monday =
                add_days(day, i64::from(shift) * 7 - i64::from(day.weekday().num_days_from_monday()));
            (monday, add_days(monday, 6))
        }
        PeriodUnit::Month => months(first_of_month, 1),
        PeriodUnit::Quarter => {
            let month = (first_of_month.month0() / 3) * 3 + 1;
            months(first_of_month.with_month(month).unwrap_or(first_of_month), 3)
        }
        PeriodUnit::Year => months(first_of_month.with_month(1).unwrap_or(first_of_month), 12),
        PeriodUnit::FiscalQuarter | PeriodUnit::FiscalYear => {
            let length = if unit == PeriodUnit::FiscalYear { 12 } else { 3 };
            // Months since the last beginning of a year or quarter.
            let since = (first_of_month.month0() + 12 - (fiscal_start.clamp(1, 12) - 1)) % length;
            let first = add_months(first_of_month, -signed(since));
            months(first, signed(length))
        }
    }
}

/// `day` moved by calendar months; the last day of the month stands in for one that does not exist.
pub(super) fn add_months(day: NaiveDate, months: i32) -> NaiveDate {
    let count = Months::new(months.unsigned_abs());
    if months < 0 { day.checked_sub_months(count) } else { day.checked_add_months(count) }.unwrap_or(day)
}

pub(super) fn add_days(day: NaiveDate, days: i64) -> NaiveDate {
    let count = Days::new(days.unsigned_abs());
    if days < 0 { day.checked_sub_days(count) } else { day.checked_add_days(count) }.unwrap_or(day)
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

fn previous(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}

fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
