//! What is made of the facts once and kept between lines, until something is written that it rests on.
//!
//! Rules are few and questions many: what was compiled for the last question serves the next one. The keeper's feed
//! tells what was written since, by whomever, so nothing kept is ever stale; without a feed it lasts until the mind
//! itself writes.

use std::cell::RefCell;
use std::sync::Arc;

use quid_core::oxrdf::Triple;
use quid_core::{Audience, Facts, Fault, Place};

/// For so many audiences at a time; the one that was asked for longest ago makes room.
const MOST: usize = 16;

/// Something kept, for each audience that asked for it.
pub(crate) struct Kept<T>(RefCell<Vec<Entry<T>>>);

struct Entry<T> {
    whom: (String, Place),
    /// Which keeper's facts it was made of, and as of when; `None` where they have no feed.
    made_of: Option<(u64, u64)>,
    what: Arc<T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> Kept<T> {
    /// What is kept for this audience, or what is made now. It is given up when it `rests_on` a triple that was
    /// written or removed since.
    pub(crate) fn get(
        &self,
        facts: &dyn Facts,
        audience: &Audience,
        rests_on: impl Fn(&T, &Triple) -> bool,
        make: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<Arc<T>, Fault> {
        // As of before it is made: what is written meanwhile is looked at next time.
        let made_of = facts.feed().map(|feed| (feed.keeper(), feed.version()));
        let whom = (audience.name.clone(), audience.place.clone());
        let known = {
            let mut kept = self.0.borrow_mut();
            let at = kept.iter().position(|entry| entry.whom == whom);
            at.map(|at| kept.remove(at))
        };
        let fresh = known.filter(|entry| match (entry.made_of, made_of) {
            (Some((keeper, _)), Some((now, _))) if keeper != now => false,
            (Some((_, then)), Some((_, now))) if then != now => {
                let written = facts.feed().and_then(|feed| feed.since(then));
                written.is_some_and(|written| !written.iter().any(|triple| rests_on(&entry.what, triple)))
            }
            (then, now) => then.is_some() == now.is_some(),
        });
        let what = match fresh {
            Some(entry) => entry.what,
            None => Arc::new(make()?),
        };
        let mut kept = self.0.borrow_mut();
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push(Entry { whom, made_of, what: Arc::clone(&what) });
        Ok(what)
    }

    /// The mind wrote something: what has no feed to learn it from is given up.
    pub(crate) fn wrote(&self) {
        self.0.borrow_mut().retain(|entry| entry.made_of.is_some());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::ops::ControlFlow;

    use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
    use quid_core::{Fact, Feed};

    use super::*;

    #[derive(Default)]
    struct Written {
        triples: RefCell<Vec<Triple>>,
        has_feed: bool,
        keeper: Cell<u64>,
    }

    impl Facts for Written {
        fn each(
            &self,
            _: Option<&Term>,
            _: Option<NamedNodeRef<'_>>,
            _: Option<&Term>,
            _: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
        ) -> Result<(), Fault> {
            Ok(())
        }
        fn feed(&self) -> Option<&dyn Feed> {
            if self.has_feed { Some(self) } else { None }
        }
    }

    impl Feed for Written {
        fn keeper(&self) -> u64 {
            self.keeper.get()
        }
        fn version(&self) -> u64 {
            self.triples.borrow().len() as u64
        }
        fn since(&self, version: u64) -> Option<Vec<Triple>> {
            let from = usize::try_from(version).ok()?;
            self.triples.borrow().get(from..).map(<[Triple]>::to_vec)
        }
        fn everybodys(&self) -> &dyn Facts {
            self
        }
        fn shows(&self, _: &NamedNode) -> bool {
            true
        }
    }

    fn triple(predicate: &str) -> Triple {
        let node = |name: &str| NamedNode::new_unchecked(format!("urn:quid:test:{name}"));
        Triple::new(node("a"), node(predicate), node("b"))
    }

    #[test]
    fn it_is_made_anew_only_when_what_it_rests_on_was_written() {
        let ann = Audience { name: "ann".to_owned(), place: Place::Global };
        let bob = Audience { name: "bob".to_owned(), place: Place::Global };
        let (made, kept) = (Cell::new(0), Kept::<u32>::default());
        let facts = Written { has_feed: true, ..Written::default() };
        let get = |audience: &Audience, facts: &Written| {
            let rests_on = |_: &u32, triple: &Triple| triple.predicate.as_str().ends_with("rule");
            let afresh = || {
                made.set(made.get() + 1);
                Ok(made.get())
            };
            *kept.get(facts, audience, rests_on, afresh).expect("made")
        };
        assert_eq!((get(&ann, &facts), get(&bob, &facts), get(&ann, &facts)), (1, 2, 1));
        facts.triples.borrow_mut().push(triple("likes"));
        assert_eq!((get(&ann, &facts), get(&bob, &facts)), (1, 2));
        facts.triples.borrow_mut().push(triple("rule"));
        assert_eq!((get(&ann, &facts), get(&ann, &facts), get(&bob, &facts)), (3, 3, 4));
        facts.keeper.set(7);
        assert_eq!(get(&ann, &facts), 5, "another keeper's facts");
        let mute = Written::default();
        assert_eq!((get(&ann, &mute), get(&ann, &mute)), (6, 6));
        kept.wrote();
        assert_eq!(get(&ann, &mute), 7, "without a feed until the mind writes");
    }
}
