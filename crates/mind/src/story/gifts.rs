//! Who has what, who gave what to whom, who took and dropped it.

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::{Answer, Argument, Gather, Goal, How, Literal, Rule};
use quid_lang::story::Asked;

use super::ask::Question;
use super::places::Answered;
use super::who::Found;
use super::{holds, known, literal, open};
use crate::turn::Turn;

/// Things one carries that are listed.
const MOST: usize = 100;
/// The relation of the moments of what is asked for, in force for one question.
const THEN: &str = "urn:quid:story:asked_moment";

impl Turn<'_> {
    /// "what is Mary carrying?"
    pub(super) fn carrying(&mut self, question: &Question<'_, '_>) -> Answered {
        let Some(x) = question.name("x").cloned() else { return Ok(None) };
        if !self.is_mover(&x, question.story.told()) {
            return Ok(None);
        }
        let goal = holds("has", vec![known(x.thing.clone()), open(0), known(question.now.clone())]);
        let rows = question.story.rows(vec![goal], Vec::new(), MOST)?;
        if !rows.is_empty() {
            let (items, what) = self.listed(&rows, 0)?;
            return self.story_reply("story.so", items, &what, &rows).map(Some);
        }
        let nothing = holds("has_nothing", vec![known(x.thing.clone()), known(question.now.clone())]);
        let Some(row) = question.story.proved(nothing)? else { return Ok(None) };
        let word = self.say("story.word.nothing", &[]);
        self.story_reply("story.nothing", vec![word], &x.label, &[row]).map(Some)
    }

    /// "how many objects is Mary carrying?"
    pub(super) fn how_many(&mut self, question: &Question<'_, '_>) -> Answered {
        let Some(x) = question.name("x").cloned() else { return Ok(None) };
        if !self.is_mover(&x, question.story.told()) {
            return Ok(None);
        }
        let goal = holds("number", vec![known(x.thing.clone()), known(question.now.clone()), open(0)]);
        let Some(row) = question.story.proved(goal)? else { return Ok(None) };
        let number = row.values.first().map(super::here::name_of).unwrap_or_default();
        let word = format!("story.number.{number}");
        let said = if self.parts.language.has_phrase(&word) { self.say(&word, &[]) } else { number };
        let goal = holds("has", vec![known(x.thing.clone()), open(0), known(question.now.clone())]);
        let things = question.story.rows(vec![goal], Vec::new(), MOST)?;
        let (_, what) = self.listed(&things, 0)?;
        if things.is_empty() {
            return self.story_reply("story.none", vec![said.clone()], &said, &[row]).map(Some);
        }
        let said_so = self.say("story.count", &[("count", &said), ("what", &what)]);
        let mut reply = self.story_reply("story.so", vec![said], &said_so, &things)?;
        if let Answer::Proved { proofs, .. } = &mut reply.answer {
            proofs.insert(0, row.proof);
        }
        Ok(Some(reply))
    }

    /// "who has the football?"
    pub(super) fn who_has(&mut self, question: &Question<'_, '_>) -> Answered {
        let Some(y) = question.name("y").cloned() else { return Ok(None) };
        if !question.story.told().is_thing(&y.thing) {
            return Ok(None);
        }
        let goal = holds("has", vec![open(0), known(y.thing.clone()), known(question.now.clone())]);
        let rows = question.story.rows(vec![goal], Vec::new(), MOST)?;
        if rows.is_empty() {
            let word = self.say("story.word.nobody", &[]);
            return Ok(Some(self.story_unknown(
                "story.nobody_has",
                &[("what", &self.the(&y.label))],
                vec![word],
                Vec::new(),
            )));
        }
        let (items, what) = self.listed(&rows, 0)?;
        self.story_reply("story.so", items, &what, &rows).map(Some)
    }

    /// "does Mary have the milk?"
    pub(super) fn has_it(&mut self, question: &Question<'_, '_>) -> Answered {
        let (Some(x), Some(y)) = (question.name("x").cloned(), question.name("y").cloned()) else { return Ok(None) };
        if !question.story.told().is_thing(&y.thing) {
            return Ok(None);
        }
        let arguments = || vec![known(x.thing.clone()), known(y.thing.clone()), known(question.now.clone())];
        if let Some(row) = question.story.proved(holds("has", arguments()))? {
            return self.story_yes(row).map(Some);
        }
        match question.story.proved(holds("has_not", arguments()))? {
            Some(row) => {
                let word = self.say("story.word.no", &[]);
                self.story_reply("story.not_so", vec![word], "", &[row]).map(Some)
            }
            None => Ok(None),
        }
    }

    /// "what did Bill give to Fred?", "who gave Fred the football?", "who received it?": the last such giving.
    pub(super) fn gift(&mut self, question: &Question<'_, '_>) -> Answered {
        let asked = match question.asking.asked {
            Asked::GivenWhat => 1,
            Asked::GivenTo => 2,
            _ => 0,
        };
        let part = |slot: &str, number: u32| {
            let found: Option<&Found> = question.name(slot);
            found.map_or_else(|| open(number), |found| known(found.thing.clone()))
        };
        let mut arguments = vec![part("who", 0), part("what", 1), part("whom", 2), open(3)];
        if let Some(argument) = arguments.get_mut(asked) {
            *argument = open(u32::try_from(asked).unwrap_or(0));
        }
        self.last_of(question, "gave", &arguments, asked)
    }

    /// "who picked up the apple?"
    pub(super) fn doer(&mut self, question: &Question<'_, '_>, relation: &str) -> Answered {
        let Some(what) = question.name("what") else { return Ok(None) };
        let arguments = vec![open(0), known(what.thing.clone()), open(3)];
        self.last_of(question, relation, &arguments, 0)
    }

    /// The answer in a column of the happening of this kind that was last.
    fn last_of(
        &mut self,
        question: &Question<'_, '_>,
        relation: &str,
        arguments: &[Argument],
        asked: usize,
    ) -> Answered {
        let then = NamedNode::new_unchecked(THEN);
        let happened = literal(relation, arguments.to_vec());
        let helper = Rule {
            name: "the moments asked for".to_owned(),
            head: Literal { predicate: then.clone(), arguments: vec![open(3)] },
            body: vec![Goal::Holds(happened.clone())],
            says: String::new(),
        };
        let last = Goal::Gather(Gather {
            how: How::Max,
            over: Literal { predicate: then, arguments: vec![open(4)] },
            value: 4,
            by: Vec::new(),
            into: open(3),
        });
        let rows = question.story.rows(vec![last, Goal::Holds(happened)], vec![helper], 1)?;
        let Some(row) = rows.first() else { return Ok(None) };
        // The columns of the answer are the open arguments in the order of their numbers.
        let column = arguments.iter().take(asked).filter(|argument| matches!(argument, Argument::Variable(_))).count();
        let value: Option<Term> = row.values.get(column).cloned();
        let label = match value {
            Some(term) => self.story_label(&term)?,
            None => return Ok(None),
        };
        let what = self.the(&label);
        self.story_reply("story.so", vec![label], &what, &rows).map(Some)
    }
}
