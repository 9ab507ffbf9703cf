//! Measures along the groups of a report: the share of everything, the running total, the change against the group before.
//! Worked out in memory over what the store counted, because they compare groups with one another.

use std::collections::HashMap;

use chrono::{Days, Months, NaiveDate};
use kontor_model::query::{Group, MeasureHead};
use kontor_model::{Decimal, Value};

use super::run::shown as with_its_digits;

/// How a group is compared with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// In percent of everything.
    Share,
    /// All groups up to this one together.
    Running,
    /// In percent of the group before.
    Change,
}

/// A measure that compares: which, what its number stands at, and what it compares.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// How.
    pub along: Along,
    /// Its place among the measures.
    pub own: usize,
    /// The place of the measure that it is of.
    pub of: usize,
}

/// Fills in the shares: groups may be sorted by them. `totals` are the measures over everything.
pub fn shares(compared: &[Compared], heads: &[MeasureHead], totals: &[Value], groups: &mut [Group]) {
    for one in compared.iter().filter(|one| one.along == Along::Share) {
        let whole = totals.get(one.of).and_then(Value::as_decimal);
        for group in groups.iter_mut() {
            let part = group.values.get(one.of).and_then(Value::as_decimal);
            put(group, one.own, heads, part.zip(whole).and_then(|(part, whole)| in_percent(part, whole)));
        }
    }
}

/// Fills in running totals and changes: in the order of time where the first dimension is one, else in the order in which
/// groups are shown. Of a report with several dimensions each value of the others is a series of its own.
pub fn in_order(compared: &[Compared], heads: &[MeasureHead], by: Option<&str>, groups: &mut [Group]) {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    if by.is_some() {
        let day = |index: &usize| groups.get(*index)?.keys.first()?.value.as_date();
        order.sort_by_key(day);
    }
    for one in compared.iter().filter(|one| one.along != Along::Share) {
        let mut before: HashMap<Vec<String>, Last> = HashMap::new();
        for index in &order {
            let Some(group) = groups.get_mut(*index) else { continue };
            let value = group.values.get(one.of).and_then(Value::as_decimal);
            let key = group.keys.first().map(|key| key.value.clone()).unwrap_or_default();
            let series: Vec<String> =
                group.keys.iter().skip(1).map(|key| format!("{:?}", key.value)).collect();
            let last: &mut Last = before.entry(series).or_default();
            let number = match one.along {
                Along::Running => match (last.number, value) {
                    (Some(sum), Some(value)) => sum.checked_add(value),
                    (sum, value) => value.or(sum),
                },
                Along::Share | Along::Change => {
                    let is_next = by.is_none_or(|by| follows(by, &last.key, &key));
                    let old = last.number.filter(|_| is_next);
                    value.zip(old).and_then(|(value, old)| in_percent(value.checked_sub(old)?, old))
                }
            };
            *last = Last { key, number: if one.along == Along::Running { number } else { value } };
            put(group, one.own, heads, number);
        }
    }
}

/// The group before, within a series.
#[derive(Default)]
struct Last {
    key: Value,
    number: Option<Decimal>,
}

/// Over everything: the share is the whole; what compares groups says nothing.
pub fn of_totals(compared: &[Compared], heads: &[MeasureHead], totals: &mut [Value]) {
    for one in compared {
        let whole = totals.get(one.of).and_then(Value::as_decimal);
        let number = match one.along {
            Along::Share => whole.and_then(|whole| in_percent(whole, whole)),
            Along::Running | Along::Change => None,
        };
        let value = heads.get(one.own).map(|head| shown(head, number)).unwrap_or_default();
        if let Some(place) = totals.get_mut(one.own) {
            *place = value;
        }
    }
}

fn put(group: &mut Group, own: usize, heads: &[MeasureHead], number: Option<Decimal>) {
    if let (Some(place), Some(head)) = (group.values.get_mut(own), heads.get(own)) {
        *place = shown(head, number);
    }
}

fn shown(head: &MeasureHead, number: Option<Decimal>) -> Value {
    with_its_digits(head, number.map(Value::Decimal).as_ref())
}

/// A part in percent of a whole; nothing of nothing.
pub(super) fn in_percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    if whole.units() == 0 {
        return None;
    }
    // A fall below nothing is a fall.
    let whole = if whole.units() < 0 { Decimal::ZERO.checked_sub(whole)? } else { whole };
    part.checked_mul(Decimal::new(100, 0))?.checked_div(whole)
}

/// Whether one time comes right after another: where a month has no records, the next one has none to be compared with.
fn follows(by: &str, last: &Value, next: &Value) -> bool {
    let (Value::Date(last), Value::Date(next)) = (last, next) else { return false };
    let wanted: Option<NaiveDate> = match by {
        "day" => last.checked_add_days(Days::new(1)),
        "week" => last.checked_add_days(Days::new(7)),
        "month" => last.checked_add_months(Months::new(1)),
        "quarter" => last.checked_add_months(Months::new(3)),
        _ => last.checked_add_months(Months::new(12)),
    };
    wanted == Some(*next)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use kontor_model::query::DimensionValue;

    use super::*;

    fn group(keys: &[&str], number: Option<i64>) -> Group {
        let key = |text: &&str| DimensionValue {
            value: text.parse().map_or_else(|_| Value::text(*text), Value::Date),
            ..DimensionValue::default()
        };
        let number = number.map_or(Value::Empty, Value::Integer);
        Group { keys: keys.iter().map(key).collect(), values: vec![number, Value::Empty], ..Group::default() }
    }

    fn heads(kind: &str) -> Vec<MeasureHead> {
        let head = |kind: &str| MeasureHead {
            kind: kind.to_owned(),
            scale: u8::from(kind == "percent"),
            ..MeasureHead::default()
        };
        vec![head("count"), head(kind)]
    }

    fn said(along: Along, by: Option<&str>, groups: &mut [Group]) -> Vec<String> {
        let compared = [Compared { along, own: 1, of: 0 }];
        let heads = heads(if along == Along::Running { "count" } else { "percent" });
        match along {
            Along::Share => shares(&compared, &heads, &[Value::Integer(8), Value::Empty], groups),
            _ => in_order(&compared, &heads, by, groups),
        }
        let text = |group: &Group| match &group.values[1] {
            Value::Integer(number) => number.to_string(),
            Value::Decimal(number) => number.to_string(),
            _ => "-".to_owned(),
        };
        groups.iter().map(text).collect()
    }

    #[test]
    fn shares_are_of_everything() {
        let mut groups = [group(&["a"], Some(2)), group(&["b"], None), group(&["c"], Some(1))];
        assert_eq!(said(Along::Share, None, &mut groups), ["25.0", "-", "12.5"]);
        let compared = [Compared { along: Along::Share, own: 1, of: 0 }];
        shares(&compared, &heads("percent"), &[Value::Integer(0)], &mut groups);
        assert_eq!(groups[0].values[1], Value::Empty, "nothing of nothing");
    }

    #[test]
    fn time_runs_forward_whatever_is_shown_first() {
        let months = ["2026-03-01", "2026-02-01", "2026-01-01", "2025-11-01"];
        let of = |numbers: [i64; 4]| -> Vec<Group> {
            months.iter().zip(numbers).map(|(month, number)| group(&[month], Some(number))).collect()
        };
        let running = said(Along::Running, Some("month"), &mut of([3, 2, 1, 4]));
        assert_eq!(running, ["10", "7", "5", "4"]);
        // December is missing: January has nothing to be compared with; what was nothing has no change.
        let change = said(Along::Change, Some("month"), &mut of([3, 2, 4, 9]));
        assert_eq!(change, ["50.0", "-50.0", "-", "-"]);
        assert_eq!(said(Along::Change, Some("month"), &mut of([3, 0, 4, 9]))[0], "-");
    }

    #[test]
    fn other_dimensions_are_series() {
        let mut groups = [
            group(&["a", "x"], Some(1)),
            group(&["a", "y"], Some(10)),
            group(&["b", "x"], Some(2)),
            group(&["b", "y"], None),
            group(&["c", "y"], Some(5)),
        ];
        assert_eq!(said(Along::Running, None, &mut groups), ["1", "10", "3", "10", "15"]);
        assert_eq!(said(Along::Change, None, &mut groups), ["-", "-", "100.0", "-", "-"]);
    }
}
