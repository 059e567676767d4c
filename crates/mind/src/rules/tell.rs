//! Tells what follows: proofs over a told world in plain sentences, each link with whose it is.

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{Atom, Because, Fault, Goal, Proof};

use super::known::{TaughtRule, number_of};
use super::{closed, form};
use crate::factoid::{DENIED, Relation};
use crate::turn::Turn;

impl Turn<'_> {
    /// Whether a proof is one over a told world, to be told here.
    pub(crate) fn is_told_here(proof: &Proof) -> bool {
        proof.steps.iter().any(|step| match &step.because {
            Because::Rule { name, .. } => {
                number_of(name).is_some() || name.starts_with("taught/") || name.starts_with("closed/")
            }
            _ => step.claim.predicate.as_ref() == v::HAS_PROPERTY,
        })
    }

    /// A proof in words, with the rules that are visible here.
    pub(crate) fn explain_told(&self, proof: &Proof) -> Result<String, Fault> {
        let rules = self.taught_rules()?;
        self.proof_in_words(proof, &rules)
    }

    /// "Bob is cold (ann, 2 May); if X is cold, then X is rough (ann, 2 May); so Bob is rough"
    pub(super) fn proof_in_words(&self, proof: &Proof, rules: &[TaughtRule]) -> Result<String, Fault> {
        self.proofs_in_words(&[proof], rules)
    }

    /// Several proofs told together: what they share is told once.
    pub(super) fn proofs_in_words(&self, proofs: &[&Proof], rules: &[TaughtRule]) -> Result<String, Fault> {
        let mut parts: Vec<String> = Vec::new();
        for proof in proofs {
            self.tell_parts(proof, rules, &mut parts)?;
        }
        Ok(parts.join(&self.say("answer.between", &[])))
    }

    fn tell_parts(&self, proof: &Proof, rules: &[TaughtRule], parts: &mut Vec<String>) -> Result<(), Fault> {
        let mut said_so = None;
        let before = parts.len();
        for (at, step) in proof.steps.iter().enumerate() {
            match &step.because {
                Because::Stored(graph) => {
                    if step.claim.predicate.as_ref() == v::SPOKEN {
                        continue;
                    }
                    let claim = self.atom_in_words(&step.claim)?;
                    push(parts, self.sourced(&claim, graph)?);
                }
                Because::Rule { name, .. } => {
                    let taught = number_of(name)
                        .and_then(|number| rules.iter().find(|rule| rule.number == number && Self::is_rule(rule, step)))
                        .or_else(|| number_of(name).and_then(|number| rules.iter().find(|rule| rule.number == number)));
                    if let Some(rule) = taught {
                        let text = self.sourced(&rule.says, &rule.graph)?;
                        push(parts, text);
                        if at + 1 < proof.steps.len() {
                            let claim = self.atom_in_words(&step.claim)?;
                            push(parts, self.say("world.so", &[("claim", &claim)]));
                        }
                    }
                    said_so = Some(at);
                }
                Because::Absent(_) => {
                    let claim = self.atom_in_words(&step.claim)?;
                    push(parts, self.say("world.absent", &[("claim", &claim)]));
                }
                Because::BuiltIn | Because::Gathered(_) => {}
            }
        }
        let last = proof.steps.len().checked_sub(1);
        if said_so.is_some()
            && said_so == last
            && let Some(step) = proof.steps.last()
            && step.claim.arguments.len() == 2
        {
            let claim = self.atom_in_words(&step.claim)?;
            if parts.len() > before + 1 || number_of_step(step).is_some() {
                push(parts, self.say("world.so", &[("claim", &claim)]));
            }
        }
        Ok(())
    }

    /// Whether a step is by this rule of a statement that made several.
    fn is_rule(rule: &TaughtRule, step: &quid_core::Step) -> bool {
        step.claim.arguments.iter().filter_map(form::key_of).any(|key| rule.says.contains(key.as_str()))
    }

    /// A text and its source: "if …, then … (ann, 2 May 2026)".
    pub(super) fn sourced(&self, claim: &str, graph: &NamedNode) -> Result<String, Fault> {
        let source = self.cite(graph)?;
        Ok(self.say("world.sourced", &[("claim", claim), ("source", &self.source_in_words(&source))]))
    }

    /// The sources of a proof's leaves and of the taught rules in it, each once.
    pub(super) fn sources_of(&self, proof: &Proof, rules: &[TaughtRule]) -> Result<Vec<Citation>, Fault> {
        let mut sources = Vec::new();
        for step in &proof.steps {
            let graph = match &step.because {
                Because::Stored(graph) => Some(graph.clone()),
                Because::Rule { name, .. } => number_of(name)
                    .and_then(|number| rules.iter().find(|rule| rule.number == number))
                    .map(|rule| rule.graph.clone()),
                _ => None,
            };
            if let Some(graph) = graph {
                let source = self.cite(&graph)?;
                if !sources.contains(&source) {
                    sources.push(source);
                }
            }
        }
        Ok(sources)
    }

    /// An atom in words: "the cow does not chase the squirrel", "Bob is a cat".
    pub(super) fn atom_in_words(&self, atom: &Atom) -> Result<String, Fault> {
        let [one, other] = atom.arguments.as_slice() else { return Ok(atom.predicate.as_str().to_owned()) };
        let relation = closed::general(&atom.predicate).unwrap_or_else(|| atom.predicate.clone());
        let predicate = relation.as_ref();
        if predicate == v::DISJOINT_WITH {
            let class = |term: &Term| self.label(term).map(|label| self.parts.language.class_in_words(&label));
            return Ok(self.say("world.claim.disjoint", &[("one", &class(one)?), ("other", &class(other)?)]));
        }
        let one_said = self.spoken(one)?;
        let is_kind = [v::IS_A, v::TYPE, v::SUB_CLASS_OF, v::HAS_PROPERTY, v::SOME].contains(&predicate);
        let (verb, object) = if is_kind || predicate == v::NOT_A {
            let denied = predicate == v::NOT_A;
            let as_property = predicate == v::HAS_PROPERTY || self.is_property(other)?;
            let class = self.label(other)?;
            let object = if as_property { class } else { self.parts.language.class_in_words(&class) };
            (self.parts.language.relation_in_words("is", denied), object)
        } else if predicate == v::SAME_AS {
            (self.say("rule.same", &[]), self.spoken(other)?)
        } else {
            let named = Relation::of(&relation);
            let (verb, denied) = match &named {
                Some(Relation::Verb(verb)) => {
                    verb.strip_prefix(DENIED).map_or((verb.as_str(), false), |verb| (verb, true))
                }
                _ => (relation.as_str().rsplit([':', '/', '#']).next().unwrap_or_default(), false),
            };
            if verb == "does" {
                return self.doing(&one_said, other, denied);
            }
            (self.parts.language.relation_in_words(verb, denied), self.spoken(other)?)
        };
        // A name that was taught stays as it was typed; a kind takes its article.
        let of_kind =
            (is_kind || predicate == v::NOT_A) && self.label(one)? == one_said && self.is_kind(one, &one_said)?;
        let subject = if of_kind { self.parts.language.class_in_words(&one_said) } else { one_said };
        Ok(self.say("rule.claim", &[("one", &subject), ("verb", &verb), ("other", &object)]))
    }

    /// Whether a name is that of a kind: something is one, or it was asked about with an article.
    fn is_kind(&self, term: &Term, name: &str) -> Result<bool, Fault> {
        if self.asks_of_kind(name) {
            return Ok(true);
        }
        let facts = self.parts.memory.facts(&self.audience);
        for relation in [v::TYPE, v::SUB_CLASS_OF] {
            if !facts.some(None, Some(relation), Some(term), 1)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn doing(&self, one: &str, verb: &Term, denied: bool) -> Result<String, Fault> {
        let base = self.label(verb)?;
        let verb = self.parts.language.doing_in_words(&base, denied);
        Ok(self.say("rule.does", &[("one", one), ("verb", &verb)]))
    }

    /// What fails in a rule, in words; variables by letters.
    pub(super) fn goal_in_words(&self, goal: &Goal) -> Result<String, Fault> {
        let literal = goal.literal();
        let mut arguments = Vec::new();
        for argument in &literal.arguments {
            arguments.push(match argument {
                quid_core::Argument::Term(term) => term.clone(),
                quid_core::Argument::Variable(_) => form::node(&self.say("rule.someone", &[])).into(),
            });
        }
        self.atom_in_words(&Atom { predicate: literal.predicate.clone(), arguments })
    }

    /// How a thing is spoken of: "the cow", "Bob"; else its label.
    pub(super) fn spoken(&self, term: &Term) -> Result<String, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        let said = facts.some(Some(term), Some(v::SPOKEN), None, 1)?.pop();
        match said.map(|fact| fact.object) {
            Some(Term::Literal(text)) => Ok(text.value().to_owned()),
            _ => self.label(term),
        }
    }

    /// The name of a thing as it was typed, else its key.
    fn label(&self, term: &Term) -> Result<String, Fault> {
        if let Term::Literal(text) = term {
            return Ok(text.value().to_owned());
        }
        let facts = self.parts.memory.facts(&self.audience);
        let label = facts.some(Some(term), Some(v::LABEL), None, 1)?.pop();
        Ok(match label.map(|fact| fact.object) {
            Some(Term::Literal(text)) => text.value().to_owned(),
            _ => form::key_of(term).map_or_else(|| term.to_string(), |key| key.to_string()),
        })
    }

    /// Whether a word is used as a property by somebody: "cold" takes no article.
    fn is_property(&self, term: &Term) -> Result<bool, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        for relation in [v::HAS_PROPERTY, v::AS_PROPERTY] {
            if !facts.some(None, Some(relation), Some(term), 1)?.is_empty() {
                return Ok(true);
            }
        }
        // Only denied ("Bob is not cold"): nobody said "a cold".
        let as_class = [v::TYPE, v::SUB_CLASS_OF, v::MENTIONS];
        for relation in as_class {
            if !facts.some(None, Some(relation), Some(term), 1)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(!facts.some(None, Some(v::NOT_A), Some(term), 1)?.is_empty())
    }
}

fn number_of_step(step: &quid_core::Step) -> Option<u64> {
    match &step.because {
        Because::Rule { name, .. } => number_of(name),
        _ => None,
    }
}

fn push(parts: &mut Vec<String>, part: String) {
    if !parts.contains(&part) {
        parts.push(part);
    }
}
