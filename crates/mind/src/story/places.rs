//! Where somebody or something is, was before and was after; who is where.

use quid_core::oxrdf::Term;
use quid_core::reply::Quote;
use quid_core::{Fault, Reply};
use quid_lang::story::Asked;

use super::answer::Row;
use super::ask::Question;
use super::who::Found;
use super::{holds, known, open};
use crate::turn::Turn;

/// Found, or no answer of ours.
pub(super) type Answered = Result<Option<Reply>, Fault>;

/// Answers to a question that are looked at.
const MOST: usize = 50;

impl Turn<'_> {
    /// "where is Mary?"
    pub(super) fn where_is(&mut self, question: &Question<'_, '_>) -> Answered {
        let Some(x) = question.name("x").cloned() else { return Ok(None) };
        let story = question.story;
        if !self.is_mover(&x, story.told()) {
            return Ok(None);
        }
        let goal = holds("place", vec![known(x.thing.clone()), open(0), known(question.now.clone())]);
        let rows = story.rows(vec![goal], Vec::new(), MOST)?;
        if !rows.is_empty() {
            let (items, what) = self.listed(&rows, 0)?;
            return self.story_reply("story.so", items, &what, &rows).map(Some);
        }
        let maybe = Self::possible(question, &x)?;
        if !maybe.is_empty() {
            let (items, _) = self.listed(&maybe, 0)?;
            let places: Vec<String> = items.iter().map(|name| self.the(name)).collect();
            let what = places.join(&format!(" {} ", self.say("list.or", &[])));
            let near = self.story_quotes(&maybe)?;
            return Ok(Some(self.story_unknown("story.maybe.where", &[("what", &what)], items, near)));
        }
        let goal = holds("has", vec![open(0), known(x.thing.clone()), known(question.now.clone())]);
        let holders = story.rows(vec![goal], Vec::new(), 1)?;
        if !holders.is_empty() {
            let (items, what) = self.listed(&holders, 0)?;
            let near = self.story_quotes(&holders)?;
            return Ok(Some(self.story_unknown("story.with", &[("what", &what), ("who", &what)], items, near)));
        }
        let gone = story.told().events("left", 1, &x.thing);
        if let Some(last) = gone.iter().max_by_key(|event| event.moment()) {
            let place = match last.columns.get(1) {
                Some(term) => self.the(&self.story_label(term)?),
                None => String::new(),
            };
            return Ok(Some(self.story_unknown(
                "story.gone",
                &[("who", &x.label), ("what", &place)],
                Vec::new(),
                Vec::new(),
            )));
        }
        Ok(question.is_told_of(&x).then(|| self.unknown("story.nowhere", &[("what", &x.label)])))
    }

    /// Where it may be.
    fn possible(question: &Question<'_, '_>, x: &Found) -> Result<Vec<Row>, Fault> {
        let goal = holds("maybe", vec![known(x.thing.clone()), open(0), known(question.now.clone())]);
        question.story.rows(vec![goal], Vec::new(), MOST)
    }

    /// The answers in a column as items and in one phrase.
    pub(super) fn listed(&self, rows: &[Row], column: usize) -> Result<(Vec<String>, String), Fault> {
        let mut items: Vec<String> = Vec::new();
        for row in rows {
            let Some(term) = row.values.get(column) else { continue };
            let label = self.story_label(term)?;
            if !items.contains(&label) {
                items.push(label);
            }
        }
        let (told, _) = self.story_because(rows)?;
        let said: Vec<String> = items.iter().map(|item| self.as_told(item, &told)).collect();
        let what = self.parts.language.list(&said);
        Ok((items, what))
    }

    /// What was said, for an answer that is not certain.
    pub(super) fn story_quotes(&self, rows: &[Row]) -> Result<Vec<Quote>, Fault> {
        let (_, sources) = self.story_because(rows)?;
        let quote = |source: quid_core::source::Citation| {
            let text = match &source {
                quid_core::source::Citation::Said { line, .. } => line.clone(),
                quid_core::source::Citation::Dump { title, .. } => title.clone(),
            };
            Quote { text, source }
        };
        Ok(sources.into_iter().map(quote).collect())
    }

    /// "where was the football before the bathroom?", "where was she before?"
    pub(super) fn where_before(&mut self, question: &Question<'_, '_>) -> Answered {
        self.beside_in_time(question, "before")
    }

    /// "where did Fred go after the office?"
    pub(super) fn where_after(&mut self, question: &Question<'_, '_>) -> Answered {
        self.beside_in_time(question, "after")
    }

    fn beside_in_time(&mut self, question: &Question<'_, '_>, relation: &str) -> Answered {
        let Some(x) = question.name("x").cloned() else { return Ok(None) };
        if !self.is_mover(&x, question.story.told()) {
            return Ok(None);
        }
        let place = match question.name("y") {
            Some(place) => Term::from(place.thing.clone()),
            None => {
                let goal = holds("place", vec![known(x.thing.clone()), open(0), known(question.now.clone())]);
                let rows = question.story.rows(vec![goal], Vec::new(), 1)?;
                let here = rows.first().and_then(|row| row.values.first().cloned());
                let Some(here) = here else {
                    let is_told = question.is_told_of(&x);
                    return Ok(is_told.then(|| self.unknown("story.nowhere", &[("what", &x.label)])));
                };
                here
            }
        };
        let goal = holds(relation, vec![known(x.thing.clone()), known(place), open(0)]);
        let rows = question.story.rows(vec![goal], Vec::new(), MOST)?;
        if rows.is_empty() {
            let is_told = question.is_told_of(&x);
            return Ok(is_told.then(|| self.unknown("story.nowhere_then", &[("what", &x.label)])));
        }
        let (items, what) = self.listed(&rows, 0)?;
        self.story_reply("story.so", items, &what, &rows).map(Some)
    }

    /// "is Mary in the office?": yes, no, or maybe.
    pub(super) fn is_at(&mut self, question: &Question<'_, '_>) -> Answered {
        let (Some(x), Some(y)) = (question.name("x").cloned(), question.name("y").cloned()) else { return Ok(None) };
        let story = question.story;
        if !self.is_mover(&x, story.told()) {
            return Ok(None);
        }
        let arguments = || vec![known(x.thing.clone()), known(y.thing.clone()), known(question.now.clone())];
        if let Some(row) = story.proved(holds("inside", arguments()))? {
            return self.story_yes(row).map(Some);
        }
        let maybe = story.proved(holds("maybe", arguments()))?;
        if let Some(row) = maybe {
            let near = self.story_quotes(std::slice::from_ref(&row))?;
            let (because, _) = self.story_because(&[row])?;
            let word = self.say("story.word.maybe", &[]);
            return Ok(Some(self.story_unknown("story.maybe.so", &[("because", &because)], vec![word], near)));
        }
        if let Some(row) = story.proved(holds("outside", arguments()))? {
            return self.story_no(row).map(Some);
        }
        Ok(question.is_told_of(&x).then(|| self.unknown("story.nowhere", &[("what", &x.label)])))
    }

    pub(super) fn story_yes(&mut self, row: Row) -> Result<Reply, Fault> {
        let word = self.say("story.word.yes", &[]);
        self.story_reply("story.yes", vec![word], "", &[row])
    }

    pub(super) fn story_no(&mut self, row: Row) -> Result<Reply, Fault> {
        let word = self.say("story.word.no", &[]);
        self.story_reply("story.no", vec![word], "", &[row])
    }

    /// "did Fred go to the park?"
    pub(super) fn was_at(&mut self, question: &Question<'_, '_>) -> Answered {
        let (Some(x), Some(y)) = (question.name("x").cloned(), question.name("y").cloned()) else { return Ok(None) };
        let goal = holds("reached", vec![known(x.thing.clone()), known(y.thing.clone()), open(0)]);
        match question.story.rows(vec![goal], Vec::new(), 1)?.pop() {
            Some(row) => self.story_yes(row).map(Some),
            None => Ok(question.is_told_of(&x).then(|| self.unknown("story.not_told", &[("what", &x.label)]))),
        }
    }

    /// "who is in the kitchen?"
    pub(super) fn who_is_at(&mut self, question: &Question<'_, '_>) -> Answered {
        let Some(y) = question.name("y").cloned() else { return Ok(None) };
        if !question.story.told().is_place(&y.thing) {
            return Ok(None);
        }
        let goal = holds("place", vec![open(0), known(y.thing.clone()), known(question.now.clone())]);
        let rows = question.story.rows(vec![goal], Vec::new(), MOST)?;
        if rows.is_empty() {
            return Ok(Some(self.unknown("story.nobody", &[("what", &self.the(&y.label))])));
        }
        let (items, what) = self.listed(&rows, 0)?;
        self.story_reply("story.so", items, &what, &rows).map(Some)
    }

    /// "where did Mary drop the apple?": where she was when she did so last.
    pub(super) fn where_done(&mut self, question: &Question<'_, '_>) -> Answered {
        let (Some(who), Some(what)) = (question.name("who").cloned(), question.name("what").cloned()) else {
            return Ok(None);
        };
        let subject = Term::from(who.thing.clone());
        let mut events = question.story.told().events("let_go", 2, &what.thing);
        events.extend(question.story.told().events("took", 2, &what.thing));
        let wanted = if question.asking.asked == Asked::WhereTaken { "took" } else { "let_go" };
        let last = events
            .into_iter()
            .filter(|event| event.columns.first() == Some(&subject))
            .filter(|event| event.relation == wanted)
            .max_by_key(super::here::Event::moment);
        let Some(event) = last else { return Ok(None) };
        let at = event.columns.last().cloned().unwrap_or_else(|| question.now.clone());
        let done = holds(event.relation, event.columns.iter().cloned().map(known).collect());
        let goal = holds("place", vec![known(who.thing.clone()), open(0), known(at)]);
        let rows = question.story.rows(vec![done, goal], Vec::new(), 1)?;
        if rows.is_empty() {
            return Ok(Some(self.unknown("story.nowhere", &[("what", &who.label)])));
        }
        let (items, what) = self.listed(&rows, 0)?;
        self.story_reply("story.so", items, &what, &rows).map(Some)
    }
}
