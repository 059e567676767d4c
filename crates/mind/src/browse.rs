//! Shows what is known without being asked in words: a proof step by step, an entity with what is said of it.
//!
//! For doors that draw and link; it is no part of any conversation and concludes nothing.

use std::sync::atomic::AtomicBool;

use quid_core::oxrdf::Term;
use quid_core::shown::{Entity, ToldProof, Which};
use quid_core::{Fault, Heard, Proof};

use crate::Mind;
use crate::goals::{Asked, answers_goal, without_answer};
use crate::turn::Turn;

impl Mind {
    /// A proof step by step in words, for the one who asked, as part of their conversation: a question in logic is
    /// told with its own rules.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn steps(&mut self, heard: &Heard, proof: &Proof, stop: &AtomicBool) -> Result<ToldProof, Fault> {
        let (mut talk, mut room) = self.conversations.open(heard);
        let known = (&self.knowledge, &self.ontology, &self.names);
        let told = Turn::aside(&self.parts, known, heard, (&mut talk, &mut room), stop).steps(proof);
        self.conversations.keep(heard, talk, room);
        told
    }

    /// What is known of an entity, as far as the one who asks may see it; `None` when nothing is.
    ///
    /// # Errors
    /// [`Fault::Storage`]; [`Fault::Refused`] when it would cost more than a question may.
    pub fn entity(&mut self, heard: &Heard, which: &Which, stop: &AtomicBool) -> Result<Option<Entity>, Fault> {
        self.aside(heard, stop, |turn| turn.consult(None, |world| world.entity(which)))
    }

    /// What a word means in a sentence, the likely sense first. `kind` is its part of speech (n, v, a, r), where that is
    /// known; texts in `without` are taken for unknown.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn meant(
        &mut self,
        heard: &Heard,
        word: &str,
        kind: Option<char>,
        sentence: &str,
        without: &[&str],
        stop: &AtomicBool,
    ) -> Result<Vec<Term>, Fault> {
        let meant =
            self.aside(heard, stop, |turn| turn.consult(None, |world| world.meant(word, kind, sentence, without)))?;
        Ok(meant.into_iter().map(|(sense, _)| sense).collect())
    }
}

impl Turn<'_> {
    fn steps(&self, proof: &Proof) -> Result<ToldProof, Fault> {
        let goal = self.talk.goal.as_deref().filter(|_| answers_goal(proof));
        let rules = goal.map_or(&*self.parts.rules, Asked::rules);
        // The step that only says that this is an answer says nothing new.
        let inner = goal.and_then(|_| without_answer(proof));
        let mut told = self.consult_by(rules, None, |world| Ok(world.steps(inner.as_ref().unwrap_or(proof))))?;
        told.words = self.explain(proof)?;
        Ok(told)
    }
}
