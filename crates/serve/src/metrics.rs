//! What is counted, as Prometheus reads it.
//!
//! A handful of counters that need no library: requests by status, how long they took, what is open and running.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Upper bounds of the histogram, in milliseconds.
const BOUNDS: [u64; 10] = [1, 5, 10, 25, 50, 100, 250, 1000, 5000, 30_000];

/// What was counted since the start.
#[derive(Default)]
pub struct Metrics {
    /// Requests by the first digit of their status.
    statuses: [AtomicU64; 6],
    took: [AtomicU64; BOUNDS.len()],
    took_sum: AtomicU64,
    took_count: AtomicU64,
    /// Open connections.
    pub(crate) connections: AtomicU64,
    /// Connections that were not taken.
    pub(crate) turned_away: AtomicU64,
    /// Queries that ran into a bound or were stopped.
    pub(crate) stopped: AtomicU64,
}

impl Metrics {
    /// Counts a request.
    pub(crate) fn count(&self, status: u16, took: Duration) {
        if let Some(counter) = self.statuses.get(usize::from(status / 100)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        for (bound, counter) in BOUNDS.iter().zip(&self.took) {
            if took <= Duration::from_millis(*bound) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.took_sum.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.took_count.fetch_add(1, Ordering::Relaxed);
    }

    /// As text, in the format of Prometheus 0.0.4.
    #[must_use]
    pub fn text(&self, running: usize) -> String {
        let mut out = String::new();
        // Writing into a String cannot fail.
        let _ = writeln!(out, "# HELP quid_http_requests_total Requests by the class of their status.");
        let _ = writeln!(out, "# TYPE quid_http_requests_total counter");
        for (class, counter) in self.statuses.iter().enumerate().skip(1) {
            let _ =
                writeln!(out, "quid_http_requests_total{{status=\"{class}xx\"}} {}", counter.load(Ordering::Relaxed));
        }
        let _ = writeln!(out, "# HELP quid_http_request_seconds How long the head of an answer took.");
        let _ = writeln!(out, "# TYPE quid_http_request_seconds histogram");
        let count = self.took_count.load(Ordering::Relaxed);
        for (bound, counter) in BOUNDS.iter().zip(&self.took) {
            let seconds = *bound as f64 / 1000.0;
            let within = counter.load(Ordering::Relaxed).min(count);
            let _ = writeln!(out, "quid_http_request_seconds_bucket{{le=\"{seconds}\"}} {within}");
        }
        let _ = writeln!(out, "quid_http_request_seconds_bucket{{le=\"+Inf\"}} {count}");
        let sum = self.took_sum.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(out, "quid_http_request_seconds_sum {sum}\nquid_http_request_seconds_count {count}");
        for (name, kind, help, value) in [
            ("quid_connections", "gauge", "Open connections.", self.connections.load(Ordering::Relaxed)),
            ("quid_queries_running", "gauge", "Queries that are running.", running as u64),
            (
                "quid_connections_turned_away_total",
                "counter",
                "Connections over a limit.",
                self.turned_away.load(Ordering::Relaxed),
            ),
            (
                "quid_queries_stopped_total",
                "counter",
                "Queries that ran into a bound or were stopped.",
                self.stopped.load(Ordering::Relaxed),
            ),
        ] {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        }
        out
    }
}
