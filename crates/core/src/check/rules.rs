//! Rules as the checker reads them: terms and variables as numbers, made ready when a proof needs them.

use std::collections::HashMap;
use std::rc::Rc;

use super::numbers::{Names, OPEN, Terms};
use super::stored::Named;
use oxrdf::NamedNode;

use crate::proof::BuiltIns;
use crate::rule::{Argument, Goal, How, Rule};

/// An argument in a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Variable(usize),
    Constant(u32),
}

pub(super) enum Act {
    Holds,
    Not,
    Gather { how: How, value: usize, by: Vec<usize>, into: Slot },
}

/// A goal of a body.
pub(super) struct Wanted {
    pub(super) act: Act,
    pub(super) relation: u32,
    pub(super) predicate: NamedNode,
    pub(super) slots: Vec<Slot>,
    pub(super) is_built_in: bool,
    pub(super) is_derived: bool,
}

/// A rule made ready.
pub(super) struct Ready {
    pub(super) relation: u32,
    pub(super) head: Vec<Slot>,
    pub(super) body: Vec<Wanted>,
    pub(super) variables: usize,
}

/// The rules in force, by their places: a question's own, then the others.
pub(super) struct Rules<'p> {
    own: Rc<[Rule]>,
    others: Vec<&'p Rule>,
    /// Made when a proof has looked for more rules than a few: most proofs use two or three of hundreds.
    index: Option<Index<'p>>,
    looked: u32,
    ready: HashMap<usize, Rc<Ready>>,
}

/// Where the rules of a name, and those that conclude a relation of a width, are among the others.
#[derive(Default)]
struct Index<'p> {
    /// Of two rules of one name the first counts.
    named: HashMap<&'p str, usize>,
    concluding: HashMap<(&'p str, usize), Vec<usize>>,
}

/// After how many looks through all rules an index of them is made: it costs about as much as so many.
const PATIENCE: u32 = 12;

impl<'p> Rules<'p> {
    pub(super) fn new(own: Vec<Rule>, rules: &[&'p [Rule]]) -> Self {
        let others: Vec<&'p Rule> = rules.iter().flat_map(|rules| rules.iter()).collect();
        Self { own: own.into(), others, index: None, looked: 0, ready: HashMap::new() }
    }

    pub(super) fn named(&mut self, name: &str) -> Option<usize> {
        if let Some(own) = self.own.iter().position(|rule| rule.name == name) {
            return Some(own);
        }
        let other = match self.index() {
            Some(index) => index.named.get(name).copied(),
            None => self.others.iter().position(|rule| rule.name == name),
        };
        other.map(|at| self.own.len() + at)
    }

    pub(super) fn concluding(&mut self, relation: &str, width: usize) -> Vec<usize> {
        let fits = |rule: &Rule| rule.head.predicate.as_str() == relation && rule.head.arguments.len() == width;
        let others: Vec<usize> = match self.index() {
            Some(index) => index.concluding.get(&(relation, width)).cloned().unwrap_or_default(),
            None => self.others.iter().enumerate().filter(|(_, rule)| fits(rule)).map(|(at, _)| at).collect(),
        };
        let own = self.own.iter().enumerate().filter(|(_, rule)| fits(rule)).map(|(at, _)| at);
        own.chain(others.into_iter().map(|at| self.own.len() + at)).collect()
    }

    /// The index, once it pays.
    fn index(&mut self) -> Option<&Index<'p>> {
        self.looked = self.looked.saturating_add(1);
        if self.looked > PATIENCE && self.index.is_none() {
            let mut index = Index::default();
            for (at, rule) in self.others.iter().enumerate() {
                index.named.entry(rule.name.as_str()).or_insert(at);
                let head = (rule.head.predicate.as_str(), rule.head.arguments.len());
                index.concluding.entry(head).or_default().push(at);
            }
            self.index = Some(index);
        }
        self.index.as_ref()
    }

    fn is_derived(&mut self, relation: &str, width: usize) -> bool {
        !self.concluding(relation, width).is_empty()
    }

    /// A rule by its place.
    pub(super) fn ready(
        &mut self,
        at: usize,
        terms: &mut Terms,
        names: &mut Names,
        builtins: &dyn BuiltIns,
    ) -> Option<Rc<Ready>> {
        if let Some(known) = self.ready.get(&at) {
            return Some(Rc::clone(known));
        }
        let own = Rc::clone(&self.own);
        let rule: &Rule = match own.get(at) {
            Some(own) => own,
            None => self.others.get(at - own.len())?,
        };
        let mut variables: Vec<u32> = Vec::new();
        let mut variable = |number: u32| {
            variables.iter().position(|known| *known == number).unwrap_or_else(|| {
                variables.push(number);
                variables.len() - 1
            })
        };
        let mut slot = |argument: &Argument, terms: &mut Terms| match argument {
            Argument::Variable(number) => Slot::Variable(variable(*number)),
            Argument::Term(term) => Slot::Constant(terms.number(term)),
        };
        let head = rule.head.arguments.iter().map(|argument| slot(argument, terms)).collect();
        let mut body = Vec::with_capacity(rule.body.len());
        for goal in &rule.body {
            let literal = goal.literal();
            let slots = literal.arguments.iter().map(|argument| slot(argument, terms)).collect();
            let act = match goal {
                Goal::Holds(_) => Act::Holds,
                Goal::Not(_) => Act::Not,
                Goal::Gather(gather) => {
                    let mut number = |variable: u32, terms: &mut Terms| match slot(&Argument::Variable(variable), terms)
                    {
                        Slot::Variable(number) => number,
                        Slot::Constant(_) => usize::MAX,
                    };
                    let value = number(gather.value, terms);
                    let by = gather.by.iter().map(|by| number(*by, terms)).collect();
                    Act::Gather { how: gather.how, value, by, into: slot(&gather.into, terms) }
                }
            };
            let width = literal.arguments.len();
            body.push(Wanted {
                act,
                relation: names.number(literal.predicate.as_str()),
                predicate: literal.predicate.clone(),
                slots,
                is_built_in: builtins.is_built_in(&literal.predicate, width),
                is_derived: self.is_derived(literal.predicate.as_str(), width),
            });
        }
        let relation = names.number(rule.head.predicate.as_str());
        let ready = Rc::new(Ready { relation, head, body, variables: variables.len() });
        self.ready.insert(at, Rc::clone(&ready));
        Some(ready)
    }
}

impl Wanted {
    pub(super) fn named(&self) -> Named<'_> {
        Named { number: self.relation, predicate: &self.predicate, width: self.slots.len() }
    }

    /// Its arguments, as far as they are known.
    pub(super) fn pattern(&self, cells: &[u32]) -> Vec<u32> {
        self.slots.iter().map(|slot| slot.value(cells)).collect()
    }

    /// The literal that is gathered over, of which only the groups are known from outside.
    pub(super) fn group_pattern(&self, by: &[usize], cells: &[u32]) -> Vec<u32> {
        let known = |slot: &Slot| match slot {
            Slot::Variable(number) if !by.contains(number) => OPEN,
            slot => slot.value(cells),
        };
        self.slots.iter().map(known).collect()
    }
}

impl Slot {
    pub(super) fn value(self, cells: &[u32]) -> u32 {
        match self {
            Self::Constant(number) => number,
            Self::Variable(number) => cells.get(number).copied().unwrap_or(OPEN),
        }
    }

    /// Takes on a value; false when it has another.
    pub(super) fn fit(self, value: u32, cells: &mut [u32]) -> bool {
        match self {
            Self::Constant(number) => number == value,
            Self::Variable(number) => match cells.get_mut(number) {
                Some(cell) if *cell == OPEN => {
                    *cell = value;
                    true
                }
                Some(cell) => *cell == value,
                None => false,
            },
        }
    }
}

/// Matches arguments with a row under the bindings so far, extending them.
pub(super) fn fit_all(slots: &[Slot], row: &[u32], cells: &mut [u32]) -> bool {
    slots.len() == row.len() && slots.iter().zip(row).all(|(slot, value)| slot.fit(*value, cells))
}
