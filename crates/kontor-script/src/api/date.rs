//! Days and moments: the module `date`, operators, properties and methods.
//! Months are calendar months: a day that the month does not have becomes its last.

use chrono::{Datelike, Days, Months, NaiveDate, TimeDelta, Timelike};
use kontor_model::Decimal;
use rhai::{Dynamic, FuncRegistration, Module, NativeCallContext};

use super::builder::add;
use crate::convert::{describe, midnight, moment_to_text};
use crate::run::Run;
use crate::types::{Answer, Date, Fault, Moment};

/// The functions `date::…`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    register_making(&mut module);
    register_calendar(&mut module);
    module.set_doc("Days and moments.");
    module
}

fn register_making(m: &mut Module) {
    add(
        m,
        "today",
        &["Date"],
        "The day where the caller is.",
        |context: NativeCallContext| -> Answer<Date> {
            let run = Run::of(&context)?;
            Ok(run.context.now.with_timezone(&run.context.zone).date_naive())
        },
    );
    add(m, "now", &["DateTime"], "The present moment.", |context: NativeCallContext| -> Answer<Moment> {
        Ok(Run::of(&context)?.context.now)
    });
    add(
        m,
        "of",
        &["year: int", "month: int", "day: int", "Date"],
        "A day.",
        |context: NativeCallContext, year: i64, month: i64, day: i64| {
            Run::mark(&context)?;
            of(year, month, day)
        },
    );
    add(
        m,
        "parse",
        &["text: String", "Date"],
        "The day written as 2025-01-31.",
        |context: NativeCallContext, text: &str| -> Answer<Date> {
            Run::mark(&context)?;
            text.trim().parse().map_err(|_| Fault::error(format!("\"{text}\" is no date such as 2025-01-31")))
        },
    );
    add(
        m,
        "parse_time",
        &["text: String", "DateTime"],
        "The moment written as 2025-01-31T08:00:00Z.",
        |context: NativeCallContext, text: &str| -> Answer<Moment> {
            Run::mark(&context)?;
            let parsed = chrono::DateTime::parse_from_rfc3339(text.trim());
            parsed
                .map(|moment| moment.to_utc())
                .map_err(|_| Fault::error(format!("\"{text}\" is no moment such as 2025-01-31T08:00:00Z")))
        },
    );
    add(
        m,
        "days_between",
        &["from: Date | DateTime", "to: Date | DateTime", "int"],
        "The days from the first to the second; negative when the second is earlier. Moments count by the caller's days.",
        |context: NativeCallContext, from: Dynamic, to: Dynamic| -> Answer<i64> {
            let run = Run::of(&context)?;
            Ok((day(&run, &to)? - day(&run, &from)?).num_days())
        },
    );
}

fn register_calendar(m: &mut Module) {
    add(
        m,
        "start_of_month",
        &["date: Date", "Date"],
        "The first day of the month.",
        |context: NativeCallContext, date: Date| {
            Run::mark(&context)?;
            date.with_day(1).ok_or_else(out_of_range)
        },
    );
    add(
        m,
        "end_of_month",
        &["date: Date", "Date"],
        "The last day of the month.",
        |context: NativeCallContext, date: Date| {
            Run::mark(&context)?;
            date.with_day(1)
                .and_then(|first| first.checked_add_months(Months::new(1)))
                .and_then(|next| next.checked_sub_days(Days::new(1)))
                .ok_or_else(out_of_range)
        },
    );
    add(
        m,
        "start_of_quarter",
        &["date: Date", "Date"],
        "The first day of the quarter.",
        |context: NativeCallContext, date: Date| {
            Run::mark(&context)?;
            NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1).ok_or_else(out_of_range)
        },
    );
    add(
        m,
        "start_of_year",
        &["date: Date", "Date"],
        "The first of January.",
        |context: NativeCallContext, date: Date| {
            Run::mark(&context)?;
            NaiveDate::from_ymd_opt(date.year(), 1, 1).ok_or_else(out_of_range)
        },
    );
    add(
        m,
        "start_of_week",
        &["date: Date", "Date"],
        "The Monday of the week.",
        |context: NativeCallContext, date: Date| {
            Run::mark(&context)?;
            date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday())))
                .ok_or_else(out_of_range)
        },
    );
}

/// What dates and moments can do by themselves.
pub(super) fn register_methods(module: &mut Module) {
    module.set_custom_type::<Date>("Date");
    module.set_custom_type::<Moment>("DateTime");
    register_dates(module);
    register_moments(module);
    compare::<Date>(module, ["left: Date", "right: Date", "bool"]);
    compare::<Moment>(module, ["left: DateTime", "right: DateTime", "bool"]);
}

fn register_dates(m: &mut Module) {
    for (name, read) in [
        ("year", (|date: Date| i64::from(date.year())) as fn(Date) -> i64),
        ("month", |date| i64::from(date.month())),
        ("day", |date| i64::from(date.day())),
        ("quarter", |date| i64::from(date.month0() / 3 + 1)),
        ("weekday", |date| i64::from(date.weekday().number_from_monday())),
        ("week", |date| i64::from(date.iso_week().week())),
    ] {
        FuncRegistration::new_getter(name).set_into_module(m, move |date: &mut Date| read(*date));
    }
    add(m, "+", &["date: Date", "days: int", "Date"], "So many days later.", add_days);
    add(m, "-", &["date: Date", "days: int", "Date"], "So many days earlier.", |date: Date, days: i64| {
        add_days(date, days.checked_neg().ok_or_else(out_of_range)?)
    });
    // What formulas calculate is exact numbers; days are counted whole, half away from zero, as there.
    add(
        m,
        "+",
        &["date: Date", "days: Decimal", "Date"],
        "So many days later.",
        |date: Date, days: Decimal| add_days(date, whole(days)?),
    );
    add(
        m,
        "-",
        &["date: Date", "days: Decimal", "Date"],
        "So many days earlier.",
        |date: Date, days: Decimal| add_days(date, whole(days)?.checked_neg().ok_or_else(out_of_range)?),
    );
    add(m, "-", &["left: Date", "right: Date", "int"], "The days between.", |left: Date, right: Date| {
        (left - right).num_days()
    });
    add(
        m,
        "add_days",
        &["date: Date", "days: int", "Date"],
        "So many days later; negative for earlier.",
        add_days,
    );
    add(
        m,
        "add_weeks",
        &["date: Date", "weeks: int", "Date"],
        "So many weeks later.",
        |date: Date, weeks: i64| add_days(date, weeks.checked_mul(7).ok_or_else(out_of_range)?),
    );
    add(
        m,
        "add_months",
        &["date: Date", "months: int", "Date"],
        "So many months later.",
        |date: Date, months: i64| add_months(date, months),
    );
    add(
        m,
        "add_years",
        &["date: Date", "years: int", "Date"],
        "So many years later.",
        |date: Date, years: i64| add_months(date, years.checked_mul(12).ok_or_else(out_of_range)?),
    );
    add(
        m,
        "at_midnight",
        &["date: Date", "DateTime"],
        "The moment at which the day begins where the caller is.",
        |context: NativeCallContext, date: Date| -> Answer<Moment> {
            Ok(midnight(&*Run::of(&context)?, date))
        },
    );
    add(m, "to_string", &["date: Date", "String"], "The day as 2025-01-31.", |date: Date| date.to_string());
    add(m, "to_debug", &["date: Date", "String"], "The day as 2025-01-31.", |date: Date| date.to_string());
}

fn register_moments(m: &mut Module) {
    add(
        m,
        "date",
        &["moment: DateTime", "Date"],
        "The day of the moment where the caller is.",
        |context: NativeCallContext, moment: Moment| -> Answer<Date> {
            Ok(moment.with_timezone(&Run::of(&context)?.context.zone).date_naive())
        },
    );
    add(
        m,
        "hour",
        &["moment: DateTime", "int"],
        "The hour of the moment where the caller is, 0 to 23.",
        |context: NativeCallContext, moment: Moment| -> Answer<i64> {
            Ok(i64::from(moment.with_timezone(&Run::of(&context)?.context.zone).hour()))
        },
    );
    for (name, sentence, unit) in [
        ("add_days", "So many times 24 hours later; negative for earlier.", 86_400_i64),
        ("add_hours", "So many hours later; negative for earlier.", 3_600),
        ("add_minutes", "So many minutes later; negative for earlier.", 60),
    ] {
        add(
            m,
            name,
            &["moment: DateTime", "number: int", "DateTime"],
            sentence,
            move |moment: Moment, number: i64| shift(moment, number, unit),
        );
    }
    add(
        m,
        "+",
        &["moment: DateTime", "days: int", "DateTime"],
        "So many times 24 hours later.",
        |moment: Moment, days: i64| shift(moment, days, 86_400),
    );
    add(
        m,
        "-",
        &["moment: DateTime", "days: int", "DateTime"],
        "So many times 24 hours earlier.",
        |moment: Moment, days: i64| shift(moment, days, -86_400),
    );
    add(
        m,
        "hours_since",
        &["moment: DateTime", "earlier: DateTime", "int"],
        "Full hours since the other moment.",
        |moment: Moment, earlier: Moment| (moment - earlier).num_hours(),
    );
    add(
        m,
        "minutes_since",
        &["moment: DateTime", "earlier: DateTime", "int"],
        "Full minutes since the other moment.",
        |moment: Moment, earlier: Moment| (moment - earlier).num_minutes(),
    );
    add(
        m,
        "to_string",
        &["moment: DateTime", "String"],
        "The moment in UTC as 2025-01-31T08:00:00.000Z.",
        |moment: Moment| moment_to_text(moment),
    );
    add(m, "to_debug", &["moment: DateTime", "String"], "The moment in UTC.", |moment: Moment| {
        moment_to_text(moment)
    });
}

fn compare<T: Ord + Clone + Send + Sync + 'static>(module: &mut Module, signature: [&'static str; 3]) {
    add(module, "==", &signature, "Whether both are the same.", |left: T, right: T| left == right);
    add(module, "!=", &signature, "Whether they differ.", |left: T, right: T| left != right);
    add(module, "<", &signature, "Whether the left is earlier.", |left: T, right: T| left < right);
    add(module, "<=", &signature, "Whether the left is not later.", |left: T, right: T| left <= right);
    add(module, ">", &signature, "Whether the left is later.", |left: T, right: T| left > right);
    add(module, ">=", &signature, "Whether the left is not earlier.", |left: T, right: T| left >= right);
}

fn out_of_range() -> Box<rhai::EvalAltResult> {
    Fault::error("the date is out of range")
}

fn of(year: i64, month: i64, day: i64) -> Answer<Date> {
    let parts = (i32::try_from(year), u32::try_from(month), u32::try_from(day));
    let (Ok(year), Ok(month), Ok(day)) = parts else { return Err(out_of_range()) };
    NaiveDate::from_ymd_opt(year, month, day)
        .ok_or_else(|| Fault::error(format!("there is no day {year}-{month}-{day}")))
}

fn add_days(date: Date, days: i64) -> Answer<Date> {
    TimeDelta::try_days(days)
        .and_then(|delta| date.checked_add_signed(delta))
        .map_or_else(|| Err(out_of_range()), storable)
}

fn whole(number: Decimal) -> Answer<i64> {
    number.rescale(0).map(Decimal::units).ok_or_else(out_of_range)
}

fn add_months(date: Date, months: i64) -> Answer<Date> {
    let count = u32::try_from(months.unsigned_abs()).map_err(|_| out_of_range())?;
    let moved = if months < 0 {
        date.checked_sub_months(Months::new(count))
    } else {
        date.checked_add_months(Months::new(count))
    };
    moved.map_or_else(|| Err(out_of_range()), storable)
}

/// Days of the years 1 to 9999 can be stored; no script gets others.
fn storable(date: Date) -> Answer<Date> {
    if (1..=9999).contains(&date.year()) { Ok(date) } else { Err(out_of_range()) }
}

fn shift(moment: Moment, number: i64, unit_seconds: i64) -> Answer<Moment> {
    let seconds = number.checked_mul(unit_seconds).ok_or_else(out_of_range)?;
    TimeDelta::try_seconds(seconds)
        .and_then(|delta| moment.checked_add_signed(delta))
        .ok_or_else(out_of_range)
}

fn day(run: &Run, value: &Dynamic) -> Answer<Date> {
    if let Some(date) = value.read_lock::<Date>() {
        return Ok(*date);
    }
    match value.read_lock::<Moment>() {
        Some(moment) => Ok(moment.with_timezone(&run.context.zone).date_naive()),
        None => Err(Fault::error(format!("{} is no date", describe(value)))),
    }
}
