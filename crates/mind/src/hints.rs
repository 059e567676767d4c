//! Tells `lang` what is known while it chooses between readings of a line.
//!
//! "no entry is a sign" is a correction or a fact depending on whether "entry" is known; the look-ups are cheap
//! and a fault simply means "not known", since understanding a line never fails.

use quid_core::{Audience, Key, Memory};
use quid_lang::Hints;

use crate::{factoid::Relation, seen::agent};

/// What is known, as one audience sees it.
pub(crate) struct Known<'a> {
    pub(crate) memory: &'a dyn Memory,
    pub(crate) audience: &'a Audience,
}

impl Hints for Known<'_> {
    fn knows(&self, name: &str) -> bool {
        let key = Key::of(name);
        if key.is_empty() {
            return false;
        }
        let mut known = false;
        let asked = self.memory.facts(self.audience).each(Some(&key.thing().into()), None, None, &mut |fact| {
            known = Relation::of(&fact.predicate).is_some();
            if known { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        });
        asked.is_ok() && known
    }

    fn is_person(&self, nick: &str) -> bool {
        let key = Key::of(nick);
        !key.is_empty()
            && self
                .memory
                .keeping()
                .all(Some(&agent(&key).into()), Some(quid_core::vocabulary::SEEN), None, 1)
                .is_ok_and(|found| !found.is_empty())
    }
}
