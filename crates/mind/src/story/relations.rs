//! How two things lie to each other or compare: above, north of, bigger than, afraid of.

use quid_lang::story::Asked;

use super::ask::Question;
use super::places::Answered;
use super::{holds, known, open, relation};
use crate::turn::Turn;

/// Answers that are listed.
const MOST: usize = 50;

impl Turn<'_> {
    /// "is the box bigger than the chest?", "does the box fit in the chest?"
    pub(super) fn stands_so(&mut self, question: &Question<'_, '_>) -> Answered {
        let (Some(a), Some(b)) = (question.name("a"), question.name("b")) else { return Ok(None) };
        let arguments = || vec![known(a.thing.clone()), known(b.thing.clone())];
        let name = question.relation_asked();
        let yes = question.story.proved(holds(&format!("whether_{name}"), arguments()))?;
        let no = question.story.proved(holds(&format!("whether_not_{name}"), arguments()))?;
        match (yes, no) {
            (Some(yes), None) => self.story_yes(yes).map(Some),
            (None, Some(no)) => self.story_no(no).map(Some),
            (Some(yes), Some(no)) => {
                let (one, _) = self.story_because(&[yes])?;
                let (other, _) = self.story_because(&[no])?;
                Ok(Some(self.unknown("story.both", &[("one", &one), ("other", &other)])))
            }
            (None, None) => Ok(None),
        }
    }

    /// "what is north of the kitchen?", "what is the garden east of?", "what fits in the box?"
    pub(super) fn which(&mut self, question: &Question<'_, '_>) -> Answered {
        let name = question.relation_asked();
        let next = format!("next_{name}");
        let has_next = question.story.program.rules().any(|rule| rule.head.predicate == relation(&next));
        // What is next to it, where that is something else than what is anywhere to that side.
        let name = if has_next { next } else { format!("whether_{name}") };
        let arguments = match (question.asking.asked, question.name("a"), question.name("b")) {
            (Asked::OfWhich, Some(a), _) => vec![known(a.thing.clone()), open(0)],
            (Asked::WhichOf | Asked::WhatFits, _, Some(b)) => vec![open(0), known(b.thing.clone())],
            _ => return Ok(None),
        };
        let rows = question.story.rows(vec![holds(&name, arguments)], Vec::new(), MOST)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let (items, what) = self.listed(&rows, 0)?;
        self.story_reply("story.so", items, &what, &rows).map(Some)
    }
}
