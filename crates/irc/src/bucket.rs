//! How fast we may speak.
//!
//! Servers end connections that talk too fast ("Excess Flood"), so lines leave through a token bucket; what keeps
//! the connection alive (PONG, registration) goes past it, since being late with a PONG ends it too.

use std::collections::VecDeque;
use std::time::Duration;

use crate::message::Outgoing;

/// Lines waiting to be sent.
#[derive(Debug)]
pub struct Bucket {
    /// Tokens, each the right to one line, in parts of a line.
    tokens: f64,
    burst: f64,
    per_second: f64,
    counted: Duration,
    urgent: VecDeque<Outgoing>,
    waiting: VecDeque<Outgoing>,
}

/// The most lines that wait; what comes beyond is refused, so that nobody can fill our memory by asking.
pub const MOST_WAITING: usize = 256;

impl Bucket {
    /// `burst` lines at once, then so many a second.
    #[must_use]
    pub fn new(burst: u32, per_second: f64) -> Self {
        let burst = f64::from(burst.max(1));
        let per_second = if per_second.is_finite() && per_second > 0.0 { per_second } else { 1.0 };
        Self {
            tokens: burst,
            burst,
            per_second,
            counted: Duration::ZERO,
            urgent: VecDeque::new(),
            waiting: VecDeque::new(),
        }
    }

    /// A line that must not wait.
    pub fn urgent(&mut self, line: Outgoing) {
        if self.urgent.len() < MOST_WAITING {
            self.urgent.push_back(line);
        }
    }

    /// A line that waits its turn; false when too many wait already and it was refused.
    pub fn push(&mut self, line: Outgoing) -> bool {
        if self.waiting.len() >= MOST_WAITING {
            return false;
        }
        self.waiting.push_back(line);
        true
    }

    /// How many lines wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Forgets what waits, as after a lost connection.
    pub fn clear(&mut self) {
        self.urgent.clear();
        self.waiting.clear();
    }

    /// The next line that may be sent now.
    pub fn next(&mut self, now: Duration) -> Option<Outgoing> {
        let gained = now.saturating_sub(self.counted).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.counted = now.max(self.counted);
        if let Some(line) = self.urgent.pop_front() {
            // It counts for the server too, but may overdraw.
            self.tokens = (self.tokens - 1.0).max(0.0);
            return Some(line);
        }
        if self.tokens < 1.0 {
            return None;
        }
        let line = self.waiting.pop_front()?;
        self.tokens -= 1.0;
        Some(line)
    }

    /// How long until the next line may be sent; `None` when none waits.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        if !self.urgent.is_empty() {
            return Some(Duration::ZERO);
        }
        if self.waiting.is_empty() {
            return None;
        }
        Some(Duration::from_secs_f64(((1.0 - self.tokens) / self.per_second).max(0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_a_steady_pace() {
        let mut bucket = Bucket::new(4, 2.0);
        for number in 0..20 {
            assert!(bucket.push(Outgoing::new("PRIVMSG", &["#a", &number.to_string()])));
        }
        let mut sent = Vec::new();
        for tick in 0..50_u32 {
            let now = Duration::from_millis(u64::from(tick) * 100);
            if tick == 10 {
                bucket.urgent(Outgoing::new("PONG", &["x"]));
            }
            while let Some(line) = bucket.next(now) {
                sent.push((tick, line.line().to_owned()));
            }
        }
        assert_eq!(sent.iter().filter(|(tick, _)| *tick == 0).count(), 4);
        assert!(sent.iter().any(|(tick, line)| *tick == 10 && line == "PONG x"), "past the queue");
        let after: Vec<u32> = sent.iter().skip(4).map(|(tick, _)| *tick).collect();
        assert!(
            after.len() <= 11 && after.windows(2).all(|pair| pair[1] - pair[0] >= 4 || pair[0] == 10 || pair[1] == 10),
            "{after:?}"
        );
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let mut bucket = Bucket::new(1, 1.0);
        let line = || Outgoing::new("PRIVMSG", &["#a", "x"]);
        let taken = (0..1000).filter(|_| bucket.push(line())).count();
        assert_eq!((taken, bucket.waiting()), (MOST_WAITING, MOST_WAITING));
        bucket.clear();
        assert_eq!(bucket.wait(), None);
        for (burst, pace) in [(0, 0.0), (1, f64::NAN), (3, f64::INFINITY), (2, -1.0)] {
            let mut odd = Bucket::new(burst, pace);
            odd.push(line());
            assert!(odd.next(Duration::ZERO).is_some());
        }
    }
}
