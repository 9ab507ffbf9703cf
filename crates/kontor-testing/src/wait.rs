//! Waiting for something to become true, with a deadline instead of a pause.

use std::future::Future;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up. Generous: the machine may be busy compiling.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// Asks again and again until `probe` gives a value; panics after [`DEADLINE`], naming `what`.
pub async fn eventually<T, F>(what: &str, mut probe: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(Instant::now() < end, "waited {} s in vain for: {what}", DEADLINE.as_secs());
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// The same for a plain condition of the calling thread.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < end, "waited {} s in vain for: {what}", DEADLINE.as_secs());
        std::thread::sleep(Duration::from_millis(10));
    }
}
