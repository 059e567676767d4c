//! One line in, one reply out: the only place where the program talks to the mind.
//!
//! Every door (prompt, pipe, JSON, commands) goes through here, so that a fault in answering one line is told
//! as an error and the next line is answered.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use quid_core::{Answer, Heard, Place, Reply, Rights, Speaker, Time};
use quid_mind::Mind;

use crate::signals::Stop;

/// Whatever answers a line, until the flag is raised.
type Answering = Box<dyn FnMut(&Heard, &AtomicBool) -> Reply>;

/// The mind with a clock and a stop.
pub struct Door {
    answer: Answering,
    stop: Stop,
    watch: Option<Watch>,
}

impl Door {
    /// A door to this mind.
    #[must_use]
    pub fn new(mut mind: Mind, stop: Stop) -> Self {
        Self { answer: Box::new(move |heard, raised| mind.hear(heard, raised)), stop, watch: None }
    }

    /// Cancels every answer that takes longer than this.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn limited(mut self, limit: Duration) -> Result<Self> {
        self.watch = Some(Watch::start(self.stop.raised.clone(), limit)?);
        Ok(self)
    }

    /// Answers one line; says how long it took. A panic inside becomes an error reply.
    pub fn hear(&mut self, heard: &Heard) -> Reply {
        let _busy = self.stop.busy.lock().unwrap_or_else(PoisonError::into_inner);
        self.stop.raised.store(false, Ordering::Relaxed);
        let start = Instant::now();
        if let Some(watch) = &self.watch {
            watch.set(Some(start));
        }
        let answered = catch_unwind(AssertUnwindSafe(|| (self.answer)(heard, &self.stop.raised)));
        if let Some(watch) = &self.watch {
            watch.set(None);
        }
        let mut reply = answered.unwrap_or_else(|_| {
            Reply::new(Answer::Error, "something went wrong inside while answering that; nothing more is known about it here, please report the line")
        });
        reply.micros = Some(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
        reply
    }
}

/// A timer in a thread of its own that raises the stop flag when an answer takes too long.
struct Watch {
    began: Arc<(Mutex<State>, Condvar)>,
}

struct State {
    /// When the answer that is being thought of began.
    began: Option<Instant>,
    over: bool,
}

impl Watch {
    fn start(raised: Arc<AtomicBool>, limit: Duration) -> Result<Self> {
        let began = Arc::new((Mutex::new(State { began: None, over: false }), Condvar::new()));
        let shared = began.clone();
        thread::Builder::new()
            .name("watch".into())
            .spawn(move || {
                let (state, changed) = &*shared;
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                while !state.over {
                    let left = state.began.map(|began| limit.saturating_sub(began.elapsed()));
                    state = match left {
                        None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                        Some(Duration::ZERO) => {
                            raised.store(true, Ordering::Relaxed);
                            state.began = None;
                            state
                        }
                        Some(left) => changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
                    };
                }
            })
            .context("cannot start the thread that watches the time")?;
        Ok(Self { began })
    }

    fn set(&self, began: Option<Instant>) {
        self.change(|state| state.began = began);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let (state, changed) = &*self.began;
        change(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_one();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.change(|state| state.over = true);
    }
}

/// The person at the console: they own the home, so they own the bot.
#[must_use]
pub fn owner() -> Speaker {
    let name = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let nick = name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "owner".to_owned());
    Speaker { account: Some(nick.clone()), nick, rights: Rights::Owner }
}

/// A line the owner typed at the console, now.
#[must_use]
pub fn typed(speaker: &Speaker, text: impl Into<String>) -> Heard {
    Heard {
        speaker: speaker.clone(),
        place: Place::Global,
        addressed: true,
        passive: false,
        text: text.into(),
        at: now(),
    }
}

/// This moment.
#[must_use]
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A panic is told on the error stream in one line, without a trace that means nothing to a user; the full
/// report comes with `RUST_BACKTRACE` set.
pub fn tell_panics_shortly() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map_or_else(String::new, ToString::to_string);
            let message = panic.payload_as_str().unwrap_or("no message");
            // The error stream may be closed as well, and a panic while telling of a panic would abort.
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("error: internal fault at {place}: {message}\nhint: please report this with the line that caused it\n").as_bytes(),
            );
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_takes_too_long_is_cancelled_and_the_next_one_is_not() {
        let answer = |heard: &Heard, raised: &AtomicBool| {
            let start = Instant::now();
            let patience = if heard.text == "slow" { 20 } else { 0 };
            while start.elapsed() < Duration::from_secs(patience) && !raised.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            Reply::new(Answer::Chat, if raised.load(Ordering::Relaxed) { "cancelled" } else { "done" })
        };
        let door = Door { answer: Box::new(answer), stop: Stop::default(), watch: None };
        let mut door = door.limited(Duration::from_millis(50)).expect("a thread");
        let replies = ["quick", "slow", "quick", "slow"].map(|text| door.hear(&typed(&owner(), text)).text);
        assert_eq!(replies, ["done", "cancelled", "done", "cancelled"]);
    }

    #[test]
    fn a_fault_in_one_answer_is_told_and_the_next_line_is_answered() {
        let answer = |heard: &Heard, _: &AtomicBool| {
            assert_ne!(heard.text, "bad", "a fault, on purpose");
            Reply::new(Answer::Chat, "fine")
        };
        let mut door = Door { answer: Box::new(answer), stop: Stop::default(), watch: None };
        let kinds = ["good", "bad", "good"].map(|text| door.hear(&typed(&owner(), text)).kind());
        assert_eq!(kinds, ["chat", "error", "chat"]);
    }
}
