//! How much one question may cost.
//!
//! Nothing from outside runs unbounded: every search takes a budget and says when it ran out.

use std::cell::Cell;

/// Steps left to a search. A step is one stored fact looked at or one rule tried. Pure crates have no clock,
/// so time is bounded by steps here and by [`Budget::with_stop`] from outside.
#[derive(Debug)]
pub struct Budget<'a> {
    steps: Cell<u64>,
    granted: u64,
    stop: Option<&'a std::sync::atomic::AtomicBool>,
}

/// The search was ended before it was complete; what it found so far is partial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search was ended before it was complete")]
pub struct Spent;

impl<'a> Budget<'a> {
    /// A budget of so many steps.
    #[must_use]
    pub fn steps(steps: u64) -> Self {
        Self { steps: Cell::new(steps), granted: steps, stop: None }
    }

    /// Also ends when `stop` becomes true (Ctrl-C, a time-out): read at every 64th step.
    #[must_use]
    pub fn with_stop(mut self, stop: &'a std::sync::atomic::AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Takes one step.
    ///
    /// # Errors
    /// [`Spent`] when none is left or the stop was raised.
    pub fn step(&self) -> Result<(), Spent> {
        let left = self.steps.get();
        if left == 0 {
            return Err(Spent);
        }
        if left.is_multiple_of(64) && self.stop.is_some_and(|stop| stop.load(std::sync::atomic::Ordering::Relaxed)) {
            self.steps.set(0);
            return Err(Spent);
        }
        self.steps.set(left - 1);
        Ok(())
    }

    /// Steps taken so far.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.granted - self.steps.get()
    }
}
