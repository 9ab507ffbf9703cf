//! Places where a test ends the process as a power cut would: `KONTOR_FAULT=<point>` or `<point>:<n>` for the n-th
//! time. Debug builds only.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The fault that a test asked for, if any.
#[derive(Debug, Default)]
pub struct Faults {
    wanted: Option<(String, u32)>,
    reached: Mutex<HashMap<String, u32>>,
    /// `KONTOR_FAULT_SLICE`: how many milliseconds long work goes on before it gives way.
    slice: Option<u64>,
}

impl Faults {
    /// What the environment asks for; nothing in release builds.
    pub fn of_environment() -> Self {
        let wanted = if cfg!(debug_assertions) { std::env::var("KONTOR_FAULT").ok() } else { None };
        let wanted = wanted.map(|text| match text.split_once(':') {
            Some((point, count)) => (point.to_owned(), count.parse().unwrap_or(1)),
            None => (text, 1),
        });
        let slice = if cfg!(debug_assertions) { std::env::var("KONTOR_FAULT_SLICE").ok() } else { None };
        Self { wanted, reached: Mutex::default(), slice: slice.and_then(|text| text.parse().ok()) }
    }

    /// How long a piece of long work goes on before others have their turn.
    pub fn slice(&self, usual: Duration) -> Duration {
        self.slice.map_or(usual, Duration::from_millis)
    }

    /// Ends the process when this is the point and time that were asked for.
    pub fn point(&self, name: &str) {
        let Some((wanted, count)) = &self.wanted else { return };
        if wanted != name {
            return;
        }
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let times = reached.entry(name.to_owned()).or_insert(0);
        *times += 1;
        if times == count {
            std::process::abort();
        }
    }
}
