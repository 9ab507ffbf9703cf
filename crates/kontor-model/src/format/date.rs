//! Days and moments.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

use crate::conventions::DateOrder;

use super::{Format, When};

impl Format {
    /// A day: 27 Mar 2026; 2026年3月27日.
    pub fn date(&self, day: NaiveDate) -> String {
        self.figures(day).unwrap_or_else(|| self.pattern("date.full", day))
    }

    /// A day in figures, in the order of the language; `None` where the catalogue says it with words.
    fn figures(&self, day: NaiveDate) -> Option<String> {
        let (year, month, date) = (day.year(), day.month(), day.day());
        match self.conventions.date {
            DateOrder::Words => None,
            DateOrder::DayMonthYear(sign) => Some(format!("{date:02}{sign}{month:02}{sign}{year}")),
            DateOrder::YearMonthDay(sign) => Some(format!("{year}{sign}{month:02}{sign}{date:02}")),
        }
    }

    /// A day without its year where that is this year: 27 Mar.
    pub fn date_short(&self, day: NaiveDate) -> String {
        let is_short = day.year() == self.today().year() && self.conventions.date == DateOrder::Words;
        if is_short { self.pattern("date.short", day) } else { self.date(day) }
    }

    /// A day on an axis that says its month: 2 Mar.
    pub fn day_of_month(&self, day: NaiveDate) -> String {
        self.pattern("date.short", day)
    }

    /// How far away a day is, within a month: "today", "in 15 days", "2 days ago"; empty beyond.
    pub fn distance(&self, day: NaiveDate) -> String {
        let days = (day - self.today()).num_days();
        match days {
            0 => self.words.t("date.today"),
            1 => self.words.t("date.tomorrow"),
            -1 => self.words.t("date.yesterday"),
            2..=31 => self.words.with("date.in_days", &[("count", &days.to_string())]),
            -31..=-2 => self.words.with("date.days_ago", &[("count", &(-days).to_string())]),
            _ => String::new(),
        }
    }

    /// A moment in full: 24 Mar 2026, 10:00.
    pub fn moment(&self, moment: DateTime<Utc>) -> String {
        let local = moment.with_timezone(&self.zone);
        let time = clock(local.hour(), local.minute());
        self.words.with("date.moment", &[("date", &self.date(local.date_naive())), ("time", &time)])
    }

    /// A moment as people say it now, and exactly.
    pub fn when(&self, moment: DateTime<Utc>) -> When {
        let local = moment.with_timezone(&self.zone);
        let (day, time) = (local.date_naive(), clock(local.hour(), local.minute()));
        let text = match (self.today() - day).num_days() {
            0 => time,
            1 => self
                .words
                .with("date.moment", &[("date", &self.words.t("date.yesterday_start")), ("time", &time)]),
            _ => self.date_short(day),
        };
        When { text, exact: local.format("%Y-%m-%d %H:%M:%S %Z").to_string() }
    }

    /// A month, quarter, year, week or day of a report: March 2026; 2026年3月.
    pub fn period(&self, start: NaiveDate, by: &str) -> String {
        match by {
            "month" => self.pattern("date.month_of_year", start),
            "quarter" => {
                let quarter = start.month0() / 3 + 1;
                self.words.with(
                    "date.quarter",
                    &[("quarter", &quarter.to_string()), ("year", &start.year().to_string())],
                )
            }
            "year" => self.words.with("date.year", &[("year", &start.year().to_string())]),
            "week" => {
                let week = start.iso_week();
                self.words.with(
                    "date.week",
                    &[("week", &week.week().to_string()), ("year", &week.year().to_string())],
                )
            }
            _ => self.date(start),
        }
    }

    /// A month in full: March 2026; 2026年3月.
    pub fn month(&self, day: NaiveDate) -> String {
        self.pattern("date.month_in_full", day)
    }

    /// The short name of a day of the week, Monday being 1.
    pub fn weekday(&self, number: u32) -> String {
        self.words.t(&format!("date.weekdays.{number}"))
    }

    /// A day with its name in the week: Thu, 12 Mar 2026; 2026年3月12日 周四.
    pub fn day_of_week(&self, day: NaiveDate) -> String {
        let name = self.weekday(day.weekday().number_from_monday());
        self.words.with("date.day_of_week", &[("weekday", &name), ("date", &self.date(day))])
    }

    /// The hour and minute of a moment: 09:30.
    pub fn time(&self, moment: DateTime<Utc>) -> String {
        let local = moment.with_timezone(&self.zone);
        clock(local.hour(), local.minute())
    }

    fn pattern(&self, key: &str, day: NaiveDate) -> String {
        let month = day.month().to_string();
        let short = self.words.t(&format!("date.months.{month}"));
        let long = self.words.t(&format!("date.months_long.{month}"));
        self.words.with(
            key,
            &[
                ("day", &day.day().to_string()),
                ("month", &month),
                ("name", &short),
                ("long_name", &long),
                ("year", &day.year().to_string()),
            ],
        )
    }
}

fn clock(hour: u32, minute: u32) -> String {
    format!("{hour:02}:{minute:02}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::format::tests::{in_language, sample};

    #[test]
    fn days_and_moments_as_people_say_them() {
        let (english, chinese) = (sample("en"), sample("zh-CN"));
        let day = "2026-03-27".parse().unwrap();
        assert_eq!(english.date(day), "27 Mar 2026");
        assert_eq!(chinese.date(day), "2026年3月27日");
        assert_eq!(english.distance(day), "in 15 days");
        assert_eq!(chinese.distance("2026-03-11".parse().unwrap()), "昨天");
        assert_eq!(english.distance("2027-01-01".parse().unwrap()), "");
        let moment = "2026-03-11T22:30:00Z".parse().unwrap();
        assert_eq!(english.when(moment).text, "Yesterday, 23:30");
        assert_eq!(english.moment(moment), "11 Mar 2026, 23:30");
        assert_eq!(english.period(day, "quarter"), "Q1 2026");
        assert_eq!(chinese.period(day, "month"), "2026年3月");
        assert_eq!(english.period(day, "month"), "Mar 2026");
    }

    #[test]
    fn days_in_the_order_of_the_language() {
        let day = "2026-03-07".parse().unwrap();
        for (language, written) in [
            ("de", "07.03.2026"),
            ("fr", "07/03/2026"),
            ("sv", "2026-03-07"),
            ("nl", "07-03-2026"),
            ("en", "7 Mar 2026"),
        ] {
            assert_eq!(in_language(language).date(day), written, "{language}");
            assert!(in_language(language).date_short(day).len() <= written.len(), "{language}");
        }
    }

    #[test]
    fn today_is_the_readers_day_at_both_ends_of_the_earth() {
        // 10:30 in Greenwich on the twelfth: the thirteenth has begun on Kiritimati, the eleventh lasts at UTC−12.
        let mut format = sample("en");
        format.now = "2026-03-12T10:30:00Z".parse().unwrap();
        for (zone, day, tomorrow) in [
            (chrono_tz::Pacific::Kiritimati, "2026-03-13", "2026-03-14"),
            (chrono_tz::Etc::GMTPlus12, "2026-03-11", "2026-03-12"),
            (chrono_tz::Etc::GMTMinus14, "2026-03-13", "2026-03-14"),
            (chrono_tz::UTC, "2026-03-12", "2026-03-13"),
        ] {
            format.zone = zone;
            assert_eq!(format.today(), day.parse().unwrap(), "{zone}");
            assert_eq!(format.distance(tomorrow.parse().unwrap()), "tomorrow", "{zone}");
            let (hour, name) = (format.when(format.now).text, zone.name());
            assert_eq!(
                hour,
                match name {
                    "UTC" => "10:30",
                    "Etc/GMT+12" => "22:30",
                    _ => "00:30",
                },
                "{zone}"
            );
        }
    }
}
