//! Everything that follows, forwards: semi-naive evaluation of compiled rules over numbered terms.
//!
//! Whole graphs are closed here, for SPARQL and for measuring; questions are answered backwards by the engine. Each
//! fact is joined once, with those that were taken in before it. A relation that is passed on along itself (a class
//! below a class below a class) is extended by its own steps only, never by what was passed on, so that a long chain
//! costs its pairs and not its pairs times its length.

use std::ops::ControlFlow;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use quid_core::{Argument, Budget, Fact, Facts, Fault, Goal, Rule};
use rustc_hash::{FxHashMap, FxHashSet};

use super::names::{MEMBERSHIP, PROPERTY, PROPOSITION, RESOURCE, SAME_AS, TYPE, is_membership};
use super::value;
use crate::Halt;

/// A term's number.
type Id = u32;
/// Nobody's number: an open variable.
const OPEN: Id = Id::MAX;
/// The graph that closed facts are said to stand in.
const DERIVED: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:graph:derived");

/// One relation's pairs.
#[derive(Clone, Debug, Default)]
struct Relation {
    /// All, those that wait included.
    pairs: FxHashSet<u64>,
    /// Those taken in, by their first and by their second part.
    forward: FxHashMap<Id, Vec<Id>>,
    backward: FxHashMap<Id, Vec<Id>>,
    /// Whether it is passed on along itself; then its own steps, apart from what was passed on.
    transitive: bool,
    steps: FxHashMap<Id, Vec<Id>>,
}

/// A fact that waits to be taken in.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    predicate: Id,
    subject: Id,
    object: Id,
    /// It was only passed on along its relation.
    passed: bool,
}

/// A place in a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Variable(usize),
    Constant(Id),
}

#[derive(Clone, Copy, Debug)]
struct Pattern {
    predicate: Id,
    subject: Place,
    object: Place,
    /// Only the relation's own steps have to be looked at.
    steps_only: bool,
}

#[derive(Clone, Debug)]
struct Joined {
    head: Pattern,
    body: Vec<Pattern>,
    variables: usize,
    /// For each goal that a new fact may meet: in which order to look for the others.
    orders: Vec<Vec<usize>>,
}

/// Which rules a new fact of one relation may start.
#[derive(Clone, Debug, Default)]
struct Triggers {
    any: Vec<(usize, usize)>,
    by_subject: FxHashMap<Id, Vec<(usize, usize)>>,
    by_object: FxHashMap<Id, Vec<(usize, usize)>>,
}

/// What is concluded of every term and relation that comes up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noticing {
    /// A relation is an `rdf:Property` (rdfD2), and `rdf:_1` a container membership property.
    pub relations: bool,
    /// Everything is an `rdfs:Resource` (rdfs4), and a triple term an `rdfs:Proposition`.
    pub resources: bool,
}

/// A graph and what follows from it.
#[derive(Clone, Debug, Default)]
pub struct Closure {
    terms: Vec<Term>,
    numbers: FxHashMap<Term, Id>,
    relations: FxHashMap<Id, Relation>,
    waiting: Vec<Waiting>,
    rules: Vec<Joined>,
    triggers: FxHashMap<Id, Triggers>,
    noticing: Noticing,
    noticed_terms: Vec<bool>,
    noticed_relations: FxHashSet<Id>,
    recognised: Vec<NamedNode>,
    facts: usize,
    most: usize,
    /// What each term is the same as; itself mostly.
    same: FxHashMap<Id, Id>,
}

impl Closure {
    /// An empty graph that may grow to `most` facts.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Concludes what holds of every term too; literals of these datatypes are members of them.
    #[must_use]
    pub fn noticing(mut self, noticing: Noticing, recognised: &[NamedNode]) -> Self {
        self.noticing = noticing;
        self.recognised = recognised.to_vec();
        self
    }

    /// How many facts there are, derived ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.facts
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts == 0
    }

    /// Adds a fact, unless it is there.
    ///
    /// # Errors
    /// [`Fault::Refused`] when there would be too many.
    pub fn add(&mut self, subject: &Term, predicate: &NamedNode, object: &Term) -> Result<(), Fault> {
        let predicate = self.number_of_node(predicate);
        let (subject, object) = (self.number(subject), self.number(object));
        self.insert(predicate, subject, object, false)
    }

    /// Lets a term be concluded about though no fact is about it.
    ///
    /// # Errors
    /// [`Fault::Refused`] when there would be too many facts.
    pub fn mention(&mut self, term: &Term) -> Result<(), Fault> {
        let id = self.number(term);
        self.notice_term(id)
    }

    /// Puts these rules in force beside those that are. What follows by them from the facts there are is found by
    /// the next [`Self::run`].
    ///
    /// # Errors
    /// [`Fault::Refused`] when there would be too many facts.
    pub fn force(&mut self, rules: &[Rule]) -> Result<(), Fault> {
        let mut fresh = Vec::new();
        for rule in rules {
            let Some(joined) = self.joined(rule) else { continue };
            if is_passing_on(&joined) {
                self.relations.entry(joined.head.predicate).or_default().transitive = true;
            } else if let (true, Place::Constant(subject), Place::Constant(object)) =
                (joined.body.is_empty(), joined.head.subject, joined.head.object)
            {
                self.insert(joined.head.predicate, subject, object, false)?;
            } else if !joined.body.is_empty() {
                fresh.push(joined);
            }
        }
        for mut joined in fresh {
            self.look_at_steps_only(&mut joined);
            let number = self.rules.len();
            for (at, goal) in joined.body.iter().enumerate() {
                let triggers = self.triggers.entry(goal.predicate).or_default();
                match (goal.subject, goal.object) {
                    (_, Place::Constant(object)) => triggers.by_object.entry(object).or_default().push((number, at)),
                    (Place::Constant(subject), _) => triggers.by_subject.entry(subject).or_default().push((number, at)),
                    _ => triggers.any.push((number, at)),
                }
            }
            self.rules.push(joined);
        }
        // What was taken in before meets the new rules by being taken in again.
        let mut again = Vec::new();
        for (&predicate, relation) in &mut self.relations {
            let (forward, steps) = (std::mem::take(&mut relation.forward), std::mem::take(&mut relation.steps));
            relation.backward.clear();
            for (subject, objects) in forward {
                for object in objects {
                    let own = steps.get(&subject).is_some_and(|own| own.contains(&object));
                    again.push(Waiting {
                        predicate,
                        subject,
                        object,
                        passed: relation.transitive && !own && !steps.is_empty(),
                    });
                }
            }
        }
        // The same order, whatever the order of the tables.
        again.sort_unstable_by_key(|fact| (fact.predicate, fact.subject, fact.object));
        again.append(&mut self.waiting);
        self.waiting = again;
        Ok(())
    }

    /// Derives until nothing new follows.
    ///
    /// # Errors
    /// [`Halt`] when the budget ends or there are too many facts.
    pub fn run(&mut self, budget: &Budget<'_>) -> Result<(), Halt> {
        let mut found: Vec<(Id, Id, Id)> = Vec::new();
        let mut passed: Vec<(Id, Id)> = Vec::new();
        let mut bound: Vec<Id> = Vec::new();
        while let Some(fact) = self.waiting.pop() {
            budget.step()?;
            self.take_in(fact, &mut passed);
            for (subject, object) in passed.drain(..) {
                self.insert(fact.predicate, subject, object, true)?;
            }
            self.notice(fact)?;
            self.meet(fact, &mut bound, &mut found);
            for (predicate, subject, object) in found.drain(..) {
                self.insert(predicate, subject, object, false)?;
            }
        }
        Ok(())
    }

    /// Makes those one that are said to be the same, until nothing more is: for rules with `owl:sameAs`. The facts
    /// of all are told of one of them; [`Self::each`] tells them of every one again.
    ///
    /// # Errors
    /// [`Halt`], as [`Self::run`].
    pub fn unite(&mut self, rules: &[Rule], budget: &Budget<'_>) -> Result<(), Halt> {
        loop {
            self.run(budget)?;
            let same_as = self.number_of_node(&SAME_AS.into_owned());
            let pairs: Vec<(Id, Id)> = self.relations.get(&same_as).map(pairs_of).unwrap_or_default();
            let mut grew = false;
            for (one, other) in pairs {
                let (one, other) = (self.chosen(one), self.chosen(other));
                if one != other {
                    // The one known first stands for all, so that the choice does not depend on the order of rules.
                    self.same.insert(one.max(other), one.min(other));
                    grew = true;
                }
            }
            if !grew {
                return Ok(());
            }
            let old = std::mem::take(&mut self.relations);
            (self.facts, self.rules, self.triggers) = (0, Vec::new(), FxHashMap::default());
            self.noticed_terms.clear();
            self.noticed_relations.clear();
            let mut all: Vec<(Id, Id, Id)> = Vec::new();
            for (predicate, relation) in &old {
                all.extend(pairs_of(relation).into_iter().map(|(subject, object)| (*predicate, subject, object)));
            }
            all.sort_unstable();
            for (predicate, subject, object) in all {
                budget.step()?;
                let (predicate, subject, object) = (self.chosen(predicate), self.chosen(subject), self.chosen(object));
                if predicate != same_as || subject != object {
                    self.insert(predicate, subject, object, false)?;
                }
            }
            self.force(rules)?;
        }
    }

    /// The one that stands for a term.
    fn chosen(&self, mut term: Id) -> Id {
        while let Some(&next) = self.same.get(&term) {
            term = next;
        }
        term
    }

    /// Whether a fact is there.
    #[must_use]
    pub fn holds(&self, subject: &Term, predicate: &NamedNode, object: &Term) -> bool {
        let known = |term: &Term| self.numbers.get(term).map(|&id| self.chosen(id));
        let (Some(subject), Some(object)) = (known(subject), known(object)) else { return false };
        let Some(predicate) = known(&predicate.clone().into()) else { return false };
        self.relations.get(&predicate).is_some_and(|relation| relation.pairs.contains(&key(subject, object)))
    }

    /// Visits every fact that matches until the visitor breaks; subjects may be literals. In the order of the
    /// terms' first coming up, so the same for the same input.
    pub fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<&Term>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Term, &NamedNode, &Term) -> ControlFlow<()>,
    ) {
        let given = |term: Option<&Term>| match term {
            None => Some(None),
            Some(term) => self.numbers.get(term).map(|&id| Some(id)),
        };
        let (Some(subject), Some(predicate), Some(object)) = (given(subject), given(predicate), given(object)) else {
            return;
        };
        let one = |given: Option<Id>| given.map(|id| self.chosen(id));
        let mut relations: Vec<Id> = match one(predicate) {
            Some(predicate) => vec![predicate],
            None => self.relations.keys().copied().collect(),
        };
        relations.sort_unstable();
        let alike = self.alike();
        let names = |id: Id, given: Option<Id>| -> Vec<Id> {
            match (given, alike.get(&id)) {
                (Some(given), _) => vec![given],
                (None, Some(all)) => all.clone(),
                (None, None) => vec![id],
            }
        };
        for relation_id in relations {
            let Some(relation) = self.relations.get(&relation_id) else { continue };
            if !alike.is_empty() && self.term(relation_id).is_some_and(|term| *term == Term::from(SAME_AS.into_owned()))
            {
                continue;
            }
            let mut found = relation.matching(one(subject), one(object));
            found.sort_unstable();
            for (from, to) in found {
                for predicate in names(relation_id, predicate) {
                    let Some(Term::NamedNode(name)) = self.term(predicate) else { continue };
                    for subject in names(from, subject) {
                        for object in names(to, object) {
                            let (Some(subject), Some(object)) = (self.term(subject), self.term(object)) else {
                                continue;
                            };
                            if visit(subject, name, object).is_break() {
                                return;
                            }
                        }
                    }
                }
            }
        }
        self.each_same(subject, predicate, object, visit);
    }

    /// Those that are the same are so to each other and to themselves.
    fn each_same(
        &self,
        subject: Option<Id>,
        predicate: Option<Id>,
        object: Option<Id>,
        visit: &mut dyn FnMut(&Term, &NamedNode, &Term) -> ControlFlow<()>,
    ) {
        let same_as = SAME_AS.into_owned();
        if predicate.is_some_and(|given| self.term(given) != Some(&Term::from(same_as.clone()))) {
            return;
        }
        let mut sets: Vec<Vec<Id>> = self.alike().into_values().collect();
        sets.sort_unstable();
        for set in sets {
            for &one in set.iter().filter(|&&one| subject.is_none_or(|given| given == one)) {
                for &other in set.iter().filter(|&&other| object.is_none_or(|given| given == other)) {
                    if let (Some(one), Some(other)) = (self.term(one), self.term(other))
                        && visit(one, &same_as, other).is_break()
                    {
                        return;
                    }
                }
            }
        }
    }

    /// Every set of terms that are the same, by the one that stands for them.
    fn alike(&self) -> FxHashMap<Id, Vec<Id>> {
        let mut alike: FxHashMap<Id, Vec<Id>> = FxHashMap::default();
        for &term in self.same.keys() {
            alike.entry(self.chosen(term)).or_default().push(term);
        }
        for (&chosen, all) in &mut alike {
            all.push(chosen);
            all.sort_unstable();
        }
        alike
    }

    fn term(&self, id: Id) -> Option<&Term> {
        self.terms.get(id as usize)
    }

    fn number(&mut self, term: &Term) -> Id {
        if let Some(&known) = self.numbers.get(term) {
            return known;
        }
        let id = Id::try_from(self.terms.len()).unwrap_or(OPEN);
        self.terms.push(term.clone());
        self.numbers.insert(term.clone(), id);
        id
    }

    fn number_of_node(&mut self, node: &NamedNode) -> Id {
        self.number(&Term::from(node.clone()))
    }

    fn insert(&mut self, predicate: Id, subject: Id, object: Id, passed: bool) -> Result<(), Fault> {
        let relation = self.relations.entry(predicate).or_default();
        if relation.pairs.insert(key(subject, object)) {
            self.facts += 1;
            if self.facts > self.most {
                return Err(Fault::Refused(format!("too expensive: more than {} triples follow", self.most)));
            }
            self.waiting.push(Waiting { predicate, subject, object, passed });
        }
        Ok(())
    }

    /// Enters a fact among those that are joined with, and passes it on along its relation.
    fn take_in(&mut self, fact: Waiting, passed: &mut Vec<(Id, Id)>) {
        let Some(relation) = self.relations.get_mut(&fact.predicate) else { return };
        relation.forward.entry(fact.subject).or_default().push(fact.object);
        relation.backward.entry(fact.object).or_default().push(fact.subject);
        if !relation.transitive {
            return;
        }
        if !fact.passed {
            relation.steps.entry(fact.subject).or_default().push(fact.object);
            let before = relation.backward.get(&fact.subject);
            passed.extend(before.into_iter().flatten().map(|&first| (first, fact.object)));
        }
        let after = relation.steps.get(&fact.object);
        passed.extend(after.into_iter().flatten().map(|&last| (fact.subject, last)));
    }

    fn notice(&mut self, fact: Waiting) -> Result<(), Fault> {
        if self.noticing.relations && self.noticed_relations.insert(fact.predicate) {
            let (kind, property) =
                (self.number_of_node(&TYPE.into_owned()), self.number_of_node(&PROPERTY.into_owned()));
            self.insert(kind, fact.predicate, property, false)?;
        }
        if !self.noticing.relations && !self.noticing.resources {
            return Ok(());
        }
        for id in [fact.subject, fact.predicate, fact.object] {
            let at = id as usize;
            if self.noticed_terms.len() <= at {
                self.noticed_terms.resize(at + 1, false);
            }
            if let Some(noticed) = self.noticed_terms.get_mut(at)
                && !std::mem::replace(noticed, true)
            {
                self.notice_term(id)?;
            }
        }
        Ok(())
    }

    fn notice_term(&mut self, id: Id) -> Result<(), Fault> {
        let Some(term) = self.term(id).cloned() else { return Ok(()) };
        let mut kinds: Vec<NamedNode> = Vec::new();
        if self.noticing.resources {
            kinds.push(RESOURCE.into_owned());
        }
        match &term {
            Term::Literal(literal) => kinds.extend(value::datatypes_of(literal, &self.recognised)),
            Term::Triple(_) if self.noticing.resources => kinds.push(PROPOSITION.into_owned()),
            Term::NamedNode(node) if is_membership(node.as_str()) => {
                kinds.push(PROPERTY.into_owned());
                if self.noticing.resources {
                    kinds.push(MEMBERSHIP.into_owned());
                }
            }
            _ => {}
        }
        let of = self.number_of_node(&TYPE.into_owned());
        for kind in kinds {
            let kind = self.number_of_node(&kind);
            self.insert(of, id, kind, false)?;
        }
        Ok(())
    }

    /// Everything that a fact gives together with those taken in before.
    fn meet(&self, fact: Waiting, bound: &mut Vec<Id>, found: &mut Vec<(Id, Id, Id)>) {
        let Some(triggers) = self.triggers.get(&fact.predicate) else { return };
        let by_subject = triggers.by_subject.get(&fact.subject).into_iter().flatten();
        let by_object = triggers.by_object.get(&fact.object).into_iter().flatten();
        for &(number, at) in triggers.any.iter().chain(by_subject).chain(by_object) {
            let Some(rule) = self.rules.get(number) else { continue };
            let (Some(goal), Some(order)) = (rule.body.get(at), rule.orders.get(at)) else { continue };
            if goal.steps_only && fact.passed {
                continue;
            }
            bound.clear();
            bound.resize(rule.variables, OPEN);
            if bind(goal.subject, fact.subject, bound) && bind(goal.object, fact.object, bound) {
                self.join(rule, order, bound, found);
            }
        }
    }

    fn join(&self, rule: &Joined, left: &[usize], bound: &mut Vec<Id>, found: &mut Vec<(Id, Id, Id)>) {
        let Some((&next, left)) = left.split_first() else {
            let head = &rule.head;
            let (subject, object) = (value_of(head.subject, bound), value_of(head.object, bound));
            if subject != OPEN && object != OPEN {
                found.push((head.predicate, subject, object));
            }
            return;
        };
        let Some(goal) = rule.body.get(next) else { return };
        let Some(relation) = self.relations.get(&goal.predicate) else { return };
        let (subject, object) = (value_of(goal.subject, bound), value_of(goal.object, bound));
        let mut go_on = |this: &Self, from: Id, to: Id, bound: &mut Vec<Id>| {
            let before = (undo_of(goal.subject, bound), undo_of(goal.object, bound));
            if bind(goal.subject, from, bound) && bind(goal.object, to, bound) {
                this.join(rule, left, bound, found);
            }
            undo(goal.subject, before.0, bound);
            undo(goal.object, before.1, bound);
        };
        match (subject != OPEN, object != OPEN) {
            (true, true) => {
                if relation.pairs.contains(&key(subject, object)) {
                    go_on(self, subject, object, bound);
                }
            }
            (true, false) => {
                let side = if goal.steps_only { &relation.steps } else { &relation.forward };
                for &to in side.get(&subject).into_iter().flatten() {
                    go_on(self, subject, to, bound);
                }
            }
            (false, true) => {
                for &from in relation.backward.get(&object).into_iter().flatten() {
                    go_on(self, from, object, bound);
                }
            }
            (false, false) => {
                for (&from, tos) in &relation.forward {
                    for &to in tos {
                        go_on(self, from, to, bound);
                    }
                }
            }
        }
    }

    /// A rule in numbers; `None` for one that is not about triples, denies or gathers.
    fn joined(&mut self, rule: &Rule) -> Option<Joined> {
        let mut variables: Vec<u32> = Vec::new();
        let mut pattern = |this: &mut Self, literal: &quid_core::Literal| {
            let [subject, object] = literal.arguments.as_slice() else { return None };
            let mut place = |argument: &Argument| match argument {
                Argument::Term(term) => {
                    let number = this.number(term);
                    Place::Constant(this.chosen(number))
                }
                Argument::Variable(name) => {
                    let at = variables.iter().position(|known| known == name).unwrap_or_else(|| {
                        variables.push(*name);
                        variables.len() - 1
                    });
                    Place::Variable(at)
                }
            };
            let (subject, object) = (place(subject), place(object));
            let predicate = this.number_of_node(&literal.predicate);
            Some(Pattern { predicate: this.chosen(predicate), subject, object, steps_only: false })
        };
        let head = pattern(self, &rule.head)?;
        let mut body = Vec::new();
        for goal in &rule.body {
            match goal {
                Goal::Holds(literal) => body.push(pattern(self, literal)?),
                Goal::Not(_) | Goal::Gather(_) => return None,
            }
        }
        // Facts are never taken away, so an axiom that is there need not be looked for again.
        body.retain(|goal| match (goal.subject, goal.object) {
            (Place::Constant(subject), Place::Constant(object)) => {
                let relation = self.relations.get(&goal.predicate);
                !relation.is_some_and(|relation| relation.pairs.contains(&key(subject, object)))
            }
            _ => true,
        });
        let orders = (0..body.len()).map(|first| order(&body, first)).collect();
        Some(Joined { head, body, variables: variables.len(), orders })
    }

    /// `h(X, Z) :- h(X, Y), r(Y, Z)` with an r that is passed on along itself: r's steps are enough, since h goes
    /// along with them.
    fn look_at_steps_only(&self, rule: &mut Joined) {
        let head = rule.head;
        let [one, other] = rule.body.as_mut_slice() else { return };
        let (first, second) = (*one, *other);
        for (along, step) in [(first, other), (second, one)] {
            let passes = self.relations.get(&step.predicate).is_some_and(|relation| relation.transitive);
            if passes
                && along.predicate == head.predicate
                && step.predicate != head.predicate
                && along.subject == head.subject
                && along.object == step.subject
                && step.object == head.object
                && matches!(
                    (along.subject, along.object, step.object),
                    (Place::Variable(a), Place::Variable(b), Place::Variable(c)) if a != b && b != c && a != c
                )
            {
                step.steps_only = true;
                return;
            }
        }
    }
}

impl Relation {
    fn matching(&self, subject: Option<Id>, object: Option<Id>) -> Vec<(Id, Id)> {
        match (subject, object) {
            (Some(subject), Some(object)) if self.pairs.contains(&key(subject, object)) => vec![(subject, object)],
            (Some(_), Some(_)) => Vec::new(),
            (Some(subject), None) => {
                self.forward.get(&subject).into_iter().flatten().map(|&object| (subject, object)).collect()
            }
            (None, Some(object)) => {
                self.backward.get(&object).into_iter().flatten().map(|&subject| (subject, object)).collect()
            }
            (None, None) => pairs_of(self),
        }
    }
}

/// Facts read back, with the steps of what is passed on along itself only: what a schema is compiled from again
/// after axioms were derived.
pub(crate) struct Steps<'a>(pub(crate) &'a Closure);

impl Facts for Steps<'_> {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let closure = self.0;
        let predicate = predicate.map(|predicate| Term::from(predicate.into_owned()));
        closure.each(subject, predicate.as_ref(), object, &mut |subject, predicate, object| {
            let Ok(from) = NamedOrBlankNode::try_from(subject.clone()) else { return ControlFlow::Continue(()) };
            if closure.is_passed(subject, predicate, object) {
                return ControlFlow::Continue(());
            }
            visit(&Fact {
                subject: from,
                predicate: predicate.clone(),
                object: object.clone(),
                graph: DERIVED.into_owned(),
            })
        });
        Ok(())
    }
}

impl Closure {
    /// Whether a fact was only passed on along its relation.
    fn is_passed(&self, subject: &Term, predicate: &NamedNode, object: &Term) -> bool {
        let number = |term: &Term| self.numbers.get(term).map(|&id| self.chosen(id));
        let (Some(subject), Some(object)) = (number(subject), number(object)) else { return false };
        let relation = number(&predicate.clone().into()).and_then(|id| self.relations.get(&id));
        relation.is_some_and(|relation| {
            relation.transitive && !relation.steps.get(&subject).is_some_and(|own| own.contains(&object))
        })
    }
}

fn pairs_of(relation: &Relation) -> Vec<(Id, Id)> {
    relation.forward.iter().flat_map(|(&from, tos)| tos.iter().map(move |&to| (from, to))).collect()
}

/// `r(X, Z) :- r(X, Y), r(Y, Z)`, after whatever constant goals, which say that it is so.
fn is_passing_on(rule: &Joined) -> bool {
    let [one, other] = rule.body.as_slice() else { return false };
    let head = &rule.head;
    let distinct = matches!(
        (head.subject, one.object, head.object),
        (Place::Variable(a), Place::Variable(b), Place::Variable(c)) if a != b && b != c && a != c
    );
    distinct
        && one.predicate == head.predicate
        && other.predicate == head.predicate
        && one.subject == head.subject
        && one.object == other.subject
        && other.object == head.object
}

/// In which order to look for the other goals: those of which most is known first.
fn order(body: &[Pattern], first: usize) -> Vec<usize> {
    let mut known: FxHashSet<usize> = FxHashSet::default();
    let learn = |goal: &Pattern, known: &mut FxHashSet<usize>| {
        for place in [goal.subject, goal.object] {
            if let Place::Variable(at) = place {
                known.insert(at);
            }
        }
    };
    if let Some(goal) = body.get(first) {
        learn(goal, &mut known);
    }
    let mut left: Vec<usize> = (0..body.len()).filter(|&at| at != first).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let bound = |place: Place| match place {
            Place::Constant(_) => 1,
            Place::Variable(at) => usize::from(known.contains(&at)),
        };
        let score = |at: &usize| body.get(*at).map_or(0, |goal| bound(goal.subject) + bound(goal.object));
        // The first of the best.
        let best = (0..left.len()).rev().max_by_key(|&place| left.get(place).map_or(0, score)).unwrap_or(0);
        let chosen = left.remove(best);
        if let Some(goal) = body.get(chosen) {
            learn(goal, &mut known);
        }
        ordered.push(chosen);
    }
    ordered
}

fn key(subject: Id, object: Id) -> u64 {
    u64::from(subject) << 32 | u64::from(object)
}

fn value_of(place: Place, bound: &[Id]) -> Id {
    match place {
        Place::Constant(id) => id,
        Place::Variable(at) => bound.get(at).copied().unwrap_or(OPEN),
    }
}

fn bind(place: Place, id: Id, bound: &mut [Id]) -> bool {
    match place {
        Place::Constant(wanted) => wanted == id,
        Place::Variable(at) => match bound.get_mut(at) {
            Some(slot) if *slot == OPEN => {
                *slot = id;
                true
            }
            Some(slot) => *slot == id,
            None => false,
        },
    }
}

fn undo_of(place: Place, bound: &[Id]) -> Id {
    match place {
        Place::Constant(_) => OPEN,
        Place::Variable(at) => bound.get(at).copied().unwrap_or(OPEN),
    }
}

fn undo(place: Place, before: Id, bound: &mut [Id]) {
    if let Place::Variable(at) = place
        && let Some(slot) = bound.get_mut(at)
    {
        *slot = before;
    }
}
