//! What follows from the stored facts, as queries see it.
//!
//! Most patterns ask for relations and classes that the axioms name; for them only the facts that some rule can use
//! are read and closed. Patterns that ask what everything is (every term is a resource, every class is below itself)
//! need the whole graph, which is read only when such a pattern comes. What was closed is kept for the next query of
//! the same audience, until something is written.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::vocabulary::{CLAUSE, CONTRADICTION};
use quid_core::{Argument, Budget, Entailed, Entailment, Facts, Fault, Goal, Regime, Rule};
use rustc_hash::FxHashSet;

use super::closure::{Closure, Steps};
use super::compile::compile;
use super::names::{
    AXIOMS, COMPLEMENT_OF, DIFFERENT_FROM, DISJOINT_WITH, DOMAIN, EQUIVALENT_CLASS, KINDS, ON_PROPERTY, OWL, RANGE,
    SAME_AS, SUB_CLASS_OF, SUB_PROPERTY_OF, TYPE, XSD, is_rdfs,
};
use super::schema::Schema;
use super::simple::{add_axioms, choice, close, noticing};
use crate::Halt;

/// How many steps the closing of a graph may take.
const MOST_STEPS: u64 = 200_000_000;

/// Knows what follows by RDF, RDF Schema and OWL 2 RL.
#[derive(Clone, Debug, Default)]
pub struct Follows {
    most: usize,
    rules: Arc<Vec<Rule>>,
    kept: Arc<Mutex<Vec<Kept>>>,
}

/// What was made of one state of the facts.
#[derive(Debug)]
struct Kept {
    of: State,
    always_whole: bool,
    lean: Option<Arc<Closure>>,
    whole: Option<Arc<Closure>>,
}

/// The keeper, the version, what of it is shown, and the regime.
type State = (u64, u64, String, Regime);

impl Follows {
    /// Holds so many triples at most, for one query and for all that is kept. `rules` are the program's own, for the
    /// regime of that name; those that deny, gather or compute are not used.
    #[must_use]
    pub fn new(most: usize, rules: Vec<Rule>) -> Self {
        Self { most, rules: Arc::new(rules), kept: Arc::default() }
    }

    /// How many triples are kept for further queries.
    #[must_use]
    pub fn held(&self) -> usize {
        self.with(|kept| kept.iter().map(Kept::held).sum())
    }

    /// Nothing that panics could leave what is kept half done.
    fn with<T>(&self, act: impl FnOnce(&mut Vec<Kept>) -> T) -> T {
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    fn held(&self) -> usize {
        self.lean.iter().chain(&self.whole).map(|closure| closure.len()).sum()
    }
}

impl Entailment for Follows {
    fn over(&self, regime: Regime, facts: &dyn Facts, stop: &AtomicBool) -> Result<Box<dyn Entailed>, Fault> {
        let budget = Budget::steps(MOST_STEPS).with_stop(stop);
        let of = facts.feed().and_then(|feed| Some((feed.keeper(), feed.version(), feed.view()?, regime)));
        let known = self.with(|kept| {
            // What was written since makes all that is older useless.
            kept.retain(|other| of.as_ref().is_none_or(|of| (of.0, of.1) == (other.of.0, other.of.1)));
            kept.iter().find(|kept| Some(&kept.of) == of.as_ref()).map(|kept| kept.always_whole)
        });
        let always_whole = match (known, choice(regime, false)) {
            (Some(known), _) => known,
            (None, None) => true,
            (None, Some(choice)) => choice.same_as || is_about_everything(&Schema::read(facts, &budget).map_err(told)?),
        };
        if let (None, Some(of)) = (known, of.clone()) {
            self.with(|kept| kept.push(Kept { of, always_whole, lean: None, whole: None }));
        }
        let mut rules = Vec::new();
        if regime == Regime::Rules {
            rules.extend(self.rules.iter().cloned());
            rules.extend(taught(facts)?);
        }
        let follows = self.clone();
        Ok(Box::new(Over {
            regime,
            rules,
            follows,
            of,
            always_whole,
            lean: RefCell::default(),
            whole: RefCell::default(),
        }))
    }
}

/// Whether axioms speak of RDF's own words, so that what they say depends on every fact there is.
fn is_about_everything(schema: &Schema) -> bool {
    [SUB_CLASS_OF, SUB_PROPERTY_OF, DOMAIN, RANGE, EQUIVALENT_CLASS].iter().any(|&axiom| {
        schema.pairs(axiom).any(|(subject, _)| match subject {
            Term::NamedNode(node) => is_rdfs(node.as_str()) || AXIOMS.contains(&node.as_ref()),
            _ => false,
        })
    })
}

/// The rules that people taught, read back from their statements.
fn taught(facts: &dyn Facts) -> Result<Vec<Rule>, Fault> {
    let mut rules = Vec::new();
    facts.each(None, Some(CLAUSE), None, &mut |fact| {
        // A clause that cannot be read any more proves nothing.
        if let Term::Literal(text) = &fact.object
            && let Ok(book) = crate::read("rule", text.value())
        {
            rules.extend(book.rules);
        }
        ControlFlow::Continue(())
    })?;
    Ok(rules)
}

struct Over {
    regime: Regime,
    rules: Vec<Rule>,
    follows: Follows,
    /// Of what it is made; `None` when nobody else can use it.
    of: Option<State>,
    always_whole: bool,
    /// What follows from the facts that rules can use.
    lean: RefCell<Option<Arc<Closure>>>,
    /// What follows from all facts.
    whole: RefCell<Option<Arc<Closure>>>,
}

impl Entailed for Over {
    fn each(
        &self,
        facts: &dyn Facts,
        subject: Option<&Term>,
        predicate: Option<&NamedNode>,
        object: Option<&Term>,
        stop: &AtomicBool,
        visit: &mut dyn FnMut(&Term, &NamedNode, &Term) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let closure = if self.always_whole || asks_of_everything(predicate, object) {
            self.kept(&self.whole, |kept| &mut kept.whole, || self.close_whole(facts, stop))?
        } else {
            self.kept(&self.lean, |kept| &mut kept.lean, || self.close_lean(facts, stop))?
        };
        let asked = predicate.map(|predicate| Term::from(predicate.clone()));
        closure.each(subject, asked.as_ref(), object, &mut |subject, found, object| {
            let fits = !matches!(subject, Term::Literal(_) | Term::Triple(_));
            // A contradiction is no triple of the regime: it is told to who asks for it.
            if !fits || predicate.is_none() && found.as_ref() == CONTRADICTION {
                return ControlFlow::Continue(());
            }
            visit(subject, found, object)
        });
        Ok(())
    }
}

/// Whether a pattern can match what holds of every term, class or relation.
fn asks_of_everything(predicate: Option<&NamedNode>, object: Option<&Term>) -> bool {
    let Some(predicate) = predicate else { return true };
    if predicate.as_ref() == TYPE {
        return match object {
            Some(Term::NamedNode(class)) => {
                let class = class.as_str();
                is_rdfs(class) || class.starts_with(OWL) || class.starts_with(XSD)
            }
            Some(_) => false,
            None => true,
        };
    }
    is_rdfs(predicate.as_str()) || AXIOMS.contains(&predicate.as_ref()) || predicate.as_ref() == SAME_AS
}

impl Over {
    /// A closure: this query's own, one that another query made, or a new one.
    fn kept(
        &self,
        own: &RefCell<Option<Arc<Closure>>>,
        place: impl Fn(&mut Kept) -> &mut Option<Arc<Closure>>,
        close: impl FnOnce() -> Result<Closure, Fault>,
    ) -> Result<Arc<Closure>, Fault> {
        if let Some(known) = own.borrow().as_ref() {
            return Ok(Arc::clone(known));
        }
        let shared = self.follows.with(|kept| {
            let entry = kept.iter_mut().find(|kept| Some(&kept.of) == self.of.as_ref())?;
            place(entry).clone()
        });
        let made = match shared {
            Some(shared) => shared,
            None => {
                let made = Arc::new(close()?);
                self.follows.with(|kept| {
                    // The oldest make room.
                    let mut held: usize = kept.iter().map(Kept::held).sum();
                    while held + made.len() > self.follows.most
                        && let Some(at) = kept.iter().position(|kept| kept.held() > 0)
                    {
                        held -= kept.remove(at).held();
                    }
                    if let Some(entry) = kept.iter_mut().find(|kept| Some(&kept.of) == self.of.as_ref()) {
                        *place(entry) = Some(Arc::clone(&made));
                    }
                });
                made
            }
        };
        *own.borrow_mut() = Some(Arc::clone(&made));
        Ok(made)
    }

    fn close_whole(&self, facts: &dyn Facts, stop: &AtomicBool) -> Result<Closure, Fault> {
        let budget = Budget::steps(MOST_STEPS).with_stop(stop);
        let mut closure = Closure::new(self.follows.most).noticing(noticing(self.regime), &[]);
        let mut failed = None;
        facts.each(None, None, None, &mut |fact| {
            let added = closure.add(&fact.subject.clone().into(), &fact.predicate, &fact.object);
            failed = added.and_then(|()| budget.step().map_err(|spent| told(spent.into()))).err();
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(fault) = failed {
            return Err(fault);
        }
        add_axioms(&mut closure, self.regime, &[]).map_err(told)?;
        closure.force(&self.rules)?;
        close(&mut closure, self.regime, true, &budget).map_err(told)?;
        Ok(closure)
    }

    fn close_lean(&self, facts: &dyn Facts, stop: &AtomicBool) -> Result<Closure, Fault> {
        let budget = Budget::steps(MOST_STEPS).with_stop(stop);
        let mut closure = Closure::new(self.follows.most);
        let Some(choice) = choice(self.regime, false) else { return Ok(closure) };
        let mut read = Reading { facts, budget: &budget, done: FxHashSet::default() };
        for &axiom in AXIOMS {
            read.add(&mut closure, axiom, None)?;
        }
        for &kind in KINDS {
            read.add(&mut closure, TYPE, Some(&kind.into_owned().into()))?;
        }
        closure.run(&budget).map_err(told)?;
        let mut known = FxHashSet::default();
        // The cells of lists are read from the store; axioms that are derived have none.
        let mut schema = Schema::read(facts, &budget).map_err(told)?;
        loop {
            let rules = compile(&schema, choice).rules;
            let fresh: Vec<Rule> = rules
                .into_iter()
                .chain(self.rules.iter().cloned())
                .filter(|rule| known.insert((rule.head.clone(), rule.body.clone())))
                .collect();
            if fresh.is_empty() {
                return Ok(closure);
            }
            for class in classes_used(&schema, &fresh) {
                read.add(&mut closure, TYPE, Some(&class))?;
            }
            if self.rules.iter().flat_map(|rule| &rule.body).any(|goal| goal.literal().predicate.as_ref() == TYPE) {
                read.add(&mut closure, TYPE, None)?;
            }
            for (predicate, object) in relations_used(&fresh) {
                read.add(&mut closure, predicate, object)?;
            }
            closure.force(&fresh).map_err(|fault| told(fault.into()))?;
            closure.run(&budget).map_err(told)?;
            schema = Schema::read(&Steps(&closure), &budget).map_err(told)?;
        }
    }
}

/// Reads facts into a closure, no pattern twice.
struct Reading<'a> {
    facts: &'a dyn Facts,
    budget: &'a Budget<'a>,
    done: FxHashSet<(NamedNode, Option<Term>)>,
}

impl Reading<'_> {
    fn add(&mut self, closure: &mut Closure, predicate: NamedNodeRef<'_>, object: Option<&Term>) -> Result<(), Fault> {
        if self.done.contains(&(predicate.into_owned(), None))
            || !self.done.insert((predicate.into_owned(), object.cloned()))
        {
            return Ok(());
        }
        let mut failed = None;
        self.facts.each(None, Some(predicate), object, &mut |fact| {
            let added = closure.add(&fact.subject.clone().into(), &fact.predicate, &fact.object);
            failed = added.and_then(|()| self.budget.step().map_err(|spent| told(spent.into()))).err();
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        failed.map_or(Ok(()), Err)
    }
}

/// The classes whose members some rule can use.
fn classes_used(schema: &Schema, rules: &[Rule]) -> Vec<Term> {
    let mut classes = Vec::new();
    for relation in [SUB_CLASS_OF, ON_PROPERTY] {
        classes.extend(schema.pairs(relation).map(|(class, _)| class.clone()));
    }
    for relation in [EQUIVALENT_CLASS, DISJOINT_WITH, COMPLEMENT_OF] {
        classes.extend(schema.pairs(relation).flat_map(|(one, other)| [one.clone(), other.clone()]));
    }
    for goal in rules.iter().flat_map(|rule| &rule.body) {
        if let Goal::Holds(literal) = goal
            && literal.predicate.as_ref() == TYPE
            && let Some(Argument::Term(class)) = literal.arguments.get(1)
        {
            classes.push(class.clone());
        }
    }
    classes
}

/// The relations, and their objects where they are given, that rules begin from, axioms and classes aside.
fn relations_used(rules: &[Rule]) -> Vec<(NamedNodeRef<'_>, Option<&Term>)> {
    let mut used = Vec::new();
    for goal in rules.iter().flat_map(|rule| &rule.body) {
        let literal = goal.literal();
        let predicate = literal.predicate.as_ref();
        if predicate == TYPE || AXIOMS.contains(&predicate) {
            continue;
        }
        let object = match literal.arguments.get(1) {
            Some(Argument::Term(term)) => Some(term),
            _ => None,
        };
        used.push((predicate, object));
    }
    used.extend([(SAME_AS, None), (DIFFERENT_FROM, None)]);
    used
}

/// A search that ended early, in words for who asked.
fn told(halt: Halt) -> Fault {
    match halt {
        Halt::Fault(fault) => fault,
        Halt::Spent(_) => Fault::Refused("too expensive: working out what follows was stopped".to_owned()),
    }
}
