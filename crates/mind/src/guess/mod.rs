//! The way down, where nothing was proved: a few facts near the question, a generator that says something of them,
//! and a verifier that lets through what the facts say.
//!
//! ```text
//! shortlist  full text + neighbourhood + vectors -> at most so many facts
//! slots      names as slots, facts by number     -> a prompt that nothing in it can steer
//! generator  slots, sentences, citations         (the own one, the user's, a server's)
//! verify     each sentence read back as facts    -> told with their sources | "I think" | dropped
//! ```

mod rank;
pub(crate) mod shortlist;
pub(crate) mod slots;
#[cfg(test)]
pub(crate) mod tests;
mod verify;

use quid_core::oxrdf::Term;
use quid_core::reply::Quote;
use quid_core::rule::{Goal, Literal};
use quid_core::vocabulary as v;
use quid_core::{Answer, Argument, Cost, Facts, Fault, Query, Reply};

use crate::turn::Turn;
use slots::{Given, Sheet};
use verify::{Claim, Judged, Truth, Verifier};

/// The class of relations that have one object for each subject.
const FUNCTIONAL: &str = "http://www.w3.org/2002/07/owl#FunctionalProperty";

impl Turn<'_> {
    /// What the neural half makes of a question that was not answered; the reply as it is where it has nothing.
    pub(crate) fn or_guess(&mut self, reply: Reply) -> Result<Reply, Fault> {
        let Some(generator) = self.parts.generator.clone() else { return Ok(reply) };
        if !matches!(reply.answer, Answer::Unknown { .. }) || !self.heard.addressed {
            return Ok(reply);
        }
        let line = self.line.clone();
        let sheet = self.shortlist(&line)?;
        if sheet.facts.is_empty() {
            return Ok(reply);
        }
        let verifier = Verifier::new(&self.parts.language, &sheet);
        let prompt = sheet.prompt(&line, |given| self.given_in_words(&verifier, given));
        let Some(said) = generator.say(&prompt, &mut |_| {}, self.stop) else { return Ok(reply) };
        let facts = self.parts.memory.facts(&self.audience);
        let judged = verifier.judge(&said.written, &mut |claim| self.look_up(claim, &sheet, facts.as_ref()));
        let mut answered = self.verified(reply, &verifier, &sheet, &judged, said.probability)?;
        if let Answer::Guessed { flops, .. } = &mut answered.answer {
            *flops = said.flops;
        }
        answered.cost = Some(Cost { flops: said.flops, tokens: said.tokens, device: said.device });
        Ok(answered)
    }

    fn given_in_words(&self, verifier: &Verifier<'_>, given: &Given) -> String {
        let claim = Claim { subject: given.subject, label: given.label.clone(), object: given.object };
        let said = verifier.in_words(&claim);
        if given.denied { self.say("guess.denied", &[("claim", &said)]) } else { said }
    }

    /// Whether a claim that is no fact of the sheet is stored, follows, or is excluded.
    fn look_up(&self, claim: &Claim, sheet: &Sheet, facts: &dyn Facts) -> Truth<Quote> {
        let term = |at: usize| sheet.names.get(at).map(|named| named.term.clone());
        let (Some(subject), Some(object)) = (term(claim.subject), term(claim.object)) else { return Truth::Excluded };
        // Nothing is said of a text or a number.
        if matches!(subject, Term::Literal(_)) {
            return Truth::Excluded;
        }
        if sheet.facts.iter().any(|given| {
            given.denied && given.subject == claim.subject && given.object == claim.object && given.label == claim.label
        }) {
            return Truth::Excluded;
        }
        let mut relations: Vec<_> = sheet
            .facts
            .iter()
            .filter(|given| given.label == claim.label && !given.denied)
            .map(|given| &given.fact.predicate)
            .collect();
        relations.dedup();
        let functional = Term::from(quid_core::oxrdf::NamedNode::new_unchecked(FUNCTIONAL));
        for relation in relations {
            let predicate = Some(relation.as_ref());
            let stored = facts.some(Some(&subject), predicate, Some(&object), 1).unwrap_or_default();
            let graph = stored.into_iter().next().map(|fact| fact.graph).or_else(|| {
                let arguments = vec![Argument::Term(subject.clone()), Argument::Term(object.clone())];
                let goal = Goal::Holds(Literal { predicate: relation.clone(), arguments });
                let known = self.known_to(facts).ok()?;
                let proofs = self.run_query(&Query::asking(vec![goal]), facts, &known, |solutions| {
                    (0..solutions.len().min(1)).map(|row| Ok(solutions.verified(row)?)).collect::<Result<Vec<_>, _>>()
                });
                crate::formal::graphs(&proofs.ok()?).into_iter().next()
            });
            if let Some(graph) = graph
                && let Ok(source) = self.cite(&graph)
            {
                return Truth::Holds(Quote { text: String::new(), source });
            }
            let relation_term = Term::from(relation.clone());
            let has_one = facts.some(Some(&relation_term), Some(v::TYPE), Some(&functional), 1);
            let others = facts.some(Some(&subject), predicate, None, 1);
            if has_one.is_ok_and(|found| !found.is_empty()) && others.is_ok_and(|found| !found.is_empty()) {
                return Truth::Excluded;
            }
        }
        Truth::Open
    }

    /// The reply that a judged text deserves: told where all it says holds, a guess where not, else not known.
    fn verified(
        &self,
        reply: Reply,
        verifier: &Verifier<'_>,
        sheet: &Sheet,
        judged: &Judged<Quote>,
        probability: f64,
    ) -> Result<Reply, Fault> {
        let mut quotes: Vec<Quote> = Vec::new();
        for given in judged.shown.iter().filter_map(|number| sheet.facts.get(*number)) {
            quotes.push(self.quote_of(verifier, given)?);
        }
        for (claim, quote) in &judged.held {
            quotes.push(Quote { text: verifier.in_words(claim), source: quote.source.clone() });
        }
        let cited = self.with_sources(&quotes);
        if !judged.open.is_empty() {
            let open: Vec<String> = judged.open.iter().map(|claim| verifier.in_words(claim)).collect();
            let open = self.parts.language.list(&open);
            let mut text = self.say("answer.guess", &[("what", &open)]);
            if !quotes.is_empty() {
                text.push(' ');
                text.push_str(&self.say("guess.beside", &[("what", &cited)]));
            }
            let given = if quotes.is_empty() { self.nearest(verifier, sheet)? } else { quotes };
            return Ok(Reply::new(Answer::Guessed { given, probability, flops: 0 }, text));
        }
        if quotes.is_empty() || judged.unknown {
            let is_near = quotes.is_empty();
            let nearest = if is_near { self.nearest(verifier, sheet)? } else { quotes };
            let near = self.with_sources(&nearest);
            let phrase = if is_near { "guess.nearest" } else { "guess.known" };
            let text = format!("{} {}", reply.text, self.say(phrase, &[("what", &near)]));
            return Ok(Reply { answer: Answer::Unknown { nearest }, text, ..reply });
        }
        if probability < self.share("guess_sure") {
            let said: Vec<String> = quotes.iter().map(|quote| quote.text.clone()).collect();
            let text = self.say("guess.about", &[("what", &cited)]);
            debug_assert!(!said.is_empty(), "what is told has words");
            return Ok(Reply::new(Answer::Guessed { given: quotes, probability, flops: 0 }, text));
        }
        Ok(Reply::new(Answer::Told(quotes), self.say("guess.told", &[("what", &cited)])))
    }

    fn quote_of(&self, verifier: &Verifier<'_>, given: &Given) -> Result<Quote, Fault> {
        Ok(Quote { text: self.given_in_words(verifier, given), source: self.cite(&given.fact.graph)? })
    }

    /// The first facts of the sheet.
    fn nearest(&self, verifier: &Verifier<'_>, sheet: &Sheet) -> Result<Vec<Quote>, Fault> {
        sheet.facts.iter().take(self.number("near_most")).map(|given| self.quote_of(verifier, given)).collect()
    }

    /// Facts with the numbers of their sources: "a is b [1]; c is d [2]. [1] WordNet 3.0 [2] ann, 2 May 2026".
    fn with_sources(&self, quotes: &[Quote]) -> String {
        let mut sources: Vec<String> = Vec::new();
        let mut said: Vec<String> = Vec::new();
        for quote in quotes {
            let source = self.source_in_words(&quote.source);
            let number = sources.iter().position(|known| *known == source).unwrap_or_else(|| {
                sources.push(source);
                sources.len() - 1
            });
            said.push(format!("{} [{}]", quote.text, number + 1));
        }
        let listed: Vec<String> =
            sources.iter().enumerate().map(|(at, source)| format!("[{}] {source}", at + 1)).collect();
        format!("{}. {}", said.join(&self.say("answer.between", &[])), listed.join(", "))
    }
}
