//! How much one person may ask of us.
//!
//! Somebody without limits can make us silent for everybody else, since all answers leave through one bucket. The
//! account counts, else the host: a nick is changed in a second.

use std::collections::HashMap;
use std::time::Duration;

/// The most people that are counted at once.
const MOST: usize = 10_000;

/// What to do with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Hear it.
    Hear,
    /// Too much: tell them once.
    Warn,
    /// Too much, and they know.
    Drop,
}

/// Counts lines by person.
#[derive(Clone, Debug)]
pub struct Flood {
    burst: f64,
    per_second: f64,
    known: HashMap<String, Count>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    left: f64,
    at: Duration,
    warned: bool,
}

impl Flood {
    /// So many lines at once, then so many a second.
    #[must_use]
    pub fn new(burst: u32, per_second: f64) -> Self {
        Self { burst: f64::from(burst.max(1)), per_second: per_second.max(0.001), known: HashMap::new() }
    }

    /// Counts a line of this person.
    pub fn count(&mut self, who: &str, now: Duration) -> Verdict {
        self.count_as(who, 1.0, now)
    }

    /// Counts a line of this person as so many lines, more where little is allowed and less where much is.
    pub fn count_as(&mut self, who: &str, lines: f64, now: Duration) -> Verdict {
        // Even in the strictest place one line is heard.
        let lines = lines.clamp(0.0, self.burst);
        if self.known.len() >= MOST {
            self.forget(now);
        }
        let fresh = Count { left: self.burst, at: now, warned: false };
        let count = self.known.entry(who.to_owned()).or_insert(fresh);
        let gained = now.saturating_sub(count.at).as_secs_f64() * self.per_second;
        count.left = (count.left + gained).min(self.burst);
        count.at = now;
        if count.left >= lines {
            count.left -= lines;
            count.warned = count.warned && count.left < self.burst / 2.0;
            return Verdict::Hear;
        }
        if std::mem::replace(&mut count.warned, true) { Verdict::Drop } else { Verdict::Warn }
    }

    /// Takes all that this person has left.
    pub fn exhaust(&mut self, who: &str, now: Duration) {
        self.known.insert(who.to_owned(), Count { left: 0.0, at: now, warned: true });
    }

    /// Forgets those who have been quiet long enough to be new; all when nobody was.
    fn forget(&mut self, now: Duration) {
        let whole = Duration::from_secs_f64(self.burst / self.per_second);
        self.known.retain(|_, count| now.saturating_sub(count.at) < whole);
        if self.known.len() >= MOST {
            self.known.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Drop, Hear, Warn};
    use super::*;

    #[test]
    fn a_line_may_count_more_or_less() {
        for (lines, heard) in [(1.0, 4), (2.0, 2), (0.25, 16), (9.0, 1)] {
            let mut flood = Flood::new(4, 0.001);
            let count = (0..50).filter(|_| flood.count_as("bob", lines, Duration::ZERO) == Hear).count();
            assert_eq!(count, heard, "{lines}");
        }
    }

    #[test]
    fn too_much_is_told_once_and_forgiven_later() {
        let mut flood = Flood::new(3, 0.5);
        let verdicts: Vec<Verdict> = (0..6).map(|_| flood.count("bob", Duration::ZERO)).collect();
        assert_eq!(verdicts, [Hear, Hear, Hear, Warn, Drop, Drop]);
        assert_eq!(flood.count("ann", Duration::ZERO), Hear, "others are not meant");
        assert_eq!(flood.count("bob", Duration::from_secs(2)), Hear);
        assert_eq!(flood.count("bob", Duration::from_secs(2)), Drop);
        assert_eq!(flood.count("bob", Duration::from_mins(1)), Hear);
        for number in 0..30_000 {
            flood.count(&number.to_string(), Duration::from_secs(61));
        }
        assert!(flood.known.len() <= MOST);
    }
}
