//! Every expected value was counted by hand on a calendar.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Berlin, nine to five with an hour at noon on Fridays; Easter 2026 and a long Christmas are free.
fn berlin() -> WorkingTime {
    let hours = WorkingHours::from_json(&json!({
        "monday": "9-17", "tuesday": "9:00-17:00", "wednesday": "09:00–17:00", "thursday": "9-17",
        "friday": "9-12, 13-15",
    }));
    let free = [
        ("2026-04-03", "2026-04-03"),
        ("2026-04-06", "2026-04-06"),
        ("2026-12-24", "2027-01-03"),
        // A Saturday is free anyway.
        ("2026-10-03", "2026-10-03"),
    ];
    let free: Vec<_> = free.iter().map(|(first, last)| (day(first), day(last))).collect();
    WorkingTime::new(Tz::Europe__Berlin, hours.unwrap(), &free)
}

#[test]
fn working_days_are_counted_and_added() {
    let working = berlin();
    for (from, to, expected) in [
        // A Monday and the Friday after it.
        ("2026-03-16", "2026-03-20", 4),
        ("2026-03-16", "2026-03-16", 0),
        ("2026-03-16", "2026-03-23", 5),
        // From a Friday over a weekend.
        ("2026-03-20", "2026-03-21", 0),
        ("2026-03-20", "2026-03-22", 0),
        ("2026-03-20", "2026-03-23", 1),
        ("2026-03-21", "2026-03-23", 1),
        // Good Friday and Easter Monday.
        ("2026-04-02", "2026-04-07", 1),
        ("2026-04-01", "2026-04-08", 3),
        // Over Christmas: the 24th to the 3rd, a Sunday.
        ("2026-12-23", "2027-01-04", 1),
        ("2026-10-02", "2026-10-05", 1),
        // The other way round.
        ("2026-03-23", "2026-03-16", -5),
        ("2026-04-07", "2026-04-02", -1),
        // A year of 261 weekdays, without 2 and without 6 of them from the 24th on.
        ("2025-12-31", "2026-12-31", 253),
    ] {
        assert_eq!(working.days_between(day(from), day(to)), expected, "{from} to {to}");
    }
    for (from, count, expected) in [
        ("2026-03-16", 0, "2026-03-16"),
        ("2026-03-21", 0, "2026-03-21"),
        ("2026-03-16", 1, "2026-03-17"),
        ("2026-03-20", 1, "2026-03-23"),
        ("2026-03-21", 1, "2026-03-23"),
        ("2026-03-22", 2, "2026-03-24"),
        ("2026-04-02", 1, "2026-04-07"),
        ("2026-12-23", 1, "2027-01-04"),
        ("2026-12-30", 2, "2027-01-05"),
        ("2026-03-23", -1, "2026-03-20"),
        ("2026-03-22", -1, "2026-03-20"),
        ("2026-03-21", -2, "2026-03-19"),
        ("2026-04-07", -1, "2026-04-02"),
        ("2027-01-04", -1, "2026-12-23"),
        ("2027-01-01", -2, "2026-12-22"),
    ] {
        assert_eq!(working.add_days(day(from), count), Some(day(expected)), "{from} {count:+}");
    }
    for count in [i64::MAX, i64::MIN, 3_000_000, -3_000_000] {
        assert_eq!(working.add_days(day("2026-03-16"), count), None, "{count}");
    }
}

#[test]
fn working_hours_are_counted_and_added() {
    let working = berlin();
    // Minutes. In winter Berlin is an hour ahead, from 29 March to 25 October two.
    for (from, to, minutes) in [
        ("2026-03-16T08:00:00Z", "2026-03-16T16:00:00Z", 480),
        ("2026-03-16T00:00:00Z", "2026-03-17T00:00:00Z", 480),
        ("2026-03-16T09:30:00Z", "2026-03-16T10:15:00Z", 45),
        // Friday: five hours, an hour free at noon.
        ("2026-03-20T00:00:00Z", "2026-03-23T00:00:00Z", 300),
        ("2026-03-20T10:30:00Z", "2026-03-20T12:30:00Z", 60),
        // At night and on Sundays nothing passes.
        ("2026-03-20T14:00:00Z", "2026-03-23T08:00:00Z", 0),
        // From Friday to Monday the clocks go forward: nine o'clock is at seven.
        ("2026-03-27T13:00:00Z", "2026-03-30T08:00:00Z", 120),
        // Good Friday to Easter Monday.
        ("2026-04-02T14:00:00Z", "2026-04-07T08:00:00Z", 120),
        ("2026-03-16T16:00:00Z", "2026-03-16T08:00:00Z", -480),
    ] {
        let found = working.time_between(moment(from), moment(to)).unwrap();
        assert_eq!(found.num_minutes(), minutes, "{from} to {to}");
    }
    for (from, minutes, expected) in [
        ("2026-03-16T08:00:00Z", 60, "2026-03-16T09:00:00Z"),
        ("2026-03-16T08:00:00Z", 480, "2026-03-16T16:00:00Z"),
        ("2026-03-16T08:00:00Z", 481, "2026-03-17T08:01:00Z"),
        // Outside of the hours it begins with the next ones, and nothing at all stays where it is.
        ("2026-03-21T12:00:00Z", 90, "2026-03-23T09:30:00Z"),
        ("2026-03-21T12:00:00Z", 0, "2026-03-21T12:00:00Z"),
        ("2026-03-20T10:00:00Z", 90, "2026-03-20T12:30:00Z"),
        // Over the change of clocks.
        ("2026-03-27T13:00:00Z", 120, "2026-03-30T08:00:00Z"),
        ("2026-10-23T12:00:00Z", 120, "2026-10-26T09:00:00Z"),
        ("2026-04-02T14:00:00Z", 120, "2026-04-07T08:00:00Z"),
        // Back.
        ("2026-03-16T10:00:00Z", -60, "2026-03-16T09:00:00Z"),
        ("2026-03-16T10:00:00Z", -120, "2026-03-16T08:00:00Z"),
        ("2026-03-16T10:00:00Z", -180, "2026-03-13T13:00:00Z"),
        ("2026-03-22T10:00:00Z", -60, "2026-03-20T13:00:00Z"),
    ] {
        let found = working.add_time(moment(from), Duration::minutes(minutes));
        assert_eq!(found, Some(moment(expected)), "{from} {minutes:+}");
    }
    let far = (moment("1700-01-01T00:00:00Z"), moment("2026-01-01T00:00:00Z"));
    assert_eq!(working.time_between(far.0, far.1), None);
    assert_eq!(working.add_time(far.0, Duration::weeks(200_000)), None);
}

#[test]
fn the_same_time_of_the_clock_some_working_days_later() {
    let working = berlin();
    for (from, count, expected) in [
        ("2026-03-27T11:00:00Z", 1, "2026-03-30T10:00:00Z"),
        ("2026-03-30T10:00:00Z", -1, "2026-03-27T11:00:00Z"),
        // Late in the evening it is the next day in Berlin.
        ("2026-03-19T23:30:00Z", 1, "2026-03-22T23:30:00Z"),
    ] {
        assert_eq!(working.add_days_to(moment(from), count), Some(moment(expected)), "{from} {count:+}");
    }
}

#[test]
fn hours_over_a_change_of_clocks_are_as_long_as_they_are() {
    let week = |text: &str| WorkingHours::from_json(&json!({ "sunday": text })).unwrap();
    let hours = |zone: Tz, text: &str, from: &str, to: &str| {
        let working = WorkingTime::new(zone, week(text), &[]);
        working.time_between(moment(from), moment(to)).unwrap().num_minutes()
    };
    let zone = Tz::Europe__Berlin;
    let (spring, autumn) =
        (("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"), ("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"));
    assert_eq!(hours(zone, "0:00-24:00", spring.0, spring.1), 23 * 60);
    assert_eq!(hours(zone, "0:00-24:00", autumn.0, autumn.1), 25 * 60);
    // From two to three in the morning there is no hour in spring, and there are two in autumn.
    assert_eq!(hours(zone, "2:00-3:00", spring.0, spring.1), 0);
    assert_eq!(hours(zone, "1:30-2:20", spring.0, spring.1), 30);
    assert_eq!(hours(zone, "2:00-2:20, 2:40-3:00", autumn.0, autumn.1), 120);
    // Santiago puts its clocks forward at midnight, to a Sunday.
    assert_eq!(hours(Tz::America__Santiago, "0:00-2:00", "2026-09-05T12:00:00Z", "2026-09-07T12:00:00Z"), 60);
}

#[test]
fn hours_are_read_as_they_are_typed() {
    let monday = |text: &str| {
        let week = WorkingHours::from_json(&json!({ "monday": text, "sunday": "9-10" }));
        week.map(|week| week.text(chrono::Weekday::Mon)).map_err(|problems| problems.0[0].code.to_string())
    };
    for (typed, expected) in [
        ("", ""),
        ("9-17", "09:00–17:00"),
        (" 09:00 – 12:30 , 13:15-24:00", "09:00–12:30, 13:15–24:00"),
        ("0-24", "00:00–24:00"),
        ("9：00～12：00，13：00～18：00", "09:00–12:00, 13:00–18:00"),
        ("9-12, 12-13", "09:00–13:00"),
    ] {
        assert_eq!(monday(typed).as_deref(), Ok(expected), "{typed}");
    }
    for typed in ["nine", "9", "9-", "17-9", "9-9", "9-25", "9:60-10", "9-12, 11-13", "13-14, 9-10", "-1-2"] {
        assert_eq!(monday(typed).unwrap_err(), "not_working_hours", "{typed}");
    }
    assert_eq!(WorkingHours::from_json(&json!({})).unwrap_err().0[0].code, "no_working_hours");
    let usual = WorkingHours::default();
    assert_eq!(WorkingHours::from_json(&usual.to_json()), Ok(usual));
}

proptest! {
    /// What is added is what lies between, and counting day by day comes to the same.
    #[test]
    fn what_was_added_lies_between(start in 0_i64..4_000, count in -300_i64..300, minutes in -30_000_i64..30_000) {
        let working = berlin();
        let from = day("2020-01-01") + Duration::days(start);
        let to = working.add_days(from, count).unwrap();
        let between = |first: NaiveDate, last: NaiveDate| {
            let days = first.iter_days().skip(1).take_while(|day| *day <= last);
            i64::try_from(days.filter(|day| working.works_on(*day)).count()).unwrap()
        };
        prop_assert_eq!(working.days_between(from, to), if to < from { -between(to, from) } else { between(from, to) });
        if working.works_on(from) || count >= 0 {
            prop_assert_eq!(working.days_between(from, to), count);
        }
        let moment = from.and_hms_opt(3, 7, 0).unwrap().and_utc() + Duration::minutes(start % 1_440);
        let moved = working.add_time(moment, Duration::minutes(minutes)).unwrap();
        prop_assert_eq!(working.time_between(moment, moved), Some(Duration::minutes(minutes)));
    }
}
