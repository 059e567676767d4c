//! Facts of a program's relations, each relation read once and whole for one question.
//!
//! A proof that says "these are all" looks every statement of its relations up, column by column. One scan of a
//! relation costs as much as a handful of look-ups in a store on disk, so a question reads what it rests on once; the
//! next question reads it again, and nothing is ever stale.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use quid_core::columns;
use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::ports::Feed;
use quid_core::vocabulary::RELATION;
use quid_core::{Fact, Facts, Fault};

/// After how many look-ups in a relation it is read whole: fewer cost less one by one.
const PATIENCE: u32 = 32;
/// The largest relation that is read whole, in facts.
const MOST: usize = 20_000;

/// A relation's facts, and where they are by their ends.
#[derive(Default)]
struct Relation {
    facts: Vec<Fact>,
    by_subject: HashMap<Term, Vec<usize>>,
    by_object: HashMap<Term, Vec<usize>>,
}

/// A view of facts that reads relations of programs whole.
pub(super) struct Whole<'a> {
    facts: &'a dyn Facts,
    /// What was read; `None` for a relation that is too large.
    read: RefCell<HashMap<NamedNode, Option<Rc<Relation>>>>,
    /// How often a relation was looked into so far.
    asked: RefCell<HashMap<NamedNode, u32>>,
}

impl<'a> Whole<'a> {
    pub fn new(facts: &'a dyn Facts) -> Self {
        Self { facts, read: RefCell::default(), asked: RefCell::default() }
    }

    fn relation(&self, predicate: NamedNodeRef<'_>) -> Result<Option<Rc<Relation>>, Fault> {
        let name = predicate.into_owned();
        let is_of_a_program = name.as_str().starts_with(RELATION) || columns::of_column(&name).is_some();
        if !is_of_a_program {
            return Ok(None);
        }
        if let Some(known) = self.read.borrow().get(&name) {
            return Ok(known.clone());
        }
        {
            let mut asked = self.asked.borrow_mut();
            let times = asked.entry(name.clone()).or_default();
            *times += 1;
            if *times <= PATIENCE {
                return Ok(None);
            }
        }
        let mut relation = Relation::default();
        self.facts.each(None, Some(predicate), None, &mut |fact| {
            let at = relation.facts.len();
            relation.by_subject.entry(fact.subject.clone().into()).or_default().push(at);
            relation.by_object.entry(fact.object.clone()).or_default().push(at);
            relation.facts.push(fact.clone());
            if at < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let read = (relation.facts.len() <= MOST).then(|| Rc::new(relation));
        self.read.borrow_mut().insert(name, read.clone());
        Ok(read)
    }
}

impl Facts for Whole<'_> {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let relation = match predicate {
            Some(predicate) => self.relation(predicate)?,
            None => None,
        };
        let Some(relation) = relation else { return self.facts.each(subject, predicate, object, visit) };
        let all = || (0..relation.facts.len()).collect::<Vec<usize>>();
        let places = match (subject, object) {
            (Some(subject), _) => relation.by_subject.get(subject).cloned().unwrap_or_default(),
            (None, Some(object)) => relation.by_object.get(object).cloned().unwrap_or_default(),
            (None, None) => all(),
        };
        for fact in places.into_iter().filter_map(|at| relation.facts.get(at)) {
            if object.is_none_or(|wanted| *wanted == fact.object) && visit(fact).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn some(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Vec<Fact>, Fault> {
        let is_read = predicate
            .is_some_and(|predicate| self.read.borrow().get(&predicate.into_owned()).is_some_and(Option::is_some));
        if is_read {
            self.all(subject, predicate, object, limit)
        } else {
            self.facts.some(subject, predicate, object, limit)
        }
    }

    fn feed(&self) -> Option<&dyn Feed> {
        self.facts.feed()
    }
}
