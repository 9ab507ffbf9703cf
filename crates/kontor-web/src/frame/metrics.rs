//! Counters of requests: how many, with which outcome, how long they took, how many run now.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets of durations, in milliseconds.
const BUCKETS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/// All counters of one process.
#[derive(Debug, Default)]
pub struct Metrics {
    /// By class of status: 1xx to 5xx.
    answers: [AtomicU64; 5],
    buckets: [AtomicU64; BUCKETS.len()],
    microseconds: AtomicU64,
    running: AtomicI64,
}

/// Counts a request as running for as long as it lives.
#[derive(Debug)]
pub struct Running<'a>(&'a Metrics);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// A request has begun.
    pub fn begin(&self) -> Running<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(self)
    }

    /// A request was answered.
    pub fn answered(&self, status: u16, took: Duration) {
        if let Some(count) = self.answers.get(usize::from(status / 100).saturating_sub(1)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(took, Ordering::Relaxed);
        if let Some(place) = BUCKETS.iter().position(|bound| took <= bound * 1_000)
            && let Some(bucket) = self.buckets.get(place)
        {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The text format of Prometheus, version 0.0.4.
    pub fn to_text(&self, workspaces: usize) -> String {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut text = String::new();
        text.push_str("# HELP kontor_http_requests_total Requests answered, by class of status.\n# TYPE kontor_http_requests_total counter\n");
        for (class, count) in (1..=5).zip(&self.answers) {
            let _ = writeln!(text, "kontor_http_requests_total{{status=\"{class}xx\"}} {}", read(count));
        }
        text.push_str("# HELP kontor_http_request_duration_seconds Time from head to answer.\n# TYPE kontor_http_request_duration_seconds histogram\n");
        let mut sum = 0;
        for (bound, count) in BUCKETS.iter().zip(&self.buckets) {
            sum += read(count);
            let seconds = Duration::from_millis(*bound).as_secs_f64();
            let _ = writeln!(text, "kontor_http_request_duration_seconds_bucket{{le=\"{seconds}\"}} {sum}");
        }
        let total: u64 = self.answers.iter().map(read).sum();
        let seconds = Duration::from_micros(read(&self.microseconds)).as_secs_f64();
        let _ = writeln!(text, "kontor_http_request_duration_seconds_bucket{{le=\"+Inf\"}} {total}");
        let _ = writeln!(text, "kontor_http_request_duration_seconds_sum {seconds}");
        let _ = writeln!(text, "kontor_http_request_duration_seconds_count {total}");
        text.push_str("# HELP kontor_http_requests_running Requests being answered now.\n# TYPE kontor_http_requests_running gauge\n");
        let _ = writeln!(text, "kontor_http_requests_running {}", self.running.load(Ordering::Relaxed));
        text.push_str("# HELP kontor_workspaces_open Workspaces that take requests.\n# TYPE kontor_workspaces_open gauge\n");
        let _ = writeln!(text, "kontor_workspaces_open {workspaces}");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_class_and_duration() {
        let metrics = Metrics::default();
        metrics.answered(200, Duration::from_micros(700));
        metrics.answered(404, Duration::from_millis(7));
        metrics.answered(204, Duration::from_mins(1));
        let running = metrics.begin();
        let text = metrics.to_text(1);
        for line in [
            "kontor_http_requests_total{status=\"2xx\"} 2",
            "kontor_http_requests_total{status=\"4xx\"} 1",
            "kontor_http_request_duration_seconds_bucket{le=\"0.001\"} 1",
            "kontor_http_request_duration_seconds_bucket{le=\"0.01\"} 2",
            "kontor_http_request_duration_seconds_bucket{le=\"+Inf\"} 3",
            "kontor_http_requests_running 1",
            "kontor_workspaces_open 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
        drop(running);
        assert!(metrics.to_text(1).contains("kontor_http_requests_running 0"));
    }
}
