//! The working hours of a week, as they are typed and kept: `09:00–12:30, 13:30–17:00` for each weekday.

use std::fmt::Write as _;

use chrono::Weekday;
use serde_json::json;

use crate::Json;
use crate::problem::{Problem, Problems};

/// The weekdays by the names under which their hours are kept.
pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// Minutes of a day.
const DAY: u32 = 24 * 60;
/// Most spans of a day.
const MOST: usize = 8;

/// From one time of the day to another, in minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first minute.
    pub from: u32,
    /// The minute with which it ends; midnight is 1440.
    pub until: u32,
}

/// The hours of each weekday, in order and apart from each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingHours([Vec<Span>; 7]);

impl Default for WorkingHours {
    /// Monday to Friday from nine to five.
    fn default() -> Self {
        let usual = || vec![Span { from: 9 * 60, until: 17 * 60 }];
        Self([usual(), usual(), usual(), usual(), usual(), Vec::new(), Vec::new()])
    }
}

impl WorkingHours {
    /// The hours of a weekday.
    pub fn on(&self, day: Weekday) -> &[Span] {
        let index = day.num_days_from_monday() as usize;
        self.0.get(index).map_or(&[], Vec::as_slice)
    }

    /// Whether there are any on a weekday.
    pub fn works_on(&self, day: Weekday) -> bool {
        !self.on(day).is_empty()
    }

    /// How many days of the week have hours.
    pub(super) fn days(&self) -> i64 {
        self.days_in_first(7)
    }

    /// How many of the first so many days of a week have hours.
    pub(super) fn days_in_first(&self, count: i64) -> i64 {
        let count = usize::try_from(count).unwrap_or(0);
        i64::try_from(self.0.iter().take(count).filter(|spans| !spans.is_empty()).count()).unwrap_or(0)
    }

    /// The hours of a weekday as they are typed; nothing on a free day.
    pub fn text(&self, day: Weekday) -> String {
        let mut text = String::new();
        for span in self.on(day) {
            if !text.is_empty() {
                text.push_str(", ");
            }
            // Writing into a text cannot fail.
            let _ = write!(
                text,
                "{:02}:{:02}–{:02}:{:02}",
                span.from / 60,
                span.from % 60,
                span.until / 60,
                span.until % 60
            );
        }
        text
    }

    /// Reads what was typed for each weekday, by its name; a day that is not told is free.
    ///
    /// # Errors
    /// `not_working_hours` at the name of a day, `no_working_hours` when nobody ever works.
    pub fn read<'t>(typed: impl Fn(&str) -> Option<&'t str>) -> Result<Self, Problems> {
        let mut week = Self(Default::default());
        let mut problems = Problems::new();
        for ((name, _), place) in WEEKDAYS.iter().zip(&mut week.0) {
            let text = typed(name).unwrap_or_default().trim();
            match spans(text) {
                Some(spans) => *place = spans,
                None => problems.push(Problem::at_field("not_working_hours", name).with("value", text)),
            }
        }
        if problems.is_empty() && week.days() == 0 {
            problems.push(Problem::at_field("no_working_hours", WEEKDAYS[0].0));
        }
        problems.into_result(week)
    }

    /// Reads what [`WorkingHours::to_json`] wrote.
    ///
    /// # Errors
    /// As [`WorkingHours::read`].
    pub fn from_json(json: &Json) -> Result<Self, Problems> {
        Self::read(|name| json.get(name).and_then(Json::as_str))
    }

    /// The hours by the names of the weekdays; free days are left out.
    pub fn to_json(&self) -> Json {
        let days = WEEKDAYS.iter().filter(|(_, day)| self.works_on(*day));
        Json::Object(days.map(|(name, day)| ((*name).to_owned(), json!(self.text(*day)))).collect())
    }
}

/// Reads `9:00-12:30, 13:30–17:00`; `None` when it cannot be read, or one span does not end before the next begins.
fn spans(text: &str) -> Option<Vec<Span>> {
    let mut spans: Vec<Span> = Vec::new();
    for part in text.split([',', ';', '，', '、', '；']).map(str::trim).filter(|part| !part.is_empty()) {
        let (from, until) = part.split_once(['-', '–', '—', '~', '～'])?;
        let span = Span { from: minute(from)?, until: minute(until)? };
        if span.from >= span.until {
            return None;
        }
        match spans.last_mut() {
            Some(last) if last.until > span.from => return None,
            // What touches is one.
            Some(last) if last.until == span.from => last.until = span.until,
            _ => spans.push(span),
        }
    }
    (spans.len() <= MOST).then_some(spans)
}

fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once([':', '：']).unwrap_or((text.trim(), "0"));
    let number = |text: &str| {
        let is_short = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_short.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= DAY).then_some(all)
}
