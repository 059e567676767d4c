//! The checker that believes no proof: every step is gone through again, with the stored facts and the rules alone.
//!
//! A step that something is absent, or gathered, rests on tables that claim to hold all answers to a pattern. That
//! claim is gone through as well: each stored fact that fits is an answer, and no rule gives another one from
//! answers of tables of the same layer or below, absences from tables strictly below. Why that is enough: by
//! induction on the layers, and in a layer on the length of derivations, whatever is true and fits is in its table;
//! and an answer's own proof may rest on absences from lower layers only, so nothing rests on its own absence.
//!
//! The checker knows nothing of how the engine searched. It joins a rule's goals in whichever order it can, which
//! is no choice that could fail: a goal that can be done now can be done after any other.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use oxrdf::{NamedNode, Term};

use crate::{
    Atom, Facts, Fault, Rule, Rulebook, columns, gather,
    proof::{Because, BuiltIns, Closed, Proof},
    rule::{Argument, Gather, Goal, How, Literal},
    vocabulary::MEANS,
};

/// The most rule goals tried to see that tables are closed: about ten seconds. A larger proof is refused.
const MOST_WORK: u64 = 20_000_000;

/// What is wrong with a proof.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// It has no steps.
    #[error("the proof is empty")]
    Empty,
    /// A leaf is not stored where it says.
    #[error("step {0} is not stored in {1}")]
    NotStored(usize, NamedNode),
    /// A rule is unknown.
    #[error("step {0} uses the unknown rule `{1}`")]
    NoSuchRule(usize, String),
    /// A premise comes later than its conclusion, or does not exist.
    #[error("step {0} rests on step {1}, which does not come before it")]
    Order(usize, usize),
    /// The rule does not give this conclusion from these premises.
    #[error("step {0} does not follow by rule `{1}`")]
    DoesNotFollow(usize, String),
    /// One word is taken in two senses: every step may be right and the whole still a fallacy of equivocation
    /// ("a river bank is a bank; a bank lends money").
    #[error("step {0} takes a word in another sense than an earlier step")]
    Equivocation(usize),
    /// A step rests on a table that is not there, or that has what is said to be absent.
    #[error("step {0} does not follow from table {1}")]
    NotClosed(usize, usize),
    /// A table is not what it says: all answers, each proved by what is below it.
    #[error("table {0} is not closed: {1}")]
    Open(usize, &'static str),
    /// The last step says what is absent or gathered; it proves nothing by itself.
    #[error("the proof concludes nothing")]
    Inconclusive,
    /// Going through the tables takes too long.
    #[error("the proof is too large to be checked")]
    TooLarge,
    /// A computed step does not hold.
    #[error("step {0} is not so when computed again")]
    NotComputed(usize),
    /// The store could not be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A proof every step of which has been checked. Only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified(Proof);

impl Verified {
    /// The proof.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.0
    }
}

/// Checks every step; costs one look-up a leaf.
///
/// # Errors
/// The first [`Flaw`] found.
pub fn verify(proof: Proof, facts: &dyn Facts, rules: &Rulebook, builtins: &dyn BuiltIns) -> Result<Verified, Flaw> {
    verify_by(proof, facts, &[&rules.rules], builtins)
}

/// As [`verify`], with the rules in several lists; of two rules of one name the first counts.
///
/// # Errors
/// The first [`Flaw`] found.
pub fn verify_by(
    proof: Proof,
    facts: &dyn Facts,
    rules: &[&[Rule]],
    builtins: &dyn BuiltIns,
) -> Result<Verified, Flaw> {
    let checker = Checker::new(&proof, facts, rules, builtins);
    checker.steps()?;
    for table in 0..proof.tables.len() {
        checker.closed(table)?;
    }
    Ok(Verified(proof))
}

/// Answers by the place and value of one argument.
type ByArgument<'p> = HashMap<(usize, &'p Term), Vec<&'p [Term]>>;

/// Values of a rule's variables.
type Bound = Vec<(u32, Term)>;

struct Checker<'p> {
    proof: &'p Proof,
    facts: &'p dyn Facts,
    builtins: &'p dyn BuiltIns,
    named: HashMap<&'p str, &'p Rule>,
    concluding: HashMap<(&'p str, usize), Vec<&'p Rule>>,
    /// Tables by relation and what is known in their pattern.
    tables: HashMap<(&'p str, Vec<Option<&'p Term>>), usize>,
    /// Which arguments are known in some table of a relation, most first.
    masks: HashMap<&'p str, Vec<Vec<bool>>>,
    /// Each table's answers, and its answers by one argument.
    answers: Vec<HashSet<&'p [Term]>>,
    by_argument: Vec<ByArgument<'p>>,
    work: Cell<u64>,
}

impl<'p> Checker<'p> {
    fn new(proof: &'p Proof, facts: &'p dyn Facts, rules: &[&'p [Rule]], builtins: &'p dyn BuiltIns) -> Self {
        let mut checker = Self {
            proof,
            facts,
            builtins,
            named: HashMap::new(),
            concluding: HashMap::new(),
            tables: HashMap::new(),
            masks: HashMap::new(),
            answers: Vec::new(),
            by_argument: Vec::new(),
            work: Cell::new(0),
        };
        for rule in rules.iter().flat_map(|rules| rules.iter()) {
            checker.named.entry(&rule.name).or_insert(rule);
            let head = (rule.head.predicate.as_str(), rule.head.arguments.len());
            checker.concluding.entry(head).or_default().push(rule);
        }
        for (at, table) in proof.tables.iter().enumerate() {
            let known: Vec<Option<&Term>> = table.pattern.arguments.iter().map(term_of).collect();
            let mask = known.iter().map(Option::is_some).collect();
            let masks = checker.masks.entry(table.pattern.predicate.as_str()).or_default();
            if !masks.contains(&mask) {
                masks.push(mask);
                masks.sort_by_key(|mask| std::cmp::Reverse(mask.iter().filter(|known| **known).count()));
            }
            checker.tables.insert((table.pattern.predicate.as_str(), known), at);
            let mut answers = HashSet::new();
            let mut by_argument = ByArgument::new();
            for step in table.answers.iter().filter_map(|at| proof.steps.get(*at)) {
                if answers.insert(step.claim.arguments.as_slice()) {
                    for (column, term) in step.claim.arguments.iter().enumerate() {
                        by_argument.entry((column, term)).or_default().push(&step.claim.arguments);
                    }
                }
            }
            checker.answers.push(answers);
            checker.by_argument.push(by_argument);
        }
        checker
    }

    /// Every step, and that answers of tables do not rest on absences from their own layer.
    fn steps(&self) -> Result<(), Flaw> {
        let mut layers: Vec<u32> = Vec::with_capacity(self.proof.steps.len());
        for (at, step) in self.proof.steps.iter().enumerate() {
            let mut layer = 0;
            match &step.because {
                Because::Stored(graph) => {
                    if !columns::is_stored(&step.claim, graph, self.facts)? {
                        return Err(Flaw::NotStored(at, graph.clone()));
                    }
                }
                Because::BuiltIn => {
                    if self.builtins.holds(&step.claim) != Some(true) {
                        return Err(Flaw::NotComputed(at));
                    }
                }
                Because::Absent(number) => {
                    let table = self.proof.tables.get(*number).ok_or(Flaw::NotClosed(at, *number))?;
                    let absent = self.answers.get(*number).is_some_and(|all| !all.contains(&*step.claim.arguments));
                    if !absent || !is_covered(&table.pattern, &step.claim) {
                        return Err(Flaw::NotClosed(at, *number));
                    }
                    layer = table.layer.saturating_add(1);
                }
                // What is gathered is compared with the goal that gathers, below.
                Because::Gathered(number) => {
                    let table = self.proof.tables.get(*number).ok_or(Flaw::NotClosed(at, *number))?;
                    layer = table.layer.saturating_add(1);
                }
                Because::Rule { name, premises } => {
                    for premise in premises {
                        let below = layers.get(*premise).ok_or(Flaw::Order(at, *premise))?;
                        layer = layer.max(*below);
                    }
                    let rule = self.named.get(name.as_str()).ok_or_else(|| Flaw::NoSuchRule(at, name.clone()))?;
                    if !self.follows(rule, premises, &step.claim) {
                        return Err(Flaw::DoesNotFollow(at, name.clone()));
                    }
                }
            }
            layers.push(layer);
        }
        match self.proof.steps.last() {
            None => return Err(Flaw::Empty),
            Some(last) if !is_positive(&last.because) => return Err(Flaw::Inconclusive),
            Some(_) => self.one_sense_each()?,
        }
        for (number, table) in self.proof.tables.iter().enumerate() {
            for at in &table.answers {
                let (Some(step), Some(layer)) = (self.proof.steps.get(*at), layers.get(*at)) else {
                    return Err(Flaw::Open(number, "an answer is not there"));
                };
                if !is_positive(&step.because) || !is_covered(&table.pattern, &step.claim) || *layer > table.layer {
                    return Err(Flaw::Open(number, "an answer is none"));
                }
            }
        }
        Ok(())
    }

    /// What a rule gives from these steps.
    fn follows(&self, rule: &Rule, premises: &[usize], claim: &Atom) -> bool {
        let mut bound = Bound::new();
        let steps: Option<Vec<_>> = premises.iter().map(|at| self.proof.steps.get(*at)).collect();
        let Some(steps) = steps.filter(|steps| steps.len() == rule.body.len()) else { return false };
        let goals = || rule.body.iter().zip(&steps);
        goals().all(|(goal, step)| match goal {
            Goal::Holds(literal) => is_positive(&step.because) && fits(literal, &step.claim, &mut bound),
            Goal::Not(literal) => matches!(step.because, Because::Absent(_)) && fits(literal, &step.claim, &mut bound),
            Goal::Gather(gather) => {
                let literal = Literal {
                    predicate: gather::relation(gather.how),
                    arguments: std::iter::once(gather.into.clone())
                        .chain(gather.by.iter().map(|by| Argument::Variable(*by)))
                        .collect(),
                };
                matches!(step.because, Because::Gathered(_)) && fits(&literal, &step.claim, &mut bound)
            }
        }) && goals().all(|(goal, step)| match (goal, &step.because) {
            (Goal::Gather(gather), Because::Gathered(table)) => {
                let by = |(variable, _): &&(u32, Term)| gather.by.contains(variable);
                let groups: Bound = bound.iter().filter(by).cloned().collect();
                self.gathered(gather, *table, &groups).is_some_and(|value| step.claim.arguments.first() == Some(&value))
            }
            _ => true,
        }) && fits(&rule.head, claim, &mut bound)
    }

    /// The value gathered for one group from a table that covers it.
    fn gathered(&self, gather: &Gather, table: usize, groups: &Bound) -> Option<Term> {
        let pattern = &self.proof.tables.get(table)?.pattern;
        if pattern.predicate != gather.over.predicate || !is_subsumed(pattern, &gather.over, groups) {
            return None;
        }
        let mut values = Vec::new();
        for answer in self.answers.get(table)? {
            let mut bound = groups.clone();
            if fit_all(&gather.over.arguments, answer, &mut bound) {
                let value = bound.into_iter().find(|(variable, _)| *variable == gather.value).map(|(_, value)| value);
                match (gather.how, value) {
                    (How::Count, _) => values.push(oxrdf::Literal::from(true).into()),
                    (_, value) => values.push(value?),
                }
            }
        }
        self.builtins.gather(gather.how, &values)
    }

    /// A word is taken in one sense by all that the conclusion rests on.
    fn one_sense_each(&self) -> Result<(), Flaw> {
        if !self.proof.steps.iter().any(|step| step.claim.predicate == MEANS) {
            return Ok(());
        }
        let mut needed: HashSet<usize> = HashSet::new();
        // Tables may have answers of every reading; what they are about is said, not what they are.
        let last = self.proof.steps.len().saturating_sub(1);
        let mut open: Vec<usize> = if self.proof.tables.is_empty() { (0..=last).collect() } else { vec![last] };
        while let Some(at) = open.pop() {
            if needed.insert(at)
                && let Some(Because::Rule { premises, .. }) = self.proof.steps.get(at).map(|step| &step.because)
            {
                open.extend(premises);
            }
        }
        let mut senses: HashMap<&Term, &[Term]> = HashMap::new();
        for (at, step) in self.proof.steps.iter().enumerate() {
            if step.claim.predicate == MEANS
                && needed.contains(&at)
                && let Some(word) = step.claim.arguments.first()
                && *senses.entry(word).or_insert(&step.claim.arguments) != step.claim.arguments
            {
                return Err(Flaw::Equivocation(at));
            }
        }
        Ok(())
    }

    /// Whether a table has all answers.
    fn closed(&self, number: usize) -> Result<(), Flaw> {
        let (Some(table), Some(answers)) = (self.proof.tables.get(number), self.answers.get(number)) else {
            return Err(Flaw::Open(number, "it is not there"));
        };
        let literal = &table.pattern;
        let known: Vec<Option<Term>> = literal.arguments.iter().map(|argument| term_of(argument).cloned()).collect();
        let variables: HashSet<u32> = literal.arguments.iter().filter_map(variable_of).collect();
        if variables.len() != known.iter().filter(|known| known.is_none()).count() {
            return Err(Flaw::Open(number, "its pattern has a variable twice"));
        }
        if variables.is_empty() && !answers.is_empty() {
            return Ok(());
        }
        let missing = || Flaw::Open(number, "an answer is missing");
        if self.builtins.is_built_in(&literal.predicate, known.len()) {
            let rows = self.builtins.complete(&literal.predicate, &known);
            let rows = rows.ok_or(Flaw::Open(number, "it cannot be computed"))?;
            let all = rows.iter().all(|row| !is_row_of(row, &known) || answers.contains(row.as_slice()));
            return if all { Ok(()) } else { Err(missing()) };
        }
        let mut all = true;
        columns::each(&literal.predicate, &known, self.facts, &mut |row, _| {
            self.work.set(self.work.get() + 1);
            all = answers.contains(row.as_slice());
            if all { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        if !all {
            return Err(missing());
        }
        for rule in self.concluding.get(&(literal.predicate.as_str(), known.len())).into_iter().flatten() {
            let mut bound = Bound::new();
            let unifies = rule.head.arguments.iter().zip(&known).all(|(own, known)| match known {
                None => true,
                Some(term) => fit(own, term, &mut bound),
            });
            if unifies {
                self.nothing_new(rule, number, table, &mut bound, &mut vec![false; rule.body.len()])?;
            }
        }
        Ok(())
    }

    /// Whether a rule, some of whose goals are done, gives nothing that a table lacks.
    fn nothing_new(
        &self,
        rule: &'p Rule,
        number: usize,
        table: &Closed,
        bound: &mut Bound,
        done: &mut Vec<bool>,
    ) -> Result<(), Flaw> {
        if done.iter().all(|done| *done) {
            let head: Option<Vec<Term>> =
                rule.head.arguments.iter().map(|argument| resolved(argument, bound).cloned()).collect();
            let head = head.ok_or(Flaw::Open(number, "a rule says it of everything"))?;
            let there = self.answers.get(number).is_some_and(|answers| answers.contains(head.as_slice()));
            return if there { Ok(()) } else { Err(Flaw::Open(number, "a rule gives another answer")) };
        }
        let mut order: Vec<(u64, usize, &Goal)> = Vec::new();
        for (at, goal) in rule.body.iter().enumerate().filter(|(at, _)| done.get(*at) == Some(&false)) {
            order.extend(self.cost(goal, table.layer, bound).map(|cost| (cost, at, goal)));
        }
        order.sort_by_key(|(cost, at, _)| (*cost, *at));
        for (_, at, goal) in order {
            let Some(ways) = self.ways(goal, table.layer, bound)? else { continue };
            let before = bound.len();
            if let Some(done) = done.get_mut(at) {
                *done = true;
            }
            for way in ways {
                self.work.set(self.work.get() + 1);
                if self.work.get() > MOST_WORK {
                    return Err(Flaw::TooLarge);
                }
                let fitting = match goal {
                    Goal::Holds(literal) | Goal::Not(literal) => fit_all(&literal.arguments, &way, bound),
                    Goal::Gather(gather) => way.first().is_some_and(|value| fit(&gather.into, value, bound)),
                };
                if fitting {
                    self.nothing_new(rule, number, table, bound, done)?;
                }
                bound.truncate(before);
            }
            if let Some(done) = done.get_mut(at) {
                *done = false;
            }
            return Ok(());
        }
        Err(Flaw::Open(number, "a rule's goal is covered by no table"))
    }

    /// About how many ways there are to do a goal; `None` when it cannot be done yet.
    fn cost(&self, goal: &Goal, layer: u32, bound: &Bound) -> Option<u64> {
        let literal = goal.literal();
        let known = literal.arguments.iter().filter(|argument| resolved(argument, bound).is_some()).count();
        let all = known == literal.arguments.len();
        match goal {
            Goal::Not(_) => all.then_some(1),
            Goal::Gather(gather) => {
                let by = |by: &u32| resolved(&Argument::Variable(*by), bound).is_some();
                gather.by.iter().all(by).then_some(20)
            }
            Goal::Holds(_) if all => Some(0),
            Goal::Holds(_) if self.builtins.is_built_in(&literal.predicate, literal.arguments.len()) => Some(2),
            Goal::Holds(_) if !self.is_derived(literal) => Some(if known > 0 { 10 } else { 1_000_000 }),
            Goal::Holds(_) => {
                let table = self.covering(literal, bound, layer)?;
                let answers = self.answers.get(table)?.len() as u64;
                Some(if known > 0 { answers.min(30) } else { answers })
            }
        }
    }

    /// All ways to do a goal, each as its literal's arguments (for what is gathered: the value); `None` when it
    /// cannot be done yet.
    fn ways(&self, goal: &Goal, layer: u32, bound: &Bound) -> Result<Option<Vec<Vec<Term>>>, Flaw> {
        let literal = goal.literal();
        let known: Vec<Option<Term>> =
            literal.arguments.iter().map(|argument| resolved(argument, bound).cloned()).collect();
        let built_in = self.builtins.is_built_in(&literal.predicate, known.len());
        match goal {
            Goal::Holds(_) if built_in => Ok(self.builtins.complete(&literal.predicate, &known)),
            Goal::Holds(_) if !self.is_derived(literal) => {
                let mut rows = Vec::new();
                columns::each(&literal.predicate, &known, self.facts, &mut |row, _| {
                    rows.push(row);
                    ControlFlow::Continue(())
                })?;
                // The same fact may be stored in several graphs.
                let mut seen = HashSet::new();
                rows.retain(|row| seen.insert(row.clone()));
                Ok(Some(rows))
            }
            Goal::Holds(_) => Ok(self.covering(literal, bound, layer).map(|table| {
                // By the argument that leaves fewest.
                let by = known.iter().enumerate().filter_map(|(at, term)| Some((at, term.as_ref()?)));
                let of = |key| {
                    self.by_argument.get(table).and_then(|by| by.get(&key)).map(Vec::as_slice).unwrap_or_default()
                };
                match by.map(of).min_by_key(|rows| rows.len()) {
                    Some(rows) => rows.iter().map(|row| row.to_vec()).collect(),
                    None => self.answers.get(table).into_iter().flatten().map(|row| row.to_vec()).collect(),
                }
            })),
            Goal::Not(_) => {
                let Some(claim) = known.into_iter().collect::<Option<Vec<Term>>>() else { return Ok(None) };
                let table = layer.checked_sub(1).and_then(|below| self.covering(literal, bound, below));
                Ok(table
                    .and_then(|table| self.answers.get(table))
                    .map(|answers| if answers.contains(claim.as_slice()) { Vec::new() } else { vec![claim] }))
            }
            Goal::Gather(gather) => {
                let groups: Bound =
                    bound.iter().filter(|(variable, _)| gather.by.contains(variable)).cloned().collect();
                let table = layer.checked_sub(1).and_then(|below| self.covering(&gather.over, &groups, below));
                Ok(table
                    .map(|table| self.gathered(gather, table, &groups).into_iter().map(|value| vec![value]).collect()))
            }
        }
    }

    fn is_derived(&self, literal: &Literal) -> bool {
        self.concluding.contains_key(&(literal.predicate.as_str(), literal.arguments.len()))
    }

    /// A table that has all answers to a literal, in this layer or below.
    fn covering(&self, literal: &Literal, bound: &Bound, layer: u32) -> Option<usize> {
        let known: Vec<Option<&Term>> = literal.arguments.iter().map(|argument| resolved(argument, bound)).collect();
        for mask in self.masks.get(literal.predicate.as_str())?.iter().filter(|mask| mask.len() == known.len()) {
            let covers = mask.iter().zip(&known).all(|(wanted, known)| !wanted || known.is_some());
            let pattern = mask.iter().zip(&known).map(|(wanted, known)| known.filter(|_| *wanted)).collect();
            if let Some(&table) = covers.then(|| self.tables.get(&(literal.predicate.as_str(), pattern))).flatten()
                && self.proof.tables.get(table).is_some_and(|table| table.layer <= layer)
            {
                return Some(table);
            }
        }
        None
    }
}

/// Whether a step says that its claim holds.
fn is_positive(because: &Because) -> bool {
    !matches!(because, Because::Absent(_) | Because::Gathered(_))
}

fn term_of(argument: &Argument) -> Option<&Term> {
    match argument {
        Argument::Term(term) => Some(term),
        Argument::Variable(_) => None,
    }
}

fn variable_of(argument: &Argument) -> Option<u32> {
    match argument {
        Argument::Term(_) => None,
        Argument::Variable(number) => Some(*number),
    }
}

fn resolved<'t>(argument: &'t Argument, bound: &'t Bound) -> Option<&'t Term> {
    match argument {
        Argument::Term(term) => Some(term),
        Argument::Variable(number) => bound.iter().find(|(known, _)| known == number).map(|(_, value)| value),
    }
}

/// Whether a claim is an instance of a pattern.
fn is_covered(pattern: &Literal, claim: &Atom) -> bool {
    pattern.predicate == claim.predicate
        && pattern.arguments.len() == claim.arguments.len()
        && pattern.arguments.iter().zip(&claim.arguments).all(|(own, term)| term_of(own).is_none_or(|own| own == term))
}

/// Whether a pattern without repeated variables is as general as a literal under these bindings.
fn is_subsumed(pattern: &Literal, literal: &Literal, bound: &Bound) -> bool {
    pattern.arguments.len() == literal.arguments.len()
        && pattern
            .arguments
            .iter()
            .zip(&literal.arguments)
            .all(|(own, asked)| term_of(own).is_none_or(|own| resolved(asked, bound) == Some(own)))
}

fn is_row_of(row: &[Term], known: &[Option<Term>]) -> bool {
    row.len() == known.len()
        && row.iter().zip(known).all(|(term, known)| known.as_ref().is_none_or(|known| known == term))
}

/// Matches a rule's literal with a ground claim under the bindings so far, extending them.
fn fits(literal: &Literal, claim: &Atom, bound: &mut Bound) -> bool {
    literal.predicate == claim.predicate && fit_all(&literal.arguments, &claim.arguments, bound)
}

fn fit_all(arguments: &[Argument], terms: &[Term], bound: &mut Bound) -> bool {
    arguments.len() == terms.len() && arguments.iter().zip(terms).all(|(argument, term)| fit(argument, term, bound))
}

fn fit(argument: &Argument, term: &Term, bound: &mut Bound) -> bool {
    match argument {
        Argument::Term(wanted) => wanted == term,
        Argument::Variable(name) => match bound.iter().find(|(other, _)| other == name) {
            Some((_, value)) => value == term,
            None => {
                bound.push((*name, term.clone()));
                true
            }
        },
    }
}
