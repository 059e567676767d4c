//! The honest "I do not know": what of, in the asker's own words, and what comes nearest.
//!
//! A question is not the name of a thing: "how old is ann?" is answered "I do not know how old ann is", and what was
//! asked about somebody present is said to them ("your dog").

use quid_core::intent::Question;
use quid_core::oxrdf::Term;
use quid_core::ports::Hit;
use quid_core::vocabulary as v;
use quid_core::{Answer, Fault, Key, Reply};

use crate::factoid::Relation;
use crate::turn::Turn;

impl Turn<'_> {
    /// Nothing was taught or proved: the nearest texts, or an honest no with "did you mean".
    pub(crate) fn memory_answer(&mut self, about: &str, bare: bool) -> Result<Reply, Fault> {
        let recall = &self.parts.recall;
        let hits = recall.recall(about, &self.audience, self.number("recall_most"))?;
        let asked = self.parts.language.content_words(about);
        let mut covering: Vec<Hit> =
            hits.into_iter().filter(|hit| self.covers(hit, &asked) && self.may_answer(hit, about)).collect();
        // What was told of it in so many words is more to the point than definitions that use the same words.
        if covering.iter().any(|hit| Relation::of(&hit.predicate).is_some()) {
            covering.retain(|hit| Relation::of(&hit.predicate).is_some());
        }
        // One word that merely occurs in a text says nothing of what it means; all words of a longer question do.
        if self.parts.language.content_words(about).len() > 1 && !covering.is_empty() {
            let quotes = self.quotes(&covering, self.number("near_most"))?;
            return Ok(self.quoted(quotes));
        }
        let nearest = self.quotes(&covering, self.number("near_most"))?;
        let names: Vec<String> = recall
            .names_like(about, &self.audience, self.number("near_most"))?
            .into_iter()
            .filter(|name| Key::of(name) != Key::of(about))
            .collect();
        let text = match names.first() {
            Some(first) => {
                self.talk.offered = Some(Question::What { about: first.clone(), bare: false });
                let or = self.say("list.or", &[]);
                let near = names.join(&format!(" {or} "));
                self.say("unknown.near", &[("what", &self.to_listener(about)), ("near", &near)])
            }
            None if bare && !self.could_be_a_name(about) => self.say("puzzled", &[]),
            None if !nearest.is_empty() => {
                let near: Vec<String> = nearest
                    .iter()
                    .map(|quote| {
                        let source = self.source_in_words(&quote.source);
                        self.say("answer.quote", &[("what", &quote.text), ("source", &source)])
                    })
                    .collect();
                self.say("unknown.nearest", &[("what", &self.in_question(about)), ("near", &near.join("; "))])
            }
            None => match self.parts.language.asked_clause(about) {
                Some(clause) => self.say("unknown.clause", &[("what", &self.to_listener(&clause))]),
                None if self.parts.language.opens_question(about) => self.say("unknown.that", &[]),
                None => self.say("unknown", &[("what", &self.in_question(about))]),
            },
        };
        Ok(Reply::new(Answer::Unknown { nearest }, text))
    }

    /// Whether a text could answer: a name alone tells nothing, and to a question with its verb ("which dogs are
    /// mean?") only a statement is an answer, not a definition in which the same words occur.
    fn may_answer(&self, hit: &Hit, about: &str) -> bool {
        let predicate = hit.predicate.as_ref();
        if [v::LABEL, v::SPOKEN, v::EXAMPLE].contains(&predicate) {
            return false;
        }
        !self.parts.language.opens_question(about) || Relation::of(&hit.predicate).is_some()
    }

    /// A question about somebody or something whose answer is not known: of a name, "that about alice".
    pub(crate) fn unknown_about(&self, of: &str) -> Result<Reply, Fault> {
        if let Some(clause) = self.parts.language.asked_clause(&self.line) {
            return Ok(self.unknown("unknown.clause", &[("what", &self.to_listener(&clause))]));
        }
        let is_name = of.split(' ').count() <= self.number("short_name") || self.is_mentioned(of)?;
        if is_name && !self.parts.language.opens_question(of) {
            return Ok(self.unknown("unknown.value", &[("what", &self.in_question(of))]));
        }
        Ok(self.unknown("unknown.that", &[]))
    }

    /// "Not that I know", and whether even the one it is about is unknown.
    pub(crate) fn unknown_whether(&self, subject: &str, question: &Question) -> Result<Reply, Fault> {
        let is_about_class = matches!(question, Question::WhetherVerb { .. });
        // "are all calm things cold?" is about no name.
        let first = subject.split(' ').next().unwrap_or_default().to_lowercase();
        let is_about_many = self.parts.language.is_word("many_subject", &first);
        if is_about_class || is_about_many || self.is_mentioned(subject)? || self.is_in_the_world(subject)? {
            return Ok(self.unknown("unknown.whether", &[]));
        }
        Ok(self.unknown("unknown.whom", &[("what", &self.in_question(subject))]))
    }

    /// Whether anything that may be seen here is about this name or leads to it.
    fn is_mentioned(&self, name: &str) -> Result<bool, Fault> {
        let thing = Term::from(Key::of(name).thing());
        let facts = self.parts.memory.facts(&self.audience);
        Ok(!facts.some(Some(&thing), None, None, 1)?.is_empty() || !facts.some(None, None, Some(&thing), 1)?.is_empty())
    }

    /// A name as it was asked for: with the article that stood before it, and said to whom it concerns.
    pub(crate) fn in_question(&self, name: &str) -> String {
        let line = self.line.to_lowercase();
        let before = line.find(&name.to_lowercase()).and_then(|at| line.get(..at)).unwrap_or_default();
        let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
        let named = if self.parts.language.is_article(word) && before.ends_with(' ') {
            format!("{word} {name}")
        } else {
            name.to_owned()
        };
        self.to_listener(&named)
    }

    fn to_listener(&self, text: &str) -> String {
        quid_core::text::clean(&self.parts.language.for_listener(text, &self.parts.me, &self.heard.speaker.nick))
    }

    /// Whether a line without a question mark is short enough to be the name of something.
    fn could_be_a_name(&self, line: &str) -> bool {
        line.split_whitespace().count() <= self.number("bare_name")
            && line.chars().count() <= self.number("longest_name")
    }
}
