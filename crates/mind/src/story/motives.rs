//! Why people went and took things, and where they will go: from what they feel and what that leads to.

use quid_lang::story::Asked;

use super::ask::Question;
use super::places::Answered;
use super::{holds, known, open};
use crate::turn::Turn;

impl Turn<'_> {
    /// "where will Sumit go?"
    pub(super) fn will_go(&mut self, question: &Question<'_, '_>) -> Answered {
        let Some(x) = question.name("x").cloned() else { return Ok(None) };
        let goal = holds("will_go", vec![known(x.thing.clone()), open(0), known(question.now.clone())]);
        let rows = question.story.rows(vec![goal], Vec::new(), 1)?;
        if rows.is_empty() {
            return Ok(question.is_told_of(&x).then(|| self.unknown("story.not_told", &[("what", &x.label)])));
        }
        let (items, what) = self.listed(&rows, 0)?;
        self.story_reply("story.expected", items, &what, &rows).map(Some)
    }

    /// "why did Sumit go to the bedroom?", "why did Yann get the football?"
    pub(super) fn why_did(&mut self, question: &Question<'_, '_>) -> Answered {
        let (Some(x), Some(y)) = (question.name("x").cloned(), question.name("y").cloned()) else { return Ok(None) };
        let relation = if question.asking.asked == Asked::WhyGo { "went_because" } else { "got_because" };
        let goal = holds(relation, vec![known(x.thing.clone()), known(y.thing.clone()), open(0)]);
        let rows = question.story.rows(vec![goal], Vec::new(), 1)?;
        if rows.is_empty() {
            return Ok(question.is_told_of(&x).then(|| self.unknown("story.no_reason", &[("what", &x.label)])));
        }
        let (items, _) = self.listed(&rows, 0)?;
        let what = items.join(", ");
        self.story_reply("story.reason", items, &what, &rows).map(Some)
    }

    /// "is Sumit tired?", "how does he feel?"
    pub(super) fn feels(&mut self, question: &Question<'_, '_>) -> Answered {
        let Some(x) = question.name("x").cloned() else { return Ok(None) };
        let asked = question.asking.get("state").map(|state| quid_core::Key::of(&state.text).thing());
        let goal = holds("feels", vec![known(x.thing.clone()), open(0), known(question.now.clone())]);
        let Some(row) = question.story.rows(vec![goal], Vec::new(), 1)?.pop() else { return Ok(None) };
        let felt = row.values.first().cloned();
        match asked {
            Some(asked) if felt == Some(asked.clone().into()) => self.story_yes(row).map(Some),
            // To be hungry does not mean not to be tired.
            Some(_) => Ok(None),
            None => {
                let (items, _) = self.listed(std::slice::from_ref(&row), 0)?;
                let what = items.join(", ");
                self.story_reply("story.so", items, &what, &[row]).map(Some)
            }
        }
    }
}
