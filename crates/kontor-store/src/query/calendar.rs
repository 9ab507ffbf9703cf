//! Days, weeks, months, quarters and years of dates and moments, as the first day of each. A moment belongs to
//! the day on which it falls in the reader's zone. PostgreSQL knows the zones; SQLite does not, so there the
//! offsets of the zone are written into the statement.

use std::fmt::Write as _;

use chrono::{DateTime, Offset as _, TimeZone, Utc};
use chrono_tz::Tz;
use sea_orm::sea_query::Expr;

use super::Plan;
use super::leaf::Place;
use super::types::DatePart;
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::target::Dialect;

/// From 1970 to the end of 2037, where the rules of the zone database end.
const LAST_SECOND: i64 = 2_145_916_800;
/// No zone changes its offset twice within two weeks.
const STEP: i64 = 14 * 24 * 3_600;

impl Plan<'_> {
    /// The first day of the part of the calendar that holds the value of a field.
    pub(crate) fn calendar(&self, place: &Place<'_>, part: DatePart) -> Result<Expr> {
        let column = place.column();
        match (place.shape, self.dialect()) {
            (Shape::Date, Dialect::Sqlite) => Ok(self.custom(sqlite_part(part), repeat(&column, part))),
            (Shape::Date, Dialect::Postgres) => {
                Ok(self.custom(&format!("date_trunc('{}', ?::timestamp)::date", word(part)), vec![column]))
            }
            (Shape::DateTime, Dialect::Sqlite) => {
                let parts = vec![column.clone(), self.offset(&column)];
                let day = self.custom("date((? + ?) / 1000.0, 'unixepoch')", parts);
                Ok(self.custom(sqlite_part(part), repeat(&day, part)))
            }
            (Shape::DateTime, Dialect::Postgres) => {
                let text = format!("date_trunc('{}', ? AT TIME ZONE ?)::date", word(part));
                Ok(self.custom(&text, vec![column, Expr::val(self.context.zone.name())]))
            }
            _ => Err(Error::Query(format!("`{}` is no date", place.field.name))),
        }
    }

    /// The offset of the zone from UTC at a stored moment, in milliseconds.
    fn offset(&self, column: &Expr) -> Expr {
        let mut text = String::new();
        let mut parts = Vec::new();
        choose(&changes(self.context.zone), column, &mut text, &mut parts);
        self.custom(&text, parts)
    }
}

/// The offset that holds at a moment, found by halving: a zone has changed its offset up to two hundred times, and
/// this is asked for every row.
fn choose(changes: &[(i64, i64)], column: &Expr, text: &mut String, parts: &mut Vec<Expr>) {
    let (earlier, later) = changes.split_at(changes.len() / 2);
    match (earlier, later) {
        (_, []) => text.push('0'),
        // Writing into a text cannot fail.
        ([], [(_, offset), ..]) => {
            let _ = write!(text, "{}", offset * 1_000);
        }
        (earlier, [(from, _), ..]) => {
            let _ = write!(text, "CASE WHEN ? >= {} THEN ", from * 1_000);
            parts.push(column.clone());
            choose(later, column, text, parts);
            text.push_str(" ELSE ");
            choose(earlier, column, text, parts);
            text.push_str(" END");
        }
    }
}

/// The seconds from which on an offset holds, and the offset in seconds; the first holds from the beginning.
fn changes(zone: Tz) -> Vec<(i64, i64)> {
    let offset_at = |second: i64| {
        let moment = DateTime::from_timestamp(second, 0).unwrap_or(DateTime::<Utc>::MIN_UTC);
        i64::from(zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc())
    };
    let mut changes = vec![(i64::MIN, offset_at(0))];
    let (mut before, mut current) = (0, offset_at(0));
    while before < LAST_SECOND {
        let after = before + STEP;
        let next = offset_at(after);
        if next != current {
            // The change is somewhere between: halve until it is found to the second.
            let (mut low, mut high) = (before, after);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if offset_at(middle) == current { low = middle } else { high = middle }
            }
            changes.push((high, next));
            current = next;
        }
        before = after;
    }
    changes
}

fn word(part: DatePart) -> &'static str {
    match part {
        DatePart::Day => "day",
        DatePart::Week => "week",
        DatePart::Month => "month",
        DatePart::Quarter => "quarter",
        DatePart::Year => "year",
    }
}

fn sqlite_part(part: DatePart) -> &'static str {
    match part {
        DatePart::Day => "date(?)",
        DatePart::Week => "date(?, 'weekday 0', '-6 days')",
        DatePart::Month => "(substr(?, 1, 7) || '-01')",
        DatePart::Quarter => {
            "(substr(?, 1, 5) || printf('%02d-01', (CAST(substr(?, 6, 2) AS INTEGER) - 1) / 3 * 3 + 1))"
        }
        DatePart::Year => "(substr(?, 1, 4) || '-01-01')",
    }
}

/// The day, as often as the text of the part names it. A quarter of nothing must stay nothing.
fn repeat(day: &Expr, part: DatePart) -> Vec<Expr> {
    match part {
        DatePart::Quarter => vec![day.clone(), day.clone()],
        _ => vec![day.clone()],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn finds_every_change_of_a_zone() {
        assert_eq!(changes(chrono_tz::UTC), vec![(i64::MIN, 0)]);
        let shanghai = changes(chrono_tz::Asia::Shanghai);
        // Summer time from 1986 to 1991.
        assert_eq!(shanghai.len(), 13);
        let berlin = changes(chrono_tz::Europe::Berlin);
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap().timestamp();
        assert!(berlin.contains(&(at("2026-03-29T01:00:00Z"), 7_200)));
        assert!(berlin.contains(&(at("2026-10-25T01:00:00Z"), 3_600)));
    }
}
