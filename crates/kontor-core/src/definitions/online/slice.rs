//! How many rows one transaction carries over, so that writers wait for it a moment only, on whichever machine.

use std::time::{Duration, Instant};

/// What a transaction should take: writers come in between two of them.
const AIM: Duration = Duration::from_millis(60);
/// Rows of the smallest transaction.
const LEAST: u64 = 50;
/// Rows of the largest.
const MOST: u64 = 2_000;
/// Rows of the first.
const FIRST: u64 = 500;

/// The rows of the next transaction, by how long the ones before took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    /// At most so many.
    pub(super) rows: u64,
    began: Instant,
}

impl Slice {
    pub(super) fn new() -> Self {
        Self { rows: FIRST, began: Instant::now() }
    }

    /// Before a transaction.
    pub(super) fn begin(&mut self) {
        self.began = Instant::now();
    }

    /// After it.
    pub(super) fn end(&mut self) {
        self.took(self.began.elapsed());
    }

    /// Half as many when it took too long, twice as many when it was over at once.
    fn took(&mut self, time: Duration) {
        if time > AIM {
            self.rows = (self.rows / 2).max(LEAST);
        } else if time < AIM / 3 {
            self.rows = (self.rows * 2).min(MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_machines_get_smaller_slices() {
        let mut slice = Slice::new();
        for _ in 0..9 {
            slice.took(AIM * 3);
        }
        assert_eq!(slice.rows, LEAST);
        slice.took(AIM / 2);
        assert_eq!(slice.rows, LEAST, "about right");
        for _ in 0..9 {
            slice.took(AIM / 9);
        }
        assert_eq!(slice.rows, MOST);
    }
}
