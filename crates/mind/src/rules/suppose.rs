//! "What if …?": answers in a world with one more fact or rule, which is gone when the answer is given.
//!
//! Nothing supposed is ever stored, and nothing that rests on it is called proved.

use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Term};
use quid_core::{Answer, Atom, Because, Fact, Fault, Proof, Reply, Rule};
use quid_lang::english::{Asked, Claim, Sentence, Supposed, YesNo};

use super::answer::{Finding, Things};
use super::form;
use super::known::{Known, Supposing};
use crate::turn::Turn;

/// The graph of what is supposed.
const SUPPOSED: &str = "urn:quid:supposed";
/// What the names of supposed rules begin with.
const SUPPOSED_RULE: &str = "supposed/";

impl Turn<'_> {
    /// "what if Bob is red?": the last question again in that world, or the one in the line, or what would follow.
    pub(super) fn try_suppose(&mut self) -> Result<Option<Reply>, Fault> {
        let read = self.parts.language.read_supposed(&self.line, &Things { turn: self });
        let Some(Supposed { sentence, question }) = read else { return Ok(None) };
        let (more, rules) = supposed(&sentence);
        let said: Vec<String> = match &sentence {
            Sentence::Rules { rules, .. } => rules.iter().map(|rule| self.parts.language.rule_in_words(rule)).collect(),
            Sentence::Facts(_) => Vec::new(),
        };
        let asked = question.or_else(|| self.asked_of(&sentence)).map(|question| question.asked);
        let known = self.known(rules)?;
        let facts = self.parts.memory.facts(&self.audience);
        let world = Supposing { facts: facts.as_ref(), more };
        if let Some(Asked::All(claims) | Asked::Either(claims)) = asked {
            let mut answers = Vec::new();
            for claim in &claims {
                answers.push(self.supposed_answer(&known, claim, &world, &said)?);
            }
            return Ok(Some(Reply::new(Answer::Chat, answers.join(" "))));
        }
        let text = self.consequences(&sentence, &known, &world)?;
        Ok(Some(Reply::new(Answer::Chat, text)))
    }

    /// The last question, when what is supposed may touch it: a rule, or a fact about the same one.
    fn asked_of(&self, sentence: &Sentence) -> Option<YesNo> {
        let last = self.talk.whether.clone()?;
        let (Asked::All(asked) | Asked::Either(asked), Sentence::Facts(supposed)) = (&last.asked, sentence) else {
            return Some(last);
        };
        let same = supposed.iter().any(|fact| asked.iter().any(|claim| claim.subject == fact.subject));
        same.then_some(last)
    }

    fn supposed_answer(
        &self,
        known: &Known,
        claim: &Claim,
        world: &Supposing<'_>,
        said: &[String],
    ) -> Result<String, Fault> {
        let Some(atom) = form::atom(claim) else { return Ok(self.say("rule.suppose.unknown", &[])) };
        Ok(match self.find_out_from(known, &atom, world)? {
            Finding::Yes(proof) => {
                self.say("rule.suppose.yes", &[("because", &self.supposed_in_words(proof.proof(), known, said)?)])
            }
            Finding::No(proof) => {
                self.say("rule.suppose.no", &[("because", &self.supposed_in_words(proof.proof(), known, said)?)])
            }
            Finding::Both(yes, no) => {
                let (one, other) = (
                    self.supposed_in_words(yes.proof(), known, said)?,
                    self.supposed_in_words(no.proof(), known, said)?,
                );
                self.say("rule.suppose.both", &[("one", &one), ("other", &other)])
            }
            Finding::Open => self.say("rule.suppose.unknown", &[]),
            Finding::Spent => self.say("rule.spent", &[]),
            Finding::Circle => self.say("rule.circle", &[]),
        })
    }

    /// A proof that rests on what is supposed, said as such.
    fn supposed_in_words(&self, proof: &Proof, known: &Known, said: &[String]) -> Result<String, Fault> {
        let mut parts: Vec<String> = Vec::new();
        for step in &proof.steps {
            let text = match &step.because {
                Because::Stored(graph) if graph.as_str() == SUPPOSED => {
                    let claim = self.atom_in_words(&step.claim)?;
                    self.say("rule.suppose.supposed", &[("claim", &claim)])
                }
                Because::Stored(graph) => self.sourced(&self.atom_in_words(&step.claim)?, graph)?,
                Because::Rule { name, .. } => match (known.rule(name), supposed_rule(name)) {
                    (Some(rule), _) => self.sourced(&rule.says, &rule.graph)?,
                    (None, Some(at)) => {
                        let claim = said.get(at).cloned().unwrap_or_default();
                        self.say("rule.suppose.supposed", &[("claim", &claim)])
                    }
                    (None, None) => continue,
                },
                _ => continue,
            };
            if !parts.contains(&text) {
                parts.push(text);
            }
        }
        if let Some(step) = proof.steps.last().filter(|_| parts.len() > 1) {
            parts.push(self.say("world.so", &[("claim", &self.atom_in_words(&step.claim)?)]));
        }
        Ok(parts.join(&self.say("answer.between", &[])))
    }

    /// What would follow of whom the supposition speaks, that does not follow now.
    fn consequences(&self, sentence: &Sentence, known: &Known, world: &Supposing<'_>) -> Result<String, Fault> {
        let Sentence::Facts(claims) = sentence else { return Ok(self.say("rule.suppose.nothing", &[])) };
        let now = self.known(Vec::new())?;
        let steps = self.parts.language.number("rule_steps");
        let mut new: Vec<String> = Vec::new();
        for claim in claims {
            let Some(atom) = form::atom(claim) else { continue };
            if let Finding::Both(yes, no) = self.find_out_from(known, &atom, world)? {
                let (one, other) =
                    (self.supposed_in_words(yes.proof(), known, &[])?, self.supposed_in_words(no.proof(), known, &[])?);
                return Ok(self.say("rule.suppose.both", &[("one", &one), ("other", &other)]));
            }
            let Some(subject) = atom.arguments.first() else { continue };
            let before = now.all_of(subject, world.facts, steps, self.stop)?;
            for follows in known.all_of(subject, world, steps, self.stop)? {
                if follows != atom && !before.contains(&follows) {
                    let said = self.atom_in_words(&follows)?;
                    if !new.contains(&said) {
                        new.push(said);
                    }
                }
            }
        }
        new.truncate(self.number("most_found"));
        if new.is_empty() {
            return Ok(self.say("rule.suppose.nothing", &[]));
        }
        Ok(self.say("rule.suppose.follows", &[("what", &self.parts.language.list(&new))]))
    }
}

/// What is supposed, as facts and as rules in force for the moment.
fn supposed(sentence: &Sentence) -> (Vec<Fact>, Vec<Rule>) {
    let graph = NamedNode::new_unchecked(SUPPOSED);
    match sentence {
        Sentence::Facts(claims) => {
            let facts = claims.iter().flat_map(form::understood).filter(is_about_things).map(|triple| Fact {
                subject: NamedOrBlankNode::clone(&triple.subject),
                predicate: triple.predicate,
                object: triple.object,
                graph: graph.clone(),
            });
            (facts.collect(), Vec::new())
        }
        Sentence::Rules { rules, .. } => {
            let named = rules.iter().enumerate().flat_map(|(at, rule)| {
                let clauses = form::clauses(rule).into_iter().enumerate();
                clauses.map(move |(part, clause)| Rule { name: format!("{SUPPOSED_RULE}{at}/{part}"), ..clause })
            });
            (Vec::new(), named.collect())
        }
    }
}

/// Which of the supposed rules a name in a proof is.
fn supposed_rule(name: &str) -> Option<usize> {
    name.strip_prefix(SUPPOSED_RULE)?.split('/').next()?.parse().ok()
}

fn is_about_things(triple: &quid_core::oxrdf::Triple) -> bool {
    matches!(triple.object, Term::NamedNode(_))
}

impl Known {
    /// Everything of the usual shapes that follows of somebody: what they are and are not, and what they do.
    fn all_of(
        &self,
        subject: &Term,
        facts: &dyn quid_core::Facts,
        steps: u64,
        stop: &std::sync::atomic::AtomicBool,
    ) -> Result<Vec<Atom>, Fault> {
        let mut found = Vec::new();
        for (relation, arguments) in self.relations() {
            let taught = relation.as_str().starts_with(quid_core::vocabulary::VERB)
                || [quid_core::vocabulary::IS_A, quid_core::vocabulary::NOT_A].contains(&relation.as_ref());
            if arguments == 2 && taught {
                found.extend(self.objects_of(&relation, subject, facts, steps, stop)?);
            }
        }
        Ok(found)
    }
}
