//! Tells statements of programs: relations of any width, computed ones, and what nested goals stand for.
//!
//! Where a program gives no words for a relation, the statement is written as the program writes it; a helper
//! relation that only stands for a nested goal is told as that goal.

use quid_core::columns;
use quid_core::oxrdf::Term;
use quid_core::rule::ANSWER;
use quid_core::vocabulary::{ATOM, BUILTIN, RELATION};
use quid_core::{Argument, Atom, Goal, Literal, Proof, Rule};
use quid_logic::{Halt, list_items, quoted, written};

use super::Asked;

/// What helper relations begin with.
const HELPER: &str = "urn:quid:helper:";
/// What gathered values are claimed in.
const GATHER: &str = "urn:quid:gather:";

/// The relations between words that the bot's own rules make of those between senses.
const WORD: &str = "urn:quid:word:";

/// The slots of a phrase about a computed relation, in the order of its arguments.
const SLOTS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

impl Asked<'_> {
    /// Whether a rule gives words of its own for a program's relation.
    pub(super) fn is_worded(&self, claim: &Atom) -> bool {
        claim.predicate.as_str().starts_with(RELATION) && self.wording(claim).is_some()
    }

    /// A statement of a program in words; `None` for the relations the world has words for.
    pub(super) fn in_logic(&self, proof: &Proof, claim: &Atom) -> Result<Option<String>, Halt> {
        let relation = claim.predicate.as_str();
        let is_answer = claim.predicate == ANSWER;
        if is_answer || relation.starts_with(HELPER) {
            return self.nested(proof, claim).map(Some);
        }
        let of_program = [RELATION, BUILTIN, GATHER, WORD].iter().any(|prefix| relation.starts_with(prefix));
        if !of_program && claim.pair().is_some() {
            return Ok(None);
        }
        let names = claim.arguments.iter().map(|term| self.value(term)).collect::<Result<Vec<_>, _>>()?;
        let kind = [(BUILTIN, "builtin."), (GATHER, "gather.")]
            .iter()
            .find_map(|(prefix, phrase)| Some(format!("{phrase}{}", relation.strip_prefix(prefix)?)));
        if let Some(phrase) = kind.filter(|phrase| self.world.language.has_phrase(phrase)) {
            let slots: Vec<(&str, &str)> = SLOTS.iter().copied().zip(names.iter().map(String::as_str)).collect();
            return Ok(Some(self.say(&phrase, &slots)));
        }
        if let Some(words) = self.wording(claim) {
            return Ok(Some(filled(words, &names)));
        }
        let name = columns::relation_name(&claim.predicate)
            .unwrap_or_else(|| super::explain::local_name(&claim.predicate).to_owned());
        if names.is_empty() {
            return Ok(Some(quoted(&name)));
        }
        Ok(Some(format!("{}({})", quoted(&name), names.join(", "))))
    }

    /// The words a rule gives for what it concludes.
    fn wording(&self, claim: &Atom) -> Option<&str> {
        self.world
            .rules
            .concluding(&claim.predicate)
            .find(|rule| rule.head.arguments.len() == claim.arguments.len() && !rule.says.is_empty())
            .map(|rule| rule.says.as_str())
    }

    /// What a helper relation stands for: the goals of its rule, with what is known filled in.
    fn nested(&self, proof: &Proof, claim: &Atom) -> Result<String, Halt> {
        let fits = |rule: &&Rule| {
            rule.head.arguments.len() == claim.arguments.len()
                && rule.head.arguments.iter().zip(&claim.arguments).all(|(argument, value)| match argument {
                    Argument::Term(term) => term == value,
                    Argument::Variable(_) => true,
                })
        };
        let Some(rule) = self.world.rules.concluding(&claim.predicate).find(fits) else {
            if claim.predicate == ANSWER && !claim.arguments.is_empty() {
                let names = claim.arguments.iter().map(|term| self.name(term)).collect::<Result<Vec<_>, _>>()?;
                return Ok(self.world.language.list(&names));
            }
            return Ok(super::explain::local_name(&claim.predicate).to_owned());
        };
        let value = |argument: &Argument| match argument {
            Argument::Term(term) => Some(term.clone()),
            Argument::Variable(_) => {
                let at = rule.head.arguments.iter().position(|other| other == argument)?;
                claim.arguments.get(at).cloned()
            }
        };
        let mut parts = Vec::new();
        for goal in &rule.body {
            parts.push(match goal {
                Goal::Holds(literal) => self.goal_words(proof, literal, &value)?,
                Goal::Not(literal) => self.say("world.absent", &[("claim", &self.goal_words(proof, literal, &value)?)]),
                Goal::Gather(gather) => self.goal_words(proof, &gather.over, &value)?,
            });
        }
        Ok(self.world.language.list(&parts))
    }

    /// A goal in words; what is not known in it is "something".
    fn goal_words(
        &self,
        proof: &Proof,
        literal: &Literal,
        value: &dyn Fn(&Argument) -> Option<Term>,
    ) -> Result<String, Halt> {
        let something = self.say("goal.something", &[]);
        let open = || Term::from(quid_core::oxrdf::NamedNode::new_unchecked(format!("{ATOM}{something}")));
        let arguments = literal.arguments.iter().map(|argument| value(argument).unwrap_or_else(open)).collect();
        let claim = Atom { predicate: literal.predicate.clone(), arguments };
        // A helper within a helper is told by its own goals; they nest no deeper than the program was written.
        self.sentence_in(proof, &claim)
    }

    /// A goal of a rule in words, with what is bound in it filled in.
    pub(super) fn goal(&self, goal: &Goal) -> Result<String, Halt> {
        let bound = |argument: &Argument| match argument {
            Argument::Term(term) => Some(term.clone()),
            Argument::Variable(_) => None,
        };
        let proof = Proof::default();
        match goal {
            Goal::Holds(literal) => self.goal_words(&proof, literal, &bound),
            Goal::Not(literal) => {
                Ok(self.say("world.absent", &[("claim", &self.goal_words(&proof, literal, &bound)?)]))
            }
            Goal::Gather(gather) => self.goal_words(&proof, &gather.over, &bound),
        }
    }

    /// A value as people read it: an atom's text, a string's text, a number, a node's name.
    pub(super) fn value(&self, term: &Term) -> Result<String, Halt> {
        Ok(match term {
            Term::NamedNode(node) => match columns::atom_text(node) {
                Some(text) if text.is_empty() => quoted(&text),
                Some(text) => text,
                None => self.name(term)?,
            },
            term if list_items(term).is_some() => written(term),
            Term::Literal(literal) => literal.value().to_owned(),
            other => other.to_string(),
        })
    }
}

/// The words with `{0}`, `{1}` … filled in.
fn filled(words: &str, names: &[String]) -> String {
    let mut out = words.to_owned();
    for (number, name) in names.iter().enumerate() {
        out = out.replace(&format!("{{{number}}}"), name);
    }
    out
}
