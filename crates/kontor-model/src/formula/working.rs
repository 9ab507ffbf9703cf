//! Functions over working time: what lies between two days or moments, and the day or moment after so much of it. Days
//! of moments are those of the workspace's zone, whoever asks.

use chrono::{Duration, NaiveDate};

use super::function::{number, storable, whole_number};
use crate::decimal::Decimal;
use crate::filter::FilterContext;
use crate::value::Value;

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// The working days after the first day, up to and with the second.
pub(super) fn days(arguments: &[Value], context: &FilterContext) -> Option<Value> {
    let days = context.working.days_between(day(arguments, 0, context)?, day(arguments, 1, context)?);
    Some(Value::Decimal(Decimal::from(days)))
}

/// The hours of working time between two moments.
pub(super) fn hours(arguments: &[Value], context: &FilterContext) -> Option<Value> {
    let moment = |index: usize| match arguments.get(index)? {
        Value::DateTime(moment) => Some(*moment),
        _ => None,
    };
    let time = context.working.time_between(moment(0)?, moment(1)?)?;
    let hours = Decimal::from(time.num_milliseconds()).checked_div(Decimal::from(HOUR))?;
    Some(Value::Decimal(hours))
}

pub(super) fn add_days(arguments: &[Value], context: &FilterContext) -> Option<Value> {
    let day = arguments.first()?.as_date()?;
    Some(Value::Date(storable(context.working.add_days(day, whole_number(arguments, 1)?)?)?))
}

pub(super) fn add_hours(arguments: &[Value], context: &FilterContext) -> Option<Value> {
    let Value::DateTime(moment) = arguments.first()? else { return None };
    let milliseconds = number(arguments, 1)?.checked_mul(Decimal::from(HOUR))?.rescale(0)?.units();
    let moved = context.working.add_time(*moment, Duration::try_milliseconds(milliseconds)?)?;
    Some(Value::DateTime(moved))
}

pub(super) fn is_day(arguments: &[Value], context: &FilterContext) -> Option<Value> {
    Some(Value::Boolean(context.working.works_on(day(arguments, 0, context)?)))
}

fn day(arguments: &[Value], index: usize, context: &FilterContext) -> Option<NaiveDate> {
    match arguments.get(index)? {
        Value::Date(day) => Some(*day),
        Value::DateTime(moment) => Some(context.working.day_of(*moment)),
        _ => None,
    }
}
