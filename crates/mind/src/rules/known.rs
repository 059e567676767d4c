//! The rules somebody may see, read back from the store as a program for the engine, and proofs by it.
//!
//! Rules are statements like any other, so they are read with the same eyes: what is hidden from somebody proves
//! nothing to them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term, Triple};
use quid_core::proof::{NoBuiltIns, verify_by};
use quid_core::vocabulary as v;
use quid_core::{Argument, Atom, Budget, Fact, Facts, Fault, Goal, Literal, Proof, Query, Rule, Rulebook, Verified};
use quid_logic::{Ground, Program, Refusal};

use super::closed::{self, Narrow};
use super::form;
use crate::factoid::seq_of;
use crate::turn::Turn;

/// The rules at the bottom of everything taught stand in this file of `ontologies/`.
pub(super) const BASE: &str = "taught/";
/// The names of rules that say of a kind as such that it is one of the kind.
const ANY: &str = "taught/any/";

/// A taught rule.
#[derive(Clone, Debug)]
pub(super) struct TaughtRule {
    /// Its node.
    pub(super) node: NamedNode,
    /// Its statement.
    pub(super) graph: NamedNode,
    /// The number it is called by: that of its statement.
    pub(super) number: u64,
    /// Its one wording.
    pub(super) says: String,
}

/// The rules in force for somebody.
pub(crate) struct Known {
    pub(super) rules: Vec<TaughtRule>,
    program: Program,
    book: Rulebook,
    /// The rules as they were taught, before the world was closed.
    open: Rulebook,
    /// How claims are narrowed where what does not follow is not so; `None` in an open world.
    narrow: Option<Narrow>,
    /// The same with every claim about every thing narrowed, for rules that go round in a circle otherwise.
    single: OnceLock<Box<Known>>,
}

/// What became of a claim.
#[derive(Debug)]
pub(super) enum Outcome {
    Proved(Verified),
    /// It does not follow.
    Open,
    /// The budget ended before that was clear.
    Spent,
    /// In a closed world it rests on its own denial.
    Circle,
}

impl Turn<'_> {
    /// The taught rules that may be seen here, in the order they were taught.
    pub(super) fn taught_rules(&self) -> Result<Vec<TaughtRule>, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        let mut rules: Vec<TaughtRule> = facts
            .all(None, Some(v::SAYS), None, self.number("rules_most"))?
            .into_iter()
            .filter_map(|fact| {
                let (quid_core::oxrdf::NamedOrBlankNode::NamedNode(node), Term::Literal(says)) =
                    (fact.subject, fact.object)
                else {
                    return None;
                };
                let number = seq_of(&fact.graph);
                Some(TaughtRule { node, number, graph: fact.graph, says: says.value().to_owned() })
            })
            .collect();
        rules.sort_by(|one, other| (one.number, &one.says).cmp(&(other.number, &other.says)));
        Ok(rules)
    }

    /// The rules taught here and those at their bottom, for questions in logic.
    pub(crate) fn taught_book(&self) -> Result<Arc<Known>, Fault> {
        self.known(Vec::new())
    }

    /// The rules that these facts show, read anew.
    pub(crate) fn rules_seen_in(&self, facts: &dyn Facts) -> Result<Known, Fault> {
        self.read_rules(facts)
    }

    /// The rules in force here, those supposed for the moment among them.
    pub(super) fn known(&self, supposed: Vec<Rule>) -> Result<Arc<Known>, Fault> {
        let memory = self.parts.memory.clone();
        let facts = memory.facts(&self.audience);
        let rests_on = |_: &Known, triple: &Triple| [v::SAYS, v::CLAUSE].contains(&triple.predicate.as_ref());
        let make = || self.read_rules(facts.as_ref());
        let open = self.knowledge.rules.get(facts.as_ref(), &self.audience, rests_on, make)?;
        if supposed.is_empty() && !self.talk.closed_world {
            return Ok(open);
        }
        let mut book = open.open.clone();
        if !supposed.is_empty() {
            book.rules.retain(|rule| !rule.name.starts_with(ANY));
            book.rules.extend(supposed);
            let any = any_of_a_kind(&book);
            book.rules.extend(any);
        }
        let narrow = self.talk.closed_world.then_some(Narrow::Classes);
        Ok(Arc::new(Known::over(open.rules.clone(), book, narrow, facts.as_ref())?))
    }

    /// Reads the rules that may be seen here.
    fn read_rules(&self, facts: &dyn Facts) -> Result<Known, Fault> {
        let rules = self.taught_rules()?;
        let mut texts: BTreeMap<(u64, NamedNode), String> = BTreeMap::new();
        facts.each(None, Some(v::CLAUSE), None, &mut |fact| {
            if let (quid_core::oxrdf::NamedOrBlankNode::NamedNode(node), Term::Literal(text)) =
                (&fact.subject, &fact.object)
            {
                texts.insert((seq_of(&fact.graph), node.clone()), text.value().to_owned());
            }
            ControlFlow::Continue(())
        })?;
        let base = self.parts.rules.rules.iter().filter(|rule| rule.name.starts_with(BASE)).cloned();
        let mut book = Rulebook { rules: base.collect() };
        for ((number, _), text) in texts {
            // A clause that cannot be read any more proves nothing; it is listed all the same.
            let Ok(read) = quid_logic::read(&format!("{RULE_NAME}{number}"), &text) else { continue };
            book.rules.extend(read.rules);
        }
        let any = any_of_a_kind(&book);
        book.rules.extend(any);
        Known::over(rules, book, None, facts)
    }
}

/// What the names of taught rules begin with; the number of the statement follows.
pub(super) const RULE_NAME: &str = "rule ";

/// The number of the statement that a rule's name in a proof is of.
pub(super) fn number_of(name: &str) -> Option<u64> {
    name.strip_prefix(RULE_NAME)?.split(['/', '.']).next()?.parse().ok()
}

/// "a dog" as such is some dog: without these, "owns a dog" as a fact would not meet "owns a dog" as a condition.
fn any_of_a_kind(book: &Rulebook) -> Vec<Rule> {
    let mut classes: Vec<Term> = Vec::new();
    for literal in book.rules.iter().flat_map(|rule| &rule.body).map(Goal::literal) {
        if let (true, Some(Argument::Term(class))) = (literal.predicate.as_ref() == v::SOME, literal.arguments.get(1))
            && !classes.contains(class)
        {
            classes.push(class.clone());
        }
    }
    classes
        .into_iter()
        .enumerate()
        .map(|(at, class)| Rule {
            name: format!("{ANY}{at}"),
            head: Literal {
                predicate: v::SOME.into_owned(),
                arguments: vec![Argument::Term(class.clone()), Argument::Term(class)],
            },
            body: Vec::new(),
            says: String::new(),
        })
        .collect()
}

impl Known {
    /// The rules in force, with the world closed where it is to be.
    fn over(rules: Vec<TaughtRule>, open: Rulebook, narrow: Option<Narrow>, facts: &dyn Facts) -> Result<Self, Fault> {
        let mut book = match narrow {
            Some(narrow) => closed::close(&open, facts, narrow)?,
            None => open.clone(),
        };
        // Rules taught in several places have one name each all the same.
        for (number, rule) in book.rules.iter_mut().enumerate() {
            if rule.name.starts_with(RULE_NAME) {
                let (name, _) = rule.name.split_once('/').unwrap_or((&rule.name, ""));
                rule.name = format!("{name}/{number}");
            }
        }
        let program = Program::new(&book);
        Ok(Self { rules, program, book, open, narrow, single: OnceLock::new() })
    }

    /// The rules in force.
    pub(crate) fn book(&self) -> &Rulebook {
        &self.book
    }

    /// Whether what does not follow is not so.
    pub(super) fn is_closed(&self) -> bool {
        self.narrow.is_some()
    }

    /// The same with every claim narrowed to its things; `None` where that was done or nothing is closed.
    fn singly(&self, facts: &dyn Facts) -> Result<Option<&Self>, Fault> {
        if self.narrow != Some(Narrow::Classes) {
            return Ok(None);
        }
        if self.single.get().is_none() {
            let single = Self::over(self.rules.clone(), self.open.clone(), Some(Narrow::Things), facts)?;
            let _ = self.single.set(Box::new(single));
        }
        Ok(self.single.get().map(AsRef::as_ref))
    }

    /// Tries to prove a claim within a budget.
    pub(super) fn prove(
        &self,
        claim: &Atom,
        facts: &dyn Facts,
        steps: u64,
        stop: &AtomicBool,
    ) -> Result<Outcome, Fault> {
        match self.try_prove(claim, facts, steps, stop)? {
            Outcome::Circle => match self.singly(facts)? {
                Some(single) => single.try_prove(claim, facts, steps, stop),
                None => Ok(Outcome::Circle),
            },
            outcome => Ok(outcome),
        }
    }

    fn try_prove(&self, claim: &Atom, facts: &dyn Facts, steps: u64, stop: &AtomicBool) -> Result<Outcome, Fault> {
        let budget = Budget::steps(steps).with_tuples(steps).with_stop(stop);
        let literal = self.as_concluded(claim);
        let told = self.told_of(claim);
        let claim = &Atom { predicate: literal.predicate.clone(), ..claim.clone() };
        let mut program = self.program.with(told.clone());
        program.know(&claim.predicate, claim.arguments.len());
        let ground = Ground { facts, rules: &program, builtins: &NoBuiltIns, mirror: None };
        let query = Query::asking(vec![Goal::Holds(literal)]);
        let proof = match quid_logic::ask(&query, &ground, &budget) {
            Ok(answers) if answers.is_empty() => {
                return Ok(if budget.ran_out().is_some() { Outcome::Spent } else { Outcome::Open });
            }
            Ok(answers) => match answers.proof(0) {
                Ok(proof) => proof,
                Err(refusal) => return refused(refusal),
            },
            Err(refusal) => return refused(refusal),
        };
        let proof = concluding(proof, claim);
        match verify_by(proof, facts, &[&self.book.rules, &told], &NoBuiltIns) {
            Ok(verified) => Ok(Outcome::Proved(verified)),
            Err(flaw) => Err(Fault::Storage { what: "checking a proof".to_owned(), why: flaw.to_string() }),
        }
    }

    /// In a closed world: the proof that a claim does not follow, whatever else is so.
    pub(super) fn prove_absent(
        &self,
        claim: &Atom,
        facts: &dyn Facts,
        steps: u64,
        stop: &AtomicBool,
    ) -> Result<Option<Verified>, Fault> {
        let budget = Budget::steps(steps).with_tuples(steps).with_stop(stop);
        let literal = self.as_concluded(claim);
        let mut program = self.program.with(self.told_of(claim));
        program.know(&literal.predicate, literal.arguments.len());
        let ground = Ground { facts, rules: &program, builtins: &NoBuiltIns, mirror: None };
        let query = Query::asking(vec![Goal::Not(literal)]);
        match quid_logic::ask(&query, &ground, &budget) {
            Ok(answers) if answers.is_empty() => Ok(None),
            Ok(answers) => match answers.verified(0) {
                Ok(verified) => Ok(Some(verified)),
                Err(Refusal::Fault(fault)) => Err(fault),
                Err(refusal) => Err(Fault::Storage { what: "checking a proof".to_owned(), why: refusal.to_string() }),
            },
            Err(Refusal::Fault(fault)) => Err(fault),
            Err(Refusal::NotStratified { .. }) => match self.singly(facts)? {
                Some(single) => single.prove_absent(claim, facts, steps, stop),
                None => Ok(None),
            },
            Err(_) => Ok(None),
        }
    }

    /// A claim as the rules in force conclude it.
    fn as_concluded(&self, claim: &Atom) -> Literal {
        let literal = form::of_atom(claim);
        match self.narrow {
            Some(narrow) => closed::specific(&literal, narrow),
            None => literal,
        }
    }

    /// How a claim that was told is known, whatever the rules speak of.
    fn told_of(&self, claim: &Atom) -> Vec<Rule> {
        match self.narrow {
            Some(narrow) => closed::told_of(&form::of_atom(claim), narrow, usize::MAX - 8),
            None => Vec::new(),
        }
    }

    /// The relations that the rules speak of.
    pub(super) fn relations(&self) -> Vec<(NamedNode, usize)> {
        self.program.relations()
    }

    /// All that a relation leads to from somebody.
    pub(super) fn objects_of(
        &self,
        relation: &NamedNode,
        subject: &Term,
        facts: &dyn Facts,
        steps: u64,
        stop: &AtomicBool,
    ) -> Result<Vec<Atom>, Fault> {
        let budget = Budget::steps(steps).with_tuples(steps).with_stop(stop);
        let mut program = self.program.clone();
        program.know(relation, 2);
        let ground = Ground { facts, rules: &program, builtins: &NoBuiltIns, mirror: None };
        let arguments = vec![Argument::Term(subject.clone()), Argument::Variable(0)];
        let query = Query::asking(vec![Goal::Holds(Literal { predicate: relation.clone(), arguments })]);
        let answers = match quid_logic::ask(&query, &ground, &budget) {
            Ok(answers) => answers,
            Err(Refusal::Fault(fault)) => return Err(fault),
            Err(_) => return Ok(Vec::new()),
        };
        let mut atoms = Vec::new();
        for row in 0..answers.len() {
            if let Some(object) = answers.values(row).into_iter().next() {
                atoms.push(Atom { predicate: relation.clone(), arguments: vec![subject.clone(), object] });
            }
        }
        Ok(atoms)
    }

    /// What is lacking for a claim: for each rule how far it gets and what fails.
    pub(super) fn lacking(
        &self,
        claim: &Atom,
        facts: &dyn Facts,
        steps: u64,
        stop: &AtomicBool,
    ) -> Result<Vec<quid_logic::Missing>, Fault> {
        let budget = Budget::steps(steps).with_tuples(steps).with_stop(stop);
        let ground = Ground { facts, rules: &self.program, builtins: &NoBuiltIns, mirror: None };
        match quid_logic::why_not(&form::of_atom(claim), &ground, &budget) {
            Ok(missing) => Ok(missing),
            Err(Refusal::Fault(fault)) => Err(fault),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Whether a property or relation occurs in the rules.
    pub(super) fn speaks_of(&self, predicate: NamedNodeRef<'_>, object: Option<&Term>) -> bool {
        let fits = |literal: &Literal| {
            literal.predicate.as_ref() == predicate
                && object.is_none_or(|object| literal.arguments.get(1) == Some(&Argument::Term(object.clone())))
        };
        let taught = self.book.rules.iter().filter(|rule| rule.name.starts_with(RULE_NAME));
        taught.flat_map(|rule| std::iter::once(&rule.head).chain(rule.body.iter().map(Goal::literal))).any(fits)
    }

    /// The reading of a rule by its name in a proof.
    pub(super) fn rule(&self, name: &str) -> Option<&TaughtRule> {
        let number = number_of(name)?;
        self.rules.iter().find(|rule| rule.number == number)
    }
}

/// The proof up to the step that makes the claim, without what the question added.
fn concluding(mut proof: Proof, claim: &Atom) -> Proof {
    if let Some(at) = proof.steps.iter().position(|step| step.claim == *claim) {
        proof.steps.truncate(at + 1);
    }
    proof
}

/// A question the engine refuses is open, unless the store itself failed.
fn refused(refusal: Refusal) -> Result<Outcome, Fault> {
    match refusal {
        Refusal::Fault(fault) => Err(fault),
        Refusal::NotStratified { .. } => Ok(Outcome::Circle),
        _ => Ok(Outcome::Open),
    }
}

/// Facts with some more that are only supposed, in a graph of their own.
pub(super) struct Supposing<'a> {
    pub(super) facts: &'a dyn Facts,
    pub(super) more: Vec<Fact>,
}

impl Facts for Supposing<'_> {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let mut stopped = false;
        self.facts.each(subject, predicate, object, &mut |fact| {
            let flow = visit(fact);
            stopped = flow.is_break();
            flow
        })?;
        for fact in &self.more {
            let fits = subject.is_none_or(|term| *term == Term::from(fact.subject.clone()))
                && predicate.is_none_or(|wanted| fact.predicate.as_ref() == wanted)
                && object.is_none_or(|term| *term == fact.object);
            if stopped {
                break;
            }
            if fits {
                stopped = visit(fact).is_break();
            }
        }
        Ok(())
    }
}
