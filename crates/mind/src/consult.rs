//! Asks the world: hands a question to the proofs over WordNet and taught facts, within a budget.

use quid_core::intent::Question;
use quid_core::oxrdf::{NamedNode, Term};
use quid_core::vocabulary as v;
use quid_core::{Answer, Budget, Fault, Proof, Reply, Rulebook};

use crate::turn::Turn;
use crate::world::{Finding, World};

impl Turn<'_> {
    /// What the world answers; `None` when it knows nothing of it. `reading` picks another reading of the words.
    pub(crate) fn world_answer(&self, question: &Question, reading: Option<usize>) -> Result<Option<Finding>, Fault> {
        self.consult(reading, |world| in_world(world, question))
    }

    /// The other readings of a question's words, in words.
    pub(crate) fn readings_in_words(&self, question: &Question) -> Result<Vec<String>, Fault> {
        let found = self.consult(None, |world| in_world(&World { names_readings: true, ..*world }, question))?;
        Ok(found.map(|finding| finding.readings).unwrap_or_default())
    }

    /// Whether the world knows something of this name.
    pub(crate) fn is_in_the_world(&self, name: &str) -> Result<bool, Fault> {
        let found = self.consult(None, |world| world.what_is(name))?;
        Ok(found.is_some_and(|finding| !matches!(finding.reply.answer, Answer::Unknown { .. })))
    }

    /// A proof in words.
    pub(crate) fn explain(&self, proof: &Proof) -> Result<String, Fault> {
        if let Some(words) = self.explain_story(proof)? {
            return Ok(words);
        }
        // What taught rules give to a question is told as they were taught.
        if self.talk.goal.is_none() && Self::is_told_here(proof) {
            let inner = crate::goals::without_answer(proof);
            return self.explain_told(inner.as_ref().unwrap_or(proof));
        }
        if let Some(words) = self.explain_goal(proof)? {
            return Ok(words);
        }
        if Self::is_told_here(proof) {
            return self.explain_told(proof);
        }
        self.consult(None, |world| Ok(world.explain(proof)))
    }

    /// What would have to be known for "X is a Y".
    pub(crate) fn lacking(&self, subject: &str, object: &str) -> Result<Reply, Fault> {
        let because = self.consult(None, |world| world.why_not(subject, object))?;
        Ok(Reply::new(Answer::Unknown { nearest: Vec::new() }, self.say("whynot", &[("because", &because)])))
    }

    /// A word for a node of a loaded lexicon or ontology: its label, else a word that has it among its senses.
    pub(crate) fn word_for(&self, node: &NamedNode) -> Result<Option<String>, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        let node = Term::from(node.clone());
        let value = |subject: &Term, predicate| -> Result<Option<Term>, Fault> {
            Ok(facts.all(Some(subject), Some(predicate), None, 1)?.pop().map(|fact| fact.object))
        };
        let holder = |predicate, object: &Term| -> Result<Option<Term>, Fault> {
            Ok(facts.all(None, Some(predicate), Some(object), 1)?.pop().map(|fact| fact.subject.into()))
        };
        let mut word = value(&node, v::LABEL)?;
        if word.is_none()
            && let Some(sense) = holder(v::LEXICALIZED_SENSE_OF, &node)?
            && let Some(entry) = holder(v::SENSE, &sense)?
            && let Some(form) = value(&entry, v::CANONICAL_FORM)?
        {
            word = value(&form, v::WRITTEN_REP)?;
        }
        Ok(match word {
            Some(Term::Literal(word)) => Some(word.value().to_owned()),
            _ => None,
        })
    }

    pub(crate) fn consult<T>(
        &self,
        reading: Option<usize>,
        ask: impl FnOnce(&World<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.consult_by(&self.parts.rules, reading, ask)
    }

    /// As [`Turn::consult`], by other rules than the bot's own.
    pub(crate) fn consult_by<T>(
        &self,
        rules: &Rulebook,
        reading: Option<usize>,
        ask: impl FnOnce(&World<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let parts = self.parts;
        let facts = parts.memory.facts(&self.audience);
        let budget = Budget::steps(parts.language.number("answer_steps")).with_stop(self.stop);
        let talk: Vec<String> = self.talk.words.iter().cloned().collect();
        let most = self.number("most_called");
        let named = |name: &str| parts.recall.named(name, &self.audience, most).unwrap_or_default();
        let cite = |graph: &NamedNode| parts.memory.cite(graph).ok().flatten();
        ask(&World {
            facts: facts.as_ref(),
            language: &parts.language,
            rules,
            cite: &cite,
            named: &named,
            vector: &|text| parts.recall.vector(text),
            talk: &talk,
            line: &self.talk.asked_line,
            reading,
            names_readings: false,
            budget: &budget,
        })
    }
}

fn in_world(world: &World<'_>, question: &Question) -> Result<Option<Finding>, Fault> {
    match question {
        Question::What { about, .. } => world.what_is(about),
        Question::Whether { subject, object } => world.whether(subject, object),
        Question::WhetherVerb { subject, verb, value } => world.whether_verb(subject, verb, value),
        Question::Objects { subject, verb } => world.objects(subject, verb),
        Question::Subjects { verb, value } => world.subjects(verb, value),
        Question::Kinds(of) => world.kinds(of),
        Question::Parts(of) => world.parts(of),
        Question::Wholes(of) => world.wholes(of),
        Question::Synonyms(of) => world.synonyms(of),
        Question::Opposites(of) => world.opposites(of),
        Question::Common(one, other) => world.common(one, other),
        Question::Called(_) | Question::Analogy { .. } | Question::Pronoun(_) | Question::Nothing => Ok(None),
    }
}
