//! Makes the rules a question can reach ready to run: numbers for relations, variables and constants; layers for
//! negation.
//!
//! What holds in a layer may rest on what is absent from layers below only (Apt, Blair & Walker 1988), so a program
//! in which a relation reaches its own negation is refused here, before anything runs, with the circle named.

use std::borrow::Cow;
use std::rc::Rc;

use quid_core::oxrdf::NamedNode;
use quid_core::rule::{ANSWER, How};
use quid_core::{Argument, Goal, Literal, Query, Rule};
use rustc_hash::FxHashMap;

use super::Ground;
use super::base::Base;
use super::refusal::{Refusal, similar};
use crate::terms::NONE;

/// The most goals in a body, variables in a rule, arguments of a literal.
pub(super) const WIDEST: usize = 64;

/// An argument in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Variable(u32),
    Constant(u32),
}

#[derive(Debug)]
pub(super) enum Act {
    Holds,
    Not,
    Gather { how: How, value: u32, by: Vec<u32>, into: Slot },
}

#[derive(Debug)]
pub(super) struct Step {
    pub(super) act: Act,
    pub(super) relation: usize,
    pub(super) slots: Vec<Slot>,
}

/// A rule ready to run.
#[derive(Debug)]
pub(super) struct Ready<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) relation: usize,
    pub(super) head: Vec<Slot>,
    pub(super) body: Vec<Step>,
    pub(super) variables: usize,
}

/// A relation that the question can reach.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) predicate: NamedNode,
    pub(super) width: usize,
    pub(super) rules: Vec<u32>,
    /// It is computed.
    pub(super) built_in: bool,
    /// Its place among what is stored.
    pub(super) kept: usize,
    /// Absence from it is known in layers above.
    pub(super) layer: u32,
    /// A rule of it gathers by a variable of the head: an open call does not answer a closed one.
    pub(super) gathers: bool,
    /// Something rests on its absence, or on what it rests on being all.
    pub(super) denied: bool,
}

/// All that a question can reach.
#[derive(Debug, Default)]
pub(super) struct Compiled<'a> {
    pub(super) rules: Vec<Ready<'a>>,
    pub(super) relations: Vec<Relation>,
    /// Some rule denies or gathers.
    pub(super) layered: bool,
    named: FxHashMap<(String, usize), usize>,
}

/// Compiles the rules that a question reaches; its own rule is the first, its relation the first.
pub(super) fn compile<'a>(
    query: &Query,
    ground: &Ground<'a>,
    base: &mut Base<'a>,
) -> Result<Rc<Compiled<'a>>, Refusal> {
    let mut compiled = Compiled::default();
    let answer = Relation {
        predicate: ANSWER.into(),
        width: query.rule.head.arguments.len(),
        rules: Vec::new(),
        built_in: false,
        kept: usize::MAX,
        layer: 0,
        gathers: false,
        denied: false,
    };
    compiled.relations.push(answer);
    let own = compiled.ready(&query.rule, Cow::Owned(query.rule.name.clone()), Some(0), ground, base)?;
    compiled.rules.push(own);
    if let Some(root) = compiled.relations.first_mut() {
        root.rules.push(0);
    }
    // Relations are numbered as they are met; each is looked into once.
    let mut at = 1;
    while at < compiled.relations.len() {
        let Some(relation) = compiled.relations.get(at) else { break };
        let (predicate, width, built_in) = (relation.predicate.clone(), relation.width, relation.built_in);
        if !built_in {
            let helpers = query.helpers.iter().filter(|rule| concludes(rule, &predicate, width));
            let mut found = Vec::new();
            for rule in helpers {
                found.push(compiled.ready(rule, Cow::Owned(rule.name.clone()), Some(at), ground, base)?);
            }
            let program: &'a super::Program = ground.rules;
            for rule in program.concluding(&predicate).filter(|rule| concludes(rule, &predicate, width)) {
                found.push(compiled.ready(rule, Cow::Borrowed(rule.name.as_str()), Some(at), ground, base)?);
            }
            for rule in found {
                let number = u32::try_from(compiled.rules.len()).unwrap_or(NONE);
                let gathers = rule.gathers_by_head();
                compiled.rules.push(rule);
                if let Some(relation) = compiled.relations.get_mut(at) {
                    relation.rules.push(number);
                    relation.gathers |= gathers;
                }
            }
        }
        at += 1;
    }
    compiled.check_known(query, ground, base)?;
    if compiled.layered {
        compiled.lay()?;
        compiled.mark_denied();
    }
    Ok(Rc::new(compiled))
}

fn concludes(rule: &Rule, predicate: &NamedNode, width: usize) -> bool {
    rule.head.predicate == *predicate && rule.head.arguments.len() == width
}

impl Ready<'_> {
    fn gathers_by_head(&self) -> bool {
        self.body.iter().any(|step| match &step.act {
            Act::Gather { by, .. } => by.iter().any(|variable| self.head.contains(&Slot::Variable(*variable))),
            Act::Holds | Act::Not => false,
        })
    }
}

impl<'a> Compiled<'a> {
    fn relation(&mut self, predicate: &NamedNode, width: usize, ground: &Ground<'a>, base: &mut Base<'a>) -> usize {
        // Looked up by a key that is built anew: relations are few, and rules are compiled once a question.
        let key = (predicate.as_str().to_owned(), width);
        if let Some(&known) = self.named.get(&key) {
            return known;
        }
        let built_in = ground.builtins.is_built_in(predicate, width);
        self.relations.push(Relation {
            predicate: predicate.clone(),
            width,
            rules: Vec::new(),
            built_in,
            kept: if built_in { usize::MAX } else { base.relation(predicate, width) },
            layer: 0,
            gathers: false,
            denied: false,
        });
        self.named.insert(key, self.relations.len() - 1);
        self.relations.len() - 1
    }

    fn ready<'r>(
        &mut self,
        rule: &Rule,
        name: Cow<'r, str>,
        relation: Option<usize>,
        ground: &Ground<'a>,
        base: &mut Base<'a>,
    ) -> Result<Ready<'r>, Refusal> {
        let mut numbers: Vec<u32> = Vec::new();
        let too_long = || Refusal::TooLong { rule: rule.name.clone(), most: WIDEST };
        if rule.body.len() > WIDEST {
            return Err(too_long());
        }
        let mut number = |variable: u32| {
            let at = numbers.iter().position(|known| *known == variable).unwrap_or_else(|| {
                numbers.push(variable);
                numbers.len() - 1
            });
            u32::try_from(at).unwrap_or(NONE)
        };
        let mut slot = |argument: &Argument, base: &mut Base<'a>| match argument {
            Argument::Variable(variable) => Slot::Variable(number(*variable)),
            Argument::Term(term) => Slot::Constant(base.intern(term)),
        };
        let slots = |literal: &Literal, base: &mut Base<'a>, slot: &mut dyn FnMut(&Argument, &mut Base<'a>) -> Slot| {
            literal.arguments.iter().map(|argument| slot(argument, base)).collect::<Vec<_>>()
        };
        let head = slots(&rule.head, base, &mut slot);
        let mut body = Vec::with_capacity(rule.body.len());
        for goal in &rule.body {
            let literal = goal.literal();
            if literal.arguments.len() > WIDEST {
                return Err(too_long());
            }
            let act = match goal {
                Goal::Holds(_) => Act::Holds,
                Goal::Not(_) => Act::Not,
                Goal::Gather(gather) => {
                    let mut variable = |number: u32| match slot(&Argument::Variable(number), base) {
                        Slot::Variable(number) => number,
                        Slot::Constant(_) => NONE,
                    };
                    let (value, by) = (variable(gather.value), gather.by.iter().map(|by| variable(*by)).collect());
                    Act::Gather { how: gather.how, value, by, into: slot(&gather.into, base) }
                }
            };
            self.layered |= !matches!(act, Act::Holds);
            let relation = self.relation(&literal.predicate, literal.arguments.len(), ground, base);
            body.push(Step { act, relation, slots: slots(literal, base, &mut slot) });
        }
        let variables = numbers.len();
        if variables > 4 * WIDEST || head.len() > WIDEST {
            return Err(too_long());
        }
        Ok(Ready { name, relation: relation.unwrap_or(0), head, body, variables })
    }

    /// Refuses a question about a relation of which nothing is known.
    fn check_known(&self, query: &Query, ground: &Ground<'a>, base: &Base<'a>) -> Result<(), Refusal> {
        let asked = std::iter::once(&query.rule).chain(&query.helpers).flat_map(|rule| &rule.body).map(Goal::literal);
        for literal in asked {
            let width = literal.arguments.len();
            let Some(relation) =
                self.named.get(&(literal.predicate.as_str().to_owned(), width)).and_then(|&at| self.relations.get(at))
            else {
                continue;
            };
            if relation.rules.is_empty()
                && !relation.built_in
                && !ground.rules.knows(&relation.predicate, width)
                && !base.shelf().is_anything(relation.kept)
                && !super::base::is_anything_stored(&relation.predicate, width, ground.facts)?
            {
                let mut known = ground.rules.relations();
                known.retain(|(name, arguments)| *name != relation.predicate || *arguments != width);
                return Err(Refusal::UnknownRelation {
                    relation: relation.predicate.clone(),
                    arguments: width,
                    did_you_mean: similar(&relation.predicate, known),
                });
            }
        }
        Ok(())
    }

    /// Puts every relation into its layer.
    fn lay(&mut self) -> Result<(), Refusal> {
        let count = self.relations.len();
        let mut below: Vec<Vec<(usize, bool)>> = vec![Vec::new(); count];
        for rule in &self.rules {
            for step in &rule.body {
                if let Some(edges) = below.get_mut(rule.relation) {
                    edges.push((step.relation, !matches!(step.act, Act::Holds)));
                }
            }
        }
        let component = components(&below);
        for (relation, edges) in below.iter().enumerate() {
            for (to, denied) in edges {
                if *denied && component.get(relation) == component.get(*to) {
                    return Err(Refusal::NotStratified { cycle: self.circle(relation, *to, &below) });
                }
            }
        }
        // Components are numbered from the ground up, so one pass over them in order does it.
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|relation| component.get(*relation).copied());
        let mut layers = vec![0_u32; component.iter().max().map_or(0, |most| most + 1)];
        for relation in order {
            let (Some(&own), Some(edges)) = (component.get(relation), below.get(relation)) else { continue };
            for (to, denied) in edges {
                let under = component.get(*to).and_then(|to| layers.get(*to)).copied().unwrap_or(0);
                if let Some(layer) = layers.get_mut(own) {
                    *layer = (*layer).max(under + u32::from(*denied));
                }
            }
        }
        for (relation, own) in self.relations.iter_mut().zip(&component) {
            relation.layer = layers.get(*own).copied().unwrap_or(0);
        }
        Ok(())
    }

    fn mark_denied(&mut self) {
        let denying = self.rules.iter().flat_map(|rule| &rule.body).filter(|step| !matches!(step.act, Act::Holds));
        let mut open: Vec<usize> = denying.map(|step| step.relation).collect();
        while let Some(at) = open.pop() {
            let Some(relation) = self.relations.get_mut(at).filter(|relation| !relation.denied) else { continue };
            relation.denied = true;
            for &rule in &relation.rules {
                let body = self.rules.get(rule as usize).map(|rule| rule.body.as_slice()).unwrap_or_default();
                open.extend(body.iter().map(|step| step.relation));
            }
        }
    }

    /// The way from a relation over the one it denies back to itself.
    fn circle(&self, from: usize, to: usize, below: &[Vec<(usize, bool)>]) -> Vec<NamedNode> {
        let mut came: FxHashMap<usize, usize> = FxHashMap::default();
        let mut open = std::collections::VecDeque::from([to]);
        while let Some(at) = open.pop_front().filter(|at| *at != from) {
            for (next, _) in below.get(at).into_iter().flatten() {
                if *next != to && !came.contains_key(next) {
                    came.insert(*next, at);
                    open.push_back(*next);
                }
            }
        }
        let mut way = vec![from];
        let mut at = from;
        while at != to {
            match came.get(&at) {
                Some(&before) => at = before,
                None => break,
            }
            way.push(at);
        }
        way.push(from);
        way.reverse();
        way.iter().filter_map(|at| self.relations.get(*at)).map(|relation| relation.predicate.clone()).collect()
    }
}

/// Numbers the strongly connected components, what is below first (Tarjan 1972, without recursion).
pub(super) fn components(below: &[Vec<(usize, bool)>]) -> Vec<usize> {
    let count = below.len();
    let (mut index, mut low) = (vec![usize::MAX; count], vec![0; count]);
    let mut component = vec![usize::MAX; count];
    let (mut stack, mut next, mut found) = (Vec::new(), 0, 0);
    for start in 0..count {
        if index[start] != usize::MAX {
            continue;
        }
        let mut work = vec![(start, 0)];
        while let Some((at, edge)) = work.pop() {
            if edge == 0 {
                (index[at], low[at]) = (next, next);
                next += 1;
                stack.push(at);
            }
            match below[at].get(edge) {
                Some(&(to, _)) => {
                    work.push((at, edge + 1));
                    if index[to] == usize::MAX {
                        work.push((to, 0));
                    } else if component[to] == usize::MAX {
                        low[at] = low[at].min(index[to]);
                    }
                }
                None => {
                    if low[at] == index[at] {
                        while let Some(member) = stack.pop() {
                            component[member] = found;
                            if member == at {
                                break;
                            }
                        }
                        found += 1;
                    }
                    if let Some((before, _)) = work.last() {
                        low[*before] = low[*before].min(low[at]);
                    }
                }
            }
        }
    }
    component
}
