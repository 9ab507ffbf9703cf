//! Working time between two moments, and the moment after so much of it.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

use super::{Span, WorkingTime};

/// Longer stretches are not counted hour by hour, in days: two centuries.
const FAR: i64 = 73_050;
/// The end of a day, in minutes.
const MIDNIGHT: u32 = 24 * 60;
/// The longest time that clocks ever skipped, in minutes: a day and a little.
const LONGEST_GAP: i64 = 26 * 60;

impl WorkingTime {
    /// How much working time lies between two moments; less than none when the second comes first. None over more than
    /// two centuries.
    pub fn time_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Duration> {
        if to < from {
            return Some(-self.time_between(to, from)?);
        }
        let (first, last) = (self.day_of(from), self.day_of(to));
        if (last - first).num_days() > FAR {
            return None;
        }
        let mut sum = Duration::zero();
        for day in first.iter_days().take_while(|day| *day <= last) {
            for (begin, end) in self.stretches(day) {
                sum += (end.min(to) - begin.max(from)).max(Duration::zero());
            }
        }
        Some(sum)
    }

    /// The first moment by which so much working time has passed since another; for less than none, the last one from
    /// which on so much of it had to pass. None when that is more than two centuries away.
    pub fn add_time(&self, moment: DateTime<Utc>, time: Duration) -> Option<DateTime<Utc>> {
        if time.is_zero() {
            return Some(moment);
        }
        let back = time < Duration::zero();
        let mut left = time.abs();
        let mut day = self.day_of(moment);
        for _ in 0..FAR {
            let mut stretches = self.stretches(day);
            if back {
                stretches.reverse();
            }
            for (begin, end) in stretches {
                let (begin, end) = if back { (begin, end.min(moment)) } else { (begin.max(moment), end) };
                if begin >= end {
                    continue;
                }
                if left <= end - begin {
                    return Some(if back { end - left } else { begin + left });
                }
                left -= end - begin;
            }
            day = if back { day.pred_opt()? } else { day.succ_opt()? };
            if !(1..=9999).contains(&day.year()) {
                return None;
            }
        }
        None
    }

    /// The same time of the clock so many working days later.
    pub fn add_days_to(&self, moment: DateTime<Utc>, count: i64) -> Option<DateTime<Utc>> {
        let local = moment.with_timezone(&self.zone).naive_local();
        Some(self.moment(self.add_days(local.date(), count)?.and_time(local.time()), false))
    }

    /// The day of a moment where the hours are read.
    pub fn day_of(&self, moment: DateTime<Utc>) -> NaiveDate {
        moment.with_timezone(&self.zone).date_naive()
    }

    /// The hours of a day as moments. What clocks show twice counts twice, and what they skip not at all.
    fn stretches(&self, day: NaiveDate) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        if !self.works_on(day) {
            return Vec::new();
        }
        let mut stretches: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
        for Span { from, until } in self.hours.on(day.weekday()) {
            let midnight = day.and_time(NaiveTime::MIN);
            let at = |minutes: u32| midnight + Duration::minutes(i64::from(minutes));
            let mut begin = self.moment(at(*from), false);
            if let Some((_, before)) = stretches.last() {
                begin = begin.max(*before);
            }
            // Midnight is the beginning of the next day, the first of two.
            let end = self.moment(at(*until), *until < MIDNIGHT);
            if begin < end {
                stretches.push((begin, end));
            }
        }
        stretches
    }

    /// The moment at which clocks show a time: of two the first, or the last; where they skip it, the one after.
    fn moment(&self, local: NaiveDateTime, last: bool) -> DateTime<Utc> {
        let found = (0..=LONGEST_GAP).find_map(|minutes| {
            let shown = self.zone.from_local_datetime(&(local + Duration::minutes(minutes)));
            if last && minutes == 0 { shown.latest() } else { shown.earliest() }
        });
        found.map_or_else(|| local.and_utc(), |moment| moment.with_timezone(&Utc))
    }
}
