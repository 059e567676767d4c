//! The list of what is running, for whoever must find and stop it.
//!
//! A query that takes long should be seen by its text and ended by its number, without ending the program.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use serde::Serialize;

/// The most characters of a query that are shown.
const SHOWN: usize = 2000;

/// What is running now.
#[derive(Default)]
pub struct Running {
    next: AtomicU64,
    list: Mutex<BTreeMap<u64, One>>,
}

struct One {
    who: String,
    text: String,
    since: Instant,
    stop: Arc<AtomicBool>,
}

/// A line of the list.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its number.
    pub id: u64,
    /// Whose it is.
    pub user: String,
    /// Its text, the beginning of it.
    pub query: String,
    /// For how long it has been running.
    pub milliseconds: u128,
    /// Whether it was told to stop.
    pub stopping: bool,
}

/// A running query; off the list when it is dropped.
pub struct Entry {
    room: Arc<crate::Room>,
    id: u64,
}

impl Running {
    /// Puts something on the list of `room`, until the entry is dropped.
    #[must_use]
    pub fn enter(room: &Arc<crate::Room>, who: &str, text: &str, stop: Arc<AtomicBool>) -> Entry {
        let running = &room.running;
        let id = running.next.fetch_add(1, Ordering::Relaxed) + 1;
        let one = One { who: who.to_owned(), text: text.chars().take(SHOWN).collect(), since: Instant::now(), stop };
        running.list().insert(id, one);
        Entry { room: Arc::clone(room), id }
    }

    /// Everything that is running, the oldest first.
    #[must_use]
    pub fn shown(&self) -> Vec<Shown> {
        let list = self.list();
        let shown = list.iter().map(|(id, one)| Shown {
            id: *id,
            user: one.who.clone(),
            query: one.text.clone(),
            milliseconds: one.since.elapsed().as_millis(),
            stopping: one.stop.load(Ordering::Relaxed),
        });
        shown.collect()
    }

    /// How many are running.
    #[must_use]
    pub fn count(&self) -> usize {
        self.list().len()
    }

    /// Stops the one with this number; whether there is one.
    pub fn stop(&self, id: u64) -> bool {
        self.list().get(&id).map(|one| one.stop.store(true, Ordering::Relaxed)).is_some()
    }

    /// Stops all.
    pub fn stop_all(&self) {
        for one in self.list().values() {
            one.stop.store(true, Ordering::Relaxed);
        }
    }

    fn list(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, One>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.room.running.list().remove(&self.id);
    }
}
