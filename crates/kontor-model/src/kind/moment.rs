//! Reading days and times of day as people write them.
//!
//! | form | read as |
//! |---|---|
//! | `2026-03-27`, `2026/3/27`, `2026.3.27`, `2026年3月27日` | year, month, day |
//! | `27.3.2026` | day, month, year |
//! | `3/27/2026`, `3-27-2026` | month first for `en` and `en-US`; day first for every other language |
//! | `27 Mar 2026`, `March 27, 2026` | the English name of the month, three letters or all |
//!
//! Years have four digits, so that nothing is guessed.

use chrono::{NaiveDate, NaiveTime, Timelike};
use unicode_normalization::UnicodeNormalization;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The day that a text names in a reader's language.
pub(super) fn read_day(text: &str, language: &str) -> Option<NaiveDate> {
    let plain: String = text.nfkc().collect::<String>().to_lowercase();
    let plain = plain.trim();
    let parts: Vec<&str> = plain
        .split(|character: char| !character.is_alphanumeric() || "年月日".contains(character))
        .filter(|part| !part.is_empty())
        .collect();
    let [first, second, third] = parts.as_slice() else { return None };
    if let Some(month) = month_named(first) {
        return day(third, month, second);
    }
    if let Some(month) = month_named(second) {
        return day(third, month, first);
    }
    if first.len() == 4 {
        return day(first, number(second)?, third);
    }
    let is_month_first = !plain.contains('.') && matches!(language, "" | "en" | "en-US");
    if is_month_first { day(third, number(first)?, second) } else { day(third, number(second)?, first) }
}

/// The time of day that a text names: `14:30`, `14:30:05.250`, `2:30 pm`.
pub(super) fn read_time(text: &str) -> Option<NaiveTime> {
    let plain: String = text.nfkc().collect::<String>().to_lowercase();
    let plain = plain.trim();
    let (clock, half) = match plain
        .strip_suffix("pm")
        .map(|clock| (clock, 12))
        .or_else(|| plain.strip_suffix("am").map(|clock| (clock, 0)))
    {
        Some((clock, half)) => (clock.trim(), Some(half)),
        None => (plain, None),
    };
    let time =
        ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(clock, form).ok())?;
    let Some(half) = half else { return Some(time) };
    if !(1..=12).contains(&time.hour()) {
        return None;
    }
    time.with_hour(time.hour() % 12 + half)
}

fn month_named(text: &str) -> Option<u32> {
    let position = MONTHS.iter().position(|name| text.len() >= 3 && name.starts_with(text))?;
    u32::try_from(position + 1).ok()
}

fn number(text: &str) -> Option<u32> {
    if text.len() > 2 { None } else { text.parse().ok() }
}

fn day(year: &str, month: u32, day: &str) -> Option<NaiveDate> {
    if year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month, number(day)?).filter(|day| is_storable(*day))
}

/// Both databases and ISO 8601 agree on the years 1 to 9999.
pub(super) fn is_storable(day: NaiveDate) -> bool {
    use chrono::Datelike;
    (1..=9999).contains(&day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_every_form() {
        let march = NaiveDate::from_ymd_opt(2026, 3, 27);
        for text in [
            "2026-03-27",
            "2026/3/27",
            "2026.3.27",
            "2026年3月27日",
            "27.3.2026",
            "27.03.2026",
            "3/27/2026",
            "27 Mar 2026",
            "March 27, 2026",
            "２０２６-０３-２７",
        ] {
            assert_eq!(read_day(text, "en"), march, "{text}");
        }
        assert_eq!(read_day("27/3/2026", "en-GB"), march);
        assert_eq!(read_day("5/4/2026", "zh-CN"), NaiveDate::from_ymd_opt(2026, 4, 5));
        for text in [
            "",
            "27.3.26",
            "2026-02-30",
            "2026-13-01",
            "27/3/2026",
            "yesterday",
            "2026-3",
            "2026-03-27-1",
            "2026-mar",
        ] {
            assert_eq!(read_day(text, "en"), None, "{text}");
        }
    }

    #[test]
    fn times_of_day() {
        assert_eq!(read_time("14:30"), NaiveTime::from_hms_opt(14, 30, 0));
        assert_eq!(read_time("2:30 PM"), NaiveTime::from_hms_opt(14, 30, 0));
        assert_eq!(read_time("12:05 am"), NaiveTime::from_hms_opt(0, 5, 0));
        assert_eq!(read_time("14:30:05.250"), NaiveTime::from_hms_milli_opt(14, 30, 5, 250));
        for text in ["", "25:00", "14:60", "14", "13:00 pm"] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
