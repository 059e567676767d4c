//! Answers questions, in this order: what was taught, what can be proved, what is stored nearby, a guess, and the
//! honest "I do not know".

use std::collections::BTreeSet;

use quid_core::intent::Question;
use quid_core::oxrdf::{Literal, Term};
use quid_core::ports::Hit;
use quid_core::proof::{NoBuiltIns, verify};
use quid_core::reply::{Item, Quote};
use quid_core::source::Citation;
use quid_core::{Answer, Atom, Fault, Key, Proof, Reply, Verified};

use crate::factoid::{Relation, Value};
use crate::teach::pointed;
use crate::turn::Turn;

impl Turn<'_> {
    /// Answers, and remembers the answer for "why?".
    pub(crate) fn ask(&mut self, question: Question) -> Result<Reply, Fault> {
        self.talk.reading = 0;
        self.talk.readings.clear();
        self.talk.whether = None;
        self.talk.goal = None;
        self.talk.asked_line.clone_from(&self.line);
        let reply = self.answer(&question)?;
        let reply = self.or_guess(reply)?;
        if !matches!(question, Question::Pronoun(_) | Question::Nothing) {
            self.talk.answer = Some(reply.clone());
            self.talk.question = Some(question);
        }
        Ok(reply)
    }

    /// The answer to "what is X?", for telling it to somebody.
    pub(crate) fn answer_about(&mut self, about: &str) -> Result<Reply, Fault> {
        self.ask(Question::What { about: about.to_owned(), bare: false })
    }

    fn answer(&mut self, question: &Question) -> Result<Reply, Fault> {
        match question {
            Question::Nothing => return Ok(self.chat("ask.term", &[])),
            Question::Pronoun(word) => return Ok(self.chat("unknown.pronoun", &[("word", word)])),
            Question::What { about, .. } if Key::of(about).is_empty() => return Ok(self.chat("ask.term", &[])),
            Question::Called(description) => return self.called_so(description),
            Question::Analogy { one, to, other } => return self.analogy(one, to, other),
            _ => {}
        }
        let whether = matches!(question, Question::Whether { .. } | Question::WhetherVerb { .. });
        if let Some(reply) = self.taught_answer(question)? {
            let proved = matches!(reply.answer, Answer::Proved { .. });
            let other = if whether && proved { self.rules_contradiction()? } else { None };
            return Ok(other.unwrap_or(reply));
        }
        if whether && let Some(reply) = self.rules_answer(false)? {
            return Ok(reply);
        }
        if let Some(reply) = self.about_us(question) {
            return Ok(reply);
        }
        if let Some(finding) = self.consult(None, |world| world.commonsense(&self.line, question))? {
            return Ok(finding.reply);
        }
        let kind = self.kind_asked(question);
        if (kind.is_some() || self.rules_conclude(question)?)
            && let Some(reply) = self.formal_answer()?.filter(|reply| matches!(reply.answer, Answer::Proved { .. }))
        {
            return Ok(reply);
        }
        let world = match (&kind, question) {
            (Some(kind), Question::Subjects { verb, value }) => {
                self.consult(None, |world| world.subjects_among(kind, verb, value))?
            }
            _ => self.world_answer(question, None)?,
        };
        let proved = world.as_ref().is_some_and(|finding| matches!(finding.reply.answer, Answer::Proved { .. }));
        if whether
            && !proved
            && let Some(reply) = self.rules_answer(true)?
        {
            return Ok(reply);
        }
        if !proved && let Some(reply) = self.ontology_answer(question)? {
            return Ok(reply);
        }
        if !proved
            && let Question::Whether { subject, object } = question
            && let Some(finding) = self.consult(None, |world| world.commonsense_whether(subject, object))?
        {
            return Ok(finding.reply);
        }
        // What a dictionary only tells stands back behind what a database proves.
        let formal = if proved { None } else { self.formal_answer()? };
        if let Some(reply) = formal.clone().filter(|reply| matches!(reply.answer, Answer::Proved { .. })) {
            return Ok(reply);
        }
        if let Some(finding) = world {
            self.talk.readings = finding.readings;
            return Ok(finding.reply);
        }
        if kind.is_none()
            && let Some(reply) = self.taught_verbs(question)?
        {
            return Ok(reply);
        }
        if let Some(reply) = self.read_answer()? {
            return Ok(reply);
        }
        if let Some(reply) = formal {
            return Ok(reply);
        }
        match question {
            Question::What { about, bare } => self.memory_answer(about, *bare),
            Question::Whether { subject, .. } | Question::WhetherVerb { subject, .. } => {
                self.unknown_whether(subject, question)
            }
            Question::Objects { subject: of, .. }
            | Question::Subjects { value: of, .. }
            | Question::Kinds(of)
            | Question::Parts(of)
            | Question::Wholes(of)
            | Question::Synonyms(of)
            | Question::Opposites(of)
            | Question::Common(of, _)
            | Question::Pronoun(of)
            | Question::Called(of)
            | Question::Analogy { other: of, .. } => self.unknown_about(of),
            Question::Nothing => Ok(self.chat("ask.term", &[])),
        }
    }

    /// "what are you?", "who am I?" when nobody taught an answer: a dictionary would explain the names instead.
    fn about_us(&self, question: &Question) -> Option<Reply> {
        let Question::What { about, .. } = question else { return None };
        let asked = Key::of(about);
        if asked == Key::of(&self.say("self.name.asked", &[])) {
            Some(self.chat("self.name", &[]))
        } else if asked == Key::of(&self.parts.me) {
            Some(self.chat("self.me", &[]))
        } else if asked == Key::of(&self.heard.speaker.nick) {
            Some(self.chat("self.you", &[]))
        } else {
            None
        }
    }

    /// What was taught in just these words.
    fn taught_answer(&mut self, question: &Question) -> Result<Option<Reply>, Fault> {
        match question {
            Question::What { about, .. } => {
                let Some(mut found) = self.find(about)? else { return Ok(None) };
                self.keep_places(&mut found.values);
                let reply = self.told(&found)?;
                if let Some(value) = found.values.first() {
                    self.note_asked(&value.thing)?;
                }
                Ok(Some(reply))
            }
            Question::Whether { subject, object } => {
                self.whether_taught(subject, object, &[Relation::Is, Relation::Are])
            }
            Question::WhetherVerb { subject, verb, value } => {
                self.whether_taught(subject, value, &[Relation::of_verb(verb, false)])
            }
            _ => Ok(None),
        }
    }

    /// Yes, no, or both when two sources contradict each other, from the subject's own values.
    fn whether_taught(&mut self, subject: &str, object: &str, relations: &[Relation]) -> Result<Option<Reply>, Fault> {
        let Some(found) = self.find(subject)? else { return Ok(None) };
        let Some(first) = found.values.first() else { return Ok(None) };
        let key = Key::of_thing(&first.thing).unwrap_or_else(|| Key::of(subject));
        // All that may be seen, not only the nearest: a denial from elsewhere is a contradiction too.
        let all = self.values(&key)?;
        let matching = |wanted: &[Relation]| {
            all.iter().find(|value| wanted.contains(&value.relation) && value.means(object, Some(object))).cloned()
        };
        let contrary: Vec<Relation> = relations.iter().flat_map(Relation::contraries).collect();
        match (matching(relations), matching(&contrary)) {
            (None, None) => Ok(None),
            (Some(yes), None) => self.proved_by(&yes, "answer.yes.because").map(Some),
            (None, Some(no)) => match self.all_the_same(subject, object, &no)? {
                Some(contradiction) => Ok(Some(contradiction)),
                None => self.proved_by(&no, "answer.no.because").map(Some),
            },
            (Some(yes), Some(no)) => {
                let (one, other) = (self.sentence(&yes), self.sentence(&no));
                let (source, second) = (self.cite(&yes.graph)?, self.cite(&no.graph)?);
                let (who, whom) = (self.source_in_words(&source), self.source_in_words(&second));
                let text =
                    self.say("contradiction", &[("one", &one), ("who", &who), ("other", &other), ("whom", &whom)]);
                self.point(pointed(&no));
                let quotes = vec![Quote { text: one, source }, Quote { text: other, source: second }];
                Ok(Some(Reply::new(Answer::Told(quotes), text)))
            }
        }
    }

    /// What was denied in so many words, and follows all the same: both sides are told, each with its sources.
    fn all_the_same(&mut self, subject: &str, object: &str, denied: &Value) -> Result<Option<Reply>, Fault> {
        if denied.relation != Relation::IsNot {
            return Ok(None);
        }
        let Some(finding) = self.consult(None, |world| world.all_the_same(subject, object))? else { return Ok(None) };
        let Answer::Proved { proofs, sources } = finding.reply.answer else { return Ok(None) };
        let Some(first) = proofs.first() else { return Ok(None) };
        let derived = self.explain(first.proof())?;
        let (said, source) = (self.sentence(denied), self.cite(&denied.graph)?);
        let who = self.source_in_words(&source);
        let text = self.say("contradiction.derived", &[("one", &said), ("who", &who), ("other", &derived)]);
        self.point(pointed(denied));
        let mut quotes = vec![Quote { text: said, source }];
        quotes.extend(sources.into_iter().map(|source| Quote { text: derived.clone(), source }));
        Ok(Some(Reply::new(Answer::Told(quotes), text)))
    }

    /// One stored value is the shortest proof.
    fn proved_by(&mut self, value: &Value, phrase: &str) -> Result<Reply, Fault> {
        let because = self.sentence(value);
        let proof = self.stored_proof(value)?;
        let source = self.cite(&value.graph)?;
        self.point(pointed(value));
        let text = self.say(phrase, &[("because", &because)]);
        Ok(Reply::new(Answer::Proved { proofs: vec![proof], sources: vec![source] }, text))
    }

    fn stored_proof(&self, value: &Value) -> Result<Verified, Fault> {
        let claim =
            Atom::binary(value.relation.predicate(), value.thing.clone(), Literal::new_simple_literal(&value.text));
        let facts = self.parts.memory.facts(&self.audience);
        let proof = Proof::stored(claim, value.graph.clone());
        verify(proof, facts.as_ref(), &self.parts.rules, &NoBuiltIns)
            .map_err(|flaw| Fault::Storage { what: self.say("fault.proof", &[]), why: flaw.to_string() })
    }

    /// "what does X like?" and "who likes X?" from the verbatim values, for what was not understood further.
    fn taught_verbs(&mut self, question: &Question) -> Result<Option<Reply>, Fault> {
        let values: Vec<Value> = match question {
            Question::Objects { subject, verb } => {
                let relation = Relation::of_verb(verb, false);
                let found = self.find(subject)?.map(|found| found.values).unwrap_or_default();
                found.into_iter().filter(|value| value.relation == relation).collect()
            }
            Question::Subjects { verb, value } => {
                let relation = Relation::of_verb(verb, false);
                let most = self.number("scan_most");
                let facts = self.parts.memory.facts(&self.audience);
                let all = facts.all(None, Some(relation.predicate().as_ref()), None, most)?;
                let wanted = Key::of(value);
                let mut keys = BTreeSet::new();
                for fact in &all {
                    let means = matches!(&fact.object, Term::Literal(text) if Key::of(text.value()) == wanted);
                    if let (true, quid_core::oxrdf::NamedOrBlankNode::NamedNode(thing)) = (means, &fact.subject) {
                        keys.extend(Key::of_thing(thing));
                    }
                }
                let mut found = Vec::new();
                for key in keys {
                    let named = self.values(&key)?;
                    found.extend(named.into_iter().filter(|v| v.relation == relation && Key::of(&v.text) == wanted));
                }
                found
            }
            _ => return Ok(None),
        };
        let Some(first) = values.first() else { return Ok(None) };
        self.point(pointed(first));
        let mut proofs = Vec::new();
        let mut sources: Vec<Citation> = Vec::new();
        let mut said = Vec::new();
        for value in &values {
            proofs.push(self.stored_proof(value)?);
            let source = self.cite(&value.graph)?;
            if !sources.contains(&source) {
                sources.push(source);
            }
            said.push(self.sentence(value));
        }
        let text = self.say("answer.list", &[("what", &self.parts.language.list(&said))]);
        let mut reply = Reply::new(Answer::Proved { proofs, sources }, text);
        if said.len() > 1 {
            reply.items = said.into_iter().map(|text| Item { text, term: None }).collect();
        }
        Ok(Some(reply))
    }

    /// Whether a text has every one of the content words of a question, in some form.
    pub(crate) fn covers(&self, hit: &Hit, asked: &[String]) -> bool {
        let language = &self.parts.language;
        let subject = Key::of_thing(&hit.subject).map(|key| key.as_str().to_owned()).unwrap_or_default();
        let mut stored = BTreeSet::new();
        for word in language.content_words(&format!("{subject} {}", hit.text)) {
            stored.extend(language.base_forms(&word));
            stored.insert(word);
        }
        !asked.is_empty()
            && asked
                .iter()
                .all(|word| stored.contains(word) || language.base_forms(word).iter().any(|form| stored.contains(form)))
    }

    pub(crate) fn quotes(&self, hits: &[Hit], most: usize) -> Result<Vec<Quote>, Fault> {
        let mut quotes: Vec<Quote> = Vec::new();
        for hit in hits {
            let text = self.hit_in_words(hit)?;
            if !quotes.iter().any(|quote| quote.text == text) {
                quotes.push(Quote { text, source: self.cite(&hit.graph)? });
            }
            if quotes.len() >= most {
                break;
            }
        }
        Ok(quotes)
    }

    /// A found text as a sentence where it is a factoid, else as it stands.
    pub(crate) fn hit_in_words(&self, hit: &Hit) -> Result<String, Fault> {
        let named = Key::of_thing(&hit.subject).zip(Relation::of(&hit.predicate));
        let text = match named {
            Some((key, relation)) => {
                let value = Value {
                    thing: hit.subject.clone(),
                    label: key.as_str().to_owned(),
                    relation,
                    text: hit.text.clone(),
                    object: None,
                    graph: hit.graph.clone(),
                    seq: 0,
                    tier: crate::factoid::Tier::Own,
                };
                self.sentence(&value)
            }
            None => match self.word_for(&hit.subject)? {
                Some(word) if Key::of(&word) != Key::of(&hit.text) => {
                    self.say("answer.gloss", &[("name", &word), ("what", &hit.text)])
                }
                _ => hit.text.clone(),
            },
        };
        Ok(quid_core::text::clean(&text))
    }

    /// Stored texts, word for word, each with its source beside it.
    pub(crate) fn quoted(&self, quotes: Vec<Quote>) -> Reply {
        let said: Vec<String> = quotes
            .iter()
            .map(|quote| {
                let source = self.source_in_words(&quote.source);
                self.say("answer.quote", &[("what", &quote.text), ("source", &source)])
            })
            .collect();
        Reply::new(Answer::Told(quotes), said.join(&self.say("answer.between", &[])))
    }

    /// To the bot, but not understood: perhaps a stored text has all its words.
    pub(crate) fn puzzled(&mut self) -> Result<Reply, Fault> {
        let line = self.line.clone();
        if let Some(reply) = self.read_answer()? {
            self.talk.answer = Some(reply.clone());
            return Ok(reply);
        }
        if self.parts.language.content_words(&line).len() > 1 {
            let hits = self.parts.recall.recall(&line, &self.audience, self.number("recall_most"))?;
            let asked = self.parts.language.content_words(&line);
            let covering: Vec<Hit> = hits.into_iter().filter(|hit| self.covers(hit, &asked)).collect();
            if !covering.is_empty() {
                let quotes = self.quotes(&covering, self.number("near_most"))?;
                let reply = self.quoted(quotes);
                self.talk.answer = Some(reply.clone());
                return Ok(reply);
            }
        }
        let puzzled = self.chat("puzzled", &[]);
        if !self.parts.language.opens_question(&line) && !self.heard.text.trim_end().ends_with('?') {
            return Ok(puzzled);
        }
        let reply = self.or_guess(Reply { answer: Answer::Unknown { nearest: Vec::new() }, ..puzzled.clone() })?;
        if reply.cost.is_none() {
            return Ok(puzzled);
        }
        self.talk.answer = Some(reply.clone());
        Ok(reply)
    }

    /// "yes" and "no" to what the bot offered.
    pub(crate) fn affirm(&mut self, yes: bool) -> Result<Reply, Fault> {
        match (self.talk.offered.take(), yes) {
            (Some(question), true) => self.ask(question),
            (Some(_), false) => Ok(self.chat("okay", &[])),
            (None, _) => Ok(self.chat("affirm.nothing", &[])),
        }
    }

    /// "the other one", "no, I meant X": another reading of the last question.
    pub(crate) fn other_reading(&mut self, which: Option<&str>) -> Result<Reply, Fault> {
        let Some(question) = self.talk.question.clone() else { return Ok(self.chat("other.none", &[])) };
        // Their words are made when somebody asks for one of them.
        if which.is_some() && self.talk.readings.iter().any(String::is_empty) {
            self.talk.readings = self.readings_in_words(&question)?;
        }
        let named = which.and_then(|which| {
            let wanted = Key::of(which);
            self.talk.readings.iter().position(|reading| Key::of(reading).as_str().contains(wanted.as_str()))
        });
        let reading = match (which, named) {
            (_, Some(at)) => at,
            (None, None) => self.talk.reading,
            (Some(which), None) => return self.answer_about(which),
        };
        match self.world_answer(&question, Some(reading))? {
            Some(finding) if reading < self.talk.readings.len().max(1) => {
                self.talk.reading = reading.saturating_add(1);
                self.talk.answer = Some(finding.reply.clone());
                Ok(finding.reply)
            }
            _ => Ok(self.chat("other.none", &[])),
        }
    }
}
