//! When a workflow may reach people: `"working_time"`, or `{ "days": ["mon", "tue"], "from": "09:00", "to": "17:00" }`.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use kontor_model::filter::day_start;
use kontor_model::working_time::{LONGEST_HOLIDAY, WorkingTime};
use kontor_model::{Json, Problem};

use crate::read::Reader;

/// When steps that reach people are taken.
#[derive(Clone, Debug, PartialEq)]
pub enum SendWindow {
    /// While people work.
    WorkingTime,
    /// Between two times of some days of the week, holidays aside.
    Hours {
        /// The days.
        days: Vec<Weekday>,
        /// From when on.
        from: NaiveTime,
        /// Until when, that moment no more.
        to: NaiveTime,
        /// By whose clocks; the workspace's when nothing is said.
        zone: Option<Tz>,
    },
}

/// The days of the week.
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

impl SendWindow {
    /// When it is open next: that very moment while it is, or where it never is.
    pub fn opens(&self, now: DateTime<Utc>, workspace: Tz, working: &WorkingTime) -> DateTime<Utc> {
        match self {
            Self::WorkingTime => {
                let minute = Duration::minutes(1);
                working.add_time(now, minute).map_or(now, |after| (after - minute).max(now))
            }
            Self::Hours { days, from, to, zone } => {
                let zone = zone.unwrap_or(workspace);
                let today = now.with_timezone(&zone).date_naive();
                let span = usize::try_from(LONGEST_HOLIDAY).unwrap_or(0) + 8;
                let is_open = |day: &NaiveDate| days.contains(&day.weekday()) && !is_holiday(*day, working);
                for day in today.iter_days().take(span).filter(is_open) {
                    let (start, end) = (at(day, *from, zone), at(day, *to, zone));
                    if now < end {
                        return start.max(now);
                    }
                }
                now
            }
        }
    }
}

/// Whether people are free on a day on which they usually work.
fn is_holiday(day: NaiveDate, working: &WorkingTime) -> bool {
    working.hours().works_on(day.weekday()) && !working.works_on(day)
}

/// A time of a day; what the clocks leave out is the beginning of the day.
fn at(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = zone.from_local_datetime(&day.and_time(time)).earliest();
    local.map_or_else(|| day_start(day, zone), |local| local.to_utc())
}

/// Reads `send_window`.
pub(crate) fn read(reader: &mut Reader<'_>) -> Option<SendWindow> {
    let at = "/send_window";
    let json = match reader.member("send_window")? {
        Json::String(word) if word == "working_time" => return Some(SendWindow::WorkingTime),
        json @ Json::Object(_) => json,
        other => {
            let problem = Problem::new("not_an_option", at).with("value", other.as_str().unwrap_or_default());
            reader.push(problem.with("field", "send_window").with("options", "working_time"));
            return None;
        }
    };
    let mut own = Reader::new(json, at);
    let mut days = Vec::new();
    for (index, word) in own.texts("days").iter().enumerate() {
        if let Some((_, day)) = DAYS.iter().find(|(name, _)| name == word) {
            days.push(*day);
        } else {
            let options: Vec<&str> = DAYS.iter().map(|(name, _)| *name).collect();
            let problem = own.problem("not_an_option", &format!("days/{index}")).with("value", word);
            own.push(problem.with("field", "days").with("options", options.join(", ")));
        }
    }
    if own.member("days").is_none() {
        days = DAYS.iter().take(5).map(|(_, day)| *day).collect();
    } else if days.is_empty() && own.problems.is_empty() {
        own.missing("days");
    }
    let (from, to) = (time(&mut own, "from"), time(&mut own, "to"));
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        let problem = own.problem("ends_before_it_begins", "to").with("from", from.format("%H:%M"));
        own.push(problem);
    }
    let zone = own.text("zone").and_then(|name| {
        let zone = name.parse::<Tz>().ok();
        if zone.is_none() {
            let problem = own.problem("not_a_zone", "zone").with("value", &name);
            own.push(problem);
        }
        zone
    });
    reader.problems.0.append(&mut own.problems.0);
    Some(SendWindow::Hours { days, from: from?, to: to?, zone })
}

/// A time of the day, `09:00`; 24:00 is its end.
fn time(reader: &mut Reader<'_>, key: &str) -> Option<NaiveTime> {
    let text = reader.required_text(key)?;
    if key == "to" && text == "24:00" {
        return NaiveTime::from_hms_milli_opt(23, 59, 59, 999);
    }
    let time = NaiveTime::parse_from_str(&text, "%H:%M").ok();
    if time.is_none() {
        let problem = reader.problem("not_a_time", key).with("value", &text).with("example", "09:00");
        reader.push(problem);
    }
    time
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use kontor_model::working_time::WorkingHours;

    use super::*;

    /// Berlin, nine to five on working days, closed at Christmas.
    fn opens(window: &SendWindow, now: &str) -> String {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let closed = [(day("2026-12-24"), day("2026-12-26"))];
        let working = WorkingTime::new(Tz::Europe__Berlin, WorkingHours::default(), &closed);
        window.opens(now.parse().unwrap(), Tz::Europe__Berlin, &working).to_rfc3339()
    }

    #[test]
    fn a_window_opens_on_its_days_and_within_its_hours() {
        let hours = |from: &str, to: &str, zone: Option<Tz>| SendWindow::Hours {
            days: vec![Weekday::Mon, Weekday::Thu, Weekday::Fri],
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            zone,
        };
        let morning = hours("08:30:00", "10:00:00", None);
        // A Monday in Berlin: before, within, at the end, behind it.
        assert_eq!(opens(&morning, "2026-03-02T05:00:00Z"), "2026-03-02T07:30:00+00:00");
        assert_eq!(opens(&morning, "2026-03-02T08:00:00Z"), "2026-03-02T08:00:00+00:00");
        assert_eq!(opens(&morning, "2026-03-02T09:00:00Z"), "2026-03-05T07:30:00+00:00");
        // Holidays are skipped: the Thursday and Friday of Christmas.
        assert_eq!(opens(&morning, "2026-12-22T09:00:00Z"), "2026-12-28T07:30:00+00:00");
        let tokyo = hours("08:30:00", "10:00:00", Some(Tz::Asia__Tokyo));
        assert_eq!(opens(&tokyo, "2026-03-02T05:00:00Z"), "2026-03-04T23:30:00+00:00");
        assert_eq!(opens(&SendWindow::WorkingTime, "2026-03-02T05:00:00Z"), "2026-03-02T08:00:00+00:00");
        assert_eq!(opens(&SendWindow::WorkingTime, "2026-03-02T10:00:00Z"), "2026-03-02T10:00:00+00:00");
        assert_eq!(opens(&SendWindow::WorkingTime, "2026-03-06T17:00:00Z"), "2026-03-09T08:00:00+00:00");
    }
}
