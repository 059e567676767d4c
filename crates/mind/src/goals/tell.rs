//! Tells what a question in logic rests on: in words, as a tree, as a picture; and what is missing for one.
//!
//! Answers are proofs like any other, so they are told by the same code as answers to questions in words.

use quid_core::oxrdf::Term;
use quid_core::rule::ANSWER;
use quid_core::{Fault, Goal, Literal, Proof, Reply, Rulebook};
use quid_logic::{Ground, Missing, Program, Refusal, Standard, Vocabulary, shown, why_not};

use super::{Asked, Purse};
use crate::turn::Turn;

/// In which form a proof is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One sentence.
    Words,
    /// Indented text.
    Tree,
    /// A Graphviz graph.
    Dot,
    /// A picture.
    Svg,
}

/// How deep "why not" looks: the question's own goals, and the rules of the one that fails.
const DEEPEST: usize = 3;

impl Turn<'_> {
    /// The words for a proof that answers the last question in logic; `None` for any other proof.
    pub(crate) fn explain_goal(&self, proof: &Proof) -> Result<Option<String>, Fault> {
        if !answers_goal(proof) {
            return Ok(None);
        }
        let asked = self.talk.goal.clone();
        self.tell_proof(proof, asked.as_deref(), Form::Words).map(Some)
    }

    pub(super) fn tell_proof(&self, proof: &Proof, asked: Option<&Asked>, form: Form) -> Result<String, Fault> {
        // The step that only says that this is an answer says nothing new.
        let inner = asked.and_then(|_| without_answer(proof));
        let proof = inner.as_ref().unwrap_or(proof);
        let rules = asked.map_or(&*self.parts.rules, |asked| &asked.rules);
        self.consult_by(rules, None, |world| {
            Ok(match form {
                Form::Words => world.explain(proof),
                Form::Tree => world.tree(proof),
                Form::Dot => world.dot(proof),
                Form::Svg => world.svg(proof),
            })
        })
    }

    /// "why not?" after a question in logic without solutions.
    pub(crate) fn goal_lacking(&mut self) -> Result<Option<Reply>, Fault> {
        let Some(asked) = self.talk.goal.clone() else { return Ok(None) };
        let because = self.missing(&asked, Purse::Chat)?;
        Ok(Some(self.unknown("whynot", &[("because", &because)])))
    }

    /// For each rule the longest beginning that holds, and the goal that fails; in sentences.
    pub(super) fn missing(&self, asked: &Asked, purse: Purse) -> Result<String, Fault> {
        let parts = self.parts;
        let facts = parts.memory.facts(&self.audience);
        let program = Program::new(&asked.rules);
        let ground = Ground { facts: facts.as_ref(), rules: &program, builtins: &Standard, mirror: None };
        let mut sentences: Vec<String> = Vec::new();
        let mut next = vec![asked.query.rule.head.clone()];
        for _ in 0..DEEPEST {
            let mut below: Vec<Literal> = Vec::new();
            for literal in std::mem::take(&mut next) {
                let budget = self.purse(purse);
                let missing = match why_not(&literal, &ground, &budget) {
                    Ok(missing) => missing,
                    Err(Refusal::Fault(fault)) => return Err(fault),
                    Err(refusal) => return Ok(refusal.to_string()),
                };
                for one in missing {
                    let sentence = self.missing_said(&one, &asked.rules)?;
                    if !sentences.contains(&sentence) {
                        sentences.push(sentence);
                    }
                    if let Goal::Holds(literal) = &one.fails
                        && asked.rules.concluding(&literal.predicate).next().is_some()
                        && !below.contains(literal)
                    {
                        below.push(literal.clone());
                    }
                }
            }
            next = below;
        }
        let most = self.number("goal_missing");
        sentences.truncate(most);
        if sentences.is_empty() {
            return Ok(self.say("goal.missing.none", &[]));
        }
        Ok(sentences.join("; "))
    }

    fn missing_said(&self, missing: &Missing, rules: &Rulebook) -> Result<String, Fault> {
        self.consult_by(rules, None, |world| {
            let holds: Vec<String> = missing.holds.iter().map(|claim| world.claim(claim)).collect::<Result<_, _>>()?;
            let holds = world.language.list(&holds);
            // A denied goal fails because it holds.
            let (goal, is_denied) = match &missing.fails {
                Goal::Not(literal) => (world.goal(&Goal::Holds(literal.clone()))?, true),
                other => (world.goal(other)?, false),
            };
            let phrase = match (is_denied, asked_itself(&missing.rule), holds.is_empty()) {
                (true, _, true) => "goal.missing.denied",
                (true, _, false) => "goal.missing.denied.after",
                (false, true, true) => "goal.missing",
                (false, true, false) => "goal.missing.after",
                (false, false, true) => "goal.missing.rule",
                (false, false, false) => "goal.missing.rule.after",
            };
            let slots = [("goal", goal.as_str()), ("holds", &holds), ("rule", &missing.rule)];
            Ok(world.language.say(phrase, &slots, 0))
        })
    }

    /// A value for people: an atom, a number, a string; another node by its label where it has one.
    pub(super) fn shown_value(&self, term: &Term, vocabulary: &Vocabulary) -> Result<String, Fault> {
        let text = shown(term, vocabulary);
        if let Term::NamedNode(node) = term
            && quid_core::columns::atom_text(node).is_none()
            && let Some(label) = self.word_for(node)?
        {
            return Ok(quid_logic::quoted(&label));
        }
        Ok(text)
    }
}

/// Whether a proof is of an answer to a question in logic.
pub(crate) fn answers_goal(proof: &Proof) -> bool {
    proof.conclusion().is_some_and(|claim| claim.predicate == ANSWER)
}

/// Whether a rule is the question itself or one of its alternatives.
fn asked_itself(rule: &str) -> bool {
    rule == "answer" || rule.starts_with("answer/") || rule.starts_with("answer+")
}

/// The proof without its last step, where that concludes the answer from one premise: then the premise is the
/// conclusion.
pub(crate) fn without_answer(proof: &Proof) -> Option<Proof> {
    let last = proof.steps.last()?;
    let quid_core::Because::Rule { premises, .. } = &last.because else { return None };
    let [premise] = premises.as_slice() else { return None };
    if last.claim.predicate != ANSWER || premise + 2 != proof.steps.len() {
        return None;
    }
    let mut inner = proof.clone();
    inner.steps.pop();
    Some(inner)
}
