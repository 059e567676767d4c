//! Rules taught in English, facts understood beside their words, and yes/no questions answered from them.
//!
//! A question about a told world is answered from what was told: taught rules and facts first, by the engine, with
//! proofs; a dictionary's senses are asked only where the told world has nothing to say.
//!
//! ```text
//!  line -> quid_lang::english -> form.rs (claims as triples and clauses)
//!            statement -> teach.rs -> store          known.rs reads them back, as a program for the engine
//!            question  -> answer.rs -> tell.rs       manage.rs lists and forgets   suppose.rs "what if"
//! ```

mod answer;
mod closed;
mod form;
mod known;
mod manage;
mod suppose;
mod teach;
mod tell;

use quid_core::intent::Question;
use quid_core::{Fault, Intent, Reply};

pub(crate) use known::Known;
pub(crate) use teach::Understanding;

use crate::turn::Turn;

impl Turn<'_> {
    /// What the controlled English makes of a line before anything else is tried: commands, rules, and facts that
    /// tell of no happening. `None` when it is for others.
    pub(crate) fn try_rules_first(&mut self, intent: &Intent) -> Result<Option<Reply>, Fault> {
        if let Some(command) = self.parts.language.read_rule_command(&self.line) {
            return self.rule_command(&command).map(Some);
        }
        if let Some(reply) = self.try_many(intent)? {
            return Ok(Some(reply));
        }
        if may_state(intent) { self.teach_english(intent, true) } else { Ok(None) }
    }

    /// Several sentences in one line, all of which are read: each is learned as if it were said alone, and a
    /// question at the end is answered.
    fn try_many(&mut self, intent: &Intent) -> Result<Option<Reply>, Fault> {
        if !may_state(intent) && !matches!(intent, Intent::Ask(_)) {
            return Ok(None);
        }
        let line = self.line.clone();
        let sentences = sentences(&line);
        if sentences.len() < 2 || sentences.len() > self.number("sentences_most") {
            return Ok(None);
        }
        let language = self.parts.language.clone();
        let is_told = |text: &&str| language.read_sentence(text).is_some_and(|read| read.is_of_told_world());
        let count = sentences.iter().take_while(|text| is_told(text)).count();
        let (told, rest) = sentences.split_at(count);
        let question = match rest {
            [] => None,
            // The question with all that stands behind it, "…, true, false or unknown? Bob is cold." among it.
            [first, ..] => line.find(first).and_then(|at| line.get(at..)),
        };
        let asks =
            question.is_some_and(|text| language.read_whether(text, &quid_lang::english::NothingKnown).is_some());
        if told.is_empty() || (question.is_some() && !asks) {
            return Ok(None);
        }
        let mut last = None;
        for sentence in told {
            (*sentence).clone_into(&mut self.line);
            let reply = self.teach_english(&Intent::Puzzled, false)?;
            let failed = reply.as_ref().is_some_and(|reply| reply.answer == quid_core::Answer::Error);
            last = reply;
            if failed {
                line.clone_into(&mut self.line);
                return Ok(last);
            }
        }
        let reply = match question {
            Some(question) => {
                question.clone_into(&mut self.line);
                let asked = quid_core::intent::Question::What { about: question.to_owned(), bare: true };
                self.try_whether(&Intent::Ask(asked))?
            }
            None => {
                last.map(|reply| Reply { text: self.say("rule.many", &[("count", &told.len().to_string())]), ..reply })
            }
        };
        line.clone_into(&mut self.line);
        Ok(reply)
    }

    /// What it makes of a line that stories leave to it; `None` when it is for others.
    pub(crate) fn try_rules(&mut self, intent: &Intent) -> Result<Option<Reply>, Fault> {
        let line = self.line.clone();
        let may_state = may_state(intent);
        if may_state && let Some(reply) = self.teach_english(intent, false)? {
            return Ok(Some(reply));
        }
        if may_state || matches!(intent, Intent::Ask(_)) {
            if let Some(reply) = self.try_suppose()? {
                return Ok(Some(reply));
            }
            return self.try_whether(intent);
        }
        if matches!(intent, Intent::Why(Some(_)) | Intent::Provenance { .. })
            && self.parts.language.without_why(&line) != line
            && self.try_whether(intent)?.is_some()
        {
            return self.why(None).map(Some);
        }
        Ok(None)
    }
}

/// Whether a line so understood may be a statement of the controlled English.
fn may_state(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Teach(_)
            | Intent::Overheard(_)
            | Intent::TeachVague(_)
            | Intent::Puzzled
            | Intent::Chatter
            | Intent::Ask(Question::What { bare: true, .. })
    )
}

/// The sentences of a line: each ends with a mark behind which a new one begins with a capital or a figure.
fn sentences(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if before == ' ' && (c.is_uppercase() || c.is_numeric()) && at > start {
            let head = line.get(start..at).unwrap_or_default().trim();
            if head.ends_with(['.', '?', '!']) {
                found.push(head);
                start = at;
            }
        }
        before = c;
    }
    let tail = line.get(start..).unwrap_or_default().trim();
    if !tail.is_empty() {
        found.push(tail);
    }
    found
}
