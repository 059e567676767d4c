//! Says what an answer rests on: the proof in words, the sources, who taught it and when.

use quid_core::intent::{About, Question, Target};
use quid_core::reply::{Item, Quote};
use quid_core::source::Citation;
use quid_core::{Answer, Fault, Key, Reply, Source};

use crate::conversation::Pointed;
use crate::teach::pointed;
use crate::turn::Turn;

impl Turn<'_> {
    /// "why?" about the last answer, or about a question asked with it.
    pub(crate) fn why(&mut self, question: Option<Question>) -> Result<Reply, Fault> {
        if let Some(question) = question {
            self.ask(question)?;
        }
        let Some(last) = self.talk.answer.clone() else { return Ok(self.chat("why.nothing", &[])) };
        let mut reply = self.because(&last)?;
        if let Some(cost) = &last.cost {
            let (flops, tokens) = (cost.flops.to_string(), cost.tokens.to_string());
            let slots = [("flops", flops.as_str()), ("tokens", &tokens), ("device", &cost.device)];
            reply.text = format!("{} {}", reply.text, self.say("guess.cost", &slots));
        }
        Ok(reply)
    }

    fn because(&mut self, last: &Reply) -> Result<Reply, Fault> {
        match &last.answer {
            Answer::Proved { proofs, sources } => {
                let mut because: Vec<String> = Vec::new();
                // Of many solutions in logic only those that were shown.
                let told = if self.talk.goal.is_some() { self.number("goal_shown") } else { usize::MAX };
                for verified in proofs.iter().take(told) {
                    let words = self.explain(verified.proof())?;
                    if !because.contains(&words) {
                        because.push(words);
                    }
                }
                let because = because.join(&self.say("answer.between", &[]));
                let text = self.say("why.because", &[("because", &because)]);
                Ok(Reply::new(Answer::Proved { proofs: proofs.clone(), sources: sources.clone() }, text))
            }
            Answer::Told(quotes) => {
                let said: Vec<String> = quotes.iter().map(|quote| self.told_because(quote)).collect();
                Ok(Reply::new(Answer::Told(quotes.clone()), said.join(" ")))
            }
            Answer::Guessed { given, .. } => {
                let given: Vec<String> = given.iter().map(|quote| quote.text.clone()).collect();
                let what = self.parts.language.list(&given);
                Ok(self.chat("why.guessed", &[("what", &what)]))
            }
            Answer::Unknown { .. } if self.talk.whether.is_some() => {
                Ok(self.rules_lacking()?.unwrap_or_else(|| self.chat("why.unknown", &[])))
            }
            Answer::Unknown { .. } if self.talk.goal.is_some() => self.why_not(),
            Answer::Unknown { .. } => match self.talk.question.clone() {
                Some(Question::Whether { subject, object }) => self.lacking(&subject, &object),
                _ => Ok(self.chat("why.unknown", &[])),
            },
            Answer::Done | Answer::Chat | Answer::Silent | Answer::Error => Ok(self.chat("why.nothing", &[])),
        }
    }

    fn told_because(&self, quote: &Quote) -> String {
        match &quote.source {
            Citation::Said { nick, at, line, .. } => {
                self.say("why.told", &[("who", nick), ("when", &at.minute()), ("what", line)])
            }
            Citation::Dump { title, .. } => self.say("why.loaded", &[("source", title), ("what", &quote.text)]),
        }
    }

    /// "why not?"
    pub(crate) fn why_not(&mut self) -> Result<Reply, Fault> {
        // A proved no has its reasons; only what is not known has something lacking.
        if self.talk.answer.as_ref().is_some_and(|last| matches!(last.answer, Answer::Proved { .. } | Answer::Told(_)))
        {
            return self.why(None);
        }
        if self.talk.whether.is_some()
            && let Some(reply) = self.rules_lacking()?
        {
            return Ok(reply);
        }
        if let Some(reply) = self.goal_lacking()? {
            return Ok(reply);
        }
        match self.talk.question.clone() {
            Some(Question::Whether { subject, object }) => self.lacking(&subject, &object),
            Some(_) => Ok(self.chat("why.unknown", &[])),
            None => Ok(self.chat("whynot.nothing", &[])),
        }
    }

    /// "/source"
    pub(crate) fn sources(&self) -> Reply {
        let Some(last) = &self.talk.answer else { return self.chat("sources.none", &[]) };
        let sources: Vec<Citation> = match &last.answer {
            Answer::Proved { sources, .. } => sources.clone(),
            Answer::Told(quotes) | Answer::Guessed { given: quotes, .. } | Answer::Unknown { nearest: quotes } => {
                quotes.iter().map(|quote| quote.source.clone()).collect()
            }
            Answer::Done | Answer::Chat | Answer::Silent | Answer::Error => Vec::new(),
        };
        let mut words: Vec<String> = Vec::new();
        for source in &sources {
            let text = self.source_in_full(source);
            if !words.contains(&text) {
                words.push(text);
            }
        }
        if words.is_empty() {
            return self.chat("sources.none", &[]);
        }
        let what = words.join(&self.say("answer.between", &[]));
        let mut reply = Reply::new(last.answer.clone(), self.say("sources.list", &[("what", &what)]));
        reply.items = words.into_iter().map(|text| Item { text, term: None }).collect();
        reply
    }

    /// "who told you that?", "when did you learn foo?", "what was that?"
    pub(crate) fn provenance(&mut self, of: &Target, about: About) -> Result<Reply, Fault> {
        let statements: Vec<Pointed> = match of {
            Target::Named(name) => match self.find(name)? {
                Some(found) => found.values.iter().map(pointed).collect(),
                None => return self.provenance_of_answer(name),
            },
            Target::Nth(name, number) => {
                let values = self.known_values(name)?;
                number.checked_sub(1).and_then(|at| values.get(at)).map(pointed).into_iter().collect()
            }
            Target::Valued { name, verb, value } => {
                self.values_saying(name, verb, value)?.iter().map(pointed).collect()
            }
            Target::That => match (self.pointed(), about) {
                // An answer that is no factoid has sources too.
                (_, About::Who | About::When) if self.answer_is_newer() => return Ok(self.sources()),
                (Some(pointed), _) => vec![pointed],
                (None, _) => return Ok(self.chat("provenance.nothing", &[])),
            },
        };
        let mut said = Vec::new();
        let mut quotes = Vec::new();
        for statement in &statements {
            let source = self.cite(&statement.graph)?;
            let text = self.text_of(statement)?;
            let mut words = match &source {
                Citation::Dump { title, .. } => self.inherited_in_words(statement, title)?,
                Citation::Said { .. } => Vec::new(),
            };
            if words.is_empty() {
                words.push(self.provenance_in_words(&source, &text, about));
            }
            for words in words {
                if !said.contains(&words) {
                    said.push(words);
                }
            }
            quotes.push(Quote { text, source });
        }
        match statements.first() {
            None => Ok(self.chat("provenance.nothing", &[])),
            Some(first) => {
                self.point(first.clone());
                Ok(Reply::new(Answer::Told(quotes), said.join(" ")))
            }
        }
    }

    /// Whether the last answer was no factoid, so that "that" means its sources.
    fn answer_is_newer(&self) -> bool {
        self.talk.answer.as_ref().is_some_and(|reply| matches!(reply.answer, Answer::Proved { .. }))
    }

    /// Where the answer to "what is NAME?" comes from when nobody taught NAME.
    fn provenance_of_answer(&mut self, name: &str) -> Result<Reply, Fault> {
        // "Who wrote The Reef?" may be asked of books that were loaded.
        if let Some(reply) = self.read_answer()? {
            self.talk.answer = Some(reply.clone());
            return Ok(reply);
        }
        let answer = self.ask(Question::What { about: name.to_owned(), bare: false })?;
        match answer.answer {
            Answer::Proved { .. } | Answer::Told(_) => {
                let mut reply = self.sources();
                reply.text = self.say("provenance.world", &[("name", name), ("from", &reply.text)]);
                Ok(reply)
            }
            _ => Ok(answer),
        }
    }

    /// The sentence a statement says, while it stands; afterwards its name.
    fn text_of(&self, statement: &Pointed) -> Result<String, Fault> {
        let key = Key::of_thing(&statement.thing).unwrap_or_else(|| Key::of(&statement.name));
        let values = self.values(&key)?;
        if let Some(value) = values.iter().find(|value| value.graph == statement.graph) {
            return Ok(self.sentence(value));
        }
        if let Some((target, graph)) = self.alias_of(&key)?
            && graph == statement.graph
        {
            return Ok(self.say("history.alias", &[("from", &statement.name), ("to", target.as_str())]));
        }
        if let Some(line) = self.story_line(&statement.graph)? {
            return Ok(line);
        }
        Ok(self.say("provenance.gone", &[("name", &statement.name)]))
    }

    fn provenance_in_words(&self, source: &Citation, text: &str, about: About) -> String {
        match source {
            Citation::Said { nick, at, place, line, statement, .. } => {
                let id = statement_id(statement);
                let (phrase, what) = match about {
                    About::Who => ("provenance.who", line.as_str()),
                    About::When => ("provenance.when", line.as_str()),
                    About::What => ("provenance.what", text),
                };
                let place = self.in_place(place);
                let when = at.minute();
                self.say(phrase, &[("who", nick), ("when", &when), ("where", &place), ("what", what), ("id", &id)])
            }
            Citation::Dump { title, .. } => self.say("why.loaded", &[("source", title), ("what", text)]),
        }
    }

    /// A source in few words: "ann, 2 May 2026" or "WordNet 3.0".
    pub(crate) fn source_in_words(&self, source: &Citation) -> String {
        match source {
            Citation::Said { nick, at, .. } => self.say("source.said", &[("who", nick), ("when", &at.date())]),
            Citation::Dump { title, .. } => title.clone(),
        }
    }

    /// A source with the place and the line: what "/source" tells.
    fn source_in_full(&self, source: &Citation) -> String {
        match source {
            Citation::Said { nick, at, place, line, statement, .. } => {
                let (when, place, id) = (at.minute(), self.in_place(place), statement_id(statement));
                let slots = [("who", nick.as_str()), ("when", &when), ("where", &place), ("what", line), ("id", &id)];
                self.say("source.full", &slots)
            }
            Citation::Dump { title, .. } => title.clone(),
        }
    }

    fn in_place(&self, place: &str) -> String {
        let phrase = format!("place.{place}");
        if self.parts.language.has_phrase(&phrase) {
            self.say(&phrase, &[])
        } else {
            self.say("place.channel", &[("place", place)])
        }
    }
}

/// A statement's number as people write it: `#17`.
fn statement_id(statement: &str) -> String {
    match Source::of_graph(statement) {
        Some(Source::Said { seq, .. }) => format!("#{seq}"),
        _ => statement.to_owned(),
    }
}
