//! Slows down guessing: after a few failures an account and an address wait, longer each time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// Failures that cost nothing.
const FREE: u32 = 5;
/// The longest wait.
const LONGEST: Duration = Duration::from_mins(15);
/// Failures are forgotten after so long.
const MEMORY: Duration = Duration::from_hours(1);
/// The most keys that are remembered; beyond it the oldest go.
const MAX_KEYS: usize = 50_000;

/// Failed sign-ins by account and by address.
#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<HashMap<String, (u32, DateTime<Utc>)>>,
}

impl Throttle {
    /// How long the keys still have to wait; zero when they need not.
    pub fn wait(&self, keys: &[String], now: DateTime<Utc>) -> Duration {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter()
            .filter_map(|key| failures.get(key))
            .map(|(count, last)| {
                let passed = (now - *last).to_std().unwrap_or_default();
                pause(*count).saturating_sub(passed)
            })
            .max()
            .unwrap_or_default()
    }

    /// Counts a failure.
    pub fn failed(&self, keys: &[String], now: DateTime<Utc>) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = chrono::Duration::from_std(MEMORY).unwrap_or_default();
        if failures.len() >= MAX_KEYS {
            failures.retain(|_, (_, last)| now - *last < memory);
        }
        for key in keys {
            let entry = failures.entry(key.clone()).or_insert((0, now));
            if now - entry.1 >= memory {
                entry.0 = 0;
            }
            *entry = (entry.0 + 1, now);
        }
    }

    /// Forgets the failures of a key, after a success.
    pub fn succeeded(&self, key: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// 2, 4, 8 … seconds beyond the free failures.
fn pause(count: u32) -> Duration {
    match count.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(over) => Duration::from_secs(2_u64.saturating_pow(over.min(20) + 1)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_only_after_the_free_failures_and_forgets() {
        let throttle = Throttle::default();
        let keys = vec!["a".to_owned()];
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        for _ in 0..4 {
            throttle.failed(&keys, now);
        }
        assert_eq!(throttle.wait(&keys, now), Duration::ZERO);
        throttle.failed(&keys, now);
        assert_eq!(throttle.wait(&keys, now), Duration::from_secs(2));
        assert_eq!(throttle.wait(&keys, now + chrono::Duration::seconds(2)), Duration::ZERO);
        throttle.succeeded("a");
        assert_eq!(throttle.wait(&keys, now), Duration::ZERO);
    }
}
