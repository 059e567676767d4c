//! Answers what is asked about a story told here; what no story tells is left to others.

use quid_core::{Fault, Intent, Reply};
use quid_lang::story::{Asked, Asking, When};

use super::answer::Story;
use super::moment;
use super::who::Found;
use crate::turn::Turn;

/// A question with its names found.
pub(super) struct Question<'s, 'a> {
    pub(super) asking: &'s Asking,
    pub(super) story: &'s Story<'a>,
    /// Up to when it looks.
    pub(super) now: quid_core::oxrdf::Term,
    names: Vec<(&'static str, Vec<Found>)>,
}

/// The slots of questions that hold names.
const SLOTS: &[&str] = &["x", "y", "who", "what", "whom", "a", "b"];

impl Question<'_, '_> {
    /// The first name of a slot.
    pub(super) fn name(&self, slot: &str) -> Option<&Found> {
        self.names.iter().find(|(name, _)| *name == slot).and_then(|(_, found)| found.first())
    }

    /// Whether anything was told of it that a story keeps.
    pub(super) fn is_told_of(&self, found: &Found) -> bool {
        let told = self.story.told();
        told.is_actor(&found.thing) || told.is_thing(&found.thing)
    }

    /// Which relation is asked about.
    pub(super) fn relation_asked(&self) -> String {
        self.asking.get("relation").map_or_else(|| "fits".to_owned(), |relation| relation.text.clone())
    }
}

impl Turn<'_> {
    /// Whatever a line is about a story told here: a question, or something more of it. Tried before all else, since
    /// what changes would soon be out of date as a fact.
    pub(crate) fn story(&mut self, intent: &Intent) -> Result<Option<Reply>, Fault> {
        let fact = match intent {
            Intent::Teach(teaching) | Intent::Overheard(teaching) => Some(teaching.verb.clone()),
            Intent::Ask(_) | Intent::Why(Some(_)) | Intent::TeachVague(_) | Intent::Forget(_) | Intent::Puzzled => None,
            _ => return Ok(None),
        };
        let line = self.line.clone();
        if fact.is_none()
            && let Some(reply) = self.try_story(&line)?
        {
            return Ok(Some(reply));
        }
        self.try_tell(&line, fact.as_ref())
    }

    /// Answers a question about a story told here; `None` when it is no such question, or nothing was told of it.
    fn try_story(&mut self, line: &str) -> Result<Option<Reply>, Fault> {
        let Some(asking) = self.parts.language.story_asked(line) else { return Ok(None) };
        let told = self.told_here()?;
        if told.is_empty() && asking.asked != Asked::Colour {
            return Ok(None);
        }
        let mut names = Vec::new();
        for slot in SLOTS {
            let Some((_, typed)) = asking.slots.iter().find(|(name, _)| name == slot) else { continue };
            let Some(found) = self.story_names(typed, &told, true) else { return Ok(None) };
            names.push((*slot, found));
        }
        // Showing that nothing came later goes through all that did, so a story without end is not begun with.
        if told.busiest() > self.number("story_most") {
            return Ok(Some(self.unknown("story.spent", &[])));
        }
        let spoken: Vec<Found> = names.iter().flat_map(|(_, found)| found.clone()).collect();
        let now = moment::term(moment::asked(asking.when, self.heard.at));
        let place = names.iter().find(|(slot, _)| *slot == "y").and_then(|(_, found)| found.first());
        let story = self.open_story(told, &now, place.map(|place| &place.thing));
        let question = Question { asking: &asking, story: &story, now, names };
        let reply = self.story_answer(&question)?;
        if story.is_spent() {
            return Ok(Some(self.unknown("story.spent", &[])));
        }
        if let Some(reply) = &reply {
            self.note_story(spoken);
            self.talk.answer = Some(reply.clone());
            self.talk.question = None;
        }
        Ok(reply)
    }

    fn story_answer(&mut self, question: &Question<'_, '_>) -> Result<Option<Reply>, Fault> {
        match question.asking.asked {
            Asked::Where => match question.asking.when {
                When::Earlier => self.where_before(question),
                _ => self.where_is(question),
            },
            Asked::Before => self.where_before(question),
            Asked::After => self.where_after(question),
            Asked::IsAt => self.is_at(question),
            Asked::WasAt => self.was_at(question),
            Asked::WhoAt => self.who_is_at(question),
            Asked::Carrying => self.carrying(question),
            Asked::Count => self.how_many(question),
            Asked::WhoHas => self.who_has(question),
            Asked::Has => self.has_it(question),
            Asked::GivenWhat | Asked::GivenTo | Asked::Giver => self.gift(question),
            Asked::Taker => self.doer(question, "took"),
            Asked::Dropper => self.doer(question, "let_go"),
            Asked::WhereTaken | Asked::WhereDropped => self.where_done(question),
            Asked::WillGo => self.will_go(question),
            Asked::WhyGo | Asked::WhyGet => self.why_did(question),
            Asked::Path => self.way(question),
            Asked::Fits | Asked::Whether => self.stands_so(question),
            Asked::WhatFits | Asked::WhichOf | Asked::OfWhich => self.which(question),
            Asked::Colour => self.colour(question),
            Asked::Feels => self.feels(question),
        }
    }
}
