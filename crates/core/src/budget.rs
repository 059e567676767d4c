//! How much one question may cost.
//!
//! Nothing from outside runs unbounded: every search takes a budget and says when it ran out, and of what.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is left to a search: steps, tuples, bytes, solutions. A step is one fact or answer looked at or one rule
/// tried; a tuple is an answer that is kept, to whichever intermediate question. Pure crates have no clock, so time
/// is bounded by steps here and by [`Budget::with_stop`] from outside: one timer of the program raises the flags of
/// all searches.
#[derive(Debug)]
pub struct Budget<'a> {
    steps: Cell<u64>,
    granted: u64,
    /// Where a second grant begins: the steps that were left of the first.
    unused: Cell<Option<u64>>,
    most_tuples: u64,
    tuples: Cell<u64>,
    bytes: Cell<u64>,
    most_bytes: u64,
    solutions: u64,
    stop: Option<&'a AtomicBool>,
    ran_out: Cell<Option<Limit>>,
}

/// What a budget ran out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// Steps of the search.
    Steps,
    /// Answers kept, intermediate ones included.
    Tuples,
    /// Memory.
    Bytes,
    /// Answers wanted.
    Solutions,
    /// It was stopped from outside: Ctrl-C or the timer.
    Stopped,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Steps => "steps",
            Self::Tuples => "tuples",
            Self::Bytes => "memory",
            Self::Solutions => "solutions",
            Self::Stopped => "time",
        })
    }
}

/// The search was ended before it was complete; what it found so far is partial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search was ended before it was complete")]
pub struct Spent;

impl<'a> Budget<'a> {
    /// A budget of so many steps, and nothing else limited.
    #[must_use]
    pub fn steps(steps: u64) -> Self {
        Self {
            steps: Cell::new(steps),
            granted: steps,
            unused: Cell::new(None),
            most_tuples: u64::MAX,
            tuples: Cell::new(u64::MAX),
            bytes: Cell::new(0),
            most_bytes: u64::MAX,
            solutions: u64::MAX,
            stop: None,
            ran_out: Cell::new(None),
        }
    }

    /// Also ends when `stop` becomes true (Ctrl-C, a time-out): read at every 64th step.
    #[must_use]
    pub fn with_stop(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Keeps at most so many answers, intermediate ones included.
    #[must_use]
    pub fn with_tuples(mut self, most: u64) -> Self {
        self.most_tuples = most;
        self.tuples.set(most);
        self
    }

    /// Keeps at most so many bytes at a time.
    #[must_use]
    pub fn with_bytes(mut self, most: u64) -> Self {
        self.most_bytes = most;
        self
    }

    /// Gives at most so many solutions.
    #[must_use]
    pub fn with_solutions(mut self, most: u64) -> Self {
        self.solutions = most;
        self
    }

    /// How many solutions may be given.
    #[must_use]
    pub fn most_solutions(&self) -> u64 {
        self.solutions
    }

    /// Takes one step.
    ///
    /// # Errors
    /// [`Spent`] when none is left or the stop was raised.
    #[inline]
    pub fn step(&self) -> Result<(), Spent> {
        let left = self.steps.get();
        if left == 0 {
            return Err(self.out_of(Limit::Steps));
        }
        if left.is_multiple_of(64) && self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            self.steps.set(0);
            return Err(self.out_of(Limit::Stopped));
        }
        self.steps.set(left - 1);
        Ok(())
    }

    /// Takes so many steps at once, for work done in one go.
    ///
    /// # Errors
    /// As [`Budget::step`].
    pub fn take(&self, steps: u64) -> Result<(), Spent> {
        let left = self.steps.get();
        if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            self.steps.set(0);
            return Err(self.out_of(Limit::Stopped));
        }
        self.steps.set(left.saturating_sub(steps));
        if left < steps { Err(self.out_of(Limit::Steps)) } else { Ok(()) }
    }

    /// Takes one tuple.
    ///
    /// # Errors
    /// [`Spent`] when none is left.
    #[inline]
    pub fn tuple(&self) -> Result<(), Spent> {
        let left = self.tuples.get();
        if left == 0 {
            return Err(self.out_of(Limit::Tuples));
        }
        self.tuples.set(left - 1);
        Ok(())
    }

    /// Notes that so many bytes more are held now.
    ///
    /// # Errors
    /// [`Spent`] when that is too much.
    #[inline]
    pub fn hold(&self, bytes: usize) -> Result<(), Spent> {
        let held = self.bytes.get().saturating_add(bytes as u64);
        self.bytes.set(held);
        if held > self.most_bytes { Err(self.out_of(Limit::Bytes)) } else { Ok(()) }
    }

    /// Notes that so many bytes were given back.
    pub fn give_back(&self, bytes: usize) {
        self.bytes.set(self.bytes.get().saturating_sub(bytes as u64));
    }

    /// What it ran out of first; `None` while it lasts.
    #[must_use]
    pub fn ran_out(&self) -> Option<Limit> {
        self.ran_out.get()
    }

    /// Steps taken so far.
    #[must_use]
    pub fn taken(&self) -> u64 {
        let before = self.unused.get().map_or(0, |unused| self.granted - unused);
        before.saturating_add(self.granted - self.steps.get())
    }

    /// Grants the same once more, and only once: for the proofs of what was found.
    pub fn grant_proofs(&self) {
        if self.unused.get().is_none() {
            self.unused.set(Some(self.steps.get()));
            self.steps.set(self.granted);
            self.tuples.set(self.most_tuples);
            self.bytes.set(0);
            self.ran_out.set(None);
        }
    }

    fn out_of(&self, limit: Limit) -> Spent {
        if self.ran_out.get().is_none() {
            self.ran_out.set(Some(limit));
        }
        Spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_kept_and_named() {
        type Spending = for<'a> fn(&Budget<'a>) -> Result<(), Spent>;
        let stop = AtomicBool::new(true);
        let cases: [(Budget<'_>, Spending, Limit); 5] = [
            (Budget::steps(3), |budget| budget.step(), Limit::Steps),
            (Budget::steps(30), |budget| budget.take(10), Limit::Steps),
            (Budget::steps(900).with_tuples(3), |budget| budget.tuple(), Limit::Tuples),
            (Budget::steps(900).with_bytes(30), |budget| budget.hold(10), Limit::Bytes),
            (Budget::steps(67).with_stop(&stop), |budget| budget.step(), Limit::Stopped),
        ];
        for (budget, spend, limit) in cases {
            for _ in 0..3 {
                assert_eq!(spend(&budget), Ok(()), "{limit}");
                assert_eq!(budget.ran_out(), None);
            }
            assert_eq!(spend(&budget), Err(Spent), "{limit}");
            assert_eq!(budget.ran_out(), Some(limit));
            if limit != Limit::Stopped {
                budget.grant_proofs();
                for _ in 0..3 {
                    assert_eq!(spend(&budget), Ok(()), "{limit}, again");
                }
                budget.grant_proofs();
                assert_eq!(spend(&budget), Err(Spent), "{limit}, only once");
            }
        }
    }
}
