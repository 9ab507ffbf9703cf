//! Counts what a running script uses up and ends it. The engine asks after every operation, so this stays tiny.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use rhai::Dynamic;

use crate::limits::{Limit, Limits};

/// The meter of one engine; set anew for every call.
#[derive(Debug)]
pub(crate) struct Meter {
    origin: Instant,
    started: AtomicU64,
    deadline: AtomicU64,
    operations: AtomicU64,
    most_operations: AtomicU64,
    tripped: AtomicU8,
}

const RUNNING: u8 = 0;
const TOO_MANY_OPERATIONS: u8 = 1;
const TOO_LONG: u8 = 2;
const ENDED: u8 = 3;

impl Meter {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            origin: Instant::now(),
            started: AtomicU64::new(0),
            deadline: AtomicU64::new(u64::MAX),
            operations: AtomicU64::new(0),
            most_operations: AtomicU64::new(u64::MAX),
            tripped: AtomicU8::new(RUNNING),
        })
    }

    fn nanoseconds(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Begins a call.
    pub(crate) fn start(&self, limits: &Limits) {
        let now = self.nanoseconds();
        let allowed = u64::try_from(limits.wall_time.as_nanos()).unwrap_or(u64::MAX);
        self.started.store(now, Relaxed);
        self.deadline.store(now.saturating_add(allowed), Relaxed);
        self.operations.store(0, Relaxed);
        self.most_operations.store(limits.operations, Relaxed);
        self.tripped.store(RUNNING, Relaxed);
    }

    /// One more operation; something when the script must end. The clock is read every 64 operations only.
    pub(crate) fn tick(&self) -> Option<Dynamic> {
        // Only the thread that runs the engine writes, so a plain load and store counts right.
        let operations = self.operations.load(Relaxed) + 1;
        self.operations.store(operations, Relaxed);
        if operations > self.most_operations.load(Relaxed) {
            self.tripped.store(TOO_MANY_OPERATIONS, Relaxed);
            return Some(Dynamic::UNIT);
        }
        if operations.trailing_zeros() >= 6 && self.is_late() {
            return Some(Dynamic::UNIT);
        }
        if self.tripped.load(Relaxed) == RUNNING { None } else { Some(Dynamic::UNIT) }
    }

    /// Whether the time is over; remembers it, so that the next operation ends the script.
    pub(crate) fn is_late(&self) -> bool {
        if self.nanoseconds() <= self.deadline.load(Relaxed) {
            return false;
        }
        self.tripped.store(TOO_LONG, Relaxed);
        true
    }

    /// Ends the script at its next operation, whatever it catches.
    pub(crate) fn end(&self) {
        self.tripped.store(ENDED, Relaxed);
    }

    /// The limit that ended the script, if one of this meter's did.
    pub(crate) fn tripped(&self) -> Option<Limit> {
        match self.tripped.load(Relaxed) {
            TOO_MANY_OPERATIONS => Some(Limit::Operations),
            TOO_LONG => Some(Limit::WallTime),
            _ => None,
        }
    }

    pub(crate) fn operations(&self) -> u64 {
        self.operations.load(Relaxed)
    }

    /// Time since the call began.
    pub(crate) fn microseconds(&self) -> u64 {
        self.nanoseconds().saturating_sub(self.started.load(Relaxed)) / 1000
    }
}
