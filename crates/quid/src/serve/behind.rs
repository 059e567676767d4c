//! The brain behind the doors of the network: one mind for each conversation, over one house.
//!
//! What was asked before is known in the same conversation and in no other; what is taught is in the one store at
//! once. Conversations that nobody goes on with are forgotten, the longest silent first.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use quid_core::shown::{Entity, ToldProof, Which};
use quid_core::{Answer, Fault, Heard, Intent, Memory, Proof, Reading, Recall, Reply, Sparql, Time};
use quid_mind::Mind;
use quid_serve::{Behind, Gist, May};

use super::knowledge::Knowledge;
use crate::commands::ask::changes_something;
use crate::door;
use crate::last::intent;
use crate::wiring;

/// Told to whoever would write and may only ask.
const READ_ONLY: &str = "here one may only ask, so nothing was written; to teach, a token that allows it is needed";
/// The most conversations that are remembered.
const MOST_TALKS: usize = 1000;

/// The house, as the doors of the network see it.
pub struct Brain {
    house: wiring::House,
    turns: AtomicU64,
    talks: Mutex<HashMap<(String, bool), Talk>>,
}

struct Talk {
    mind: Arc<Mutex<Mind>>,
    /// When it was last gone on with.
    turn: u64,
}

impl Brain {
    /// All doors share this one.
    pub fn new(house: wiring::House) -> Self {
        Self { house, turns: AtomicU64::new(0), talks: Mutex::default() }
    }

    fn talk(&self, talk: &str, may: May) -> Arc<Mutex<Mind>> {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let key = (talk.to_owned(), may == May::Teach);
        let mut talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = talks.get_mut(&key) {
            known.turn = turn;
            return Arc::clone(&known.mind);
        }
        if talks.len() >= MOST_TALKS {
            // A tenth at a time, so that looking for the oldest is rare.
            let mut turns: Vec<u64> = talks.values().map(|talk| talk.turn).collect();
            turns.sort_unstable();
            let oldest = turns.get(MOST_TALKS / 10).copied().unwrap_or_default();
            talks.retain(|_, talk| talk.turn > oldest);
        }
        let mind = match may {
            May::Teach => self.house.mind(),
            May::Ask => self.house.mind_over(Arc::new(Reading::new(self.house.memory(), READ_ONLY))),
        };
        let mind = Arc::new(Mutex::new(mind));
        talks.insert(key, Talk { mind: Arc::clone(&mind), turn });
        mind
    }
}

impl Behind for Brain {
    fn hear(&self, talk: &str, heard: &Heard, may: May, stop: &AtomicBool) -> Reply {
        let start = Instant::now();
        let mind = self.talk(talk, may);
        // A mind whose last answer broke off has nothing in it that a new line does not set.
        let mut mind = mind.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = catch_unwind(AssertUnwindSafe(|| mind.hear(heard, stop)));
        let mut reply = answered.unwrap_or_else(|_| {
            Reply::new(Answer::Error, "something went wrong inside while answering that; please report the line")
        });
        reply.micros = Some(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
        reply
    }

    fn forget(&self, talk: &str) {
        let mut talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        for teaches in [false, true] {
            talks.remove(&(talk.to_owned(), teaches));
        }
    }

    fn gist(&self, heard: &Heard) -> Gist {
        match intent(&self.house.language, heard, &self.house.me) {
            intent if changes_something(&intent) => Gist::Lesson,
            Intent::Ask(_) => Gist::Question,
            _ => Gist::Talk,
        }
    }

    fn steps(&self, talk: &str, heard: &Heard, may: May, proof: &Proof, stop: &AtomicBool) -> Result<ToldProof, Fault> {
        let mind = self.talk(talk, may);
        let mut mind = mind.lock().unwrap_or_else(PoisonError::into_inner);
        catch_unwind(AssertUnwindSafe(|| mind.steps(heard, proof, stop))).unwrap_or_else(|_| Err(broken()))
    }

    fn entity(&self, heard: &Heard, which: &Which, stop: &AtomicBool) -> Result<Option<Entity>, Fault> {
        // No part of any conversation, so that whoever browses waits for nobody.
        let mut mind = self.house.mind();
        catch_unwind(AssertUnwindSafe(|| mind.entity(heard, which, stop))).unwrap_or_else(|_| Err(broken()))
    }

    fn memory(&self) -> Arc<dyn Memory> {
        self.house.memory()
    }

    fn recall(&self) -> Arc<dyn Recall> {
        self.house.recall()
    }

    fn sparql(&self) -> Arc<dyn Sparql> {
        if let Some(remote) = &self.house.remote {
            return remote.clone();
        }
        Arc::new(Knowledge { keeper: self.house.keeper.clone(), index: self.house.index.clone() })
    }

    fn now(&self) -> Time {
        door::now()
    }

    fn name(&self) -> String {
        self.house.me.clone()
    }
}

/// A panic inside, as a fault.
fn broken() -> Fault {
    Fault::Storage { what: "showing what is known".to_owned(), why: "an internal fault".to_owned() }
}
