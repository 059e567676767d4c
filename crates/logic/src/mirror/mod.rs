//! What is kept of the facts between questions, as numbers, and never stale.
//!
//! A look-up in the store costs about five microseconds, nearly all of it to spell out terms; here it costs a few
//! nanoseconds. At each question the mirror asks the keeper what was written since the last one and reads just that
//! anew: it need not know in which order things happened, since what is stored *now* is what counts.
//!
//! Facts that not everybody may see lie apart with their graphs, so that one mirror serves every audience.

mod adjacency;
mod shelf;

use std::sync::{Mutex, MutexGuard, TryLockError};

use quid_core::{Budget, Facts, Fault};

use crate::Halt;
pub(crate) use shelf::{Reading, Shelf};

/// So many changed triples are read anew one by one; more, and all is.
const MOST_TOUCHED: usize = 20_000;

/// Facts kept in memory, shared by all questions.
#[derive(Debug, Default)]
pub struct Mirror {
    kept: Mutex<Keeping>,
    most: usize,
}

/// What is kept, of which keeper, and as of when.
#[derive(Debug, Default)]
pub(crate) struct Keeping {
    pub(crate) shelf: Shelf,
    keeper: Option<u64>,
    version: u64,
}

impl Mirror {
    /// A mirror of so many bytes at most, about.
    #[must_use]
    pub fn new(most_bytes: usize) -> Self {
        Self { kept: Mutex::default(), most: most_bytes }
    }

    /// How many bytes are kept, about; 0 while a question uses it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.kept.try_lock().map_or(0, |kept| kept.shelf.size())
    }

    /// How many terms are known, and how many bytes their relations and the dictionary take.
    #[must_use]
    pub fn measure(&self) -> (usize, usize, usize) {
        self.kept.try_lock().map_or((0, 0, 0), |kept| kept.shelf.measure())
    }

    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// The shelf, as fresh as the facts; `None` while another question has it, or when the facts have no feed.
    pub(crate) fn fresh<'m>(&'m self, facts: &dyn Facts) -> Result<Option<MutexGuard<'m, Keeping>>, Fault> {
        let Some(feed) = facts.feed() else { return Ok(None) };
        let mut kept = match self.kept.try_lock() {
            Ok(kept) => kept,
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Poisoned(poisoned)) => {
                // A question panicked half-way: nothing of it is trusted.
                let mut kept = poisoned.into_inner();
                *kept = Keeping::default();
                kept
            }
        };
        // Before what is written now is read: what comes in between is read again next time, which does no harm.
        let version = feed.version();
        if kept.keeper != Some(feed.keeper()) {
            *kept = Keeping { keeper: Some(feed.keeper()), version, ..Keeping::default() };
            return Ok(Some(kept));
        }
        if kept.version != version {
            match feed.since(kept.version).filter(|touched| touched.len() <= MOST_TOUCHED) {
                Some(touched) => {
                    let budget = Budget::steps(u64::MAX);
                    let reading = Reading { facts: feed.everybodys(), view: facts, budget: &budget, most: self.most };
                    for triple in touched {
                        let subject = triple.subject.into();
                        let went = kept.shelf.touch(&subject, &triple.predicate, &triple.object, &reading);
                        if let Err(halt) = went {
                            *kept = Keeping::default();
                            return match halt {
                                Halt::Fault(fault) => Err(fault),
                                Halt::Spent(_) => Ok(None),
                            };
                        }
                    }
                    kept.version = version;
                }
                None => *kept = Keeping { keeper: Some(feed.keeper()), version, ..Keeping::default() },
            }
        }
        self.make_room(&mut kept);
        kept.shelf.clock += 1;
        Ok(Some(kept))
    }

    /// Forgets what was not used for longest until there is room again.
    fn make_room(&self, kept: &mut Keeping) {
        let size = kept.shelf.size();
        if size <= self.most {
            return;
        }
        // Terms are not forgotten one by one.
        if kept.shelf.terms.size() > self.most / 2 {
            *kept = Keeping { keeper: kept.keeper, version: kept.version, ..Keeping::default() };
            return;
        }
        let mut order: Vec<(u64, usize)> =
            kept.shelf.relations().enumerate().map(|(at, relation)| (relation.used, at)).collect();
        order.sort_unstable();
        let mut too_much = size - self.most;
        for (_, at) in order {
            if let Some(relation) = kept.shelf.relations().nth(at) {
                too_much = too_much.saturating_sub(relation.size());
                relation.drop_rows();
            }
            if too_much == 0 {
                break;
            }
        }
    }
}
